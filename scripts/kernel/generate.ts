// Random rulesets over all that the walker reads, and random packets that often meet their rules. All from small pools: a rule that
// no packet meets tests nothing.
import type { SentPacket } from '../../test/kernel/support/packets.ts';
import type { Random } from '../bench/random.ts';

export interface RandomChain {
  readonly name: string;
  /** `type … policy …;`; null for one that rules jump to. */
  readonly base: string | null;
  readonly rules: readonly string[];
}

export interface RandomTable {
  readonly family: string;
  readonly name: string;
  readonly sets: readonly string[];
  readonly chains: readonly RandomChain[];
}

export interface RandomRuleset {
  readonly tables: readonly RandomTable[];
  /** Behind the tables. */
  readonly commands: readonly string[];
  /** Whether a rule hangs on what no file tells: a limit, a counter, a set that changes. */
  readonly unknowable: boolean;
}

const variables =
  'define admins = { 10.0.0.2, 10.0.0.3, 10.9.0.0/28 }\ndefine web = { 80, 443, 8000-8100 }\ndefine hub = 192.168.1.10\ndefine bits = 0x10\n';

export function textOf({ tables, commands }: RandomRuleset): string {
  const lines = ['flush ruleset', variables.trimEnd()];
  for (const { family, name, sets, chains } of tables) {
    lines.push(`table ${family} ${name} {`, ...sets.map((set) => `  ${set}`));
    // a chain is declared before a rule goes to it
    for (const chain of [...chains].reverse()) {
      lines.push(`  chain ${chain.name} {`);
      if (chain.base) lines.push(`    ${chain.base}`);
      lines.push(...chain.rules.map((rule) => `    ${rule}`), '  }');
    }
    lines.push('}');
  }
  lines.push(...commands);
  return `${lines.join('\n')}\n`;
}

const remote4 = ['10.0.0.2', '10.0.0.3', '10.0.0.130', '10.9.0.5', '10.9.0.77', '10.1.0.2', '192.168.1.10', '192.168.1.20', '172.16.3.4'];
const remote6 = ['fd00::2', 'fd00::3', 'fd00::1:7', 'fd02::2', 'fd01::9', 'fd01::20'];
const own4 = ['10.0.0.1', '10.1.0.1', '192.168.1.1'];
const own6 = ['fd00::1', 'fd02::1', 'fd01::1'];
const prefixes4 = ['10.0.0.0/24', '10.0.0.0/8', '10.9.0.0/25', '192.168.1.0/28', '172.16.0.0/12', '10.0.0.128/25', '0.0.0.0/0'];
const prefixes6 = ['fd00::/64', 'fd00::/8', 'fd01::/112', 'fd02::2/127', '::/0'];
const portPool = [22, 53, 80, 443, 8080, 5432, 40000];
const devices = ['wg0', 'wg1', 'lan0'];
const names4 = ['echo-request', 'echo-reply', 'destination-unreachable', 'time-exceeded', 'timestamp-request', '8', '13'];
const names6 = ['echo-request', 'echo-reply', 'nd-neighbor-solicit', 'packet-too-big', 'nd-router-advert', '128', '135'];
const states = ['new', 'established', 'related', 'invalid', 'untracked'];
const flags = ['fin', 'syn', 'rst', 'psh', 'ack', 'urg'];

interface Making {
  readonly random: Random;
  readonly family: string;
  unknowable: boolean;
}

/** What one rule is about, so that its matches do not contradict each other, which nft refuses. */
interface About {
  readonly version: 4 | 6 | null;
  readonly protocol: 'tcp' | 'udp' | 'icmp' | 'icmpv6' | null;
  readonly hook: string | null;
}

function chance(random: Random, percent: number): boolean {
  return random.int(100) < percent;
}

function some(random: Random, from: readonly string[], most: number): readonly string[] {
  const count = 1 + random.int(most);
  return [...new Set(Array.from({ length: count }, () => random.pick(from)))];
}

function range(random: Random, low: number, high: number): string {
  const from = low + random.int(high - low);
  return `${from}-${from + 1 + random.int(high - from)}`;
}

