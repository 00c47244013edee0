// Cryptokey routing and the routes that wg-quick makes of it: which interface a host sends by, and which peer gets or may have sent it.

import type { Host, MeshInterface, Peer } from '../../mesh/model.ts';
import { type Address, masked, prefixHolds, sameAddress } from '../../net/address.ts';
import type { Origin } from '../../text/origin.ts';

/** The AllowedIPs entry that an address belongs to: of the longest prefixes that hold it the last one written (WireGuard, allowedips.c). */
export interface Entry {
  readonly peer: Peer;
  readonly at: Origin;
  readonly length: number;
}

export function entryFor(node: MeshInterface, address: Address): Entry | null {
  let entry: Entry | null = null;
  for (const peer of node.peers) {
    for (const { value, at } of peer.facts.allowedIps) {
      const prefix = masked(value);
      if (prefixHolds(prefix, address) && (!entry || prefix.length >= entry.length))
        entry = { peer, at: { uri: node.uri, ...at }, length: prefix.length };
    }
  }
  return entry;
}

export type WayOut =
  | { readonly to: 'here'; readonly node: MeshInterface }
  | { readonly to: 'interface'; readonly node: MeshInterface }
  /** To none of its WireGuard interfaces: into a LAN, the outside, or nowhere. */
  | { readonly to: 'elsewhere' }
  | { readonly to: 'unknown'; readonly at: Origin };

export function ownInterface(host: Host, address: Address): MeshInterface | null {
  return host.interfaces.find(({ addresses }) => addresses.some((own) => sameAddress(own, address))) ?? null;
}

/** Where the host sends what is for `destination`: by its connected networks and what wg-quick makes of AllowedIPs (wg-quick(8), Table). */
export function wayOut(host: Host, destination: Address): WayOut {
  const own = ownInterface(host, destination);
  if (own) return { to: 'here', node: own };
  let best: { readonly length: number; readonly node: MeshInterface } | null = null;
  for (const node of host.interfaces) {
    const change = routesByHand(node);
    if (change) return { to: 'unknown', at: change };
    const table = node.own.table?.toLowerCase() ?? 'auto';
    const lengths = node.networks.filter((network) => prefixHolds(network, destination)).map(({ length }) => length);
    if (table !== 'off') {
      const entry = entryFor(node, destination);
      if (entry) lengths.push(entry.length);
    }
    for (const length of lengths) {
      // two interfaces with one prefix: the kernel keeps the route that was made first, and which that is is not written
      if (best && best.length === length && best.node !== node)
        return { to: 'unknown', at: { uri: node.uri, ...(node.own.at ?? nowhere) } };
      if (!best || length > best.length) best = { length, node };
    }
  }
  return best ? { to: 'interface', node: best.node } : { to: 'elsewhere' };
}

const nowhere = { statement: 0, item: 0 };

/** A hook, or a table of its own, that routes in a way which is not followed here. */
function routesByHand(node: MeshInterface): Origin | null {
  for (const { value, at } of node.own.hooks)
    if (value.commands.some((command) => command.does === 'other' && /^(?:ip|route)$/.test(command.program)))
      return { uri: node.uri, ...at };
  return /^(?:auto|off|main|254)$/i.test(node.own.table ?? 'auto') ? null : { uri: node.uri, ...(node.own.at ?? nowhere) };
}
