// Reads expressions: what a rule looks at, and what it compares with.
import { Token } from '../../text/token.ts';
import { listed } from '../../text/words.ts';
import { Lexeme } from '../lexer.ts';
import type { Element, Expression, Literal } from '../tree.ts';
import { datatypeByName } from '../vocabulary/datatypes.ts';
import type { Row } from '../vocabulary/row.ts';
import { bareMeta, type Field, type Selector, selectorByName, tcpOptions } from '../vocabulary/selectors.ts';
import { statementByName, verdictByName, verdicts } from '../vocabulary/statements.ts';
import {
  behind,
  behindNewlines,
  bump,
  type Cursor,
  here,
  isWord,
  MAX_DEPTH,
  on,
  problem,
  since,
  skipNewlines,
  unexpected,
  want,
  word,
} from './cursor.ts';
import { parseVerdict } from './verdicts.ts';

/** How an operand may be made of others: a rule compares with names and lists, a statement computes with selectors. */
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
  [Lexeme.Star]: ['star', Token.Operator],
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
    case Lexeme.Star:
    case Lexeme.Dollar:
    case Lexeme.At:
    case Lexeme.LeftParen:
    case Lexeme.LeftBrace:
    case Lexeme.LeftBracket:
    case Lexeme.Minus:
      return true;
    default:
      return false;
  }
}

const wordOperators = new Set(['and', 'or', 'xor', 'lshift', 'rshift']);

function isOperator(c: Cursor): boolean {
  return on(c, Lexeme.Operator) || (on(c, Lexeme.Word) && wordOperators.has(word(c)));
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
    result = { kind: 'concatenation', ...since(c, first.start), parts };
  }
  while (side !== 'right' && isWord(c, 'map')) {
    bump(c, Token.Keyword);
    const map = parseMapOrSet(c, 'a map in braces, or @ and a map’s name, belongs behind “map”');
    result = { kind: 'map', ...since(c, first.start), key: result, map };
  }
  return result;
}

/** Operands joined by bit operators. nft's precedence does not matter to us: nothing is computed here. */
function parseJoined(c: Cursor, side: Side): Expression {
  let left = parsePrimary(c, side);
  while (isOperator(c)) {
    const operator = here(c);
    bump(c, Token.Operator);
    if (!beginsOperand(c)) {
      unexpected(c, 'a value belongs behind the operator');
      break;
    }
    const right = parsePrimary(c, side);
    left = { kind: 'binary', ...since(c, left.start), operator, left, right };
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
      const inner = beginsOperand(c) ? parseExpression(c, side) : missing(c);
      c.depth--;
      if (on(c, Lexeme.RightParen)) bump(c, Token.Punctuation);
      else unexpected(c, 'the bracket “(” is never closed; add “)”');
      return inner;
    }
    case Lexeme.LeftBrace:
      return parseSetLiteral(c);
    case Lexeme.At:
      return parseAt(c);
    case Lexeme.Word:
      if (side !== 'right') {
        const selected = parseSelector(c, side === 'left');
        if (selected) return selected;
      }
      break;
  }
  return parseValue(c);
}

/** One value, a prefix or a range of two. */
function parseValue(c: Cursor): Expression {
  const first = parseAtom(c);
  if (on(c, Lexeme.Slash) && first.kind !== 'missing' && isPrefixBehind(c)) {
    bump(c, Token.Operator);
    const length = parseAtom(c);
    return { kind: 'prefix', ...since(c, first.start), base: first, length };
  }
  if (on(c, Lexeme.Minus) && first.kind !== 'missing') {
    bump(c, Token.Operator);
    if (!beginsOperand(c)) {
      unexpected(c, 'the range has no end; write FROM-TO');
      return first;
    }
    const to = parseAtom(c);
    return { kind: 'range', ...since(c, first.start), from: first, to };
  }
  return first;
}

/** A slash makes a prefix before a number or a variable; otherwise it is the mask of `tcp flags syn / syn,ack`. */
function isPrefixBehind(c: Cursor): boolean {
  const { kind } = behind(c);
  return kind === Lexeme.Number || kind === Lexeme.Dollar;
}

