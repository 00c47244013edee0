// What the commands of a hook do, where we know the program: data for whoever asks what a host does when its tunnel comes up.
// Paths and addresses are kept, keys never; a word that bash would change is null.
import { publicKeyText } from '../net/key.ts';
import { copied } from '../text/span.ts';
import { KEY_LIKE } from '../text/words.ts';
import { COMMAND_PREFIX, hookNft } from './hook-nft.ts';
import { type ShellCommand, wordText } from './shell.ts';

export interface SetPeer {
  /** '' where it is not written out. */
  readonly publicKey: string;
  readonly presharedKeyFile: boolean;
  readonly allowedIps: boolean;
  readonly remove: boolean;
}

export type HookCommand =
  | { readonly does: 'wg-set'; readonly privateKeyFile: string | null; readonly peers: readonly SetPeer[] }
  /** `sysctl -w name=value`, or `echo value > /proc/sys/name`; names with dots. */
  | { readonly does: 'sysctl'; readonly assignments: readonly string[] }
  /** An nft command as nft reads it, but for the interface's name, which stands as %i. */
  | { readonly does: 'nft'; readonly text: string; readonly dynamic: boolean }
  | { readonly does: 'nft-file'; readonly path: string }
  /** `words` are the arguments as bash makes them, '' for one that may be a key. */
  | { readonly does: 'other'; readonly program: string; readonly words: readonly string[] };

interface Word {
  readonly text: string;
  readonly dynamic: boolean;
}

/** `line` is the text that the command's spans are relative to. */
export function hookCommand(line: string, command: ShellCommand): HookCommand {
  const words = command.words.map((word): Word => ({ text: wordText(line, word), dynamic: word.dynamic }));
  while (words[0] && COMMAND_PREFIX.test(words[0].text)) words.shift();
  const program = words[0]?.text.replace(/^.*\//, '') ?? '';
  const rest = words.slice(1);
  const known = knownCommand(program, rest, line, command);
  if (known) return known;
  return {
    does: 'other',
    program: /^[a-z][a-z0-9._-]{0,31}$/i.test(program) ? copied(program, 0, program.length) : '',
    words: rest.map(({ text }) => (KEY_LIKE.test(text) ? '' : copied(text, 0, text.length))),
  };
}

function knownCommand(program: string, rest: readonly Word[], line: string, command: ShellCommand): HookCommand | null {
  switch (program) {
    case 'wg':
      return rest[0]?.text === 'set' ? wgSet(rest.slice(2)) : null;
    case 'sysctl':
      return { does: 'sysctl', assignments: rest.flatMap((word) => assignment(word)) };
    case 'echo': {
      const into = command.into.map((word) => /^\/proc\/sys\/(.+)$/.exec(wordText(line, word))?.[1]).find((name) => name !== undefined);
      const value = rest.find(({ text }) => !text.startsWith('-'));
      return into && value ? { does: 'sysctl', assignments: assignment({ text: `${into}=${value.text}`, dynamic: value.dynamic }) } : null;
    }
    case 'nft':
      return nftCommand(line, command);
    default:
      return null;
  }
}

function kept({ text, dynamic }: Word): string | null {
  // `%i` is the interface's name, which wg-quick has put in before bash sees it
  return dynamic || KEY_LIKE.test(text) ? null : copied(text, 0, text.length);
}

/** sysctl(8): names may be written with slashes, when the first separator is one. */
function assignment(word: Word): string[] {
  const text = kept(word);
  const equals = text?.indexOf('=') ?? -1;
  if (!text || equals <= 0) return [];
  const name = text.slice(0, equals);
  const dotted = /^[^./]*\//.test(name) ? name.replaceAll('/', '.') : name;
  return [`${dotted}=${text.slice(equals + 1)}`];
}

function nftCommand(line: string, command: ShellCommand): HookCommand | null {
  const nft = hookNft(line, command, '%i');
  if (!nft) return null;
  if (nft.file !== null) return KEY_LIKE.test(nft.file) ? null : { does: 'nft-file', path: copied(nft.file, 0, nft.file.length) };
  return KEY_LIKE.test(nft.text) ? null : { does: 'nft', text: copied(nft.text, 0, nft.text.length), dynamic: nft.dynamic };
}

/** wg(8), `set <interface> [listen-port …] [private-key FILE] [peer KEY [remove] [preshared-key FILE] …]…`. */
function wgSet(words: readonly Word[]): HookCommand {
  let privateKeyFile: string | null = null;
  const peers: { publicKey: string; presharedKeyFile: boolean; allowedIps: boolean; remove: boolean }[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]?.text;
    const next = words[i + 1];
    const peer = peers[peers.length - 1];
    if (word === 'peer' && next) {
      peers.push({ publicKey: publicKeyText(next.text) ?? '', presharedKeyFile: false, allowedIps: false, remove: false });
      i++;
    } else if (word === 'private-key' && next) {
      // a process substitution or the key itself is no path, and may not be kept
      privateKeyFile = /^[\w./%${}~-]+$/.test(next.text) && !publicKeyText(next.text) ? copied(next.text, 0, next.text.length) : '';
      i++;
    } else if (word === 'preshared-key' && next) {
      if (peer) peer.presharedKeyFile = next.text !== '/dev/null';
      i++;
    } else if (word === 'allowed-ips' && next) {
      if (peer) peer.allowedIps = true;
      i++;
    } else if (word === 'remove' && peer) peer.remove = true;
    else if (word === 'listen-port' || word === 'fwmark' || word === 'endpoint' || word === 'persistent-keepalive') i++;
  }
  return { does: 'wg-set', privateKeyFile, peers };
}
