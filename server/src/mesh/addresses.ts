// Whose addresses are whose: what a mesh's hosts have, and what peers may send as.

import type { WrittenPrefix } from '../net/address.ts';
import {
  type Address,
  addressId,
  addressKey,
  firstOf,
  isHost,
  lastOf,
  masked,
  type Prefix,
  prefixHolds,
  prefixId,
  prefixOf,
  prefixWithin,
  sameAddress,
  samePrefix,
} from '../net/address.ts';
import { addressSet, sameSet, setHolds } from '../net/address-set.ts';
import type { NftablesFacts } from '../nftables/facts.ts';
import type { PolicyHost } from '../policy/facts.ts';
import { none } from '../text/statement.ts';
import type { PeerFacts } from '../wireguard/peer-facts.ts';
import type { Host, Mesh, MeshInterface, MeshModel, Peer } from './model.ts';
import type { InterfaceRecord, KnownAddresses, MeshRecord } from './record.ts';

/** Two peers or more, or one that is waited for: whoever writes its AllowedIPs decides for others. */
export function isHubSide({ statedRole, own, facts: { peers } }: Pick<MeshInterface, 'statedRole' | 'own' | 'facts'>): boolean {
  if (statedRole === 'hub') return true;
  if (statedRole === 'spoke' && peers.length === 1) return false;
  if (peers.length >= 2) return true;
  return peers.length === 1 && own.listenPort !== null && peers.every(({ endpoint }) => endpoint === null);
}

/** Whether packets of others may come through it: it has a peer besides us that we do not have ourselves. */
export function mayForward(remote: MeshInterface, us: MeshInterface): boolean {
  return hasOthers(remote.record, us.record);
}

function hasOthers(remote: InterfaceRecord, us: InterfaceRecord): boolean {
  const { party } = us;
  return remote.peers.some(
    ({ facts, remote: other }) =>
      other !== party && facts.publicKey?.value !== party.own.publicKey && !hasPeer(us.facts.peers, facts.publicKey?.value),
  );
}

/** Whether `remote` may hand on packets of others to us: it does, or it is a hub that waits for others. */
export function forwardsFor(remote: InterfaceRecord, us: InterfaceRecord): boolean {
  if (hasOthers(remote, us)) return true;
  const { own } = remote.party;
  return remote.peers.length < 2 && isHubSide({ statedRole: own.statedRole, own: own.facts, facts: remote.facts });
}

const keySets = new WeakMap<readonly PeerFacts[], ReadonlySet<string | null | undefined>>();

/** Whether one of the peers has that key, or none where there is none. */
function hasPeer(peers: readonly PeerFacts[], key: string | null | undefined): boolean {
  // most interfaces have one peer, and a set for each would be thousands
  if (peers.length === 1) return peers[0]?.publicKey?.value === key;
  let keys = keySets.get(peers);
  if (!keys) {
    keys = new Set(peers.map(({ publicKey }) => publicKey?.value));
    keySets.set(peers, keys);
  }
  return keys.has(key);
}

/** Whether a prefix reaches into the interface's own network: it lies in it, or holds it or the interface's own address. */
export function insideOwnNetwork(prefix: Prefix, node: Pick<MeshInterface, 'networks' | 'addresses'>): boolean {
  return (
    node.networks.some((network) => prefixWithin(prefix, network) || prefixWithin(network, prefix)) ||
    node.addresses.some((address) => prefixHolds(prefix, address))
  );
}

const known = new WeakMap<MeshRecord, KnownAddresses>();

/** What is known of a mesh's addresses; the same object from edit to edit while it is the same. */
export function knownAddresses({ record }: Mesh): KnownAddresses {
  let result = known.get(record);
  if (!result) {
    const { last } = record;
    result = knownStill(record) ?? collect(record);
    if (last.known && sameKnown(last.known, result)) result = last.known;
    last.known = result;
    known.set(record, result);
  }
  return result;
}

/** So many interfaces with something new are no keystroke. */
const FEW = 8;

