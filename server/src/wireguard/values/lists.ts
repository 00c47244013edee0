// Values with several items: AllowedIPs, addresses, words.
import { parsePrefix, prefixAt, type WrittenPrefix } from '../../net/address.ts';
import { numericHost } from '../../net/numeric-host.ts';
import type { Span } from '../../text/span.ts';
import { none } from '../../text/statement.ts';
import { Token } from '../../text/token.ts';
import { quoted } from '../../text/words.ts';
import { isSpace, type LineReader, problem, push, refusedByWg, span, squeezed } from '../line-reader.ts';
import type { PrefixItem, Reading } from '../tree.ts';
import { wgBehaviour } from '../version.ts';

const COMMA = 44;

/** The reading of every list with one plain entry, as nearly all are: what it says is in the line's facts before the next is read. */
const plainItem: { span: Span; written: WrittenPrefix | null; readonly sign: null } = {
  span: { start: 0, end: 0 },
  written: null,
  sign: null,
};
const plainList: Reading = { is: 'allowed-ips', items: [plainItem] };

export function readAllowedIps(reader: LineReader, start: number, end: number): Reading {
  const plain = prefixAt(reader.text, start, end);
  if (plain) {
    push(reader, Token.Address, end);
    plainItem.span = span(reader, start, end);
    plainItem.written = plain;
    return plainList;
  }
  return { is: 'allowed-ips', items: eachItem(reader, start, end, false, readAllowedIp) };
}

export function readAddresses(reader: LineReader, start: number, end: number): Reading {
  return { is: 'addresses', items: eachItem(reader, start, end, true, readAddress) };
}

/** The items between commas (and spaces, where `spaces`), trimmed, as `read` makes them of each, empty ones included; it pushes their tokens. */
function eachItem<T>(
  reader: LineReader,
  start: number,
  end: number,
  spaces: boolean,
  read: (reader: LineReader, start: number, end: number, value: Span) => T | null,
): readonly T[] {
  const { text } = reader;
  const value = { start, end };
  // most lists have one item, for which an array that is pushed to would keep room for many
  let items: T[] | null = null;
  let at = start;
  for (;;) {
    while (at < end && isSpace(text.charCodeAt(at))) at++;
    push(reader, Token.Space, at);
    let stop = at;
    let itemEnd = at;
    for (; stop < end; stop++) {
      const unit = text.charCodeAt(stop);
      if (unit === COMMA) break;
      if (!isSpace(unit)) itemEnd = stop + 1;
      else if (spaces) break;
    }
    const item = read(reader, at, itemEnd, value);
    if (item !== null) {
      if (items) items.push(item);
      else items = [item];
    }
    push(reader, Token.Space, stop);
    while (spaces && stop < end && isSpace(text.charCodeAt(stop))) stop++;
    push(reader, Token.Space, stop);
    if (stop >= end) return items ?? none;
    if (text.charCodeAt(stop) === COMMA) {
      push(reader, Token.Punctuation, stop + 1);
      at = stop + 1;
      if (at >= end && spaces) return items ?? none;
    } else at = stop;
  }
}

/** config.c, parse_allowedips. */
function readAllowedIp(reader: LineReader, from: number, to: number, value: Span): PrefixItem {
  const at = span(reader, from, to);
  const plain = prefixAt(reader.text, from, to);
  if (plain) {
    push(reader, Token.Address, to);
    return { span: at, written: plain, sign: null };
  }
  const raw = squeezed(reader, from, to);
  const sign = wgBehaviour(reader.version).signs && (raw[0] === '+' || raw[0] === '-') ? raw[0] : null;
  const written = parsePrefix(sign ? raw.slice(1) : raw);
  if (!written) {
    const [a, b] = to > from ? [from, to] : [Math.max(value.start, from - 1), Math.min(value.end, to + 1)];
    problem(reader, 'invalid-value', a, b, badPrefix(raw, reader.text.slice(from, to)), refusedByWg);
  } else if (sign) problem(reader, 'signed-allowed-ips', from, to, SIGNED[sign], { suggest: sign === '+' ? [raw.slice(1)] : [] });
  push(reader, written ? Token.Address : Token.Unknown, to);
  return { span: at, written, sign };
}

const SIGNED = {
  '+': 'the “+” adds to what is loaded already, and when a config is loaded nothing is; wg before 1.0.20250521 refuses it',
  '-': 'the “-” takes away what is loaded already, and when a config is loaded only entries above are; remove it and what it takes away',
} as const;

function badPrefix(raw: string, shown: string): string {
  if (raw === '') return 'a comma with nothing behind or before it: wg refuses an empty entry; remove the comma';
  const say = `wg cannot read ${quoted(shown)}: `;
  if (/[;|]/.test(raw) || /[0-9a-f]\s+[0-9a-f]/i.test(shown)) return `${say}put commas between the entries`;
  if (/^[+-]/.test(raw) && parsePrefix(raw.slice(1)))
    return `${say}signs before an entry are known since wg 1.0.20250521; remove the “${raw[0]}”`;
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
function readAddress(reader: LineReader, from: number, to: number): PrefixItem | null {
  if (from === to) return null;
  const written = prefixAt(reader.text, from, to);
  if (!written) {
    problem(
      reader,
      'invalid-value',
      from,
      to,
      `${quoted(reader.text.slice(from, to))} is no address: bringing the interface up will fail. Write it as 10.10.0.1/24`,
      { failsAt: 'up' },
    );
  }
  push(reader, written ? Token.Address : Token.Unknown, to);
  return { span: span(reader, from, to), written, sign: null };
}

export function readWords(reader: LineReader, start: number, end: number, token: Token = Token.Address): Reading {
  const items = eachItem(reader, start, end, true, (_, from, to) => {
    push(reader, token, to);
    return to > from ? span(reader, from, to) : null;
  });
  return { is: 'words', items };
}

/** linux.bash: `[[ $v =~ (^[0-9.]+$)|(^.*:.*$) ]] && DNS+=( $v ) || DNS_SEARCH+=( $v )`. */
export function readDns(reader: LineReader, start: number, end: number): Reading {
  const reading = readWords(reader, start, end);
  if (reading.is !== 'words') return reading;
  for (const item of reading.items) {
    const from = item.start + reader.start;
    const to = item.end + reader.start;
    const word = reader.text.slice(from, to);
    if (/^[0-9.]+$|:/.test(word)) {
      if (!numericHost(word))
        problem(reader, 'dns-not-a-server', from, to, `wg-quick takes ${quoted(word)} for a resolver’s address, and it is none`);
    } else if (/^[0-9]+(\.[0-9]+){2,}/.test(word)) {
      problem(
        reader,
        'dns-not-a-server',
        from,
        to,
        `wg-quick takes ${quoted(word)} for a search domain, since it is no bare address; write the resolver’s address alone`,
      );
    }
  }
  return reading;
}
