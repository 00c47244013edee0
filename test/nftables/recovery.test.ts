// What a mistake costs: its own statement, a lost brace its own block; and what is said of it: one message that names the mend.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { printed, problems } from './print.ts';

/** One problem, at `«…»`, whose message matches; everything else of the tree as it is without the mistake. */
function expectOne(marked: string, mend: RegExp, suggest?: readonly string[]): void {
  const start = marked.indexOf('«');
  const end = marked.indexOf('»') - 1;
  const text = marked.replace(/[«»]/g, '');
  const found = problems(text);
  assert.deepEqual(
    found.map((problem) => ({ text: problem.text, start: problem.start })),
    [{ text: text.slice(start, end), start }],
    JSON.stringify(found),
  );
  assert.match(found[0]?.message ?? '', mend);
  if (suggest) assert.deepEqual(found[0]?.suggest, suggest);
}

const inChain = (line: string) =>
  `table inet t {\n\tchain c {\n\t\ttcp dport 1 accept\n\t\t${line}\n\t\ttcp dport 2 accept\n\t}\n\tchain d {\n\t\ttcp dport 3 accept\n\t}\n}\nadd table ip u\n`;

const around = [
  'add table inet t {}',
  '  add chain c {}',
  '    rule [<tcp dport:inet_service> ~ number:1] [accept]',
  '    rule [<tcp dport:inet_service> ~ number:2] [accept]',
  '  add chain d {}',
  '    rule [<tcp dport:inet_service> ~ number:3] [accept]',
  'add table ip u',
];

