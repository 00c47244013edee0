// Whole lines of a text, for fixes that take them out.
import type { Span } from '../text/span.ts';

/** The whole line that holds `offset`, with its line break. */
export function wholeLine(text: string, offset: number): Span {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const newline = text.indexOf('\n', offset);
  return { start, end: newline < 0 ? text.length : newline + 1 };
}
