// Cuts the text of a ruleset into words, as nft's scanner does (scanner.l), one at a time: which words are keywords is the
// parser's business. Longest match first; newlines are words, spaces and comments are not.
import { hashStep } from './words.ts';

export const Lexeme = {
  End: 0,
  Newline: 1,
  Semicolon: 2,
  /** Letters, digits and `/ - _ .`, not beginning with a digit. */
  Word: 3,
  Number: 4,
  Quoted: 5,
  Address4: 6,
  Address6: 7,
  Mac: 8,
  /** `1d2h30m`. */
  Time: 9,
  /** A traffic class, `1:10`. */
  ClassId: 31,
  /** `wg*`. */
  Wildcard: 10,
  LeftBrace: 11,
  RightBrace: 12,
  LeftParen: 13,
  RightParen: 14,
  LeftBracket: 15,
  RightBracket: 16,
  Comma: 17,
  Dot: 18,
  Colon: 19,
  Slash: 20,
  Minus: 21,
  Plus: 22,
  Star: 23,
  At: 24,
  Dollar: 25,
  Equals: 26,
  /** `== != < > <= >= !` */
  Relation: 27,
  /** `& | ^ << >>` */
  Operator: 28,
  /** A quotation mark that is never closed: runs to the end of its line. */
  OpenQuote: 29,
  Unknown: 30,
} as const;
export type Lexeme = (typeof Lexeme)[keyof typeof Lexeme];

export interface Lexer {
  readonly text: string;
  readonly limit: number;
  kind: Lexeme;
  /** Of the current word, in the text. */
  start: number;
  end: number;
  /** What the letters of the current word come to, where it is a word. */
  hash: number;
  /** The word behind the one that ended at `ahead.from`, where it was looked at. */
  readonly ahead: Ahead;
  /** How often it moved, there and back: what bounds the time that any text can take. */
  steps: number;
}

interface Ahead {
  from: number;
  kind: Lexeme;
  start: number;
  end: number;
  hash: number;
}

export function nothingAhead(): Ahead {
  return { from: -1, kind: Lexeme.End, start: 0, end: 0, hash: 0 };
}

/** Looks at the word behind the current one, which stays the current one. */
export function lookAhead(lexer: Lexer): Ahead {
  const { ahead } = lexer;
  if (ahead.from === lexer.end) return ahead;
  const { kind, start, end, hash } = lexer;
  advance(lexer);
  ahead.from = end;
  ahead.kind = lexer.kind;
  ahead.start = lexer.start;
  ahead.end = lexer.end;
  ahead.hash = lexer.hash;
  lexer.kind = kind;
  lexer.start = start;
  lexer.end = end;
  lexer.hash = hash;
  return ahead;
}

const WORD_START = 1;
const WORD = 2;
const DIGIT = 4;
const HEX = 8;
const classes = new Uint8Array(128);
for (let c = 0; c < 128; c++) {
  const s = String.fromCharCode(c);
  if (/[A-Za-z_.]/.test(s)) classes[c] = WORD_START | WORD;
  if (/[0-9/-]/.test(s)) classes[c] = WORD;
  if (/[0-9]/.test(s)) classes[c] = WORD | DIGIT | HEX;
  if (/[A-Fa-f]/.test(s)) classes[c] = WORD_START | WORD | HEX;
}

const single = new Uint8Array(128);
for (const [c, kind] of Object.entries({
  '\n': Lexeme.Newline,
  ';': Lexeme.Semicolon,
  '{': Lexeme.LeftBrace,
  '}': Lexeme.RightBrace,
  '(': Lexeme.LeftParen,
  ')': Lexeme.RightParen,
  '[': Lexeme.LeftBracket,
  ']': Lexeme.RightBracket,
  ',': Lexeme.Comma,
  ':': Lexeme.Colon,
  '/': Lexeme.Slash,
  '-': Lexeme.Minus,
  '+': Lexeme.Plus,
  '@': Lexeme.At,
  $: Lexeme.Dollar,
  '&': Lexeme.Operator,
  '|': Lexeme.Operator,
  '^': Lexeme.Operator,
})) {
  single[c.charCodeAt(0)] = kind;
}

function is(unit: number, set: number): boolean {
  return unit < 128 && ((classes[unit] as number) & set) !== 0;
}

/** Moves to the word behind the current one; spaces, comments and line continuations between are passed over. */
export function advance(lexer: Lexer): void {
  const { text, limit, ahead } = lexer;
  let i = lexer.end;
  if (ahead.from === i) {
    lexer.kind = ahead.kind;
    lexer.start = ahead.start;
    lexer.end = ahead.end;
    lexer.hash = ahead.hash;
    return;
  }
  lexer.steps++;
  for (;;) {
    const unit = i < limit ? text.charCodeAt(i) : -1;
    if (unit === 32 || unit === 9 || unit === 13) i++;
    else if (unit === 92 && (text.charCodeAt(i + 1) === 10 || (text.charCodeAt(i + 1) === 13 && text.charCodeAt(i + 2) === 10)))
      i = behindCommentLines(text, i + (text.charCodeAt(i + 1) === 10 ? 2 : 3), limit);
    else if (unit === 35) {
      const newline = text.indexOf('\n', i);
      i = newline < 0 || newline > limit ? limit : newline;
    } else {
      lexer.start = i;
      if (unit < 0) {
        lexer.kind = Lexeme.End;
        lexer.end = limit;
        lexer.start = limit;
      } else lex(lexer, i, unit);
      return;
    }
  }
}

