// Hosts that fare alike, against the plain meaning of it: put one in the other's place, and nothing changes.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { alike } from '../../server/src/features/access/alike.ts';
import { drained } from '../support/four-hosts.ts';

function classesOf(table: readonly (readonly number[])[], kinds: readonly string[] = []): readonly (readonly number[])[] {
  return drained(
    alike(
      table.length,
      (from, to) => table[from]?.[to] ?? 0,
      (one) => kinds[one] ?? '',
    ),
  );
}

/** Whether swapping two leaves the whole table as it is. */
function swappable(table: readonly (readonly number[])[], a: number, b: number): boolean {
  const swap = (one: number): number => (one === a ? b : one === b ? a : one);
  return table.every((row, from) => row.every((value, to) => from === to || table[swap(from)]?.[swap(to)] === value));
}

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('hosts that fare alike', () => {
  test('are one class, whatever they do to each other', () => {
    const spokes = [
      [0, 1, 1, 1],
      [2, 0, 3, 3],
      [2, 3, 0, 3],
      [2, 3, 3, 0],
    ];
    assert.deepEqual(classesOf(spokes), [[0], [1, 2, 3]]);
    const silent = spokes.map((row) => row.map((value) => (value === 3 ? 0 : value)));
    assert.deepEqual(classesOf(silent), [[0], [1, 2, 3]]);
  });

  test('are not one where one of them reaches more, or is reached by more', () => {
    assert.deepEqual(
      classesOf([
        [0, 1, 0],
        [0, 0, 0],
        [0, 0, 0],
      ]),
      [[0], [1], [2]],
    );
    assert.deepEqual(
      classesOf([
        [0, 0, 7],
        [0, 0, 7],
        [0, 0, 0],
      ]),
      [[0, 1], [2]],
    );
  });

  test('are not one where one reaches the other and not the reverse', () => {
    assert.deepEqual(
      classesOf([
        [0, 1],
        [0, 0],
      ]),
      [[0], [1]],
    );
  });

  test('are never of two kinds', () => {
    assert.deepEqual(
      classesOf(
        [
          [0, 0, 0],
          [0, 0, 0],
          [0, 0, 0],
        ],
        ['host', 'peer', 'host'],
      ),
      [[0, 2], [1]],
    );
  });

  test('in random tables are exactly those that can be swapped', () => {
    const next = random(7);
    let joined = 0;
    for (let round = 0; round < 300; round++) {
      const count = 2 + Math.floor(next() * 6);
      // few values and copied rows, so that there are some
      const kind = Array.from({ length: count }, () => Math.floor(next() * 3));
      const between = Array.from({ length: 9 }, () => Math.floor(next() * 3));
      const table = kind.map((from, i) => kind.map((to, j) => (i === j ? 0 : next() < 0.06 ? 9 : (between[from * 3 + to] ?? 0))));
      const classes = classesOf(table);
      const classOf = (one: number): number => classes.findIndex((members) => members.includes(one));
      assert.deepEqual(classes.flat().sort(), [...kind.keys()].sort());
      for (let a = 0; a < count; a++) {
        for (let b = a + 1; b < count; b++) {
          assert.equal(classOf(a) === classOf(b), swappable(table, a, b), JSON.stringify({ table, a, b, classes }));
          if (classOf(a) === classOf(b)) joined++;
        }
      }
    }
    assert.ok(joined > 100, `${joined} pairs were alike`);
  });
});
