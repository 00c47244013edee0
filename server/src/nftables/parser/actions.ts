// Reads the statements that do something: counter, log, limit and the rest (nft(8), STATEMENTS; parser_bison.y, stmt).
import { none } from '../../text/statement.ts';
import { Token } from '../../text/token.ts';
import { Lexeme } from '../lexer.ts';
import type { Expression, RuleStatement } from '../tree.ts';
import { amountWords, logFlags, logHeaderFlags, queueWords, synproxyWords } from '../vocabulary/phrases.ts';
import type { Row } from '../vocabulary/row.ts';
import { selectorByName } from '../vocabulary/selectors.ts';
import { byteUnits, logLevels, logOptions, rejectWords, timeUnits } from '../vocabulary/statements.ts';
import {
  bump,
  type Cursor,
  closeBrace,
  endOf,
  isWord,
  kindBehind,
  on,
  problem,
  skipRest,
  unexpected,
  want,
  word,
  wordBehind,
} from './cursor.ts';
import { parseKeyOptions, parseTime } from './elements.ts';
import { missing, parseExpression, parseMapOrSet, parseOperand, parseReferenceTo, parseVariable } from './expressions.ts';
import { onFreeString, parseName, parseNumber } from './names.ts';
import { parseNat } from './nat.ts';
import { parseRuleStatement } from './rules.ts';
import { takeTcpOption } from './selectors.ts';

/** The action that the current word begins; null where it begins none (or is a selector after all). */
export function parseAction(c: Cursor, name: string): RuleStatement | null {
  const start = c.start - c.base;
  const done = (values: readonly Expression[] = none): RuleStatement => ({ kind: 'action', start, end: endOf(c, start), name, values });
  switch (name) {
    case 'counter':
    case 'limit':
    case 'quota':
    case 'synproxy':
      return wordBehind(c) === 'name' ? parseObjectUse(c, name) : parseOwn(c, name);
    case 'last':
      return parseOwn(c, name);
    case 'log':
      bump(c, Token.Keyword);
      return done(parseLog(c));
    case 'reject':
      bump(c, Token.Verdict);
      parseReject(c);
      return done();
    case 'snat':
    case 'dnat':
    case 'masquerade':
    case 'redirect':
    case 'tproxy':
      return parseNat(c, name);
    case 'queue':
      bump(c, Token.Keyword);
      return done(parseQueue(c));
    case 'dup':
    case 'fwd':
      bump(c, Token.Keyword);
      return done(parseForward(c, name));
    case 'notrack':
      bump(c, Token.Keyword);
      return done();
    case 'flow':
      bump(c, Token.Keyword);
      return done(parseFlow(c));
    case 'add':
    case 'update':
    case 'delete':
    case 'set':
      return parseSetStatement(c, name);
    case 'meter':
      bump(c, Token.Keyword);
      return done(parseMeter(c));
    case 'reset':
      bump(c, Token.Keyword);
      for (const expected of ['tcp', 'option']) {
        if (isWord(c, expected)) bump(c, Token.Selector);
        else unexpected(c, '“tcp option” and the option to wipe belong behind “reset”', [expected]);
      }
      takeTcpOption(c);
      return done();
    case 'ct':
      return parseCt(c);
    case 'tunnel':
      return wordBehind(c) === 'name' ? parseObjectUse(c, name) : null;
    case 'xt':
      problem(
        c,
        start,
        c.end - c.base,
        'nft prints “xt” for rules that iptables-nft made, and cannot read it back; write the match in nft’s own words',
      );
      skipRest(c);
      return done();
    default:
      return null;
  }
}

/** `counter name OBJECT`: an object by its name, or a map that gives one. */
function parseObjectUse(c: Cursor, name: string): RuleStatement {
  const start = c.start - c.base;
  bump(c, Token.Keyword);
  bump(c, Token.Keyword);
  return { kind: 'action', start, end: endOf(c, start), name, values: objectName(c) };
}