function portValue(random: Random): string {
  switch (random.int(8)) {
    case 0:
      return `{ ${some(random, portPool.map(String), 4).join(', ')} }`;
    case 1:
      return range(random, 20, 9000);
    case 2:
      return `{ ${some(random, ['22', '53', '80-90', '443', '1000-50000', 'domain'], 3).join(', ')} }`;
    case 3:
      return '$web';
    case 4:
      return '@ports';
    case 5:
      return random.pick(['ssh', 'http', 'https']);
    default:
      return String(random.pick(portPool));
  }
}

function addressValue(random: Random, version: 4 | 6): string {
  const [single, prefixes] = version === 4 ? [[...remote4, ...own4], prefixes4] : [[...remote6, ...own6], prefixes6];
  switch (random.int(9)) {
    case 0:
      return `{ ${some(random, single, 4).join(', ')} }`;
    case 1:
      return version === 4 ? '10.0.0.2-10.0.0.200' : 'fd00::2-fd00::ffff';
    case 2:
    case 3:
      return random.pick(prefixes);
    case 4:
      return `@hosts${version}`;
    case 5:
      return `@nets${version}`;
    case 6:
      return version === 4 ? random.pick(['$admins', '$hub']) : random.pick(single);
    default:
      return random.pick(single);
  }
}

function not(random: Random): string {
  return chance(random, 20) ? '!= ' : '';
}

function flagsMatch(random: Random): string {
  const one = random.pick(flags);
  const two = some(random, flags, 3);
  switch (random.int(9)) {
    case 0:
      return `tcp flags ${one}`;
    case 1:
      return `tcp flags == ${one}`;
    case 2:
      return `tcp flags != ${one}`;
    case 3:
      return `tcp flags ! ${one}`;
    case 4:
      return `tcp flags ${two.join(',')}`;
    case 5:
      return `tcp flags { ${one}, ${two.join('|')} }`.replace(`{ ${one}, ${one} }`, `{ ${one} }`);
    case 6:
      return `tcp flags & (fin|syn|rst|ack) ${random.pick(['==', '!='])} ${random.pick(['syn', 'ack', 'syn|ack'])}`;
    case 7:
      return `tcp flags ${random.pick(['syn', 'ack'])} / syn,ack`;
    default:
      return `tcp flags & ${one} ${random.pick(['== 0', '!= 0', `== ${one}`])}`;
  }
}

function markMatch(random: Random, what: string): string {
  const value = random.pick(['0', '1', '2', '0x10', '0x11', '$bits']);
  switch (random.int(6)) {
    case 0:
      return `${what} & 0x${random.pick(['1', 'f', '10', 'f0'])} ${random.pick(['==', '!='])} ${random.pick(['0', '1', '0x10'])}`;
    case 1:
      return `${what} { 1, 2, 0x10 }`;
    case 2:
      return `${what} ${random.pick(['1-5', '< 2', '>= 0x10', '!= 1-16'])}`;
    default:
      return `${what} ${not(random)}${value}`;
  }
}

function stateMatch(random: Random): string {
  switch (random.int(5)) {
    case 0:
      return 'ct state established,related';
    case 1:
      return `ct state { ${some(random, states, 3).join(', ')} }`;
    case 2:
      return `ct state != ${random.pick(states)}`;
    case 3:
      return `ct state ! ${some(random, states, 2).join(',')}`;
    default:
      return `ct state ${random.pick(states)}`;
  }
}

function nameMatch(random: Random, key: string): string {
  switch (random.int(5)) {
    case 0:
      return `${key} ${not(random)}"wg*"`;
    case 1:
      return `${key} ${not(random)}{ ${some(random, ['"wg0"', '"lan0"', '"wg1"', '"eth9"'], 3).join(', ')} }`;
    case 2:
      return `${key} { "wg*", "eth0" }`;
    default:
      return `${key} ${not(random)}"${random.pick(devices)}"`;
  }
}

