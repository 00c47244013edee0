// Reads the statements that do something: counter, log, limit, nat and the rest (nft(8), STATEMENTS).
import { Token } from '../../text/token.ts';
import { Lexeme } from '../lexer.ts';
import type { Expression, RuleStatement } from '../tree.ts';
import type { Row } from '../vocabulary/row.ts';
import { byteUnits, logLevels, logOptions, natFlags, rejectWords, timeUnits } from '../vocabulary/statements.ts';
import { atEnd, behind, bump, type Cursor, isWord, on, since, unexpected, want, word } from './cursor.ts';
import { beginsOperand, missing, parseExpression, parseMapOrSet, parseSetLiteral, parseVariable } from './expressions.ts';
import { parseRuleStatement } from './rules.ts';

/** The action that the current word begins; null where it begins none (or is a selector after all). */
export function parseAction(c: Cursor, name: string): RuleStatement | null {
  const start = c.start - c.base;
  const done = (values: readonly Expression[] = []): RuleStatement => ({ kind: 'action', ...since(c, start), name, values });
  switch (name) {
    case 'counter':
      bump(c, Token.Keyword);
      return done(parseCounter(c));
    case 'log':
      bump(c, Token.Keyword);
      return done(parseLog(c));
    case 'limit':
      bump(c, Token.Keyword);
      return done(parseLimit(c));
    case 'quota':
      bump(c, Token.Keyword);
      return done(parseQuota(c));
    case 'last':
      bump(c, Token.Keyword);
      if (isWord(c, 'used')) {
        bump(c, Token.Keyword);
        takeValue(c, 'never or a time belongs behind “used”');
      }
      return done();
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
    case 'synproxy':
      bump(c, Token.Keyword);
      return done(parseSynproxy(c));
    case 'queue':
      bump(c, Token.Keyword);
      return done(parseQueue(c));
    case 'dup':
    case 'fwd':
      bump(c, Token.Keyword);
      return done(parseForward(c));
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
      return done(beginsOperand(c) ? [parseExpression(c, 'left')] : failed(c, 'a TCP option belongs behind “reset”'));
    case 'ct':
      return parseCt(c);
    case 'meta':
      return null;
    case 'tunnel':
    case 'xt':
      bump(c, Token.Keyword);
      return done(objectName(c));
    default:
      return null;
  }
}

function failed(c: Cursor, expected: string): readonly Expression[] {
  unexpected(c, expected);
  return [];
}

/** Takes one word or number, whatever it is. */
function takeValue(c: Cursor, expected: string, token: Token = Token.Constant): boolean {
  if (on(c, Lexeme.Dollar)) {
    parseVariable(c);
    return true;
  }
  if (on(c, Lexeme.Word) || on(c, Lexeme.Number) || on(c, Lexeme.Quoted) || on(c, Lexeme.Time)) {
    bump(c, on(c, Lexeme.Quoted) ? Token.String : on(c, Lexeme.Number) || on(c, Lexeme.Time) ? Token.Number : token);
    return true;
  }
  unexpected(c, expected);
  return false;
}

/** The name of an object, or a map that gives one. */
function objectName(c: Cursor): readonly Expression[] {
  const start = c.start - c.base;
  if (
    on(c, Lexeme.Quoted) ||
    (on(c, Lexeme.Word) && behind(c).word !== 'map' && behind(c).kind !== Lexeme.Dot && !/^(ip|ip6|tcp|udp|th|ct|meta)$/.test(word(c)))
  ) {
    bump(c, Token.Reference);
    return [{ kind: 'literal', ...since(c, start), literal: 'word' }];
  }
  if (beginsOperand(c)) return [parseExpression(c, 'value')];
  return failed(c, 'the name of an object, or a map that gives one, belongs here');
}

function parseCounter(c: Cursor): readonly Expression[] {
  if (isWord(c, 'name')) {
    bump(c, Token.Keyword);
    return objectName(c);
  }
  while (isWord(c, 'packets') || isWord(c, 'bytes')) {
    bump(c, Token.Keyword);
    takeValue(c, 'a number belongs here');
  }
  // counter "name": an object by its quoted name
  if (on(c, Lexeme.Quoted)) return objectName(c);
  return [];
}