/** counter, limit, quota, last and synproxy with their own settings. */
function parseOwn(c: Cursor, name: string): RuleStatement {
  const start = c.start - c.base;
  bump(c, Token.Keyword);
  switch (name) {
    case 'counter':
      while (isWord(c, 'packets') || isWord(c, 'bytes')) {
        bump(c, Token.Keyword);
        parseNumber(c);
      }
      break;
    case 'limit':
      parseRate(c);
      break;
    case 'quota':
      parseQuota(c);
      break;
    case 'last':
      if (!isWord(c, 'used')) break;
      bump(c, Token.Keyword);
      parseTime(c);
      break;
    case 'synproxy':
      parseSynproxy(c);
  }
  return { kind: 'action', start, end: endOf(c, start), name, values: none };
}

/** A statement that elements of sets can carry (parser_bison.y, stateful_stmt); null where the current word begins none. */
export function parseStatefulStatement(c: Cursor): RuleStatement | null {
  const name = on(c, Lexeme.Word) ? word(c) : '';
  if (name === 'ct') return wordBehind(c) === 'count' ? parseCt(c) : null;
  return name === 'counter' || name === 'limit' || name === 'quota' || name === 'last' ? parseOwn(c, name) : null;
}

const COMMENT_BYTES = 128;

/** `comment "…"`. */
export function parseComment(c: Cursor): void {
  bump(c, Token.Keyword);
  const start = c.start - c.base;
  const end = c.end - c.base;
  if (!parseText(c, 'a comment belongs in quotation marks')) return;
  // a character is 3 bytes at the most, and a pair of surrogates 4
  if ((end - start) * 3 > COMMENT_BYTES && new TextEncoder().encode(c.text.slice(c.base + start, c.base + end)).length > COMMENT_BYTES + 2)
    problem(c, start, end, `nft keeps ${COMMENT_BYTES} bytes of a comment at the most; shorten it`);
}

/** A string: in quotation marks, a single word, or a word with a star. */
function parseText(c: Cursor, expected: string): boolean {
  if (on(c, Lexeme.Quoted) || on(c, Lexeme.Wildcard) || onFreeString(c)) {
    bump(c, Token.String);
    return true;
  }
  unexpected(c, expected);
  return false;
}

/** The name of an object, or a map that gives one. */
function objectName(c: Cursor): readonly Expression[] {
  const start = c.start - c.base;
  const plain = on(c, Lexeme.Quoted) || (onFreeString(c) && !(on(c, Lexeme.Word) && selectorByName.has(word(c))));
  if (plain && wordBehind(c) !== 'map' && kindBehind(c) !== Lexeme.Dot) {
    bump(c, Token.Reference);
    return [{ kind: 'literal', start, end: endOf(c, start), literal: 'word' }];
  }
  return [parseOperand(c, 'value', 'the name of an object, or a map that gives one, belongs here')];
}

function parseLog(c: Cursor): readonly Expression[] {
  const values: Expression[] = [];
  for (;;) {
    want(c, logOptions);
    const option = on(c, Lexeme.Word) ? word(c) : '';
    switch (option) {
      case 'prefix': {
        bump(c, Token.Keyword);
        const start = c.start - c.base;
        if (on(c, Lexeme.Dollar)) {
          unexpected(c, 'a variable stands inside the quotation marks: prefix "$name"');
          values.push(parseVariable(c));
        } else if (parseText(c, 'a text in quotation marks belongs behind “prefix”'))
          values.push({ kind: 'literal', start, end: endOf(c, start), literal: 'string' });
        break;
      }
      case 'level':
        bump(c, Token.Keyword);
        want(c, logLevels);
        takeWord(c, logLevels, 'emerg, alert, crit, err, warn, notice, info, debug or audit belongs here');
        break;
      case 'group':
      case 'snaplen':
      case 'queue-threshold':
        bump(c, Token.Keyword);
        parseNumber(c);
        break;
      case 'flags':
        bump(c, Token.Keyword);
        parseLogFlags(c);
        break;
      default:
        return values;
    }
  }
}

function takeWord(c: Cursor, rows: readonly Row[], expected: string, token: Token = Token.Constant): boolean {
  if (on(c, Lexeme.Word) && rows.some(({ name }) => name === word(c))) {
    bump(c, token);
    return true;
  }
  unexpected(
    c,
    expected,
    rows.map(({ name }) => name),
  );
  return false;
}

