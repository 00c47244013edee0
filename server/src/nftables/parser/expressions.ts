// Reads expressions: what a rule looks at, and what it compares with or sets (parser_bison.y, expr, rhs_expr and stmt_expr).
import { Token } from '../../text/token.ts';
import { Lexeme } from '../lexer.ts';
import type { Expression, Literal } from '../tree.ts';
import { datatypeByName } from '../vocabulary/datatypes.ts';
import { rawBases, wordOperators } from '../vocabulary/phrases.ts';
import { cannotBeValue } from '../vocabulary/reserved.ts';
import type { Row } from '../vocabulary/row.ts';
import { bump, type Cursor, endOf, here, isWord, kindBehind, MAX_DEPTH, on, problem, unexpected, want, word } from './cursor.ts';
import { parseSetLiteral } from './elements.ts';
import { onString, parseName, parseNumber } from './names.ts';
import { lostBraceAhead, unopenedListAhead } from './recovery.ts';
import { parseSelector } from './selectors.ts';

/** How an operand may be made of others: a match looks at selectors (`left`) and compares with names and numbers (`right`), a statement computes with both (`value`). */
export type Side = 'left' | 'right' | 'value';

export function missing(c: Cursor): Expression {
  const at = c.start - c.base;
  return { kind: 'missing', start: at, end: at };
}

const literalOf: Partial<Record<Lexeme, readonly [Literal, Token]>> = {
  [Lexeme.Number]: ['number', Token.Number],
  [Lexeme.Quoted]: ['string', Token.String],
  [Lexeme.Address4]: ['address4', Token.Address],
  [Lexeme.Address6]: ['address6', Token.Address],
  [Lexeme.Mac]: ['mac', Token.Address],
  [Lexeme.Time]: ['time', Token.Number],
  [Lexeme.ClassId]: ['class', Token.Constant],
  [Lexeme.Wildcard]: ['wildcard', Token.String],
};

/** Whether the current word can begin an operand. */
export function beginsOperand(c: Cursor): boolean {
  switch (c.kind) {
    case Lexeme.Word:
    case Lexeme.Number:
    case Lexeme.Quoted:
    case Lexeme.Address4:
    case Lexeme.Address6:
    case Lexeme.Mac:
    case Lexeme.Time:
    case Lexeme.ClassId:
    case Lexeme.Wildcard:
    case Lexeme.Dollar:
    case Lexeme.At:
    case Lexeme.LeftParen:
    case Lexeme.LeftBrace:
    case Lexeme.LeftBracket:
      return true;
    default:
      return false;
  }
}

/** An operand, or where there is none a problem that says what belongs there. */
export function parseOperand(c: Cursor, side: Side, expected: string): Expression {
  if (beginsOperand(c)) return parseExpression(c, side);
  unexpected(c, expected);
  return missing(c);
}

const MAX_OPERATORS = 250;

/** `not` stands between both sides of a match alone. */
const operatorWords = new Set(wordOperators.map(({ name }) => name).filter((name) => name !== 'not'));

function isOperator(c: Cursor): boolean {
  return on(c, Lexeme.Operator) || (on(c, Lexeme.Word) && operatorWords.has(word(c)));
}

/** Operands joined by dots, and what `map` makes of them. */
export function parseExpression(c: Cursor, side: Side): Expression {
  const first = parseJoined(c, side);
  let result = first;
  if (on(c, Lexeme.Dot)) {
    const parts = [first];
    while (on(c, Lexeme.Dot)) {
      bump(c, Token.Operator);
      if (!beginsOperand(c)) {
        unexpected(c, 'another part of the concatenation belongs behind the dot');
        break;
      }
      parts.push(parseJoined(c, side));
    }
    result = { kind: 'concatenation', start: first.start, end: endOf(c, first.start), parts };
  }
  if (side !== 'right' && isWord(c, 'map')) {
    bump(c, Token.Keyword);
    const map = parseMapOrSet(c, 'a map in braces, or @ and a map’s name, belongs behind “map”');
    result = { kind: 'map', start: first.start, end: endOf(c, first.start), key: result, map };
  }
  return result;
}

/** Operands joined by bit operators. nft's precedence does not matter to us: nothing is computed here. */
function parseJoined(c: Cursor, side: Side): Expression {
  let left = parsePrimary(c, side);
  for (let nested = 1; isOperator(c); nested++) {
    const operator = here(c);
    bump(c, Token.Operator);
    // what is made of them is as deep as they are many, and is walked by recursion
    if (nested > MAX_OPERATORS) {
      problem(c, operator.start, operator.end, `no more than ${MAX_OPERATORS} operators are read in one expression`);
      break;
    }
    if (!beginsOperand(c)) {
      unexpected(c, 'a value belongs behind the operator');
      break;
    }
    // what a match looks at is masked and shifted by values alone
    const right = parsePrimary(c, side === 'left' ? 'right' : side);
    left = { kind: 'binary', start: left.start, end: endOf(c, left.start), operator, left, right };
  }
  return left;
}

