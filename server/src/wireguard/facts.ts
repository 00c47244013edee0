// What a WireGuard config says as a whole: its interface and its peers, as wg and wg-quick put the lines together.
import type { WrittenPrefix } from '../net/address.ts';
import { equalData } from '../text/equal.ts';
import { type FactList, factList, spanOf } from '../text/fact-list.ts';
import type { Place } from '../text/origin.ts';
import { copied } from '../text/span.ts';
import type { Dialect } from './dialects/header.ts';
import type { HookCommand } from './hook-commands.ts';
import { type LineFact, lineFacts, type SecretFact } from './line-facts.ts';
import type { Line, WireguardTree } from './tree.ts';
import type { WgVersion } from './version.ts';

export interface At<T> {
  readonly value: T;
  readonly at: Place;
}

export interface InterfaceFacts {
  /** Of the first [Interface] header; null where there is none. */
  readonly at: Place | null;
  readonly privateKey: At<SecretFact> | null;
  /** `wg set %i private-key FILE` in a hook; the path is '' where it is not written out. */
  readonly privateKeyFile: At<string> | null;
  readonly statedPublicKey: At<string> | null;
  readonly addresses: readonly At<WrittenPrefix>[];
  readonly listenPort: At<number | null> | null;
  readonly fwmark: At<number | null> | null;
  readonly mtu: At<number | null> | null;
  readonly table: string | null;
  /** Of the first DNS line. */
  readonly dns: Place | null;
  readonly saveConfig: At<boolean> | null;
  /** As a comment states it, unchecked. */
  readonly statedRole: At<string> | null;
  readonly hooks: readonly At<{ readonly event: string; readonly commands: readonly HookCommand[] }>[];
}

export interface PeerFacts {
  /** Of its [Peer] header. */
  readonly at: Place;
  /** What a comment calls it. */
  readonly name: string | null;
  /** The last one written counts. */
  readonly publicKey: At<string | null> | null;
  /** Somebody pasted a private or preshared key of this file where the public one belongs: it must not be shown. */
  readonly publicKeyIsSecret: boolean;
  readonly presharedKey: At<SecretFact> | null;
  /** Loaded by `wg set … peer … preshared-key FILE` in a hook. */
  readonly presharedKeyFile: At<true> | null;
  /** Where NetworkManager keeps the preshared key; null where the file does not say. */
  readonly presharedKeyFlags: number | null;
  readonly allowedIps: readonly At<WrittenPrefix>[];
  readonly endpoint: At<{ readonly host: string; readonly port: number | null }> | null;
  readonly keepalive: At<number | null> | null;
  /** As a comment states it, unchecked. */
  readonly statedRole: At<string> | null;
}

/** Which interface a file is about, where that stands in it and not in its name. */
export interface DeviceFacts {
  /** Whether it holds a WireGuard section; otherwise it is at the most about an interface of another file. */
  readonly tunnel: boolean;
  readonly name: string | null;
  /** Patterns of the names of the interfaces that it gives addresses to. */
  readonly match: readonly string[];
}

export interface WireguardFacts {
  readonly language: 'wireguard';
  /** Whose reading this is. */
  readonly version: WgVersion;
  readonly dialect: Dialect;
  /** Null for wg-quick, whose interface is named by the file. */
  readonly device: DeviceFacts | null;
  /** The lines' own facts, by the number that a Place names. */
  readonly lines: readonly LineFact[];
  readonly names: readonly (string | null)[];
  readonly interface: InterfaceFacts;
  readonly peers: readonly PeerFacts[];
}

/** The facts of a tree; with the list before an edit, what did not change is kept. */
export function wireguardFactList(tree: WireguardTree, text: string, old?: FactList<LineFact>): FactList<LineFact> {
  // lines hold no lines, so no block ends
  return factList(tree.root, { of: (line, offset) => lineFacts(line as Line, text, offset), end: { kind: 'section', section: null } }, old);
}

