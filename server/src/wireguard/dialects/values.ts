// Values as systemd-networkd and NetworkManager read them. Neither refuses a file for a wrong value: they leave the line out and go on, so
// that a peer may be up without what was meant to protect it. Each such line is told.
import { parsePrefix } from '../../net/address.ts';
import { decodeKey, encodeKey, type KeyFault, type Secret, secretAt } from '../../net/key.ts';
import { copied, type Span } from '../../text/span.ts';
import { Token } from '../../text/token.ts';
import { KEY_LIKE, quoted } from '../../text/words.ts';
import { type LineReader, problem, push, span } from '../line-reader.ts';
import type { PrefixItem, Reading } from '../tree.ts';
import type { KeyRow } from '../vocabulary.ts';

/** How one manager reads values, where they differ. */
export interface Manner {
  readonly manager: 'networkd' | 'NetworkManager';
  /** What stands between the entries of a list, as the inside of a character class. */
  readonly separators: string;
  /** `@NAME` is a credential (systemd.netdev(5)). */
  readonly credentials: boolean;
}

/** Words that no key has: a path, or a text that is to be filled in. */
const PATH = /^(?:file:(?:\/\/)?)?(?:\/|~\/|\.{1,2}\/)[\w./@%+-]*$/;

const FAULTS: Readonly<Record<KeyFault, string>> = {
  length: 'a key is 44 characters of base64',
  ending: 'a key ends with “=”',
  alphabet: 'a key has only A–Z, a–z, 0–9, + and /',
  canonical: 'its last character before “=” carries bits that a key does not have',
};

const unread: Reading = { is: 'unread' };

/** Reads `start..end` (in the file, trimmed) as the value of `row`, pushing its tokens. `entry` is where the line's key begins. */
export function readDialectValue(reader: LineReader, manner: Manner, row: KeyRow, entry: number, start: number, end: number): Reading {
  // systemd.syntax(7): an empty value takes back what was set; NetworkManager leaves it out
  if (start === end) return unread;
  const { text } = reader;
  const credential = manner.credentials && text[start] === '@';
  switch (row.value) {
    case 'private-key':
    case 'preshared-key':
      if (credential) return keyFile(reader, row.value, end, Token.Constant);
      return { is: row.value, secret: readSecret(reader, manner, row, row.value, entry, start, end) };
    case 'private-key-file':
    case 'preshared-key-file':
      return readKeyFile(reader, manner, row, row.value === 'private-key-file' ? 'private-key' : 'preshared-key', start, end);
    case 'public-key-file':
      push(reader, Token.String, end);
      return { is: 'public-key', key: null };
    case 'public-key':
      if (credential) {
        push(reader, Token.Constant, end);
        return { is: 'public-key', key: null };
      }
      return readPublicKey(reader, manner, start, end);
    case 'allowed-ips':
      return { is: 'allowed-ips', items: readPrefixes(reader, manner, row, start, end) };
    case 'addresses':
      return { is: 'addresses', items: readAddress(reader, manner, start, end) };
    case 'endpoint':
      if (credential) {
        push(reader, Token.Constant, end);
        return unread;
      }
      return readEndpoint(reader, manner, start, end);
    case 'port':
      if (text.slice(start, end) === 'auto' && manner.credentials) {
        push(reader, Token.Constant, end);
        return unread;
      }
      return readNumber(reader, manner, row, start, end, 0xffff, 'a port, from 1 to 65535');
    case 'keepalive':
      if (text.slice(start, end) === 'off' && manner.credentials) {
        push(reader, Token.Constant, end);
        return { is: 'number', value: 0 };
      }
      return readNumber(reader, manner, row, start, end, 0xffff, 'a number of seconds, from 0 to 65535');
    case 'count':
      return readNumber(reader, manner, row, start, end, 0xffffffff, 'a number, from 0 to 4294967295');
    case 'secret-flags':
      return readFlags(reader, manner, row, start, end);
    case 'device':
    case 'device-match': {
      push(reader, Token.Constant, end);
      // interface names have 15 characters; anything longer is none, and may be a pasted key
      const names = text.slice(start, Math.min(end, start + 512)).split(/[\s\\]+/);
      const sound = names.filter((name) => /^[^\s/]{1,15}$/.test(name)).map((name) => copied(name, 0, name.length));
      return { is: 'device', of: row.value === 'device' ? 'name' : 'match', names: sound };
    }
    default:
      push(reader, Token.Constant, end);
      return unread;
  }
}

/** Tells that the manager leaves this out, with what comes of it and the mend. */
export function ignored(
  reader: LineReader,
  manner: Manner,
  start: number,
  end: number,
  what: string,
  outcome: string,
  suggest?: readonly string[],
): void {
  problem(
    reader,
    'ignored-line',
    start,
    end,
    `${what}: ${manner.manager} ignores it without refusing the file, ${outcome}`,
    suggest ? { suggest } : {},
  );
}

