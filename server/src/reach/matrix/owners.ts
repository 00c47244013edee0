// Whom an interface takes each address from, and gives it to: cryptokey routing over all addresses at once (WireGuard, allowedips.c).
import type { MeshInterface, Peer } from '../../mesh/model.ts';
import { firstOf, lastOf, type Prefix } from '../../net/address.ts';
import { type AddressSet, type Interval, noAddresses } from '../../net/address-set.ts';
import { type Domain, joined, v4Domain, v6Domain } from '../../net/intervals.ts';
import { deviceOf } from '../way/cryptokey.ts';

export interface Owned<N> extends Interval<N> {
  readonly peer: Peer;
}

export interface Owners {
  /** Sorted and disjoint; of neighbours with one peer the longer stands. */
  readonly v4: readonly Owned<number>[];
  readonly v6: readonly Owned<bigint>[];
}

const kept = new WeakMap<MeshInterface, Owners>();

export function ownersAt(node: MeshInterface): Owners {
  let owners = kept.get(node);
  if (!owners) {
    const v4: Claim<number>[] = [];
    const v6: Claim<bigint>[] = [];
    for (const { prefix, peer } of deviceOf(node).entries.values()) claim(prefix, peer, v4, v6);
    owners = { v4: settled(v4, v4Domain), v6: settled(v6, v6Domain) };
    kept.set(node, owners);
  }
  return owners;
}

interface Claim<N> extends Owned<N> {
  readonly length: number;
}

function claim(prefix: Prefix, peer: Peer, v4: Claim<number>[], v6: Claim<bigint>[]): void {
  const from = firstOf(prefix);
  const to = lastOf(prefix);
  const { length } = prefix;
  if (from.version === 4 && to.version === 4) v4.push({ from: from.value, to: to.value, length, peer });
  else if (from.version === 6 && to.version === 6) v6.push({ from: from.value, to: to.value, length, peer });
}

/** Prefixes lie one in the other or apart, so that those around an address are a stack. */
function settled<N extends number | bigint>(claims: readonly Claim<N>[], { next, previous }: Domain<N>): readonly Owned<N>[] {
  const [only] = claims;
  if (only && claims.length === 1) return [only];
  const ordered = [...claims].sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : a.length - b.length));
  const result: Owned<N>[] = [];
  const add = (from: N, to: N, peer: Peer): void => {
    const last = result[result.length - 1];
    if (from > to) return;
    if (last && last.peer === peer && next(last.to) === from) result[result.length - 1] = { from: last.from, to, peer };
    else result.push({ from, to, peer });
  };
  const around: Claim<N>[] = [];
  let at: N | null = null;
  const leave = (before: N | null): void => {
    for (let inner = around[around.length - 1]; inner && (before === null || inner.to < before); inner = around[around.length - 1]) {
      if (at !== null) add(at, inner.to, inner.peer);
      at = next(inner.to);
      around.pop();
    }
  };
  for (const one of ordered) {
    leave(one.from);
    const outer = around[around.length - 1];
    if (outer && at !== null && at < one.from) add(at, previous(one.from), outer.peer);
    at = one.from;
    around.push(one);
  }
  leave(null);
  return result;
}

const byPeer = new WeakMap<Owners, ReadonlyMap<Peer, AddressSet>>();

/** The addresses that belong to a peer there. */
export function ownedBy(owners: Owners, peer: Peer): AddressSet {
  let all = byPeer.get(owners);
  if (!all) {
    all = gathered(owners);
    byPeer.set(owners, all);
  }
  return all.get(peer) ?? noAddresses;
}

function gathered({ v4, v6 }: Owners): ReadonlyMap<Peer, AddressSet> {
  const lists = new Map<Peer, { readonly v4: Interval<number>[]; readonly v6: Interval<bigint>[] }>();
  const of = (peer: Peer): { readonly v4: Interval<number>[]; readonly v6: Interval<bigint>[] } => {
    const list = lists.get(peer) ?? { v4: [], v6: [] };
    lists.set(peer, list);
    return list;
  };
  for (const { from, to, peer } of v4) of(peer).v4.push({ from, to });
  for (const { from, to, peer } of v6) of(peer).v6.push({ from, to });
  return new Map([...lists].map(([peer, list]) => [peer, { v4: joined(list.v4, v4Domain), v6: joined(list.v6, v6Domain) }]));
}