/** The facts of a file; `old` itself where they say the same, so that whoever keeps by identity keeps. */
export function wireguardFacts(tree: WireguardTree, text: string, list: FactList<LineFact>, old?: WireguardFacts): WireguardFacts {
  const lines = list.facts;
  const names = peerNames(tree, text);
  const { version } = tree;
  if (old && version === old.version && lines === old.lines && equalData(names, old.names)) return old;
  const peers = old && version === old.version && equalData(names, old.names) ? withLine(old, lines) : null;
  if (old && peers) return { ...old, lines, peers };
  const dialect = tree.root.syntax.kind === 'file' ? tree.root.syntax.dialect : 'wg-quick';
  const device = dialect === 'wg-quick' ? null : deviceOf(lines);
  return { language: 'wireguard', version, dialect, device, lines, names, ...assembled(lines, names, secretTexts(list, text)) };
}

/** A function that tells whether a public key's text stands in the file as a secret as well; the secrets are compared in place. */
function secretTexts(list: FactList<LineFact>, text: string): (key: string) => boolean {
  let secrets: Set<string> | undefined;
  const collect = (): Set<string> => {
    const result = new Set<string>();
    list.facts.forEach((fact, statement) => {
      // zeros are no secret
      if ((fact.kind !== 'private-key' && fact.kind !== 'preshared-key') || fact.key.zero) return;
      const span = spanOf(list, { statement, item: 1 });
      if (span) result.add(text.slice(span.start, span.end));
    });
    return result;
  };
  return (key) => {
    secrets ??= collect();
    return secrets.has(key);
  };
}

function deviceOf(lines: readonly LineFact[]): DeviceFacts {
  let name: string | null = null;
  const match: string[] = [];
  for (const fact of lines) {
    if (fact.kind !== 'device') continue;
    if (fact.of === 'match') match.push(...fact.names);
    else name = fact.names[0] ?? name;
  }
  return { tunnel: lines.some((fact) => fact.kind === 'section' && fact.section !== null), name, match };
}

/** The peers after an edit of one line that says something of its peer alone; null where more may have changed. */
function withLine(old: WireguardFacts, lines: readonly LineFact[]): readonly PeerFacts[] | null {
  if (lines.length !== old.lines.length) return null;
  let changed = -1;
  for (let i = 0; i < lines.length; i++) {
    if (lines[i] === old.lines[i]) continue;
    if (changed >= 0) return null;
    changed = i;
  }
  if (lines[changed]?.kind !== 'allowed-ips' || old.lines[changed]?.kind !== 'allowed-ips') return null;
  let index = old.peers.length - 1;
  while (index >= 0 && (old.peers[index] as PeerFacts).at.statement > changed) index--;
  const peer = old.peers[index];
  if (!peer) return null;
  const allowedIps: At<WrittenPrefix>[] = [];
  for (let i = peer.at.statement + 1; i < lines.length; i++) {
    const line = lines[i] as LineFact;
    if (line.kind === 'section') {
      // a line in an [Interface] behind the peer is none of the peer's
      if (i < changed) return null;
      break;
    }
    if (line.kind === 'allowed-ips') addItems(allowedIps, line.items, i);
  }
  return old.peers.with(index, { ...peer, allowedIps });
}

type Building<T> = { -readonly [K in keyof T]: T[K] };

