// What lines of one shape have in common, made once: their spans, their tokens, the places of their facts, and whole lines of which
// nothing but the shape counts. A hub of ten thousand peers has the same five lines ten thousand times. The tables have a fixed size,
// and a newer shape takes the place of an older one, so that no text makes them grow; what misses there is merely made again.
import type { Span } from '../text/span.ts';
import type { Line, WireguardSyntax } from './tree.ts';
import type { KeyRow, SectionName } from './vocabulary.ts';

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

const headers = table<WireguardSyntax & { kind: 'section' }>();

/** A header with nothing beside it. */
export function sharedHeader(section: SectionName | null, name: Span): WireguardSyntax {
  const slot = (name.start * 7 + name.end * 61 + (section === 'Peer' ? 1 : 0)) & MASK;
  const known = headers[slot];
  if (known !== undefined && known.section === section && known.name === name) return known;
  const made = { kind: 'section', section, name, comment: null, calls: undefined } as const;
  headers[slot] = made;
  return made;
}

const entries = table<WireguardSyntax & { kind: 'entry' }>();

/** A `Key = value` line. */
export function sharedEntry(row: KeyRow | null, key: Span, value: Span): WireguardSyntax {
  const slot = (key.start * 7 + key.end * 61 + value.start * 13 + value.end) & MASK;
  const known = entries[slot];
  if (known !== undefined && known.row === row && known.key === key && known.value === value) return known;
  const made = { kind: 'entry', row, key, value } as const;
  entries[slot] = made;
  return made;
}

const lines = table<Line>();

/**
 * The line that was read before and is the same in all, of those of which nothing but the shape counts: blank ones, and headers with nothing
 * beside them.
 */
export function sharedLine(syntax: WireguardSyntax, head: readonly number[], place: number, closed: boolean): Line | null {
  const known = lines[slotOf(head, place, closed)];
  const same = known !== undefined && known.head === head && known.syntax === syntax && known.place === place && known.closed === closed;
  return same ? known : null;
}

/** Gives that line to those that follow. */
export function share(line: Line): void {
  lines[slotOf(line.head, line.place, line.closed)] = line;
}

function slotOf(head: readonly number[], place: number, closed: boolean): number {
  return ((head[head.length - 1] ?? 0) * 16 + place * 2 + (closed ? 1 : 0)) & MASK;
}
