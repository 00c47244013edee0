// Reads named objects: counters, quotas, limits, conntrack helpers, flowtables and the rest, in a block or on a command's line.
import { Token } from '../../text/token.ts';
import { Lexeme } from '../lexer.ts';
import { blockOf, type Expression, type NftablesSyntax, type ObjectKind, Place, type Reference } from '../tree.ts';
import { ctObjects } from '../vocabulary/phrases.ts';
import { familyByName } from '../vocabulary/structure.ts';
import { parseComment, parseQuota, parseRate } from './actions.ts';
import { type Head, leaf } from './blocks.ts';
import { parseDevices, parseHook, parsePriority } from './chains.ts';
import { atEnd, bump, type Cursor, closeBrace, isWord, on, skipRest, unexpected, want, word } from './cursor.ts';
import { parseTime } from './elements.ts';
import { onFreeString, parseNumber } from './names.ts';

export type CtKind = 'helper' | 'timeout' | 'expectation';

/** The word behind “ct” where an object is meant. */
export function takeCtKind(c: Cursor): CtKind | null {
  want(c, ctObjects);
  const name = word(c);
  if (on(c, Lexeme.Word) && (name === 'helper' || name === 'timeout' || name === 'expectation')) {
    bump(c, Token.Keyword);
    return name;
  }
  unexpected(c, 'helper, timeout or expectation belongs behind “ct”', ['helper', 'timeout', 'expectation']);
  return null;
}

const placeOfCt: Readonly<Record<CtKind, Place>> = { helper: Place.Helper, timeout: Place.Timeout, expectation: Place.Expectation };

export function blockHead(object: ObjectKind, ctKind: CtKind | null, command: string, at: Reference): Head {
  const syntax: NftablesSyntax = { kind: 'object', object, command, at, block: true };
  return { syntax, block: (ctKind ? placeOfCt[ctKind] : blockOf[object]) ?? Place.Helper };
}

/** Behind a thing's name: its block, or for some objects their settings on the line. */
export function parseObjectRest(c: Cursor, object: ObjectKind, ctKind: CtKind | null, command: string, at: Reference): Head {
  if (on(c, Lexeme.LeftBrace)) return blockHead(object, ctKind, command, at);
  const syntax: NftablesSyntax = { kind: 'object', object, command, at, block: false };
  const start = c.at;
  switch (object) {
    case 'counter':
      if (!atEnd(c)) parseCounterSetting(c);
      break;
    case 'quota':
      parseQuota(c);
      break;
    case 'limit':
      parseRate(c);
      break;
    case 'synproxy':
      parseSynproxySetting(c);
      break;
    case 'secmark':
      parseContext(c);
      break;
    case 'chain':
      break;
    default:
      unexpected(c, `the block of the ${object} belongs here, in braces`);
  }
  if (c.at === start && !atEnd(c)) {
    unexpected(c, `a new line, or the block of the ${object} in braces, belongs here`);
    skipRest(c);
  }
  return leaf(syntax);
}

/** One setting in the block of an object. */
export function parseObjectSetting(c: Cursor, place: Place): Head {
  const name = on(c, Lexeme.Word) ? word(c) : '';
  const option = (values: readonly Expression[] = []): Head => leaf({ kind: 'option', name, values });
  if (name === 'comment' && place !== Place.Flowtable && place < Place.Erspan) {
    parseComment(c);
    return option();
  }
  switch (place) {
    case Place.Counter:
      parseCounterSetting(c);
      return option();
    case Place.Quota:
      parseQuota(c);
      return option();
    case Place.Limit:
      parseRate(c);
      return option();
    case Place.Secmark:
      parseContext(c);
      return option();
    case Place.Synproxy:
      parseSynproxySetting(c);
      return option();
    case Place.Flowtable:
      return option(parseFlowtableSetting(c, name));
    case Place.Helper:
    case Place.Timeout:
    case Place.Expectation:
      parseCtSetting(c, place, name);
      return option();
    default:
      return parseTunnelSetting(c, place, name);
  }
}

