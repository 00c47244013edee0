// Where a host sends a packet: by which of its interfaces, or into a network that it has behind it.
import type { Host, MeshInterface } from '../../mesh/model.ts';
import { type Address, lastOf, type Prefix, sameAddress } from '../../net/address.ts';
import type { Origin } from '../../text/origin.ts';
import { isSaidBehind } from './behind.ts';
import { ownInterface } from './cryptokey.ts';
import { originOf } from './origins.ts';
import { routingsOf } from './routing.ts';
import { type Asking, type Row, type Rule, rowLookedUp } from './routing-tables.ts';

export type WayOut =
  | { readonly to: 'here'; readonly node: MeshInterface }
  /** `source` is the address that the route itself names for those who have none. */
  | {
      readonly to: 'interface';
      readonly node: MeshInterface;
      readonly length: number;
      readonly source: Address | null;
      readonly at: Origin | null;
    }
  /** Into a network behind it that a file states; by a device that the file may name. */
  | { readonly to: 'beyond'; readonly device: string | null; readonly at: Origin | null }
  /** To none of its WireGuard interfaces: into a LAN, the outside, or nowhere. */
  | { readonly to: 'elsewhere' }
  /** A route throws it away. */
  | { readonly to: 'nowhere'; readonly at: Origin | null }
  | { readonly to: 'unknown'; readonly at: Origin };

/** Where the host sends what is for `destination`. */
export function wayOut(host: Host, destination: Address, asking: Asking = {}): WayOut {
  const own = ownInterface(host, destination);
  if (own) return { to: 'here', node: own };
  const special = broadcastAt(host, destination);
  if (special) return { to: 'unknown', at: special };
  let found: WayOut | null = null;
  for (const routing of routingsOf(host)) {
    if (routing.unknown) return { to: 'unknown', at: routing.unknown };
    const way = wayOf(rowLookedUp(routing, destination, asking));
    // which interface comes up first no file says
    if (found && !sameWay(found, way))
      return { to: 'unknown', at: placeOf(way) ?? placeOf(found) ?? originOf(host.interfaces[0] as MeshInterface) };
    found = way;
  }
  const way = found ?? { to: 'elsewhere' };
  return way.to === 'interface' && isSaidBehind(host, destination, way.length) ? { to: 'elsewhere' } : way;
}

/** Tells all prefixes that the host's routes and rules name: addresses between their ends go the same way. */
export function eachRouted(host: Host, told: (prefix: Prefix) => void): void {
  const tell = ({ from, to }: Rule): void => {
    if (from) told(from);
    if (to) told(to);
  };
  for (const { tables, rules } of routingsOf(host)) {
    tables.forEach(({ rows }) => {
      rows.forEach((list) => {
        if (list[0]) told(list[0].prefix);
      });
    });
    rules[4].forEach(tell);
    rules[6].forEach(tell);
  }
}

/** Whether the way hangs on who asks. */
export function asksForSender(host: Host): boolean {
  const asks = ({ from, iif }: Rule): boolean => iif !== null || (from?.length ?? 0) > 0;
  return routingsOf(host).some(({ rules }) => rules[4].some(asks) || rules[6].some(asks));
}

function wayOf(row: Row | null): WayOut {
  if (!row) return { to: 'elsewhere' };
  const { node, device, throwsAway, source, prefix, at } = row;
  if (throwsAway) return { to: 'nowhere', at };
  return node ? { to: 'interface', node, length: prefix.length, source, at } : { to: 'beyond', device, at };
}

function placeOf(way: WayOut): Origin | null {
  return 'at' in way ? way.at : null;
}

function sameWay(a: WayOut, b: WayOut): boolean {
  if (a.to === 'interface' && b.to === 'interface') return a.node === b.node && sameSource(a.source, b.source);
  return a.to === b.to;
}

function sameSource(a: Address | null, b: Address | null): boolean {
  return a === b || (a !== null && b !== null && sameAddress(a, b));
}

/** Of IPv4 the last address of a network is everybody's, and the kernel takes it for its own (fib_frontend.c, fib_add_ifaddr); so is any multicast. */
function broadcastAt({ interfaces }: Host, address: Address): Origin | null {
  const [first] = interfaces;
  if (first && isMulticast(address)) return originOf(first);
  for (const node of interfaces) if (hasBroadcast(node, address)) return originOf(node);
  return null;
}

/** Whether it is everybody's in a network of an interface. */
export function hasBroadcast({ networks }: MeshInterface, address: Address): boolean {
  for (let i = 0; i < networks.length; i++) if (isBroadcast(networks[i] as Prefix, address)) return true;
  return false;
}

function isMulticast(address: Address): boolean {
  return address.version === 4 ? address.value >= 0xe0000000 : address.value >> 120n === 0xffn;
}

function isBroadcast(network: Prefix, address: Address): boolean {
  if (network.version !== address.version) return false;
  // the subnet-router anycast address of whoever forwards (RFC 4291, 2.6.1)
  if (address.version === 6) return network.length < 127 && network.first === address.value;
  return network.length < 31 && (sameAddress(lastOf(network), address) || network.first === address.value);
}