describe('a wrong word in a rule', () => {
  const rules: readonly (readonly [string, RegExp, ...string[]])[] = [
    ['«tpc» dport 22 accept', /did you mean tcp\?/, 'tcp'],
    ['tcp «dprt» 22 accept', /did you mean (s|d)port/],
    ['tcp dport 22 «acept»', /did you mean accept\?/, 'accept'],
    ['«foo bar»'.replace('«foo bar»', '«foo» bar'), /what to match .* what to do .* verdict/],
    ['tcp dport «accept»', /what to compare with belongs before it/],
    ['tcp dport «==»', /what to compare with belongs here/],
    ['tcp dport { 22, 80 «accept»', /is a “}” missing|never closed|“}”|separated by commas/],
    ['ct state «==» accept'.replace('«==» accept', '== «accept»'), /what to compare with/],
    ['ct «original mark»'.replace('«original mark»', 'original «mark» 1'), /leave “original” or “reply” out/],
    ['ct «ip» saddr 10.0.0.1', /ct original ip saddr/],
    ['ip saddr 10.0.0.0/«$len»', /number written out/],
    ['ip saddr «10.0.0.0/8, 10.1.0.0/16»', /put braces around it/, '{ 10.0.0.0/8, 10.1.0.0/16 }'],
    ['tcp flags syn / «syn»', /tcp flags & syn == syn/],
    ['tcp dport {«»}'.replace('{«»}', '«{}»'), /no empty braces/],
    ['tcp dport { «,» 22 }', /remove it/, ''],
    ['tcp dport vmap { 22«» }'.replace('22«» }', '22 «}»'), /every key of a verdict map has a verdict/],
    ['tcp dport vmap { 22 : «acept» }', /did you mean accept\?/, 'accept'],
    ['meta mark set «{» 1 }', /one value belongs here/],
    ['meta mark set «accept»', /a value belongs here/],
    ['frag id «set» 1', /only fields of the packet, meta and ct can be set/],
    ['comment "x" «accept»'.replace('comment "x" ', 'counter comment "x" '), /a comment is the last thing in a rule/],
    [`counter comment «"${'x'.repeat(129)}"»`, /128 bytes/],
    ['log prefix «$»x', /prefix "\$name"/],
    ['log level «loud»', /emerg, alert/],
    ['limit rate «ten/second»', /a number belongs here, as in 10\/second/],
    ['limit rate 10/«sec»', /second, minute, hour, day, week/],
    ['limit rate 10/second burst «5»', /burst 5 packets/],
    ['limit 10/second'.replace('limit 10', 'limit «10»'), /“rate” belongs here/],
    ['reject with «tcp»'.replace('«tcp»', '«tcp»'), /“tcp reset” is meant/],
    ['queue num «symhash» mod 4', /behind “num” stands the number of a queue/],
    ['queue to «oif»', /add “map” and the map/],
    ['tcp option «foo» bar', /a TCP option belongs here/],
    ['tcp option eol «left» 1', /the option eol has length/],
    ['reset tcp option «meh»', /a TCP option belongs here/],
    ['masquerade to «80»', /masquerade to :1024-65535/],
    ['redirect «:»8080', /redirect to :8080/],
    ['dnat «»'.replace('dnat «»', '«dnat»'), /an address belongs here, as in “dnat to 10\.10\.0\.20”/],
    ['jump «"d"»', /without them/, 'd'],
    ['jump «accept»', /cannot be a name/],
    ['jump { accept «}»', /new line or “;” before this “}”/, '; }'],
    ['add «@s ip saddr»'.replace('«@s ip saddr»', '@s «ip» saddr'), /the element belongs here in braces/],
    ['add @s { ip saddr«,» ip daddr }', /a statement for each/],
    ['fib «saddr . daddr» type local', /not both/],
    ['ip saddr (10.0.0.1 «accept»', /never closed; add “\)”/],
    ['dnat to [«10.0.0.1»]:80', /IPv6 address belongs right behind the bracket/],
    ['xt target "MASQUERADE"'.replace('xt', '«xt»'), /iptables-nft/],
    ['arp saddr «10.0.0.1»', /ip or ether/],
    ['@«xx»,1,2 3', /BASE is ll, nh, th or ih/],
    ['accept § drop'.replace('§', '«§»'), /“§” cannot stand here/],
  ];
  for (const [rule, mend, ...suggest] of rules) {
    test(rule.length > 80 ? `${rule.slice(0, 40)}…` : rule, () => {
      expectOne(inChain(rule), mend, suggest.length > 0 ? suggest : undefined);
      const tree = printed(inChain(rule.replace(/[«»]/g, '')));
      // the rule itself may be anything; nothing around it is lost
      assert.deepEqual([...tree.slice(0, 3), ...tree.slice(-4)], [...around.slice(0, 3), ...around.slice(-4)]);
      assert.equal(tree.length, around.length + 1);
    });
  }
});