/**
 * What was known last, where the prefixes that a few interfaces no longer name are still named by others, and those that they name now already
 * were: an edit is seldom more, and to put thousands in order at each would take longer than all else. Null where it may be something else.
 */
function knownStill({ last, members, policyHosts }: MeshRecord): KnownAddresses | null {
  const { members: before, known: still } = last;
  const changed = changedPlaces(before, members);
  const comparable = changed !== null && last.policyHosts === policyHosts;
  last.members = members;
  last.policyHosts = policyHosts;
  if (!comparable) {
    last.counts = null;
    return null;
  }
  last.counts ??= countsIn(before);
  let same = true;
  for (const [what, counts] of last.counts) {
    const touched = new Map<number | string, number>();
    const count = (record: InterfaceRecord, by: 1 | -1): void => {
      for (const prefix of saidBy(record)[what]) {
        const id = prefixId(prefix);
        const times = counts.get(id) ?? 0;
        if (!touched.has(id)) touched.set(id, times);
        counts.set(id, times + by);
      }
    };
    for (const place of changed) {
      count(before[place] as InterfaceRecord, -1);
      count(members[place] as InterfaceRecord, 1);
    }
    for (const [id, times] of touched) {
      const now = counts.get(id) ?? 0;
      if (now > 0 !== times > 0) same = false;
      if (now === 0) counts.delete(id);
    }
  }
  return same ? still : null;
}

/** The places where two lists of interfaces differ; null where there are many, or where one is another by itself and not only by its peers. */
function changedPlaces(before: readonly InterfaceRecord[], members: readonly InterfaceRecord[]): readonly number[] | null {
  if (before.length !== members.length) return null;
  const changed: number[] = [];
  for (let i = 0; i < members.length; i++) {
    if (members[i] === before[i]) continue;
    if (members[i]?.party !== before[i]?.party || changed.length === FEW) return null;
    changed.push(i);
  }
  return changed;
}

function countsIn(members: readonly InterfaceRecord[]): NonNullable<MeshRecord['last']['counts']> {
  const possible = new Map<number | string, number>();
  const alone = new Map<number | string, number>();
  for (const member of members) {
    const said = saidBy(member);
    for (const prefix of said.possible) countOne(possible, prefix);
    for (const prefix of said.alone) countOne(alone, prefix);
  }
  return new Map([
    ['possible', possible],
    ['alone', alone],
  ]);
}

function countOne(counts: Map<number | string, number>, prefix: Prefix): void {
  const id = prefixId(prefix);
  counts.set(id, (counts.get(id) ?? 0) + 1);
}

function sameKnown(a: KnownAddresses, b: KnownAddresses): boolean {
  return (
    sameSet(a.possible, b.possible) &&
    sameSet(a.members, b.members) &&
    a.networks.length === b.networks.length &&
    a.networks.every((one, i) => samePrefix(one, b.networks[i] as Prefix))
  );
}

function collect({ members, policyHosts }: MeshRecord): KnownAddresses {
  const networks = new Map<number | string, Prefix>();
  const possible: Prefix[] = [];
  const alone: Prefix[] = [];
  for (const member of members) {
    const said = saidBy(member);
    for (const network of said.networks) networks.set(prefixId(network), network);
    for (const prefix of said.possible) possible.push(prefix);
    for (const prefix of said.alone) alone.push(prefix);
  }
  for (const host of policyHosts) {
    for (const address of host.addresses) possible.push(hostPrefix(address));
    for (const route of host.routes) possible.push(route);
  }
  const all = [...networks.values()];
  return { networks: all, possible: addressSet([...possible, ...alone]), members: addressSet([...all, ...alone]) };
}

/** What one interface adds to what is known. */
interface Said {
  readonly networks: readonly Prefix[];
  readonly possible: readonly Prefix[];
  /** The single addresses in its AllowedIPs. */
  readonly alone: readonly Prefix[];
}

const said = new WeakMap<InterfaceRecord, Said>();

