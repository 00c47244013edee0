// What one line of a WireGuard config says, without where it stands and without a secret's characters.

import type { WrittenPrefix } from '../net/address.ts';
import { keyText } from '../net/key.ts';
import { copied, type Span } from '../text/span.ts';
import { KEY_LIKE } from '../text/words.ts';
import { type HookCommand, hookCommand } from './hook-commands.ts';
import { isSpace } from './line-reader.ts';
import { sharedPlaces, sharedSpan } from './shapes.ts';
import type { Line, LineFacts, PrefixItem, Reading } from './tree.ts';
import type { KeyRow, SectionName } from './vocabulary.ts';

/** A private or preshared key as facts know it: whether it is sound and which others it equals. */
export interface SecretFact {
  readonly sound: boolean;
  readonly zero: boolean;
  /** Of a private key: as `wg genkey` makes them. */
  readonly clamped: boolean;
  /** Of a private key. */
  readonly publicKey: string | null;
  readonly fingerprint: string | null;
}

export type LineFact =
  /** `key` where the header itself names the peer's key. */
  | { readonly kind: 'section'; readonly section: SectionName | null; readonly key?: string | null }
  | { readonly kind: 'private-key'; readonly key: SecretFact }
  | { readonly kind: 'preshared-key'; readonly key: SecretFact }
  | { readonly kind: 'public-key'; readonly key: string | null }
  | { readonly kind: 'allowed-ips' | 'addresses'; readonly items: readonly (WrittenPrefix | null)[]; readonly signs: string }
  | { readonly kind: 'endpoint'; readonly host: string; readonly port: number | null }
  | { readonly kind: 'listen-port' | 'keepalive' | 'fwmark' | 'mtu'; readonly value: number | null }
  | { readonly kind: 'dns' }
  | { readonly kind: 'save-config'; readonly value: boolean }
  | { readonly kind: 'table'; readonly value: string }
  | { readonly kind: 'hook'; readonly event: string; readonly commands: readonly HookCommand[] }
  /** A key that is read from a file, or is a credential. Somebody may have pasted the key there, so the path is not kept. */
  | { readonly kind: 'key-file'; readonly of: 'private-key' | 'preshared-key' }
  | { readonly kind: 'secret-flags'; readonly value: number | null }
  | { readonly kind: 'device'; readonly of: 'name' | 'match'; readonly names: readonly string[] }
  /** `# PublicKey = …` in an [Interface]: whose file this is, where its private key is elsewhere. */
  | { readonly kind: 'stated-public-key'; readonly key: string }
  /** `# meshwarden: role = …`: of this host, or in a [Peer] of that one. */
  | { readonly kind: 'stated-role'; readonly role: string };

const STATED_KEY = /^#+\s*PublicKey\s*[=:]\s*([A-Za-z0-9+/]{43}=)\s*$/i;

const STATED_ROLE = /^#+\s*meshwarden:\s*role\s*=\s*([a-z][a-z-]{0,31})\s*$/i;

const UNSOUND: SecretFact = { sound: false, zero: false, clamped: false, publicKey: null, fingerprint: null };

/** The facts of a line, null where it says nothing that counts; `offset` is the line's in `text`. */
export function lineFacts(line: Line, text: string, offset: number): LineFacts | null {
  if (line.facts === undefined) line.facts = extract(line, text, offset);
  return line.facts;
}

function extract(line: Line, text: string, offset: number): LineFacts | null {
  const { syntax } = line;
  if (syntax.kind === 'section') {
    const { section, name, key } = syntax;
    return {
      fact: key ? { kind: 'section', section, key: key.value } : { kind: 'section', section },
      places: key ? [name, key.span] : [name],
    };
  }
  if (syntax.kind === 'comment') return commentFacts(syntax.text, text, offset);
  return null;
}

/** The facts of a `Key = value` line, of which the value was read as `reading`; null where it says nothing that counts. */
export function entryFacts(row: KeyRow | null, key: Span, value: Span, reading: Reading, text: string, offset: number): LineFacts | null {
  const whole = sharedSpan(key.start, value.end);
  if (row) return readingFacts(reading, row.as ?? row.name, whole, value, text, offset);
  // a key that wg does not have, but that says what was meant
  const name = text.slice(offset + key.start, Math.min(offset + key.end, offset + key.start + 40));
  return /^PresharedKey(File|Path)$/i.test(name)
    ? { fact: { kind: 'preshared-key', key: UNSOUND }, places: sharedPlaces(whole, value) }
    : null;
}

