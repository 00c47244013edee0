// Words in messages, structural equality.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { equalData } from '../../server/src/text/equal.ts';
import { counted, editDistance, listed, nearest, quoted } from '../../server/src/text/words.ts';

describe('words', () => {
  test('lists', () => {
    assert.equal(listed([]), '');
    assert.equal(listed(['a']), 'a');
    assert.equal(listed(['a', 'b']), 'a or b');
    assert.equal(listed(['a', 'b', 'c'], 'and'), 'a, b and c');
    assert.equal(listed(['a', 'b', 'c', 'd'], 'or', 2), 'a, b or 2 more');
  });

  test('counts', () => {
    assert.equal(counted(1, 'peer'), '1 peer');
    assert.equal(counted(12_345, 'peer'), '12,345 peers');
    assert.equal(counted(0, 'address', 'addresses'), '0 addresses');
  });

  test('quotes are short, of one line, and hold no key', () => {
    assert.equal(quoted('a b'), '“a b”');
    assert.equal(quoted('a\n\u0000\ud800b'), '“a···b”');
    assert.equal(quoted(`x${'é'.repeat(80)}`), `“x${'é'.repeat(59)}…”`);
    const key = 'QFnx8qGb5pvuErKF8ZHwLRaqcmXUCR3vm3HTCpBhHXw=';
    assert.equal(quoted(`PrivateKey ${key} x`), '“PrivateKey … x”');
    // a key that lost its first characters, or holds a wrong one, is still nearly a key
    assert.equal(quoted(key.slice(9)), '“…”');
    for (const broken of [
      `${key.slice(0, 20)}!${key.slice(20)}`,
      `${key.slice(0, 30)}…${key.slice(30)}`,
      `${key.slice(0, 18)} ${key.slice(18)}`,
    ]) {
      const shown = quoted(broken);
      for (let i = 0; i + 12 <= key.length; i++) assert.ok(!shown.includes(key.slice(i, i + 12)), `${shown} shows a part of the key`);
    }
    assert.equal(quoted('hub.some-rather-long-name.example.net'), '“hub.some-rather-long-name.example.net”');
  });

  test('the distance of two words counts slips of the finger, and stops at the limit', () => {
    assert.equal(editDistance('accept', 'accept', 2), 0);
    assert.equal(editDistance('acept', 'accept', 2), 1);
    assert.equal(editDistance('accpet', 'accept', 2), 1);
    assert.equal(editDistance('drop', 'accept', 2), 3);
    assert.equal(editDistance('', 'ab', 2), 2);
    assert.equal(editDistance('abcdef', 'a', 2), 3);
  });

  test('the nearest candidates, as many slips as the word is long enough for', () => {
    assert.deepEqual(nearest('acept', ['accept', 'drop']), ['accept']);
    assert.deepEqual(nearest('ListnPort', ['ListenPort', 'PrivateKey']), ['ListenPort']);
    assert.deepEqual(nearest('DNZ', ['DNS', 'MTU']), ['DNS']);
    assert.deepEqual(nearest('xyz', ['DNS']), []);
    assert.deepEqual(nearest('ip', ['ip6', 'ip', 'up']), ['ip'], 'the nearest alone');
  });
});

describe('equality of data', () => {
  test('tells what is the same from what is not', () => {
    const data = { a: [1, 2n, { b: null, c: 'x' }], d: true };
    assert.equal(equalData(data, structuredClone(data)), true);
    for (const other of [
      { ...data, d: false },
      { ...data, e: 1 },
      { d: true },
      { ...data, a: [1, 2n] },
      { ...data, a: [1, 2, { b: null, c: 'x' }] },
      { ...data, a: [1, 2n, { b: undefined, c: 'x' }] },
      { ...data, a: { 0: 1, length: 3 } },
      null,
      'x',
    ])
      assert.equal(equalData(data, other), false);
    assert.equal(equalData([], {}), false);
    assert.equal(equalData(Number.NaN, Number.NaN), true);
  });
});