/** Parts of a concatenation with values for each. */
function concatenated(m: Making, about: About): string | null {
  const { random } = m;
  const parts: (readonly [string, () => string])[] = [];
  const version = about.version ?? (m.family === 'ip6' ? 6 : m.family === 'ip' ? 4 : null);
  if (version) parts.push([`${version === 4 ? 'ip' : 'ip6'} ${random.pick(['saddr', 'daddr'])}`, () => addressPart(random, version)]);
  if (about.protocol === 'tcp' || about.protocol === 'udp')
    parts.push([`${about.protocol} dport`, () => random.pick(['22', '53', '60-100', '443', '8000-9000', '40000'])]);
  parts.push(['iifname', () => `"${random.pick(devices)}"`]);
  if (!about.protocol) parts.push(['meta l4proto', () => random.pick(['tcp', 'udp'])]);
  const chosen = random.shuffle(parts).slice(0, 2 + random.int(2));
  if (chosen.length < 2) return null;
  const elements = new Set(Array.from({ length: 1 + random.int(4) }, () => chosen.map(([, value]) => value()).join(' . ')));
  return `${chosen.map(([key]) => key).join(' . ')} ${not(random)}{ ${[...elements].join(', ')} }`;
}

/** Disjoint, since nft refuses elements that overlap. */
function addressPart(random: Random, version: 4 | 6): string {
  return version === 4
    ? random.pick(['10.0.0.0/25', '10.0.0.130', '192.168.1.0-192.168.1.15', '192.168.1.20', '10.9.0.5', '172.16.0.0/16'])
    : random.pick(['fd00::/112', 'fd00::1:7', 'fd01::/64', 'fd02::2']);
}

function match(m: Making, about: About): string {
  const { random } = m;
  const version = about.version ?? (m.family === 'ip6' ? 6 : m.family === 'ip' ? 4 : null);
  const ip = version === 6 ? 'ip6' : 'ip';
  const kinds: (() => string | null)[] = [
    () => nameMatch(random, random.pick(['iifname', 'oifname'])),
    () => `${random.pick(['iif', 'oif'])} ${not(random)}"${random.pick(devices)}"`,
    () => stateMatch(random),
    () => markMatch(random, 'meta mark'),
    () => markMatch(random, 'ct mark'),
    () => concatenated(m, about),
    () => `ct direction ${random.pick(['original', 'reply'])}`,
    () => `ct status ${random.pick(['dnat', 'snat', 'assured', '! dnat', 'dnat,snat'])}`,
    () => 'meta pkttype != broadcast',
  ];
  if (version) {
    const address = (): string => `${ip} ${random.pick(['saddr', 'daddr'])} ${not(random)}${addressValue(random, version)}`;
    kinds.push(address, address, address, address);
    kinds.push(() => `ct original ${ip} ${random.pick(['saddr', 'daddr'])} ${random.pick(version === 4 ? remote4 : remote6)}`);
    kinds.push(() => `${ip} dscp ${random.pick(['cs1', 'cs0', '!= af11', '!= cs0', '{ cs1, ef }', '< 10', '>= cs1'])}`);
    kinds.push(() =>
      version === 4 ? `ip ttl ${random.pick(['63', '64', '< 64', '{ 63, 64 }'])}` : `ip6 hoplimit ${random.pick(['63', '64', '!= 64'])}`,
    );
    if (version === 4) kinds.push(() => `ip saddr & 0.0.0.255 ${random.pick(['==', '!=', '<'])} 0.0.0.${random.pick([2, 3, 10])}`);
  } else if (!about.protocol || about.protocol === 'tcp' || about.protocol === 'udp') {
    kinds.push(() => `meta nfproto ${random.pick(['ipv4', 'ipv6'])}`);
    kinds.push(() => `meta protocol ${random.pick(['ip', 'ip6'])}`);
  }
  if (about.protocol === 'tcp' || about.protocol === 'udp') {
    const port = (): string => `${about.protocol} ${random.pick(['dport', 'dport', 'sport'])} ${not(random)}${portValue(random)}`;
    kinds.push(port, port, port, port);
    kinds.push(() => `${about.protocol} dport ${random.pick(['<', '>', '<=', '>='])} ${random.pick(portPool)}`);
    if (about.protocol === 'tcp')
      kinds.push(
        () => flagsMatch(random),
        () => flagsMatch(random),
      );
  } else if (about.protocol === 'icmp') {
    kinds.push(() => `icmp type ${not(random)}${random.pick([...names4, '{ echo-request, 13 }'])}`);
    kinds.push(() => `icmp code ${random.pick(['0', '!= 0', '< 2'])}`);
  } else if (about.protocol === 'icmpv6') {
    kinds.push(() => `icmpv6 type ${not(random)}${random.pick([...names6, '{ echo-request, nd-neighbor-solicit }'])}`);
  } else {
    kinds.push(() => `meta l4proto ${not(random)}${random.pick(['tcp', 'udp', '{ tcp, udp }', 'icmp', 'ipv6-icmp', '136'])}`);
    kinds.push(() => `meta l4proto { tcp, udp } th ${random.pick(['dport', 'sport'])} ${not(random)}${portValue(random)}`);
    if (version === 4) kinds.push(() => `ip protocol ${not(random)}${random.pick(['tcp', 'udp', 'icmp', '{ tcp, icmp }'])}`);
    if (version === 6) kinds.push(() => `ip6 nexthdr ${not(random)}${random.pick(['tcp', 'udp', 'ipv6-icmp'])}`);
  }
  for (;;) {
    const found = random.pick(kinds)();
    if (found) return found;
  }
}