function parseAtom(c: Cursor): Expression {
  const start = c.start - c.base;
  const literal = literalOf[c.kind];
  if (literal) {
    bump(c, literal[1]);
    return { kind: 'literal', ...since(c, start), literal: literal[0] };
  }
  switch (c.kind) {
    case Lexeme.Word: {
      bump(c, Token.Constant);
      return { kind: 'literal', ...since(c, start), literal: 'word' };
    }
    case Lexeme.Dollar:
      return parseVariable(c);
    case Lexeme.Minus:
      bump(c, Token.Operator);
      if (!on(c, Lexeme.Number)) unexpected(c, 'a number belongs behind the minus');
      else bump(c, Token.Number);
      return { kind: 'literal', ...since(c, start), literal: 'number' };
    case Lexeme.LeftBracket:
      return parseBracketed(c);
    default:
      unexpected(c, 'a value belongs here');
      return missing(c);
  }
}

/** `[2001:db8::1]`, before a port. */
function parseBracketed(c: Cursor): Expression {
  bump(c, Token.Punctuation);
  const start = c.start - c.base;
  let inner: Expression = missing(c);
  if (on(c, Lexeme.Address6) || on(c, Lexeme.Dollar)) {
    inner = on(c, Lexeme.Dollar) ? parseVariable(c) : parseAtom(c);
  } else unexpected(c, 'an IPv6 address belongs in the brackets');
  if (on(c, Lexeme.Minus)) {
    bump(c, Token.Operator);
    const to = parseAtom(c);
    inner = { kind: 'range', ...since(c, start), from: inner, to };
  }
  if (on(c, Lexeme.RightBracket)) bump(c, Token.Punctuation);
  else unexpected(c, 'the bracket “[” is never closed; add “]”');
  return inner;
}

export function parseVariable(c: Cursor): Expression {
  const start = c.start - c.base;
  bump(c, Token.Variable);
  if (on(c, Lexeme.Word) && c.start === c.at) bump(c, Token.Variable);
  else unexpected(c, 'the name of a variable belongs right behind “$”');
  return { kind: 'variable', ...since(c, start) };
}

const rawBases = new Set(['ll', 'nh', 'th', 'ih']);

/** `@name`, or a raw piece of the packet: `@th,OFFSET,LENGTH`. */
function parseAt(c: Cursor): Expression {
  const start = c.start - c.base;
  bump(c, Token.Reference);
  if (on(c, Lexeme.Word) && rawBases.has(word(c)) && behind(c).kind === Lexeme.Comma) {
    bump(c, Token.Selector);
    for (let i = 0; i < 2; i++) {
      if (on(c, Lexeme.Comma)) bump(c, Token.Punctuation);
      else unexpected(c, 'a raw expression is @BASE,OFFSET,LENGTH, as in @th,16,16');
      if (on(c, Lexeme.Number)) bump(c, Token.Number);
      else unexpected(c, 'a number of bits belongs here');
    }
    return { kind: 'raw', ...since(c, start) };
  }
  if (on(c, Lexeme.Word) || on(c, Lexeme.Quoted)) bump(c, Token.Reference);
  else if (on(c, Lexeme.Dollar)) parseVariable(c);
  else unexpected(c, 'the name of a set or map belongs right behind “@”');
  return { kind: 'reference', ...since(c, start) };
}

export function parseMapOrSet(c: Cursor, expected: string): Expression {
  if (on(c, Lexeme.LeftBrace)) return parseSetLiteral(c);
  if (on(c, Lexeme.At)) return parseAt(c);
  if (on(c, Lexeme.Dollar)) return parseVariable(c);
  unexpected(c, expected);
  return missing(c);
}

/** `{ element, element, … }`, with newlines anywhere between. */
export function parseSetLiteral(c: Cursor): Expression {
  const start = c.start - c.base;
  const open = here(c);
  bump(c, Token.Punctuation);
  const elements: Element[] = [];
  c.depth++;
  // whether an element must follow: behind the brace and behind a comma
  let expecting = true;
  for (;;) {
    if (leavesList(c, expecting)) {
      problem(c, open.start, open.end, 'this “{” is never closed; add “}” behind the last element');
      break;
    }
    skipNewlines(c);
    if (on(c, Lexeme.RightBrace)) {
      bump(c, Token.Punctuation);
      break;
    }
    if (on(c, Lexeme.End)) {
      problem(c, open.start, open.end, 'this “{” is never closed; add “}” behind the last element');
      break;
    }
    if (on(c, Lexeme.Comma)) {
      problem(c, c.start - c.base, c.end - c.base, 'there is no element before this comma; remove one');
      bump(c, Token.Punctuation);
      continue;
    }
    const before = c.at;
    elements.push(parseElement(c));
    if (c.at === before && !endsElement(c)) bump(c, Token.Unknown);
    if (!endsElement(c)) skipElement(c);
    expecting = false;
    if (leavesList(c, expecting)) continue;
    skipNewlines(c);
    if (on(c, Lexeme.Comma)) {
      bump(c, Token.Punctuation);
      expecting = true;
    } else if (!on(c, Lexeme.RightBrace) && !on(c, Lexeme.End)) unexpected(c, 'elements are separated by commas; add one before it');
  }
  c.depth--;
  return { kind: 'set', ...since(c, start), elements };
}

