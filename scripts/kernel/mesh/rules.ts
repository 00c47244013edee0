// Random rulesets of mesh hosts, as people write them: what the tunnel needs, who may talk to whom, and what else there is.
import { listened } from '../../../test/kernel/support/mesh.ts';
import type { Random } from '../../bench/random.ts';
import type { RandomChain, RandomRuleset, RandomTable } from '../generate.ts';
import { addressInLan, chance, interfacesOf, lanOf, network, type Plan, type PlanHost } from './plan.ts';

interface Making {
  readonly random: Random;
  readonly plan: Plan;
  readonly host: PlanHost;
  readonly family: 'inet' | 'ip' | 'ip6';
  /** Of both versions, without lengths. */
  readonly addresses: readonly string[];
  readonly prefixes: readonly string[];
  readonly devices: readonly string[];
}

export function addressesOf(plan: Plan): readonly string[] {
  return [...new Set(interfacesOf(plan).flatMap(({ addresses }) => addresses.map((one) => one.replace(/\/.*/, ''))))];
}

const isV6 = (address: string): boolean => address.includes(':');

function some<T>(random: Random, from: readonly T[], most: number): readonly T[] {
  return random.shuffle([...new Set(from)]).slice(0, 1 + random.int(most));
}

export function randomHostRuleset(random: Random, plan: Plan, host: PlanHost): RandomRuleset | null {
  const several = host.interfaces.reduce((sum, { peers }) => sum + peers.length, 0) >= 2;
  if (!chance(random, several ? 75 : 45)) return null;
  const family = plan.versions.length === 1 && chance(random, 25) ? (plan.versions[0] === 4 ? 'ip' : 'ip6') : 'inet';
  const fits = (address: string): boolean => family === 'inet' || isV6(address) === (family === 'ip6');
  const lans = plan.hosts.filter(({ lan }) => lan);
  const m: Making = {
    random,
    plan,
    host,
    family,
    addresses: [...addressesOf(plan), ...lans.flatMap((one) => plan.versions.map((version) => addressInLan(version, one, 10)))].filter(
      fits,
    ),
    prefixes: [1, 2]
      .flatMap((net) => plan.versions.map((version) => network(version, net)))
      .concat(lans.flatMap((one) => plan.versions.map((version) => lanOf(version, one))))
      .filter(fits),
    devices: host.interfaces.map(({ name }) => name),
  };
  const tables: RandomTable[] = [filters(m, several)];
  if (chance(random, several ? 20 : 8)) tables.push(translations(m));
  if (chance(random, 8)) tables.push(raw(m));
  return { tables, commands: [], unknowable: false };
}

function filters(m: Making, several: boolean): RandomTable {
  const { random } = m;
  const regular = chance(random, 40) ? ['trusted', 'checked'].slice(0, 1 + random.int(2)) : [];
  const chains: RandomChain[] = [];
  const base = (hook: string, priority: string, drops: number, rules: readonly string[]): void => {
    const policy = chance(random, drops) ? 'drop' : 'accept';
    chains.push({ name: hook, base: `type filter hook ${hook} priority ${priority}; policy ${policy};`, rules });
  };
  if (chance(random, several ? 55 : 90))
    base('input', 'filter', 75, [...opening(m, 'input'), ...tunnel(m), ...rulesOf(m, 'input', regular, 4)]);
  if (several || chance(random, 20))
    base('forward', random.pick(['filter', 'filter', '0', 'filter - 1']), 80, [
      ...opening(m, 'forward'),
      ...rulesOf(m, 'forward', regular, 6),
    ]);
  if (chance(random, 18)) base('output', 'filter', 60, [...opening(m, 'output'), ...outwards(m), ...rulesOf(m, 'output', regular, 3)]);
  if (chance(random, 6))
    base('postrouting', 'filter', 20, [...opening(m, 'postrouting'), ...outwards(m), ...rulesOf(m, 'postrouting', [], 3)]);
  for (const [i, name] of regular.entries()) chains.push({ name, base: null, rules: rulesOf(m, null, regular.slice(i + 1), 4) });
  return { family: m.family, name: random.pick(['filter', 'mesh', 'fw']), sets: setsOf(m), chains };
}

function opening({ random }: Making, hook: string): readonly string[] {
  const lines: string[] = [];
  if (chance(random, 80)) {
    lines.push(
      random.pick([
        'ct state established,related accept',
        'ct state { established, related } accept',
        'ct state vmap { established : accept, related : accept, invalid : drop }',
        ...(hook === 'forward' ? ['iifname "wg*" ct state established accept'] : []),
      ]),
    );
  }
  if (chance(random, 25)) lines.push('ct state invalid drop');
  if ((hook === 'input' || hook === 'output') && chance(random, 70))
    lines.push(hook === 'input' ? 'iifname "lo" accept' : 'oifname "lo" accept');
  if (hook === 'input' && chance(random, 40))
    lines.push(random.pick(['meta l4proto { icmp, ipv6-icmp } accept', 'icmp type echo-request accept']));
  return lines;
}

