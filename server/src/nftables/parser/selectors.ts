// Reads what a rule looks at: `ip saddr`, `ct original ip saddr`, `tcp option maxseg size` (parser_bison.y, selector_expr).
import { none } from '../../text/statement.ts';
import { Token } from '../../text/token.ts';
import { listed } from '../../text/words.ts';
import { Lexeme } from '../lexer.ts';
import type { Expression } from '../tree.ts';
import { hashWords, ipOptionFields, ipOptions, osfTtl, tcpOptionFields } from '../vocabulary/phrases.ts';
import type { Row } from '../vocabulary/row.ts';
import { bareMeta, type Field, type Selector, selectorByName, tcpOptions } from '../vocabulary/selectors.ts';
import { bump, type Cursor, endOf, isWord, on, problem, unexpected, want, word, wordBehind } from './cursor.ts';
import { missing, parseExpression } from './expressions.ts';
import { parseNumber } from './names.ts';

/**
 * What a rule looks at, where the current word begins one; null where it does not. A name that also is a value (`ip`, `ether`) is
 * taken as a selector only where a field follows, unless `certain`.
 */
export function parseSelector(c: Cursor, name: string, certain: boolean): Expression | null {
  const selector = selectorByName.get(name);
  const bare = bareMeta.get(name);
  if (!selector) return bare ? parseBare(c, bare) : null;
  const follows = wordBehind(c);
  if (selector.kind === 'special') {
    const known = specialFollows(selector, follows);
    if (!known && bare) return parseBare(c, bare);
    return known || certain ? parseSpecial(c, selector) : null;
  }
  if (!selector.fieldByName.has(follows)) {
    if (bare) return parseBare(c, bare);
    if (!certain) return null;
  }
  const start = c.start - c.base;
  bump(c, Token.Selector);
  return finishField(c, selector, start);
}

const metaSelector = selectorByName.get('meta') as Selector;

function parseBare(c: Cursor, field: Field): Expression {
  const start = c.start - c.base;
  bump(c, Token.Selector);
  return { kind: 'selector', start, end: endOf(c, start), selector: metaSelector, field, arguments: none };
}

function fieldHere(c: Cursor, selector: Selector): Field | null {
  return on(c, Lexeme.Word) ? (selector.fieldByName.get(word(c)) ?? null) : null;
}

