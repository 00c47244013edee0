// Whether a word, number or address can be a value of a datatype (datatype.c: each datatype reads its own).
import { nearest, quoted } from '../../text/words.ts';
import type { Literal } from '../tree.ts';
import { datatypeByName } from '../vocabulary/datatypes.ts';
import { protocolNames } from '../vocabulary/protocols.ts';
import type { Detail } from './checker.ts';
import { described, type ValueType } from './kinds.ts';

export interface Wrong extends Detail {
  readonly rule: string;
  readonly message: string;
}

/** The value of a number as nft's scanner reads it: a leading 0 makes it octal. */
export function numberOf(text: string): number {
  if (/^0[0-7]+$/.test(text)) return Number.parseInt(text, 8);
  return Number(text);
}

const strings = new Set(['string', 'ifname']);
/** Names of these come from the machine: files in /etc, or devices, users and groups there. */
const machineNames: Readonly<Record<string, string>> = {
  mark: '/etc/iproute2/rt_marks',
  realm: '/etc/iproute2/rt_realms',
  devgroup: '/etc/iproute2/group',
  ct_label: '/etc/connlabel.conf',
};
const LONGEST_STRING = 15;

/** What is wrong with `text` as a value of `type`; null where nothing is. */
export function literalWrong(literal: Literal, text: string, type: ValueType): Wrong | null {
  const plain = text.startsWith('"') ? text.slice(1, -1) : text;
  // a string may hold a variable, and a template’s brackets are filled in by another tool
  if (plain.includes('$')) return null;
  if (strings.has(type.name)) return wrongString(literal, plain, type);
  switch (literal) {
    case 'star':
      return null;
    case 'number':
      return wrongNumber(text, type);
    case 'address4':
      if (type.name === 'ipv4_addr')
        return plain.split('.').some((part) => Number(part) > 255)
          ? { rule: 'invalid-value', message: `${quoted(plain)} is no IPv4 address: each of its four numbers is 255 at the most` }
          : null;
      return mismatch(plain, 'an IPv4 address', type);
    case 'address6':
      return type.name === 'ipv6_addr' ? null : mismatch(plain, 'an IPv6 address', type);
    case 'mac':
      return type.name === 'ether_addr' || type.name === 'll_addr' ? null : mismatch(plain, 'an Ethernet address', type);
    case 'time':
      return type.name === 'time' ? null : mismatch(plain, 'a time', type);
    case 'class':
      return type.name === 'classid' || type.name === 'realm' ? null : mismatch(plain, 'a traffic class', type);
    case 'wildcard':
      return mismatch(plain, 'a name with a star', type);
    default:
      return wrongName(plain, type);
  }
}

/** How to tell whether another literal of the same length fits where one did: the largest number, or one of the others. */
const ALWAYS = -1;
const ADDRESS4 = -2;
const ASK = -3;

/** For a literal that fits. What does not hang on its digits or letters needs no second look. */
export function fitnessOf(literal: Literal, type: ValueType): number {
  // of a string only its length counts, and signs that no shape leaves open
  if (strings.has(type.name)) return ALWAYS;
  switch (literal) {
    case 'address4':
      return type.name === 'ipv4_addr' ? ADDRESS4 : ASK;
    case 'address6':
    case 'mac':
    case 'time':
    case 'class':
      return ALWAYS;
    case 'number':
      return largest(type);
    default:
      return ASK;
  }
}

/** Whether the literal from `start` to `end` of `text` fits, as `literalWrong` tells it. */
export function fits(fitness: number, literal: Literal, type: ValueType, text: string, start: number, end: number): boolean {
  if (fitness === ALWAYS) return true;
  let value = 0;
  if (fitness === ADDRESS4) {
    for (let i = start; i < end; i++) {
      const unit = text.charCodeAt(i);
      if (unit === DOT) value = 0;
      else {
        value = value * 10 + unit - ZERO;
        if (value > 255) return false;
      }
    }
    return true;
  }
  // a leading zero makes it octal
  if (fitness >= 0 && end - start <= SAFE_DIGITS && (end - start === 1 || text.charCodeAt(start) !== ZERO)) {
    for (let i = start; i < end; i++) value = value * 10 + text.charCodeAt(i) - ZERO;
    return value <= fitness;
  }
  return literalWrong(literal, text.slice(start, end), type) === null;
}