/** What the tunnel itself needs of the input hook; seldom forgotten. */
function tunnel({ random, host, plan, family }: Making): readonly string[] {
  // what brings IPv6 neighbours together is the network's, and stands for all of it
  const nd = family !== 'ip' && plan.versions.includes(6) ? ['icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept'] : [];
  if (chance(random, 8)) return nd;
  const ports = host.interfaces.flatMap(({ port }) => (port === null ? [] : [String(port)]));
  const match = ports.length > 1 ? `udp dport { ${ports.join(', ')} }` : `udp dport ${ports[0] ?? 51820}`;
  return [
    ...nd,
    random.pick([`${match} accept`, `${match} accept`, `iifname "eth0" ${match} accept`, `iifname != "wg0" ${match} counter accept`]),
  ];
}

function outwards({ random }: Making): readonly string[] {
  if (chance(random, 12)) return [];
  return [
    random.pick(['oifname "eth0" accept', 'udp dport 51820-51821 accept', 'udp sport 51820-51829 accept', 'meta l4proto udp accept']),
  ];
}

function device({ random, devices }: Making): string {
  return random.pick([
    `"${random.pick(devices)}"`,
    `"${random.pick(devices)}"`,
    '"wg*"',
    `{ ${devices.map((name) => `"${name}"`).join(', ')} }`,
  ]);
}

function service(m: Making): string {
  const { random, family } = m;
  const port = (): number => random.pick(listened);
  switch (random.int(8)) {
    case 0:
      return `udp dport ${port()}`;
    case 1:
      return `tcp dport { ${some(random, listened, 3).join(', ')} }`;
    case 2:
      return `tcp dport ${random.pick(['80-500', '1-1023', '!= 22'])}`;
    case 3:
      return family === 'ip6' ? 'icmpv6 type echo-request' : 'icmp type echo-request';
    case 4:
      return `meta l4proto { tcp, udp } th dport ${port()}`;
    case 5:
      return 'tcp dport @services';
    default:
      return `tcp dport ${port()}`;
  }
}

function address(m: Making, side: 'saddr' | 'daddr'): { readonly text: string; readonly v6: boolean } {
  const { random, addresses, prefixes } = m;
  const one = random.pick(addresses);
  const v6 = isV6(one);
  const same = addresses.filter((other) => isV6(other) === v6);
  const values = [
    one,
    one,
    one,
    `{ ${some(random, same, 3).join(', ')} }`,
    random.pick(prefixes.filter((other) => isV6(other) === v6)),
    `!= ${one}`,
    ...(v6 ? [] : ['@admins']),
  ];
  return { text: `${v6 ? 'ip6' : 'ip'} ${side} ${random.pick(values)}`, v6 };
}

function rulesOf(m: Making, hook: string | null, later: readonly string[], most: number): readonly string[] {
  return Array.from({ length: 1 + m.random.int(most) }, () => rule(m, hook, later));
}

function rule(m: Making, hook: string | null, later: readonly string[]): string {
  const { random } = m;
  if (chance(random, 12)) return verdictMap(m, hook, later);
  if (chance(random, 6)) return pairs(m);
  const parts: string[] = [];
  const incoming = hook !== 'output' && hook !== 'postrouting';
  const outgoing = hook !== 'input';
  if (incoming && chance(random, 40)) parts.push(`iifname ${chance(random, 8) ? '!= ' : ''}${device(m)}`);
  if (outgoing && chance(random, 30)) parts.push(`oifname ${chance(random, 8) ? '!= ' : ''}${device(m)}`);
  let v6: boolean | null = null;
  for (const side of ['saddr', 'daddr'] as const) {
    if (!chance(random, 55)) continue;
    const found = address(m, side);
    if (v6 !== null && v6 !== found.v6) continue;
    v6 = found.v6;
    parts.push(found.text);
  }
  if (chance(random, 60)) {
    const found = service(m);
    const fits = v6 === null || !/^icmp/.test(found) || v6 === /^icmpv6/.test(found);
    if (fits) parts.push(found);
  }
  if (chance(random, 12)) parts.push('ct state new');
  if (chance(random, 10)) parts.push('counter');
  if (parts.length === 0) parts.push('meta l4proto tcp');
  const jumps = later.map((name) => `jump ${name}`);
  return [
    ...parts,
    random.pick(
      ['accept', 'accept', 'accept', 'accept', 'drop', 'drop', 'reject', ...jumps].filter(
        (verdict) => verdict !== 'reject' || (hook !== 'postrouting' && hook !== null),
      ),
    ),
  ].join(' ');
}