function finishField(c: Cursor, selector: Selector, start: number): Expression {
  want(c, selector.fields);
  const field = fieldHere(c, selector);
  if (field) bump(c, Token.Selector);
  else {
    const names = selector.fields.map(({ name }) => name);
    unexpected(c, `${selector.name} has ${listed(names, 'and', 24)}`, names);
  }
  return { kind: 'selector', start, end: endOf(c, start), selector, field, arguments: none };
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

/** Takes the current word where it is one of `names`; says what belongs there where it is not. */
function takeOne(c: Cursor, names: readonly string[], expected = `${listed(names)} belongs here`): boolean {
  if (on(c, Lexeme.Word) && names.includes(word(c))) {
    bump(c, Token.Selector);
    return true;
  }
  unexpected(c, expected, names);
  return false;
}

/** Takes the current word where it is one of `names`. */
function takeAny(c: Cursor, names: readonly string[]): boolean {
  if (!on(c, Lexeme.Word) || !names.includes(word(c))) return false;
  bump(c, Token.Selector);
  return true;
}

/** Selectors with a form of their own. The current word is the selector's name. */
function parseSpecial(c: Cursor, selector: Selector): Expression {
  const start = c.start - c.base;
  bump(c, Token.Selector);
  const result = (field: Field | null, values: readonly Expression[] = none): Expression => ({
    kind: 'selector',
    start,
    end: endOf(c, start),
    selector,
    field,
    arguments: values,
  });
  if (selector.name === 'ct') return parseCtKey(c, selector, start);
  const field = fieldHere(c, selector);
  switch (selector.name) {
    case 'ip':
      if (field?.name !== 'option') return finishField(c, selector, start);
      bump(c, Token.Selector);
      want(c, ipOptions);
      if (takeOne(c, ipOptionNames, 'an IP option belongs here: lsrr, rr, ssrr or ra')) takeAny(c, ipOptionFieldNames);
      return result(field);
    case 'arp': {
      if (field?.name !== 'saddr' && field?.name !== 'daddr') return finishField(c, selector, start);
      bump(c, Token.Selector);
      const type = isWord(c, 'ether') ? 'ether_addr' : 'ipv4_addr';
      takeOne(c, ['ip', 'ether'], `the kind of address belongs here, ip or ether, as in “arp ${field.name} ip”`);
      return result({ ...field, type });
    }
    case 'tcp':
      if (field?.name !== 'option') return finishField(c, selector, start);
      bump(c, Token.Selector);
      parseTcpOption(c);
      return result(field);
    case 'sctp':
      if (field?.name !== 'chunk') return finishField(c, selector, start);
      bump(c, Token.Selector);
      if (takeOne(c, Object.keys(chunkFields), 'the name of a chunk belongs here, such as init')) {
        const chunk = c.text.slice(c.lastWord, c.at);
        takeAny(c, [...chunkCommon, ...(chunkFields[chunk] ?? [])]);
      }
      return result(field);
    case 'dccp':
      if (field?.name !== 'option') return finishField(c, selector, start);
      bump(c, Token.Selector);
      parseNumber(c, 'the number of an option belongs here');
      return result(field);
    case 'vxlan':
    case 'geneve':
    case 'gre':
    case 'gretap': {
      if (field) {
        bump(c, Token.Selector);
        return result(field);
      }
      const inner = on(c, Lexeme.Word) && innerSelectors.has(word(c)) ? parseSelector(c, word(c), true) : null;
      return inner?.kind === 'selector' ? { ...inner, start } : finishField(c, selector, start);
    }
    case 'rt':
      if (isWord(c, 'ip') || isWord(c, 'ip6')) {
        const type = isWord(c, 'ip') ? 'ipv4_addr' : 'ipv6_addr';
        bump(c, Token.Selector);
        takeOne(c, ['nexthop', 'classid', 'mtu', 'ipsec']);
        return result({ name: 'nexthop', type, says: 'The next hop' });
      }
      return finishField(c, selector, start);
    case 'rt0':
    case 'srh':
      if (!field) return finishField(c, selector, start);
      bump(c, Token.Selector);
      if (field.name === 'addr' || field.name === 'sid') parseIndex(c, field.name);
      return result(field);
    case 'socket':
      if (field?.name !== 'cgroupv2') return finishField(c, selector, start);
      bump(c, Token.Selector);
      if (isWord(c, 'level')) bump(c, Token.Keyword);
      else unexpected(c, 'the level belongs here, as in “socket cgroupv2 level 1”', ['level']);
      parseNumber(c);
      return result(field);
    case 'osf': {
      if (isWord(c, 'ttl')) {
        bump(c, Token.Keyword);
        want(c, osfTtl);
        if (isWord(c, 'loose') || isWord(c, 'skip')) bump(c, Token.Constant);
        else unexpected(c, 'loose or skip belongs here', ['loose', 'skip']);
      }
      const asked = fieldHere(c, selector);
      return result(takeOne(c, ['name', 'version']) ? asked : null);
    }
    case 'fib':
      return result(parseFib(c, selector));
    case 'ipsec':
      if (!field) return finishField(c, selector, start);
      bump(c, Token.Selector);
      if (isWord(c, 'spnum')) {
        bump(c, Token.Keyword);
        parseNumber(c);
      }
      if (isWord(c, 'ip') || isWord(c, 'ip6')) {
        bump(c, Token.Selector);
        takeOne(c, ['saddr', 'daddr']);
      } else takeOne(c, ['reqid', 'spi'], 'reqid, spi, or ip and saddr or daddr belong here');
      return result(field);
    case 'numgen':
      want(c, selector.fields);
      if (field) bump(c, Token.Keyword);
      else unexpected(c, 'inc or random belongs here', ['inc', 'random']);
      parseModulus(c, ['offset']);
      return result(field);
    case 'jhash': {
      const value = on(c, Lexeme.Word) || on(c, Lexeme.At) || on(c, Lexeme.LeftParen) ? parseExpression(c, 'left') : missing(c);
      if (value.kind === 'missing') unexpected(c, 'what to hash belongs here, as in “jhash ip saddr mod 2”');
      parseModulus(c, ['seed', 'offset']);
      return result(null, [value]);
    }
    case 'symhash':
      parseModulus(c, ['offset']);
      return result(null);
  }
  return finishField(c, selector, start);
}

const keysOfDirection = ['saddr', 'daddr', 'l3proto', 'protocol', 'proto-src', 'proto-dst', 'bytes', 'packets', 'avgpkt', 'zone'];

/** `ct KEY`; `ct original|reply KEY` for the keys that have two; `ct original|reply ip|ip6 saddr|daddr`. */
function parseCtKey(c: Cursor, selector: Selector, start: number): Expression {
  want(c, [...selector.fields, { name: 'original', says: 'As it was opened' }, { name: 'reply', says: 'The answers' }]);
  const result = (field: Field | null): Expression => ({ kind: 'selector', start, end: endOf(c, start), selector, field, arguments: none });
  if (!isWord(c, 'original') && !isWord(c, 'reply')) {
    if (isWord(c, 'ip') || isWord(c, 'ip6')) {
      unexpected(c, `a connection has two of these; say which, as in “ct original ${word(c)} saddr”`);
      return result(null);
    }
    return finishField(c, selector, start);
  }
  bump(c, Token.Selector);
  if (isWord(c, 'ip') || isWord(c, 'ip6')) {
    const type = isWord(c, 'ip') ? 'ipv4_addr' : 'ipv6_addr';
    bump(c, Token.Selector);
    const field = fieldHere(c, selector);
    return result(takeOne(c, ['saddr', 'daddr']) && field ? { ...field, type } : null);
  }
  const field = fieldHere(c, selector);
  const expected = field
    ? `a connection has one ${field.name} for both directions; leave “original” or “reply” out`
    : `${listed(keysOfDirection, 'or', 12)} belongs here, or ip or ip6 and saddr or daddr`;
  return result(takeOne(c, keysOfDirection, expected) ? field : null);
}

const optionFields: Readonly<Record<string, readonly string[]>> = {
  maxseg: ['size'],
  mss: ['size'],
  window: ['count'],
  timestamp: ['tsval', 'tsecr'],
  mptcp: ['subtype'],
  sack: ['left', 'right'],
  sack0: ['left', 'right'],
  sack1: ['left', 'right'],
  sack2: ['left', 'right'],
  sack3: ['left', 'right'],
};

const namesOf = (table: readonly Row[]): readonly string[] => table.map(({ name }) => name);
const ipOptionNames = namesOf(ipOptions);
const ipOptionFieldNames = namesOf(ipOptionFields);
const allOptionFields = namesOf(tcpOptionFields).filter((name) => name !== 'kind');
const optionNames = [...tcpOptions.map(({ name }) => name), 'noop'];

/** `NAME [FIELD]`, `NUMBER [length]`, `@KIND,OFFSET,LENGTH`, behind `tcp option`. */
function parseTcpOption(c: Cursor): void {
  if (on(c, Lexeme.At)) {
    bump(c, Token.Operator);
    takeTcpOption(c);
    for (let i = 0; i < 2; i++) {
      if (on(c, Lexeme.Comma)) bump(c, Token.Punctuation);
      else unexpected(c, 'an option by number is @KIND,OFFSET,LENGTH');
      parseNumber(c, 'an option by number is @KIND,OFFSET,LENGTH');
    }
    return;
  }
  const option = takeTcpOption(c);
  // none of these is a value in a match of the TCP header
  if (option === null || !on(c, Lexeme.Word) || !(allOptionFields.includes(word(c)) || optionNames.includes(word(c)))) return;
  const fields = ['length', ...(optionFields[option] ?? [])];
  takeOne(c, fields, `the option ${option} has ${listed(fields, 'and')}`);
}

/** The option’s name or number, as written; null where there is none. */
export function takeTcpOption(c: Cursor): string | null {
  want(c, tcpOptions);
  const name = word(c);
  if (on(c, Lexeme.Number)) bump(c, Token.Selector);
  else if (!takeOne(c, optionNames, 'a TCP option belongs here, such as maxseg, or its number')) return null;
  return name;
}

const chunkCommon = ['type', 'flags', 'length'];
const initFields = ['init-tag', 'a-rwnd', 'num-outbound-streams', 'num-inbound-streams', 'initial-tsn'];

const chunkFields: Readonly<Record<string, readonly string[]>> = {
  data: ['tsn', 'stream', 'ssn', 'ppid'],
  init: initFields,
  'init-ack': initFields,
  sack: ['cum-tsn-ack', 'a-rwnd', 'num-gap-ack-blocks', 'num-dup-tsns'],
  heartbeat: [],
  'heartbeat-ack': [],
  abort: [],
  shutdown: ['cum-tsn-ack'],
  'shutdown-ack': [],
  error: [],
  'cookie-echo': [],
  'cookie-ack': [],
  ecne: ['lowest-tsn'],
  cwr: ['lowest-tsn'],
  'shutdown-complete': [],
  'asconf-ack': ['seqno'],
  'forward-tsn': ['new-cum-tsn'],
  asconf: ['seqno'],
};

/** Headers that may stand inside a tunnel’s (parser_bison.y, inner_expr). */
const innerSelectors = new Set('ip ip6 icmp icmpv6 igmp ah esp comp udp udplite tcp dccp sctp th ether vlan arp'.split(' '));

/** `[N]`. */
function parseIndex(c: Cursor, field: string): void {
  const expected = `a number in brackets belongs here, as in ${field}[1]`;
  if (on(c, Lexeme.LeftBracket)) bump(c, Token.Punctuation);
  else unexpected(c, expected);
  parseNumber(c, expected);
  if (on(c, Lexeme.RightBracket)) bump(c, Token.Punctuation);
  else unexpected(c, expected);
}

const fibKeys = ['saddr', 'daddr', 'mark', 'iif', 'oif'];
const fibResults = ['oif', 'oifname', 'type', 'check'];

/** `KEY [. KEY]* RESULT`. */
function parseFib(c: Cursor, selector: Selector): Field | null {
  want(c, selector.fields);
  const start = c.start - c.base;
  const keys: string[] = [];
  for (;;) {
    if (!takeOne(c, fibKeys, 'fib takes saddr, daddr, mark, iif and oif, joined by dots, and then oif, oifname or type')) break;
    keys.push(c.text.slice(c.lastWord, c.at));
    if (!on(c, Lexeme.Dot)) break;
    bump(c, Token.Operator);
  }
  if (keys.includes('saddr') === keys.includes('daddr'))
    problem(c, start, c.at - c.base, 'fib looks one address up: name saddr or daddr, and not both');
  else if (keys.includes('iif') && keys.includes('oif')) problem(c, start, c.at - c.base, 'fib takes iif or oif, and not both');
  const field = fieldHere(c, selector);
  return takeOne(c, fibResults, 'fib ends with what to look up: oif, oifname or type') ? field : null;
}

/** `mod N`, and then the options in this order. */
function parseModulus(c: Cursor, options: readonly string[]): void {
  want(c, hashWords);
  if (!isWord(c, 'mod')) {
    unexpected(c, '“mod” and a number belong here', ['mod']);
    return;
  }
  for (const name of ['mod', ...options]) {
    if (!isWord(c, name)) continue;
    bump(c, Token.Keyword);
    parseNumber(c);
  }
}
