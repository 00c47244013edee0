// A rule as the boxes of packets it matches: exact, or between what it surely and what it possibly matches.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parsedFile } from '../../server/src/analysis/parsed-file.ts';
import { addressText } from '../../server/src/net/address.ts';
import type { AddressSet, Interval } from '../../server/src/net/address-set.ts';
import type { NftablesFacts } from '../../server/src/nftables/facts.ts';
import { type Box, State } from '../../server/src/reach/box.ts';
import { readChains } from '../../server/src/reach/chains.ts';
import type { Interfaces } from '../../server/src/reach/interfaces.ts';
import type { Arm } from '../../server/src/reach/reading.ts';
import { servicesText } from '../../server/src/reach/services.ts';
import { sourceFile } from '../../server/src/text/source-file.ts';

function interval({ from, to }: Interval<number> | Interval<bigint>): string {
  const one = (value: number | bigint): string => addressText(typeof value === 'number' ? { version: 4, value } : { version: 6, value });
  return from === to ? one(from) : `${one(from)}-${one(to)}`;
}

function addresses(set: AddressSet): string {
  const family = (all: readonly (Interval<number> | Interval<bigint>)[], last: number | bigint, name: string): string => {
    const [first] = all;
    if (!first) return '';
    return (typeof first.from === 'number' ? first.from === 0 : first.from === 0n) && first.to === last
      ? name
      : all.map(interval).join('+');
  };
  const v4 = family(set.v4, 2 ** 32 - 1, 'v4');
  const v6 = family(set.v6, 2n ** 128n - 1n, 'v6');
  return [v4, v6].filter((part) => part !== '').join('+') || 'nobody';
}

function interfaces(name: string, { only, except }: Interfaces): string[] {
  const out = except.map((pattern) => `${name}!=${pattern}`);
  return only ? [`${name}=${only.join('|')}`, ...out] : out;
}

function box({ iif, oif, sources, destinations, services, states }: Box): string {
  const parts = [...interfaces('iif', iif), ...interfaces('oif', oif)];
  if (addresses(sources) !== 'v4+v6') parts.push(`from ${addresses(sources)}`);
  if (addresses(destinations) !== 'v4+v6') parts.push(`to ${addresses(destinations)}`);
  if (servicesText(services) !== 'any service') parts.push(servicesText(services));
  if (states !== 31)
    parts.push(
      Object.entries(State)
        .filter(([, bit]) => states & bit)
        .map(([name]) => name)
        .join('|'),
    );
  return parts.join(' ') || 'everything';
}

function shown({ may, must, outcome, target }: Arm): string {
  const boxes = (all: readonly Box[]): string => all.map(box).join(' or ') || 'nothing';
  const matches = may === must ? boxes(may) : `at most ${boxes(may)}, at least ${boxes(must)}`;
  return `${matches}: ${outcome}${target ? ` ${target}` : ''}`;
}

/** What the rules of the chain `c` do. */
function reading(rules: string, before = '', family = 'inet'): readonly string[] {
  const text = `${before.includes('define') ? before : ''}table ${family} t {\n${before.includes('define') ? '' : before}\tchain c {\n\t\t${rules}\n\t}\n}\n`;
  const { facts } = parsedFile(sourceFile('file:///r.nft', 1, 'nftables', text));
  const chain = readChains(facts as NftablesFacts).find(({ chain: { name } }) => name === 'c');
  return chain?.readings.flatMap(({ arms }) => arms.map(shown)) ?? [];
}

const cases: readonly (readonly [rule: string, says: string])[] = [
  ['accept', 'everything: accept'],
  ['counter log prefix "x" drop', 'everything: drop'],
  ['ip saddr 10.0.0.7 accept', 'from 10.0.0.7: accept'],
  ['ip saddr 10.0.0.0/24 ip daddr 10.0.1.9 tcp dport 22 accept', 'from 10.0.0.0-10.0.0.255 to 10.0.1.9 tcp/22: accept'],
  ['ip saddr != 10.0.0.7 drop', 'from 0.0.0.0-10.0.0.6+10.0.0.8-255.255.255.255: drop'],
  ['ip6 saddr fd00::/8 accept', 'from fd00::-fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff: accept'],
  ['ip saddr { 10.0.0.7, 10.0.0.9-10.0.0.12 } accept', 'from 10.0.0.7+10.0.0.9-10.0.0.12: accept'],
  ['tcp dport { ssh, 80-81 } accept', 'tcp/22,80-81: accept'],
  ['tcp dport != 22 drop', 'tcp/0-21,23-65535: drop'],
  ['udp dport 51820 accept', 'udp/51820: accept'],
  ['tcp dport >= 1024 accept', 'tcp/1024-65535: accept'],
  ['tcp dport 022 accept', 'tcp/18: accept'],
  ['meta l4proto { tcp, udp } accept', 'tcp, udp: accept'],
  ['meta l4proto icmp accept', 'icmp: accept'],
  ['ip protocol icmp accept', 'from v4 icmp: accept'],
  ['meta l4proto { tcp, udp } th dport 53 accept', 'tcp/53, udp/53: accept'],
  ['icmp type echo-request accept', 'icmp/8: accept'],
  ['icmpv6 type { nd-router-advert, 135 } accept', 'icmpv6/134-135: accept'],
  ['meta nfproto ipv4 drop', 'from v4: drop'],
  ['meta nfproto != ipv4 drop', 'from v6: drop'],
  ['iifname "wg0" oifname != "eth0" accept', 'iif=wg0 oif!=eth0: accept'],
  ['iifname { "wg*", eth0 } accept', 'iif=wg*|eth0: accept'],
  ['iif lo accept', 'iif=lo: accept'],
  ['ct state established,related accept', 'established|related: accept'],
  ['ct state != { established, related } drop', 'invalid|new|untracked: drop'],
  ['ip saddr . tcp dport { 10.0.0.7 . 22, 10.0.0.9 . 80-90 } accept', 'from 10.0.0.7 tcp/22 or from 10.0.0.9 tcp/80-90: accept'],
  ['ip saddr 10.0.0.7 ip saddr 10.0.0.8 accept', 'nothing: accept'],
  // a header that is there, of which no more is read
  ['tcp flags syn accept', 'at most tcp, at least nothing: accept'],
  ['ip ttl 64 accept', 'at most from v4, at least nothing: accept'],
  ['meta mark 1 accept', 'at most everything, at least nothing: accept'],
  ['limit rate 5/second tcp dport 22 accept', 'at most tcp/22, at least nothing: accept'],
  ['ip saddr & 255.255.255.0 == 10.0.0.0 accept', 'at most everything, at least nothing: accept'],
  ['tcp dport { 22, unheard-of } accept', 'at most tcp, at least tcp/22: accept'],
  ['ip saddr @nowhere accept', 'at most from v4, at least nothing: accept'],
  ['ip6 nexthdr tcp accept', 'at most from v6 tcp, at least nothing: accept'],
  ['tcp dport 22 jump ssh', 'tcp/22: jump ssh'],
  ['ip daddr 10.0.0.7 reject with icmp type host-unreachable', 'to 10.0.0.7: reject'],
  ['tcp dport 80 counter', 'tcp/80: none'],
];