function verdictMap(m: Making, hook: string | null, later: readonly string[]): string {
  const { random, addresses } = m;
  const to = (): string => random.pick(['accept', 'accept', 'drop', 'return', ...later.map((name) => `jump ${name}`)]);
  const four = addresses.filter((one) => !isV6(one));
  const kinds = [
    `tcp dport vmap { ${some(random, listened, 3)
      .map((port) => `${port} : ${to()}`)
      .join(', ')} }`,
  ];
  if (four.length > 0)
    kinds.push(
      `ip ${random.pick(['saddr', 'daddr'])} vmap { ${some(random, four, 3)
        .map((one) => `${one} : ${to()}`)
        .join(', ')} }`,
    );
  if (hook === 'forward')
    kinds.push(`iifname . oifname vmap { ${m.devices.map((name) => `"${name}" . "${random.pick(m.devices)}" : ${to()}`).join(', ')} }`);
  return random.pick(kinds);
}

/** Whom to what, as one set. */
function pairs(m: Making): string {
  const { random, addresses } = m;
  const v6 = isV6(random.pick(addresses));
  const of = addresses.filter((one) => isV6(one) === v6);
  const ip = v6 ? 'ip6' : 'ip';
  const elements = new Set(
    Array.from({ length: 1 + random.int(4) }, () => `${random.pick(of)} . ${random.pick(of)} . ${random.pick(listened)}`),
  );
  return `${ip} saddr . ${ip} daddr . tcp dport { ${[...elements].join(', ')} } accept`;
}

function setsOf({ random, addresses }: Making): readonly string[] {
  const sets = [
    `set services { type inet_service; flags interval; elements = { ${some(random, ['22', '53', '80', '443', '5000-6000'], 3).join(', ')} }; }`,
  ];
  const four = addresses.filter((one) => !isV6(one));
  if (four.length > 0) sets.push(`set admins { type ipv4_addr; elements = { ${some(random, four, 3).join(', ')} }; }`);
  return sets;
}

function translations(m: Making): RandomTable {
  const { random, plan, host, devices } = m;
  const v6 = m.family === 'ip6' || (m.family === 'inet' && !plan.versions.includes(4));
  const [family, ip] = v6 ? ['ip6', 'ip6'] : ['ip', 'ip'];
  const of = m.addresses.filter((one) => isV6(one) === v6);
  const own = host.interfaces.flatMap(({ addresses }) => addresses.map((one) => one.replace(/\/.*/, ''))).filter((one) => isV6(one) === v6);
  const name = random.pick(devices);
  const chains: RandomChain[] = [];
  if (chance(random, 65)) {
    const kinds = [
      `oifname "${name}" masquerade`,
      `oifname "eth0" masquerade`,
      `${ip} saddr ${random.pick(of)} oifname "${name}" masquerade`,
      `iifname "${name}" oifname "${random.pick(devices)}" masquerade`,
      ...(own.length > 0 ? [`${ip} saddr ${random.pick(of)} snat to ${random.pick(own)}`] : []),
    ];
    chains.push({ name: 'postrouting', base: 'type nat hook postrouting priority srcnat;', rules: [random.pick(kinds)] });
  }
  if (chains.length === 0 || chance(random, 40)) {
    const to = random.pick(of);
    const kinds = [
      `iifname "${name}" tcp dport 8080 dnat to ${v6 ? `[${to}]` : to}:80`,
      `${ip} daddr ${random.pick(own.length > 0 ? own : of)} tcp dport { 80, 443 } dnat to ${to}`,
      `iifname "${name}" udp dport 53 redirect to :53`,
      `tcp dport 8080 redirect to :443`,
    ];
    chains.push({ name: 'prerouting', base: 'type nat hook prerouting priority dstnat;', rules: [random.pick(kinds)] });
  }
  return { family: family as string, name: 'nat', sets: [], chains };
}

/** Before conntrack: who may come by which interface. */
function raw(m: Making): RandomTable {
  const { random, devices, prefixes } = m;
  const prefix = random.pick(prefixes);
  const ip = isV6(prefix) ? 'ip6' : 'ip';
  const rules = random.pick([
    [`iifname "${random.pick(devices)}" ${ip} saddr != ${prefix} drop`],
    [`iifname "${random.pick(devices)}" udp dport ${random.pick(listened)} notrack`],
    [`iifname "eth0" ${ip} saddr ${prefix} drop`],
  ]);
  return {
    family: m.family,
    name: 'raw',
    sets: [],
    chains: [{ name: 'prerouting', base: 'type filter hook prerouting priority raw;', rules }],
  };
}