function parsePrimary(c: Cursor, side: Side): Expression {
  const start = c.start - c.base;
  if (c.depth > MAX_DEPTH) {
    problem(c, start, c.end - c.base, 'brackets are nested deeper here than nft takes; write it flatter');
    const result = missing(c);
    if (!on(c, Lexeme.End)) bump(c, Token.Unknown);
    return result;
  }
  switch (c.kind) {
    case Lexeme.LeftParen: {
      bump(c, Token.Punctuation);
      c.depth++;
      const inner = beginsOperand(c) ? parseJoined(c, side) : missing(c);
      if (inner.kind === 'missing') unexpected(c, 'a value belongs in the brackets');
      c.depth--;
      if (on(c, Lexeme.RightParen)) bump(c, Token.Punctuation);
      else unexpected(c, 'the bracket “(” is never closed; add “)”');
      return inner;
    }
    case Lexeme.LeftBrace:
      if (side === 'value') unexpected(c, 'one value belongs here, no list in braces');
      return parseSetLiteral(c);
    case Lexeme.At:
      return parseAt(c, side);
    case Lexeme.Word:
      if (side !== 'right') {
        const name = word(c);
        const selected = parseSelector(c, name, side === 'left' || cannotBeValue(name, false));
        if (selected) return selected;
      }
      break;
  }
  return side === 'left' ? parseAtom(c, side) : parseValue(c, side);
}

/** One value, a prefix or a range of two. */
function parseValue(c: Cursor, side: Side): Expression {
  const first = parseAtom(c, side);
  if (on(c, Lexeme.Slash) && first.kind !== 'missing' && kindBehind(c) === Lexeme.Number) {
    // a slash before anything else is the mask of `tcp flags syn / syn,ack`
    bump(c, Token.Operator);
    const length = parseAtom(c, side);
    return { kind: 'prefix', start: first.start, end: endOf(c, first.start), base: first, length };
  }
  if (on(c, Lexeme.Minus) && first.kind !== 'missing') {
    bump(c, Token.Operator);
    if (!beginsOperand(c)) {
      unexpected(c, 'the range has no end; write FROM-TO');
      return first;
    }
    const to = parseAtom(c, side);
    return { kind: 'range', start: first.start, end: endOf(c, first.start), from: first, to };
  }
  return first;
}

function parseAtom(c: Cursor, side: Side): Expression {
  const start = c.start - c.base;
  const literal = literalOf[c.kind];
  if (literal) {
    bump(c, literal[1]);
    return { kind: 'literal', start, end: endOf(c, start), literal: literal[0] };
  }
  switch (c.kind) {
    case Lexeme.Word: {
      const name = word(c);
      if (cannotBeValue(name, side !== 'value')) {
        unexpected(c, 'a value belongs here, and this is a word of nft’s own');
        return missing(c);
      }
      bump(c, Token.Constant);
      return { kind: 'literal', start, end: endOf(c, start), literal: 'word' };
    }
    case Lexeme.Dollar:
      return parseVariable(c);
    case Lexeme.LeftBracket:
      return parseBracketed(c);
    default:
      unexpected(c, 'a value belongs here');
      return missing(c);
  }
}

/** `[2001:db8::1]`, before a port: one word to nft, so nothing else may stand in the brackets. */
function parseBracketed(c: Cursor): Expression {
  const open = c.end;
  bump(c, Token.Punctuation);
  if (!on(c, Lexeme.Address6) || c.start !== open) {
    unexpected(c, 'an IPv6 address belongs right behind the bracket, as in [2001:db8::1]');
    return missing(c);
  }
  const inner = parseAtom(c, 'right');
  if (on(c, Lexeme.RightBracket) && c.start === c.at) bump(c, Token.Punctuation);
  else unexpected(c, 'the bracket “[” is never closed; add “]” right behind the address');
  return inner;
}

export function parseVariable(c: Cursor): Expression {
  const start = c.start - c.base;
  bump(c, Token.Variable);
  parseName(c, Token.Variable, 'the name of a variable belongs right behind “$”');
  return { kind: 'variable', start, end: endOf(c, start) };
}

const rawBaseNames = new Set(rawBases.map(({ name }) => name));