function endsElement(c: Cursor): boolean {
  return on(c, Lexeme.Comma) || on(c, Lexeme.RightBrace) || on(c, Lexeme.Newline) || on(c, Lexeme.End);
}

const blockWords = new Set(['chain', 'table', 'set', 'map', 'include', 'define', 'type', 'policy', 'elements', 'flags', 'flowtable']);

/** Whether what follows belongs to another statement, so that a closing brace must be missing. */
function leavesList(c: Cursor, expecting: boolean): boolean {
  if (on(c, Lexeme.Semicolon)) return true;
  const newLine = on(c, Lexeme.Newline);
  if (!newLine && (expecting || !on(c, Lexeme.Word))) return false;
  const next = newLine ? behindNewlines(c) : { kind: c.kind, word: word(c), next: behind(c).word };
  if (next.kind !== Lexeme.Word || next.next === '') return false;
  if (blockWords.has(next.word)) return true;
  if (expecting) return false;
  return (
    selectorByName.get(next.word)?.fieldByName.has(next.next) || (newLine && (verdictByName.has(next.word) || bareMeta.has(next.word)))
  );
}

/** Past a broken element, to the end of its line at the furthest. */
function skipElement(c: Cursor): void {
  unexpected(c, 'elements are separated by commas');
  let depth = 0;
  while (!on(c, Lexeme.End) && !on(c, Lexeme.Newline)) {
    if (depth === 0 && (on(c, Lexeme.Comma) || on(c, Lexeme.RightBrace) || on(c, Lexeme.Semicolon))) return;
    if (on(c, Lexeme.LeftBrace)) depth++;
    else if (on(c, Lexeme.RightBrace)) depth--;
    if (depth === 0 && on(c, Lexeme.Word) && verdictByName.has(word(c))) return;
    bump(c, Token.Unknown);
  }
}

const elementOptions: readonly Row[] = [
  { name: 'timeout', says: 'How long it stays' },
  { name: 'expires', says: 'How long it will still stay' },
  { name: 'comment', says: 'A note kept with it in the kernel' },
];

function parseElement(c: Cursor): Element {
  const start = c.start - c.base;
  if (verdictAhead(c)) {
    // a lost brace: the verdict belongs to the rule around
    unexpected(c, 'an element belongs here; is a “}” missing before it?');
    return { ...since(c, start), key: missing(c), data: null };
  }
  const key = parseListPart(c);
  parseElementOptions(c);
  let data: Element['data'] = null;
  if (on(c, Lexeme.Colon)) {
    bump(c, Token.Operator);
    skipNewlines(c);
    want(c, verdicts);
    if (verdictAhead(c)) data = parseVerdict(c);
    else if (beginsOperand(c)) data = parseListPart(c);
    else unexpected(c, 'what the key stands for belongs behind the colon');
    parseElementOptions(c);
  }
  return { ...since(c, start), key, data };
}

function parseListPart(c: Cursor): Expression {
  if (!beginsOperand(c)) {
    unexpected(c, 'an element belongs here');
    return missing(c);
  }
  return parseExpression(c, 'value');
}

export function verdictAhead(c: Cursor): boolean {
  return on(c, Lexeme.Word) && verdictByName.has(word(c));
}

