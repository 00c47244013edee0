// What Linux does not take in by an interface, whatever the rules say, because of its addresses (route.c, ip_route_input_slow; fib_frontend.c,
// fib_validate_source; ip6_input.c, ip6_rcv_core), and what wg-quick keeps from the address of a default route.
import type { MeshInterface } from '../../mesh/model.ts';
import { type Address, addressText } from '../../net/address.ts';
import type { Origin } from '../../text/origin.ts';
import { ownInterface } from './cryptokey.ts';
import { isBroadcast, isDefaultRoute, originOf, wayOut } from './routes.ts';
import { isStrict } from './settings.ts';

export interface Taken {
  readonly is: 'yes' | 'no' | 'unknown';
  readonly at: Origin | null;
  readonly says: string;
}

const taken: Taken = { is: 'yes', at: null, says: '' };

/** Whether the host takes a packet with these addresses that comes in by `node`. */
export function isTaken(node: MeshInterface, source: Address, destination: Address): Taken {
  const { host } = node;
  const from = addressText(source);
  if (isNobodys(source) || isLoopback(destination))
    return { is: 'no', at: originOf(node), says: `${host.name} takes no packet from ${from} to ${addressText(destination)}` };
  const own = ownInterface(host, source);
  if (source.version === 4) {
    if (own) return { is: 'no', at: originOf(own), says: `${host.name} takes none that come from ${from}, which it has itself` };
    const strict = strictly(node, source);
    if (strict.is !== 'yes') return strict;
    if (host.interfaces.some(({ networks }) => networks.some((network) => isBroadcast(network, source))))
      return { is: 'unknown', at: originOf(node), says: `${from} is the broadcast address of a network of ${host.name}` };
  }
  const target = ownInterface(host, destination);
  // linux.bash, add_default: what comes by another interface, and not from the host itself
  if (target && target !== node && !own && isDefaultRoute(target, destination.version)) {
    const says = `wg-quick lets nothing come to ${addressText(destination)} by another interface than ${target.name}`;
    return { is: 'no', at: originOf(target), says };
  }
  return taken;
}

function strictly(node: MeshInterface, source: Address): Taken {
  const { host } = node;
  const { is, at } = isStrict(host, node);
  if (is === false) return taken;
  const way = wayOut(host, source);
  if (way.to === 'interface' && way.node === node) return taken;
  const says = `${host.name} takes ${addressText(source)} only by the way that leads to it (rp_filter)`;
  return { is: is === null || way.to === 'unknown' ? 'unknown' : 'no', at, says };
}

/** Multicast, loopback and what stands for no address are no sources. */
function isNobodys(source: Address): boolean {
  if (isLoopback(source)) return true;
  if (source.version === 6) return source.value === 0n || source.value >> 120n === 0xffn;
  return source.value >= 0xe0000000 || source.value < 0x01000000;
}

function isLoopback(address: Address): boolean {
  return address.version === 4 ? Math.floor(address.value / 2 ** 24) === 127 : address.value === 1n;
}
