// Where the parser is: the current word, the statement being read, and what was wrong with it so far.
import type { Reuse } from '../../text/reuse.ts';
import type { Span } from '../../text/span.ts';
import type { SyntaxProblem } from '../../text/statement.ts';
import { pack, Token } from '../../text/token.ts';
import { listed, nearest, quoted } from '../../text/words.ts';
import { advance, Lexeme, type Lexer, lookAhead } from '../lexer.ts';
import type { NftablesStatementFacts, NftablesSyntax } from '../tree.ts';
import type { Row } from '../vocabulary/row.ts';
import { wordBetween } from '../words.ts';
import { listAhead } from './recovery.ts';
import type { Shapes } from './shapes.ts';

export interface Cursor extends Lexer {
  /** Where the statement begins, in the text. */
  base: number;
  /** Where its last token ends, in the text. */
  at: number;
  /** Where its last word begins, in the text. */
  lastWord: number;
  /** Those of the statement are the first `count`; the rest is of others before. */
  readonly tokens: number[];
  count: number;
  problems: SyntaxProblem[];
  /** Brackets and nested rules around the current word. */
  depth: number;
  /** How far the statement's reading hangs on what stands there: behind its end, where it could not tell without looking further. */
  reach: number;
  /** The braces of one line, matched once. */
  line: BracesOfLine | null;
  readonly reuse: Reuse<NftablesSyntax, NftablesStatementFacts | null> | undefined;
  /** What was read so far; null where each statement is to be read by itself. */
  readonly shapes: Shapes | null;
  /** Gathers what may stand at the end of the text, for completion; null in ordinary reading. */
  readonly wanted: Row[] | null;
}

const HASH = 35;
const NEWLINE = 10;
const QUOTE = 34;
const LEFT_BRACE = 123;
const RIGHT_BRACE = 125;

interface BracesOfLine {
  readonly start: number;
  readonly end: number;
  /** The offsets of the opening ones that close on it. */
  readonly closed: ReadonlySet<number>;
}

/** Deeper nesting than nft itself takes is told and skipped, so that no input can exhaust the stack. */
export const MAX_DEPTH = 32;

export function begin(c: Cursor): void {
  c.base = c.at;
  c.lastWord = c.at;
  c.count = 0;
  if (c.problems.length > 0) c.problems = [];
  c.reach = c.at;
}

/** The tokens of the statement so far. */
export function takenTokens(c: Cursor): readonly number[] {
  return c.tokens.slice(0, c.count);
}

/** Takes the current word into the statement. */
export function bump(c: Cursor, token: Token): void {
  if (c.start > c.at) fillGap(c, c.start);
  if (c.end > c.start) c.tokens[c.count++] = pack(token, c.end - c.base);
  // whether a quotation mark is closed hangs on the next one, wherever it stands
  if (c.kind === Lexeme.OpenQuote) c.reach = Number.POSITIVE_INFINITY;
  c.lastWord = c.start;
  c.at = c.end;
  advance(c);
}

/** Tokens for what lies between words: spaces and comments, of which a continued line can have several. */
export function fillGap(c: Cursor, to: number): void {
  const { text, tokens, base } = c;
  let at = c.at;
  // nearly always one space
  if (to === at + 1 && text.charCodeAt(at) !== HASH) {
    tokens[c.count++] = pack(Token.Space, to - base);
    c.at = to;
    return;
  }
  while (at < to) {
    let end = at;
    if (text.charCodeAt(at) === HASH) {
      while (end < to && text.charCodeAt(end) !== NEWLINE) end++;
      tokens[c.count++] = pack(Token.Comment, end - base);
    } else {
      while (end < to && text.charCodeAt(end) !== HASH) end++;
      tokens[c.count++] = pack(Token.Space, end - base);
    }
    at = end;
  }
  c.at = to;
}

export function word(c: Cursor): string {
  return on(c, Lexeme.Word) ? wordBetween(c.text, c.start, c.end, c.hash) : c.text.slice(c.start, c.end);
}

/** Whether the current word is of this kind. A function, since reading moves the cursor behind the compiler's back. */
export function on(c: Cursor, kind: Lexeme): boolean {
  return c.kind === kind;
}

/** Whether the current word is `expected`. */
export function isWord(c: Cursor, expected: string): boolean {
  return on(c, Lexeme.Word) && c.end - c.start === expected.length && c.text.startsWith(expected, c.start);
}

export function atEnd(c: Cursor): boolean {
  return on(c, Lexeme.Newline) || on(c, Lexeme.Semicolon) || on(c, Lexeme.RightBrace) || on(c, Lexeme.End);
}

/** The span of the current word in the statement. */
export function here(c: Cursor): Span {
  return { start: c.start - c.base, end: c.end - c.base };
}

/** Where what began at `start` (in the statement) ends: behind the last token read. */
export function endOf(c: Cursor, start: number): number {
  return Math.max(start, c.at - c.base);
}

/** Says what may stand at the end of the text being completed. */
export function want(c: Cursor, rows: readonly Row[]): void {
  if (c.wanted && on(c, Lexeme.End)) c.wanted.push(...rows);
}

/** What stands here, in words. */
export function found(c: Cursor): string {
  switch (c.kind) {
    case Lexeme.End:
      return 'the file ends here';
    case Lexeme.Newline:
      return 'the line ends here';
    case Lexeme.OpenQuote:
      return 'this quotation mark is never closed';
    default:
      return `${quoted(word(c))} cannot stand here`;
  }
}

