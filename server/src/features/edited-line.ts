// Where a text differs from what it was.
import { type Lines, positionAt } from '../text/lines.ts';

export interface Text {
  readonly text: string;
  readonly lines: Lines;
}

/** The line, from 0, that a person looks at for what they edited: of the differing stretch the one nearest to `near`; null where none differs. */
export function editedLine(before: Text, now: Text, near: number | null): number | null {
  if (before.text === now.text) return null;
  const first = commonLines(before, now, (_, i) => i);
  const left = Math.min(before.lines.length, now.lines.length) - first;
  const last = commonLines(before, now, (count, i) => count - 1 - i, left);
  // where lines were taken out the one that now stands there
  const to = Math.max(first, now.lines.length - 1 - last);
  if (near === null) return Math.min(first, now.lines.length - 1);
  const { line } = positionAt(now.lines, near);
  return Math.min(Math.max(line, first), to, now.lines.length - 1);
}

/** How many lines are the same, `at` telling which is the i-th from its end of the text. */
function commonLines(
  before: Text,
  now: Text,
  at: (count: number, i: number) => number,
  most = Math.min(before.lines.length, now.lines.length),
): number {
  let same = 0;
  while (same < most && lineOf(before, at(before.lines.length, same)) === lineOf(now, at(now.lines.length, same))) same++;
  return same;
}

function lineOf({ text, lines }: Text, line: number): string {
  return text.slice(lines[line], lines[line + 1] ?? text.length);
}
