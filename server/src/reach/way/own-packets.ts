// Whether a host's own routes lead WireGuard's own packets out. The kernel sends none into the tunnel that they are to make
// (drivers/net/wireguard/socket.c, send4: a routing loop); wireguard-go answers by the device that it was called by, whatever the routes
// say, and calls itself through the tunnel once that is up: what then becomes of the link nobody can tell.
import type { MeshInterface } from '../../mesh/model.ts';
import { type Address, addressText } from '../../net/address.ts';
import type { Origin } from '../../text/origin.ts';
import { entryFor } from './cryptokey.ts';
import { routingsOf } from './routing.ts';
import { type Routing, rowLookedUp } from './routing-tables.ts';

/** Packets that do not simply leave. */
export interface Astray {
  readonly at: Origin | null;
  readonly says: string;
  /** Whether another tunnel is assumed to carry them, since no file tells who carries it on there. */
  readonly isCarried: boolean;
}

/**
 * Of packets of `node` for an address in the network between the hosts, or, where it is null, for one that is not known and fares as
 * `anybody` there; null where they leave, by whatever interface comes up first.
 */
export function strayingFrom(node: MeshInterface, destination: Address | null, anybody: Address): Astray | null {
  let found: Astray | null = null;
  for (const routing of routingsOf(node.host)) {
    const astray = strayingBy(
      routing,
      node,
      destination ?? anybody,
      destination ? addressText(destination) : 'an address that no file tells',
    );
    if (astray && (!found || found.isCarried)) found = astray;
  }
  return found;
}

function strayingBy(routing: Routing, node: MeshInterface, destination: Address, whom: string): Astray | null {
  const mark = node.own.fwmark?.value || (routing.marks.get(node) ?? 0);
  // routes that are not known are taken to be for the mesh
  const row = routing.unknown ? null : rowLookedUp(routing, destination, { mark });
  if (!row || (row.node === null && !row.throwsAway)) return null;
  const { at } = row;
  const packets = `WireGuard’s own packets of ${node.host.name} ${node.name} for ${whom}`;
  if (row.throwsAway) return { at, says: `${packets} are thrown away by a route`, isCarried: false };
  if (row.node === node) return { at, says: `${packets} are routed into ${node.name} itself`, isCarried: false };
  const other = row.node as MeshInterface;
  if (entryFor(other, destination)?.peer.remote === null)
    return { at, says: `${packets} go by ${other.name}, which is assumed to carry them`, isCarried: true };
  return { at, says: `${packets} go by ${other.name}: whether that carries them is not known`, isCarried: false };
}
