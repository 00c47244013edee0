// Rectangles that overlap become ones that do not, and hold the same packets.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded } from '../../scripts/bench/random.ts';
import { disjoint, type Rectangle } from '../../server/src/generate/elements.ts';
import { v4Domain } from '../../server/src/net/intervals.ts';

const at = (from: number, to: number): { from: number; to: number } => ({ from, to });

function holds(rectangles: readonly Rectangle<number>[], from: number, to: number, port: number): number {
  return rectangles.filter(
    (one) =>
      one.from.from <= from &&
      from <= one.from.to &&
      one.to.from <= to &&
      to <= one.to.to &&
      (one.ports ?? []).some((range) => range.from <= port && port <= range.to),
  ).length;
}

test('what lies apart stays as it is, in order', () => {
  const one: Rectangle<number> = { from: at(7, 7), to: at(20, 20), ports: [at(443, 443)], labels: ['a'] };
  const other: Rectangle<number> = { from: at(2, 2), to: at(30, 30), ports: [at(22, 22)], labels: ['b'] };
  assert.deepEqual(disjoint([one, other], v4Domain), [other, one]);
  assert.deepEqual(disjoint([], v4Domain), []);
});

test('one pair is one row, with the ports and grants of all', () => {
  const row = (ports: Rectangle<number>['ports'], label: string): Rectangle<number> => ({
    from: at(7, 7),
    to: at(20, 20),
    ports,
    labels: [label],
  });
  assert.deepEqual(disjoint([row([at(443, 443)], 'a'), row([at(440, 442), at(22, 22)], 'b'), row([at(443, 443)], 'a')], v4Domain), [
    { from: at(7, 7), to: at(20, 20), ports: [at(22, 22), at(440, 443)], labels: ['a', 'b'] },
  ]);
});

test('neighbours that say the same are one, across and down', () => {
  const cells = [0, 1].flatMap((from) =>
    [4, 5].map((to): Rectangle<number> => ({ from: at(from, from), to: at(to, to), ports: null, labels: ['a'] })),
  );
  assert.deepEqual(disjoint(cells, v4Domain), [{ from: at(0, 1), to: at(4, 5), ports: null, labels: ['a'] }]);
});

test('whatever overlaps: each packet is in one rectangle, if it was in any', () => {
  const random = seeded(3);
  for (let run = 0; run < 200; run++) {
    const range = (): { from: number; to: number } => {
      const from = random.int(12);
      return at(from, from + random.int(4));
    };
    const given = Array.from(
      { length: 1 + random.int(6) },
      (_, i): Rectangle<number> => ({ from: range(), to: range(), ports: [range()], labels: [`${i}`] }),
    );
    const cut = disjoint(given, v4Domain);
    for (let from = 0; from < 16; from++)
      for (let to = 0; to < 16; to++)
        for (let port = 0; port < 16; port++)
          assert.equal(holds(cut, from, to, port), holds(given, from, to, port) > 0 ? 1 : 0, `run ${run}: ${from} ${to} ${port}`);
  }
});
