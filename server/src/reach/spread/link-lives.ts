// Which links can live. An edit leaves most of them as they were.
import type { MeshModel } from '../../mesh/model.ts';
import { linkTo, passesAlike } from '../way/link.ts';
import type { Answer } from './host-place.ts';
import type { LinkPlace } from './links.ts';
import type { Network, Station } from './network.ts';

export interface LinkLives {
  /** By `lifeKey`. */
  readonly kept: Map<number, Answer>;
  /** With `taken` the host at its near end is in somebody's hands. */
  of(link: LinkPlace, taken: boolean): Answer;
}

/** Of a link by its number, with its near end in somebody's hands or not. */
export function lifeKey(link: number, taken: boolean): number {
  return link * 2 + (taken ? 1 : 0);
}

export function linkLives(network: Network, before?: { readonly network: Network; readonly lives: LinkLives }): LinkLives {
  // the lives before must not be held by what is made here
  return livesOf(network, before ? keptOf(network, before.network, before.lives) : new Map());
}

function livesOf(network: Network, kept: Map<number, Answer>): LinkLives {
  const { model } = network;
  return {
    kept,
    of(link, taken) {
      const key = lifeKey(link.number, taken);
      let answer = kept.get(key);
      if (!answer) {
        const behind = taken ? undefined : reversed(network, link);
        answer = (behind && kept.get(lifeKey(behind.number, false))) ?? answerOf(model, network, link, taken);
        kept.set(key, answer);
      }
      return answer;
    },
  };
}

/** What an edit leaves as it was. */
function keptOf(network: Network, before: Network, lives: LinkLives): Map<number, Answer> {
  const kept = new Map<number, Answer>();
  const isSameMesh = before.links === network.links && before.targets === network.targets;
  // where rules alone have changed, and let WireGuard's packets through as before, one map serves both
  if (isSameMesh && network.stations.every((now, i) => now === before.stations[i] || isQuiet(before.stations[i], now))) return lives.kept;
  // an Endpoint may be an address of the mesh
  if (before.targets !== network.targets) return kept;
  const alike = new Map<number, boolean>();
  const isAlike = (station: number): boolean => {
    let answer = alike.get(station);
    if (answer === undefined) {
      answer = isQuiet(before.stations[station], network.stations[station]);
      alike.set(station, answer);
    }
    return answer;
  };
  for (const [key, answer] of lives.kept) {
    const number = key >>> 1;
    const [old, now] = [before.links[number], network.links[number]];
    if (old && now && isSameLink(before, old, network, now, isAlike)) kept.set(key, answer);
  }
  return kept;
}

function answerOf(model: MeshModel, { nodes }: Network, { from, peer }: LinkPlace, taken: boolean): Answer {
  const node = nodes[from]?.node;
  return node ? linkTo(model, node, peer, taken).is : 'no';
}

/** The same link from its other end. */
export function reversed({ nodes }: Network, { remote, peer }: LinkPlace): LinkPlace | undefined {
  return remote === null || !peer.back ? undefined : nodes[remote]?.links.get(peer.back);
}

/** Whether WireGuard's own packets pass its rules as they did. */
function isQuiet(before: Station | undefined, now: Station | undefined): boolean {
  if (!before || !now) return false;
  return before.state === now.state || (before.state !== null && now.state !== null && passesAlike(before.state, now.state, now.host));
}

function isSameLink(before: Network, old: LinkPlace, network: Network, now: LinkPlace, isAlike: (station: number) => boolean): boolean {
  if (old.remote !== now.remote || old.peer.facts !== now.peer.facts || old.peer.back !== now.peer.back) return false;
  return [now.from, now.remote].every((number) => {
    if (number === null) return true;
    const [was, is] = [before.nodes[number], network.nodes[number]];
    // its own port and mark, all of its peer's blocks, and the routes of its host
    return (
      was !== undefined &&
      is !== undefined &&
      was.node.facts === is.node.facts &&
      was.node.publicKey === is.node.publicKey &&
      before.stations[was.station]?.place === network.stations[is.station]?.place &&
      isAlike(is.station)
    );
  });
}
