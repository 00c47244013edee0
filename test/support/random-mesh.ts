// Small meshes of several shapes with grants for them, from a seed: hubs, chains of hubs, full meshes, with IPv4, IPv6 or both.
import type { Random } from '../../scripts/bench/random.ts';
import { keyPair } from './keys.ts';
import type { TextFiles } from './mesh-files.ts';

export interface RandomGrant {
  readonly src: readonly string[];
  readonly dst: readonly string[];
  readonly ip: readonly string[];
}

export interface RandomMesh {
  readonly hosts: readonly string[];
  /** The versions of IP that each host has. */
  readonly versions: ReadonlyMap<string, ReadonlySet<4 | 6>>;
  readonly grants: readonly RandomGrant[];
  readonly groups: Readonly<Record<string, readonly string[]>>;
  /** Configs whose entries hold the peer’s own addresses, and the workspace file. */
  readonly files: TextFiles;
}

interface BuiltInterface {
  readonly keys: ReturnType<typeof keyPair>;
  readonly peers: { readonly name: string; readonly at: string }[];
}

interface Built {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly interfaces: Map<string, BuiltInterface>;
}

const services = ['tcp:443', 'tcp:22', 'udp:53', 'tcp:8000-8100', 'tcp:80,443', 'icmp', 'udp:*', 'gre', '*'];

export function randomMesh(random: Random): RandomMesh {
  const names = ['hub', 'app', 'db', 'laptop', 'ci', 'cam'].slice(0, 3 + random.int(4));
  const both = random.int(3);
  const hosts = new Map(
    names.map((name, i): [string, Built] => {
      const has4 = both !== 1 || random.int(2) === 0;
      const has6 = both === 1 || random.int(3) === 0;
      const addresses = [...(has4 || !has6 ? [`10.0.0.${i + 1}`] : []), ...(has6 ? [`fd00::${i + 1}`] : [])];
      return [name, { name, addresses, interfaces: new Map() }];
    }),
  );
  for (const [a, b, at = 'wg0'] of linksOf(names, random)) {
    link(hosts, { name: a, at }, { name: b, at: 'wg0' });
    link(hosts, { name: b, at: 'wg0' }, { name: a, at });
  }
  const groups = random.int(2) === 0 ? { servers: ['app', 'db'].filter((name) => names.includes(name)) } : {};
  const parties = [...names, ...names, ...Object.keys(groups), '*'];
  const grants = Array.from({ length: random.int(6) }, (): RandomGrant => {
    const some = (list: readonly string[], most: number): readonly string[] => [
      ...new Set(Array.from({ length: 1 + random.int(most) }, () => random.pick(list))),
    ];
    return { src: some(parties, 2), dst: some(parties, 2), ip: some(services, 2) };
  });
  const files: Record<string, string> = { 'meshwarden.jsonc': JSON.stringify({ groups, grants }) };
  for (const host of hosts.values())
    for (const at of host.interfaces.keys()) files[`${host.name}/etc/wireguard/${at}.conf`] = config(host, at, hosts);
  const versions = new Map(
    [...hosts.values()].map(({ name, addresses }) => [
      name,
      new Set(addresses.map((one) => (one.includes(':') ? (6 as const) : (4 as const)))),
    ]),
  );
  return { hosts: names, versions, grants, groups, files };
}

type Link = readonly [string, string, string?];

function linksOf(names: readonly string[], random: Random): readonly Link[] {
  const [hub = '', ...rest] = names;
  switch (random.int(4)) {
    // a full mesh
    case 0:
      return names.flatMap((a, i) => names.slice(i + 1).map((b): Link => [a, b]));
    // two hubs, one behind the other
    case 1: {
      const [second = '', ...spokes] = rest;
      return [[hub, second], ...spokes.map((name, i): Link => [i % 2 === 0 ? hub : second, name])];
    }
    // a hub with two interfaces
    case 2:
      return rest.map((name, i): Link => [hub, name, i % 2 === 0 ? 'wg0' : 'wg1']);
    default:
      return rest.map((name): Link => [hub, name]);
  }
}

interface At {
  readonly name: string;
  /** The name of the interface. */
  readonly at: string;
}

function link(hosts: ReadonlyMap<string, Built>, from: At, to: At): void {
  const own = hosts.get(from.name)?.interfaces;
  // a key in two configs would prove nothing of either
  const node = own?.get(from.at) ?? { keys: keyPair(), peers: [] };
  own?.set(from.at, node);
  node.peers.push(to);
}

function config({ addresses, interfaces }: Built, at: string, hosts: ReadonlyMap<string, Built>): string {
  const { keys, peers } = interfaces.get(at) as BuiltInterface;
  const number = [...interfaces.keys()].indexOf(at);
  const length = (one: string): string => `${one}/${one.includes(':') ? 128 : 32}`;
  const links = [...interfaces.values()].reduce((sum, one) => sum + one.peers.length, 0);
  const lines = [
    '[Interface]',
    `PrivateKey = ${keys.privateKey}`,
    ...(number === 0 ? [`Address = ${addresses.map(length).join(', ')}`] : []),
    `ListenPort = ${51820 + number}`,
    ...(links > 1 ? ['PostUp = sysctl -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1'] : []),
  ];
  const entries = peers.map(({ name, at: there }) => {
    const other = hosts.get(name);
    const key = other?.interfaces.get(there)?.keys.publicKey;
    return `\n# ${name}\n[Peer]\nPublicKey = ${key}\nEndpoint = ${name}.example:51820\nAllowedIPs = ${other?.addresses.map(length).join(', ')}\n`;
  });
  return `${lines.join('\n')}\n${entries.join('')}`;
}
