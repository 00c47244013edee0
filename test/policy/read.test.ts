// The workspace file: what is taken, what is told.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
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
    for (const text of ['', '{', '}{', 'null', '{"hosts":{"a":{"addresses":[[],{},null]}}}', '\u0000', '{"rules":[]}']) readPolicy(text);
  });
});
