// Endpoints and ports, as getaddrinfo(3) reads them for wg.
import { addressText } from '../../net/address.ts';
import { numericHost, readsOtherwise } from '../../net/numeric-host.ts';
import { copied } from '../../text/span.ts';
import { Token } from '../../text/token.ts';
import { KEY_LIKE, quoted } from '../../text/words.ts';
import { isSpace, type LineReader, problem, push, refusedByWg, span, squeezed } from '../line-reader.ts';
import type { Reading } from '../tree.ts';

/** config.c, parse_endpoint: up to `]` where it begins with a bracket, otherwise up to the last colon. */
export function readEndpoint(reader: LineReader, start: number, end: number): Reading {
  const { text } = reader;
  const unreadable = (message: string): Reading => {
    problem(reader, 'invalid-value', start, end, message, refusedByWg);
    push(reader, Token.Unknown, end);
    return { is: 'unread' };
  };
  const bracketed = text[start] === '[';
  const close = bracketed ? text.indexOf(']', start) : -1;
  if (bracketed && (close < 0 || close >= end))
    return unreadable('the bracket around the IPv6 address is never closed; write [2001:db8::1]:51820');
  let colon = bracketed ? close + 1 : text.lastIndexOf(':', end - 1);
  while (bracketed && colon < end && isSpace(text.charCodeAt(colon))) colon++;
  if (colon < start || colon >= end || text[colon] !== ':' || colon === end - 1) {
    return unreadable(`${quoted(text.slice(start, end))} has no port; write host:port, as in hub.example.net:51820`);
  }
  const hostSpan = bracketed ? { start: start + 1, end: close } : { start, end: colon };
  const host = squeezed(reader, hostSpan.start, hostSpan.end);
  if (host === '') return unreadable('there is no host before the port; write host:port, as in hub.example.net:51820');
  if (/[\s/<>{}$]/.test(host)) return unreadable(`${quoted(host)} is no host name or address; wg cannot look it up`);
  if (bracketed && host.includes(':') && !numericHost(host)) {
    return unreadable(`${quoted(host)} is no IPv6 address; write one in brackets, as in [2001:db8::1]:51820`);
  }
  if (!bracketed && host.includes(':') && !numericHost(host)) {
    return unreadable(
      `${quoted(text.slice(start, end))} is read as the host ${quoted(host)} and a port; write an IPv6 address in brackets, as in [2001:db8::1]:51820`,
    );
  }
  const taken = readsOtherwise(host) ? numericHost(host) : null;
  if (taken) {
    const said = addressText(taken);
    problem(
      reader,
      'endpoint-reads-otherwise',
      hostSpan.start,
      hostSpan.end,
      `${quoted(host)} is ${said} to wg, as inet_aton(3) reads it: a leading 0 is octal, 0x hexadecimal, the last part fills what is left. Write four decimal parts`,
      { suggest: [said] },
    );
  }
  push(reader, Token.Punctuation, hostSpan.start);
  push(reader, Token.Address, hostSpan.end);
  push(reader, Token.Punctuation, colon + 1);
  const port = readPort(reader, colon + 1, end, 'the port', true);
  return {
    is: 'endpoint',
    // nobody's host is called so: somebody pasted a key
    host: KEY_LIKE.test(host) ? '' : copied(host, 0, host.length),
    port,
    hostSpan: span(reader, hostSpan.start, hostSpan.end),
    portSpan: span(reader, colon + 1, end),
  };
}

/**
 * getaddrinfo(3) reads ports: decimal, cut to 16 bits without a word, or a name of /etc/services.
 * The value is what the tool takes, null where that cannot be known.
 */
export function readPort(reader: LineReader, start: number, end: number, what: string, besideHost = false): number | null {
  const raw = squeezed(reader, start, end);
  // “*” is no service at all to getaddrinfo, which is taken beside a host, and leaves the port 0
  const value = besideHost && raw === '*' ? 0 : numericPort(raw);
  if (value !== null) {
    push(reader, Token.Number, end);
    if (value !== Number(raw)) {
      problem(
        reader,
        'cut-value',
        start,
        end,
        `${what} ${quoted(raw)} does not fit in 16 bits; it is cut to ${value} without a word. Ports go up to 65535`,
      );
    }
    return value;
  }
  if (/^[a-z][a-z0-9-]*$/i.test(raw) && !/^auto$/i.test(raw)) {
    push(reader, Token.Constant, end);
    problem(
      reader,
      'invalid-value',
      start,
      end,
      `${quoted(raw)} is looked up in /etc/services when the interface comes up; write the number`,
      { failsAt: 'machine' },
    );
    return null;
  }
  push(reader, Token.Unknown, end);
  problem(
    reader,
    'invalid-value',
    start,
    end,
    `${quoted(reader.text.slice(start, end))} is no port; write a number from 1 to 65535`,
    refusedByWg,
  );
  return null;
}

/**
 * glibc, getaddrinfo.c: strtoul(3) into an int, of which a negative one is looked up as a name, and htons(3) keeps 16 bits. So 65536 is 0,
 * 4294967297 is 1, and 4294967295 is refused.
 */
function numericPort(raw: string): number | null {
  if (/^[0-9]{1,9}$/.test(raw)) return Number(raw) & 0xffff;
  const match = /^([+-]?)([0-9]+)$/.exec(raw);
  if (!match?.[2]) return null;
  const magnitude = BigInt(match[2]);
  const most = (1n << 64n) - 1n;
  const read = magnitude > most ? most : match[1] === '-' ? BigInt.asUintN(64, -magnitude) : magnitude;
  return BigInt.asIntN(32, read) < 0n ? null : Number(BigInt.asUintN(16, read));
}
