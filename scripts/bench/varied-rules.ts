// Rules of which nearly each has a form of its own: what to match and what to do, chosen and ordered at random, as nft takes them.
import { hostName, ipv4, ipv6, role } from './mesh-names.ts';
import { type Random, seeded } from './random.ts';

const hosts = 1600;
const roles = 6;

type Piece = (random: Random) => string;

const host = (random: Random): number => 1 + random.int(hosts);
const port = (random: Random): number => 1 + random.int(65_535);

/** `count` to `count + 2` of them in braces, each once. */
function listOf(random: Random, count: number, one: (random: Random, i: number) => string): string {
  const items = new Set(Array.from({ length: count + random.int(3) }, (_, i) => one(random, i)));
  return `{ ${[...items].join(', ')} }`;
}

const anyPacket: readonly Piece[] = [
  (random) => `iifname ${random.pick(['"wg0"', '"wg1"', '"eth*"', '!= "lo"', '{ "wg0", "wg1" }', '$uplink'])}`,
  (random) => `oifname ${random.pick(['"wg0"', '"br-lan"', '!= "eth0"', '{ "wg1", "tap*" }'])}`,
  (random) => `ct state ${random.pick(['new', 'established,related', '{ new, untracked }', '!= invalid'])}`,
  (random) => `ct direction ${random.pick(['original', 'reply'])}`,
  (random) => `ct status ${random.pick(['dnat', 'snat', 'assured,confirmed'])}`,
  (random) => `meta mark ${random.pick(['', '!= ', '& 0xff == '])}0x${random.int(65_536).toString(16)}`,
  (random) => `ct mark ${random.pick(['', '!= '])}${random.int(1000)}`,
  (random) => `meta hour "${10 + random.int(5)}:00"-"${16 + random.int(7)}:30"`,
  (random) => `meta day ${random.pick(['"Monday"', '{ "Saturday", "Sunday" }', '!= "Friday"'])}`,
  (random) => `meta length ${random.pick(['', '< ', '> '])}${64 + random.int(1400)}`,
  (random) => `meta pkttype ${random.pick(['unicast', '{ broadcast, multicast }', '!= other'])}`,
  (random) => `fib daddr type ${random.pick(['local', '{ broadcast, anycast }', '!= unicast'])}`,
  (random) => `ct packets > ${random.int(10_000)}`,
  () => 'fib saddr . iif oif missing',
];

const ofVersion: Readonly<Record<4 | 6, readonly Piece[]>> = {
  4: [
    (random) => `ip saddr ${random.pick(['', '!= '])}${ipv4(host(random))}`,
    (random) => `ip daddr ${ipv4(host(random))}/${random.pick([24, 28, 32])}`,
    (random) => `ip saddr ${listOf(random, 2, () => ipv4(host(random)))}`,
    (random) => `ip daddr 10.10.${random.int(3)}.1-10.10.${4 + random.int(3)}.254`,
    (random) => `ip saddr ${random.pick(['@admins', '!= @admins', '$mesh_v4'])}`,
    (random) => `ip dscp ${random.pick(['cs1', 'ef', '{ af11, af21 }', '!= be'])}`,
    (random) => `ip ttl ${random.pick(['', '> ', '<= '])}${2 + random.int(200)}`,
    (random) => `ip length ${random.pick(['', '>= '])}${40 + random.int(1400)}`,
    (random) => `ip frag-off & 0x1fff ${random.pick(['!= 0', '== 0'])}`,
  ],
  6: [
    (random) => `ip6 saddr ${random.pick(['', '!= '])}${ipv6(host(random))}`,
    (random) => `ip6 daddr ${ipv6(host(random))}/${random.pick([64, 112, 128])}`,
    (random) => `ip6 daddr ${listOf(random, 2, () => ipv6(host(random)))}`,
    (random) => `ip6 hoplimit ${random.pick(['', '> '])}${2 + random.int(200)}`,
    (random) => `ip6 flowlabel ${random.int(1_000_000)}`,
    (random) => `ip6 dscp ${random.pick(['cs3', 'af31'])}`,
    (random) => `ip6 saddr ${random.pick(['@admins_v6', '!= @admins_v6'])}`,
  ],
};

