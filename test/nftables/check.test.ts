// What nft’s evaluation refuses, each by the rule that tells it and what it marks; and that nothing else is told.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parsedFile, problemsOf } from '../../server/src/analysis/parsed-file.ts';
import { type NftVersion, versions } from '../../server/src/nftables/vocabulary/versions.ts';
import { changed, sourceFile } from '../../server/src/text/source-file.ts';
import { orders } from './orders.ts';
import { allProblems } from './print.ts';

/** One problem of this rule, at `«…»`; none where nothing is marked. */
function expectOne(marked: string, rule: string | null): void {
  const start = marked.indexOf('«');
  const end = marked.indexOf('»') - 1;
  const text = marked.replace(/[«»]/g, '');
  const found = allProblems(text).map((problem) => ({ rule: problem.rule, text: problem.text, start: problem.start }));
  assert.deepEqual(found, rule === null ? [] : [{ rule: `nftables/${rule}`, text: text.slice(start, end), start }], JSON.stringify(found));
}

const sets =
  '\tset v4 {\n\t\ttype ipv4_addr\n\t}\n\tset v6 {\n\t\ttype ipv6_addr\n\t}\n\tmap verdicts {\n\t\ttype ipv4_addr : verdict\n\t}\n\tmap ports {\n\t\ttype ipv4_addr : inet_service\n\t}\n\tset pairs {\n\t\ttype ipv4_addr . inet_service\n\t}\n\tcounter hits {\n\t}\n\tchain other {\n\t}\n';
const inTable = (family: string, base: string, line: string) =>
  `table ${family} t {\n${sets}\tchain c {\n\t\t${base}\n\t\t${line}\n\t}\n}\n`;
const filter = 'type filter hook input priority filter;';

describe('a rule that nft refuses', () => {
  const rows: readonly (readonly [line: string, rule: string | null])[] = [
    ['ip saddr «fd00::1» accept', 'type-mismatch'],
    ['ip saddr { 10.0.0.1, «::1» } accept', 'type-mismatch'],
    ['ip saddr «aa:bb:cc:dd:ee:ff» accept', 'type-mismatch'],
    ['ip saddr «256.1.1.1» accept', 'invalid-value'],
    ['ip saddr 10.0.0.0/«33» accept', 'value-out-of-range'],
    ['ip saddr «10.0.0.9-10.0.0.1» accept', 'value-out-of-range'],
    ['tcp dport «70000» accept', 'value-out-of-range'],
    ['tcp dport «22,80» accept', 'type-mismatch'],
    ['tcp dport > «{ 1, 2 }» accept', 'type-mismatch'],
    ['ip ttl «256» accept', 'value-out-of-range'],
    ['ip ttl «high» accept', 'invalid-value'],
    ['ip dscp set «64»', 'value-out-of-range'],
    ['ip protocol «256» accept', 'value-out-of-range'],
    ['vlan id «4096» accept', 'value-out-of-range'],
    ['ct state new,«foo» accept', 'invalid-value'],
    ['ct state 5 accept', null],
    ['ct zone «65536» accept', 'value-out-of-range'],
    ['ct expiration «1d-1h» accept', 'value-out-of-range'],
    ['ct helper «""» accept', 'invalid-value'],
    ['iifname «"abcdefghijklmnop"» accept', 'value-out-of-range'],
    ['iifname { "wg*", "eth0" } accept', null],
    ['meta day «7» accept', 'value-out-of-range'],
    ['meta hour «"24:00"» accept', 'invalid-value'],
    ['meta time «"today"» accept', 'invalid-value'],
    ['meta mark set «ip saddr»', 'type-mismatch'],
    ['«ct original saddr» 10.0.0.1 accept', 'type-mismatch'],
    ['@th,16,1 «2» accept', 'value-out-of-range'],
    ['«tcp option 256» exists accept', 'value-out-of-range'],
    ['tcp dport 22 «udp dport» 53 accept', 'protocol-conflict'],
    ['ip saddr 10.0.0.1 «ip6 daddr» ::1 accept', 'protocol-conflict'],
    ['meta l4proto tcp «udp dport» 53 accept', 'protocol-conflict'],
    ['meta l4proto { tcp, udp } th dport 53 accept', null],
    ['ip protocol != tcp udp dport 53 accept', null],
    ['udp dport 53 «reject with tcp reset»', 'protocol-conflict'],
    ['ip6 saddr ::1 «reject with icmp port-unreachable»', 'protocol-conflict'],
    ['reject with icmp «no-route»', 'invalid-value'],
    ['accept «counter»', 'after-verdict'],
    ['continue accept', null],
    ['jump other «counter»', 'after-verdict'],
    ['log «level info group 2»'.replace('log «', '«log '), 'conflicting-options'],
    ['ip saddr @v4 accept', null],
    ['ip6 saddr «@v4» accept', 'type-mismatch'],
    ['ip saddr @«v5» accept', 'undefined-name'],
    ['ip saddr . tcp dport @pairs accept', null],
    ['ip saddr . tcp dport «@v4» accept', 'type-mismatch'],
    ['ip saddr . tcp dport { 10.0.0.1 . 22, «10.0.0.2» } accept', 'type-mismatch'],
    ['ip saddr vmap @verdicts', null],
    ['ip saddr vmap «@ports»', 'wrong-kind'],
    ['ip saddr vmap «@v4»', 'wrong-kind'],
    ['ip saddr vmap { 10.0.0.0/8 : accept, «10.1.0.0/16» : drop }', 'conflicting-elements'],
    ['add @v4 { «ip6 saddr» }', 'type-mismatch'],
    ['jump «nowhere»', 'undefined-name'],
    ['jump «c»', 'wrong-place'],
    ['counter name hits accept', null],
    ['counter name «hit» accept', 'undefined-name'],
    ['«masquerade»', 'wrong-place'],
    ['tcp dport «$nothing» accept', 'undefined-name'],
  ];
  for (const [line, rule] of rows) test(line, () => expectOne(inTable('inet', filter, line), rule));
});

