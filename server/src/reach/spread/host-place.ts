// One host as packets meet it, asked for classes of addresses and not for single ones: addresses that its files do not tell apart fare
// alike, so what is said of one holds for all.

import type { Host, MeshInterface } from '../../mesh/model.ts';
import { type Address, firstOf, lastOf, type Prefix } from '../../net/address.ts';
import { atomOf } from '../filter/program.ts';
import type { AddressNumber } from '../filter/ranges.ts';
import { deviceOf } from '../way/cryptokey.ts';
import { isTaken } from '../way/martians.ts';
import { asksForSender, eachRouted, type WayOut, wayOut } from '../way/routes.ts';
import { isStrict } from '../way/settings.ts';

export type Answer = 'yes' | 'no' | 'unknown';

export interface HostPlace {
  readonly host: Host;
  /** Whether its rulesets are loaded anew, and take away what wg-quick has put there. */
  readonly flushes: boolean;
  /** Where its own addresses are. */
  readonly own: Readonly<Record<4 | 6, ReadonlyMap<AddressNumber, MeshInterface>>>;
  /** Whether its routes hang on who asks. */
  readonly asksForSender: boolean;
  /** Whether it may take packets only by the way that leads to their source. */
  readonly isStrict: boolean;
  /** Each is the first address that goes another way, or to another peer, than the one before it; ascending. */
  readonly routeCuts: Readonly<Record<4 | 6, readonly AddressNumber[]>>;
  /** The same of sources: how they are taken. */
  readonly sourceCuts: Readonly<Record<4 | 6, readonly AddressNumber[]>>;
  /** Where packets for an address go; `iif` is null for those it sends itself. */
  way(destination: Address, source: Address | null, iif: string | null): WayOut;
  /** Whether it takes packets from `source` that come in by the interface `name`: to its own `target`, or to somebody else. Not for loopback. */
  takes(name: string, source: Address, destination: Address, target: string | null): Answer;
}

export function hostPlace(host: Host, flushes: boolean): HostPlace {
  const own = { 4: new Map<AddressNumber, MeshInterface>(), 6: new Map<AddressNumber, MeshInterface>() };
  for (const node of host.interfaces)
    for (const { version, value } of node.addresses) if (!own[version].has(value)) own[version].set(value, node);
  const bySender = asksForSender(host);
  const routeCuts = byVersion((version) => cutsOf(host, version, true));
  const isLoose = host.interfaces.every((node) => isStrict(host, node).is === false);
  const isStrictBySender = bySender && !isLoose;
  const sourceCuts = isLoose ? byVersion((version) => cutsOf(host, version, false)) : routeCuts;
  const ways = new Map<string, WayOut>();
  const nodes = new Map(host.interfaces.map((node) => [node.name, node]));
  const taken = new Map<string, Map<string | null, Answer[]>>();
  const atom = ({ version, value }: Address): number => atomOf(routeCuts[version], value);
  return {
    host,
    flushes,
    own,
    asksForSender: bySender,
    isStrict: !isLoose,
    routeCuts,
    sourceCuts,
    way(destination, source, iif) {
      const asker = bySender ? `${source ? atom(source) : ''}|${iif ?? ''}` : '';
      const key = `${destination.version} ${atom(destination)} ${asker}`;
      let way = ways.get(key);
      if (!way) {
        way = wayOut(host, destination, { source, iif });
        ways.set(key, way);
      }
      return way;
    },
    takes(name, source, destination, target) {
      const node = nodes.get(name);
      if (!node) return 'no';
      // a strict way back is looked up as an answer's, and so hangs on both ends
      if (isStrictBySender) return isTaken(node, source, destination, flushes).is;
      let byTarget = taken.get(name);
      if (!byTarget) {
        byTarget = new Map();
        taken.set(name, byTarget);
      }
      let answers = byTarget.get(target);
      if (!answers) {
        answers = [];
        byTarget.set(target, answers);
      }
      // the atoms of both versions in one list
      const at = atomOf(sourceCuts[source.version], source.value) * 2 + (source.version === 4 ? 0 : 1);
      let answer = answers[at];
      if (!answer) {
        answer = isTaken(node, source, destination, flushes).is;
        answers[at] = answer;
      }
      return answer;
    },
  };
}

/** Read when somebody asks: many meshes have addresses of one version alone. */
function byVersion<T>(read: (version: 4 | 6) => T): Readonly<Record<4 | 6, T>> {
  const known: Record<4 | 6, T | null> = { 4: null, 6: null };
  return {
    get 4() {
      known[4] ??= read(4);
      return known[4];
    },
    get 6() {
      known[6] ??= read(6);
      return known[6];
    },
  };
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
    eachRouted(host, prefix);
    // within a network that is connected AllowedIPs make no routes
    for (const node of host.interfaces) for (const entry of deviceOf(node).entries.values()) prefix(entry.prefix);
  }
  return [...cuts].sort((a, b) => (a < b ? -1 : 1));
}