/** `packets N bytes N`. */
function parseCounterSetting(c: Cursor): void {
  for (const expected of ['packets', 'bytes']) {
    if (isWord(c, expected)) bump(c, Token.Keyword);
    else unexpected(c, 'a counter holds “packets N bytes N”', [expected]);
    parseNumber(c);
  }
}

function parseContext(c: Cursor): void {
  if (on(c, Lexeme.Quoted) || onFreeString(c)) bump(c, Token.String);
  else unexpected(c, 'a security context belongs here in quotation marks');
}

/** `mss N wscale N [timestamp] [sack-perm]`; new lines may stand between, but for the last. */
function parseSynproxySetting(c: Cursor): void {
  const setting = (name: string): boolean => {
    if (!isWord(c, name) && !(name === 'mss' && isWord(c, 'maxseg'))) return false;
    bump(c, Token.Keyword);
    parseNumber(c);
    return true;
  };
  const flag = (...names: readonly string[]): boolean => {
    if (!names.some((name) => isWord(c, name))) return false;
    bump(c, Token.Keyword);
    return true;
  };
  const any = [setting('mss'), setting('wscale'), flag('timestamp'), flag('sack-perm', 'sack-permitted')];
  if (!any.includes(true))
    unexpected(c, 'a synproxy holds “mss N wscale N timestamp sack-perm”', ['mss', 'wscale', 'timestamp', 'sack-perm']);
}

const flowtableWords = ['hook', 'devices', 'counter', 'flags'];

function parseFlowtableSetting(c: Cursor, name: string): readonly Expression[] {
  switch (name) {
    case 'hook':
      bump(c, Token.Keyword);
      parseHook(c);
      if (isWord(c, 'priority')) parsePriority(c);
      else unexpected(c, '“priority” and a number or name belong here', ['priority']);
      return [];
    case 'devices':
      return [parseDevices(c)];
    case 'counter':
      bump(c, Token.Keyword);
      return [];
    case 'flags':
      bump(c, Token.Keyword);
      if (isWord(c, 'offload')) bump(c, Token.Constant);
      else unexpected(c, 'a flowtable has one flag, offload', ['offload']);
      return [];
  }
  unexpected(c, `a flowtable holds ${flowtableWords.join(', ')}`, flowtableWords);
  return [];
}

function parseCtSetting(c: Cursor, place: Place, name: string): void {
  if (name === 'l3proto') {
    bump(c, Token.Keyword);
    if (on(c, Lexeme.Word) && familyByName.has(word(c))) bump(c, Token.Constant);
    else unexpected(c, 'a family belongs here: ip, ip6 or inet', familyByName.keys());
    return;
  }
  if (name === 'protocol' && place !== Place.Helper) return takeProtocol(c);
  if (name === 'type' && place === Place.Helper) {
    bump(c, Token.Keyword);
    if (on(c, Lexeme.Quoted)) bump(c, Token.String);
    else unexpected(c, 'the helper’s name belongs here in quotation marks, as in type "ftp" protocol tcp');
    if (isWord(c, 'protocol')) takeProtocol(c);
    else unexpected(c, '“protocol tcp” or “protocol udp” belongs here', ['protocol']);
    return;
  }
  if (name === 'policy' && place === Place.Timeout) return parseTimeoutPolicy(c);
  if (place === Place.Expectation && (name === 'dport' || name === 'size')) {
    bump(c, Token.Keyword);
    parseNumber(c);
    return;
  }
  if (place === Place.Expectation && name === 'timeout') {
    bump(c, Token.Keyword);
    parseTime(c);
    return;
  }
  const words =
    place === Place.Helper
      ? ['type', 'l3proto', 'comment']
      : place === Place.Timeout
        ? ['protocol', 'l3proto', 'policy', 'comment']
        : ['protocol', 'dport', 'timeout', 'size', 'l3proto', 'comment'];
  unexpected(c, `${words.join(', ')} may stand here`, words);
}

/** `protocol tcp`. */
function takeProtocol(c: Cursor): void {
  bump(c, Token.Keyword);
  if (isWord(c, 'tcp') || isWord(c, 'udp')) bump(c, Token.Constant);
  else unexpected(c, 'tcp or udp belongs here', ['tcp', 'udp']);
}

