// The links between interfaces: who gets what is sent over them, and which sources come through.
import type { MeshInterface, Peer } from '../../mesh/model.ts';
import type { PeerFacts } from '../../wireguard/peer-facts.ts';
import { type Ranges, rangesOf } from '../filter/ranges.ts';
import { ownersAt } from '../matrix/owners.ts';
import { deviceOf, devicePeer } from '../way/cryptokey.ts';

export type ByVersion<T> = Readonly<Record<4 | 6, T>>;

/** From an interface to one of its peers. Stations, interfaces and links are told by numbers that an edit leaves as they are. */
export interface LinkPlace {
  readonly number: number;
  readonly from: number;
  readonly peer: Peer;
  /** The interface at its other end; null where nobody here knows who it is. */
  readonly remote: number | null;
  /** The sources that the other end takes from this one. */
  readonly takes: ByVersion<Ranges>;
  /** Whether hooks at the other end give peers other AllowedIPs than the file does. */
  readonly isRemoteChanged: boolean;
}

const none = rangesOf([]);
const nothing: ByVersion<Ranges> = { 4: none, 6: none };

/** What a peer's other end takes from `peer`'s interface. */
export function takenFrom({ remote, back }: Peer): ByVersion<Ranges> {
  const entry = remote && back ? devicePeer(remote, back)?.peer : undefined;
  return (remote && entry && sourcesByPeer(remote).get(entry.facts)) ?? nothing;
}

export function isChangedByHooks(node: MeshInterface): boolean {
  return deviceOf(node).changedAt !== null;
}

const kept = new WeakMap<MeshInterface, ReadonlyMap<PeerFacts, ByVersion<Ranges>>>();

/** The addresses that an interface takes from each of its peers. */
export function sourcesByPeer(node: MeshInterface): ReadonlyMap<PeerFacts, ByVersion<Ranges>> {
  let found = kept.get(node);
  if (!found) {
    found = gathered(node);
    kept.set(node, found);
  }
  return found;
}

function gathered(node: MeshInterface): ReadonlyMap<PeerFacts, ByVersion<Ranges>> {
  const owners = ownersAt(node);
  const [only] = owners.v4;
  // as most spokes have it
  if (only && owners.v4.length === 1 && owners.v6.length === 0)
    return new Map([[only.peer.facts, { 4: rangesOf([{ from: only.from, to: only.to }]), 6: none }]]);
  const byPeer = new Map<PeerFacts, { readonly 4: { from: number; to: number }[]; readonly 6: { from: bigint; to: bigint }[] }>();
  const of = ({ facts }: Peer): { readonly 4: { from: number; to: number }[]; readonly 6: { from: bigint; to: bigint }[] } => {
    let list = byPeer.get(facts);
    if (!list) {
      list = { 4: [], 6: [] };
      byPeer.set(facts, list);
    }
    return list;
  };
  for (const { from, to, peer } of owners.v4) of(peer)[4].push({ from, to });
  for (const { from, to, peer } of owners.v6) of(peer)[6].push({ from, to });
  return new Map([...byPeer].map(([peer, list]) => [peer, { 4: rangesOf(list[4]), 6: rangesOf(list[6]) }]));
}
