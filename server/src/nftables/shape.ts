// The shape of a statement: its text but for the digits of its numbers and addresses and the letters of its strings. Machines write the same
// rule again and again with other numbers; where two statements have one shape, the lexer cuts them into the same words and the parser
// reads the same of them, since neither looks at what these stand for, and spans are relative to the statement.
import { Token, tokenClass, tokenEnd } from '../text/token.ts';
import type { NftablesStatement } from './tree.ts';

/** Of each unit of a text, what may stand there instead. */
const SAME = 0;
const DIGIT = 1;
/** A hexadecimal digit: of an address with colons. */
const HEX = 2;
/** A letter or digit of a string. */
const LETTER = 3;

export interface Shape {
  readonly kind: 'shape';
  /** The statement it was made of, and its text. */
  readonly statement: NftablesStatement;
  readonly text: string;
  /** One of the above for each unit of the text. */
  readonly classes: Uint8Array;
  /** Memo: what a check found in statements of this shape, in its own form. */
  checked: unknown;
}

const OTHER = 0;
const WORD_START = 1;
const NUMBER = 2;
const QUOTE = 3;
const END = 4;
/** What makes a statement too hard to tell: comments, continued lines, and what is no printable character. */
const HARD = 5;
const COLON = 6;

const kinds = new Uint8Array(128).fill(HARD, 0, 32);
const isHex = new Uint8Array(128);
const isWord = new Uint8Array(128);
const isLetter = new Uint8Array(128);
for (let unit = 0; unit < 128; unit++) {
  const c = String.fromCharCode(unit);
  if (/[A-Za-z_.]/.test(c)) kinds[unit] = WORD_START;
  if (/[0-9]/.test(c)) kinds[unit] = NUMBER;
  if (/[0-9A-Fa-f]/.test(c)) isHex[unit] = 1;
  if (/[\w./-]/.test(c)) isWord[unit] = 1;
  if (/[A-Za-z0-9]/.test(c)) isLetter[unit] = 1;
}
kinds[34] = QUOTE;
kinds[10] = kinds[59] = END;
kinds[35] = kinds[92] = kinds[127] = HARD;
kinds[58] = COLON;
kinds[9] = OTHER;

function is(set: Uint8Array, unit: number): boolean {
  return unit < 128 && set[unit] === 1;
}

function isDigit(unit: number): boolean {
  return unit >= 48 && unit <= 57;
}

/** Where a statement ends, and what its shape comes to. */
export interface Scan {
  hash: number;
  /** Behind the first separator; -1 where nothing can be said of the text. */
  end: number;
}

/** Looks at the text from `start` to its first separator. With `classes` the class of each unit is put there. */
export function scanShape(scan: Scan, text: string, start: number, limit: number, classes: Uint8Array | null = null): void {
  let hash = 0;
  let i = start;
  scan.end = -1;
  while (i < limit) {
    const unit = text.charCodeAt(i);
    const kind = unit < 128 ? (kinds[unit] as number) : HARD;
    switch (kind) {
      case HARD:
        return;
      case END:
        scan.hash = (Math.imul(hash, 31) + unit) | 0;
        scan.end = i + 1;
        return;
      case QUOTE: {
        hash = (Math.imul(hash, 31) + unit) | 0;
        const close = text.indexOf('"', i + 1);
        if (close < 0 || close >= limit) return;
        for (i++; i < close; i++) {
          const inner = text.charCodeAt(i);
          if (inner >= 127 || (inner < 32 && inner !== 9) || inner === 92) return;
          const letter = isLetter[inner] === 1;
          if (letter && classes) classes[i - start] = LETTER;
          hash = (Math.imul(hash, 31) + (letter ? LETTER : inner)) | 0;
        }
        i++;
        hash = (Math.imul(hash, 31) + 34) | 0;
        break;
      }
      case WORD_START:
      case NUMBER:
      case COLON: {
        const colons = kind === COLON ? text.charCodeAt(i + 1) === 58 : beginsColons(text, i, limit);
        if (colons) {
          for (; i < limit; i++) {
            const inner = text.charCodeAt(i);
            const hex = is(isHex, inner);
            if (!hex && inner !== 58) break;
            if (hex && classes) classes[i - start] = HEX;
            hash = (Math.imul(hash, 31) + (hex ? HEX : inner)) | 0;
          }
          // only a prefix's length and the end of a range may follow at once
          const next = text.charCodeAt(i);
          if (is(isWord, next) && next !== 47 && next !== 45) return;
          break;
        }
        if (kind === NUMBER) {
          let end = i + 1;
          while (end < limit && isDigit(text.charCodeAt(end))) end++;
          let next = text.charCodeAt(end);
          if (next === 46) {
            end = address4END(text, i, limit);
            if (end < 0) return;
            next = text.charCodeAt(end);
          }
          if (!is(isWord, next) || next === 47 || next === 45) {
            for (; i < end; i++) {
              const inner = text.charCodeAt(i);
              if (inner !== 46 && classes) classes[i - start] = DIGIT;
              hash = (Math.imul(hash, 31) + (inner === 46 ? 46 : DIGIT)) | 0;
            }
            break;
          }
        } else if (kind === COLON) {
          hash = (Math.imul(hash, 31) + unit) | 0;
          i++;
          break;
        }
        // a word, or a number that letters follow: as it is, with all that a word may hold
        for (; i < limit; i++) {
          const inner = text.charCodeAt(i);
          if (!is(isWord, inner)) break;
          hash = (Math.imul(hash, 31) + inner) | 0;
        }
        break;
      }
      default:
        hash = (Math.imul(hash, 31) + unit) | 0;
        i++;
    }
  }
}