function keyFile(reader: LineReader, of: 'private-key' | 'preshared-key', end: number, token: Token): Reading {
  push(reader, token, end);
  return { is: 'key-file', of };
}

/** networkd-util’s path_simplify_and_warn: only an absolute path. */
function readKeyFile(
  reader: LineReader,
  manner: Manner,
  row: KeyRow,
  of: 'private-key' | 'preshared-key',
  start: number,
  end: number,
): Reading {
  const written = reader.text.slice(start, Math.min(end, start + 4096));
  if (written.startsWith('/') && !decodesAsKey(reader.text, start, end)) return keyFile(reader, of, end, Token.String);
  const what = decodesAsKey(reader.text, start, end) ? 'a key stands where the path of its file belongs' : 'this is no absolute path';
  ignored(reader, manner, start, end, what, `${without(of)}. Write ${row.example}`);
  push(reader, decodesAsKey(reader.text, start, end) ? Token.Secret : Token.Unknown, end);
  return unread;
}

function decodesAsKey(text: string, start: number, end: number): boolean {
  return typeof decodeKey(text, start, end) !== 'string';
}

function without(of: 'private-key' | 'preshared-key'): string {
  return of === 'private-key' ? 'and the interface comes up without a private key' : 'and the peer is loaded without a preshared key';
}

/** Secrets are looked at in place: no message, no value holds one. */
function readSecret(
  reader: LineReader,
  manner: Manner,
  row: KeyRow,
  kind: 'private-key' | 'preshared-key',
  entry: number,
  start: number,
  end: number,
): Secret {
  const { text } = reader;
  const at = span(reader, start, end);
  // hexdecoct.c, unbase64_next: white space inside is passed over
  const joined = /\s/.test(text.slice(start, end)) ? text.slice(start, end).replace(/\s+/g, '') : null;
  const secret =
    joined === null
      ? secretAt(text, start, end, at, kind === 'private-key')
      : secretAt(joined, 0, joined.length, at, kind === 'private-key');
  if (!secret.fault) {
    push(reader, Token.Secret, end);
    return secret;
  }
  const written = text.slice(start, Math.min(end, start + 4096));
  if (kind === 'private-key' && !manner.credentials) {
    // nm-setting-wireguard.c, verify: the profile is invalid as a whole
    problem(
      reader,
      'invalid-value',
      start,
      end,
      `this is no key (${FAULTS[secret.fault]}), and ${manner.manager} refuses the profile. Put in what “wg genkey” prints`,
      {
        refusedBy: manner.manager,
      },
    );
  } else if (PATH.test(written) && !KEY_LIKE.test(written)) {
    const file = `${row.name}File=${written}`;
    if (manner.credentials) {
      ignored(reader, manner, entry, end, `${row.name}= takes no path`, `${without(kind)}. Write ${row.name}File=`, [file]);
    } else ignored(reader, manner, start, end, `${row.name} takes no path`, `${without(kind)}. Write the key itself`);
  } else {
    const length = secret.fault === 'length' ? `, this has ${end - start}` : '';
    const make = kind === 'private-key' ? 'wg genkey' : 'wg genpsk';
    ignored(
      reader,
      manner,
      start,
      end,
      `this is no key (${FAULTS[secret.fault]}${length})`,
      `${without(kind)}. Put in what “${make}” prints`,
    );
  }
  push(reader, Token.Unknown, end);
  return secret;
}

function readPublicKey(reader: LineReader, manner: Manner, start: number, end: number): Reading {
  const { text } = reader;
  const bytes = decodeKey(text, start, end);
  if (typeof bytes !== 'string') {
    push(reader, Token.PublicKey, end);
    return { is: 'public-key', key: encodeKey(bytes) };
  }
  const length = bytes === 'length' ? `, this has ${end - start}` : '';
  ignored(
    reader,
    manner,
    start,
    end,
    `this is no public key (${FAULTS[bytes]}${length})`,
    'and the whole peer is left out. Put in what “wg pubkey” prints on its host',
  );
  push(reader, Token.Unknown, end);
  return { is: 'public-key', key: null };
}

