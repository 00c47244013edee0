// The way from host to host over the links that there are: direct where two are peers, else through the fewest hosts that forward.
import { ownerAt } from '../mesh/addresses.ts';
import type { KnownHost } from '../mesh/known-hosts.ts';
import type { Host, MeshInterface, Peer } from '../mesh/model.ts';
import { rolesOf } from '../mesh/roles.ts';
import type { Role } from '../policy/roles.ts';

/** How a host is joined to a neighbour: its own interface, and its entry for that one. Both null where its config is not here. */
export interface Joint {
  readonly node: MeshInterface | null;
  readonly peer: Peer | null;
}

export interface Ways {
  /** How `from` is joined to its neighbour `to`; null where they are no peers of each other. */
  joint(from: KnownHost, to: KnownHost): Joint | null;
  /** All hosts on the way, both ends included, the same hosts back; null where there is none. */
  between(from: KnownHost, to: KnownHost): readonly KnownHost[] | null;
}

export function waysOf(hosts: readonly KnownHost[]): Ways {
  const numbers = new Map(hosts.map((host, i) => [host, i]));
  const owners = new Map(hosts.flatMap((one) => (one.host ? [[one.host, one] as const] : [])));
  const joints = hosts.map(() => new Map<number, Joint>());
  hosts.forEach((one, number) => {
    for (const { node, peer } of one.entries) {
      const other = owners.get(node.host);
      const there = other && numbers.get(other);
      // a link that only one end lists cannot live
      if (there === undefined || there === number || (peer.remote && !peer.back)) continue;
      const back = peer.remote?.peers.find(({ facts }) => facts === peer.back) ?? null;
      if (joints[there]?.has(number)) continue;
      joints[there]?.set(number, { node, peer });
      joints[number]?.set(there, { node: peer.remote, peer: back });
    }
  });
  const forwards = hosts.map(({ host }) => host !== null && mayPassOn(host));
  const distances = new Map<number, Int32Array>();
  const kept = new Map<string, readonly KnownHost[] | null>();

  /** Of each host to `target`, in links; -1 where there is no way. */
  function distancesTo(target: number): Int32Array {
    let found = distances.get(target);
    if (!found) {
      found = new Int32Array(hosts.length).fill(-1);
      found[target] = 0;
      const queue = [target];
      for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
        if (at !== target && !forwards[at]) continue;
        for (const next of joints[at]?.keys() ?? []) {
          if (found[next] !== -1) continue;
          found[next] = (found[at] as number) + 1;
          queue.push(next);
        }
      }
      distances.set(target, found);
    }
    return found;
  }

  function between(from: number, to: number): readonly number[] | null {
    if (joints[from]?.has(to)) return [from, to];
    const left = distancesTo(to);
    if (left[from] === -1) return null;
    const way = [from];
    for (let at = from; at !== to; at = way.at(-1) as number) {
      const nearer = [...(joints[at] ?? [])].filter(([next]) => left[next] === (left[at] as number) - 1 && (next === to || forwards[next]));
      // of ways of one length the one that is taken now
      const [address] = hosts[to]?.addresses ?? [];
      const now = address && nearer.find(([, { node, peer }]) => node && peer && ownerAt(node, address) === peer);
      const next = now ?? nearer[0];
      if (!next) return null;
      way.push(next[0]);
    }
    return way;
  }

  return {
    joint: (from, to) => joints[numbers.get(from) ?? -1]?.get(numbers.get(to) ?? -1) ?? null,
    between(from, to) {
      const a = numbers.get(from);
      const b = numbers.get(to);
      if (a === undefined || b === undefined) return null;
      const [low, high] = a < b ? [a, b] : [b, a];
      const key = `${low} ${high}`;
      let way = kept.get(key);
      if (way === undefined) {
        way = between(low, high)?.map((number) => hosts[number] as KnownHost) ?? null;
        kept.set(key, way);
      }
      return way && a > b ? way.toReversed() : way;
    },
  };
}

/** Whether others may be reached through it: spokes pass nothing on, nor do hosts whose peers are each other's as well. */
export function mayPassOn({ interfaces }: Host): boolean {
  const links = interfaces.reduce((sum, { peers }) => sum + peers.length, 0);
  if (links < 2) return false;
  const stated = interfaces.flatMap(({ statedRole }) => statedRole ?? []);
  const roles = new Set<Role>(stated.length > 0 ? stated : interfaces.flatMap((node) => rolesOf(node).map(({ role }) => role)));
  if (roles.has('hub') || roles.has('exit-gateway') || roles.has('subnet-router')) return true;
  // of two tunnels each may have one peer, and one host between them
  return stated.length === 0 && interfaces.length > 1;
}
