// The workspace file: what is taken, what is told.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Party } from '../../server/src/policy/facts.ts';
import { readPolicy } from '../../server/src/policy/read.ts';
import { keyPair } from '../support/keys.ts';

const { publicKey } = keyPair();

describe('a sound file', () => {
  const text = `{
  // levels
  "rules": { "wireguard/missing-preshared-key": "off" },
  "hosts": {
    "database": { "publicKey": "${publicKey}", "addresses": ["10.10.0.2", "fd00::2"], "role": "spoke", "routes": ["192.168.7.0/24"], "folder": "./hosts/db/" },
    "exit": { "role": "exit-gateway", },
  },
}`;
  const { facts, problems, ruleNames } = readPolicy(text);
  test('is taken as a whole', () => {
    assert.deepEqual(problems, []);
    assert.deepEqual(facts.rules, { 'wireguard/missing-preshared-key': 'off' });
    assert.deepEqual(facts.hosts, [
      {
        name: 'database',
        publicKeys: [publicKey],
        addresses: [
          { version: 4, value: 0x0a0a0002 },
          { version: 6, value: 0xfd000000000000000000000000000002n },
        ],
        role: 'spoke',
        routes: [{ version: 4, first: 0xc0a80700, length: 24 }],
        folder: 'hosts/db',
      },
      { name: 'exit', publicKeys: [], addresses: [], role: 'exit-gateway', routes: [], folder: null },
    ]);
    assert.deepEqual(
      ruleNames.map(({ start, end }) => text.slice(start, end)),
      ['"wireguard/missing-preshared-key"'],
    );
  });
  test('keeps its facts where only a comment changed', () => {
    const old = readPolicy(text);
    assert.equal(readPolicy(text.replace('// levels', '// how loud'), old).facts, old.facts);
    assert.notEqual(readPolicy(text.replace('"off"', '"hint"'), old).facts, old.facts);
  });
});

const service = (text: string, protocols: readonly number[] | null, ports: readonly (readonly [number, number])[] | null) => ({
  text,
  protocols,
  ports: ports === null ? null : ports.map(([from, to]) => ({ from, to })),
});