describe('a lost brace', () => {
  test('of a chain: what can only stand in a table ends it', () => {
    const text = inChain('counter').replace('\t}\n\tchain d', '\tchain d');
    expectOne(text.replace('chain c {', 'chain c «{»'), /this “{” is never closed; add “}” where its block ends/);
    assert.deepEqual(printed(text), [...around.slice(0, 3), '    rule [counter]', ...around.slice(3)]);
  });
  test('of a table: a new table ends it', () => {
    const text = 'table ip a {\n\tchain c {\n\t\taccept\n\t}\ntable ip b {\n}\n';
    expectOne(text.replace('a {', 'a «{»'), /never closed/);
    assert.deepEqual(printed(text), ['add table ip a {}', '  add chain c {}', '    rule [accept]', 'add table ip b {}']);
  });
  test('of a table: a command ends it', () => {
    const text = 'table ip a {\n\tchain c {\n\t\taccept\n\t}\nadd rule ip a c drop\nflush ruleset\n';
    expectOne(text.replace('a {', 'a «{»'), /never closed/);
    assert.deepEqual(printed(text).slice(-2), ['add rule ip a c [drop]', 'flush ruleset']);
  });
  test('of a set: the next chain ends it', () => {
    const text = 'table ip a {\n\tset s {\n\t\ttype ipv4_addr\n\tchain c {\n\t\taccept\n\t}\n}\n';
    expectOne(text.replace('s {', 's «{»'), /never closed/);
    assert.deepEqual(printed(text), ['add table ip a {}', '  add set s {}', '    type ipv4_addr', '  add chain c {}', '    rule [accept]']);
  });
  test('of a list of elements: the brace of its set closes it, and the next block ends the set', () => {
    for (const next of ['\tchain c {\n\t\taccept\n\t}\n', '\tset r {\n\t\ttype ipv4_addr\n\t}\n']) {
      const text = `table ip a {\n\tset s «{»\n\t\ttype ipv4_addr\n\t\telements = { 10.0.0.1,\n\t\t\t10.0.0.2\n\t}\n${next}}\n`;
      expectOne(text, /never closed/);
      assert.match(printed(text.replace(/[«»]/g, '')).join('\n'), /^ {2}add (chain c|set r) \{\}$/m);
    }
  });
  test('of a list of elements that the next setting follows', () => {
    const text = 'table ip a {\n\tset s {\n\t\telements = «{» 10.0.0.1,\n\t\t\t10.0.0.2\n\t\ttype ipv4_addr\n\t}\n}\n';
    expectOne(text, /add “}” behind the last element/);
    assert.deepEqual(printed(text.replace(/[«»]/g, '')).slice(-1), ['    type ipv4_addr']);
  });
  test('of a list in a rule: the next rule is read', () => {
    const text = inChain('tcp dport { 22, 80');
    expectOne(text.replace('{ 22', '«{» 22'), /add “}” behind the last element/);
    assert.deepEqual(printed(text).slice(-4), around.slice(-4));
  });
  test('of a chain without a name: the next chain ends it', () => {
    const text = inChain('tcp dport 22 jump {');
    const found = problems(text);
    assert.match(found[0]?.message ?? '', /this “{” is never closed/);
    assert.ok(printed(text).includes('  add chain d {}'));
  });
  test('too many: told where it stands, and the rest is read', () => {
    const text = 'table ip a {\n}\n}\ntable ip b {\n}\n';
    expectOne(text.replace('}\n}\n', '}\n«}»\n'), /closes nothing/);
    assert.deepEqual(printed(text), ['add table ip a {}', 'unknown', 'add table ip b {}']);
  });
});

describe('a separator', () => {
  test('is wanted before and behind a closing brace', () => {
    expectOne('table ip t { chain c { accept «}»; }\n', /new line or “;” before this “}”/, ['; }']);
    expectOne('table ip t { chain c { accept; }« }»\n', /belongs behind “}”/);
    expectOne('table ip t { set s { type ipv4_addr; flags interval «}»; }\n', /new line or “;”/);
  });
  test('is not wanted behind elements, auto-merge, a counter of a flowtable', () => {
    assert.deepEqual(problems('table ip t { set s { type ipv4_addr; auto-merge elements = { 10.0.0.1 } }; }\n'), []);
    assert.deepEqual(problems('table ip t { counter c { packets 1 bytes 2 comment "x" }; }\n'), []);
  });
  test('is wanted before a policy', () =>
    expectOne('table ip t { chain c { type filter hook input priority 0 «policy» accept; }; }\n', /“;” belongs before the policy/));
  test('is wanted behind a definition and a comment at the end of the file', () => {
    expectOne('define a = «5»', /add one at the end of the file/);
    expectOne('flush ruleset\n«# end»', /add one at the end of the file/);
    expectOne('include «"/a"»', /add one at the end of the file/);
  });
});