describe('a rule', () => {
  for (const [rule, says] of cases) test(rule, () => assert.deepEqual(reading(rule), [says]));

  test('of a table of one family speaks of that family', () => {
    assert.deepEqual(reading('tcp dport 22 accept', '', 'ip'), ['from v4 tcp/22: accept']);
    assert.deepEqual(reading('tcp dport 22 accept', '', 'ip6'), ['from v6 tcp/22: accept']);
  });

  test('with a verdict map has an arm for each element', () => {
    assert.deepEqual(reading('ct state vmap { established : accept, invalid : drop }'), ['established: accept', 'invalid: drop']);
    assert.deepEqual(reading('meta l4proto . th dport vmap { tcp . 22 : jump ssh }'), ['tcp/22: jump ssh']);
    assert.deepEqual(reading('ip saddr vmap @who'), ['at most everything, at least nothing: unknown']);
  });

  test('th looks at the same bytes of any protocol, so only those with ports are sure', () => {
    assert.deepEqual(reading('th dport 53 accept'), [
      'at most protocols 0-5, tcp/53, protocols 7-16, udp/53, protocols 18-32, dccp/53, protocols 34-131, sctp/53, protocols 133-135, protocol 136/53, protocols 137-255, at least tcp/53, udp/53, dccp/53, sctp/53, protocol 136/53: accept',
    ]);
  });
});

describe('a name', () => {
  const admins = '\tset admins {\n\t\ttype ipv4_addr\n\t\telements = { 10.0.0.7, 10.0.0.8 }\n\t}\n';
  test('of a set with elements is known', () => {
    assert.deepEqual(reading('ip saddr @admins accept', admins), ['from 10.0.0.7-10.0.0.8: accept']);
    assert.deepEqual(reading('ip saddr != @admins drop', admins), ['from 0.0.0.0-10.0.0.6+10.0.0.9-255.255.255.255: drop']);
  });
  test('of a set that is filled elsewhere is not: what it surely holds counts, and where it is negated what it surely lacks', () => {
    assert.deepEqual(reading('ip saddr @later accept', '\tset later {\n\t\ttype ipv4_addr\n\t}\n'), [
      'at most from v4, at least nothing: accept',
    ]);
    const dynamic = '\tset seen {\n\t\ttype ipv4_addr\n\t\tflags dynamic\n\t\telements = { 10.0.0.7 }\n\t}\n';
    assert.deepEqual(reading('ip saddr @seen accept', dynamic), ['at most from v4, at least from 10.0.0.7: accept']);
    assert.deepEqual(reading('ip saddr != @seen accept', dynamic), [
      'at most from 0.0.0.0-10.0.0.6+10.0.0.8-255.255.255.255, at least nothing: accept',
    ]);
    assert.deepEqual(reading('tcp dport 22 add @admins { ip saddr }\n\t\tip saddr @admins accept', admins), [
      'at most tcp/22, at least nothing: none',
      'at most from v4, at least nothing: accept',
    ]);
  });
  test('of a set of concatenations, and of a verdict map', () => {
    const pairs = '\tset pairs {\n\t\ttype ipv4_addr . inet_service\n\t\telements = { 10.0.0.7 . 22 }\n\t}\n';
    assert.deepEqual(reading('ip saddr . tcp dport @pairs accept', pairs), ['from 10.0.0.7 tcp/22: accept']);
    const map = '\tmap who {\n\t\ttype ipv4_addr : verdict\n\t\telements = { 10.0.0.7 : jump admin }\n\t}\n';
    assert.deepEqual(reading('ip saddr vmap @who', map), ['from 10.0.0.7: jump admin']);
  });
  test('of a variable stands for its value, also through others; twice defined it stands for nothing', () => {
    assert.deepEqual(reading('ip saddr $B accept', 'define A = 10.0.0.7\ndefine B = { $A, 10.0.0.9 }\n'), [
      'from 10.0.0.7+10.0.0.9: accept',
    ]);
    assert.deepEqual(reading('ip saddr $A accept', 'define A = 10.0.0.7\nredefine A = 10.0.0.9\n'), [
      'at most from v4, at least nothing: accept',
    ]);
    assert.deepEqual(reading('ip saddr $A accept', 'define A = $A\n'), ['at most from v4, at least nothing: accept']);
  });
});
