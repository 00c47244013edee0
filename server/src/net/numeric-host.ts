// The host of an Endpoint, where it is a number: getaddrinfo(3) takes all forms of inet_aton(3), which read otherwise than people do.
import { type Address, parseAddress } from './address.ts';

/**
 * The address that getaddrinfo takes `host` for without asking anybody; null for a name. `010.0.0.1` is 8.0.0.1, `10.1` is 10.0.0.1,
 * `0x7f.1` and `2130706433` are 127.0.0.1. An IPv6 zone is left out.
 */
export function numericHost(host: string): Address | null {
  if (host.includes(':')) return parseAddress(host.replace(/%[^%:/]+$/, ''));
  const plain = parseAddress(host);
  if (plain) return plain;
  const value = atonValue(host);
  return value === null ? null : { version: 4, value };
}

/** Whether `host` is an address in a form that does not say what it is: one of inet_aton's that is not four decimal parts. */
export function readsOtherwise(host: string): boolean {
  return !host.includes(':') && parseAddress(host) === null && atonValue(host) !== null;
}

/** glibc, inet_addr.c, inet_aton_end: up to four parts, decimal, octal (0…) or hexadecimal (0x…); the last fills what is left. */
function atonValue(text: string): number | null {
  const parts = text.split('.');
  if (parts.length > 4) return null;
  let value = 0;
  for (const [index, part] of parts.entries()) {
    const base = /^0[0-7]*$/.test(part) ? 8 : /^0x[0-9a-f]+$/i.test(part) ? 16 : /^[1-9][0-9]*$/.test(part) ? 10 : 0;
    if (base === 0) return null;
    const number = Number.parseInt(part, base);
    const last = index === parts.length - 1;
    const room = last ? 256 ** (4 - index) : 256;
    if (!(number < room)) return null;
    value = last ? value + number : value + number * 256 ** (3 - index);
  }
  return value;
}