function aboutOf(m: Making, hook: string | null): About {
  const { random, family } = m;
  const fixed = family === 'ip' ? 4 : family === 'ip6' ? 6 : null;
  const protocol = random.pick(['tcp', 'tcp', 'tcp', 'udp', 'udp', null, null, null, 'icmp', 'icmpv6'] as const);
  if (protocol === 'icmp') return fixed === 6 ? { version: 6, protocol: null, hook } : { version: 4, protocol, hook };
  if (protocol === 'icmpv6') return fixed === 4 ? { version: 4, protocol: null, hook } : { version: 6, protocol, hook };
  return { version: fixed ?? random.pick([4, 4, 6, null] as const), protocol, hook };
}

function verdict(random: Random, later: readonly string[]): string {
  const jumps = later.flatMap((name) => [`jump ${name}`, `jump ${name}`, `goto ${name}`]);
  return random.pick(['accept', 'accept', 'drop', 'drop', 'return', 'continue', ...jumps]);
}

function verdictMap(m: Making, about: About, later: readonly string[]): string {
  const { random } = m;
  const to = (): string => verdict(random, later);
  const pairs = (keys: readonly string[], all = false): string => {
    const elements = some(random, keys, 4).map((key) => `${key} : ${to()}`);
    if (all || chance(random, 25)) elements.push(`* : ${to()}`);
    return `{ ${elements.join(', ')} }`;
  };
  const kinds = [
    () => `ct state vmap ${pairs(states)}`,
    () => `iifname vmap ${pairs(devices.map((name) => `"${name}"`))}`,
    () => `meta mark & 0x3 vmap ${pairs(['0', '1', '2', '3'])}`,
  ];
  if (about.protocol === 'tcp' || about.protocol === 'udp') {
    kinds.push(() => `${about.protocol} dport vmap ${pairs(['22', '53', '80-100', '443', '5000-9000'])}`);
    kinds.push(() => `iifname . ${about.protocol} dport vmap ${pairs(devices.flatMap((name) => [`"${name}" . 22`, `"${name}" . 80`]))}`);
    // its verdicts may go to any chain, and so back to one that is gone to
    if (about.hook !== null) kinds.push(() => `${about.protocol} dport vmap @verdicts`);
  } else if (!about.protocol) kinds.push(() => `meta l4proto vmap ${pairs(['tcp', 'udp', 'icmp', 'ipv6-icmp'])}`);
  if (about.version === 4) kinds.push(() => `ip saddr vmap ${pairs(['10.0.0.2', '10.0.0.128/25', '192.168.1.0/24', '10.9.0.5'])}`);
  if (about.version === 6) kinds.push(() => `ip6 saddr vmap ${pairs(['fd00::2', 'fd01::/64', 'fd02::2'])}`);
  return random.pick(kinds)();
}

function assignment(m: Making, about: About): string {
  const { random } = m;
  if (about.version && chance(random, 10)) return `${about.version === 4 ? 'ip' : 'ip6'} dscp set ${random.pick(['cs1', 'cs0', 'af11'])}`;
  const what = random.pick(['meta mark', 'meta mark', 'ct mark']);
  switch (random.int(6)) {
    case 0:
      return `${what} set ${what} | ${random.pick(['1', '0x10'])}`;
    case 1:
      return `${what} set ${what} & 0xf`;
    case 2:
      return what === 'ct mark' ? 'ct mark set meta mark' : 'meta mark set ct mark';
    case 3:
      if (about.protocol === 'tcp' || about.protocol === 'udp')
        return `${what} set ${about.protocol} dport map { 22 : 1, 80 : 2, 100-9000 : 0x10 }`;
      return `${what} set meta mark ^ 1`.replace(/^ct mark set meta mark \^ 1$/, 'ct mark set 2');
    default:
      return `${what} set ${random.pick(['0', '1', '2', '0x10', '0x11'])}`;
  }
}