function saidBy(record: InterfaceRecord): Said {
  let found = said.get(record);
  if (!found) {
    const { own } = record.party;
    const possible = own.addresses.map(hostPrefix);
    const alone: Prefix[] = [];
    for (const { facts, remote } of record.peers) {
      for (const { value } of facts.allowedIps) {
        const prefix = masked(value);
        // a known host's wide entry says which addresses pass it, not that somebody has them
        if (isHost(prefix)) alone.push(prefix);
        else if (!remote || !insideOwnNetwork(prefix, own)) possible.push(prefix);
      }
    }
    found = { networks: own.networks, possible, alone };
    said.set(record, found);
  }
  return found;
}

function hostPrefix(address: Address): Prefix {
  return address.version === 4 ? { version: 4, first: address.value, length: 32 } : { version: 6, first: address.value, length: 128 };
}

/** Whether `address` lies in a network of the mesh, is neither its first nor its last address, and no host has or may have it. */
export function isNobodys({ networks, possible }: KnownAddresses, address: Address): boolean {
  const network = networks.find((prefix) => prefixHolds(prefix, address));
  if (!network || setHolds(possible, address)) return false;
  // the network's own address and its broadcast address belong to nobody by design
  return address.version === 6 || (!sameAddress(firstOf(network), address) && !sameAddress(lastOf(network), address));
}

/** For each address the interfaces that have it, as places among those of their mesh. */
const holders = new WeakMap<MeshRecord['parties'], ReadonlyMap<number | string, readonly number[]>>();

function holdersIn({ parties }: MeshRecord): ReadonlyMap<number | string, readonly number[]> {
  let found = holders.get(parties);
  if (!found) {
    const made = new Map<number | string, number[]>();
    parties.forEach(({ own }, place) => {
      for (const address of own.addresses) {
        const id = addressId(address);
        const list = made.get(id);
        if (list) list.push(place);
        else made.set(id, [place]);
      }
    });
    found = made;
    holders.set(parties, made);
  }
  return found;
}

/** The interfaces of a mesh that have `address`. */
export function hostsWith(mesh: Mesh, address: Address): readonly MeshInterface[] {
  const places = holdersIn(mesh.record).get(addressId(address));
  return places ? places.map((place) => mesh.interfaces[place] as MeshInterface) : none;
}

/** The interfaces of a mesh by each address that several of them have. */
export function sharedAddresses(mesh: Mesh): readonly (readonly MeshInterface[])[] {
  const shared: (readonly MeshInterface[])[] = [];
  for (const places of holdersIn(mesh.record).values()) {
    if (places.length > 1) shared.push(places.map((place) => mesh.interfaces[place] as MeshInterface));
  }
  return shared;
}

interface Owners {
  /** Of the longest first. */
  readonly lengths: readonly number[];
  /** The place of the peer that wrote a prefix last. */
  readonly byPrefix: ReadonlyMap<number | string, number>;
}

const owners = new WeakMap<readonly PeerFacts[], Owners>();

function ownersAmong(peers: readonly PeerFacts[]): Owners {
  let found = owners.get(peers);
  if (!found) {
    const lengths = new Set<number>();
    const byPrefix = new Map<number | string, number>();
    peers.forEach(({ allowedIps }, place) => {
      for (const { value } of allowedIps) {
        const prefix = masked(value);
        lengths.add(prefix.version * 1000 + prefix.length);
        byPrefix.set(prefixId(prefix), place);
      }
    });
    found = { lengths: [...lengths].sort((x, y) => y - x), byPrefix };
    owners.set(peers, found);
  }
  return found;
}

/** The place of the entry that may send as `address`, and gets what is sent to it: of the longest prefixes the last written; -1 for none. */
export function ownerPlace(peers: readonly PeerFacts[], address: Address): number {
  const { lengths, byPrefix } = ownersAmong(peers);
  for (const coded of lengths) {
    if (Math.floor(coded / 1000) !== address.version) continue;
    const owner = byPrefix.get(prefixId(prefixOf(address, coded % 1000)));
    if (owner !== undefined) return owner;
  }
  return -1;
}