describe('new lines in a list', () => {
  const list = (inner: string) => `define a = {${inner}}\n`;
  test('one at a time, and lines of comments alone', () => {
    for (const inner of ['\n1,\n2\n', ' 1,\n# c\n# d\n2 ', '\n# c\n1\n,2,\n', ' 1 # c\n, 2 '])
      assert.deepEqual(problems(list(inner)), [], inner);
  });
  test('an empty line is told, and can be removed', () => {
    expectOne(list(' 1,\n«\n»2 '), /no empty line between braces/, ['']);
    expectOne(list('\n1,\n# c\n«  \n»2\n'), /no empty line between braces/, ['']);
  });
  test('none behind a colon', () => expectOne(inChain('tcp dport vmap { 22 «:»\n accept }'), /a verdict belongs behind the colon/));
  test('two commas are one', () => assert.deepEqual(problems(list(' 1,,2 ')), []));
  test('an empty definition stands on one line', () => {
    assert.deepEqual(problems(list(' ')), []);
    expectOne('define a = «{\n# none\n}»\n', /only on one line/, ['{}']);
  });
});

describe('a quotation mark that is never closed', () => {
  test('costs its line', () => {
    const text = inChain('log prefix "a: accept');
    expectOne(text.replace('"a: accept', '«"a: accept»'), /this quotation mark is never closed/);
    assert.deepEqual(printed(text).slice(-4), around.slice(-4));
  });
  test('also where a later line has strings', () => {
    const text = inChain('log prefix "a: \n\t\tiifname "wg0" accept');
    expectOne(text.replace('"a:', '«"a:»'), /this quotation mark is never closed/);
    assert.ok(printed(text).includes('    rule [<meta iifname:ifname> ~ string:"wg0"] [accept]'));
  });
});

describe('a name', () => {
  test('is none of nft’s words, and stands without quotation marks', () => {
    expectOne('table ip t {\n\tchain «accept» {\n\t}\n}\n', /cannot be a name/);
    expectOne('table ip t {\n\tchain «"web"» {\n\t}\n}\n', /without them/, ['web']);
    expectOne('add table ip «bridge»\n', /cannot be a name/);
    expectOne('table ip t {\n\tset s {\n\t\ttype ipv4_addr\n\t\telements = $«accept»\n\t}\n}\n', /cannot be a name/);
  });
});

describe('a block', () => {
  const block = (kind: string, inner: string) => `table ip t {\n\t${kind} x {\n\t\t${inner}\n\t}\n}\n`;
  const settings: readonly (readonly [string, string, RegExp])[] = [
    ['chain', 'type «filtr» hook input priority 0', /did you mean filter\?/],
    ['chain', 'type filter hook «inptu» priority 0', /did you mean input\?/],
    ['chain', 'type filter «hok» input priority 0', /did you mean hook\?/],
    ['chain', 'type filter hook input «prio» 0', /“priority” and a number or name/],
    ['chain', 'policy «reject»', /accept or drop/],
    ['chain', 'flags «interval»', /one flag, offload/],
    ['set', 'type «ip4_addr»', /did you mean ipv4_addr\?/],
    ['set', 'type ipv4_addr «:» verdict', /make it a map/],
    ['map', 'type «ipv4_addr»', /“:” and what the keys stand for/],
    ['set', 'flags «intervall»', /did you mean interval\?/],
    ['set', 'timeout «60»', /60s/],
    ['set', 'size «many»', /a number belongs here/],
    ['set', 'policy «fast»', /performance or memory/],
    ['set', 'elements = «@s»'.replace('«@s»', '«@»s'), /elements belong here in braces/],
    ['set', '«accept»', /a set holds/],
    ['map', 'type ipv4_addr : mark; elements = { 10.0.0.1 : 5 «comment» "x" }', /before the colon/],
    ['counter', 'packets 1 «»'.replace('packets 1 «»', 'packets «1»'), /packets N bytes N/],
    ['quota', 'over 10 «gigabytes»', /bytes, kbytes, mbytes/],
    ['quota', 'over 10 «gbytes»', /did you mean .*mbytes/],
    ['limit', '«10»/second', /“rate” belongs here/],
    ['secmark', '«5»', /security context/],
    ['synproxy', '«ttl» 5', /mss N wscale N/],
    ['ct helper', 'type «ftp» protocol tcp', /in quotation marks/],
    ['ct timeout', 'policy = { established : 120, «}»', /name of a state/],
    ['ct expectation', 'dport «ssh»', /a number belongs here/],
    ['flowtable', 'hook ingress priority 0; devices = { «ip» }', /name of a device/],
    ['flowtable', 'hook ingress priority 0; devices = {«\n» eth0 }', /only behind a comma/],
    ['tunnel', '«sprt» 5', /did you mean sport\?/],
  ];
  for (const [kind, inner, mend] of settings) test(`${kind}: ${inner}`, () => expectOne(block(kind, inner), mend));

  test('says its comment, type, policy and elements once', () => {
    expectOne(block('chain', 'comment "a"; «comment» "b"'), /comment once/);
    expectOne(block('counter', 'packets 1 bytes 2 comment "a"\n\t\t«comment» "b"'), /comment once/);
    expectOne(block('set', 'type ipv4_addr\n\t\t«type» ipv4_addr'), /type once/);
    expectOne(block('chain', 'policy accept\n\t\t«policy» drop'), /policy once/);
    assert.deepEqual(problems('table ip t {\n\tcomment "a"\n\tchain c {\n\t\tcomment "a"\n\t}\n}\n'), []);
  });
  test('of a table has flags of its own', () => expectOne('table ip t {\n\tflags «dormand»\n}\n', /did you mean dormant\?/));
});