/** `tcp sequence,options`, `ip options`, `skuid`, `ether`, `all`. */
function parseLogFlags(c: Cursor): void {
  const first = word(c);
  want(c, logFlags);
  if (!takeWord(c, logFlags, 'tcp, ip, skuid, ether or all belongs here')) return;
  if (first === 'ip') takeWord(c, logHeaderFlags.slice(1), '“options” belongs behind “ip”');
  if (first !== 'tcp') return;
  takeWord(c, logHeaderFlags, 'sequence or options belongs here');
  while (on(c, Lexeme.Comma)) {
    bump(c, Token.Punctuation);
    if (!takeWord(c, logHeaderFlags, 'sequence or options belongs here')) return;
  }
}

const amounts = (...names: readonly string[]): readonly Row[] => amountWords.filter(({ name }) => names.includes(name));
const rateStart = amounts('rate', 'name');
const burstStart = amounts('burst');
const exceeding = amounts('over', 'until');

/** `rate [over|until] N/UNIT [burst N packets]`, `rate [over|until] N BYTES/UNIT [burst N BYTES]`. */
export function parseRate(c: Cursor): void {
  want(c, rateStart);
  if (!isWord(c, 'rate')) {
    unexpected(c, '“rate” belongs here, as in “limit rate 10/second”', ['rate']);
    return;
  }
  bump(c, Token.Keyword);
  want(c, exceeding);
  if (isWord(c, 'over') || isWord(c, 'until')) bump(c, Token.Keyword);
  if (!parseNumber(c, 'a number belongs here, as in 10/second')) return;
  want(c, byteUnits);
  let bytes = false;
  if (on(c, Lexeme.Word)) {
    // nft’s scanner up to 1.0.8 reads `kbytes/second` as one word, as ours does
    const [amount = '', per, ...more] = word(c).split('/');
    bytes = byteUnits.some(({ name }) => name === amount);
    if (bytes && (per === undefined || (more.length === 0 && timeUnits.some(({ name }) => name === per)))) {
      bump(c, Token.Keyword);
      if (per !== undefined) return parseBurst(c, bytes);
    } else unexpected(c, 'a rate is a number, or an amount of bytes, kbytes or mbytes, per second, minute, hour, day or week');
  }
  if (on(c, Lexeme.Slash)) {
    bump(c, Token.Operator);
    takeUnit(c, timeUnits);
  } else unexpected(c, 'a rate is a number per second, minute, hour, day or week, as in 10/second');
  parseBurst(c, bytes);
}

function parseBurst(c: Cursor, bytes: boolean): void {
  want(c, burstStart);
  if (!isWord(c, 'burst')) return;
  bump(c, Token.Keyword);
  parseNumber(c);
  if (bytes) takeUnit(c, byteUnits);
  else if (isWord(c, 'packets')) bump(c, Token.Keyword);
  else unexpected(c, 'a rate of packets has a burst of packets, as in “burst 5 packets”', ['packets']);
}

function takeUnit(c: Cursor, units: readonly Row[]): void {
  want(c, units);
  takeWord(c, units, `one of ${units.map(({ name }) => name).join(', ')} belongs here`, Token.Keyword);
}

/** `[over|until] N UNIT [used N UNIT]`. */
export function parseQuota(c: Cursor): void {
  want(c, exceeding);
  if (isWord(c, 'over') || isWord(c, 'until')) bump(c, Token.Keyword);
  parseNumber(c, 'a number belongs here, as in “quota over 500 mbytes”');
  takeUnit(c, byteUnits);
  if (isWord(c, 'used')) {
    bump(c, Token.Keyword);
    parseNumber(c);
    takeUnit(c, byteUnits);
  }
}

function parseReject(c: Cursor): void {
  want(c, rejectWords);
  if (!isWord(c, 'with')) return;
  bump(c, Token.Keyword);
  if (isWord(c, 'tcp')) {
    bump(c, Token.Keyword);
    if (isWord(c, 'reset')) bump(c, Token.Constant);
    else unexpected(c, '“tcp reset” is meant', ['reset']);
    return;
  }
  if (isWord(c, 'icmp') || isWord(c, 'icmpv6') || isWord(c, 'icmpx')) {
    bump(c, Token.Keyword);
    if (isWord(c, 'type')) bump(c, Token.Keyword);
    if (onFreeString(c) || on(c, Lexeme.Number)) bump(c, on(c, Lexeme.Number) ? Token.Number : Token.Constant);
    else unexpected(c, 'the kind of message belongs here, such as port-unreachable');
    return;
  }
  unexpected(c, 'icmp, icmpv6, icmpx or “tcp reset” belongs behind “with”', ['icmp', 'icmpv6', 'icmpx', 'tcp']);
}

