// What one line of a WireGuard config says, without where it stands and without a secret's characters.

import type { WrittenPrefix } from '../net/address.ts';
import { publicKeyText } from '../net/key.ts';
import { copied, type Span } from '../text/span.ts';
import { KEY_LIKE } from '../text/words.ts';
import { hookNft } from './hook-nft.ts';
import { type ShellCommand, wordText } from './shell.ts';
import type { Line, LineFacts, Reading } from './tree.ts';
import type { SectionName } from './vocabulary.ts';

/** A private or preshared key as facts know it: whether it is sound and which others it equals. */
export interface SecretFact {
  readonly sound: boolean;
  readonly zero: boolean;
  /** Of a private key. */
  readonly publicKey: string | null;
  readonly fingerprint: string | null;
}

export interface SetPeer {
  readonly publicKey: string;
  readonly presharedKeyFile: boolean;
  readonly remove: boolean;
}

/** A command in a hook that we know. Paths are kept, keys never. */
export type HookCommand =
  | { readonly does: 'wg-set'; readonly privateKeyFile: string | null; readonly peers: readonly SetPeer[] }
  | { readonly does: 'sysctl'; readonly assignments: readonly string[] }
  /** An nft command as nft reads it, but for the interface's name, which stands as %i. */
  | { readonly does: 'nft'; readonly text: string; readonly dynamic: boolean }
  | { readonly does: 'nft-file'; readonly path: string }
  | { readonly does: 'other'; readonly program: string };

export type LineFact =
  | { readonly kind: 'section'; readonly section: SectionName | null }
  | { readonly kind: 'private-key'; readonly key: SecretFact }
  | { readonly kind: 'preshared-key'; readonly key: SecretFact }
  | { readonly kind: 'public-key'; readonly key: string | null }
  | { readonly kind: 'allowed-ips' | 'addresses'; readonly items: readonly (WrittenPrefix | null)[]; readonly signs: string }
  | { readonly kind: 'endpoint'; readonly host: string; readonly port: number | null }
  | { readonly kind: 'listen-port' | 'keepalive'; readonly value: number | null }
  | { readonly kind: 'table'; readonly value: string }
  | { readonly kind: 'hook'; readonly event: string; readonly commands: readonly HookCommand[] }
  /** `# PublicKey = …` in an [Interface]: whose file this is, where its private key is elsewhere. */
  | { readonly kind: 'stated-public-key'; readonly key: string };

/** What may stand before a command's name: words that only run it, and those of bash's compound commands. */
const PREFIXES = new Set(['sudo', 'command', 'exec', '!', '{', 'do', 'then', 'else', 'if', 'while', 'until', 'time']);

const STATED_KEY = /^#+\s*PublicKey\s*[=:]\s*([A-Za-z0-9+/]{43}=)\s*$/i;

const UNSOUND: SecretFact = { sound: false, zero: false, publicKey: null, fingerprint: null };

/** The facts of a line, null where it says nothing that counts; `offset` is the line's in `text`. */
export function lineFacts(line: Line, text: string, offset: number): LineFacts | null {
  if (line.facts === undefined) line.facts = extract(line, text, offset);
  return line.facts;
}

function extract(line: Line, text: string, offset: number): LineFacts | null {
  const { syntax } = line;
  if (syntax.kind === 'section') return { fact: { kind: 'section', section: syntax.section }, places: [syntax.name] };
  if (syntax.kind === 'comment') {
    const match = STATED_KEY.exec(
      text.slice(offset + syntax.text.start, Math.min(offset + syntax.text.end, offset + syntax.text.start + 120)),
    );
    const key = match?.[1] ? publicKeyText(copied(match[1], 0, 44)) : null;
    return key ? { fact: { kind: 'stated-public-key', key }, places: [syntax.text] } : null;
  }
  if (syntax.kind !== 'entry') return null;
  if (!syntax.row) {
    // a key that wg does not have, but that says what was meant
    const name = text.slice(offset + syntax.key.start, Math.min(offset + syntax.key.end, offset + syntax.key.start + 40));
    const places = [{ start: syntax.key.start, end: syntax.value.end }, syntax.value];
    return /^PresharedKey(File|Path)$/i.test(name) ? { fact: { kind: 'preshared-key', key: UNSOUND }, places } : null;
  }
  const whole: Span = { start: syntax.key.start, end: syntax.value.end };
  return readingFacts(syntax.reading, syntax.row.name, whole, syntax.value, text, offset);
}

