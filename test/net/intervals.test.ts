// Intervals that are looked up give the answers that trying every number gives.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded } from '../../scripts/bench/random.ts';
import type { Interval } from '../../server/src/net/address-set.ts';
import { joined, lieWithin, meet, portDomain } from '../../server/src/net/intervals.ts';

const random = seeded(7);

function some(count: number, most: number): readonly Interval<number>[] {
  const intervals = Array.from({ length: count }, () => {
    const from = random.int(most);
    return { from, to: from + random.int(3) };
  });
  return joined(intervals, portDomain);
}

const numbers = (intervals: readonly Interval<number>[]): readonly number[] =>
  intervals.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, i) => from + i));

test('whether two meet, and whether one lies in the other, of few beside many and of as many', () => {
  const seen = new Set<string>();
  for (let round = 0; round < 2000; round++) {
    const [few, many] = [some(random.int(4), 300), some(random.int(60), 300)];
    const among = new Set(numbers(many));
    const meets = numbers(few).some((n) => among.has(n));
    const within = numbers(few).every((n) => among.has(n));
    assert.deepEqual([meet(few, many), meet(many, few), lieWithin(few, many)], [meets, meets, within], JSON.stringify({ few, many }));
    const fewNumbers = new Set(numbers(few));
    assert.equal(
      lieWithin(many, few),
      numbers(many).every((n) => fewNumbers.has(n)),
    );
    seen.add(`${meets} ${within} ${few.length * 8 < many.length}`);
  }
  assert.equal(seen.size, 8, [...seen].join(', '));
});
