// Meshes of the shapes that people have, as the files they write, to hold the matrix against.
import { hostName, ipv4, ipv6, randomKey } from '../bench/mesh-names.ts';
import type { Random } from '../bench/random.ts';

/** Path → text. */
export type Files = Readonly<Record<string, string>>;

export interface Workload {
  readonly name: string;
  make(random: Random, hosts: number, rules: number): Files;
}

interface Peer {
  readonly key: string;
  readonly allowed: readonly string[];
  readonly endpoint: string | null;
}

export function configText(key: string, addresses: readonly string[], more: readonly string[], peers: readonly Peer[]): string {
  const lines = ['[Interface]', `# PublicKey = ${key}`, `Address = ${addresses.join(', ')}`, ...more];
  for (const { key: of, allowed, endpoint } of peers) {
    lines.push('', '[Peer]', `PublicKey = ${of}`);
    if (endpoint) lines.push(`Endpoint = ${endpoint}`);
    if (allowed.length > 0) lines.push(`AllowedIPs = ${allowed.join(', ')}`);
  }
  return `${lines.join('\n')}\n`;
}

const HUB = '203.0.113.1:51820';
const listens = 'ListenPort = 51820';
export const ports = [22, 53, 80, 123, 443, 3000, 5432, 6379, 8080, 8443, 9090, 9100];

function keysFor(random: Random, count: number): readonly string[] {
  return Array.from({ length: count }, () => randomKey(random));
}

/** `host/etc/wireguard/wg0.conf` of a hub (host 0) and its spokes. */
function hubAndSpokes(random: Random, count: number, versions: readonly (4 | 6)[], wide: number): Record<string, string> {
  const keys = keysFor(random, count + 1);
  const own = (host: number): readonly string[] => versions.map((version) => (version === 4 ? `${ipv4(host)}/32` : `${ipv6(host)}/128`));
  const mesh = versions.map((version) => (version === 4 ? '10.10.0.0/16' : 'fd00:10:10::/64'));
  const files: Record<string, string> = {};
  const peers = Array.from({ length: count }, (_, i): Peer => {
    // some hubs take a spoke for more than it is
    const more = i < wide ? versions.map((version) => (version === 4 ? `10.10.${200 + i}.0/24` : `fd00:10:10::${200 + i}:0/112`)) : [];
    return { key: keys[i + 1] as string, allowed: [...own(i + 1), ...more], endpoint: null };
  });
  const network = versions.map((version) => (version === 4 ? `${ipv4(0)}/16` : `${ipv6(0)}/64`));
  files['hub/etc/wireguard/wg0.conf'] = configText(keys[0] as string, network, [listens], peers);
  for (let i = 1; i <= count; i++) {
    const peer: Peer = { key: keys[0] as string, allowed: random.int(8) === 0 ? own(0) : mesh, endpoint: HUB };
    files[`${hostName(i)}/etc/wireguard/wg0.conf`] = configText(keys[i] as string, own(i), [], [peer]);
  }
  return files;
}

function table(chains: Readonly<Record<string, readonly string[]>>, sets: readonly string[] = []): string {
  const lines = ['flush ruleset', 'table inet mesh {', ...sets.map((set) => `  ${set}`)];
  for (const [chain, rules] of Object.entries(chains)) lines.push(`  chain ${chain} {`, ...rules.map((rule) => `    ${rule}`), '  }');
  lines.push('}');
  return `${lines.join('\n')}\n`;
}

const hook = (name: string, policy: string): string => `type filter hook ${name} priority filter; policy ${policy};`;
const answers = ['ct state established,related accept', 'ct state invalid drop'];

function service(random: Random): string {
  switch (random.int(10)) {
    case 0:
      return `tcp dport { ${random.pick(ports)}, ${random.pick(ports)} }`;
    case 1:
      return 'icmp type echo-request';
    case 2:
      return `tcp dport ${random.pick([1000, 8000])}-${random.pick([9000, 20000])}`;
    case 3:
      return `meta l4proto { tcp, udp } th dport ${random.pick(ports)}`;
    case 4:
      return `udp dport ${random.pick(ports)}`;
    default:
      return `tcp dport ${random.pick(ports)}`;
  }
}