const ofTransport: Readonly<Record<'tcp' | 'udp' | 'none', readonly Piece[]>> = {
  tcp: [
    (random) => `tcp dport ${random.pick(['', '!= '])}${port(random)}`,
    (random) => `tcp sport ${1024 + random.int(1000)}-${30_000 + random.int(30_000)}`,
    (random) => `tcp dport ${listOf(random, 2, () => String(port(random)))}`,
    (random) => `tcp dport ${random.pick(['ssh', 'https', '{ http, https, 8080 }'])}`,
    (random) => `tcp flags ${random.pick(['syn', '& (fin | syn | rst) == syn', '!= ack', 'syn / syn,ack'])}`,
    (random) => `tcp window ${random.pick(['', '< '])}${random.int(60_000)}`,
    (random) => `tcp option maxseg size ${random.pick(['', '> '])}${500 + random.int(900)}`,
  ],
  udp: [
    (random) => `udp dport ${random.pick(['', '!= '])}${port(random)}`,
    (random) => `udp sport ${1024 + random.int(1000)}-${30_000 + random.int(30_000)}`,
    (random) => `udp dport ${listOf(random, 2, () => String(port(random)))}`,
    (random) => `udp length ${random.pick(['', '> '])}${8 + random.int(1400)}`,
    () => 'udp checksum != 0',
  ],
  none: [
    (random) => `meta l4proto ${random.pick(['{ tcp, udp }', 'gre', '!= esp', '{ icmp, icmpv6 }'])}`,
    (random) => `th dport ${random.pick(['', '!= '])}${port(random)}`,
    (random) => `@th,${16 * random.int(2)},16 ${port(random)}`,
  ],
};

const todo: readonly Piece[] = [
  () => 'counter',
  (random) => `counter packets ${random.int(1_000_000)} bytes ${random.int(100_000_000)}`,
  (random) => `log prefix "${role(random.int(8))} ${random.int(100)}: "${random.pick(['', ' level warn', ' flags all', ' level info'])}`,
  (random) =>
    `limit rate ${random.pick(['', 'over '])}${1 + random.int(500)}/${random.pick(['second', 'minute', 'hour'])}${random.pick(['', ` burst ${1 + random.int(50)} packets`])}`,
  (random) => `limit rate ${1 + random.int(90)} ${random.pick(['kbytes', 'mbytes'])}/second`,
  (random) => `meta mark set ${random.pick(['0x1', 'ct mark', `meta mark or 0x${random.int(256).toString(16)}`])}`,
  (random) => `ct mark set ${random.pick(['meta mark', String(random.int(1000))])}`,
  (random) => `quota over ${1 + random.int(900)} mbytes`,
  (random) => `meta priority set ${1 + random.int(9)}:${1 + random.int(99)}`,
];

const ends: readonly Piece[] = [
  () => 'accept',
  () => 'drop',
  () => 'return',
  () => '',
  (random) => `jump role_${role(random.int(roles))}`,
  (random) => `goto role_${role(random.int(roles))}`,
  (random) => random.pick(['reject', 'reject with icmpx admin-prohibited']),
  () => 'continue',
  (random) => `ct state vmap { established : accept, ${random.pick(['related', 'untracked'])} : ${random.pick(['drop', 'return'])} }`,
];

function ruleText(random: Random): string {
  const version = random.pick([4, 4, 6, null] as const);
  const transport = random.pick(['tcp', 'tcp', 'udp', 'none'] as const);
  const choose = (from: readonly Piece[], most: number): string[] =>
    random
      .shuffle(from)
      .slice(0, random.int(most + 1))
      .map((piece) => piece(random));
  const matches = [
    ...choose(anyPacket, 2),
    ...(version === null ? [] : choose(ofVersion[version], 2)),
    // what a rule settles on holds for the rest of it, so these come one alone where they exclude each other
    ...choose(ofTransport[transport], transport === 'none' ? 1 : 2),
  ];
  const end = random.pick(ends)(random);
  const parts = [...random.shuffle(matches), ...choose(todo, 2), end].filter((part) => part !== '');
  if (parts.length === 0) parts.push('counter');
  if (random.int(8) === 0)
    parts.push(`comment "${hostName(host(random))}, ${random.pick(['asked for', 'until', 'see'])} ${random.int(9999)}"`);
  return `\t\t${parts.join(' ')}`;
}

export function variedText(rules: number): string {
  const random = seeded(rules);
  const set = (name: string, type: string, one: (host: number) => string): string[] => [
    `\tset ${name} {`,
    `\t\ttype ${type}`,
    `\t\telements = { ${Array.from({ length: 40 }, (_, i) => one(7 * i + 1)).join(', ')} }`,
    '\t}',
  ];
  return `${[
    'define uplink = "eth0"',
    'define mesh_v4 = 10.10.0.0/16',
    'table inet mesh {',
    ...set('admins', 'ipv4_addr', ipv4),
    ...set('admins_v6', 'ipv6_addr', ipv6),
    ...Array.from({ length: roles }, (_, i) => `\tchain role_${role(i)} {\n\t\tcounter\n\t}`),
    '\tchain forward {',
    '\t\ttype filter hook forward priority filter; policy drop;',
    ...Array.from({ length: rules }, () => ruleText(random)),
    '\t}',
    '}',
  ].join('\n')}\n`;
}
