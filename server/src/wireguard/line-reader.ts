// A line while it is read: its tokens and problems, gathered relative to its start.
import type { Span } from '../text/span.ts';
import type { SyntaxProblem } from '../text/statement.ts';
import { pack, type Token } from '../text/token.ts';
import { sharedSpan } from './shapes.ts';
import type { LineFacts } from './tree.ts';
import type { WgVersion } from './version.ts';
import type { KeyRow } from './vocabulary.ts';

/** What config.c deletes wherever it stands: isspace(3) in the C locale. */
export function isSpace(unit: number): boolean {
  return unit === 32 || (unit >= 9 && unit <= 13);
}

/** A line being read; one reader serves all lines of a file, one after the other. Offsets are the file's. */
export interface LineReader {
  readonly text: string;
  /** Where the line begins. */
  start: number;
  readonly version: WgVersion;
  /** Room for the tokens of any line: `count` of them are this line's. An array that grew for each would cost most of a parse. */
  readonly tokens: number[];
  count: number;
  problems: SyntaxProblem[];
  /** Of a `Key = value` line what it says; undefined of all others. */
  facts: LineFacts | null | undefined;
  /** Keys that this reader knows besides wg's own. */
  readonly extra: readonly KeyRow[];
  /** Where the last token ends. */
  at: number;
  /** Where `#` and `=` stood next when they were last looked for: what was seen of the lines below is not looked at again. */
  hash: number;
  equals: number;
  /** Whether spaces were left out of the value to read it, as wg does. */
  squeezed: boolean;
}

export function lineReader(text: string, version: WgVersion, extra: readonly KeyRow[]): LineReader {
  return {
    text,
    start: 0,
    version,
    tokens: [],
    count: 0,
    problems: [],
    facts: undefined,
    extra,
    at: 0,
    hash: -1,
    equals: -1,
    squeezed: false,
  };
}

/** Adds the token that ends at `end` (in the file); nothing where it would be empty. */
export function push(reader: LineReader, token: Token, end: number): void {
  if (end <= reader.at) return;
  reader.tokens[reader.count++] = pack(token, end - reader.start);
  reader.at = end;
}

export function span(reader: LineReader, start: number, end: number): Span {
  return sharedSpan(start - reader.start, end - reader.start);
}

export function problem(
  reader: LineReader,
  rule: string,
  start: number,
  end: number,
  message: string,
  more: Partial<SyntaxProblem> = {},
): void {
  reader.problems.push({ start: start - reader.start, end: end - reader.start, rule: `wireguard/${rule}`, message, ...more });
}

/** The value as wg sees it: without spaces. Only for values that are no secret. */
export function squeezed(reader: LineReader, start: number, end: number): string {
  const text = reader.text.slice(start, end).replace(/[ \t\v\f\r]+/g, '');
  reader.squeezed ||= text.length < end - start;
  return text;
}

export const refusedByWg = { refusedBy: 'wg' } as const;