describe('groups, grants and tests', () => {
  const text = `{
  "groups": { "servers": ["app", "database"], "all": ["servers", "10.10.0.9", "192.168.7.0/24"] },
  "grants": [
    { "src": ["laptop"], "dst": "servers", "ip": ["tcp:443", "udp:53,5353", "icmp", "tcp:8000-8100", "*"] },
    { "src": "*", "dst": ["fd00::2"], "ip": "tcp:*" },
  ],
  "tests": [
    { "src": "laptop", "accept": ["app:tcp:443"], "deny": ["*", "database:*", "[fd00::2]:udp:53", "fd00::2:tcp:22", "10.10.0.0/24:icmp"] },
    { "src": ["all"], "proto": "tcp", "accept": ["app:443,8443"], "view": "blast-radius" },
  ],
}`;
  const reading = readPolicy(text);
  const { facts, places } = reading;
  const said = (at: { readonly statement: number; readonly item: number }): string => {
    const span = places[at.statement]?.[at.item];
    return span ? text.slice(span.start, span.end) : '?';
  };
  const partySaid = (parties: readonly Party[]): readonly string[] => parties.map(({ kind, at }) => `${kind} ${said(at)}`);

  test('are taken as a whole', () => {
    assert.deepEqual(reading.problems, []);
    assert.equal(facts.unread, false);
    assert.deepEqual(
      facts.groups.map(({ name, at, members }) => [name, said(at), ...partySaid(members)]),
      [
        ['servers', 'servers', 'name app', 'name database'],
        ['all', 'all', 'name servers', 'prefix 10.10.0.9', 'prefix 192.168.7.0/24'],
      ],
    );
    assert.deepEqual(
      facts.grants?.map(({ src, dst, ip }) => [partySaid(src), partySaid(dst), ip.map(({ at }) => said(at))]),
      [
        [['name laptop'], ['name servers'], ['tcp:443', 'udp:53,5353', 'icmp', 'tcp:8000-8100', '*']],
        [['any *'], ['prefix fd00::2'], ['tcp:*']],
      ],
    );
    assert.deepEqual(
      facts.grants?.flatMap(({ ip }) => ip.map(({ at: _, ...rest }) => rest)),
      [
        service('tcp:443', [6], [[443, 443]]),
        service(
          'udp:53,5353',
          [17],
          [
            [53, 53],
            [5353, 5353],
          ],
        ),
        service('icmp', [1, 58], null),
        service('tcp:8000-8100', [6], [[8000, 8100]]),
        service('*', null, null),
        service('tcp:*', [6], null),
      ],
    );
    assert.deepEqual(said(facts.grants?.[0]?.at ?? { statement: -1, item: 0 }).slice(0, 20), '{ "src": ["laptop"],');
  });

  test('targets of tests say whom and what, each with its place', () => {
    const shown = facts.tests.map(({ src, accept, deny, view }) => ({
      src: partySaid(src),
      accept: accept.map(({ at, party, service: { text: what } }) => `${said(at)} = ${partySaid([party])} ${what}`),
      deny: deny.map(({ at, party, service: { text: what } }) => `${said(at)} = ${partySaid([party])} ${what}`),
      view,
    }));
    assert.deepEqual(shown, [
      {
        src: ['name laptop'],
        accept: ['app:tcp:443 = name app tcp:443'],
        deny: [
          '* = any * *',
          'database:* = name database *',
          '[fd00::2]:udp:53 = prefix fd00::2 udp:53',
          'fd00::2:tcp:22 = prefix fd00::2 tcp:22',
          '10.10.0.0/24:icmp = prefix 10.10.0.0/24 icmp',
        ],
        view: null,
      },
      { src: ['name all'], accept: ['app:443,8443 = name app tcp:443,8443'], deny: [], view: 'blast-radius' },
    ]);
  });

  test('names are told where they stand', () => {
    assert.deepEqual(
      reading.names.map(({ name, span, makes }) => `${name} ${text.slice(span.start, span.end)} ${makes}`),
      [
        'servers servers group',
        'app app null',
        'database database null',
        'all all group',
        'servers servers null',
        'laptop laptop null',
        'servers servers null',
        'laptop laptop null',
        'app app null',
        'database database null',
        'all all null',
        'app app null',
      ],
    );
  });

  test('an edit of grants leaves the hosts of the mesh as they are', () => {
    const old = readPolicy('{ "hosts": { "a": { "addresses": "10.0.0.1" } }, "grants": [] }');
    const next = readPolicy(
      '{ "hosts": { "a": { "addresses": "10.0.0.1" } }, "grants": [ ] , "tests": [{ "src": "a", "deny": "*" }] }',
      old,
    );
    assert.notEqual(next.facts, old.facts);
    assert.equal(next.facts.hosts, old.facts.hosts);
  });

  test('grants that are there and empty are not grants that are left out', () => {
    assert.equal(readPolicy('{}').facts.grants, null);
    assert.deepEqual(readPolicy('{ "grants": [] }').facts.grants, []);
  });

  test('what is not read of them is known to be missing', () => {
    for (const wrong of [
      '{ "grants": [{ "src": "a", "dst": "b", "ip": "tcp:0" }] }',
      '{ "groups": { "g": 1 } }',
      '{ "grants": [ { "src": "a"',
    ]) {
      assert.equal(readPolicy(wrong).facts.unread, true, wrong);
    }
    assert.equal(readPolicy('{ "tests": [{ "src": "a", "deny": "b" }], "rules": { "x": 1 } }').facts.unread, false);
  });
});

