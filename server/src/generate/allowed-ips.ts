// The AllowedIPs of every entry, at both ends of each link, that the grants need: of each peer the addresses that flows reach through it
// or come from through it, and no others.
import { knownHosts, type PolicyFile } from '../mesh/known-hosts.ts';
import type { MeshInterface, MeshModel, Peer } from '../mesh/model.ts';
import { masked, type Prefix, prefixKey, samePrefix } from '../net/address.ts';
import type { AddressSet } from '../net/address-set.ts';
import { prefixesOf } from '../net/ranges.ts';
import { type End, grantedFlows, type Trouble } from './flows.ts';
import { waysOf } from './ways.ts';

export interface Entry {
  readonly node: MeshInterface;
  readonly peer: Peer;
  /** Sorted; none where no grant needs the link. */
  readonly allowedIps: readonly Prefix[];
  /** Whether they are what stands there now. */
  readonly same: boolean;
}

export interface GeneratedEntries {
  /** Of every interface below the workspace file, in the order they stand. */
  readonly entries: readonly Entry[];
  readonly troubles: readonly Trouble[];
}

export function generateAllowedIps(model: MeshModel, policy: PolicyFile): GeneratedEntries {
  const known = [...knownHosts(model, policy).values()].flat();
  const ways = waysOf(known);
  const needed = new Map<Peer, Map<string, Prefix>>();
  const need = (peer: Peer | null | undefined, addresses: AddressSet): void => {
    if (!peer) return;
    const prefixes = needed.get(peer) ?? new Map<string, Prefix>();
    needed.set(peer, prefixes);
    for (const prefix of prefixesOf(addresses)) prefixes.set(prefixKey(prefix), prefix);
  };
  const { flows, troubles } = grantedFlows(model, policy);
  const noWay = new Map<string, Trouble>();
  for (const { from, to, grant } of flows) {
    const way = ways.between(from.host, to.host);
    if (!way) {
      const says = `there is no way from ${from.host.name} to ${to.host.name} over the links that there are`;
      noWay.set(`${grant.at.statement} ${says}`, { uri: policy.uri, at: grant.at, says });
      continue;
    }
    const [source, target] = commonVersions(from, to);
    for (let i = 0; i + 1 < way.length; i++) {
      const [here, there] = [way[i], way[i + 1]];
      if (!here || !there) continue;
      need(ways.joint(here, there)?.peer, target);
      need(ways.joint(there, here)?.peer, source);
    }
  }
  const entries = known.flatMap(({ entries: own }) =>
    own.map(({ node, peer }): Entry => {
      const allowedIps = [...(needed.get(peer)?.values() ?? [])].sort(inOrder);
      return { node, peer, allowedIps, same: sameList(allowedIps, peer) };
    }),
  );
  return {
    entries: entries.sort((a, b) =>
      a.node.uri < b.node.uri ? -1 : a.node.uri > b.node.uri ? 1 : a.peer.facts.at.statement - b.peer.facts.at.statement,
    ),
    troubles: [...troubles, ...noWay.values(), ...claimedTwice(entries)],
  };
}

/** A source of IPv4 alone needs no IPv6 of its destination. */
function commonVersions({ addresses: from }: End, { addresses: to }: End): readonly [AddressSet, AddressSet] {
  const four = from.v4.length > 0 && to.v4.length > 0;
  const six = from.v6.length > 0 && to.v6.length > 0;
  const only = ({ v4, v6 }: AddressSet): AddressSet => ({ v4: four ? v4 : [], v6: six ? v6 : [] });
  return [only(from), only(to)];
}

/** One interface cannot have one address at two peers: the last one written would take it. */
function claimedTwice(entries: readonly Entry[]): readonly Trouble[] {
  const troubles: Trouble[] = [];
  const owners = new Map<MeshInterface, Map<string, Peer>>();
  for (const { node, peer, allowedIps } of entries) {
    const own = owners.get(node) ?? new Map<string, Peer>();
    owners.set(node, own);
    for (const prefix of allowedIps) {
      const other = own.get(prefixKey(prefix));
      if (!other) own.set(prefixKey(prefix), peer);
      else if (other !== peer)
        troubles.push({
          uri: node.uri,
          at: peer.facts.at,
          says: `${node.host.name} would need the same addresses at ${other.label} and at ${peer.label}: the links give two ways`,
        });
    }
  }
  return troubles;
}

function inOrder(a: Prefix, b: Prefix): number {
  return a.version - b.version || (a.first < b.first ? -1 : a.first > b.first ? 1 : a.length - b.length);
}

function sameList(wanted: readonly Prefix[], { facts }: Peer): boolean {
  const now = facts.allowedIps.map(({ value }) => masked(value));
  return (
    wanted.every((prefix) => now.some((one) => samePrefix(one, prefix))) &&
    now.every((prefix) => wanted.some((one) => samePrefix(one, prefix)))
  );
}
