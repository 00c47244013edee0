// One host as packets meet it, asked for classes of addresses and not for single ones: addresses that its files do not tell apart fare
// alike, so what is said of one holds for all.
import type { Host, MeshInterface } from '../../mesh/model.ts';
import { type Address, firstOf, lastOf, type Prefix } from '../../net/address.ts';
import type { AddressNumber } from '../filter/ranges.ts';
import { deviceOf } from '../way/cryptokey.ts';
import { isTaken } from '../way/martians.ts';
import { asksForSender, routedPrefixes, type WayOut, wayOut } from '../way/routes.ts';
import { forwarding, isStrict } from '../way/settings.ts';

export type Answer = 'yes' | 'no' | 'unknown';

export interface HostPlace {
  readonly host: Host;
  /** Where its own addresses are. */
  readonly own: Readonly<Record<4 | 6, ReadonlyMap<AddressNumber, MeshInterface>>>;
  /** Whether its routes hang on who asks. */
  readonly asksForSender: boolean;
  /** Each is the first address that goes another way, or to another peer, than the one before it; ascending. */
  readonly routeCuts: Readonly<Record<4 | 6, readonly AddressNumber[]>>;
  /** The same of sources: how they are taken. */
  readonly sourceCuts: Readonly<Record<4 | 6, readonly AddressNumber[]>>;
  /** Where packets for an address go; `iif` is null for those it sends itself. */
  way(destination: Address, source: Address | null, iif: MeshInterface | null): WayOut;
  /** Whether it takes packets from `source` that come in by `node`: to its own interface `target`, or to somebody else. Not for loopback. */
  takes(node: MeshInterface, source: Address, destination: Address, target: MeshInterface | null): Answer;
  forwards(version: 4 | 6, node: MeshInterface): 'on' | 'off' | 'unknown';
}

export function hostPlace(host: Host): HostPlace {
  const own = { 4: new Map<AddressNumber, MeshInterface>(), 6: new Map<AddressNumber, MeshInterface>() };
  for (const node of host.interfaces)
    for (const { version, value } of node.addresses) if (!own[version].has(value)) own[version].set(value, node);
  const bySender = asksForSender(host);
  const routeCuts = { 4: cutsOf(host, 4, true), 6: cutsOf(host, 6, true) };
  const isLoose = !bySender && host.interfaces.every((node) => isStrict(host, node).is === false);
  const sourceCuts = isLoose ? { 4: cutsOf(host, 4, false), 6: cutsOf(host, 6, false) } : routeCuts;
  const ways = new Map<string, WayOut>();
  const taken = new Map<MeshInterface, Map<MeshInterface | null, Answer[]>>();
  const forwarded = new Map<MeshInterface, Partial<Record<4 | 6, 'on' | 'off' | 'unknown'>>>();
  const atom = ({ version, value }: Address): number => countUpTo(routeCuts[version], value);
  return {
    host,
    own,
    asksForSender: bySender,
    routeCuts,
    sourceCuts,
    way(destination, source, iif) {
      const asker = bySender ? `${source ? atom(source) : ''}|${iif?.uri ?? ''}` : '';
      const key = `${destination.version} ${atom(destination)} ${asker}`;
      let way = ways.get(key);
      if (!way) {
        way = wayOut(host, destination, { source, iif: iif?.name ?? null });
        ways.set(key, way);
      }
      return way;
    },
    takes(node, source, destination, target) {
      let byTarget = taken.get(node);
      if (!byTarget) {
        byTarget = new Map();
        taken.set(node, byTarget);
      }
      let answers = byTarget.get(target);
      if (!answers) {
        answers = [];
        byTarget.set(target, answers);
      }
      // the atoms of both versions in one list
      const at = countUpTo(sourceCuts[source.version], source.value) * 2 + (source.version === 4 ? 0 : 1);
      let answer = answers[at];
      if (!answer) {
        answer = isTaken(node, source, destination).is;
        answers[at] = answer;
      }
      return answer;
    },
    forwards(version, node) {
      const known = forwarded.get(node) ?? {};
      forwarded.set(node, known);
      const answer = known[version] ?? forwarding(host, version, node).is;
      known[version] = answer;
      return answer;
    },
  };
}

/** How many of the sorted cuts are at or below the address. */
export function countUpTo(cuts: readonly AddressNumber[], address: AddressNumber): number {
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((cuts[middle] as AddressNumber) <= address) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Where multicast, loopback and addresses that stand for none begin and end. */
const special: Readonly<Record<4 | 6, readonly AddressNumber[]>> = {
  4: [0x01000000, 0x7f000000, 0x80000000, 0xe0000000],
  6: [1n, 2n, 0xffn << 120n],
};

function cutsOf(host: Host, version: 4 | 6, withRoutes: boolean): readonly AddressNumber[] {
  const cuts = new Set<AddressNumber>(special[version]);
  const around = (from: Address, to: Address): void => {
    if (from.version !== version) return;
    cuts.add(from.value);
    cuts.add(to.version === 4 ? to.value + 1 : to.value + 1n);
  };
  const prefix = (one: Prefix): void => around(firstOf(one), lastOf(one));
  for (const { addresses, networks } of host.interfaces) {
    for (const address of addresses) around(address, address);
    for (const network of networks) {
      // the first and the last of a network are nobody's, and may be everybody's
      for (const end of [firstOf(network), lastOf(network)]) around(end, end);
      prefix(network);
    }
  }
  if (withRoutes) {
    routedPrefixes(host).forEach(prefix);
    // within a network that is connected AllowedIPs make no routes
    for (const node of host.interfaces) for (const entry of deviceOf(node).entries.values()) prefix(entry.prefix);
  }
  return [...cuts].sort((a, b) => (a < b ? -1 : 1));
}
