// Values as the apps' readers take them, where they agree.
import { parseAddress, parsePrefix } from '../../net/address.ts';
import { decodeKey } from '../../net/key.ts';

/** 44 characters of base64 for 32 bytes. `strict` where the last character's spare bits must be 0. */
export function isKey(value: string, strict: boolean): boolean {
  const fault = decodeKey(value, 0, value.length);
  return typeof fault !== 'string' || (!strict && fault === 'canonical');
}

/** A decimal number from `least` to `most`. */
export function isNumber(value: string, least: number, most: number, sign = false): boolean {
  return (sign ? /^\+?[0-9]+$/ : /^[0-9]+$/).test(value) && Number(value) >= least && Number(value) <= most;
}

export function isPrefix(value: string): boolean {
  return parsePrefix(value) !== null;
}

export function isAddress(value: string): boolean {
  return parseAddress(value) !== null;
}

/** `host:port`, with an IPv6 address in brackets and only there. */
export function isEndpoint(value: string): boolean {
  const parts = /^(?:\[([^\]%]+)(?:%[^\]]*)?\]|([^\s:[\]]+)):([0-9]+)$/.exec(value);
  if (!parts || Number(parts[3]) > 65535) return false;
  return parts[1] === undefined || (parts[1].includes(':') && isAddress(parts[1]));
}
