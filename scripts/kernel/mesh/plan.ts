// Random meshes as plans: who has which interfaces, addresses and peers. Small pools, so that prefixes overlap and packets meet rules.
import { keyPair, presharedKey } from '../../../test/support/keys.ts';
import type { Random } from '../../bench/random.ts';
import type { RandomRuleset } from '../generate.ts';

export interface PlanPeer {
  readonly to: PlanInterface;
  allowed: readonly string[];
  endpoint: string | null;
  presharedKey: string | null;
  keepalive: boolean;
  /** The AllowedIPs of a second block of the same peer; null where there is none. */
  again: readonly string[] | null;
}

export interface PlanInterface {
  readonly name: string;
  readonly host: PlanHost;
  readonly keys: { readonly privateKey: string; readonly publicKey: string };
  /** With the lengths that its Address has. */
  addresses: readonly string[];
  port: number | null;
  table: string | null;
  hooks: readonly string[];
  peers: PlanPeer[];
}

export interface PlanHost {
  readonly name: string;
  readonly number: number;
  readonly interfaces: PlanInterface[];
  ruleset: RandomRuleset | null;
  /** Whether it has a network behind it. */
  lan: boolean;
  /** Whether it forwards before any file says so. */
  forwards: boolean;
}

export interface Plan {
  readonly kind: string;
  readonly versions: readonly (4 | 6)[];
  readonly hosts: readonly PlanHost[];
  /** Whether the networks behind hosts are stated. */
  stated: boolean;
  /** Whether something hangs on what no file tells. */
  unknowable: boolean;
}

export function chance(random: Random, percent: number): boolean {
  return random.int(100) < percent;
}

const names = ['hub', 'laptop', 'app', 'db', 'ci', 'metrics'];

/** Networks of the mesh, by number. */
export function network(version: 4 | 6, net: number): string {
  return version === 4 ? `10.${net}.0.0/24` : `fd00:${net}::/64`;
}

export function addressIn(version: 4 | 6, net: number, host: number): string {
  return version === 4 ? `10.${net}.0.${host}` : `fd00:${net}::${host}`;
}

/** The network behind a host. */
export function lanOf(version: 4 | 6, { number }: PlanHost): string {
  return version === 4 ? `192.168.${50 + number}.0/24` : `fd50:${number}::/64`;
}

export function addressInLan(version: 4 | 6, { number }: PlanHost, end: number): string {
  return version === 4 ? `192.168.${50 + number}.${end}` : `fd50:${number}::${end}`;
}

export function single(written: string): string {
  const address = written.replace(/\/\d+$/, '');
  return `${address}/${address.includes(':') ? 128 : 32}`;
}

interface Making {
  readonly random: Random;
  readonly versions: readonly (4 | 6)[];
}

function host(number: number): PlanHost {
  return { name: names[number] ?? `host${number}`, number, interfaces: [], ruleset: null, lan: false, forwards: false };
}

/** A new interface of a host in a network. */
function join({ random, versions }: Making, of: PlanHost, net: number, wide: boolean): PlanInterface {
  const length = (version: 4 | 6): number => (wide || chance(random, 50) ? (version === 4 ? 24 : 64) : version === 4 ? 32 : 128);
  const made: PlanInterface = {
    name: `wg${of.interfaces.length}`,
    host: of,
    keys: keyPair(),
    addresses: versions.map((version) => `${addressIn(version, net, of.number + 1)}/${length(version)}`),
    port: 51820 + of.interfaces.length,
    table: null,
    hooks: [],
    peers: [],
  };
  of.interfaces.push(made);
  return made;
}

export function ownPrefixes({ addresses }: PlanInterface): readonly string[] {
  return addresses.map(single);
}

function add(from: PlanInterface, to: PlanInterface, allowed: readonly string[]): void {
  from.peers.push({ to, allowed, endpoint: null, presharedKey: null, keepalive: false, again: null });
}

function networks({ versions }: Making, ...nets: readonly number[]): readonly string[] {
  return nets.flatMap((net) => versions.map((version) => network(version, net)));
}

type Topology = (m: Making) => readonly PlanHost[];

const hubAndSpokes: Topology = (m) => {
  const hosts = Array.from({ length: 3 + m.random.int(4) }, (_, i) => host(i));
  const [hub, ...spokes] = hosts.map((one, i) => join(m, one, 1, i === 0)) as [PlanInterface, ...PlanInterface[]];
  for (const spoke of spokes) {
    add(hub, spoke, ownPrefixes(spoke));
    add(spoke, hub, spokeAllows(m, hub, spokes));
  }
  return hosts;
};

/** What a spoke gives to its hub: its network, more, or some of it. */
function spokeAllows(m: Making, hub: PlanInterface, spokes: readonly PlanInterface[]): readonly string[] {
  const { random, versions } = m;
  switch (random.int(8)) {
    case 0:
      return [...ownPrefixes(hub), ...random.shuffle(spokes).slice(0, 2).flatMap(ownPrefixes)];
    case 1:
      return versions.map((version) => (version === 4 ? '10.0.0.0/8' : 'fd00::/16'));
    case 2:
      return ownPrefixes(hub);
    case 3:
      return versions.map((version) => (version === 4 ? '0.0.0.0/0' : '::/0'));
    default:
      return networks(m, 1);
  }
}