/** A line that holds nothing but a comment is no line to nft (scanner.l, comment_line), so a statement may go on behind it. */
function behindCommentLines(text: string, start: number, limit: number): number {
  let line = start;
  for (let i = start; i < limit; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 32 || unit === 9) continue;
    const newline = unit === 35 ? text.indexOf('\n', i) : -1;
    if (newline < 0 || newline >= limit) break;
    line = newline + 1;
    i = newline;
  }
  return line;
}

function finish(lexer: Lexer, kind: Lexeme, end: number): void {
  lexer.kind = kind;
  lexer.end = Math.min(end, lexer.limit);
}

function lex(lexer: Lexer, i: number, unit: number): void {
  const { text, limit } = lexer;
  if (is(unit, WORD_START)) return lexWord(lexer, i, unit);
  if (is(unit, DIGIT)) return lexNumber(lexer, i);
  const next = text.charCodeAt(i + 1);
  switch (unit) {
    case 34: // "
      return lexQuoted(lexer, i);
    case 58: // :
      if (next === 58) {
        const end = address6End(text, i, limit);
        if (end > i) return finish(lexer, Lexeme.Address6, end);
      }
      return finish(lexer, Lexeme.Colon, i + 1);
    case 61: // =
      return next === 61 ? finish(lexer, Lexeme.Relation, i + 2) : finish(lexer, Lexeme.Equals, i + 1);
    case 33: // !
      return finish(lexer, Lexeme.Relation, next === 61 ? i + 2 : i + 1);
    case 60: // <
    case 62: // >
      if (next === unit) return finish(lexer, Lexeme.Operator, i + 2);
      return finish(lexer, Lexeme.Relation, next === 61 ? i + 2 : i + 1);
    case 42: // *
      return finish(lexer, Lexeme.Star, i + 1);
    case 92: // \* begins a string with a literal star
      if (next === 42) return finish(lexer, Lexeme.Wildcard, i + 2);
      return finish(lexer, Lexeme.Unknown, i + 1);
  }
  const kind = unit < 128 ? (single[unit] as Lexeme) : 0;
  if (kind !== 0) return finish(lexer, kind, i + 1);
  // anything else, a surrogate pair as one
  finish(lexer, Lexeme.Unknown, unit >= 0xd800 && unit < 0xdc00 && next >= 0xdc00 && next < 0xe000 ? i + 2 : i + 1);
}

function lexWord(lexer: Lexer, i: number, unit: number): void {
  const { text, limit } = lexer;
  if (is(unit, HEX)) {
    let j = i + 1;
    while (j < i + 4 && j < limit && is(text.charCodeAt(j), HEX)) j++;
    if (text.charCodeAt(j) === 58 && lexColons(lexer, i)) return;
  }
  if (unit === 46 && !(i + 1 < limit && is(text.charCodeAt(i + 1), WORD))) return finish(lexer, Lexeme.Dot, i + 1);
  let end = i + 1;
  let hash = unit;
  for (; end < limit; end++) {
    const next = text.charCodeAt(end);
    if (!is(next, WORD)) break;
    hash = hashStep(hash, next);
  }
  lexer.hash = hash;
  if (text.charCodeAt(end) === 42) return finish(lexer, Lexeme.Wildcard, end + 1);
  if (text.charCodeAt(end) === 92 && text.charCodeAt(end + 1) === 42) {
    end += 2;
    // only a word goes on behind the star: `wg\*0` is two (scanner.l, asteriskstring; measured)
    if (end < limit && !is(text.charCodeAt(end), WORD_START)) return finish(lexer, Lexeme.Wildcard, end);
    while (end < limit && is(text.charCodeAt(end), WORD)) end++;
    return finish(lexer, Lexeme.Wildcard, end);
  }
  finish(lexer, Lexeme.Word, end);
}

/** A MAC or IPv6 address at `i`, the longer of both, or a class; false where there is none. */
function lexColons(lexer: Lexer, i: number): boolean {
  const { text, limit } = lexer;
  const six = address6End(text, i, limit);
  CLASS_ID.lastIndex = i;
  if (six === 0 && CLASS_ID.test(text) && CLASS_ID.lastIndex < limit) {
    finish(lexer, Lexeme.ClassId, CLASS_ID.lastIndex);
    return true;
  }
  MAC.lastIndex = i;
  const mac = MAC.test(text) ? MAC.lastIndex : 0;
  if (Math.max(six, mac) > limit || (six === 0 && mac === 0)) return false;
  if (mac > six) finish(lexer, Lexeme.Mac, mac);
  else finish(lexer, Lexeme.Address6, six);
  return true;
}

