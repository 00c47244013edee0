// Edits of the items in a comma list.
import type { Span } from '../text/span.ts';

/** An item with the comma and the spaces that join it to its neighbours; of a line left empty the whole. */
export function withoutItem(text: string, span: Span): Span {
  const newline = text.indexOf('\n', span.end);
  const line = { start: text.lastIndexOf('\n', span.start - 1) + 1, end: newline < 0 ? text.length : newline + 1 };
  const behind = /^[ \t]*,[ \t]*/.exec(text.slice(span.end, line.end));
  if (behind) return { start: span.start, end: span.end + behind[0].length };
  const ahead = /[ \t]*,[ \t]*$/.exec(text.slice(line.start, span.start));
  return ahead ? { start: span.start - ahead[0].length, end: span.end } : line;
}