describe('a command', () => {
  const commands: readonly (readonly [string, RegExp])[] = [
    ['«tabel» inet t', /did you mean table\?/],
    ['add «tabl» t', /did you mean table\?/],
    ['delete «tabl» t', /did you mean table\?/],
    ['flush ruleset inet «t»', /a new line or “;”/],
    ['list «rulset»', /did you mean ruleset\?/],
    ['add «table»', /the name of a table/],
    ['add chain «t»', /the name of the thing in it/],
    ['add rule t «c»', /the rule belongs here/],
    ['replace rule t c «accept»', /“handle” and the number/],
    ['insert «set» t s', /rule/],
    ['delete rule t «c»', /named by its handle/],
    ['get element t «s»', /in braces/],
    ['rename chain t «c»', /new name/],
    ['export «yaml»', /json, xml/],
    ['describe «»'.replace('describe «»', '«describe»'), /what to describe/],
    ['define «=» 5', /a name belongs behind “define”/],
    ['define a «5»', /“=” and a value/],
    ['define a «=»', /a value belongs behind “=”/],
    ['include «/etc/x»', /path in quotation marks/],
    ['add set t «s»', /block of the set/],
    ['add element t s «@r»'.replace('«@r»', '«@»r'), /in braces/],
  ];
  for (const [command, mend] of commands) {
    test(command, () => {
      expectOne(`add table ip a\n${command}\nadd table ip b\n`, mend);
      const tree = printed(`add table ip a\n${command.replace(/[«»]/g, '')}\nadd table ip b\n`);
      assert.deepEqual([tree[0], tree[tree.length - 1]], ['add table ip a', 'add table ip b']);
    });
  }
});

describe('a file', () => {
  test('with a byte order mark', () => {
    expectOne('«\ufeff»table ip t {\n}\n', /byte order mark/, ['']);
    assert.deepEqual(printed('\ufefftable ip t {\n}\n'), ['add table ip t {}']);
  });
  test('with lines that end with CR LF: one problem for all of them', () => {
    const text = 'table ip t {\r\n\tchain c {\r\n\t\taccept\r\n\t}\r\n}\r\n';
    expectOne(`«${text.slice(0, 13)}»${text.slice(13)}`, /save the file with LF/);
    assert.deepEqual(printed(text), ['add table ip t {}', '  add chain c {}', '    rule [accept]']);
  });
});