function readingFacts(reading: Reading, key: string, whole: Span, value: Span, text: string, offset: number): LineFacts | null {
  switch (reading.is) {
    case 'private-key':
    case 'preshared-key': {
      const { fault, zero, publicKey, fingerprint } = reading.secret;
      return { fact: { kind: reading.is, key: { sound: !fault, zero, publicKey, fingerprint } }, places: [whole, reading.secret.span] };
    }
    case 'public-key':
      return { fact: { kind: 'public-key', key: reading.key }, places: [whole, value] };
    case 'allowed-ips':
    case 'addresses':
      return {
        fact: {
          kind: reading.is,
          items: reading.items.map(({ written }) => written),
          signs: reading.items.map(({ sign }) => sign ?? '=').join(''),
        },
        places: [whole, ...reading.items.map(({ span }) => span)],
      };
    case 'endpoint':
      return {
        fact: { kind: 'endpoint', host: KEY_LIKE.test(reading.host) ? '' : reading.host, port: reading.port },
        places: [whole, reading.hostSpan, reading.portSpan],
      };
    case 'number':
      if (key === 'ListenPort') return { fact: { kind: 'listen-port', value: reading.value }, places: [whole, value] };
      if (key === 'PersistentKeepalive') return { fact: { kind: 'keepalive', value: reading.value }, places: [whole, value] };
      return null;
    case 'words':
      return key === 'Table' && !KEY_LIKE.test(text.slice(offset + value.start, offset + value.end))
        ? { fact: { kind: 'table', value: copied(text, offset + value.start, offset + value.end) }, places: [whole, value] }
        : null;
    case 'hook': {
      const line = text.slice(offset, offset + value.end);
      return {
        fact: { kind: 'hook', event: key, commands: reading.commands.map((command) => hookCommand(line, command)) },
        places: [whole, ...reading.commands.map(({ start, end }) => ({ start, end }))],
      };
    }
    default:
      return null;
  }
}

function hookCommand(line: string, command: ShellCommand): HookCommand {
  const nft = hookNft(line, command, '%i');
  if (nft?.file && !KEY_LIKE.test(nft.file)) return { does: 'nft-file', path: copied(nft.file, 0, nft.file.length) };
  if (nft && nft.file === null && !KEY_LIKE.test(nft.text))
    return { does: 'nft', text: copied(nft.text, 0, nft.text.length), dynamic: nft.dynamic };
  const words = command.words.map((word) => ({ text: wordText(line, word), dynamic: word.dynamic }));
  while (words[0] && (/^[A-Za-z_][A-Za-z0-9_]*=/.test(words[0].text) || PREFIXES.has(words[0].text))) words.shift();
  const program = words[0]?.text.replace(/^.*\//, '') ?? '';
  const rest = words.slice(1);
  if (program === 'wg' && rest[0]?.text === 'set') return wgSet(rest.slice(2));
  if (program === 'sysctl') {
    return {
      does: 'sysctl',
      assignments: rest
        .filter(({ text, dynamic }) => text.includes('=') && !dynamic && !KEY_LIKE.test(text))
        .map(({ text }) => copied(text, 0, text.length)),
    };
  }
  return { does: 'other', program: /^[a-z][a-z0-9._-]{0,31}$/i.test(program) ? copied(program, 0, program.length) : '' };
}

/** wg(8), `set <interface> [listen-port …] [private-key FILE] [peer KEY [remove] [preshared-key FILE] …]…`. */
function wgSet(words: readonly { readonly text: string; readonly dynamic: boolean }[]): HookCommand {
  let privateKeyFile: string | null = null;
  const peers: { publicKey: string; presharedKeyFile: boolean; remove: boolean }[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]?.text;
    const next = words[i + 1];
    const peer = peers[peers.length - 1];
    if (word === 'peer' && next) {
      peers.push({ publicKey: publicKeyText(next.text) ?? '', presharedKeyFile: false, remove: false });
      i++;
    } else if (word === 'private-key' && next) {
      // a process substitution or the key itself is no path, and may not be kept
      privateKeyFile = /^[\w./%${}~-]+$/.test(next.text) && !publicKeyText(next.text) ? copied(next.text, 0, next.text.length) : '';
      i++;
    } else if (word === 'preshared-key' && next) {
      if (peer) peer.presharedKeyFile = next.text !== '/dev/null';
      i++;
    } else if (word === 'remove' && peer) peer.remove = true;
    else if (
      word === 'listen-port' ||
      word === 'fwmark' ||
      word === 'endpoint' ||
      word === 'persistent-keepalive' ||
      word === 'allowed-ips'
    )
      i++;
  }
  return { does: 'wg-set', privateKeyFile, peers };
}