function parseElementOptions(c: Cursor): void {
  while (on(c, Lexeme.Word)) {
    const name = word(c);
    if (name === 'timeout' || name === 'expires') {
      bump(c, Token.Keyword);
      if (on(c, Lexeme.Time) || on(c, Lexeme.Number) || on(c, Lexeme.Word) || on(c, Lexeme.Dollar)) {
        if (on(c, Lexeme.Dollar)) parseVariable(c);
        else bump(c, Token.Number);
      } else unexpected(c, 'a time belongs here, as in 1h30m');
    } else if (name === 'comment') {
      bump(c, Token.Keyword);
      if (on(c, Lexeme.Quoted) || on(c, Lexeme.Word)) bump(c, Token.String);
      else unexpected(c, 'a comment belongs in quotation marks');
    } else if (name === 'counter' || name === 'limit' || name === 'quota' || name === 'last' || name === 'ct') {
      // statements that every element carries
      bump(c, Token.Keyword);
      while (on(c, Lexeme.Word) || on(c, Lexeme.Number) || on(c, Lexeme.Slash) || on(c, Lexeme.Time)) {
        if (on(c, Lexeme.Word) && (word(c) === 'comment' || word(c) === 'timeout' || word(c) === 'expires')) break;
        bump(c, on(c, Lexeme.Number) ? Token.Number : Token.Keyword);
      }
    } else {
      want(c, elementOptions);
      return;
    }
  }
}

/** A list without braces: `established,related`. */
export function parseList(c: Cursor, side: Side): Expression {
  const first = parseExpression(c, side);
  if (!on(c, Lexeme.Comma)) return first;
  const items = [first];
  while (on(c, Lexeme.Comma)) {
    bump(c, Token.Punctuation);
    if (!beginsOperand(c)) {
      unexpected(c, 'another value belongs behind the comma');
      break;
    }
    items.push(parseExpression(c, side));
  }
  return { kind: 'list', ...since(c, first.start), items };
}

function offersFor(datatype: string | null): readonly Row[] {
  return datatype ? (datatypeByName.get(datatype)?.constants ?? []) : [];
}

/** Offers the names a datatype knows. */
export function wantValue(c: Cursor, datatype: string | null): void {
  want(c, offersFor(datatype));
}

/**
 * What a rule looks at, where the current word begins one; null where it does not. A name that also is a value (`ip`, `tcp`,
 * `mark`) is taken as a selector only where a field follows, unless `certain`.
 */
export function parseSelector(c: Cursor, certain: boolean): Expression | null {
  const name = word(c);
  const selector = selectorByName.get(name);
  const bare = bareMeta.get(name);
  if (!selector) return bare ? parseBare(c, bare) : null;
  const next = behind(c);
  if (selector.kind === 'special') return parseSpecial(c, selector, certain);
  if (next.kind === Lexeme.Word && selector.fieldByName.has(next.word)) {
    const start = c.start - c.base;
    bump(c, Token.Selector);
    return finishField(c, selector, start);
  }
  if (bare) return parseBare(c, bare);
  if (!certain) return null;
  const start = c.start - c.base;
  bump(c, Token.Selector);
  return finishField(c, selector, start);
}

const metaSelector = selectorByName.get('meta') as Selector;

function parseBare(c: Cursor, field: Field): Expression {
  const start = c.start - c.base;
  bump(c, Token.Selector);
  return { kind: 'selector', ...since(c, start), selector: metaSelector, field, arguments: [] };
}

function finishField(c: Cursor, selector: Selector, start: number): Expression {
  want(c, selector.fields);
  const field = on(c, Lexeme.Word) ? selector.fieldByName.get(word(c)) : undefined;
  if (field) bump(c, Token.Selector);
  else {
    const names = selector.fields.map(({ name }) => name);
    unexpected(c, `${selector.name} has ${listed(names, 'and', 24)}`, names);
  }
  return { kind: 'selector', ...since(c, start), selector, field: field ?? null, arguments: [] };
}