/** Whether what stands behind the signs of a comment may begin with “PublicKey” or “meshwarden”. */
function mayState(text: string, start: number, end: number): boolean {
  let at = start;
  while (at < end && (text.charCodeAt(at) === 35 || isSpace(text.charCodeAt(at)))) at++;
  const first = text.charCodeAt(at);
  // m, p, or a space of another alphabet
  return (first | 32) === 109 || (first | 32) === 112 || first > 127;
}

function commentFacts(span: Span, text: string, offset: number): LineFacts | null {
  if (!mayState(text, offset + span.start, offset + span.end)) return null;
  const comment = text.slice(offset + span.start, Math.min(offset + span.end, offset + span.start + 120));
  const role = STATED_ROLE.exec(comment)?.[1];
  if (role) return { fact: { kind: 'stated-role', role: copied(role, 0, role.length).toLowerCase() }, places: [span] };
  const match = STATED_KEY.exec(comment);
  const key = match?.[1] ? keyText(match[1], 0, 44) : null;
  return key ? { fact: { kind: 'stated-public-key', key }, places: [span] } : null;
}

function prefixFacts(kind: 'allowed-ips' | 'addresses', items: readonly PrefixItem[], whole: Span): LineFacts {
  const [first] = items;
  // nearly all have one
  if (first && items.length === 1)
    return { fact: { kind, items: [first.written], signs: first.sign ?? '=' }, places: sharedPlaces(whole, first.span) };
  return {
    fact: { kind, items: items.map(({ written }) => written), signs: items.map(({ sign }) => sign ?? '=').join('') },
    places: [whole, ...items.map(({ span }) => span)],
  };
}

function readingFacts(reading: Reading, key: string, whole: Span, value: Span, text: string, offset: number): LineFacts | null {
  switch (reading.is) {
    case 'private-key':
    case 'preshared-key': {
      const { fault, zero, clamped, publicKey, fingerprint } = reading.secret;
      return {
        fact: { kind: reading.is, key: { sound: !fault, zero, clamped, publicKey, fingerprint } },
        places: sharedPlaces(whole, reading.secret.span),
      };
    }
    case 'public-key':
      return { fact: { kind: 'public-key', key: reading.key }, places: sharedPlaces(whole, value) };
    case 'allowed-ips':
    case 'addresses':
      return prefixFacts(reading.is, reading.items, whole);
    case 'endpoint':
      return {
        fact: { kind: 'endpoint', host: KEY_LIKE.test(reading.host) ? '' : reading.host, port: reading.port },
        places: [whole, reading.hostSpan, reading.portSpan],
      };
    case 'number':
      if (key === 'ListenPort') return { fact: { kind: 'listen-port', value: reading.value }, places: sharedPlaces(whole, value) };
      if (key === 'FwMark') return { fact: { kind: 'fwmark', value: reading.value }, places: sharedPlaces(whole, value) };
      if (key === 'MTU') return { fact: { kind: 'mtu', value: reading.value }, places: sharedPlaces(whole, value) };
      if (key === 'PersistentKeepalive') return { fact: { kind: 'keepalive', value: reading.value }, places: sharedPlaces(whole, value) };
      return null;
    case 'boolean':
      return { fact: { kind: 'save-config', value: reading.value }, places: sharedPlaces(whole, value) };
    case 'words':
      if (key === 'DNS') return { fact: { kind: 'dns' }, places: sharedPlaces(whole, value) };
      return key === 'Table' && !KEY_LIKE.test(text.slice(offset + value.start, offset + value.end))
        ? { fact: { kind: 'table', value: copied(text, offset + value.start, offset + value.end) }, places: sharedPlaces(whole, value) }
        : null;
    case 'hook': {
      const line = text.slice(offset, offset + value.end);
      return {
        fact: { kind: 'hook', event: key, commands: reading.commands.map((command) => hookCommand(line, command)) },
        places: [whole, ...reading.commands.map(({ start, end }) => ({ start, end }))],
      };
    }
    case 'key-file':
      return { fact: { kind: 'key-file', of: reading.of }, places: sharedPlaces(whole, value) };
    case 'secret-flags':
      return { fact: { kind: 'secret-flags', value: reading.value }, places: sharedPlaces(whole, value) };
    case 'device':
      return { fact: { kind: 'device', of: reading.of, names: reading.names }, places: sharedPlaces(whole, value) };
    default:
      return null;
  }
}