describe('a rule by its table and chain', () => {
  const nat = 'type nat hook prerouting priority dstnat;';
  const rows: readonly (readonly [family: string, base: string, line: string, rule: string | null])[] = [
    ['ip', nat, 'tcp dport 80 dnat to 10.0.0.1:8080', null],
    ['ip', nat, 'dnat to 10.0.0.1:«8080»', 'protocol-conflict'],
    ['inet', nat, '«dnat to 10.0.0.1»', 'type-mismatch'],
    ['inet', nat, 'dnat ip to «fd00::1»', 'type-mismatch'],
    ['inet', nat, 'ip saddr 10.0.0.1 dnat to 10.0.0.2', null],
    ['ip', nat, '«snat» to 10.0.0.1', 'wrong-place'],
    ['ip', 'type nat hook «forward» priority 0;', 'accept', 'wrong-place'],
    ['ip', 'type filter hook input priority «dstnat»;', 'accept', 'wrong-place'],
    ['ip', 'type nat hook output priority «-300»;', 'accept', 'value-out-of-range'],
    ['ip6', filter, '«ip saddr» 10.0.0.1 accept', 'protocol-conflict'],
    ['arp', filter, '«tcp dport» 22 accept', 'protocol-conflict'],
    ['ip', filter, '«meta nfproto» ipv4 accept', 'wrong-place'],
    ['ip', 'policy «drop»;', 'accept', 'wrong-place'],
  ];
  for (const [family, base, line, rule] of rows) {
    test(`${family}: ${base} ${line}`, () => {
      const table = `table ${family} t {\n\tchain c {\n\t\t${base}\n\t\t${line}\n\t}\n}\n`;
      expectOne(table, rule);
    });
  }
});

describe('a block', () => {
  const rows: readonly (readonly [text: string, rule: string | null])[] = [
    ['table t {\n\tset «s» {\n\t\tsize 5\n\t}\n}\n', 'bad-set'],
    ['table t {\n\tset s {\n\t\ttype «integer»\n\t}\n}\n', 'bad-set'],
    ['table t {\n\tset s {\n\t\ttype ipv4_addr\n\t\telements = { «10.0.0.0/8» }\n\t}\n}\n', 'bad-set'],
    [
      'table t {\n\tset s {\n\t\ttype ipv4_addr\n\t\tflags interval\n\t\telements = { 10.0.0.0/8, «10.1.0.0/16» }\n\t}\n}\n',
      'conflicting-elements',
    ],
    [
      'table t {\n\tset s {\n\t\ttype ipv4_addr\n\t\tflags interval\n\t\tauto-merge\n\t\telements = { 10.0.0.0/8, 10.1.0.0/16 }\n\t}\n}\n',
      null,
    ],
    ['table t {\n\tset s {\n\t\ttype ipv4_addr\n\t}\n\tmap «s» {\n\t\ttype ipv4_addr : mark\n\t}\n}\n', 'duplicate-name'],
    ['table t {\n\tmap m {\n\t\ttype ipv4_addr : verdict\n\t\telements = { 10.0.0.1 : «acept» }\n\t}\n}\n', 'invalid-value'],
    ['define a = 1\ndefine «a» = 2\n', 'duplicate-name'],
    ['define a = 1\ndefine b = «$c»\n', 'undefined-name'],
    ['table t {\n\tchain c {\n\t\ttcp dport «$a»\n\t}\n}\ndefine a = 1\n', 'undefined-name'],
    ['define p = { 22, ::1 }\ntable t {\n\tchain c {\n\t\ttcp dport «$p» accept\n\t}\n}\n', 'type-mismatch'],
    ['add rule inet «filter» input accept\nadd rule inet filter input drop\n', 'depends-on-machine'],
    ['include "x.nft"\nadd rule inet filter input ip saddr @s jump c\n', null],
    ['table t {\n\tchain c {\n\t\tip saddr «example.org» accept\n\t}\n}\n', 'depends-on-machine'],
    ['table t {\n\tchain c {\n\t\tiif "lo" accept\n\t}\n}\n', null],
  ];
  for (const [text, rule] of rows) test(JSON.stringify(text), () => expectOne(text, rule));
});