/** Whether a number or an IPv4 address fits, told without its text; false where it takes a closer look. */
export function fitsAtOnce(literal: Literal, type: ValueType, text: string, start: number, end: number): boolean {
  if (literal === 'address4' ? type.name !== 'ipv4_addr' : literal !== 'number' || strings.has(type.name)) return false;
  return fits(literal === 'address4' ? ADDRESS4 : largest(type), literal, type, text, start, end);
}

const DOT = 46;
const ZERO = 48;
/** So many digits are a number that a double holds. */
const SAFE_DIGITS = 15;

/** The largest number of a type; infinity where any will do. */
function largest(type: ValueType): number {
  if (type.name === 'ipv4_addr' || type.name === 'ipv6_addr' || type.name === 'date') return Number.POSITIVE_INFINITY;
  return type.most ?? (type.name === 'ct_label' ? 127 : type.bits > 0 ? 2 ** type.bits - 1 : Number.POSITIVE_INFINITY);
}

function mismatch(text: string, what: string, type: ValueType): Wrong {
  return { rule: 'type-mismatch', message: `${quoted(text)} is ${what}, and ${described(type)} belongs here` };
}

function wrongString(literal: Literal, text: string, type: ValueType): Wrong | null {
  if (text === '') return { rule: 'invalid-value', message: `nft takes no empty text here; write ${described(type)}` };
  const length = literal === 'wildcard' ? text.replace(/\*$/, '').length : text.length;
  if (length <= LONGEST_STRING || type.bits > 128) return null;
  return { rule: 'value-out-of-range', message: `${quoted(text)} has ${length} characters; ${LONGEST_STRING} are the most here` };
}

function wrongNumber(text: string, type: ValueType): Wrong | null {
  const value = numberOf(text);
  if (Number.isNaN(value)) return null;
  const most = largest(type);
  if (value <= most) return null;
  return {
    rule: 'value-out-of-range',
    message: `${text} is too large here: ${type.name === 'integer' ? 'a number' : described(type)} is at most ${most}${type.bits > 0 && type.bits < 8 ? `, it has ${type.bits} bits` : ''}`,
  };
}

function wrongName(text: string, type: ValueType): Wrong | null {
  if (/^(0[xX][0-9a-fA-F]+|[0-9]+)$/.test(text)) return wrongNumber(text, type);
  const row = datatypeByName.get(type.name);
  if (row?.constantByName.has(text)) return null;
  const names = (): readonly string[] => row?.constants.map(({ name }) => name) ?? [];
  switch (type.name) {
    case 'ipv4_addr':
    case 'ipv6_addr':
      return wrongAddress(text, type);
    case 'inet_service':
      return wrongService(text, names());
    case 'inet_proto':
      return wrongProtocol(text, names());
    case 'uid':
    case 'gid':
      return text === 'root' ? null : onMachine(`${type.name === 'uid' ? 'user' : 'group'} ${quoted(text)}`);
    case 'iface_index':
      // looked up as the file is loaded, and there on most machines: nftables/iif-at-load speaks where it is a tunnel
      return null;
    case 'ether_addr':
    case 'll_addr':
      return /^([0-9a-fA-F]{1,2}:)+[0-9a-fA-F]{1,2}$/.test(text) ? null : invalid(text, type, []);
    case 'classid':
      return /^(none|root|(0x)?[0-9a-fA-F]*:(0x)?[0-9a-fA-F]*)$/.test(text) ? null : { rule: 'invalid-value', message: classMessage(text) };
    case 'time':
      return /^(\d+[dhms]+)+$|^\d+ms$/.test(text.replace(/ms/g, 's'))
        ? null
        : { rule: 'invalid-value', message: `${quoted(text)} is no time; write one with units, as in 1d2h30m` };
    case 'date':
      return /^\d{4}-\d{1,2}-\d{1,2}([ T]\d{1,2}:\d{1,2}(:\d{1,2})?)?$/.test(text)
        ? null
        : { rule: 'invalid-value', message: `${quoted(text)} is no date; write it as in "2026-03-01 17:30:00"` };
    case 'hour':
      return wrongHour(text);
    case 'cgroupsv2':
      return onMachine(`control group ${quoted(text)}`);
    case 'verdict':
    case 'bitmask':
      return null;
  }
  const file = machineNames[type.name];
  if (file)
    return {
      rule: 'depends-on-machine',
      failsAt: 'machine',
      message: `nft knows no ${quoted(text)} as ${described(type)} by itself; it must stand in ${file} where this is loaded`,
    };
  return invalid(text, type, names());
}