describe('what cannot be taken is told where it stands, and the rest counts', () => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['{ "rules": { "mesh/x": "loud" } }', '"loud"', /off, hint, info, warning or error/],
    ['{ "rule": {} }', '"rule"', /did you mean rules/],
    ['{ "hosts": { "a": { "role": "gateway" } } }', '"gateway"', /There is no role/],
    ['{ "hosts": { "a": { "addresses": "10.0.0" } } }', '"10.0.0"', /no address/],
    ['{ "hosts": { "a": { "routes": ["10.0.0.7/24"] } } }', '"10.0.0.7/24"', /write 10\.0\.0\.0\/24/],
    ['{ "hosts": { "a": { "publicKey": "abc" } } }', '"abc"', /no public key/],
    ['{ "hosts": { "a": { "addreses": [] } } }', '"addreses"', /did you mean addresses/],
    ['[]', '[]', /must hold an object/],
    ['{ "hosts": { "a": 1 } }', '1', /must be an object/],
    ['{ "groups": [] }', '[]', /must be an object/],
    ['{ "groups": { "g": [] } }', '[]', /Nobody is in “g”/],
    ['{ "groups": { "g": ["*"] } }', '"*"', /write \* in the grant/],
    ['{ "groups": { "a": ["b"], "b": ["c"], "c": ["a"] } }', 'a', /a → b → c → a/],
    ['{ "groups": { "a": ["a"] } }', 'a', /a → a/],
    ['{ "hosts": { "a": {} }, "groups": { "a": ["b"] } }', '"a"', /is a host as well/],
    ['{ "groups": { "g": ["b"], "g": ["c"] } }', '"g"', /already/],
    ['{ "groups": { "10.0.0.1": ["b"] } }', '"10.0.0.1"', /name of its own/],
    ['{ "grants": {} }', '{}', /must be a list/],
    ['{ "grants": [1] }', '1', /must be an object/],
    ['{ "grants": [{ "src": "a", "dst": "b" }] }', '{', /has no “ip”/],
    ['{ "grants": [{ "src": "a", "dst": "b", "ip": "*", "ports": 1 }] }', '"ports"', /A grant has no “ports”/],
    ['{ "grants": [{ "src": [], "dst": "b", "ip": "*" }] }', '[]', /“src” names nobody/],
    ['{ "grants": [{ "src": [""], "dst": "b", "ip": "*" }] }', '""', /A name is missing/],
    ['{ "grants": [{ "src": "10.0.0.300", "dst": "b", "ip": "*" }] }', '"10.0.0.300"', /is no address/],
    ['{ "grants": [{ "src": "10.0.0.7/24", "dst": "b", "ip": "*" }] }', '"10.0.0.7/24"', /write 10\.0\.0\.0\/24/],
    ['{ "grants": [{ "src": "a", "dst": "b", "ip": [] }] }', '[]', /names no service/],
    ['{ "grants": [{ "src": "a", "dst": "b", "ip": "" }] }', '""', /A service is missing/],
    ['{ "grants": [{ "src": "a", "dst": "b", "ip": "443" }] }', '"443"', /Write tcp:443 or udp:443/],
    ['{ "grants": [{ "src": "a", "dst": "b", "ip": "tcp/443" }] }', '"tcp/443"', /write tcp:443/],
    ['{ "grants": [{ "src": "a", "dst": "b", "ip": "tcp" }] }', '"tcp"', /Which port\?/],
    ['{ "grants": [{ "src": "a", "dst": "b", "ip": "icmp:8" }] }', '"icmp:8"', /icmp has no ports/],
    ['{ "grants": [{ "src": "a", "dst": "b", "ip": "tpc:443" }] }', '"tpc:443"', /did you mean tcp/],
    ['{ "grants": [{ "src": "a", "dst": "b", "ip": "tcp:65536" }] }', '"tcp:65536"', /no port 65536/],
    ['{ "grants": [{ "src": "a", "dst": "b", "ip": "tcp:90-80" }] }', '"tcp:90-80"', /write 80-90/],
    ['{ "grants": [{ "src": "a", "dst": "b", "ip": "tcp:https" }] }', '"tcp:https"', /“https” is no port/],
    ['{ "tests": 1 }', '1', /must be a list/],
    ['{ "tests": [{ "accept": ["b:tcp:1"] }] }', '{', /has no “src”/],
    ['{ "tests": [{ "src": "a" }] }', '{', /asks nothing/],
    ['{ "tests": [{ "src": "a", "deny": ["b"] }] }', '"b"', /Write b:tcp:443/],
    ['{ "tests": [{ "src": "a", "deny": ["b:443"] }] }', '"b:443"', /of which protocol/],
    ['{ "tests": [{ "src": "a", "deny": ["b:tpc:443"] }] }', '"b:tpc:443"', /did you mean tcp/],
    ['{ "tests": [{ "src": "a", "deny": [":tcp:443"] }] }', '":tcp:443"', /Write HOST:tcp:443/],
    ['{ "tests": [{ "src": "a", "proto": "tcp", "deny": ["fd00::2:443"] }] }', '"fd00::2:443"', /\[fd00::2\]:tcp:443/],
    ['{ "tests": [{ "src": "a", "proto": "tpc", "deny": ["b:tcp:1"] }] }', '"tpc"', /no protocol/],
    ['{ "tests": [{ "src": "a", "view": "all", "deny": ["*"] }] }', '"all"', /access or blast-radius/],
    ['{ "tests": [{ "src": "a", "denny": ["*"], "deny": ["*"] }] }', '"denny"', /did you mean deny/],
    ['{ "hosts": {}, "hosts": {} }', '"hosts"', /only this one counts/],
    ['{ "rules": { "mesh/x" "off" } }', '"off"', /not JSON/],
  ];
  for (const [text, at, says] of cases) {
    test(text, () => {
      const { problems } = readPolicy(text);
      assert.ok(problems.length > 0);
      assert.match(problems[0]?.message ?? '', says);
      assert.equal(text.slice(problems[0]?.start, problems[0]?.end), at);
    });
  }
  test('no text makes it throw', () => {
    for (const text of [
      '',
      '{',
      '}{',
      'null',
      '{"hosts":{"a":{"addresses":[[],{},null]}}}',
      '\u0000',
      '{"rules":[]}',
      '{"grants":[{"src":[[]],"dst":{},"ip":[null]}],"tests":[{"src":1}]}',
      '{"groups":{"a":',
      '{"tests":[{"src":"\\u0061","deny":"\\u0061:*"}]}',
    ])
      readPolicy(text);
  });
});
