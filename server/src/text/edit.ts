// Edits and fixes: plain data. Offsets are the file's, of the version the finding was made from.
import type { Span } from './span.ts';

export interface TextEdit {
  readonly uri: string;
  readonly span: Span;
  readonly text: string;
  /** A part of `text` to be selected afterwards, where somebody is there to type: from `start` to `end` in it. */
  readonly select?: Span;
  /** The file may not be there yet, and nobody has read it: an edit at its beginning. */
  readonly creates?: boolean;
}

/** A span whose characters the host layer writes to a new file (mode 0600, never over another) before the edits are made. */
export interface SecretMove {
  readonly uri: string;
  readonly from: Span;
  /** The new file's name; it is made beside the file that holds the secret. */
  readonly fileName: string;
}

export interface Fix {
  readonly title: string;
  /** `review`: it can change who reaches whom, or needs a step by hand. */
  readonly safety: 'safe' | 'review';
  /** The one to offer first among the fixes of a finding. */
  readonly preferred?: boolean;
  readonly edits: readonly TextEdit[];
  readonly moves?: readonly SecretMove[];
  /** The files themselves say that it is right: it may be made together with others of its kind (source.fixAll). */
  readonly evident?: boolean;
  /** Not done until a person has typed something: an edit selects the place. */
  readonly typed?: boolean;
}

/** `text` after `edits`, all of which are of this text and do not overlap; at one place they are applied in the given order. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const sorted = edits.map((edit, index) => ({ edit, index })).sort((a, b) => a.edit.span.start - b.edit.span.start || a.index - b.index);
  let result = '';
  let at = 0;
  for (const { edit } of sorted) {
    if (edit.span.start < at) throw new RangeError(`edits overlap at ${edit.span.start}`);
    result += text.slice(at, edit.span.start) + edit.text;
    at = edit.span.end;
  }
  return result + text.slice(at);
}