function assembled(
  lines: readonly LineFact[],
  names: readonly (string | null)[],
  isSecret: (key: string) => boolean,
): Pick<WireguardFacts, 'interface' | 'peers'> {
  const addresses: At<WrittenPrefix>[] = [];
  const hooks: At<{ readonly event: string; readonly commands: readonly HookCommand[] }>[] = [];
  const own: Building<InterfaceFacts> = {
    at: null,
    privateKey: null,
    privateKeyFile: null,
    statedPublicKey: null,
    addresses,
    listenPort: null,
    fwmark: null,
    mtu: null,
    table: null,
    dns: null,
    saveConfig: null,
    statedRole: null,
    hooks,
  };
  const peers: (Building<PeerFacts> & { allowedIps: At<WrittenPrefix>[] })[] = [];
  let peer: (typeof peers)[number] | null = null;

  lines.forEach((fact, statement) => {
    const at: Place = { statement, item: 0 };
    const value: Place = { statement, item: 1 };
    switch (fact.kind) {
      case 'section':
        peer = null;
        if (fact.section === 'Interface') own.at ??= at;
        else if (fact.section === 'Peer') {
          peer = {
            at,
            name: names[peers.length] ?? null,
            publicKey: null,
            publicKeyIsSecret: false,
            presharedKey: null,
            presharedKeyFile: null,
            presharedKeyFlags: null,
            allowedIps: [],
            endpoint: null,
            keepalive: null,
            statedRole: null,
          };
          if (fact.key !== undefined) {
            peer.publicKey = { value: fact.key, at: value };
            peer.publicKeyIsSecret = fact.key !== null && isSecret(fact.key);
          }
          peers.push(peer);
        }
        break;
      case 'key-file':
        if (fact.of === 'private-key') own.privateKeyFile = { value: '', at };
        else if (peer) peer.presharedKeyFile = { value: true, at };
        break;
      case 'secret-flags':
        if (!peer) break;
        peer.presharedKeyFlags = fact.value;
        // 1 and 2: an agent keeps it, or a person is asked
        if (fact.value !== null && (fact.value & 3) !== 0) peer.presharedKeyFile = { value: true, at };
        break;
      case 'private-key':
        own.privateKey = { value: fact.key, at };
        break;
      case 'stated-public-key':
        if (!peer) own.statedPublicKey ??= { value: fact.key, at };
        break;
      case 'addresses':
        addItems(addresses, fact.items, statement);
        break;
      case 'listen-port':
        own.listenPort = { value: fact.value, at };
        break;
      case 'fwmark':
        own.fwmark = { value: fact.value, at };
        break;
      case 'mtu':
        own.mtu = { value: fact.value, at };
        break;
      case 'save-config':
        own.saveConfig = { value: fact.value, at };
        break;
      case 'table':
        own.table = fact.value;
        break;
      case 'dns':
        own.dns ??= at;
        break;
      case 'stated-role':
        if (peer) peer.statedRole = { value: fact.role, at };
        else own.statedRole = { value: fact.role, at };
        break;
      case 'hook':
        hooks.push({ value: { event: fact.event, commands: fact.commands }, at });
        break;
      case 'public-key':
        if (peer) {
          peer.publicKey = { value: fact.key, at: value };
          peer.publicKeyIsSecret = fact.key !== null && isSecret(fact.key);
        }
        break;
      case 'preshared-key':
        if (peer) peer.presharedKey = { value: fact.key, at };
        break;
      case 'allowed-ips':
        if (peer) addItems(peer.allowedIps, fact.items, statement);
        break;
      case 'endpoint':
        if (peer) peer.endpoint = { value: { host: fact.host, port: fact.port }, at };
        break;
      case 'keepalive':
        if (peer) peer.keepalive = { value: fact.value, at };
        break;
    }
  });

  if (hooks.length > 0) {
    const byKey = new Map<string, Building<PeerFacts>[]>();
    for (const one of peers) {
      const key = one.publicKey?.value;
      if (key) byKey.set(key, [...(byKey.get(key) ?? []), one]);
    }
    for (const hook of hooks) applyHook(hook.value.event, hook.value.commands, hook.at, own, byKey);
  }
  return { interface: own, peers };
}

/** In a loop: this runs for each line of a file after each key. */
function addItems(into: At<WrittenPrefix>[], written: readonly (WrittenPrefix | null)[], statement: number): void {
  for (let i = 0; i < written.length; i++) {
    const value = written[i];
    if (value) into.push({ value, at: { statement, item: i + 1 } });
  }
}

