// Reads the values of WireGuard keys, exactly as config.c and wg-quick do, and says what they would refuse.

import { parsePrefix } from '../net/address.ts';
import { decodeKey, encodeKey, type KeyFault, type Secret, secretAt } from '../net/key.ts';
import { copied } from '../text/span.ts';
import { Token } from '../text/token.ts';
import { KEY_LIKE, quoted } from '../text/words.ts';
import { hookNftProblems } from './hook-nft.ts';
import { isSpace, type LineReader, problem, push, span } from './line-reader.ts';
import { readShell } from './shell.ts';
import type { PrefixItem, Reading } from './tree.ts';
import type { KeyRow } from './vocabulary.ts';

const refusedByWg = { refusedBy: 'wg' } as const;

/** Reads `start..end` (in the file, trimmed) as the value of `row`, pushing its tokens. */
export function readValue(reader: LineReader, row: KeyRow, start: number, end: number): Reading {
  if (start === end) return emptyValue(reader, row, start);
  switch (row.value) {
    case 'private-key':
    case 'preshared-key':
      return { is: row.value, secret: readSecret(reader, row, row.value, start, end) };
    case 'public-key':
      return readPublicKey(reader, row, start, end);
    case 'allowed-ips':
      return { is: 'allowed-ips', items: readAllowedIps(reader, start, end) };
    case 'addresses':
      return { is: 'addresses', items: readAddresses(reader, start, end) };
    case 'endpoint':
      return readEndpoint(reader, start, end);
    case 'port':
      return { is: 'number', value: readPort(reader, start, end, 'ListenPort') };
    case 'fwmark':
      return readFwMark(reader, start, end);
    case 'keepalive':
      return readKeepalive(reader, start, end);
    case 'mtu':
      return readMtu(reader, start, end);
    case 'table':
      return readTable(reader, start, end);
    case 'dns':
      return readWords(reader, start, end);
    case 'boolean':
      return readBoolean(reader, start, end);
    case 'hook':
      return readHook(reader, start, end);
  }
}

/** wg matches `Key=` and at least one character (config.c, key_match); wg-quick takes nothing for an answer, but for SaveConfig. */
function emptyValue(reader: LineReader, row: KeyRow, at: number): Reading {
  if (row.tool === 'wg')
    problem(
      reader,
      'invalid-value',
      reader.start,
      at,
      `${row.name} has no value, and wg refuses the line; write one (${row.example}) or remove the line`,
      refusedByWg,
    );
  else if (row.value === 'boolean') {
    problem(reader, 'invalid-value', reader.start, at, `${row.name} has no value; wg-quick takes true or false`, { refusedBy: 'wg-quick' });
  }
  return { is: 'unread' };
}

/** The value as wg sees it: without spaces. Only for values that are no secret. */
function squeezed(reader: LineReader, start: number, end: number): string {
  return reader.text.slice(start, end).replace(/[ \t\v\f\r]+/g, '');
}

const FAULTS: Readonly<Record<KeyFault, string>> = {
  length: 'a key is 44 characters of base64',
  ending: 'a key ends with “=”',
  alphabet: 'a key has only A–Z, a–z, 0–9, + and /',
  canonical: 'its last character before “=” carries bits that a key does not have; a character was lost or changed',
};