/** `policy = { established : 120, close : 20s }`. */
function parseTimeoutPolicy(c: Cursor): void {
  bump(c, Token.Keyword);
  if (on(c, Lexeme.Equals)) bump(c, Token.Operator);
  else unexpected(c, '“=” and the states in braces belong here');
  if (on(c, Lexeme.LeftBrace)) bump(c, Token.Punctuation);
  else unexpected(c, 'the states belong here in braces, as in { established : 120 }');
  while (c.problems.length === 0) {
    if (onFreeString(c)) bump(c, Token.Constant);
    else unexpected(c, 'the name of a state belongs here, such as established');
    if (on(c, Lexeme.Colon)) bump(c, Token.Operator);
    else unexpected(c, '“:” and a time belong behind the state');
    if (on(c, Lexeme.Number)) bump(c, Token.Number);
    else parseTime(c);
    if (!on(c, Lexeme.Comma)) break;
    bump(c, Token.Punctuation);
  }
  closeBrace(c, 'states are separated by commas, and “}” stands behind the last');
}

const tunnelWords = ['id', 'ip', 'ip6', 'sport', 'dport', 'ttl', 'tos', 'erspan', 'vxlan', 'geneve', 'comment'];

function parseTunnelSetting(c: Cursor, place: Place, name: string): Head {
  const option: NftablesSyntax = { kind: 'option', name, values: [] };
  const number = (words: readonly string[]): boolean => {
    if (!words.includes(name)) return false;
    bump(c, Token.Keyword);
    parseNumber(c);
    return true;
  };
  switch (place) {
    case Place.Erspan:
      if (number(['version', 'index', 'id'])) return leaf(option);
      if (name === 'direction') {
        bump(c, Token.Keyword);
        if (isWord(c, 'ingress') || isWord(c, 'egress')) bump(c, Token.Constant);
        else unexpected(c, 'ingress or egress belongs here', ['ingress', 'egress']);
        return leaf(option);
      }
      unexpected(c, 'version, index, direction and id may stand here', ['version', 'index', 'direction', 'id']);
      return leaf(option);
    case Place.Vxlan:
      if (!number(['gbp'])) unexpected(c, '“gbp” and a number may stand here', ['gbp']);
      return leaf(option);
    case Place.Geneve:
      if (!number(['class'])) unexpected(c, '“class N opt-type N data "…"” may stand here', ['class']);
      for (const expected of ['opt-type', 'data']) {
        if (isWord(c, expected)) bump(c, Token.Keyword);
        else unexpected(c, `“${expected}” belongs here`, [expected]);
        if (expected === 'opt-type') parseNumber(c);
      }
      if (on(c, Lexeme.Quoted) || onFreeString(c)) bump(c, Token.String);
      else unexpected(c, 'the data belongs here in quotation marks');
      return leaf(option);
  }
  if (number(['id', 'sport', 'dport', 'ttl', 'tos'])) return leaf(option);
  if (name === 'ip' || name === 'ip6') {
    bump(c, Token.Keyword);
    if (isWord(c, 'saddr') || isWord(c, 'daddr')) bump(c, Token.Keyword);
    else unexpected(c, 'saddr or daddr belongs here', ['saddr', 'daddr']);
    if (on(c, Lexeme.Address4) || on(c, Lexeme.Address6)) bump(c, Token.Address);
    else if (on(c, Lexeme.Dollar)) {
      bump(c, Token.Variable);
      if (onFreeString(c)) bump(c, Token.Variable);
    } else if (onFreeString(c) || on(c, Lexeme.Quoted)) bump(c, Token.Constant);
    else unexpected(c, 'an address belongs here');
    return leaf(option);
  }
  if (name === 'erspan' || name === 'vxlan' || name === 'geneve') {
    bump(c, Token.Keyword);
    if (!on(c, Lexeme.LeftBrace)) unexpected(c, '“{” belongs here, and what it holds');
    return { syntax: option, block: name === 'erspan' ? Place.Erspan : name === 'vxlan' ? Place.Vxlan : Place.Geneve };
  }
  unexpected(c, `${tunnelWords.join(', ')} may stand here`, tunnelWords);
  return leaf(option);
}
