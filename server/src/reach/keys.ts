// What a match can look at: of each key its values, and the sides of a box where its value is one of some.
import { type Intervals, portDomain, v4Domain, v6Domain } from '../net/intervals.ts';
import type { Sides as BoxSides } from './box.ts';
import { ICMP, ICMPV6, portServices, protocolServices } from './services.ts';

export const anySide: readonly BoxSides[] = [{}];

/** A part of the values of one key. */
export type Atom =
  | { readonly of: 'v4'; readonly set: Intervals<number> }
  | { readonly of: 'v6'; readonly set: Intervals<bigint> }
  | { readonly of: 'ports' | 'protocols' | 'types' | 'types6'; readonly set: Intervals<number> }
  | { readonly of: 'names'; readonly names: readonly string[] }
  | { readonly of: 'states'; readonly mask: number };

export interface Key {
  readonly of: Atom['of'];
  /** The sides where the key's value is in `atom`; null where that is not exactly known. */
  readonly sides: (atom: Atom) => BoxSides;
  /** The least that the match asks of a packet, whatever its value: a protocol or a family. */
  readonly least: BoxSides;
  /** Where the boxes say more than surely matches. */
  readonly loose?: boolean;
}

const only4 = { v4: v4Domain.all, v6: [] };
const only6 = { v4: [], v6: v6Domain.all };

function address(of: 'v4' | 'v6', side: 'sources' | 'destinations'): Key {
  return {
    of,
    sides: (atom) =>
      atom.of === 'v4' ? { [side]: { v4: atom.set, v6: [] } } : atom.of === 'v6' ? { [side]: { v4: [], v6: atom.set } } : {},
    least: { [side]: of === 'v4' ? only4 : only6 },
  };
}

function ports(protocols: readonly number[], side: 'sources' | 'targets'): Key {
  return {
    of: 'ports',
    sides: (atom) => (atom.of === 'ports' ? { services: portServices(protocols, atom.set, side) } : {}),
    least: { services: portServices(protocols, portDomain.all, side) },
  };
}

function types(protocol: number, of: 'types' | 'types6'): Key {
  return {
    of,
    sides: (atom) => (atom.of === of ? { services: portServices([protocol], atom.set, 'targets') } : {}),
    least: { services: portServices([protocol], portDomain.all, 'targets') },
  };
}

function protocols(least: BoxSides, loose = false): Key {
  return {
    of: 'protocols',
    sides: (atom) => (atom.of === 'protocols' ? { ...least, services: protocolServices(atom.set) } : {}),
    least,
    loose,
  };
}

function names(side: 'iif' | 'oif'): Key {
  return { of: 'names', sides: (atom) => (atom.of === 'names' ? { [side]: { only: atom.names, except: [] } } : {}), least: {} };
}

export const familyKey: Key = {
  of: 'names',
  sides: (atom) => {
    if (atom.of !== 'names') return {};
    const four = atom.names.some((name) => name === 'ipv4' || name === 'ip');
    const six = atom.names.some((name) => name === 'ipv6' || name === 'ip6');
    return { sources: { v4: four ? v4Domain.all : [], v6: six ? v6Domain.all : [] } };
  },
  least: {},
};

export const keys: ReadonlyMap<string, Key> = new Map<string, Key>([
  ['ip saddr', address('v4', 'sources')],
  ['ip daddr', address('v4', 'destinations')],
  ['ip6 saddr', address('v6', 'sources')],
  ['ip6 daddr', address('v6', 'destinations')],
  ['meta iifname', names('iif')],
  ['meta iif', names('iif')],
  ['meta oifname', names('oif')],
  ['meta oif', names('oif')],
  ['meta l4proto', protocols({})],
  ['ip protocol', protocols({ sources: only4 })],
  // nexthdr is the first header's and misses what stands behind an extension (facts/nftables.md)
  ['ip6 nexthdr', protocols({ sources: only6 }, true)],
  ['meta nfproto', familyKey],
  ['meta protocol', familyKey],
  ['icmp type', types(ICMP, 'types')],
  ['icmpv6 type', types(ICMPV6, 'types6')],
  ['ct state', { of: 'states', sides: (atom) => (atom.of === 'states' ? { states: atom.mask } : {}), least: {} }],
  ...[...Object.entries({ tcp: [6], udp: [17], dccp: [33], sctp: [132], udplite: [136] })].flatMap(([name, protocol]): [string, Key][] => [
    [`${name} dport`, ports(protocol, 'targets')],
    [`${name} sport`, ports(protocol, 'sources')],
  ]),
]);

export const transport: ReadonlyMap<string, 'sources' | 'targets'> = new Map([
  ['th dport', 'targets'],
  ['th sport', 'sources'],
]);

const anyHeader: Readonly<Record<string, BoxSides>> = {
  ip: { sources: only4 },
  ip6: { sources: only6 },
  tcp: { services: protocolServices([{ from: 6, to: 6 }]) },
  udp: { services: protocolServices([{ from: 17, to: 17 }]) },
  dccp: { services: protocolServices([{ from: 33, to: 33 }]) },
  sctp: { services: protocolServices([{ from: 132, to: 132 }]) },
  udplite: { services: protocolServices([{ from: 136, to: 136 }]) },
  icmp: { services: protocolServices([{ from: ICMP, to: ICMP }]) },
  icmpv6: { services: protocolServices([{ from: ICMPV6, to: ICMPV6 }]) },
  igmp: { services: protocolServices([{ from: 2, to: 2 }]) },
  esp: { services: protocolServices([{ from: 50, to: 50 }]) },
  ah: { services: protocolServices([{ from: 51, to: 51 }]) },
};

/** A key of which no more is read than that its header is there. */
export function headerOf(key: string | null): readonly BoxSides[] {
  const sides = key === null ? undefined : anyHeader[key.slice(0, key.indexOf(' '))];
  return sides ? [sides] : anySide;
}