describe('what is named before it is made', () => {
  for (const [what, marked] of orders)
    test(what, () => expectOne(marked, marked.includes('«') ? (/«@s»/.test(marked) ? 'type-mismatch' : 'undefined-name') : null));

  test('is told as made below, or as taken away above', () => {
    const said = (what: string) =>
      allProblems(orders.find(([name]) => name === what)?.[1].replace(/[«»]/g, '') ?? '').map(({ message }) => message);
    assert.match(said('a set in a block below')[0] ?? '', /made only further down.*move it above/);
    assert.match(said('the table of a set')[0] ?? '', /made only further down.*move it above/);
    assert.match(said('a set that was taken away')[0] ?? '', /taken away above/);
    assert.match(said('a ruleset that was flushed')[0] ?? '', /taken away above/);
  });
});

describe('jumps', () => {
  const chain = (name: string, rule: string) => `\tchain ${name} {\n\t\t${rule}\n\t}\n`;
  const base = chain('input', `${filter}\n\t\tjump c1`);

  test('in a circle that a packet can come into', () => {
    expectOne(`table t {\n${base}${chain('«c1»', 'jump c2')}${chain('c2', 'jump c1')}}\n`, 'jumps');
    expectOne(`table t {\n${chain('c1', 'jump c2')}${chain('c2', 'jump c1')}}\n`, null);
  });

  test('15 one behind the other are taken, 16 are not', () => {
    const chains = (count: number) =>
      Array.from({ length: count }, (_, i) => chain(`c${i + 1}`, i + 1 < count ? `jump c${i + 2}` : 'accept')).join('');
    expectOne(`table t {\n${base}${chains(15)}}\n`, null);
    expectOne(`table t {\n${base.replace('input', '«input»')}${chains(16)}}\n`, 'jumps');
  });
});

describe('what is newer than the version it is written for', () => {
  const rows: readonly (readonly [text: string, since: NftVersion])[] = [
    ['table ip t {\n chain c {\n  vxlan ip saddr 10.0.0.1 accept\n }\n}\n', '1.0.7'],
    ['table ip t {\n chain c {\n  last accept\n }\n}\n', '1.0.7'],
    ['destroy table ip t\n', '1.0.7'],
    ['table bridge t {\n chain c {\n  meta broute set 1\n }\n}\n', '1.0.8'],
    ['table ip t {\n chain c {\n  dccp option 1 exists accept\n }\n}\n', '1.0.8'],
    ['table netdev t {\n chain c {\n  devices = { lo }\n }\n}\n', '1.0.8'],
    ['table ip t {\n chain c {\n }\n}\ndelete chain ip t c { devices = { lo }; }\n', '1.0.8'],
    ['table ip6 t {\n chain c {\n  icmpv6 taddr ::1 accept\n }\n}\n', '1.0.9'],
    ['table ip t {\n map m {\n  type ipv4_addr : mark\n  gc-interval 10s\n }\n}\n', '1.0.9'],
    ['table ip t {\n ct timeout q {\n  protocol udp;\n  policy = { replied : 12s }\n }\n}\n', '1.0.9'],
    ['table ip t {\n flags owner, persist\n}\n', '1.1.0'],
    ['table ip t {\n map m {\n  typeof ip saddr : counter\n }\n}\n', '1.1.0'],
    ['table ip t {\n chain c {\n  fib daddr check exists accept\n }\n}\n', '1.1.4'],
    ['table netdev t {\n tunnel x {\n  id 10\n }\n}\n', '1.1.6'],
  ];
  const told = (text: string, nftVersion: NftVersion): readonly string[] =>
    problemsOf(parsedFile(sourceFile('file:///a.nft', 1, 'nftables', text), undefined, null, { nftVersion })).map(
      ({ problem }) => problem.rule,
    );
  for (const [text, since] of rows) {
    test(`${since}: ${text.split('\n').slice(0, 3).join(' ')}`, () => {
      const before = versions[versions.indexOf(since) - 1];
      assert.ok(before);
      assert.deepEqual(told(text, before), ['nftables/newer-version']);
      assert.deepEqual(told(text, since), []);
    });
  }
});

describe('an edit', () => {
  test('elsewhere changes what is said of a statement that it did not touch', () => {
    const text = 'table t {\n\tset s {\n\t\ttype ipv4_addr\n\t}\n\tchain c {\n\t\tip saddr @s accept\n\t}\n}\n';
    const file = parsedFile(sourceFile('file:///a.nft', 1, 'nftables', text));
    assert.deepEqual(problemsOf(file), []);
    const at = { line: 1, character: 6 };
    const { file: source, damage } = changed(file.source, 2, [{ range: { start: at, end: { line: 1, character: 6 } }, text: 'z' }]);
    const next = parsedFile(source, file, damage);
    assert.deepEqual(
      problemsOf(next).map(({ problem }) => problem.rule),
      ['nftables/undefined-name'],
    );
    const same = parsedFile(sourceFile('file:///a.nft', 3, 'nftables', source.text));
    assert.deepEqual(problemsOf(next), problemsOf(same));
  });
});
