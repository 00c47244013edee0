// Where lines begin. Lines end at LF, CR LF or CR, as the Language Server Protocol counts them.

export interface Position {
  /** From 0. */
  readonly line: number;
  /** UTF-16 units from the line's start, from 0. */
  readonly character: number;
}

/** The offsets at which lines begin, ascending; the first is 0. Never written to. */
export type Lines = Uint32Array;

const LF = 10;
const CR = 13;

function collectStarts(text: string, from: number, to: number, into: number[]): void {
  for (let i = from; i < to; i++) {
    const c = text.charCodeAt(i);
    if (c > CR) continue;
    if (c === LF) into.push(i + 1);
    else if (c === CR && text.charCodeAt(i + 1) !== LF) into.push(i + 1);
  }
}

export function linesOf(text: string): Lines {
  if (text.includes('\r')) {
    const starts = [0];
    collectStarts(text, 0, text.length, starts);
    return new Uint32Array(starts);
  }
  let starts: Lines = new Uint32Array(64 + (text.length >> 4));
  let count = 1;
  for (;;) {
    count = fill(text, starts, count);
    if (count < starts.length) return starts.slice(0, count);
    const more = new Uint32Array(count * 2);
    more.set(starts);
    starts = more;
  }
}

/** Puts in where lines begin behind the last one that is there, while there is room; how many there are then. */
function fill(text: string, starts: Lines, known: number): number {
  let count = known;
  let at = text.indexOf('\n', starts[count - 1]);
  while (at >= 0 && count < starts.length) {
    starts[count++] = at + 1;
    at = text.indexOf('\n', at + 1);
  }
  return count;
}

/** The lines of `text`, made from those of the text before `start..oldEnd` was replaced by what is now `start..newEnd`. */
export function linesAfterEdit(old: Lines, text: string, start: number, oldEnd: number, newEnd: number): Lines {
  // one unit to each side: an edit next to a CR or an LF may join or split a CR LF
  const from = Math.max(0, start - 1);
  const first = lowerBound(old, from + 1);
  const last = lowerBound(old, oldEnd + 2);
  const between: number[] = [];
  collectStarts(text, from, Math.min(text.length, newEnd + 1), between);
  const result = new Uint32Array(first + between.length + old.length - last);
  result.set(old.subarray(0, first));
  result.set(between, first);
  const delta = newEnd - oldEnd;
  for (let i = last, j = first + between.length; i < old.length; i++, j++) result[j] = (old[i] as number) + delta;
  return result;
}

/** The index of the first element that is not below `value`. */
function lowerBound(sorted: Lines, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The position of an offset; an offset outside the text is taken as its nearest end. */
export function positionAt(lines: Lines, offset: number): Position {
  const at = Math.max(0, offset);
  const line = lowerBound(lines, at + 1) - 1;
  return { line, character: at - (lines[line] as number) };
}

/** The offset of a position; a position outside is taken as the nearest inside (LSP: a character past the end is the line's end). */
export function offsetAt(lines: Lines, text: string, position: Position): number {
  if (position.line < 0) return 0;
  const start = lines[position.line];
  if (start === undefined) return text.length;
  let end = lines[position.line + 1] ?? text.length;
  while (end > start && isLineBreak(text.charCodeAt(end - 1))) end--;
  return Math.min(start + Math.max(0, position.character), end);
}

function isLineBreak(unit: number): boolean {
  return unit === LF || unit === CR;
}