/** The peer of an interface at that place. */
export function ownerAt({ facts, peers }: MeshInterface, address: Address): Peer | null {
  return peers[ownerPlace(facts.peers, address)] ?? null;
}

/** The meshes that a host takes part in. */
export function meshesOf(host: Host): readonly Mesh[] {
  return [...new Set(host.interfaces.map(({ mesh }) => mesh))];
}

/** Single addresses that a prefix could be narrowed to, and what says so. */
export interface Evidence {
  readonly addresses: readonly Address[];
  /** In a few words, for brackets. */
  readonly why: string;
}

/**
 * What an AllowedIPs entry needs to hold, best evidence first: the peer's own interface address in its own file, the host bits as
 * written, the addresses that rules use with ours. Null where nothing says it.
 */
export function narrowingEvidence(model: MeshModel, node: MeshInterface, peer: Peer, written: WrittenPrefix): Evidence | null {
  const prefix = masked(written);
  const { remote } = peer;
  const inside = (address: Address): boolean => prefixHolds(prefix, address);
  if (remote && !mayForward(remote, node)) {
    const addresses = remote.addresses.filter(inside);
    if (addresses.length > 0) return { addresses, why: 'by its own file' };
  }
  const stated = policyHostOf(node, peer)?.addresses.filter(inside) ?? [];
  if (stated.length > 0 && !forwards(peer)) return { addresses: stated, why: 'says the workspace file' };
  if (prefix.first !== written.address.value) return { addresses: [written.address], why: 'as written' };
  const used = usedWith(model, node, peer, prefix);
  if (used.length > 0 && used.length <= 8) return { addresses: used, why: 'the rules use no other with this host' };
  return null;
}

/** The host that the workspace file states for a peer. */
function policyHostOf(node: MeshInterface, peer: Peer): PolicyHost | null {
  if (peer.remote?.policy) return peer.remote.policy;
  const key = peer.facts.publicKey?.value;
  return (key && node.mesh.policyHosts.find(({ publicKeys }) => publicKeys.includes(key))) || null;
}

/** Whether somebody stated that packets of others come through it. */
function forwards(peer: Peer): boolean {
  return peer.statedRole === 'hub' || peer.statedRole === 'exit-gateway' || peer.statedRole === 'subnet-router';
}

/** The addresses in `prefix` that the rules of both ends name together with one of ours: what we talk to through the peer. */
function usedWith(model: MeshModel, node: MeshInterface, peer: Peer, prefix: Prefix): readonly Address[] {
  const found = new Map<string, Address>();
  const hosts = new Set([node.host, ...(peer.remote ? [peer.remote.host] : [])]);
  for (const host of hosts) {
    for (const { facts } of model.rulesetsOf.get(host) ?? []) {
      for (const own of node.addresses) {
        for (const address of namedTogether(facts).get(addressKey(own)) ?? []) {
          if (!prefixHolds(prefix, address) || node.addresses.some((one) => sameAddress(one, address))) continue;
          if (!isNobodys(knownAddresses(node.mesh), address)) found.set(addressKey(address), address);
        }
      }
    }
  }
  return [...found.values()];
}

const together = new WeakMap<NftablesFacts, ReadonlyMap<string, readonly Address[]>>();

/** For each address, those that a rule names with it. */
function namedTogether(facts: NftablesFacts): ReadonlyMap<string, readonly Address[]> {
  let found = together.get(facts);
  if (!found) {
    const made = new Map<string, Address[]>();
    for (const fact of facts.statements) {
      // a rule of many addresses says nothing of any two
      if (fact.kind !== 'rule' || fact.addresses.length < 2 || fact.addresses.length > 16) continue;
      for (const { address } of fact.addresses) {
        const key = addressKey(address);
        const list = made.get(key) ?? [];
        list.push(...fact.addresses.map((other) => other.address).filter((other) => !sameAddress(other, address)));
        made.set(key, list);
      }
    }
    found = made;
    together.set(facts, made);
  }
  return found;
}