/** Keys that a hook loads from files: after setconf, so PostUp (and PreUp from 1.0.20260223 on). */
function applyHook(
  event: string,
  commands: readonly HookCommand[],
  at: Place,
  own: Building<InterfaceFacts>,
  peers: ReadonlyMap<string, readonly Building<PeerFacts>[]>,
): void {
  if (event !== 'PostUp' && event !== 'PreUp') return;
  commands.forEach((command, index) => {
    if (command.does !== 'wg-set') return;
    const place: Place = { statement: at.statement, item: index + 1 };
    if (command.privateKeyFile !== null) own.privateKeyFile = { value: command.privateKeyFile, at: place };
    for (const set of command.peers) {
      if (set.presharedKeyFile) for (const peer of peers.get(set.publicKey) ?? []) peer.presharedKeyFile = { value: true, at: place };
    }
  });
}

const NAME_ENTRY = /^#+\s*(?:friendly[_ -]?name|name|peer|client|user|device|hostname)\s*[=:]\s*(.+?)\s*$/i;
const NAME_LINE = /^#+\s*(?:(?:peer|client|begin_peer|user)\s*[:=-]?\s+)?["“']?([\p{L}\p{N}][\p{L}\p{N} ._@'()-]{0,39}?)["”']?\s*#*$/iu;

/** What comments call the peers, in their order: `# Name = …` in the section, on its header, right above it or right below. */
function peerNames(tree: WireguardTree, text: string): readonly (string | null)[] {
  const names: (string | null)[] = [];
  let offset = 0;
  let above: string | null = null;
  let justBelow = false;
  for (const line of tree.root.body) {
    const { syntax, width } = line;
    if (syntax.kind === 'comment') {
      const said = commentName(line, text, offset);
      const last = names.length - 1;
      if (said.entry && last >= 0) names[last] = said.name;
      else {
        if (said.name && justBelow && last >= 0) names[last] ??= said.name;
        above = said.name;
      }
    } else if (syntax.kind === 'section') {
      if (syntax.section === 'Peer') {
        const beside = syntax.comment
          ? NAME_LINE.exec(text.slice(offset + syntax.comment.start, offset + syntax.comment.end))?.[1]
          : undefined;
        // what stands above was kept when its comment was read
        names.push(beside === undefined ? above : kept(beside));
      }
      above = null;
      justBelow = syntax.section === 'Peer';
    } else {
      if (syntax.kind !== 'blank') above = null;
      justBelow = false;
    }
    offset += width;
  }
  return names;
}

interface CommentName {
  readonly name: string | null;
  /** Written as `Name = …`, which counts wherever it stands in the section. */
  readonly entry: boolean;
}

const commentNames = new WeakMap<Line, CommentName>();

/** The name that a comment line gives, if it looks like one. */
function commentName(line: Line, text: string, offset: number): CommentName {
  let said = commentNames.get(line);
  if (!said && line.syntax.kind === 'comment') {
    const { start, end } = line.syntax.text;
    const comment = text.slice(offset + start, offset + Math.min(end, start + 120));
    const entry = NAME_ENTRY.exec(comment)?.[1];
    said = entry && entry.length <= 40 ? { name: kept(entry), entry: true } : { name: kept(NAME_LINE.exec(comment)?.[1]), entry: false };
    commentNames.set(line, said);
  }
  return said ?? { name: null, entry: false };
}

function kept(written: string | null | undefined): string | null {
  // “### begin laptop ###” and “# laptop end” of scripts that manage peers
  const name = written?.replace(/\s+/g, ' ').replace(/^begin | (?:begin|end)$/gi, '');
  // a name is a few words; a sentence is a note
  return name && name.split(' ').length <= 4 && !/[A-Za-z0-9+/]{32,}/.test(name) ? copied(name, 0, name.length) : null;
}
