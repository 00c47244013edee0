// What a config says of its peers: each [Peer] with its lines, as wg puts them together.
import type { WrittenPrefix } from '../net/address.ts';
import type { Place } from '../text/origin.ts';
import { none } from '../text/statement.ts';
import type { LineFact, SecretFact } from './line-facts.ts';

export interface At<T> {
  readonly value: T;
  readonly at: Place;
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

type Building<T> = { -readonly [K in keyof T]: T[K] };

/** What stands elsewhere in the file and counts for a peer. */
export interface Around {
  /** By peer, what comments call them. */
  readonly names: readonly (string | null)[];
  /** The commands in hooks that load a preshared key from a file, by the peer's key. */
  readonly hooked: ReadonlyMap<string, Place>;
  /** Whether the text of a public key stands in the file as a secret as well. */
  readonly isSecret: (key: string) => boolean;
}

/** Peers as they were; only of a file in which `hooked` and the secrets are the same. */
export interface OldPeers {
  readonly lines: readonly LineFact[];
  readonly peers: readonly PeerFacts[];
}

/** The peers of a file in their order. A peer whose lines are those of `old`, in the same place, is kept as the same object. */
export function peerFacts(lines: readonly LineFact[], around: Around, old?: OldPeers): readonly PeerFacts[] {
  const peers: PeerFacts[] = [];
  let statement = 0;
  while (statement < lines.length) {
    const first = lines[statement] as LineFact;
    if (first.kind !== 'section' || first.section !== 'Peer') {
      statement++;
      continue;
    }
    let end = statement + 1;
    while (end < lines.length && (lines[end] as LineFact).kind !== 'section') end++;
    const name = around.names[peers.length] ?? null;
    const before = old?.peers[peers.length];
    const kept = old && before?.at.statement === statement && before.name === name && sameLines(lines, old.lines, statement, end);
    peers.push(kept ? before : peerOf(lines, statement, end, name, around));
    statement = end;
  }
  return peers;
}

/** Whether the lines of a peer are the same, and what follows them begins another section in both. */
function sameLines(lines: readonly LineFact[], old: readonly LineFact[], start: number, end: number): boolean {
  if (end < old.length ? old[end]?.kind !== 'section' : end > old.length) return false;
  for (let i = start; i < end; i++) if (lines[i] !== old[i]) return false;
  return true;
}

function peerOf(lines: readonly LineFact[], start: number, end: number, name: string | null, { hooked, isSecret }: Around): PeerFacts {
  const peer: Building<PeerFacts> = {
    at: { statement: start, item: 0 },
    name,
    publicKey: null,
    publicKeyIsSecret: false,
    presharedKey: null,
    presharedKeyFile: null,
    presharedKeyFlags: null,
    allowedIps: none,
    endpoint: null,
    keepalive: null,
    statedRole: null,
  };
  let allowedIps: At<WrittenPrefix>[] | null = null;
  for (let statement = start; statement < end; statement++) {
    const fact = lines[statement] as LineFact;
    switch (fact.kind) {
      case 'section':
        // a dialect's header may name the key
        if (fact.key !== undefined) peer.publicKey = { value: fact.key, at: { statement, item: 1 } };
        break;
      case 'public-key':
        peer.publicKey = { value: fact.key, at: { statement, item: 1 } };
        break;
      case 'preshared-key':
        peer.presharedKey = { value: fact.key, at: { statement, item: 0 } };
        break;
      case 'key-file':
        if (fact.of === 'preshared-key') peer.presharedKeyFile = { value: true, at: { statement, item: 0 } };
        break;
      case 'secret-flags':
        peer.presharedKeyFlags = fact.value;
        // 1 and 2: an agent keeps it, or a person is asked
        if (fact.value !== null && (fact.value & 3) !== 0) peer.presharedKeyFile = { value: true, at: { statement, item: 0 } };
        break;
      case 'allowed-ips':
        allowedIps = withItems(allowedIps, fact.items, statement);
        break;
      case 'endpoint':
        peer.endpoint = { value: { host: fact.host, port: fact.port }, at: { statement, item: 0 } };
        break;
      case 'keepalive':
        peer.keepalive = { value: fact.value, at: { statement, item: 0 } };
        break;
      case 'stated-role':
        peer.statedRole = { value: fact.role, at: { statement, item: 0 } };
        break;
    }
  }
  if (allowedIps) peer.allowedIps = allowedIps;
  const key = peer.publicKey?.value ?? null;
  if (key !== null) {
    peer.publicKeyIsSecret = isSecret(key);
    const hook = hooked.get(key);
    if (hook) peer.presharedKeyFile = { value: true, at: hook };
  }
  return peer;
}

/** Adds the items of a line to a list, which is made with the first: an array that is pushed to from the start keeps room for many. */
export function withItems(
  list: At<WrittenPrefix>[] | null,
  written: readonly (WrittenPrefix | null)[],
  statement: number,
): At<WrittenPrefix>[] | null {
  let items = list;
  for (let i = 0; i < written.length; i++) {
    const value = written[i];
    if (!value) continue;
    const item = { value, at: { statement, item: i + 1 } };
    if (items) items.push(item);
    else items = [item];
  }
  return items;
}
