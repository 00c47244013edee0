// AmneziaWG's keys: known in its own folder, or where the setting says so; elsewhere wg's word counts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsedFile, problemsOf } from '../../../server/src/analysis/parsed-file.ts';
import { sourceFile } from '../../../server/src/text/source-file.ts';

const text =
  '[Interface]\nListenPort = 51820\nJc = 4\njmin = 40\nJmax = 70\nS1 = 15\nS4 = 0\nH1 = 1020325451-1020325460\nI1 = <b 0xc7 00><r 16>\n[Peer]\nAdvancedSecurity = on\n';

function told(uri: string, content: string, amneziawg = false): readonly string[] {
  return problemsOf(parsedFile(sourceFile(uri, 1, 'wireguard', content), undefined, null, { amneziawg })).map(
    ({ problem, span }) => `${problem.rule} ${content.slice(span.start, span.end)} ${problem.refusedBy}`,
  );
}

test('in its own folder, and by the setting, they are keys like others', () => {
  assert.deepEqual(told('file:///etc/amnezia/amneziawg/awg0.conf', text), []);
  assert.deepEqual(told('file:///etc/wireguard/wg0.conf', text, true), []);
});

test('elsewhere wg refuses them', () => {
  const found = told('file:///etc/wireguard/wg0.conf', text);
  assert.deepEqual([...new Set(found.map((line) => line.split(' ')[0]))], ['wireguard/unknown-key']);
  assert.equal(found.length, 8);
});

test('their place and their numbers are checked', () => {
  const uri = 'file:///etc/amnezia/amneziawg/awg0.conf';
  assert.deepEqual(told(uri, '[Interface]\nJc = four\n'), ['wireguard/invalid-value four awg']);
  assert.deepEqual(told(uri, '[Peer]\nJc = 4\n'), ['wireguard/misplaced-key Jc wg']);
});