function reject({ random, family }: Making, about: About): string {
  const kinds = ['reject', 'reject'];
  if (family === 'inet') kinds.push('reject with icmpx admin-prohibited');
  if (about.protocol === 'tcp') kinds.push('reject with tcp reset');
  if (about.version === 4) kinds.push('reject with icmp host-unreachable');
  if (about.version === 6) kinds.push('reject with icmpv6 no-route');
  return random.pick(kinds.filter((kind) => about.protocol === 'tcp' || !kind.includes('tcp')));
}

/** Unknown to anyone who has only the file. */
const unknowables = [
  'limit rate 5/second burst 3 packets',
  'limit rate over 1/hour',
  'numgen inc mod 2 0',
  'quota over 300 bytes',
  'numgen random mod 3 { 0, 1 }',
  'update @seen { meta mark }',
  'meta mark @seen',
  'fib daddr type unicast',
  'meta length > 60',
];

function rule(m: Making, hook: string | null, later: readonly string[], mayBeUnknowable: boolean): string {
  const { random } = m;
  const about = aboutOf(m, hook);
  const parts: string[] = [];
  for (let i = random.int(3); i >= 0; i--) parts.push(match(m, about));
  if (chance(random, 10)) parts.push('counter');
  if (mayBeUnknowable && chance(random, 30)) {
    parts.push(random.pick(unknowables));
    m.unknowable = true;
  }
  if (chance(random, 25)) parts.push(assignment(m, about));
  const kind = random.int(20);
  if (kind < 3) parts.push(verdictMap(m, about, later));
  else if (kind === 3 && hook !== 'prerouting' && hook !== 'postrouting' && hook !== null) parts.push(reject(m, about));
  else if (kind === 4 && (hook === 'prerouting' || hook === 'output')) parts.push('notrack');
  else if (kind === 5) parts.push(`jump { ${match(m, about)} ${random.pick(['accept', 'drop', 'return'])}; ${assignment(m, about)}; }`);
  else if (kind < 17) parts.push(verdict(random, later));
  if (parts.length === 1 && kind >= 17) parts.push(assignment(m, about));
  return parts.join(' ');
}

function natRule(m: Making, hook: string): string {
  const { random } = m;
  const of = aboutOf(m, hook);
  const version = of.version ?? random.pick([4, 6] as const);
  const about = { ...of, version, protocol: random.pick(['tcp', 'udp', null] as const) };
  const parts: string[] = [];
  for (let i = random.int(2); i >= 0; i--) parts.push(match(m, about));
  const family = m.family === 'inet' ? `${version === 4 ? 'ip' : 'ip6'} ` : '';
  const target = random.pick(version === 4 ? [...remote4, own4[2] as string] : [...remote6, own6[2] as string]);
  const withPort = (address: string): string => (version === 6 ? `[${address}]:8080` : `${address}:8080`);
  if (hook === 'prerouting' || hook === 'output') {
    const kinds = [`dnat ${family}to ${target}`, 'accept', 'return'];
    if (about.protocol) {
      // a port is given only behind a match of its protocol
      parts.push(`meta l4proto ${about.protocol}`);
      kinds.push(`dnat ${family}to ${withPort(target)}`, 'redirect to :8080', 'redirect');
      if (version === 4) {
        kinds.push(`dnat ${family}to ${about.protocol} dport map { 22 : 10.0.0.3, 80 : 192.168.1.20, 443-9000 : 10.1.0.2 }`);
        kinds.push(`dnat ip addr . port to ${about.protocol} dport map { 22 : 10.0.0.3 . 2222, 80 : 192.168.1.20 . 8080 }`);
      }
    }
    return [...parts, random.pick(kinds)].join(' ');
  }
  const kinds = [
    `snat ${family}to ${random.pick(version === 4 ? ['10.0.0.77', '192.168.1.1', '172.16.9.9'] : ['fd00::77', 'fd01::1'])}`,
    'accept',
    'return',
  ];
  if (hook === 'postrouting') kinds.push('masquerade', 'masquerade');
  return [...parts, random.pick(kinds)].join(' ');
}