/** As a hub of one version of IP says it. */
function hostToHost(random: Random, count: number, version: 4 | 6): string {
  const [ip, word] = version === 4 ? [ipv4, 'ip'] : [ipv6, 'ip6'];
  const what = service(random).replace('icmp type', version === 4 ? 'icmp type' : 'icmpv6 type');
  const verdict = random.int(12) === 0 ? 'drop' : 'accept';
  return `iifname "wg0" oifname "wg0" ${word} saddr ${ip(1 + random.int(count))} ${word} daddr ${ip(1 + random.int(count))} ${what} ${verdict}`;
}

function roles(random: Random, count: number, rules: number): string {
  const names = ['admins', 'apps', 'databases', 'metrics', 'laptops'];
  const members = (): string => {
    const all = Array.from({ length: 2 + random.int(Math.max(2, count / 4)) }, () => ipv4(1 + random.int(count)));
    return [...new Set(all)].join(', ');
  };
  const sets = [
    ...names.map((name) => `set ${name} { type ipv4_addr; elements = { ${members()} }; }`),
    `set doors { type ipv4_addr . inet_service; elements = { ${[...new Set(Array.from({ length: 6 }, () => `${ipv4(1 + random.int(count))} . ${random.pick(ports)}`))].join(', ')} }; }`,
    `map by_role { type ipv4_addr : verdict; elements = { ${[...new Set(Array.from({ length: 8 }, () => ipv4(1 + random.int(count))))].map((address) => `${address} : ${random.pick(['jump late', 'accept', 'drop', 'return'])}`).join(', ')} }; }`,
  ];
  const rule = (): string => {
    switch (random.int(8)) {
      case 0:
        return `ip saddr @${random.pick(names)} ip daddr . tcp dport @doors accept`;
      case 1:
        return `ip saddr @${random.pick(names)} ip daddr != @${random.pick(names)} ${service(random)} accept`;
      case 2:
        return `ip saddr ${random.pick(['10.10.0.0/25', '10.10.0.64/26', '10.10.0.16-10.10.0.40'])} ${service(random)} ${random.pick(['accept', 'drop', 'jump late'])}`;
      case 3:
        return `ip daddr @${random.pick(names)} ${service(random)} meta mark set ${random.int(3)}`;
      case 4:
        return `meta mark ${random.int(3)} ip saddr @${random.pick(names)} ${service(random)} accept`;
      default:
        return `ip saddr @${random.pick(names)} ip daddr @${random.pick(names)} ${service(random)} ${random.pick(['accept', 'accept', 'accept', 'drop', 'jump late', 'reject'])}`;
    }
  };
  return table(
    {
      late: Array.from({ length: 3 + random.int(5) }, rule).map((text) => text.replace('jump late', 'return')),
      forward: [hook('forward', 'drop'), ...answers, 'ip saddr vmap @by_role', ...Array.from({ length: rules }, rule)],
      input: [
        hook('input', random.pick(['drop', 'accept'])),
        ...answers,
        `iifname "wg0" ip saddr @admins tcp dport 22 accept`,
        `iifname "eth0" udp dport 51820 accept`,
      ],
    },
    sets,
  );
}

/** A spoke's own rules. */
export function spokeRules(random: Random, count: number, version: 4 | 6): string {
  const [ip, word] = version === 4 ? [ipv4, 'ip'] : [ipv6, 'ip6'];
  const rules = Array.from(
    { length: 4 },
    () =>
      `iifname "wg0" ${word} saddr ${ip(random.int(count + 1))} ${service(random).replace('icmp type', version === 4 ? 'icmp type' : 'icmpv6 type')} accept`,
  );
  const input = [hook('input', random.pick(['drop', 'drop', 'accept'])), answers[0] as string, ...rules];
  if (random.int(4) > 0) return table({ input });
  const denied = service(random).replace('icmp type', version === 4 ? 'icmp type' : 'icmpv6 type');
  return table({ input, output: [hook('output', 'accept'), `oifname "wg0" ${word} daddr ${ip(1 + random.int(count))} ${denied} drop`] });
}

