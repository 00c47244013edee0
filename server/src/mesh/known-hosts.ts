// The hosts that a workspace file may name: those whose configs lie below it, those it states itself, and peers that a comment names.
import { type Address, firstOf, isHost, masked, sameAddress } from '../net/address.ts';
import type { PolicyFacts, PolicyHost } from '../policy/facts.ts';
import type { Host, MeshInterface, MeshModel, Peer } from './model.ts';

/** A workspace file. */
export interface PolicyFile {
  readonly uri: string;
  readonly facts: PolicyFacts;
}

export interface KnownHost {
  readonly name: string;
  /** null where no config of it is here. */
  readonly host: Host | null;
  /** The entries that others have for it. */
  readonly entries: readonly { readonly node: MeshInterface; readonly peer: Peer }[];
  readonly stated: PolicyHost | null;
  readonly addresses: readonly Address[];
}

/** The folder that a workspace file speaks of, with a slash. */
export function folderOf({ uri }: PolicyFile): string {
  return uri.slice(0, uri.lastIndexOf('/') + 1);
}

/** By name. Several under one name are several hosts of that name: who is meant is not clear. */
export function knownHosts(model: MeshModel, policy: PolicyFile): ReadonlyMap<string, readonly KnownHost[]> {
  const { links } = model;
  const known = kept.get(links) ?? new Map<string, Collected>();
  kept.set(links, known);
  const folder = folderOf(policy);
  let found = known.get(folder);
  if (!found || found.hosts !== policy.facts.hosts) {
    found = { hosts: policy.facts.hosts, byName: collect(model, folder, policy.facts.hosts) };
    known.set(folder, found);
  }
  return found.byName;
}

interface Collected {
  /** What the workspace file states: what was collected with others is old. */
  readonly hosts: readonly PolicyHost[];
  readonly byName: ReadonlyMap<string, readonly KnownHost[]>;
}

const kept = new WeakMap<MeshModel['links'], Map<string, Collected>>();

function collect({ links }: MeshModel, folder: string, stated: readonly PolicyHost[]): ReadonlyMap<string, readonly KnownHost[]> {
  const inside = links.interfaces.filter(({ uri }) => uri.startsWith(folder));
  const byName = new Map<string, KnownHost[]>();
  const add = (one: KnownHost): void => {
    const list = byName.get(one.name);
    if (list) list.push(one);
    else byName.set(one.name, [one]);
  };
  const entriesOf = new Map<Host, { node: MeshInterface; peer: Peer }[]>();
  /** Peers without a config of their own, by their key. */
  const lone = new Map<string, { node: MeshInterface; peer: Peer }[]>();
  for (const node of inside) {
    for (const peer of node.peers) {
      const key = peer.facts.publicKey?.value;
      if (peer.remote) push(entriesOf, peer.remote.host, { node, peer });
      else if (key && !peer.facts.publicKeyIsSecret) push(lone, key, { node, peer });
    }
  }
  const done = new Set<PolicyHost>();
  for (const host of new Set(inside.map((node) => node.host))) {
    const own = host.interfaces.find(({ policy }) => policy)?.policy ?? null;
    if (own) done.add(own);
    const addresses = [...host.interfaces.flatMap((node) => node.addresses), ...(own?.addresses ?? [])];
    add({ name: host.name, host, entries: entriesOf.get(host) ?? [], stated: own, addresses: distinct(addresses) });
  }
  for (const host of stated) {
    if (done.has(host)) continue;
    const entries = host.publicKeys.flatMap((key) => lone.get(key) ?? []);
    for (const key of host.publicKeys) lone.delete(key);
    const addresses = host.addresses.length > 0 ? host.addresses : allowed(entries);
    add({ name: host.name, host: null, entries, stated: host, addresses: distinct(addresses) });
  }
  for (const entries of lone.values()) {
    const name = entries.map(({ peer }) => peer.facts.name).find(Boolean);
    if (name) add({ name, host: null, entries, stated: null, addresses: distinct(allowed(entries)) });
  }
  return byName;
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/** The single addresses that others take from it. */
function allowed(entries: KnownHost['entries']): readonly Address[] {
  return entries.flatMap(({ peer }) =>
    peer.facts.allowedIps.map(({ value }) => masked(value)).flatMap((prefix) => (isHost(prefix) ? [firstOf(prefix)] : [])),
  );
}

function distinct(addresses: readonly Address[]): readonly Address[] {
  return addresses.filter((address, i) => addresses.findIndex((other) => sameAddress(other, address)) === i);
}