/** Selectors with a form of their own. */
function parseSpecial(c: Cursor, selector: Selector, certain: boolean): Expression | null {
  const next = behind(c);
  const follows = next.kind === Lexeme.Word ? next.word : '';
  if (!certain && !specialFollows(selector, follows)) return null;
  const start = c.start - c.base;
  const result = (field: Field | null, values: readonly Expression[] = []): Expression => ({
    kind: 'selector',
    ...since(c, start),
    selector,
    field,
    arguments: values,
  });
  const fieldHere = (): Field | null => (on(c, Lexeme.Word) ? (selector.fieldByName.get(word(c)) ?? null) : null);
  bump(c, Token.Selector);
  switch (selector.name) {
    case 'ct': {
      want(c, [...selector.fields, { name: 'original', says: 'As it was opened' }, { name: 'reply', says: 'The answers' }]);
      if (isWord(c, 'original') || isWord(c, 'reply')) bump(c, Token.Selector);
      const version = isWord(c, 'ip') ? 'ipv4_addr' : isWord(c, 'ip6') ? 'ipv6_addr' : null;
      if (version) bump(c, Token.Selector);
      const field = fieldHere();
      if (!field) return finishField(c, selector, start);
      bump(c, Token.Selector);
      return result(version ? { ...field, type: version } : field);
    }
    case 'ip': {
      if (!isWord(c, 'option')) return finishField(c, selector, start);
      const field = fieldHere();
      bump(c, Token.Selector);
      if (on(c, Lexeme.Word) && /^(lsrr|rr|ssrr|ra)$/.test(word(c))) bump(c, Token.Selector);
      else unexpected(c, 'an IP option belongs here: lsrr, rr, ssrr or ra', ['lsrr', 'rr', 'ssrr', 'ra']);
      if (on(c, Lexeme.Word) && /^(type|length|value|ptr|addr)$/.test(word(c))) bump(c, Token.Selector);
      return result(field);
    }
    case 'arp': {
      const field = fieldHere();
      if (!field) return finishField(c, selector, start);
      bump(c, Token.Selector);
      if ((field.name === 'saddr' || field.name === 'daddr') && (isWord(c, 'ip') || isWord(c, 'ether'))) {
        const type = isWord(c, 'ether') ? 'ether_addr' : 'ipv4_addr';
        bump(c, Token.Selector);
        return result({ ...field, type });
      }
      return result(field);
    }
    case 'tcp': {
      if (!isWord(c, 'option')) return finishField(c, selector, start);
      const field = fieldHere();
      bump(c, Token.Selector);
      want(c, tcpOptions);
      if (on(c, Lexeme.At)) {
        parseAtTriple(c);
        return result(field);
      }
      if (on(c, Lexeme.Word) || on(c, Lexeme.Number)) bump(c, Token.Selector);
      else unexpected(c, 'a TCP option belongs here, such as maxseg');
      if (on(c, Lexeme.Word) && /^(kind|length|size|count|left|right|tsval|tsecr|subtype)$/.test(word(c))) bump(c, Token.Selector);
      return result(field);
    }
    case 'sctp': {
      if (!isWord(c, 'chunk')) return finishField(c, selector, start);
      const field = fieldHere();
      bump(c, Token.Selector);
      if (on(c, Lexeme.Word)) bump(c, Token.Selector);
      else unexpected(c, 'the name of a chunk belongs here, such as init');
      if (on(c, Lexeme.Word) && !/^(exists|missing|accept|drop|counter|log)$/.test(word(c)) && !statementByName.has(word(c)))
        bump(c, Token.Selector);
      return result(field);
    }
    case 'dccp': {
      if (!isWord(c, 'option')) return finishField(c, selector, start);
      const field = fieldHere();
      bump(c, Token.Selector);
      if (on(c, Lexeme.Number)) bump(c, Token.Number);
      else unexpected(c, 'the number of an option belongs here');
      return result(field);
    }
    case 'vxlan':
    case 'geneve':
    case 'gre':
    case 'gretap': {
      const field = fieldHere();
      if (field) {
        bump(c, Token.Selector);
        return result(field);
      }
      const inner = on(c, Lexeme.Word) ? parseSelector(c, true) : null;
      if (inner?.kind === 'selector') return { ...inner, start };
      return finishField(c, selector, start);
    }
    case 'rt': {
      if ((isWord(c, 'ip') || isWord(c, 'ip6')) && behind(c).word === 'nexthop') {
        const type = isWord(c, 'ip') ? 'ipv4_addr' : 'ipv6_addr';
        bump(c, Token.Selector);
        bump(c, Token.Selector);
        return result({ name: 'nexthop', type, says: 'The next hop' });
      }
      return finishField(c, selector, start);
    }
    case 'rt0':
    case 'rt2':
    case 'srh': {
      const field = fieldHere();
      if (!field) return finishField(c, selector, start);
      bump(c, Token.Selector);
      if (on(c, Lexeme.LeftBracket)) {
        bump(c, Token.Punctuation);
        if (on(c, Lexeme.Number)) bump(c, Token.Number);
        if (on(c, Lexeme.RightBracket)) bump(c, Token.Punctuation);
        else unexpected(c, 'a number in brackets belongs here, as in addr[1]');
      }
      return result(field);
    }
    case 'exthdr':
    case 'tunnel':
      return finishField(c, selector, start);
    case 'socket': {
      const field = fieldHere();
      if (!field) return finishField(c, selector, start);
      bump(c, Token.Selector);
      if (field.name === 'cgroupv2') {
        if (isWord(c, 'level')) bump(c, Token.Keyword);
        else unexpected(c, 'the level belongs here, as in “socket cgroupv2 level 1”');
        if (on(c, Lexeme.Number)) bump(c, Token.Number);
      }
      return result(field);
    }
    case 'osf': {
      if (isWord(c, 'ttl')) {
        bump(c, Token.Keyword);
        if (on(c, Lexeme.Word)) bump(c, Token.Constant);
      }
      return finishField(c, selector, start);
    }
    case 'fib': {
      want(c, selector.fields);
      const keys = new Set(['saddr', 'daddr', 'mark', 'iif', 'oif']);
      for (;;) {
        const key = on(c, Lexeme.Word) ? word(c) : '';
        if (!keys.has(key)) {
          unexpected(c, 'fib takes saddr, daddr, mark, iif and oif, joined by dots, and then oif, oifname or type', keys);
          break;
        }
        bump(c, Token.Selector);
        if (!on(c, Lexeme.Dot)) break;
        bump(c, Token.Operator);
      }
      const field = fieldHere();
      if (field && /^(oif|oifname|type|check)$/.test(field.name)) bump(c, Token.Selector);
      else unexpected(c, 'fib ends with what to look up: oif, oifname or type', ['oif', 'oifname', 'type', 'check']);
      return result(field);
    }
    case 'ipsec': {
      const field = fieldHere();
      if (!field) return finishField(c, selector, start);
      bump(c, Token.Selector);
      if (isWord(c, 'spnum')) {
        bump(c, Token.Keyword);
        if (on(c, Lexeme.Number)) bump(c, Token.Number);
      }
      const version = isWord(c, 'ip') || isWord(c, 'ip6');
      if (version) bump(c, Token.Selector);
      if (on(c, Lexeme.Word) && /^(reqid|spi|saddr|daddr)$/.test(word(c))) bump(c, Token.Selector);
      else unexpected(c, 'reqid, spi, or ip and saddr or daddr belong here', ['reqid', 'spi', 'saddr', 'daddr']);
      return result(field);
    }
    case 'numgen': {
      want(c, selector.fields);
      const field = fieldHere();
      if (field) bump(c, Token.Keyword);
      else unexpected(c, 'inc or random belongs here', ['inc', 'random']);
      parseModulus(c);
      return result(field);
    }
    case 'jhash': {
      const value = beginsOperand(c) ? parseExpression(c, 'value') : missing(c);
      parseModulus(c);
      return result(null, [value]);
    }
    case 'symhash':
      parseModulus(c);
      return result(null);
  }
  return finishField(c, selector, start);
}

