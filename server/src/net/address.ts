// IPv4 and IPv6 addresses and prefixes as numbers. IPv4 is a number below 2^32, IPv6 a bigint: two 32-bit halves packed into a
// double would lose bits above 2^53.
import ipaddr from 'ipaddr.js';

export type Address = { readonly version: 4; readonly value: number } | { readonly version: 6; readonly value: bigint };

/** All addresses that share the first `length` bits with `first`, whose other bits are 0. */
export type Prefix =
  | { readonly version: 4; readonly first: number; readonly length: number }
  | { readonly version: 6; readonly first: bigint; readonly length: number };

/** A prefix as somebody wrote it: host bits may be set, which wg and the kernel cut off. */
export interface WrittenPrefix {
  readonly address: Address;
  readonly length: number;
  /** Whether a `/length` was written; without one it is a single host. */
  readonly explicit: boolean;
}

/** The value of four decimal parts at `text[start..end]`, or -1. A leading zero is refused, as inet_pton(3) does: 010 would be 8 elsewhere. */
function parseV4(text: string, start: number, end: number): number {
  let value = 0;
  let part = -1;
  let parts = 1;
  for (let i = start; i < end; i++) {
    const c = text.charCodeAt(i);
    if (c === 46) {
      if (part < 0 || ++parts > 4) return -1;
      value = value * 256 + part;
      part = -1;
    } else if (c >= 48 && c <= 57) {
      if (part === 0) return -1;
      part = part < 0 ? c - 48 : part * 10 + c - 48;
      if (part > 255) return -1;
    } else return -1;
  }
  return parts === 4 && part >= 0 ? value * 256 + part : -1;
}

/** The address that `text` is, in the form inet_pton(3) takes: no zone, no brackets, no shortened IPv4. Otherwise null. */
export function parseAddress(text: string): Address | null {
  const v4 = parseV4(text, 0, text.length);
  if (v4 >= 0) return { version: 4, value: v4 };
  if (!text.includes(':') || text.includes('%')) return null;
  const plain = plainV6(text);
  if (plain !== null) return { version: 6, value: plain };
  const groups = text.includes('.') ? withoutV4(text) : text;
  if (groups === null || !ipaddr.IPv6.isValid(groups)) return null;
  let value = 0n;
  for (const part of ipaddr.IPv6.parse(groups).parts) value = (value << 16n) | BigInt(part);
  return { version: 6, value };
}

const groupsRead: number[] = [0, 0, 0, 0, 0, 0, 0, 0];

/** The value of an IPv6 address in hexadecimal groups of which a run may be left out, as nearly all are written; null for all else, which is the library's to judge. */
function plainV6(text: string): bigint | null {
  let count = 0;
  let gap = -1;
  for (let i = 0; i < text.length; ) {
    if (text.charCodeAt(i) === 58) {
      // a colon here is the second of two, or one that begins the text
      if (gap >= 0 || (i === 0 && text.charCodeAt(++i) !== 58)) return null;
      gap = count;
      if (++i === text.length) break;
    }
    let group = 0;
    const start = i;
    for (; i < text.length && i < start + 4; i++) {
      const digit = hexadecimal(text.charCodeAt(i));
      if (digit < 0) break;
      group = group * 16 + digit;
    }
    if (i === start || count === 8) return null;
    groupsRead[count++] = group;
    if (i === text.length) break;
    // a colon that ends the text is one of two, or none
    if (text.charCodeAt(i) !== 58 || ++i === text.length) return null;
  }
  if (gap < 0 ? count !== 8 : count > 7) return null;
  let value = 0n;
  for (let at = 0; at < 8; at += 2) value = (value << 32n) | BigInt(groupAt(at, count, gap) * 65536 + groupAt(at + 1, count, gap));
  return value;
}

function groupAt(at: number, count: number, gap: number): number {
  if (gap < 0 || at < gap) return groupsRead[at] as number;
  const behind = at - (8 - count);
  return behind < gap ? 0 : (groupsRead[behind] as number);
}

