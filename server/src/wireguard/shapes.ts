// What lines of one shape have in common, made once: their spans, their tokens, the places of their facts, and whole lines of which
// nothing but the shape counts. A hub of ten thousand peers has the same five lines ten thousand times. The tables have a fixed size,
// and a newer shape takes the place of an older one, so that no text makes them grow; what misses there is merely made again.
import type { Span } from '../text/span.ts';
import type { Line } from './tree.ts';

const SIZE = 2048;
const MASK = SIZE - 1;

function table<T>(): (T | undefined)[] {
  return Array.from({ length: SIZE }, () => undefined);
}

const spans = table<Span>();

export function sharedSpan(start: number, end: number): Span {
  const slot = (start * 61 + end) & MASK;
  const known = spans[slot];
  if (known !== undefined && known.start === start && known.end === end) return known;
  const made = { start, end };
  spans[slot] = made;
  return made;
}

const heads = table<readonly number[]>();

/** The first `count` of `tokens`. */
export function sharedHead(tokens: readonly number[], count: number): readonly number[] {
  let hash = count;
  for (let i = 0; i < count; i++) hash = (Math.imul(hash, 31) + (tokens[i] as number)) | 0;
  const slot = (hash ^ (hash >>> 11)) & MASK;
  const known = heads[slot];
  if (known !== undefined && begins(tokens, known, count)) return known;
  const made = tokens.slice(0, count);
  heads[slot] = made;
  return made;
}

function begins(tokens: readonly number[], known: readonly number[], count: number): boolean {
  if (known.length !== count) return false;
  for (let i = 0; i < count; i++) if (known[i] !== tokens[i]) return false;
  return true;
}

const pairs = table<readonly [Span, Span]>();

/** The places of a fact with one item. */
export function sharedPlaces(whole: Span, item: Span): readonly [Span, Span] {
  const slot = (whole.start * 7 + whole.end * 61 + item.start * 13 + item.end) & MASK;
  const known = pairs[slot];
  if (known !== undefined && known[0] === whole && known[1] === item) return known;
  const made = [whole, item] as const;
  pairs[slot] = made;
  return made;
}

const lines = table<Line>();

/** A line that was read before and is the same in all: blank, or a header with nothing beside it. */
export function sharedLine(line: Line): Line {
  const { syntax } = line;
  if (line.troubled || (syntax.kind !== 'blank' && (syntax.kind !== 'section' || syntax.comment))) return line;
  const slot =
    (line.width * 16 + line.place * 2 + (line.closed ? 1 : 0) + (syntax.kind === 'section' && syntax.section === 'Peer' ? 8 : 0)) & MASK;
  const known = lines[slot];
  if (
    known !== undefined &&
    known.head === line.head &&
    known.place === line.place &&
    known.closed === line.closed &&
    sameSyntax(known, line)
  )
    return known;
  lines[slot] = line;
  return line;
}

function sameSyntax({ syntax: a }: Line, { syntax: b }: Line): boolean {
  if (a.kind === 'section' && b.kind === 'section') return a.section === b.section && a.name === b.name;
  return a.kind === b.kind;
}