/** Calls `item` for each entry of a list; a `\` before a line break goes on (systemd.syntax(7)). */
function eachEntry(reader: LineReader, separators: string, start: number, end: number, item: (start: number, end: number) => Token): void {
  // comments between the parts are passed over
  const text = reader.text.slice(start, end).replace(/(?<=\n)[ \t]*[#;][^\n]*/g, (comment) => ' '.repeat(comment.length));
  for (const { index, 0: entry } of text.matchAll(new RegExp(`(?:[^${separators}\\s\\\\]|\\\\(?!\\r?\\n))+`, 'g'))) {
    const from = start + index;
    push(reader, Token.Punctuation, from);
    const token = item(from, from + entry.length);
    push(reader, token, from + entry.length);
  }
  push(reader, Token.Punctuation, end);
}

function readPrefixes(reader: LineReader, manner: Manner, row: KeyRow, start: number, end: number): PrefixItem[] {
  const items: PrefixItem[] = [];
  eachEntry(reader, manner.separators, start, end, (from, to) => {
    const raw = reader.text.slice(from, to);
    const written = parsePrefix(raw);
    items.push({ span: span(reader, from, to), written, sign: null });
    if (written) return Token.Address;
    const mend =
      !manner.credentials && raw.includes(',')
        ? `entries are separated by “;” here, as in ${row.example}`
        : `write an address or prefix, as in 10.10.0.7/32`;
    ignored(
      reader,
      manner,
      from,
      to,
      `${quoted(raw)} is no address or prefix`,
      `and the peer gets no such address. In ${row.name}, ${mend}`,
    );
    return Token.Unknown;
  });
  return items;
}

/** networkd: one address a line. NetworkManager: `ADDRESS/LENGTH[,GATEWAY]`, in old files `;` between. */
function readAddress(reader: LineReader, manner: Manner, start: number, end: number): PrefixItem[] {
  const items: PrefixItem[] = [];
  eachEntry(reader, manner.credentials ? '' : ',;', start, end, (from, to) => {
    const raw = reader.text.slice(from, to);
    if (items.length > 0) return Token.Address;
    const written = parsePrefix(raw);
    items.push({ span: span(reader, from, to), written, sign: null });
    if (written) return Token.Address;
    ignored(reader, manner, from, to, `${quoted(raw)} is no address`, 'and the interface comes up without it. Write it as 10.10.0.1/24');
    return Token.Unknown;
  });
  return items;
}

/** Up to the bracket, or the last colon: IPv6 without brackets is taken as well (config_parse_wireguard_endpoint; nm-core-utils, _parse_endpoint). */
function readEndpoint(reader: LineReader, manner: Manner, start: number, end: number): Reading {
  const { text } = reader;
  const written = text.slice(start, Math.min(end, start + 1024));
  const parts = /^(?:\[([0-9A-Fa-f:.]+(?:%[\w.-]+)?)\]|([^\s[\]/]+)):(\d+)$/.exec(written);
  const port = Number(parts?.[3]);
  if (!parts || port < 1 || port > 65535) {
    const mend = 'write host:port, as in hub.example.net:51820 or [2001:db8::1]:51820';
    ignored(reader, manner, start, end, `${quoted(written)} is no endpoint`, `and this host waits for the peer to speak first; ${mend}`);
    push(reader, Token.Unknown, end);
    return unread;
  }
  const bracketed = parts[1] !== undefined;
  const host = (parts[1] ?? parts[2]) as string;
  const hostSpan: Span = { start: start + (bracketed ? 1 : 0), end: start + (bracketed ? 1 : 0) + host.length };
  const portStart = end - (parts[3] as string).length;
  push(reader, Token.Punctuation, hostSpan.start);
  push(reader, Token.Address, hostSpan.end);
  push(reader, Token.Punctuation, portStart);
  push(reader, Token.Number, end);
  return {
    is: 'endpoint',
    host: KEY_LIKE.test(host) ? '' : copied(host, 0, host.length),
    port,
    hostSpan: span(reader, hostSpan.start, hostSpan.end),
    portSpan: span(reader, portStart, end),
  };
}

/** Decimal; networkd takes 0x as well (parse-util.c, safe_atou). */
function readNumber(reader: LineReader, manner: Manner, row: KeyRow, start: number, end: number, most: number, what: string): Reading {
  const raw = reader.text.slice(start, Math.min(end, start + 64));
  const value = /^[0-9]+$/.test(raw) || (manner.credentials && /^0x[0-9a-f]+$/i.test(raw)) ? Number(raw) : Number.NaN;
  if (value >= 0 && value <= most) {
    push(reader, Token.Number, end);
    return { is: 'number', value };
  }
  ignored(reader, manner, start, end, `${quoted(raw)} is not ${what}`, `and ${row.name} stays as if it were not written`);
  push(reader, Token.Unknown, end);
  return { is: 'number', value: null };
}

function readFlags(reader: LineReader, manner: Manner, row: KeyRow, start: number, end: number): Reading {
  const raw = reader.text.slice(start, Math.min(end, start + 16));
  const sound = /^[0-7]$/.test(raw);
  if (!sound)
    ignored(
      reader,
      manner,
      start,
      end,
      `${quoted(raw)} is not a sum of 1, 2 and 4`,
      `and ${row.name} stays 4: there is no preshared key. Write 0 for a key in this file`,
    );
  push(reader, sound ? Token.Number : Token.Unknown, end);
  return sound ? { is: 'secret-flags', value: Number(raw) } : unread;
}
