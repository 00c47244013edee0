// Cryptokey routing: what a device holds once wg has loaded its config, and which peer an address belongs to, for sending and for taking.
import type { Host, MeshInterface, Peer } from '../../mesh/model.ts';
import { type Address, hostBits, type Prefix, prefixId, prefixOf, sameAddress } from '../../net/address.ts';
import type { Origin, Place } from '../../text/origin.ts';
import type { WireguardFacts } from '../../wireguard/facts.ts';
import { allowedIpsOf, replacesAllowedIps } from '../../wireguard/loaded.ts';
import type { PeerFacts } from '../../wireguard/peer-facts.ts';

/** The AllowedIPs entry that an address belongs to: of the longest prefixes that hold it the last one written (WireGuard, allowedips.c). */
export interface Entry {
  readonly peer: Peer;
  readonly prefix: Prefix;
  readonly at: Origin;
  readonly length: number;
}

/** A peer as the device has it: several blocks with one key are one peer, and what a later one leaves out stays (config.c). */
export interface DevicePeer {
  /** Its last block. */
  readonly peer: Peer;
  readonly presharedKey: PeerFacts['presharedKey'];
  readonly presharedKeyFile: PeerFacts['presharedKeyFile'];
  readonly endpoint: PeerFacts['endpoint'];
}

export interface Device {
  /** By public key; one without a key by its facts. */
  readonly peers: ReadonlyMap<string | PeerFacts, DevicePeer>;
  /** Each prefix with its owner. */
  readonly entries: ReadonlyMap<number | string, Entry>;
  /** Of each version, the longest first. */
  readonly lengths: Readonly<Record<4 | 6, readonly number[]>>;
  /** A hook that gives peers other AllowedIPs, or takes them away. */
  readonly changedAt: Origin | null;
}

const kept = new WeakMap<MeshInterface, Device>();

export function deviceOf(node: MeshInterface): Device {
  let device = kept.get(node);
  if (!device) {
    device = loaded(node);
    kept.set(node, device);
  }
  return device;
}

type Building = { -readonly [K in keyof DevicePeer]: DevicePeer[K] };

function loaded(node: MeshInterface): Device {
  const peers = new Map<string | PeerFacts, Building>();
  const entries = new Map<number | string, Entry>();
  for (const peer of node.peers) load(node, peer, peers, entries);
  const changedAt = changedBy(node.facts);
  return {
    peers,
    entries,
    lengths: lengthsIn(entries),
    changedAt: changedAt && { uri: node.uri, ...changedAt },
  };
}

/** One block after the other. */
function load(node: MeshInterface, peer: Peer, peers: Map<string | PeerFacts, Building>, entries: Map<number | string, Entry>): void {
  const { facts } = peer;
  // a peer with the interface's own key is passed over (netlink.c, set_peer); one without a key wg does not take at all
  if (facts.publicKey?.value && facts.publicKey.value === node.publicKey) return;
  const key = facts.publicKey?.value ?? facts;
  const known = peers.get(key);
  if (known) {
    if (replacesAllowedIps(node.facts.lines, facts)) {
      for (const [id, entry] of entries) if (entry.peer === known.peer) entries.delete(id);
    }
    known.presharedKey = facts.presharedKey ?? known.presharedKey;
    known.presharedKeyFile = facts.presharedKeyFile ?? known.presharedKeyFile;
    known.endpoint = facts.endpoint ?? known.endpoint;
  } else {
    const { presharedKey, presharedKeyFile, endpoint } = facts;
    peers.set(key, { peer, presharedKey, presharedKeyFile, endpoint });
  }
  const owner = known?.peer ?? peer;
  for (const { prefix, removes, at } of allowedIpsOf(node.facts.lines, facts)) {
    const id = prefixId(prefix);
    if (!removes) {
      // written again it is the last one written
      entries.delete(id);
      entries.set(id, { peer: owner, prefix, at: { uri: node.uri, ...at }, length: prefix.length });
    } else if (entries.get(id)?.peer === owner) entries.delete(id);
  }
}

function lengthsIn(entries: ReadonlyMap<number | string, Entry>): Device['lengths'] {
  const lengths: Record<4 | 6, number[]> = { 4: [], 6: [] };
  // a handful of lengths, of thousands of entries
  for (const { prefix } of entries.values())
    if (!lengths[prefix.version].includes(prefix.length)) lengths[prefix.version].push(prefix.length);
  for (const version of [4, 6] as const) lengths[version].sort((a, b) => b - a);
  return lengths;
}

function changedBy({ interface: { hooks } }: WireguardFacts): Place | null {
  for (const { value, at } of hooks) {
    if (!/up$/i.test(value.event)) continue;
    for (const command of value.commands)
      if (command.does === 'wg-set' && command.peers.some(({ allowedIps, remove }) => allowedIps || remove)) return at;
  }
  return null;
}

export function entryFor(node: MeshInterface, address: Address): Entry | null {
  const { entries, lengths } = deviceOf(node);
  for (const length of lengths[address.version]) {
    const entry = entries.get(prefixId(prefixOf(address, length)));
    if (entry) return entry;
  }
  return null;
}

/** The device's own peer that `facts` is a block of. */
export function devicePeer(node: MeshInterface, facts: PeerFacts): DevicePeer | null {
  return deviceOf(node).peers.get(facts.publicKey?.value ?? facts) ?? null;
}

/** The least that IPv6 takes (RFC 8200, 5). */
const LEAST_MTU = 1280;

/** What may keep wg-quick from bringing the interface up: IPv6 routes by a device that IPv6 has left (addrconf.c, addrconf_notify). */
export function failsAt({ own, uri, facts, addresses }: MeshInterface, { lengths }: Device): Origin | null {
  const mtu = own.mtu?.value ?? LEAST_MTU;
  if (mtu >= LEAST_MTU || facts.dialect !== 'wg-quick' || !own.mtu) return null;
  return lengths[6].length > 0 || addresses.some(({ version }) => version === 6) ? { uri, ...own.mtu.at } : null;
}

export function ownInterface(host: Host, address: Address): MeshInterface | null {
  const { interfaces } = host;
  for (let i = 0; i < interfaces.length; i++) {
    const node = interfaces[i] as MeshInterface;
    const { addresses } = node;
    for (let k = 0; k < addresses.length; k++) if (sameAddress(addresses[k] as Address, address)) return node;
  }
  return null;
}

export function hostPrefix(address: Address): Prefix {
  return prefixOf(address, hostBits(address));
}