function withSpokeRules(files: Record<string, string>, random: Random, count: number, version: 4 | 6): Files {
  for (let i = 1; i <= count; i++) if (random.int(10) > 0) files[`${hostName(i)}/etc/nftables.conf`] = spokeRules(random, count, version);
  return files;
}

function fullMesh(random: Random, count: number): Files {
  const keys = keysFor(random, count);
  const files: Record<string, string> = {};
  for (let i = 0; i < count; i++) {
    const peers = keys.flatMap((key, j): readonly Peer[] => {
      if (j === i) return [];
      const more = random.int(40) === 0 ? [`10.10.${128 + random.int(4)}.0/24`] : [];
      return [{ key, allowed: [`${ipv4(j)}/32`, ...more], endpoint: `198.51.100.${j % 250}:51820` }];
    });
    files[`${hostName(i)}/etc/wireguard/wg0.conf`] = configText(keys[i] as string, [`${ipv4(i)}/16`], [listens], peers);
    if (random.int(2) === 0) files[`${hostName(i)}/etc/nftables.conf`] = spokeRules(random, count, 4);
  }
  return files;
}

/** Gateways in a row, each with spokes of its own: packets pass several of them. */
function gateways(random: Random, count: number, rules: number): Files {
  const several = 5;
  const files: Record<string, string> = {};
  const keys = keysFor(random, several + count);
  const gate = (i: number): string => `10.20.0.${i + 1}`;
  const net = (i: number): string => `10.${30 + i}.0.0/24`;
  const spokes = Array.from({ length: count }, (_, i) => ({
    key: keys[several + i] as string,
    at: i % several,
    address: `10.${30 + (i % several)}.0.${2 + Math.floor(i / several)}`,
  }));
  for (let i = 0; i < several; i++) {
    const peers: Peer[] = spokes
      .filter(({ at }) => at === i)
      .map(({ key, address }) => ({ key, allowed: [`${address}/32`], endpoint: null }));
    const others = Array.from({ length: several }, (_, k) => k);
    const left = others.filter((k) => k < i);
    const right = others.filter((k) => k > i);
    for (const [next, side] of [
      [i - 1, left],
      [i + 1, right],
    ] as const)
      if (side.length > 0)
        peers.push({
          key: keys[next] as string,
          allowed: side.flatMap((k) => [net(k), `${gate(k)}/32`]),
          endpoint: `203.0.113.${next + 1}:51820`,
        });
    files[`gate-${i}/etc/wireguard/wg0.conf`] = configText(keys[i] as string, [`${gate(i)}/32`, `10.${30 + i}.0.1/24`], [listens], peers);
    const pick = (): string => random.pick(spokes).address;
    const forward = Array.from(
      { length: Math.ceil(rules / several) },
      () =>
        `ip saddr ${random.pick([pick(), net(random.int(several))])} ip daddr ${random.pick([pick(), net(random.int(several))])} ${service(random)} ${random.pick(['accept', 'accept', 'drop'])}`,
    );
    if (i !== 2)
      files[`gate-${i}/etc/nftables.conf`] = table({
        forward: [hook('forward', random.pick(['drop', 'accept'])), answers[0] as string, ...forward],
      });
  }
  for (const [i, { key, at, address }] of spokes.entries()) {
    const peer: Peer = { key: keys[at] as string, allowed: [random.pick(['10.0.0.0/8', net(at)])], endpoint: `203.0.113.${at + 1}:51820` };
    files[`${hostName(i)}/etc/wireguard/wg0.conf`] = configText(key, [`${address}/32`], [], [peer]);
  }
  return files;
}