const PLACEHOLDER =
  /^<.*>$|^\(.*\)$|^\[.*\]$|\{\{|^\$\{?\w|^%\w|^(your|insert|replace|change|my|x{3,}|put|paste|server|client|peer|private|public|base64)[\w .-]*$|\.\.\.|…/i;
const PATH = /^(~?\/|\.{1,2}\/|file:|\$\(|<\(|`)|^[^+]*\.(key|psk|priv|pub|pem|txt|secret)$/i;

/** Secrets are looked at in place: no message, no value holds one. */
function readSecret(reader: LineReader, row: KeyRow, kind: 'private-key' | 'preshared-key', start: number, end: number): Secret {
  const { text } = reader;
  let secret: Secret;
  const at = span(reader, start, end);
  if (hasSpace(text, start, end)) {
    const joined = text.slice(start, end).replace(/[ \t\v\f\r]+/g, '');
    secret = secretAt(joined, 0, joined.length, at, kind === 'private-key');
  } else secret = secretAt(text, start, end, at, kind === 'private-key');
  if (secret.fault) {
    const written = end - start <= 4096 ? text.slice(start, end) : '';
    if (isPath(written)) {
      const command = kind === 'private-key' ? 'wg set %i private-key FILE' : 'wg set %i peer <PublicKey> preshared-key FILE';
      problem(
        reader,
        'key-is-a-path',
        start,
        end,
        `wg reads no key from a file or a command here: “Key is not the correct length or format”. Load it with “PostUp = ${command}” in [Interface] instead`,
        refusedByWg,
      );
    } else if (PLACEHOLDER.test(written)) {
      problem(
        reader,
        'invalid-value',
        start,
        end,
        `this is a placeholder, no key; ${row.name} takes the 44 characters that “${kind === 'private-key' ? 'wg genkey' : 'wg genpsk'}” prints`,
        refusedByWg,
      );
    } else {
      problem(
        reader,
        'invalid-value',
        start,
        end,
        `this is no key: ${FAULTS[secret.fault]}${secret.fault === 'length' ? `, this has ${end - start}` : ''}. wg refuses it`,
        refusedByWg,
      );
    }
    push(reader, Token.Unknown, end);
  } else push(reader, Token.Secret, end);
  return secret;
}

function isPath(written: string): boolean {
  return PATH.test(written) && !/^[A-Za-z0-9+/]{40,}=*$/.test(written);
}

function hasSpace(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (isSpace(text.charCodeAt(i))) return true;
  return false;
}

function readPublicKey(reader: LineReader, row: KeyRow, start: number, end: number): Reading {
  const { text } = reader;
  const joined = hasSpace(text, start, end) ? squeezed(reader, start, end) : null;
  const bytes = joined === null ? decodeKey(text, start, end) : decodeKey(joined, 0, joined.length);
  if (typeof bytes !== 'string') {
    push(reader, Token.PublicKey, end);
    return { is: 'public-key', key: encodeKey(bytes) };
  }
  const written = text.slice(start, Math.min(end, start + 4096));
  const what = isPath(written)
    ? 'a path; wg takes the key itself here, and it is no secret'
    : PLACEHOLDER.test(written)
      ? `a placeholder; ${row.name} takes the 44 characters that “wg pubkey” prints`
      : `no key: ${FAULTS[bytes]}${bytes === 'length' ? `, this has ${end - start}` : ''}`;
  problem(reader, 'invalid-value', start, end, `this is ${what}. wg refuses it`, refusedByWg);
  push(reader, Token.Unknown, end);
  return { is: 'public-key', key: null };
}

/** The items between commas (and spaces, where `spaces`), trimmed; calls `item` for each, empty ones included. */
function eachItem(reader: LineReader, start: number, end: number, spaces: boolean, item: (start: number, end: number) => Token): void {
  const { text } = reader;
  let at = start;
  for (;;) {
    while (at < end && isSpace(text.charCodeAt(at))) at++;
    push(reader, Token.Space, at);
    let stop = at;
    while (stop < end && text[stop] !== ',' && !(spaces && isSpace(text.charCodeAt(stop)))) stop++;
    let itemEnd = stop;
    while (itemEnd > at && isSpace(text.charCodeAt(itemEnd - 1))) itemEnd--;
    const token = item(at, itemEnd);
    push(reader, token, itemEnd);
    push(reader, Token.Space, stop);
    while (spaces && stop < end && isSpace(text.charCodeAt(stop))) stop++;
    push(reader, Token.Space, stop);
    if (stop >= end) return;
    if (text[stop] === ',') {
      push(reader, Token.Punctuation, stop + 1);
      at = stop + 1;
      if (at >= end && spaces) return;
    } else at = stop;
  }
}

/** config.c, parse_allowedips. */
function readAllowedIps(reader: LineReader, start: number, end: number): PrefixItem[] {
  const items: PrefixItem[] = [];
  eachItem(reader, start, end, false, (from, to) => {
    const raw = squeezed(reader, from, to);
    const sign = raw[0] === '+' || raw[0] === '-' ? raw[0] : null;
    const written = parsePrefix(sign ? raw.slice(1) : raw);
    const at = span(reader, from, to);
    if (!written) {
      const [a, b] = to > from ? [from, to] : [Math.max(start, from - 1), Math.min(end, to + 1)];
      problem(reader, 'invalid-value', a, b, badPrefix(raw, reader.text.slice(from, to)), refusedByWg);
    }
    items.push({ span: at, written, sign });
    return written ? Token.Address : Token.Unknown;
  });
  return items;
}

function badPrefix(raw: string, shown: string): string {
  if (raw === '') return 'a comma with nothing behind or before it: wg refuses an empty entry; remove the comma';
  const say = `wg cannot read ${quoted(shown)}: `;
  if (/[;|]/.test(raw) || /[0-9a-f]\s+[0-9a-f]/i.test(shown)) return `${say}put commas between the entries`;
  if (/^\[.*\]/.test(raw)) return `${say}no brackets here, only in an Endpoint`;
  if (/%/.test(raw)) return `${say}an address here has no zone; remove “%…”`;
  if (/\/\d+\.\d+/.test(raw)) return `${say}write the prefix length instead of a netmask, as in 10.10.0.0/24`;
  if (/\d-[\d:]/.test(raw)) return `${say}a range is not taken; write prefixes, as in 10.10.0.8/29`;
  if (/\/\d+$/.test(raw)) {
    const [address = '', length = ''] = raw.split('/');
    const bits = address.includes(':') ? 128 : 32;
    if (parsePrefix(address)) return `${say}/${length} is longer than an address, which has ${bits} bits`;
  }
  if (/\/$/.test(raw)) return `${say}there is no number behind the slash; write /32 (IPv6: /128) for one host`;
  if (/(^|\.)0\d/.test(raw)) return `${say}a part with a leading zero is refused, since some read it as octal`;
  if (/^[\d.]+(\/\d+)?$/.test(raw)) return `${say}an IPv4 address has four parts, as in 10.10.0.7/32`;
  if (/^[a-z][\w.-]*\.[a-z]/i.test(raw)) return `${say}a name is not taken here, only addresses`;
  return `${say}an address or prefix belongs here, as in 10.10.0.7/32 or fd00::7/128`;
}

/** wg-quick takes anything; `ip address add` refuses what is no address, when the interface comes up. */
function readAddresses(reader: LineReader, start: number, end: number): PrefixItem[] {
  const items: PrefixItem[] = [];
  eachItem(reader, start, end, true, (from, to) => {
    if (from === to) return Token.Unknown;
    const text = reader.text.slice(from, to);
    const written = parsePrefix(text);
    if (!written) {
      problem(
        reader,
        'invalid-value',
        from,
        to,
        `${quoted(text)} is no address: bringing the interface up will fail. Write it as 10.10.0.1/24`,
        { failsAt: 'up' },
      );
    }
    items.push({ span: span(reader, from, to), written, sign: null });
    return written ? Token.Address : Token.Unknown;
  });
  return items;
}

/** config.c, parse_endpoint: up to `]` where it begins with a bracket, otherwise up to the last colon. */
function readEndpoint(reader: LineReader, start: number, end: number): Reading {
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
  const colon = bracketed ? close + 1 : text.lastIndexOf(':', end - 1);
  if (colon < start || colon >= end || text[colon] !== ':' || colon === end - 1) {
    return unreadable(`${quoted(text.slice(start, end))} has no port; write host:port, as in hub.example.net:51820`);
  }
  const hostSpan = bracketed ? { start: start + 1, end: close } : { start, end: colon };
  const host = squeezed(reader, hostSpan.start, hostSpan.end);
  if (host === '') return unreadable('there is no host before the port; write host:port, as in hub.example.net:51820');
  if (/[\s/<>{}$]/.test(host)) return unreadable(`${quoted(host)} is no host name or address; wg cannot look it up`);
  if (!bracketed && host.includes(':') && !parsePrefix(host)) {
    return unreadable(
      `${quoted(text.slice(start, end))} is read as the host ${quoted(host)} and a port; write an IPv6 address in brackets, as in [2001:db8::1]:51820`,
    );
  }
  push(reader, Token.Punctuation, hostSpan.start);
  push(reader, Token.Address, hostSpan.end);
  push(reader, Token.Punctuation, colon + 1);
  const port = readPort(reader, colon + 1, end, 'the port');
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
function readPort(reader: LineReader, start: number, end: number, what: string): number | null {
  const raw = squeezed(reader, start, end);
  if (/^\+?[0-9]+$/.test(raw)) {
    push(reader, Token.Number, end);
    const value = Number(BigInt.asUintN(16, BigInt(raw.replace('+', ''))));
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

/** config.c, parse_fwmark: off, decimal (or octal), lower-case 0x. */
function readFwMark(reader: LineReader, start: number, end: number): Reading {
  const raw = squeezed(reader, start, end);
  const value = /^off$/i.test(raw) ? 0 : /^0x[0-9a-fA-F]+$/.test(raw) || /^[0-9]+$/.test(raw) ? Number(raw) : Number.NaN;
  const sound = value >= 0 && value <= 0xffffffff;
  if (!sound)
    problem(
      reader,
      'invalid-value',
      start,
      end,
      `${quoted(raw)} is no mark; wg takes off, a decimal number, or a lower-case 0x number up to 0xffffffff`,
      refusedByWg,
    );
  push(reader, sound ? Token.Number : Token.Unknown, end);
  return { is: 'number', value: sound ? value : null };
}

function readKeepalive(reader: LineReader, start: number, end: number): Reading {
  const raw = squeezed(reader, start, end);
  const value = /^off$/i.test(raw) ? 0 : /^[0-9]+$/.test(raw) ? Number(raw) : Number.NaN;
  const sound = value >= 0 && value <= 65535;
  if (!sound)
    problem(
      reader,
      'invalid-value',
      start,
      end,
      `${quoted(raw)} is no interval; wg takes off or seconds from 0 to 65535 (25 behind NAT)`,
      refusedByWg,
    );
  push(reader, sound ? Token.Number : Token.Unknown, end);
  return { is: 'number', value: sound ? value : null };
}

function readMtu(reader: LineReader, start: number, end: number): Reading {
  const raw = reader.text.slice(start, end);
  const sound = /^[0-9]+$/.test(raw);
  if (!sound)
    problem(
      reader,
      'invalid-value',
      start,
      end,
      `${quoted(raw)} is no number of bytes: bringing the interface up will fail. The usual MTU is 1420`,
      { failsAt: 'up' },
    );
  push(reader, sound ? Token.Number : Token.Unknown, end);
  return { is: 'number', value: sound ? Number(raw) : null };
}

/** wg-quick compares `auto` and `off` with their case; anything else is given to ip(8). */
function readTable(reader: LineReader, start: number, end: number): Reading {
  const raw = reader.text.slice(start, end);
  if (/^(auto|off)$/i.test(raw) && raw !== raw.toLowerCase()) {
    problem(
      reader,
      'invalid-value',
      start,
      end,
      `wg-quick knows ${raw.toLowerCase()} only in small letters; ${quoted(raw)} is given to ip(8) as a table’s name and fails`,
      { failsAt: 'up', suggest: [raw.toLowerCase()] },
    );
  }
  return readWords(reader, start, end, Token.Constant);
}

function readWords(reader: LineReader, start: number, end: number, token: Token = Token.Address): Reading {
  const items: { start: number; end: number }[] = [];
  eachItem(reader, start, end, true, (from, to) => {
    if (to > from) items.push(span(reader, from, to));
    return token;
  });
  return { is: 'words', items };
}

function readBoolean(reader: LineReader, start: number, end: number): Reading {
  const raw = reader.text.slice(start, end);
  const value = /^true$/i.test(raw);
  if (!value && !/^false$/i.test(raw)) {
    problem(reader, 'invalid-value', start, end, `wg-quick takes true or false here, not ${quoted(raw)}`, {
      refusedBy: 'wg-quick',
      suggest: /^(yes|on|1)$/i.test(raw) ? ['true'] : ['false'],
    });
    push(reader, Token.Unknown, end);
    return { is: 'unread' };
  }
  push(reader, Token.Constant, end);
  return { is: 'boolean', value };
}

function readHook(reader: LineReader, start: number, end: number): Reading {
  const { commands, fault } = readShell(reader.text, start, end, reader.start);
  if (fault) problem(reader, 'invalid-value', reader.start + fault.start, reader.start + fault.end, fault.message, { failsAt: 'hook' });
  for (const command of commands) {
    command.words.forEach((word, index) => {
      push(reader, Token.Punctuation, reader.start + word.start);
      push(reader, index === 0 ? Token.Command : Token.String, reader.start + word.end);
    });
  }
  push(reader, Token.Punctuation, end);
  const line = reader.text.slice(reader.start, end);
  if (!fault && line.includes('nft')) for (const command of commands) reader.problems.push(...hookNftProblems(line, command));
  return { is: 'hook', commands };
}
