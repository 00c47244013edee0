// What a word means, as plain data; whoever shows it draws it.
import type { Address } from '../net/address.ts';
import type { Span } from '../text/span.ts';

export interface Hover {
  /** In the file: what it speaks of. */
  readonly span: Span;
  /** The thing itself, as in the text. */
  readonly title: string;
  /** What kind of thing it is, in a few words. */
  readonly kind: string;
  /** Paragraphs of Markdown, ours; texts of the file stand in them only as code. */
  readonly paragraphs: readonly string[];
  readonly example?: string;
  /** The one address that it speaks of. */
  readonly address?: Address;
}

/** A text of the file as Markdown code: no backtick of it can end the code. */
export function code(text: string): string {
  const plain = text.replace(/[`\r\n]/g, ' ').trim();
  return plain ? `\`${plain}\`` : '';
}