/** A hub, spokes, and routers with a network behind each; one of them leads to the rest of the world. */
function routers(random: Random, count: number, rules: number): Files {
  const files = hubAndSpokes(random, count, [4], 2);
  const routing = 4;
  const keys = keysFor(random, routing);
  const hub = files['hub/etc/wireguard/wg0.conf'] as string;
  const hubKey = /PublicKey = (\S+)/.exec(hub)?.[1] as string;
  const more: string[] = [];
  for (let i = 0; i < routing; i++) {
    const own = `10.10.99.${i + 1}/32`;
    const lan = i === 0 ? '0.0.0.0/0' : `192.168.${i}.0/24`;
    more.push('', '[Peer]', `PublicKey = ${keys[i]}`, `AllowedIPs = ${own}, ${lan}`);
    const peer: Peer = { key: hubKey, allowed: ['10.10.0.0/16'], endpoint: HUB };
    const sysctl = 'PostUp = sysctl -w net.ipv4.ip_forward=1';
    files[`router-${i}/etc/wireguard/wg0.conf`] = configText(keys[i] as string, [own], [sysctl], [peer]);
    const forward = Array.from(
      { length: 4 },
      () =>
        `iifname "wg0" oifname ${random.pick(['"eth0"', '"lan0"', '!= "wg0"'])} ip saddr ${ipv4(1 + random.int(count))} ip daddr ${random.pick(['192.168.1.0/28', '192.168.2.7', '192.168.3.0/24', '8.8.8.8'])} ${service(random)} accept`,
    );
    if (i !== 2) files[`router-${i}/etc/nftables.conf`] = table({ forward: [hook('forward', 'drop'), answers[0] as string, ...forward] });
  }
  files['hub/etc/wireguard/wg0.conf'] = `${hub}${more.join('\n')}\n`;
  for (let i = 1; i <= count; i++) {
    if (random.int(2) === 0) continue;
    const path = `${hostName(i)}/etc/wireguard/wg0.conf`;
    files[path] = (files[path] as string).replace(
      'AllowedIPs = 10.10.0.0/16',
      `AllowedIPs = 10.10.0.0/16, ${random.pick(['192.168.0.0/16', '192.168.1.0/24', '0.0.0.0/0'])}`,
    );
  }
  const forward = Array.from({ length: rules }, () =>
    random.int(3) === 0
      ? `ip saddr ${ipv4(1 + random.int(count))} ip daddr ${random.pick(['192.168.1.0/24', '192.168.2.7', '192.168.0.0/16', '8.8.0.0/16'])} ${service(random)} accept`
      : hostToHost(random, count, 4),
  );
  files['hub/etc/nftables.conf'] = table({ forward: [hook('forward', 'drop'), ...answers, ...forward] });
  return files;
}

export const workloads: readonly Workload[] = [
  {
    name: 'hub with roles',
    make: (random, hosts, rules) => ({ ...hubAndSpokes(random, hosts, [4], 3), 'hub/etc/nftables.conf': roles(random, hosts, rules) }),
  },
  {
    name: 'hub, host to host',
    make: (random, hosts, rules) => ({
      ...hubAndSpokes(random, hosts, [4], 0),
      'hub/etc/nftables.conf': table({
        forward: [hook('forward', 'drop'), ...answers, ...Array.from({ length: rules }, () => hostToHost(random, hosts, 4))],
      }),
    }),
  },
  {
    name: 'hub and rules at each spoke',
    make: (random, hosts, rules) =>
      withSpokeRules(
        {
          ...hubAndSpokes(random, hosts, [4], 2),
          'hub/etc/nftables.conf': table({
            forward: [
              hook('forward', random.pick(['drop', 'accept'])),
              ...answers,
              ...Array.from({ length: rules }, () => hostToHost(random, hosts, 4)),
            ],
          }),
        },
        random,
        hosts,
        4,
      ),
  },
  { name: 'full mesh', make: (random, hosts) => fullMesh(random, Math.min(hosts, 40)) },
  { name: 'gateways in a row', make: gateways },
  { name: 'networks behind hosts', make: routers },
  {
    name: 'IPv6',
    make: (random, hosts, rules) =>
      withSpokeRules(
        {
          ...hubAndSpokes(random, hosts, [4, 6], 2),
          'hub/etc/nftables.conf': table({
            forward: [
              hook('forward', 'drop'),
              ...answers,
              ...Array.from({ length: rules }, () => hostToHost(random, hosts, random.pick([4, 6, 6]))),
            ],
          }),
        },
        random,
        hosts,
        6,
      ),
  },
];