/** Settings in any order, each a number but for two. */
function parseSynproxy(c: Cursor): void {
  for (;;) {
    want(c, synproxyWords);
    if (isWord(c, 'mss') || isWord(c, 'maxseg') || isWord(c, 'wscale')) {
      bump(c, Token.Keyword);
      parseNumber(c);
    } else if (isWord(c, 'timestamp') || isWord(c, 'sack-perm') || isWord(c, 'sack-permitted')) bump(c, Token.Keyword);
    else return;
  }
}

/** `queue [num N[-N]] [FLAGS]`, `queue [flags FLAGS] to N[-N] | numgen … | jhash … | EXPRESSION map …` (parser_bison.y, queue_stmt). */
function parseQueue(c: Cursor): readonly Expression[] {
  want(c, queueWords);
  if (isWord(c, 'flags')) {
    bump(c, Token.Keyword);
    parseQueueFlags(c);
    if (isWord(c, 'num')) return [parseQueueNumber(c)];
    if (!isWord(c, 'to')) {
      unexpected(c, '“to” or “num”, and the number of a queue, belongs here', ['to', 'num']);
      return [];
    }
  }
  if (isWord(c, 'to')) {
    bump(c, Token.Keyword);
    if (on(c, Lexeme.Number) || on(c, Lexeme.Dollar)) return [parseExpression(c, 'right')];
    const value = parseOperand(c, 'left', 'the number of a queue, or what gives one, belongs here');
    const gives = value.kind === 'map' || (value.kind === 'selector' && /^(numgen|jhash|symhash)$/.test(value.selector.name));
    if (!gives) unexpected(c, 'a queue is a number, numgen, jhash, symhash, or what a map gives; add “map” and the map', ['map']);
    return [value];
  }
  const values: Expression[] = [];
  for (;;) {
    if (isWord(c, 'num')) values.push(parseQueueNumber(c));
    else if (isWord(c, 'bypass') || isWord(c, 'fanout')) parseQueueFlags(c);
    else return values;
  }
}

function parseQueueNumber(c: Cursor): Expression {
  bump(c, Token.Keyword);
  if (on(c, Lexeme.Number) || on(c, Lexeme.Dollar)) return parseExpression(c, 'right');
  unexpected(c, 'behind “num” stands the number of a queue, or a range of two; what is computed stands behind “to”');
  return missing(c);
}

function parseQueueFlags(c: Cursor): void {
  for (;;) {
    if (isWord(c, 'bypass') || isWord(c, 'fanout')) bump(c, Token.Keyword);
    else {
      unexpected(c, 'bypass or fanout belongs here', ['bypass', 'fanout']);
      return;
    }
    if (!on(c, Lexeme.Comma)) return;
    bump(c, Token.Punctuation);
  }
}

/** dup to ADDRESS [device DEVICE]; fwd to DEVICE; fwd ip to ADDRESS device DEVICE. */
function parseForward(c: Cursor, name: string): readonly Expression[] {
  const family = name === 'fwd' && (isWord(c, 'ip') || isWord(c, 'ip6'));
  if (family) bump(c, Token.Keyword);
  if (!isWord(c, 'to')) {
    unexpected(c, '“to” belongs here', ['to']);
    return [];
  }
  bump(c, Token.Keyword);
  const values = [parseOperand(c, 'value', 'an address or a device belongs here')];
  if (isWord(c, 'device') && (family || name === 'dup')) {
    bump(c, Token.Keyword);
    values.push(parseOperand(c, 'value', 'a device belongs here'));
  } else if (family) unexpected(c, '“device” and the device to send it by belong here', ['device']);
  return values;
}

function parseFlow(c: Cursor): readonly Expression[] {
  const expected = '“add” and @ with a flowtable’s name belong here';
  if (isWord(c, 'add') || isWord(c, 'offload')) bump(c, Token.Keyword);
  else unexpected(c, expected, ['add']);
  if (on(c, Lexeme.At)) return [parseReferenceTo(c)];
  unexpected(c, expected);
  return [];
}