function hexadecimal(unit: number): number {
  if (unit >= 48 && unit <= 57) return unit - 48;
  const lower = unit | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

/** An IPv6 address whose last four bytes are written as IPv4, in groups alone: ipaddr.js takes ::1.2.3.4 for ::ffff:1.2.3.4, and 01 for 1. */
function withoutV4(text: string): string | null {
  const behind = text.lastIndexOf(':') + 1;
  const value = parseV4(text, behind, text.length);
  return value < 0 ? null : `${text.slice(0, behind)}${(value >>> 16).toString(16)}:${(value & 0xffff).toString(16)}`;
}

/** `ADDRESS` or `ADDRESS/LENGTH`, otherwise null. The length may have leading zeros, as wg takes it. */
export function parsePrefix(text: string): WrittenPrefix | null {
  return prefixAt(text, 0, text.length);
}

/** The same of `text[start..end]`. */
export function prefixAt(text: string, start: number, end: number): WrittenPrefix | null {
  let slash = start;
  while (slash < end && text.charCodeAt(slash) !== 47) slash++;
  const v4 = parseV4(text, start, slash);
  const address: Address | null = v4 >= 0 ? { version: 4, value: v4 } : parseAddress(text.slice(start, slash));
  if (!address) return null;
  const bits = address.version === 4 ? 32 : 128;
  if (slash === end) return { address, length: bits, explicit: false };
  const length = decimalAt(text, slash + 1, end, bits);
  return length < 0 ? null : { address, length, explicit: true };
}

/** The number of only decimal digits at `text[start..end]`; -1 where it is none, or more than `most`. */
function decimalAt(text: string, start: number, end: number, most: number): number {
  if (start === end) return -1;
  let value = 0;
  for (let i = start; i < end; i++) {
    const c = text.charCodeAt(i);
    if (c < 48 || c > 57) return -1;
    value = Math.min(value * 10 + c - 48, most + 1);
  }
  return value <= most ? value : -1;
}

export function hostBits(address: Address): 32 | 128 {
  return address.version === 4 ? 32 : 128;
}

/** The prefix of `length` bits that holds `address`. */
export function prefixOf(address: Address, length: number): Prefix {
  if (address.version === 4) {
    const size = 2 ** (32 - length);
    return { version: 4, first: address.value - (address.value % size), length };
  }
  const rest = BigInt(128 - length);
  return { version: 6, first: (address.value >> rest) << rest, length };
}

/** The network a written prefix stands for: its host bits cut off. */
export function masked(written: WrittenPrefix): Prefix {
  return prefixOf(written.address, written.length);
}

export function hasHostBits(written: WrittenPrefix): boolean {
  return masked(written).first !== written.address.value;
}

export function isHost(prefix: Prefix): boolean {
  return prefix.length === (prefix.version === 4 ? 32 : 128);
}

/** The last address of a prefix. */
export function lastOf(prefix: Prefix): Address {
  return prefix.version === 4
    ? { version: 4, value: prefix.first + 2 ** (32 - prefix.length) - 1 }
    : { version: 6, value: prefix.first + (1n << BigInt(128 - prefix.length)) - 1n };
}

export function firstOf(prefix: Prefix): Address {
  return prefix.version === 4 ? { version: 4, value: prefix.first } : { version: 6, value: prefix.first };
}

export function prefixHolds(prefix: Prefix, address: Address): boolean {
  if (prefix.version === 4) {
    return address.version === 4 && address.value >= prefix.first && address.value < prefix.first + 2 ** (32 - prefix.length);
  }
  return address.version === 6 && address.value >> BigInt(128 - prefix.length) === prefix.first >> BigInt(128 - prefix.length);
}

/** Whether every address of `inner` is in `outer`. */
export function prefixWithin(inner: Prefix, outer: Prefix): boolean {
  return inner.version === outer.version && inner.length >= outer.length && prefixHolds(outer, firstOf(inner));
}

export function samePrefix(a: Prefix, b: Prefix): boolean {
  return a.version === b.version && a.length === b.length && a.first === b.first;
}

export function sameAddress(a: Address, b: Address): boolean {
  return a.version === b.version && a.value === b.value;
}

/** How many addresses a prefix holds, in words: "254" would hide that the first and the last are addresses too. */
export function sizeText(prefix: Prefix): string {
  const rest = (prefix.version === 4 ? 32 : 128) - prefix.length;
  if (rest === 0) return '1 address';
  return rest <= 32 ? `${(2 ** rest).toLocaleString('en-US')} addresses` : `2^${rest} addresses`;
}

/** The usual written form: RFC 5952 for IPv6. */
export function addressText(address: Address): string {
  if (address.version === 4) {
    const v = address.value;
    return `${Math.floor(v / 2 ** 24)}.${(v >>> 16) & 255}.${(v >>> 8) & 255}.${v & 255}`;
  }
  const parts: number[] = [];
  for (let shift = 112n; shift >= 0n; shift -= 16n) parts.push(Number((address.value >> shift) & 0xffffn));
  return new ipaddr.IPv6(parts).toRFC5952String();
}

export function prefixText(prefix: Prefix): string {
  return `${addressText(firstOf(prefix))}/${prefix.length}`;
}

/** A key to compare and to look up by; equal for equal addresses only. */
export function addressKey(address: Address): string {
  return address.version === 4 ? `4:${address.value}` : `6:${address.value.toString(16)}`;
}

/** Equal for equal addresses only, like addressKey, and made without a text for IPv4. */
export function addressId(address: Address): number | string {
  return address.version === 4 ? address.value : address.value.toString(16);
}

/** Equal for equal prefixes, like prefixKey, and made without a text for IPv4: for loops over thousands. */
export function prefixId(prefix: Prefix): number | string {
  return prefix.version === 4 ? prefix.first * 64 + prefix.length : prefixKey(prefix);
}

export function prefixKey(prefix: Prefix): string {
  return `${addressKey(firstOf(prefix))}/${prefix.length}`;
}