const filterHooks = ['forward', 'forward', 'forward', 'forward', 'prerouting', 'input', 'output', 'postrouting'];
const filterPriorities = [
  '-400',
  'raw',
  'mangle',
  'mangle',
  'filter',
  'filter',
  'filter',
  'filter - 10',
  'filter + 5',
  'security',
  '200',
  '-150',
  '-199',
];
/** Names that a family and hook have, and numbers that any has. */
const natHooks = [
  ['prerouting', 'dstnat'],
  ['prerouting', '-50'],
  ['output', '-100'],
  ['postrouting', 'srcnat'],
  ['postrouting', '50'],
  ['input', '100'],
] as const;

function setsOf(m: Making, chains: readonly string[]): readonly string[] {
  const { random, family } = m;
  const sets: string[] = [];
  const ports = some(random, ['22', '53', '80', '443', '8080'], 4);
  sets.push(`set ports { type inet_service; elements = { ${ports.join(', ')} }; }`);
  const keys = [
    ...new Set(
      some(random, devices, 3).flatMap((name) =>
        some(random, ['22', '80-100', '443', '5000-9000'], 3).map((port) => `"${name}" . ${port}`),
      ),
    ),
  ];
  sets.push(`set doors { type ifname . inet_service; flags interval; elements = { ${keys.join(', ')} }; }`);
  sets.push('set seen { type mark; flags dynamic, timeout; timeout 1m; size 64; }');
  const to = verdict(random, chains);
  sets.push(`map verdicts { type inet_service : verdict; flags interval; elements = { 22 : ${to}, 100-9000 : accept, 53 : drop }; }`);
  if (family !== 'ip6') {
    sets.push(`set hosts4 { type ipv4_addr; elements = { ${some(random, remote4, 5).join(', ')} }; }`);
    sets.push(
      `set nets4 { typeof ip saddr; flags interval; auto-merge; elements = { ${some(random, [...prefixes4.slice(0, 6), '10.0.0.2-10.0.0.9'], 3).join(', ')} }; }`,
    );
  }
  if (family !== 'ip') {
    sets.push(`set hosts6 { type ipv6_addr; elements = { ${some(random, remote6, 4).join(', ')} }; }`);
    sets.push(
      `set nets6 { type ipv6_addr; flags interval; auto-merge; elements = { ${some(random, prefixes6.slice(0, 4), 3).join(', ')} }; }`,
    );
  }
  return sets;
}

function table(m: Making, name: string, mayBeUnknowable: boolean): RandomTable {
  const { random } = m;
  const regular = Array.from({ length: random.int(4) }, (_, i) => `c${i}`);
  const chains: RandomChain[] = [];
  for (let i = 1 + random.int(3); i > 0; i--) {
    const hook = random.pick(filterHooks);
    const policy = chance(random, 30) ? 'drop' : 'accept';
    const type = hook === 'output' && chance(random, 15) ? 'route' : 'filter';
    chains.push({
      name: `base${i}`,
      base: `type ${type} hook ${hook} priority ${random.pick(filterPriorities)}; policy ${policy};`,
      rules: Array.from({ length: 1 + random.int(6) }, () => rule(m, hook, regular, mayBeUnknowable)),
    });
  }
  if (chance(random, 30)) {
    for (let i = 1 + random.int(2); i > 0; i--) {
      const [hook, priority] = random.pick(natHooks);
      chains.push({
        name: `nat${i}`,
        base: `type nat hook ${hook} priority ${priority};${chance(random, 5) ? ' policy drop;' : ''}`,
        rules: Array.from({ length: 1 + random.int(3) }, () => natRule(m, hook)),
      });
    }
  }
  for (const [i, chain] of regular.entries()) {
    chains.push({
      name: chain,
      base: null,
      rules: Array.from({ length: random.int(5) }, () => rule(m, null, regular.slice(i + 1), mayBeUnknowable)),
    });
  }
  return { family: m.family, name, sets: setsOf(m, regular), chains };
}