/** Adds a problem in nft's own domain; only the first of a statement counts, since the rest follows from it. */
export function problem(c: Cursor, start: number, end: number, message: string, more: Partial<SyntaxProblem> = {}): void {
  if (c.problems.length > 0) return;
  c.problems.push({ start, end, rule: 'nftables/syntax', message, refusedBy: 'nft', ...more });
}

/** A problem with the current word; where the line has ended, with the word before. */
export function unexpected(c: Cursor, expected: string, known?: Iterable<string>): void {
  if (c.problems.length > 0) return;
  const ended = on(c, Lexeme.Newline) || on(c, Lexeme.End);
  const start = ended ? c.lastWord - c.base : c.start - c.base;
  const end = ended ? Math.max(c.at - c.base, start) : c.end - c.base;
  const suggest = known && on(c, Lexeme.Word) ? nearest(word(c), known) : [];
  const meant = suggest.length > 0 ? `did you mean ${listed(suggest)}?` : `${expected}`;
  problem(c, start, end, `${found(c)}: ${meant}`, suggest.length > 0 ? { suggest } : {});
}

/** Takes the rest of the statement as text that was not read: up to its separator, blocks in braces included where they close. */
export function skipRest(c: Cursor): void {
  let depth = 0;
  while (!on(c, Lexeme.End)) {
    if (on(c, Lexeme.RightBrace)) {
      if (depth === 0) return;
      depth--;
    } else if (on(c, Lexeme.LeftBrace)) {
      if (!closesOnLine(c, c.start) && !listAhead(c, c.end)) {
        bump(c, Token.Unknown);
        continue;
      }
      depth++;
    } else if (depth === 0 && (on(c, Lexeme.Newline) || on(c, Lexeme.Semicolon))) return;
    bump(c, on(c, Lexeme.Newline) ? Token.Newline : Token.Unknown);
  }
}

/** Whether the brace at `offset`, from the current word on, closes on its line: else it would swallow the lines behind. */
export function closesOnLine(c: Cursor, offset: number): boolean {
  if (!c.line || c.start < c.line.start || offset >= c.line.end) c.line = bracesOfLine(c);
  c.reach = Math.max(c.reach, c.line.end);
  return c.line.closed.has(offset);
}

/** Matches the braces from the current word to the end of its line, outside of comments and strings. */
function bracesOfLine({ text, start, limit }: Cursor): BracesOfLine {
  const open: number[] = [];
  const closed = new Set<number>();
  let i = start;
  for (; i < limit; i++) {
    const unit = text.charCodeAt(i);
    if (unit === NEWLINE) break;
    if (unit === HASH) {
      while (i + 1 < limit && text.charCodeAt(i + 1) !== NEWLINE) i++;
    } else if (unit === QUOTE) {
      let close = i + 1;
      while (close < limit && text.charCodeAt(close) !== QUOTE && text.charCodeAt(close) !== NEWLINE) close++;
      if (text.charCodeAt(close) === QUOTE) i = close;
    } else if (unit === LEFT_BRACE) open.push(i);
    else if (unit === RIGHT_BRACE) {
      const opening = open.pop();
      if (opening !== undefined) closed.add(opening);
    }
  }
  return { start, end: i + 1, closed };
}

/** Takes separators, with the comment before a newline; true where there was one. */
export function separator(c: Cursor): boolean {
  if (!on(c, Lexeme.Newline) && !on(c, Lexeme.Semicolon)) return false;
  bump(c, on(c, Lexeme.Newline) ? Token.Newline : Token.Punctuation);
  return true;
}

/** Takes the brace that closes what was opened on this line; where something else stands, says so and takes all up to that brace. */
export function closeBrace(c: Cursor, expected: string): void {
  if (!on(c, Lexeme.RightBrace)) {
    unexpected(c, expected);
    for (let depth = 0; !on(c, Lexeme.Newline) && !on(c, Lexeme.End) && !(depth === 0 && on(c, Lexeme.RightBrace)); ) {
      if (on(c, Lexeme.LeftBrace)) depth++;
      else if (on(c, Lexeme.RightBrace)) depth--;
      bump(c, Token.Unknown);
    }
  }
  if (on(c, Lexeme.RightBrace)) bump(c, Token.Punctuation);
}

/** Takes newlines where they do not count: inside the braces of a list. */
export function skipNewlines(c: Cursor): void {
  while (on(c, Lexeme.Newline)) bump(c, Token.Newline);
}

/** What stands behind the newlines from here on, without taking anything. */
export function behindNewlines(c: Cursor): { readonly kind: Lexeme; readonly word: string; readonly next: string } {
  const { kind, start, end, hash } = c;
  while (on(c, Lexeme.Newline)) advance(c);
  const result = { kind: c.kind, word: on(c, Lexeme.Word) ? word(c) : '', next: '' };
  if (on(c, Lexeme.Word)) {
    advance(c);
    if (on(c, Lexeme.Word)) result.next = word(c);
  }
  // one further: a character joined to the word would make it another; an open quotation mark hangs on all that follows
  c.reach = on(c, Lexeme.OpenQuote) ? Number.POSITIVE_INFINITY : Math.max(c.reach, c.end + 1);
  c.kind = kind;
  c.start = start;
  c.end = end;
  c.hash = hash;
  return result;
}

/** What kind of word stands behind the current one. */
export function kindBehind(c: Cursor): Lexeme {
  return lookAhead(c).kind;
}

/** The word behind the current one; nothing where there is no word. */
export function wordBehind(c: Cursor): string {
  const { kind, start, end, hash } = lookAhead(c);
  return kind === Lexeme.Word ? wordBetween(c.text, start, end, hash) : '';
}