function parseLog(c: Cursor): readonly Expression[] {
  const values: Expression[] = [];
  for (;;) {
    want(c, logOptions);
    const option = on(c, Lexeme.Word) ? word(c) : '';
    const start = c.start - c.base;
    switch (option) {
      case 'prefix':
        bump(c, Token.Keyword);
        if (on(c, Lexeme.Quoted) || on(c, Lexeme.Word)) {
          bump(c, Token.String);
          values.push({ kind: 'literal', ...since(c, start), literal: 'string' });
        } else if (on(c, Lexeme.Dollar)) values.push(parseVariable(c));
        else unexpected(c, 'a text in quotation marks belongs behind “prefix”');
        break;
      case 'level':
        bump(c, Token.Keyword);
        want(c, logLevels);
        takeValue(c, 'emerg, alert, crit, err, warn, notice, info, debug or audit belongs here');
        break;
      case 'group':
      case 'snaplen':
      case 'queue-threshold':
        bump(c, Token.Keyword);
        takeValue(c, 'a number belongs here');
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

/** `tcp sequence,options`, `ip options`, `skuid`, `ether`, `all`. */
function parseLogFlags(c: Cursor): void {
  if (isWord(c, 'tcp') || isWord(c, 'ip')) {
    bump(c, Token.Constant);
    takeValue(c, 'sequence or options belongs here');
    while (on(c, Lexeme.Comma)) {
      bump(c, Token.Punctuation);
      takeValue(c, 'sequence or options belongs here');
    }
  } else takeValue(c, 'tcp, ip, skuid, ether or all belongs here');
}

/** `rate [over|until] N/UNIT [burst N packets]`, `rate N BYTES/UNIT [burst N BYTES]`, or the name of a limit. */
export function parseLimit(c: Cursor): readonly Expression[] {
  if (isWord(c, 'name')) {
    bump(c, Token.Keyword);
    return objectName(c);
  }
  if (on(c, Lexeme.Quoted)) return objectName(c);
  if (!isWord(c, 'rate')) return failed(c, '“rate” belongs here, as in “limit rate 10/second”');
  bump(c, Token.Keyword);
  if (isWord(c, 'over') || isWord(c, 'until')) bump(c, Token.Keyword);
  takeValue(c, 'a number belongs here, as in 10/second');
  want(c, byteUnits);
  let bytes = false;
  if (on(c, Lexeme.Word)) {
    // the scanner reads `kbytes/second` as one word
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
  return parseBurst(c, bytes);
}

function parseBurst(c: Cursor, bytes: boolean): readonly Expression[] {
  if (!isWord(c, 'burst')) return [];
  bump(c, Token.Keyword);
  takeValue(c, 'a number belongs here');
  if (bytes) takeUnit(c, byteUnits);
  else if (isWord(c, 'packets')) bump(c, Token.Keyword);
  else if (on(c, Lexeme.Word) && byteUnits.some(({ name }) => name === word(c))) unexpected(c, 'a rate of packets has a burst of packets');
  return [];
}

function takeUnit(c: Cursor, units: readonly Row[]): void {
  want(c, units);
  if (on(c, Lexeme.Word) && units.some(({ name }) => name === word(c))) {
    bump(c, Token.Keyword);
    return;
  }
  unexpected(
    c,
    `one of ${units.map(({ name }) => name).join(', ')} belongs here`,
    units.map(({ name }) => name),
  );
}

export function parseQuota(c: Cursor): readonly Expression[] {
  if (isWord(c, 'name')) {
    bump(c, Token.Keyword);
    return objectName(c);
  }
  if (on(c, Lexeme.Quoted)) return objectName(c);
  if (isWord(c, 'over') || isWord(c, 'until')) bump(c, Token.Keyword);
  takeValue(c, 'a number belongs here, as in “quota over 500 mbytes”');
  takeUnit(c, byteUnits);
  if (isWord(c, 'used')) {
    bump(c, Token.Keyword);
    takeValue(c, 'a number belongs here');
    takeUnit(c, byteUnits);
  }
  return [];
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
    takeValue(c, 'the kind of message belongs here, such as port-unreachable');
    return;
  }
  unexpected(c, 'icmp, icmpv6, icmpx or “tcp reset” belongs behind “with”', ['icmp', 'icmpv6', 'icmpx', 'tcp']);
}

const natFlagNames = new Set(natFlags.map(({ name }) => name));

function parseNat(c: Cursor, name: string): RuleStatement {
  const start = c.start - c.base;
  bump(c, Token.Keyword);
  // dnat [ip|ip6] [prefix|interval] [to] ADDRESS[:PORT]; `ip saddr map …` begins with the same word
  if ((isWord(c, 'ip') || isWord(c, 'ip6')) && /^(to|prefix|interval|addr)$/.test(behind(c).word)) {
    bump(c, Token.Keyword);
    if (isWord(c, 'addr')) bump(c, Token.Keyword);
  }
  while (isWord(c, 'prefix') || isWord(c, 'interval')) bump(c, Token.Keyword);
  // `ip addr . port to …`
  if ((isWord(c, 'ip') || isWord(c, 'ip6') || isWord(c, 'addr')) && /^(addr)$/.test(behind(c).word || word(c))) {
    while (on(c, Lexeme.Word) && !isWord(c, 'to')) bump(c, Token.Keyword);
    while (on(c, Lexeme.Dot) || (on(c, Lexeme.Word) && !isWord(c, 'to'))) bump(c, Token.Keyword);
  } else if ((isWord(c, 'ip') || isWord(c, 'ip6')) && behind(c).kind === Lexeme.Dollar) bump(c, Token.Keyword);
  if (on(c, Lexeme.Dot)) {
    bump(c, Token.Operator);
    if (isWord(c, 'port')) bump(c, Token.Keyword);
  }
  if (isWord(c, 'to')) bump(c, Token.Keyword);
  let address: Expression | null = null;
  let port: Expression | null = null;
  if (!natEnds(c)) {
    const plainPort = name === 'redirect' || name === 'masquerade';
    if (!on(c, Lexeme.Colon)) {
      const value = parseExpression(c, 'value');
      if (plainPort) port = value;
      else address = value;
    }
    if (on(c, Lexeme.Colon)) {
      bump(c, Token.Operator);
      port = beginsOperand(c) ? parseExpression(c, 'value') : missing(c);
      if (port.kind === 'missing') unexpected(c, 'a port belongs behind the colon');
    }
  } else if (name === 'dnat' || name === 'snat' || name === 'tproxy') {
    unexpected(c, `an address belongs here, as in “${name} to 10.10.0.20”`);
  }
  want(c, natFlags);
  while (on(c, Lexeme.Word) && natFlagNames.has(word(c))) {
    bump(c, Token.Keyword);
    if (on(c, Lexeme.Comma)) bump(c, Token.Punctuation);
  }
  return { kind: 'nat', ...since(c, start), name, address, port };
}

function natEnds(c: Cursor): boolean {
  return (
    atEnd(c) || (on(c, Lexeme.Word) && (natFlagNames.has(word(c)) || word(c) === 'comment')) || (!on(c, Lexeme.Colon) && !beginsOperand(c))
  );
}

export function parseSynproxy(c: Cursor): readonly Expression[] {
  if (isWord(c, 'name')) {
    bump(c, Token.Keyword);
    return objectName(c);
  }
  if (on(c, Lexeme.Quoted)) return objectName(c);
  for (;;) {
    if (isWord(c, 'mss') || isWord(c, 'wscale')) {
      bump(c, Token.Keyword);
      takeValue(c, 'a number belongs here');
    } else if (isWord(c, 'timestamp') || isWord(c, 'sack-perm')) bump(c, Token.Keyword);
    else return [];
  }
}

function parseQueue(c: Cursor): readonly Expression[] {
  const values: Expression[] = [];
  for (;;) {
    if (isWord(c, 'num') || isWord(c, 'to')) {
      bump(c, Token.Keyword);
      if (beginsOperand(c)) values.push(parseExpression(c, 'value'));
      else unexpected(c, 'the number of a queue belongs here');
    } else if (isWord(c, 'flags')) bump(c, Token.Keyword);
    else if (isWord(c, 'bypass') || isWord(c, 'fanout')) {
      bump(c, Token.Keyword);
      if (on(c, Lexeme.Comma)) bump(c, Token.Punctuation);
    } else return values;
  }
}

/** dup to ADDRESS [device DEVICE]; fwd to DEVICE; fwd ip to ADDRESS device DEVICE. */
function parseForward(c: Cursor): readonly Expression[] {
  const values: Expression[] = [];
  if ((isWord(c, 'ip') || isWord(c, 'ip6')) && behind(c).word === 'to') bump(c, Token.Keyword);
  if (!isWord(c, 'to')) return failed(c, '“to” belongs here');
  bump(c, Token.Keyword);
  if (beginsOperand(c)) values.push(parseExpression(c, 'value'));
  else unexpected(c, 'an address or a device belongs here');
  if (isWord(c, 'device')) {
    bump(c, Token.Keyword);
    if (beginsOperand(c)) values.push(parseExpression(c, 'value'));
    else unexpected(c, 'a device belongs here');
  }
  return values;
}

function parseFlow(c: Cursor): readonly Expression[] {
  if (!isWord(c, 'add') && !isWord(c, 'offload')) return failed(c, '“add” and @ with a flowtable’s name belong here');
  bump(c, Token.Keyword);
  if (on(c, Lexeme.At)) return [parseMapOrSet(c, '')];
  return failed(c, '@ and a flowtable’s name belong here');
}

/** `add @s { key }`, `update @m { key : data }`; the old `set add key @s`. */
function parseSetStatement(c: Cursor, name: string): RuleStatement | null {
  const start = c.start - c.base;
  const next = behind(c);
  if (name === 'set') {
    if (next.word !== 'add' && next.word !== 'update' && next.word !== 'delete') return null;
    bump(c, Token.Keyword);
    bump(c, Token.Keyword);
    const values: Expression[] = [];
    if (beginsOperand(c)) values.push(parseExpression(c, 'value'));
    if (isWord(c, 'timeout')) {
      bump(c, Token.Keyword);
      takeValue(c, 'a time belongs here');
    }
    values.push(parseMapOrSet(c, '@ and a set’s name belong here'));
    return { kind: 'action', ...since(c, start), name, values };
  }
  if (next.kind !== Lexeme.At && next.kind !== Lexeme.Dollar) return null;
  bump(c, Token.Keyword);
  const values: Expression[] = [parseMapOrSet(c, '')];
  if (on(c, Lexeme.LeftBrace)) values.push(parseDynamicElements(c));
  else unexpected(c, 'the element belongs here in braces');
  return { kind: 'action', ...since(c, start), name, values };
}

/** `{ key timeout 1m limit rate 1/second : data }`: elements whose statements are those of rules. */
function parseDynamicElements(c: Cursor): Expression {
  const start = c.start - c.base;
  const before = c.problems.length;
  if (!hasStatements(c)) return parseSetLiteral(c);
  bump(c, Token.Punctuation);
  const key = beginsOperand(c) ? parseExpression(c, 'value') : missing(c);
  let data: Expression | null = null;
  while (!atEnd(c) && c.problems.length === before) {
    if (isWord(c, 'timeout') || isWord(c, 'expires')) {
      bump(c, Token.Keyword);
      takeValue(c, 'a time belongs here');
    } else if (on(c, Lexeme.Colon)) {
      bump(c, Token.Operator);
      data = beginsOperand(c) ? parseExpression(c, 'value') : missing(c);
    } else if (!parseRuleStatement(c)) {
      unexpected(c, 'an option or statement of the element belongs here');
      break;
    }
  }
  if (on(c, Lexeme.RightBrace)) bump(c, Token.Punctuation);
  else unexpected(c, 'the element’s “{” is never closed; add “}”');
  return { kind: 'set', ...since(c, start), elements: [{ ...since(c, start), key, data }] };
}

/** Whether statements stand in the braces ahead, on this line. */
function hasStatements(c: Cursor): boolean {
  const close = c.text.indexOf('}', c.start);
  const inner = close < 0 || close > c.limit ? '' : c.text.slice(c.start + 1, Math.min(close, c.start + 400));
  return /\b(limit|counter|quota|ct count|last|log)\b/.test(inner);
}

function parseMeter(c: Cursor): readonly Expression[] {
  if (on(c, Lexeme.Word) || on(c, Lexeme.Quoted)) bump(c, Token.Definition);
  else return failed(c, 'a name for the meter belongs here');
  if (isWord(c, 'size')) {
    bump(c, Token.Keyword);
    takeValue(c, 'a number belongs here');
  }
  if (!on(c, Lexeme.LeftBrace)) return failed(c, 'a key and a statement belong here in braces');
  bump(c, Token.Punctuation);
  const key = beginsOperand(c) ? parseExpression(c, 'value') : missing(c);
  while (!atEnd(c)) {
    if (isWord(c, 'timeout')) {
      bump(c, Token.Keyword);
      takeValue(c, 'a time belongs here');
    } else if (!parseRuleStatement(c)) {
      unexpected(c, 'a statement belongs here, such as “limit rate 10/second”');
      break;
    }
  }
  if (on(c, Lexeme.RightBrace)) bump(c, Token.Punctuation);
  return [key];
}

/** `ct count [over] N`, and `ct helper|timeout|expectation set NAME`; everything else of ct is a selector. */
function parseCt(c: Cursor): RuleStatement | null {
  const start = c.start - c.base;
  const next = behind(c).word;
  if (next === 'count') {
    bump(c, Token.Keyword);
    bump(c, Token.Keyword);
    if (isWord(c, 'over')) bump(c, Token.Keyword);
    takeValue(c, 'a number belongs here, as in “ct count over 10”');
    return { kind: 'action', ...since(c, start), name: 'ct count', values: [] };
  }
  if (next === 'timeout' || next === 'expectation') {
    bump(c, Token.Keyword);
    bump(c, Token.Keyword);
    if (isWord(c, 'set')) bump(c, Token.Keyword);
    else unexpected(c, '“set” and the name of an object belong here', ['set']);
    return { kind: 'action', ...since(c, start), name: `ct ${next}`, values: objectName(c) };
  }
  return null;
}
