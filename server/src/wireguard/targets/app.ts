// What the readers of the WireGuard apps and of NetworkManager's import have in common: a table of keys, each with what its value must be.
import type { Span } from '../../text/span.ts';
import { listed, nearest, quoted } from '../../text/words.ts';
import type { WireguardTree } from '../tree.ts';
import { type AppLine, appLines } from './lines.ts';
import type { TargetProblem } from './target.ts';

export type Tell = (refuses: boolean, at: Span, message: string) => void;

export interface AppKey {
  /** Tells what the app would not take of the value. */
  readonly check: (value: string, at: Span, tell: Tell) => void;
}

export interface App {
  readonly interfaceKeys: Readonly<Record<string, AppKey>>;
  readonly peerKeys: Readonly<Record<string, AppKey>>;
  /** Keys of wg-quick's that it drops without a word. */
  readonly dropped?: Readonly<Record<string, string>>;
  /** Whether a file without [Interface], and an [Interface] without PrivateKey, are refused. */
  readonly needsInterface: boolean;
  readonly needsPrivateKey: boolean;
  /** Whether a key that counts once, a second [Interface] and a second peer of one key are refused. */
  readonly once: boolean;
  /** Whether white space is dropped inside words too, as wg does. */
  readonly squeezes?: boolean;
}

type Entry = AppLine & { kind: 'entry' };

const NAMES: Readonly<Record<string, string>> = {
  privatekey: 'PrivateKey',
  listenport: 'ListenPort',
  fwmark: 'FwMark',
  address: 'Address',
  dns: 'DNS',
  mtu: 'MTU',
  table: 'Table',
  publickey: 'PublicKey',
  presharedkey: 'PresharedKey',
  allowedips: 'AllowedIPs',
  endpoint: 'Endpoint',
  persistentkeepalive: 'PersistentKeepalive',
};
const LISTS = new Set(['address', 'allowedips', 'dns']);

/** What `app` would refuse or drop of a config, in its order. */
export function readAs(app: App, tree: WireguardTree, text: string): readonly TargetProblem[] {
  const problems: TargetProblem[] = [];
  const tell: Tell = (refuses, at, message) => problems.push({ ...at, refuses, message });
  const lines = appLines(tree, text, app.squeezes);
  let section: (AppLine & { kind: 'section' }) | null = null;
  let first: Span | null = null;
  let seen = new Map<string, Entry>();
  let privateKey = false;
  const peers = new Set<string>();

  const close = (): void => {
    if (section?.section !== 'peer') return;
    const key = seen.get('publickey');
    if (!key) tell(true, section.at, 'wants a PublicKey for each peer; write one');
    else if (app.once && peers.has(key.value)) tell(true, key.valueAt, 'refuses a second peer with the same PublicKey; join the two');
    if (key) peers.add(key.value);
  };

  for (const line of lines) {
    if (line.kind === 'section') {
      close();
      if (line.section === 'interface') {
        if (first && app.once) tell(true, line.at, 'refuses a second [Interface]; join the two');
        first ??= line.at;
      }
      section = line;
      seen = new Map();
    } else if (line.kind === 'other')
      tell(true, line.at, `cannot read ${quoted(line.text)}; a line is [Interface], [Peer] or “Key = value”`);
    else if (!section) tell(true, line.at, 'wants a section before any key; put this below one');
    else {
      if (line.key === 'privatekey' && section.section === 'interface') privateKey = true;
      entry(app, section.section, line, seen, tell);
      seen.set(line.key, line);
    }
  }
  close();
  const start = first ?? lines[0]?.at;
  if (!first && app.needsInterface && start) tell(true, start, 'wants an [Interface] section; add one');
  else if (!privateKey && app.needsPrivateKey && start) {
    tell(
      true,
      start,
      'wants the PrivateKey in the file itself: it runs no hook that could load it. Write it there in the copy that you give away, not in this one',
    );
  }
  return problems;
}

function entry(app: App, section: 'interface' | 'peer', line: Entry, seen: ReadonlyMap<string, Entry>, tell: Tell): void {
  const keys = section === 'interface' ? app.interfaceKeys : app.peerKeys;
  const dropped = section === 'interface' ? app.dropped?.[line.key] : undefined;
  if (dropped !== undefined) {
    tell(false, line.at, dropped);
    return;
  }
  const key = keys[line.key];
  if (!key) {
    const names = Object.keys(keys).map((name) => NAMES[name] ?? name);
    const meant = nearest(line.written, names);
    const mend = meant.length > 0 ? `did you mean ${listed(meant)}?` : `leave the line out of what you give to it`;
    tell(
      true,
      { start: line.at.start, end: line.at.start + line.written.length },
      `knows no key ${quoted(line.written)} in [${section === 'peer' ? 'Peer' : 'Interface'}]; ${mend}`,
    );
    return;
  }
  if (line.value === '') {
    tell(true, line.at, `wants a value for ${line.written}; write one or remove the line`);
    return;
  }
  if (app.once && seen.has(line.key) && !LISTS.has(line.key)) {
    tell(true, line.at, `refuses a second ${line.written} in a section; keep one`);
    return;
  }
  key.check(line.value, line.valueAt, tell);
}