const fullMesh: Topology = (m) => {
  const hosts = Array.from({ length: 3 + m.random.int(2) }, (_, i) => host(i));
  const all = hosts.map((one) => join(m, one, 1, false));
  for (const a of all) for (const b of all) if (a !== b) add(a, b, ownPrefixes(b));
  return hosts;
};

/** A line in one network, whose inner hosts hand on. */
const line: Topology = (m) => {
  const hosts = Array.from({ length: 3 + m.random.int(3) }, (_, i) => host(i));
  const all = hosts.map((one) => join(m, one, 1, false));
  for (const [i, one] of all.entries()) {
    const [before, behind] = [all[i - 1], all[i + 1]];
    if (before) add(one, before, all.slice(0, i).flatMap(ownPrefixes));
    if (behind) add(one, behind, all.slice(i + 1).flatMap(ownPrefixes));
  }
  return hosts;
};

/** One host in two networks. */
const twoNetworks: Topology = (m) => {
  const hosts = Array.from({ length: 3 + m.random.int(4) }, (_, i) => host(i));
  const [gateway, ...others] = hosts as [PlanHost, ...PlanHost[]];
  const sides = [join(m, gateway, 1, true), join(m, gateway, 2, true)];
  for (const [i, one] of others.entries()) {
    const side = sides[i % 2] as PlanInterface;
    const spoke = join(m, one, 1 + (i % 2), false);
    add(side, spoke, ownPrefixes(spoke));
    add(spoke, side, chance(m.random, 70) ? networks(m, 1, 2) : networks(m, 1 + (i % 2)));
  }
  return hosts;
};

/** Three networks in a row, with two gateways between. */
const gatewaysInRow: Topology = (m) => {
  const hosts = Array.from({ length: 4 + m.random.int(2) }, (_, i) => host(i));
  const [first, second, left, right, more] = hosts as [PlanHost, PlanHost, PlanHost, PlanHost, PlanHost | undefined];
  const outer = join(m, first, 1, true);
  const middle = join(m, first, 2, true);
  const other = join(m, second, 2, true);
  const far = join(m, second, 3, true);
  add(middle, other, [...ownPrefixes(other), ...networks(m, 3)]);
  add(other, middle, [...ownPrefixes(middle), ...networks(m, 1)]);
  for (const [side, one, net] of [[outer, left, 1], [far, right, 3], ...(more ? ([[outer, more, 1]] as const) : [])] as const) {
    const spoke = join(m, one, net, false);
    add(side, spoke, ownPrefixes(spoke));
    add(spoke, side, networks(m, 1, 2, 3));
  }
  return hosts;
};

/** Two hubs for the same spokes, so that an answer may come another way. */
const twoHubs: Topology = (m) => {
  const hosts = Array.from({ length: 4 + m.random.int(3) }, (_, i) => host(i));
  const all = hosts.map((one, i) => join(m, one, 1, i < 2));
  const [a, b, ...spokes] = all as [PlanInterface, PlanInterface, ...PlanInterface[]];
  add(a, b, ownPrefixes(b));
  add(b, a, ownPrefixes(a));
  for (const spoke of spokes) {
    add(a, spoke, ownPrefixes(spoke));
    add(b, spoke, ownPrefixes(spoke));
    const [half, rest] = split(m.random, spokes.filter((one) => one !== spoke).flatMap(ownPrefixes));
    add(spoke, a, [...ownPrefixes(a), ...half]);
    add(spoke, b, [...ownPrefixes(b), ...rest]);
  }
  return hosts;
};

function split(random: Random, all: readonly string[]): readonly [readonly string[], readonly string[]] {
  const first = all.filter(() => chance(random, 50));
  return [first, all.filter((one) => !first.includes(one))];
}

const topologies: Readonly<Record<string, Topology>> = { hubAndSpokes, fullMesh, line, twoNetworks, gatewaysInRow, twoHubs };
const kinds = [
  'hubAndSpokes',
  'hubAndSpokes',
  'hubAndSpokes',
  'fullMesh',
  'line',
  'twoNetworks',
  'twoNetworks',
  'gatewaysInRow',
  'twoHubs',
];

/** The bare mesh: every link as it should be, no rules, no hooks. */
export function topology(random: Random): Plan {
  const versions: readonly (4 | 6)[] = random.pick([[4], [4], [4, 6], [4, 6], [6]]);
  const kind = random.pick(kinds);
  const hosts = topologies[kind]?.({ random, versions }) ?? [];
  return { kind, versions, hosts, stated: false, unknowable: false };
}

export function interfacesOf({ hosts }: Plan): readonly PlanInterface[] {
  return hosts.flatMap(({ interfaces }) => interfaces);
}

/** The entry that the other end has for this one. */
export function backOf(from: PlanInterface, peer: PlanPeer): PlanPeer | undefined {
  return peer.to.peers.find(({ to }) => to === from);
}

export { presharedKey };
