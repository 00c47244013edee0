// Ranges as prefixes, and as nft writes them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seeded } from '../../scripts/bench/random.ts';
import { masked, parseAddress, parsePrefix, prefixText } from '../../server/src/net/address.ts';
import { type AddressSet, addressSet } from '../../server/src/net/address-set.ts';
import { prefixesOf, rangeText4, rangeText6 } from '../../server/src/net/ranges.ts';

function four(text: string): number {
  const address = parseAddress(text);
  return address?.version === 4 ? address.value : assert.fail(text);
}

function six(text: string): bigint {
  const address = parseAddress(text);
  return address?.version === 6 ? address.value : assert.fail(text);
}

describe('prefixes of a range', () => {
  for (const [from, to, wanted] of [
    ['10.0.0.1', '10.0.0.1', ['10.0.0.1/32']],
    ['10.0.0.0', '10.0.0.255', ['10.0.0.0/24']],
    ['10.0.0.1', '10.0.0.4', ['10.0.0.1/32', '10.0.0.2/31', '10.0.0.4/32']],
    ['0.0.0.0', '255.255.255.255', ['0.0.0.0/0']],
    ['255.255.255.254', '255.255.255.255', ['255.255.255.254/31']],
  ] as const) {
    test(`${from}-${to}`, () => {
      assert.deepEqual(prefixesOf({ v4: [{ from: four(from), to: four(to) }], v6: [] }).map(prefixText), wanted);
    });
  }
  test('of IPv6', () => {
    const set: AddressSet = { v4: [], v6: [{ from: six('fd00::1'), to: six('fd00::4') }] };
    assert.deepEqual(prefixesOf(set).map(prefixText), ['fd00::1/128', 'fd00::2/127', 'fd00::4/128']);
    assert.deepEqual(prefixesOf({ v4: [], v6: [{ from: 0n, to: 2n ** 128n - 1n }] }).map(prefixText), ['::/0']);
  });
  test('hold the same addresses, whatever the range is', () => {
    const random = seeded(7);
    for (let i = 0; i < 500; i++) {
      const from = random.int(2 ** 31);
      const set: AddressSet = { v4: [{ from, to: from + random.int(2 ** (1 + random.int(30))) }], v6: [] };
      const prefixes = prefixesOf(set);
      assert.deepEqual(addressSet(prefixes), set);
      assert.ok(prefixes.length <= 62);
    }
  });
});

test('a range as nft takes it: an address, a prefix, or first and last', () => {
  const all = (text: string): { from: number; to: number } =>
    addressSet([masked(parsePrefix(text) ?? assert.fail(text))]).v4[0] ?? assert.fail(text);
  assert.equal(rangeText4(all('10.0.0.7/32')), '10.0.0.7');
  assert.equal(rangeText4(all('10.0.0.0/23')), '10.0.0.0/23');
  assert.equal(rangeText4(all('0.0.0.0/0')), '0.0.0.0/0');
  assert.equal(rangeText4({ from: four('10.0.0.7'), to: four('10.0.0.9') }), '10.0.0.7-10.0.0.9');
  assert.equal(rangeText6({ from: six('fd00::'), to: six('fd00::ffff') }), 'fd00::/112');
  assert.equal(rangeText6({ from: six('fd00::1'), to: six('fd00::3') }), 'fd00::1-fd00::3');
});
