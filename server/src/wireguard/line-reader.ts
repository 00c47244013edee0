// A line while it is read: its tokens and problems, gathered relative to its start.
import type { Span } from '../text/span.ts';
import type { SyntaxProblem } from '../text/statement.ts';
import { pack, type Token } from '../text/token.ts';
import type { WgVersion } from './version.ts';
import type { KeyRow } from './vocabulary.ts';

/** What config.c deletes wherever it stands: isspace(3) in the C locale. */
export function isSpace(unit: number): boolean {
  return unit === 32 || (unit >= 9 && unit <= 13);
}

/** A line being read: tokens and problems are gathered relative to its start. */
export interface LineReader {
  readonly text: string;
  readonly start: number;
  readonly version: WgVersion;
  /** Room for the tokens of any line, shared by all: `count` of them are this line's. An array that grew for each would cost most of a parse. */
  readonly tokens: number[];
  count: number;
  readonly problems: SyntaxProblem[];
  /** Keys that this reader knows besides wg's own. */
  readonly extra?: readonly KeyRow[];
  /** Where the last token ends, in the file. */
  at: number;
}

/** Adds the token that ends at `end` (in the file); nothing where it would be empty. */
export function push(reader: LineReader, token: Token, end: number): void {
  if (end <= reader.at) return;
  reader.tokens[reader.count++] = pack(token, end - reader.start);
  reader.at = end;
}

export function span(reader: LineReader, start: number, end: number): Span {
  return { start: start - reader.start, end: end - reader.start };
}

export function problem(
  reader: LineReader,
  rule: string,
  start: number,
  end: number,
  message: string,
  more: Partial<SyntaxProblem> = {},
): void {
  reader.problems.push({ ...span(reader, start, end), rule: `wireguard/${rule}`, message, ...more });
}