function specialFollows(selector: Selector, follows: string): boolean {
  if (selector.fieldByName.has(follows)) return true;
  switch (selector.name) {
    case 'ct':
      return follows === 'original' || follows === 'reply';
    case 'jhash':
      return follows !== '';
    case 'symhash':
      return follows === 'mod';
    case 'vxlan':
    case 'geneve':
    case 'gre':
    case 'gretap':
      return selectorByName.has(follows);
    default:
      return false;
  }
}

/** `@KIND,OFFSET,LENGTH` behind `tcp option`. */
function parseAtTriple(c: Cursor): void {
  bump(c, Token.Operator);
  for (let i = 0; i < 3; i++) {
    if (i > 0 && on(c, Lexeme.Comma)) bump(c, Token.Punctuation);
    if (on(c, Lexeme.Number)) bump(c, Token.Number);
    else unexpected(c, 'an option by number is @KIND,OFFSET,LENGTH');
  }
}

/** `mod N [seed N] [offset N]`. */
function parseModulus(c: Cursor): void {
  if (!isWord(c, 'mod')) {
    unexpected(c, '“mod” and a number belong here', ['mod']);
    return;
  }
  while (isWord(c, 'mod') || isWord(c, 'seed') || isWord(c, 'offset')) {
    bump(c, Token.Keyword);
    if (on(c, Lexeme.Number)) bump(c, Token.Number);
    else unexpected(c, 'a number belongs here');
  }
}
