// What rules say word for word alike is one object; what differs in a word is not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsedFile } from '../../server/src/analysis/parsed-file.ts';
import type { RuleCode } from '../../server/src/nftables/rule-code.ts';
import type { StatementFact } from '../../server/src/nftables/statement-facts.ts';
import { sourceFile } from '../../server/src/text/source-file.ts';

function codesOf(...rules: readonly string[]): readonly (readonly RuleCode[])[] {
  const text = `define lan = 10.0.0.0/8\ntable inet t {\n  chain c {\n${rules.map((rule) => `    ${rule}\n`).join('')}  }\n}\n`;
  const { facts } = parsedFile(sourceFile('file:///t.nft', 1, 'nftables', text));
  assert.ok('statements' in facts);
  return (facts.statements as readonly StatementFact[]).flatMap((fact) => (fact.kind === 'rule' ? [fact.code] : []));
}

test('matches and verdicts that are written alike are one object, whatever stands around them', () => {
  const [one = [], other = []] = codesOf(
    'iifname "wg0" ip saddr 10.0.0.1 tcp dport { 22, 80 } accept',
    'ip saddr 10.0.0.1 counter tcp dport { 22, 80 } iifname "wg0" accept # again',
  );
  assert.equal(one[0], other[3]);
  assert.equal(one[1], other[0]);
  assert.equal(one[2], other[2]);
  assert.equal(one[3], other[4]);
});

test('what differs in a word, or hangs on a name, is an object of its own', () => {
  const [one = [], other = [], by = [], same = []] = codesOf(
    'ip saddr 10.0.0.1 tcp dport 22 accept',
    'ip saddr != 10.0.0.1 tcp dport 23 drop',
    'ip saddr $lan accept',
    'ip saddr $lan accept',
  );
  for (const place of [0, 1, 2]) assert.notEqual(one[place], other[place]);
  assert.notEqual(by[0], same[0]);
  assert.deepEqual(by, same);
});

test('rules of two statements at most are one list', () => {
  const [one, other, longer, again, first, twice] = codesOf(
    'ct state established,related accept',
    'ct state established,related  accept',
    'iifname "wg0" tcp dport 22 accept',
    'iifname "wg0" tcp dport 22 accept',
    'tcp dport 22',
    'tcp dport 22 tcp dport 22',
  );
  assert.equal(one, other);
  assert.notEqual(longer, again);
  assert.deepEqual(longer, again);
  assert.equal(twice?.length, 2);
  assert.equal(twice?.[0], first?.[0]);
});
