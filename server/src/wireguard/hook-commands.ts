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
  /** `ip route …`, `ip rule …`: the arguments from the verb on. */
  | {
      readonly does: 'ip';
      readonly family: 4 | 6 | null;
      readonly object: 'route' | 'rule';
      readonly arguments: readonly (string | null)[];
    }
  | {
      readonly does: 'iptables';
      readonly family: 4 | 6;
      readonly table: string;
      readonly action: 'append' | 'insert' | 'delete' | 'policy';
      readonly chain: string;
      /** `-j`, `-g`, or the policy; null where there is none or it is not written out. */
      readonly target: string | null;
      /** The other options by their short name (`i`, `o`, `s`, `d`, `p`) or long name, `!` before one that is turned round. */
      readonly matches: readonly (readonly [string, string | null])[];
    }
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
    case 'ip':
      return ipCommand(rest);
    case 'iptables':
    case 'ip6tables':
    case 'iptables-nft':
    case 'iptables-legacy':
    case 'ip6tables-nft':
    case 'ip6tables-legacy':
      return iptablesCommand(program.startsWith('ip6') ? 6 : 4, rest);
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

/** ip(8): `ip [-4|-6 …] route|rule …`; objects may be shortened. */
function nftCommand(line: string, command: ShellCommand): HookCommand | null {
  const nft = hookNft(line, command, '%i');
  if (!nft) return null;
  if (nft.file !== null) return KEY_LIKE.test(nft.file) ? null : { does: 'nft-file', path: copied(nft.file, 0, nft.file.length) };
  return KEY_LIKE.test(nft.text) ? null : { does: 'nft', text: copied(nft.text, 0, nft.text.length), dynamic: nft.dynamic };
}

function ipCommand(words: readonly Word[]): HookCommand | null {
  let family: 4 | 6 | null = null;
  let i = 0;
  for (; words[i]?.text.startsWith('-'); i++) {
    const option = words[i]?.text;
    if (option === '-4') family = 4;
    else if (option === '-6') family = 6;
    else if (option === '-f' || option === '-family') family = words[++i]?.text === 'inet6' ? 6 : 4;
    else if (option === '-n' || option === '-netns') return null;
  }
  const name = words[i]?.text ?? '';
  const object = /^ru(l(e)?)?$/.test(name) ? 'rule' : /^r(o(u(t(e)?)?)?)?$/.test(name) ? 'route' : null;
  return object && { does: 'ip', family, object, arguments: words.slice(i + 1).map(kept) };
}

const ACTIONS: Readonly<Record<string, 'append' | 'insert' | 'delete' | 'policy'>> = {
  '-A': 'append',
  '--append': 'append',
  '-I': 'insert',
  '--insert': 'insert',
  '-D': 'delete',
  '--delete': 'delete',
  '-P': 'policy',
  '--policy': 'policy',
};

const SHORT: Readonly<Record<string, string>> = {
  '--in-interface': 'i',
  '--out-interface': 'o',
  '--source': 's',
  '--src': 's',
  '--destination': 'd',
  '--dst': 'd',
  '--protocol': 'p',
};

/** iptables(8): one rule or policy; null for what only lists or makes chains. */
function iptablesCommand(family: 4 | 6, words: readonly Word[]): HookCommand | null {
  let table = 'filter';
  let action: 'append' | 'insert' | 'delete' | 'policy' | null = null;
  let chain = '';
  let target: string | null = null;
  let turned = '';
  const matches: (readonly [string, string | null])[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as Word;
    const next = words[i + 1];
    const found = ACTIONS[word.text];
    if (word.text === '!') turned = '!';
    else if (found && next) {
      action = found;
      chain = kept(next) ?? '';
      i++;
      const behind = words[i + 1];
      if (found === 'policy' && behind) target = kept(behind);
      // a number behind the chain says where to insert, or which to delete
      if (found === 'policy' || (found !== 'append' && /^[0-9]+$/.test(behind?.text ?? ''))) i++;
    } else if ((word.text === '-t' || word.text === '--table') && next) {
      table = kept(next) ?? '';
      i++;
    } else if (['-j', '--jump', '-g', '--goto'].includes(word.text) && next) {
      target = kept(next);
      i++;
    } else if (word.text.startsWith('-')) {
      const name = SHORT[word.text] ?? word.text.replace(/^-+/, '');
      const value = next && next.text !== '!' && !/^-[A-Za-z-]/.test(next.text) ? next : null;
      matches.push([`${turned}${name}`, value && kept(value)]);
      turned = '';
      if (value) i++;
    }
  }
  return action && { does: 'iptables', family, table, action, chain, target, matches };
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