/** `add @s { key }`, `update @m { key : data }`; the old `set add key @s`. */
function parseSetStatement(c: Cursor, name: string): RuleStatement | null {
  const start = c.start - c.base;
  if (name === 'set') {
    const next = wordBehind(c);
    if (next !== 'add' && next !== 'update' && next !== 'delete') return null;
    bump(c, Token.Keyword);
    bump(c, Token.Keyword);
    const values: Expression[] = [parseOperand(c, 'left', 'the element belongs here')];
    parseKeyOptions(c);
    values.push(parseReferenceOrVariable(c));
    return { kind: 'action', start, end: endOf(c, start), name, values };
  }
  const next = kindBehind(c);
  if (next !== Lexeme.At && next !== Lexeme.Dollar) return null;
  bump(c, Token.Keyword);
  const values: Expression[] = [parseReferenceOrVariable(c)];
  if (on(c, Lexeme.LeftBrace)) values.push(parseDynamicElement(c));
  else unexpected(c, 'the element belongs here in braces');
  return { kind: 'action', start, end: endOf(c, start), name, values };
}

function parseReferenceOrVariable(c: Cursor): Expression {
  if (on(c, Lexeme.LeftBrace)) unexpected(c, '@ and a set’s name belong here');
  return parseMapOrSet(c, '@ and a set’s name belong here');
}

/** `{ key timeout 1m limit rate 1/second : data }`: one element; its parts are computed from the packet. */
function parseDynamicElement(c: Cursor): Expression {
  const start = c.start - c.base;
  bump(c, Token.Punctuation);
  const from = c.start - c.base;
  const key = parseOperand(c, 'left', 'the element belongs here');
  parseKeyOptions(c);
  let data: Expression | null = null;
  while (parseStatefulStatement(c));
  if (on(c, Lexeme.Colon)) {
    bump(c, Token.Operator);
    data = parseOperand(c, 'left', 'what the key stands for belongs behind the colon');
    parseKeyOptions(c);
  }
  const element = { start: from, end: endOf(c, from), key, data };
  if (on(c, Lexeme.Comma)) unexpected(c, 'a rule adds one element; write a statement for each');
  closeBrace(c, 'the element’s “{” is never closed; add “}”');
  return { kind: 'set', start, end: endOf(c, start), elements: [element] };
}

/** `meter NAME [size N] { key statement }`. */
function parseMeter(c: Cursor): readonly Expression[] {
  parseName(c, Token.Definition, 'a name for the meter belongs here');
  if (isWord(c, 'size')) {
    bump(c, Token.Keyword);
    parseNumber(c);
  }
  if (!on(c, Lexeme.LeftBrace)) {
    unexpected(c, 'a key and a statement belong here in braces');
    return [];
  }
  bump(c, Token.Punctuation);
  const key = parseOperand(c, 'left', 'what to tell packets apart by belongs here');
  parseKeyOptions(c);
  if (!parseRuleStatement(c)) unexpected(c, 'a statement belongs here, such as “limit rate 10/second”');
  closeBrace(c, 'the meter has one statement, and “}” belongs behind it');
  return [key];
}

/** `ct count [over] N`, and `ct timeout|expectation set NAME`; everything else of ct is a selector. */
function parseCt(c: Cursor): RuleStatement | null {
  const start = c.start - c.base;
  const next = wordBehind(c);
  if (next === 'count') {
    bump(c, Token.Keyword);
    bump(c, Token.Keyword);
    if (isWord(c, 'over')) bump(c, Token.Keyword);
    parseNumber(c, 'a number belongs here, as in “ct count over 10”');
    return { kind: 'action', start, end: endOf(c, start), name: 'ct count', values: [] };
  }
  if (next === 'timeout' || next === 'expectation') {
    bump(c, Token.Keyword);
    bump(c, Token.Keyword);
    if (isWord(c, 'set')) bump(c, Token.Keyword);
    else unexpected(c, '“set” and the name of an object belong here', ['set']);
    return { kind: 'action', start, end: endOf(c, start), name: `ct ${next}`, values: objectName(c) };
  }
  return null;
}