/** Whether the lexer looks for an address with colons here: behind one to four hexadecimal digits stands the first (lexer.ts, lexWord). */
function beginsColons(text: string, start: number, limit: number): boolean {
  let i = start;
  while (i < start + 4 && i < limit && is(isHex, text.charCodeAt(i))) i++;
  return i > start && text.charCodeAt(i) === 58;
}

/** Where the IPv4 address that begins here ends; -1 where there is none, or where it is not its own end. */
function address4END(text: string, start: number, limit: number): number {
  let i = start;
  for (let part = 0; part < 4; part++) {
    if (part > 0 && text.charCodeAt(i++) !== 46) return -1;
    const first = i;
    while (i < limit && i < first + 4 && isDigit(text.charCodeAt(i))) i++;
    if (i === first || i > first + 3) return -1;
  }
  return i;
}

/** The shape of a statement that was read from `start` of `text`; null where others may not be read like it. */
export function shapeOf(statement: NftablesStatement, text: string, start: number): Shape | null {
  const classes = new Uint8Array(statement.width);
  const own = text.slice(start, start + statement.width);
  const scan: Scan = { hash: 0, end: 0 };
  scanShape(scan, own, 0, own.length, classes);
  if (scan.end !== own.length || !colonsAreWords(statement, own, classes)) return null;
  return { kind: 'shape', statement, text: ` ${own}`.slice(1), classes, checked: undefined };
}

/** Whether what looks like an address with colons is one word to the lexer: then it is one with any other digits. */
function colonsAreWords({ head }: NftablesStatement, text: string, classes: Uint8Array): boolean {
  let start = 0;
  for (const packed of head) {
    const end = tokenEnd(packed);
    if (tokenClass(packed) !== Token.Space) {
      const first = classes[start] === HEX || (text.charCodeAt(start) === 58 && text.charCodeAt(start + 1) === 58);
      for (let i = start; i < end; i++) if (classes[i] === HEX && !first) return false;
      // it ends where the digits end
      if (first && end < text.length && (classes[end] === HEX || text.charCodeAt(end) === 58)) return false;
      if (first && start > 0 && classes[start - 1] === HEX) return false;
    }
    start = end;
  }
  return true;
}

/** Whether the text from `start` on, as long as the shape's, has that shape. */
export function hasShape({ text: own, classes }: Shape, text: string, start: number): boolean {
  for (let i = 0; i < own.length; i++) {
    const unit = text.charCodeAt(start + i);
    if (unit === own.charCodeAt(i)) continue;
    switch (classes[i]) {
      case SAME:
        return false;
      case DIGIT:
        if (!isDigit(unit)) return false;
        break;
      case HEX:
        if (!is(isHex, unit)) return false;
        break;
      default:
        if (!is(isLetter, unit)) return false;
    }
  }
  return true;
}