function invalid(text: string, type: ValueType, names: readonly string[]): Wrong {
  const suggest = nearest(text, names);
  const may = suggest.length > 0 ? suggest : names;
  const known =
    may.length === 0
      ? ''
      : suggest.length > 0
        ? `; did you mean ${may.join(' or ')}?`
        : `; nft knows ${may.slice(0, 8).join(', ')}${may.length > 8 ? ' …' : ''}`;
  const what = type.name === 'integer' ? 'a number' : described(type);
  return { rule: 'invalid-value', message: `${quoted(text)} cannot be ${what}${known}`, suggest };
}

function classMessage(text: string): string {
  return `${quoted(text)} is no traffic class; write MAJOR:MINOR, none or root`;
}

function onMachine(what: string): Wrong {
  return {
    rule: 'depends-on-machine',
    failsAt: 'machine',
    message: `the ${what} must be there when nft loads this, or it loads nothing`,
  };
}

function wrongAddress(text: string, type: ValueType): Wrong | null {
  const four = type.name === 'ipv4_addr';
  if (/^[0-9.]+$/.test(text)) {
    const right = four && /^(\d{1,3}\.){0,3}\d{1,3}$/.test(text);
    return right ? null : { rule: 'invalid-value', message: `${quoted(text)} is no ${four ? 'IPv4' : 'IPv6'} address` };
  }
  if (text.includes(':') && four) return { rule: 'type-mismatch', message: `${quoted(text)} is no IPv4 address` };
  if (text === 'localhost') return null;
  return {
    rule: 'depends-on-machine',
    failsAt: 'machine',
    message: `nft asks the resolver for the host name ${quoted(text)} once, as it loads the file, and loads nothing without an answer; write the address`,
  };
}

function wrongService(text: string, known: readonly string[]): Wrong | null {
  // which names there are says /etc/services; only what looks like a slip is told
  const suggest = text.length > 3 ? nearest(text, known) : [];
  if (suggest.length === 0) return null;
  return {
    rule: 'depends-on-machine',
    failsAt: 'machine',
    message: `nft knows ${quoted(text)} as a port only if /etc/services does; did you mean ${suggest.join(' or ')}?`,
    suggest,
  };
}

function wrongProtocol(text: string, constants: readonly string[]): Wrong | null {
  if (protocolNames.has(text)) return null;
  const suggest = nearest(text, [...constants, ...protocolNames]);
  return {
    rule: 'depends-on-machine',
    failsAt: 'machine',
    message: `nft knows ${quoted(text)} as a protocol only if /etc/protocols does${suggest.length > 0 ? `; did you mean ${suggest.join(' or ')}?` : ''}`,
    suggest,
  };
}

function wrongHour(text: string): Wrong | null {
  const [hour = '', minute = '', second = '0', ...more] = text.split(':');
  const digits = [hour, minute, second].every((part) => /^\d{1,2}$/.test(part));
  if (digits && more.length === 0 && Number(hour) < 24 && Number(minute) < 60) return null;
  return { rule: 'invalid-value', message: `${quoted(text)} is no time of day; write it from "00:00" to "23:59"` };
}
