// The links between hosts: who gets what is sent over them, and which sources come through.
import type { MeshInterface, MeshModel, Peer } from '../../mesh/model.ts';
import { type Ranges, rangesOf } from '../filter/ranges.ts';
import { ownersAt } from '../matrix/owners.ts';
import { deviceOf, devicePeer } from '../way/cryptokey.ts';
import { linkTo } from '../way/link.ts';
import type { Answer } from './host-place.ts';

export interface LinkPlace {
  readonly node: MeshInterface;
  readonly peer: Peer;
  /** null where nobody here knows who it is. */
  readonly remote: MeshInterface | null;
  /** The sources that the other end takes from this one. */
  readonly takes: Readonly<Record<4 | 6, Ranges>>;
  /** Whether it can live; where one end is in somebody's hands, that end's files do not count. */
  readonly lives: Answer;
  /** The same, where it has been computed. */
  readonly known: Answer | null;
  readonly livesTaken: Answer;
  /** Whether hooks at this end, at the other end give peers other AllowedIPs than the files do. */
  readonly isChanged: boolean;
  readonly isRemoteChanged: boolean;
}

export interface Links {
  /** Of an interface, by peer. */
  at(node: MeshInterface): ReadonlyMap<Peer, LinkPlace>;
}

const nothing: Readonly<Record<4 | 6, Ranges>> = { 4: rangesOf([]), 6: rangesOf([]) };

export function linksOf(model: MeshModel): Links {
  const places = new Map<MeshInterface, ReadonlyMap<Peer, LinkPlace>>();
  const taken = new Map<MeshInterface, ReadonlyMap<Peer, Readonly<Record<4 | 6, Ranges>>>>();
  const takenAt = (node: MeshInterface): ReadonlyMap<Peer, Readonly<Record<4 | 6, Ranges>>> => {
    let found = taken.get(node);
    if (!found) {
      found = sourcesByPeer(node);
      taken.set(node, found);
    }
    return found;
  };
  return {
    at(node) {
      let found = places.get(node);
      if (!found) {
        // whether an honest link lives is the same seen from both ends
        const fromBehind = (peer: Peer): LinkPlace | undefined => {
          const entry = peer.remote && peer.back ? devicePeer(peer.remote, peer.back)?.peer : undefined;
          return entry && peer.remote ? places.get(peer.remote)?.get(entry) : undefined;
        };
        found = new Map([...deviceOf(node).peers.values()].map(({ peer }) => [peer, linkPlace(model, node, peer, takenAt, fromBehind)]));
        places.set(node, found);
      }
      return found;
    },
  };
}

function linkPlace(
  model: MeshModel,
  node: MeshInterface,
  peer: Peer,
  takenAt: (node: MeshInterface) => ReadonlyMap<Peer, Readonly<Record<4 | 6, Ranges>>>,
  fromBehind: (peer: Peer) => LinkPlace | undefined,
): LinkPlace {
  const { remote, back } = peer;
  const entry = remote && back ? devicePeer(remote, back)?.peer : undefined;
  let lives: Answer | null = null;
  let livesTaken: Answer | null = null;
  return {
    node,
    peer,
    remote,
    isChanged: deviceOf(node).changedAt !== null,
    isRemoteChanged: remote !== null && deviceOf(remote).changedAt !== null,
    takes: (remote && entry && takenAt(remote).get(entry)) ?? nothing,
    get lives() {
      lives ??= fromBehind(peer)?.known ?? linkTo(model, node, peer, false).is;
      return lives;
    },
    get known() {
      return lives;
    },
    get livesTaken() {
      livesTaken ??= linkTo(model, node, peer, true).is;
      return livesTaken;
    },
  };
}

/** The addresses that the interface takes from each of its peers. */
export function sourcesByPeer(node: MeshInterface): ReadonlyMap<Peer, Readonly<Record<4 | 6, Ranges>>> {
  const owners = ownersAt(node);
  const byPeer = new Map<Peer, { readonly 4: { from: number; to: number }[]; readonly 6: { from: bigint; to: bigint }[] }>();
  const of = (peer: Peer): { readonly 4: { from: number; to: number }[]; readonly 6: { from: bigint; to: bigint }[] } => {
    let list = byPeer.get(peer);
    if (!list) {
      list = { 4: [], 6: [] };
      byPeer.set(peer, list);
    }
    return list;
  };
  for (const { from, to, peer } of owners.v4) of(peer)[4].push({ from, to });
  for (const { from, to, peer } of owners.v6) of(peer)[6].push({ from, to });
  return new Map([...byPeer].map(([peer, list]) => [peer, { 4: rangesOf(list[4]), 6: rangesOf(list[6]) }]));
}
