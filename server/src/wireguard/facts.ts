// What a WireGuard config says as a whole: its interface and its peers, as wg and wg-quick put the lines together.
import type { WrittenPrefix } from '../net/address.ts';
import { equalData } from '../text/equal.ts';
import { type FactList, factList, spanOf } from '../text/fact-list.ts';
import type { Place } from '../text/origin.ts';
import { none } from '../text/statement.ts';
import { peerNames } from './comment-names.ts';
import type { Dialect } from './dialects/header.ts';
import type { HookCommand } from './hook-commands.ts';
import { type LineFact, lineFacts, type SecretFact } from './line-facts.ts';
import { type At, type PeerFacts, peerFacts, withItems } from './peer-facts.ts';
import type { Line, WireguardTree } from './tree.ts';
import type { WgVersion } from './version.ts';

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

/** The facts of a file; `old` itself where they say the same, and its parts where those do, so that whoever keeps by identity keeps. */
export function wireguardFacts(tree: WireguardTree, text: string, list: FactList<LineFact>, old?: WireguardFacts): WireguardFacts {
  const lines = list.facts;
  const { version } = tree;
  const before = version === old?.version ? old : undefined;
  const found = peerNames(tree);
  const names = before && equalData(found, before.names) ? before.names : found;
  if (before && lines === before.lines && names === before.names) return before;
  const dialect = tree.root.syntax.kind === 'file' ? tree.root.syntax.dialect : 'wg-quick';
  const device = dialect === 'wg-quick' ? null : deviceOf(lines);
  const own = keptInterface(interfaceFacts(lines), before?.interface);
  const around = { names, hooked: hookedKeys(own), isSecret: secretTexts(list, text) };
  const keeps = before && before.interface.hooks === own.hooks && sameSecrets(lines, before.lines);
  return {
    language: 'wireguard',
    version,
    dialect,
    device,
    lines,
    names,
    interface: own,
    peers: peerFacts(lines, around, keeps ? before : undefined),
  };
}

/** The interface, or the old one where it says the same; its hooks, which change seldom, are kept by themselves as well. */
function keptInterface(made: InterfaceFacts, old: InterfaceFacts | undefined): InterfaceFacts {
  if (!old || !equalData(made.hooks, old.hooks)) return made;
  return equalData(made, old) ? old : { ...made, hooks: old.hooks };
}

function isSecret(fact: LineFact): boolean {
  return fact.kind === 'private-key' || fact.kind === 'preshared-key';
}

/** Whether the private and preshared keys of a file are what they were. */
function sameSecrets(lines: readonly LineFact[], old: readonly LineFact[]): boolean {
  const secrets = lines.filter(isSecret);
  const before = old.filter(isSecret);
  return secrets.length === before.length && secrets.every((fact, i) => fact === before[i]);
}

/** A function that tells whether a public key's text stands in the file as a secret as well; the secrets are compared in place. */
function secretTexts(list: FactList<LineFact>, text: string): (key: string) => boolean {
  let secrets: Set<string> | undefined;
  const collect = (): Set<string> => {
    const result = new Set<string>();
    for (let statement = 0; statement < list.facts.length; statement++) {
      const fact = list.facts[statement] as LineFact;
      // zeros are no secret
      if ((fact.kind !== 'private-key' && fact.kind !== 'preshared-key') || fact.key.zero) continue;
      const span = spanOf(list, { statement, item: 1 });
      if (span) result.add(text.slice(span.start, span.end));
    }
    return result;
  };
  return (key) => {
    secrets ??= collect();
    return secrets.size > 0 && secrets.has(key);
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

type Building<T> = { -readonly [K in keyof T]: T[K] };

function interfaceFacts(lines: readonly LineFact[]): InterfaceFacts {
  const hooks: At<{ readonly event: string; readonly commands: readonly HookCommand[] }>[] = [];
  const own: Building<InterfaceFacts> = {
    at: null,
    privateKey: null,
    privateKeyFile: null,
    statedPublicKey: null,
    addresses: none,
    listenPort: null,
    fwmark: null,
    mtu: null,
    table: null,
    dns: null,
    saveConfig: null,
    statedRole: null,
    hooks,
  };
  let addresses: At<WrittenPrefix>[] | null = null;
  let inPeer = false;
  for (let statement = 0; statement < lines.length; statement++) {
    const fact = lines[statement] as LineFact;
    // what ten thousand peers say, first
    if (fact.kind === 'public-key' || fact.kind === 'allowed-ips' || fact.kind === 'endpoint' || fact.kind === 'keepalive') continue;
    switch (fact.kind) {
      case 'section':
        inPeer = fact.section === 'Peer';
        if (fact.section === 'Interface') own.at ??= whole(statement);
        break;
      case 'key-file':
        if (fact.of === 'private-key') own.privateKeyFile = { value: '', at: whole(statement) };
        break;
      case 'private-key':
        own.privateKey = { value: fact.key, at: whole(statement) };
        break;
      case 'stated-public-key':
        if (!inPeer) own.statedPublicKey ??= { value: fact.key, at: whole(statement) };
        break;
      case 'addresses':
        addresses = withItems(addresses, fact.items, statement);
        break;
      case 'listen-port':
        own.listenPort = { value: fact.value, at: whole(statement) };
        break;
      case 'fwmark':
        own.fwmark = { value: fact.value, at: whole(statement) };
        break;
      case 'mtu':
        own.mtu = { value: fact.value, at: whole(statement) };
        break;
      case 'save-config':
        own.saveConfig = { value: fact.value, at: whole(statement) };
        break;
      case 'table':
        own.table = fact.value;
        break;
      case 'dns':
        own.dns ??= whole(statement);
        break;
      case 'stated-role':
        if (!inPeer) own.statedRole = { value: fact.role, at: whole(statement) };
        break;
      case 'hook':
        hooks.push({ value: { event: fact.event, commands: fact.commands }, at: whole(statement) });
        break;
    }
  }
  if (addresses) own.addresses = addresses;
  for (const { command, at } of wgSets(own)) {
    if (command.privateKeyFile !== null) own.privateKeyFile = { value: command.privateKeyFile, at };
  }
  return own;
}

function whole(statement: number): Place {
  return { statement, item: 0 };
}

/** The commands that load keys from files: after setconf, so in PostUp (and PreUp from 1.0.20260223 on). */
function wgSets({
  hooks,
}: Pick<InterfaceFacts, 'hooks'>): readonly { readonly command: HookCommand & { readonly does: 'wg-set' }; readonly at: Place }[] {
  return hooks.flatMap(({ value: { event, commands }, at: { statement } }) =>
    event === 'PostUp' || event === 'PreUp'
      ? commands.flatMap((command, index) => (command.does === 'wg-set' ? [{ command, at: { statement, item: index + 1 } }] : []))
      : [],
  );
}

/** By the key of a peer, the last command that loads its preshared key from a file. */
function hookedKeys(own: InterfaceFacts): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  for (const { command, at } of wgSets(own)) for (const set of command.peers) if (set.presharedKeyFile) places.set(set.publicKey, at);
  return places;
}
