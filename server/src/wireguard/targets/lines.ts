// The lines of a config as the apps' readers see them: a comment begins at any #, what is around words is trimmed, case does not count.
import type { Span } from '../../text/span.ts';
import type { WireguardTree } from '../tree.ts';

export type AppLine =
  | { readonly kind: 'section'; readonly section: 'interface' | 'peer'; readonly at: Span }
  | {
      readonly kind: 'entry';
      readonly key: string;
      readonly written: string;
      readonly value: string;
      /** As it stands in the file. */
      readonly raw: string;
      readonly at: Span;
      readonly valueAt: Span;
    }
  | { readonly kind: 'other'; readonly text: string; readonly at: Span };

/**
 * The lines that say something, in order; spans are the file's. Values of keys may be secrets: they are looked at, never told. `squeezed` for
 * a reader that drops white space inside words as well.
 */
export function appLines(tree: WireguardTree, text: string, squeezed = false): readonly AppLine[] {
  const lines: AppLine[] = [];
  let at = 0;
  for (const { width } of tree.root.body) {
    const line = appLine(text, at, at + width, squeezed);
    if (line) lines.push(line);
    at += width;
  }
  return lines;
}

function appLine(text: string, from: number, to: number, squeezed: boolean): AppLine | null {
  const hash = text.slice(from, to).indexOf('#');
  const span = trimmed(text, from, hash < 0 ? to : from + hash);
  if (span.start === span.end) return null;
  const word = (at: Span): string => (squeezed ? text.slice(at.start, at.end).replace(/\s+/g, '') : text.slice(at.start, at.end));
  const said = text.slice(span.start, span.end);
  const lower = word(span).toLowerCase();
  if (lower === '[interface]' || lower === '[peer]') {
    return { kind: 'section', section: lower === '[peer]' ? 'peer' : 'interface', at: span };
  }
  const equals = said.indexOf('=');
  if (equals < 0 || said[0] === '[') return { kind: 'other', text: said, at: span };
  const keyAt = trimmed(text, span.start, span.start + equals);
  const valueAt = trimmed(text, span.start + equals + 1, span.end);
  const written = word(keyAt);
  const value = word(valueAt);
  const raw = text.slice(valueAt.start, valueAt.end);
  return { kind: 'entry', key: written.toLowerCase(), written, value, raw, at: span, valueAt };
}

function trimmed(text: string, from: number, to: number): Span {
  let start = from;
  let end = to;
  while (start < end && /\s/.test(text[start] as string)) start++;
  while (end > start && /\s/.test(text[end - 1] as string)) end--;
  return { start, end };
}

/** The items between commas, trimmed, with where they stand; where white space was dropped inside `value`, all stand at the whole of it. */
export function items(value: string, at: Span): readonly { readonly text: string; readonly at: Span }[] {
  if (value.length !== at.end - at.start) return value.split(',').map((text) => ({ text, at }));
  const found: { text: string; at: Span }[] = [];
  let from = at.start;
  for (const part of value.split(',')) {
    const start = from + (part.length - part.trimStart().length);
    const text = part.trim();
    found.push({ text, at: { start, end: start + text.length } });
    from += part.length + 1;
  }
  return found;
}