/** `@name`, or a raw piece of the packet: `@th,OFFSET,LENGTH`. */
function parseAt(c: Cursor, side: Side): Expression {
  const start = c.start - c.base;
  if (side === 'right') return parseReferenceTo(c);
  bump(c, Token.Reference);
  if (on(c, Lexeme.Word) && rawBaseNames.has(word(c))) {
    bump(c, Token.Selector);
    for (let i = 0; i < 2; i++) {
      if (on(c, Lexeme.Comma)) bump(c, Token.Punctuation);
      else unexpected(c, 'a raw expression is @BASE,OFFSET,LENGTH, as in @th,16,16');
      parseNumber(c, 'a number of bits belongs here');
    }
    return { kind: 'raw', start, end: endOf(c, start) };
  }
  unexpected(
    c,
    'a piece of the packet is @BASE,OFFSET,LENGTH, and BASE is ll, nh, th or ih; a set stands behind what it is compared with',
    rawBaseNames,
  );
  if (onString(c)) bump(c, Token.Reference);
  return { kind: 'reference', start, end: endOf(c, start) };
}

/** `@name`. */
export function parseReferenceTo(c: Cursor): Expression {
  const start = c.start - c.base;
  bump(c, Token.Reference);
  parseName(c, Token.Reference, 'the name of a set or map belongs right behind “@”');
  return { kind: 'reference', start, end: endOf(c, start) };
}

/** A map or set in braces, by its name, or held by a variable. */
export function parseMapOrSet(c: Cursor, expected: string, verdicts = false): Expression {
  if (on(c, Lexeme.LeftBrace)) return parseSetLiteral(c, verdicts ? 'verdicts' : 'elements');
  if (on(c, Lexeme.At)) return parseReferenceTo(c);
  if (on(c, Lexeme.Dollar)) return parseVariable(c);
  unexpected(c, expected);
  return missing(c);
}

/** The elements of a set: in braces, or held by a variable. */
export function parseElements(c: Cursor, expected: string): Expression {
  if (on(c, Lexeme.LeftBrace)) return parseSetLiteral(c);
  if (on(c, Lexeme.Dollar)) return parseVariable(c);
  unexpected(c, expected);
  return lostBraceAhead(c) ? parseUnopenedList(c, missing(c)) : missing(c);
}

/** What a selector is compared with: one value, a list without braces (`established,related`), a set. */
export function parseCompared(c: Cursor): Expression {
  const first = parseExpression(c, 'right');
  if (!on(c, Lexeme.Comma) || first.kind === 'set' || first.kind === 'reference') return first;
  if (unopenedListAhead(c, c.end)) return parseUnopenedList(c, first);
  return parseRestOfList(c, first, 'right', isSingle);
}

/** The rest of a list whose first brace was lost, up to its last one. */
export function parseUnopenedList(c: Cursor, first: Expression): Expression {
  const items: Expression[] = first.kind === 'missing' ? [] : [first];
  const { start } = first;
  while (!on(c, Lexeme.RightBrace) && !on(c, Lexeme.End)) {
    const before = c.at;
    if (on(c, Lexeme.Newline)) bump(c, Token.Newline);
    else if (beginsOperand(c) && !on(c, Lexeme.LeftBrace)) items.push(parseExpression(c, 'right'));
    if (c.at === before) bump(c, on(c, Lexeme.Comma) ? Token.Punctuation : Token.Unknown);
  }
  problem(c, start, c.at - c.base, 'this list lacks its “{”; add it before the first element');
  if (on(c, Lexeme.RightBrace)) bump(c, Token.Punctuation);
  return {
    kind: 'set',
    start,
    end: endOf(c, start),
    elements: items.map((item) => ({ start: item.start, end: item.end, key: item, data: null })),
  };
}

/** What a statement sets: an expression, or a list of names (`new,destroy`). */
export function parseStatementValue(c: Cursor): Expression {
  const first = parseExpression(c, 'value');
  return on(c, Lexeme.Comma) && isSymbol(first) ? parseRestOfList(c, first, 'value', isSymbol) : first;
}

function isSingle({ kind }: Expression): boolean {
  return kind === 'literal' || kind === 'variable' || kind === 'binary' || kind === 'missing';
}

function isSymbol(expression: Expression): boolean {
  return (expression.kind === 'literal' && expression.literal !== 'number') || expression.kind === 'variable';
}

function parseRestOfList(c: Cursor, first: Expression, side: Side, may: (item: Expression) => boolean): Expression {
  const items = [first];
  while (on(c, Lexeme.Comma)) {
    bump(c, Token.Punctuation);
    if (!beginsOperand(c)) {
      unexpected(c, 'another value belongs behind the comma');
      break;
    }
    items.push(parseExpression(c, side));
  }
  const { start } = first;
  const end = endOf(c, start);
  if (!items.every(may)) {
    const text = c.text.slice(c.base + start, c.base + end);
    const mend = 'nft takes a list without braces of single values alone; put braces around it';
    problem(c, start, end, mend, text.includes('\n') ? {} : { suggest: [`{ ${text} }`] });
  }
  return { kind: 'list', start, end, items };
}

/** Offers the names a datatype knows. */
export function wantValue(c: Cursor, datatype: string | null): void {
  want(c, datatype ? (datatypeByName.get(datatype)?.constants ?? nothing) : nothing);
}

const nothing: readonly Row[] = [];
