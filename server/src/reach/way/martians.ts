// What Linux does not take in by an interface, whatever the rules say, because of its addresses (route.c, ip_route_input_slow; fib_frontend.c,
// fib_validate_source; ip6_input.c, ip6_rcv_core), and what wg-quick keeps from the address of a default route.
import type { Host, MeshInterface, MeshModel, Ruleset } from '../../mesh/model.ts';
import { type Address, addressText } from '../../net/address.ts';
import type { Origin } from '../../text/origin.ts';
import { ownInterface } from './cryptokey.ts';
import { originOf } from './origins.ts';
import { hasBroadcast, wayOut } from './routes.ts';
import { isDefaultRoute } from './routing.ts';
import { isStrict } from './settings.ts';

export interface Taken {
  readonly is: 'yes' | 'no' | 'unknown';
  readonly at: Origin | null;
  readonly says: string;
}

const taken: Taken = { is: 'yes', at: null, says: '' };

/** Whether the host, whose rulesets are loaded anew or not, takes a packet with these addresses that comes in by `node`. */
export function isTaken(node: MeshInterface, source: Address, destination: Address, flushes: boolean): Taken {
  const { host } = node;
  if (isNobodys(source) || isLoopback(destination)) {
    const says = `${host.name} takes no packet from ${addressText(source)} to ${addressText(destination)}`;
    return { is: 'no', at: originOf(node), says };
  }
  const own = ownInterface(host, source);
  if (source.version === 4) {
    if (own) {
      const says = `${host.name} takes none that come from ${addressText(source)}, which it has itself`;
      return { is: 'no', at: originOf(own), says };
    }
    const strict = strictly(node, source, destination);
    if (strict.is !== 'yes') return strict;
    if (host.interfaces.some((one) => hasBroadcast(one, source)))
      return { is: 'unknown', at: originOf(node), says: `${addressText(source)} is the broadcast address of a network of ${host.name}` };
  }
  return isLetTo(host, node, source, destination, flushes);
}

/** Whether wg-quick lets a packet to one of the host's own addresses; `node` is null where it comes by the loopback. */
export function isLetTo(host: Host, node: MeshInterface | null, source: Address, destination: Address, flushes: boolean): Taken {
  const target = ownInterface(host, destination);
  // linux.bash, add_default: not by another interface, unless from the host itself
  if (!target || target === node || ownInterface(host, source) || !isDefaultRoute(target, destination.version)) return taken;
  const says = `wg-quick lets nothing come to ${addressText(destination)} by another interface than ${target.name}`;
  // with a ruleset that is loaded anew its rules are gone as well
  return { is: flushes ? 'unknown' : 'no', at: originOf(target), says };
}

const flushing = new WeakMap<Ruleset['facts'], boolean>();

/** Whether a ruleset of the host begins by taking all rules away. */
export function flushesRuleset(model: MeshModel, host: Host): boolean {
  return (model.rulesetsOf.get(host) ?? []).some(({ facts }) => {
    let found = flushing.get(facts);
    if (found === undefined) {
      found = facts.statements.some((fact) => fact.kind === 'command' && fact.command === 'flush' && fact.object === 'ruleset');
      flushing.set(facts, found);
    }
    return found;
  });
}

function strictly(node: MeshInterface, source: Address, destination: Address): Taken {
  const { host } = node;
  const { is, at } = isStrict(host, node);
  if (is === false) return taken;
  // as an answer would be routed: rules see its source
  const way = wayOut(host, source, { source: destination });
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
