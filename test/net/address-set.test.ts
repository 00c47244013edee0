// Sets of addresses: disjoint intervals, and membership as the prefixes themselves say it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seeded } from '../../scripts/bench/random.ts';
import {
  type Address,
  addressText,
  masked,
  type Prefix,
  parseAddress,
  parsePrefix,
  prefixHolds,
  prefixOf,
} from '../../server/src/net/address.ts';
import { type AddressSet, addressSet, noAddresses, setHolds } from '../../server/src/net/address-set.ts';

const prefixes = (...texts: readonly string[]): readonly Prefix[] => texts.map((text) => masked(parsePrefix(text) ?? assert.fail(text)));

/** The intervals as text. */
function shown(set: AddressSet): readonly string[] {
  const four = set.v4.map(({ from, to }) => [from, to].map((value) => addressText({ version: 4, value })).join('-'));
  const six = set.v6.map(({ from, to }) => [from, to].map((value) => addressText({ version: 6, value })).join('-'));
  return [...four, ...six];
}

describe('a set of addresses', () => {
  test('joins what overlaps, touches or repeats', () => {
    assert.deepEqual(shown(addressSet(prefixes('10.0.1.0/24', '10.0.0.0/24', '10.0.0.7', '10.0.3.0/24', '10.0.3.0/24'))), [
      '10.0.0.0-10.0.1.255',
      '10.0.3.0-10.0.3.255',
    ]);
    assert.deepEqual(shown(addressSet(prefixes('fd00::/64', 'fd00:0:0:1::/64', '::/127', '::2'))), [
      '::-::2',
      'fd00::-fd00::1:ffff:ffff:ffff:ffff',
    ]);
  });

  test('of everything is one interval a version', () => {
    const all = addressSet(prefixes('0.0.0.0/0', '10.0.0.1', '::/0', 'ffff::'));
    assert.deepEqual(shown(all), ['0.0.0.0-255.255.255.255', '::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff']);
    assert.ok(setHolds(all, { version: 4, value: 0xffffffff }));
    assert.ok(setHolds(all, { version: 6, value: 2n ** 128n - 1n }));
  });

  test('keeps IPv4 and IPv6 apart', () => {
    const set = addressSet(prefixes('0.0.0.0/0'));
    assert.ok(!setHolds(set, parseAddress('::1') ?? assert.fail()));
    assert.ok(!setHolds(set, parseAddress('::ffff:10.0.0.1') ?? assert.fail()));
    assert.deepEqual(shown(noAddresses), []);
    assert.ok(!setHolds(noAddresses, { version: 4, value: 0 }));
  });

  test('holds what one of its prefixes holds, of random ones', () => {
    const random = seeded(21);
    for (let round = 0; round < 200; round++) {
      const own: Prefix[] = [];
      for (let n = random.int(12); n > 0; n--) {
        own.push(
          random.int(2) === 0
            ? prefixOf({ version: 4, value: random.int(4096) * 2 ** random.int(20) }, 20 + random.int(13))
            : prefixOf({ version: 6, value: BigInt(random.int(4096)) << BigInt(random.int(100)) }, 100 + random.int(29)),
        );
      }
      const set = addressSet(own);
      for (const intervals of [set.v4, set.v6]) {
        intervals.forEach(({ from, to }, i) => {
          assert.ok(from <= to);
          const before = intervals[i - 1];
          if (before) assert.ok(BigInt(before.to) + 1n < BigInt(from), 'sorted, disjoint, not touching');
        });
      }
      for (let n = 0; n < 60; n++) {
        const near = own.length > 0 ? random.pick(own) : undefined;
        const delta = random.int(600) - 300;
        const one: Address =
          near?.version === 6
            ? { version: 6, value: BigInt.asUintN(128, near.first + BigInt(delta)) }
            : { version: 4, value: Math.max(0, Math.min(2 ** 32 - 1, (near?.first ?? 0) + delta)) };
        assert.equal(
          setHolds(set, one),
          own.some((prefix) => prefixHolds(prefix, one)),
        );
      }
    }
  });
});
