// The links of each interface: for each of its peers who that is, what the other end says of us, and what to call it.
import { isHost, masked } from '../net/address.ts';
import type { PolicyHost } from '../policy/facts.ts';
import { roleNamed } from '../policy/roles.ts';
import type { PeerFacts } from '../wireguard/peer-facts.ts';
import { entryOf } from './peer-index.ts';
import type { InterfaceRecord, Party, PeerRecord } from './record.ts';
import type { Identified } from './remotes.ts';

/** Where the records of interfaces are made from: all of them, in one order. */
export interface LinkSources {
  readonly interfaces: readonly Identified[];
  readonly parties: readonly Party[];
  /** The place of an interface by its URI. */
  readonly places: ReadonlyMap<string, number>;
  /** The hosts of workspace files by their public keys. */
  readonly stated: ReadonlyMap<string, PolicyHost>;
}

/** The record of the interface at `place`; `old` itself, or its parts, where they say the same. */
export function recordOf(sources: LinkSources, place: number, old: InterfaceRecord | undefined): InterfaceRecord {
  const { facts, remotes } = sources.interfaces[place] as Identified;
  const party = sources.parties[place] as Party;
  const peers = facts.peers.map((_, entry) => peerRecord(sources, place, entry, old?.peers[entry]));
  const kept = old?.peers.length === peers.length && peers.every((peer, i) => peer === old.peers[i]) ? old.peers : peers;
  const same = old?.party === party && old.facts === facts && old.remotes === remotes && kept === old.peers;
  return same ? old : { party, facts, remotes, peers: kept };
}

/** `old` with some of its entries looked at again; what it is made from is otherwise the same. */
export function withEntries(sources: LinkSources, place: number, entries: Iterable<number>, old: InterfaceRecord): InterfaceRecord {
  let peers: PeerRecord[] | null = null;
  for (const entry of entries) {
    const before = old.peers[entry];
    const now = peerRecord(sources, place, entry, before);
    if (now === before) continue;
    peers ??= [...old.peers];
    peers[entry] = now;
  }
  return peers ? { ...old, peers } : old;
}

function peerRecord(sources: LinkSources, place: number, entry: number, old: PeerRecord | undefined): PeerRecord {
  const { own, facts, remotes } = sources.interfaces[place] as Identified;
  const peer = facts.peers[entry] as PeerFacts;
  const at = sources.places.get(remotes[entry] ?? '');
  const remote = at === undefined ? null : (sources.parties[at] as Party);
  const theirs = at === undefined ? null : (sources.interfaces[at] as Identified);
  const back = theirs && backOf(own.publicKey, own.uri, theirs);
  const key = peer.publicKey?.value;
  const host = remote?.own.policy ?? (key ? sources.stated.get(key) : undefined) ?? null;
  const label = labelOf(peer, remote, host);
  const statedRole = (peer.statedRole && roleNamed(peer.statedRole.value)) ?? remote?.own.statedRole ?? host?.role ?? null;
  const same = old?.facts === peer && old.remote === remote && old.back === back && old.label === label && old.statedRole === statedRole;
  return same ? old : { facts: peer, remote, back, label, statedRole };
}

/** The other end's entry for us. Where our own key is not known, only the entry that was joined with us answers. */
function backOf(key: string | null, uri: string, { facts, remotes }: Identified): PeerFacts | null {
  return facts.peers[key ? entryOf(facts.peers, key) : remotes.indexOf(uri)] ?? null;
}

/** What a peer is called: by its own host, a comment, or the beginning of its public key. */
function labelOf(facts: PeerFacts, remote: Party | null, host: PolicyHost | null): string {
  if (host) return host.name;
  if (remote && remote.host.name !== 'this host') return remote.host.name;
  if (facts.name) return facts.name;
  const single = facts.allowedIps.length === 1 ? facts.allowedIps[0] : undefined;
  if (facts.publicKey?.value && !facts.publicKeyIsSecret) return `the peer ${facts.publicKey.value.slice(0, 6)}…`;
  return single && isHost(masked(single.value)) ? 'this peer' : 'a peer';
}