const CLASS_ID = /[0-9a-fA-F]{1,4}:[0-9a-fA-F]{1,4}(?=[ \t\n:\-},])(?!:)/y;
const MAC = /(?:[0-9a-fA-F]{1,2}:){5}[0-9a-fA-F]{1,2}(?![0-9a-fA-F:])/y;
const ADDRESS4 = /[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}/y;
const VLAN_TYPE = /8021(?:q|ad)(?![\w/.-])/y;
const TIME = /(?:[0-9]+d)?(?:[0-9]+h)?(?:[0-9]+m(?!s))?(?:[0-9]+s)?(?:[0-9]+ms)?/y;

/** Where the longest IPv6 address that begins at `i` ends; 0 where none does. */
function address6End(text: string, i: number, limit: number): number {
  let at = i;
  let groups = 0;
  let compressed = false;
  let end = 0;
  if (text.charCodeAt(at) === 58 && text.charCodeAt(at + 1) === 58) {
    compressed = true;
    at += 2;
    end = at;
  }
  while (groups < 8 && at < limit) {
    let stop = at;
    while (stop < limit && stop < at + 4 && is(text.charCodeAt(stop), HEX)) stop++;
    if (stop === at) break;
    if (text.charCodeAt(stop) === 46) {
      ADDRESS4.lastIndex = at;
      if (ADDRESS4.test(text) && (compressed ? groups <= 5 : groups === 6)) return ADDRESS4.lastIndex;
    }
    groups++;
    at = stop;
    if (compressed ? groups <= 7 : groups === 8) end = at;
    if (text.charCodeAt(at) !== 58) break;
    if (text.charCodeAt(at + 1) === 58) {
      if (compressed) break;
      compressed = true;
      at += 2;
      end = at;
    } else at++;
  }
  return end;
}

function lexNumber(lexer: Lexer, i: number): void {
  const { text, limit } = lexer;
  let end = i + 1;
  while (end < limit && is(text.charCodeAt(end), DIGIT)) end++;
  const unit = end < limit ? text.charCodeAt(end) : -1;
  if (unit === 46) {
    ADDRESS4.lastIndex = i;
    if (ADDRESS4.test(text) && ADDRESS4.lastIndex <= limit) return finish(lexer, Lexeme.Address4, ADDRESS4.lastIndex);
  }
  if (unit === 58 || is(Math.max(unit, 0), HEX)) {
    let hex = end;
    while (hex < limit && hex < i + 4 && is(text.charCodeAt(hex), HEX)) hex++;
    if (text.charCodeAt(hex) === 58 && lexColons(lexer, i)) return;
  }
  if (end === i + 1 && text.charCodeAt(i) === 48 && (unit | 32) === 120) {
    let hex = end + 1;
    while (hex < limit && is(text.charCodeAt(hex), HEX)) hex++;
    if (hex > end + 1) return finish(lexer, Lexeme.Number, hex);
  }
  if (unit === 100 || unit === 104 || unit === 109 || unit === 115) {
    TIME.lastIndex = i;
    TIME.test(text);
    if (TIME.lastIndex > end) return finish(lexer, Lexeme.Time, TIME.lastIndex);
  }
  // the only words that begin with a digit
  VLAN_TYPE.lastIndex = i;
  if (unit > 96 && VLAN_TYPE.test(text)) {
    lexer.hash = 0;
    for (let at = i; at < VLAN_TYPE.lastIndex; at++) lexer.hash = hashStep(lexer.hash, text.charCodeAt(at));
    return finish(lexer, Lexeme.Word, VLAN_TYPE.lastIndex);
  }
  finish(lexer, Lexeme.Number, end);
}

/**
 * A quoted string has no escapes and may span lines. A mark that is not closed in its line is taken as open where the next one
 * looks like the beginning of another string, so that a lost mark costs one line and not the file.
 */
function lexQuoted(lexer: Lexer, i: number): void {
  const { text, limit } = lexer;
  let end = i + 1;
  let unit = 0;
  while (end < limit) {
    unit = text.charCodeAt(end);
    if (unit === 34) return finish(lexer, Lexeme.Quoted, end + 1);
    if (unit === 10) break;
    end++;
  }
  const close = end < limit ? text.indexOf('"', end) : -1;
  if (close >= 0 && close < limit && !is(text.charCodeAt(close + 1) || 0, WORD | WORD_START))
    return finish(lexer, Lexeme.Quoted, close + 1);
  while (end > i + 1 && (text.charCodeAt(end - 1) === 13 || text.charCodeAt(end - 1) === 32)) end--;
  finish(lexer, Lexeme.OpenQuote, end);
}