function command(random: Random, tables: readonly RandomTable[]): string {
  const { family, name, chains } = random.pick(tables);
  const m: Making = { random, family, unknowable: false };
  const filters = chains.filter(({ name: own }) => own.startsWith('base'));
  const { name: chain, base } = random.pick(filters);
  const hook = /hook (\w+)/.exec(base ?? '')?.[1] ?? null;
  const kinds = [
    () => `insert rule ${family} ${name} ${chain} ${rule(m, hook, [], false)}`,
    () => `add rule ${family} ${name} ${chain} ${rule(m, hook, [], false)}`,
    () => `add element ${family} ${name} ports { 80, 5432 }`,
    () => `add element ${family} ${name} ports { 22, 53 }\ndelete element ${family} ${name} ports { 22 }`,
    () => `add chain ${family} ${name} ${chain} { policy ${random.pick(['accept', 'drop'])}; }`,
    () => `add table ${family} asleep { flags dormant; chain f { type filter hook forward priority 0; policy drop; }; }`,
    () => `flush chain ${family} ${name} ${chain}`,
  ];
  return random.pick(kinds)();
}

export function randomRuleset(random: Random): RandomRuleset {
  const mayBeUnknowable = chance(random, 8);
  const tables: RandomTable[] = [];
  let unknowable = false;
  for (let i = 1 + random.int(3); i > 0; i--) {
    const m: Making = { random, family: random.pick(['inet', 'inet', 'inet', 'ip', 'ip6']), unknowable: false };
    tables.push(table(m, `t${i}`, mayBeUnknowable));
    unknowable ||= m.unknowable;
  }
  const commands: string[] = [];
  while (chance(random, 40)) commands.push(command(random, tables));
  return { tables, commands, unknowable };
}

/** The flags of a first packet, and of others that belong to no connection. */
const flagPool = [2, 2, 2, 2, 2, 2, 16, 18, 1, 17, 4, 20, 3, 0, 24, 41, 34];
const icmpPool = [8, 8, 8, 0, 3, 11, 13];
const icmpv6Pool = [128, 128, 128, 129, 1, 3, 133, 135, 136];
/** Protocols that conntrack has no ports of: UDP-Lite in newer kernels, OSPF. */
const UDPLITE = 136;
const PORTLESS = 89;

export function randomPackets(random: Random, count: number): readonly SentPacket[] {
  const packets: SentPacket[] = [];
  let hasPortless = false;
  while (packets.length < count) {
    const version = random.pick([4, 4, 4, 6, 6]);
    const [remote, own] = version === 4 ? [remote4, own4] : [remote6, own6];
    const from = random.pick([...devices, ...devices, '']);
    const source = random.pick(from === '' ? own : remote);
    const destination = random.pick(from !== '' && chance(random, 20) ? own : remote);
    const protocol = random.pick([6, 6, 6, 6, 17, 17, 17, version === 4 ? 1 : 58, UDPLITE, PORTLESS]);
    if (source === destination) continue;
    if (protocol === UDPLITE || protocol === PORTLESS) {
      // a second one may be translated into the first, and is dropped for it
      if (hasPortless) continue;
      hasPortless = true;
    }
    const hasPorts = protocol === 6 || protocol === 17 || protocol === UDPLITE;
    const icmpType = protocol === 1 ? random.pick(icmpPool) : protocol === 58 ? random.pick(icmpv6Pool) : null;
    const tcpFlags = protocol === 6 ? random.pick(flagPool) : null;
    const extension = version === 6 && chance(random, 8) ? random.pick([0, 60]) : undefined;
    packets.push({
      source,
      destination,
      protocol,
      // each its own, or of icmp an identifier: so every packet is the first of its connection
      sourcePort: hasPorts || icmpType !== null ? 20000 + packets.length : null,
      destinationPort: hasPorts ? random.pick(portPool) : null,
      tcpFlags,
      icmpType,
      icmpCode: icmpType === null ? null : random.int(3),
      dscp: random.pick([0, 0, 8, 10]),
      from,
      ...(extension === undefined ? {} : { extension }),
      answered:
        (tcpFlags === null || tcpFlags === 2) &&
        (icmpType === null || icmpType === 8 || icmpType === 128) &&
        protocol !== UDPLITE &&
        extension === undefined &&
        protocol !== PORTLESS &&
        chance(random, 40),
    });
  }
  return packets;
}
