// Addresses and prefixes: what inet_pton(3) and wg take, and what other readers take and these do not.
import assert from 'node:assert/strict';
import { isIPv4, isIPv6 } from 'node:net';
import { describe, test } from 'node:test';
import { seeded } from '../../scripts/bench/random.ts';
import {
  type Address,
  addressKey,
  addressText,
  firstOf,
  hasHostBits,
  hostBits,
  isHost,
  lastOf,
  masked,
  type Prefix,
  parseAddress,
  parsePrefix,
  prefixHolds,
  prefixKey,
  prefixOf,
  prefixText,
  prefixWithin,
  sameAddress,
  samePrefix,
  sizeText,
} from '../../server/src/net/address.ts';

function address(text: string): Address {
  const parsed = parseAddress(text);
  assert.ok(parsed, text);
  return parsed;
}

function prefix(text: string): Prefix {
  const written = parsePrefix(text);
  assert.ok(written, text);
  return masked(written);
}

describe('an address', () => {
  test('is four decimal parts, or IPv6 in any of its forms', () => {
    assert.deepEqual(address('0.0.0.0'), { version: 4, value: 0 });
    assert.deepEqual(address('10.0.0.1'), { version: 4, value: 0x0a000001 });
    assert.deepEqual(address('255.255.255.255'), { version: 4, value: 0xffffffff });
    assert.deepEqual(address('::'), { version: 6, value: 0n });
    assert.deepEqual(address('::1'), { version: 6, value: 1n });
    assert.deepEqual(address('FD00:0:0::1'), { version: 6, value: 0xfd00_0000_0000_0000_0000_0000_0000_0001n });
    assert.deepEqual(address('::ffff:1.2.3.4'), { version: 6, value: 0xffff_0102_0304n });
    assert.deepEqual(address('::1.2.3.4'), { version: 6, value: 0x0102_0304n }, 'not ::ffff:1.2.3.4, as ipaddr.js reads it');
    assert.deepEqual(address('64:ff9b::255.255.255.255'), { version: 6, value: (0x64_ff9bn << 96n) | 0xffff_ffffn });
    assert.deepEqual(address('1:2:3:4:5:6:7.8.9.10'), { version: 6, value: 0x0001_0002_0003_0004_0005_0006_0708_090an });
  });

  const refused: readonly (readonly [string, string])[] = [
    ['010.0.0.1', '8.0.0.1 to inet_aton(3) and ipaddr.js'],
    ['10.0.0.01', 'a leading zero'],
    ['10.1', '10.0.0.1 to inet_aton(3)'],
    ['10', '0.0.0.10 to inet_aton(3)'],
    ['0x0a.0.0.1', 'hexadecimal'],
    ['10.0.0.256', 'a part too large'],
    ['10.0.0.1.2', 'five parts'],
    ['10.0.0.', 'no last part'],
    ['.10.0.0', 'no first part'],
    ['10..0.1', 'no part between'],
    ['10.0.0.1 ', 'a space'],
    ['-1.0.0.1', 'a sign'],
    ['', 'nothing'],
    ['fe80::1%eth0', 'a zone'],
    ['fe80::1%', 'an empty zone'],
    ['[::1]', 'brackets'],
    ['1:2:3:4:5:6:7', 'seven groups'],
    ['1:2:3:4:5:6:7:8:9', 'nine groups'],
    ['1::2::3', 'two gaps'],
    [':::', 'three colons'],
    ['12345::', 'a group too long'],
    ['::1.2.3', 'a short IPv4 in it'],
    ['::01.2.3.4', 'a leading zero in the IPv4 in it'],
    ['g::', 'no digit'],
    ['1.2.3.4::', 'IPv4 first'],
  ];
  for (const [text, why] of refused) test(`is not “${text}”: ${why}`, () => assert.equal(parseAddress(text), null));

  test('is what Node’s own inet_pton takes, of random texts', () => {
    const random = seeded(3);
    const pieces = ['0', '1', '10', '255', '256', '01', 'f', 'fd00', 'abcde', ':', '::', '.', '..', '%', '1.2.3.4', '/', 'x'];
    let taken = 0;
    for (let i = 0; i < 100_000; i++) {
      let text = '';
      for (let n = 1 + random.int(9); n > 0; n--) text += random.pick(pieces);
      const parsed = parseAddress(text);
      // Node takes zones as well
      const expected = isIPv4(text) ? 4 : isIPv6(text) && !text.includes('%') ? 6 : null;
      assert.equal(parsed?.version ?? null, expected, text);
      if (parsed) taken++;
    }
    assert.ok(taken > 1000, `only ${taken} were addresses`);
  });

  test('is written as RFC 5952 says, and read back', () => {
    const texts = ['10.0.0.1', '255.255.255.255', '0.0.0.0', '::', '::1', 'fd00::1', '2001:db8:0:1:1:1:1:1', '1:0:0:2::3'];
    for (const text of texts) assert.equal(addressText(address(text)), text);
    assert.equal(addressText(address('2001:DB8:0:0:0:0:0:1')), '2001:db8::1');
    assert.equal(addressText(address('1:0:0:2:0:0:0:3')), '1:0:0:2::3');
    const random = seeded(4);
    for (let i = 0; i < 2000; i++) {
      const one: Address =
        i % 2 === 0
          ? { version: 4, value: random.int(2 ** 32) }
          : { version: 6, value: BigInt(random.int(2 ** 32)) << BigInt(random.int(97)) };
      assert.deepEqual(parseAddress(addressText(one)), one);
    }
  });

  test('has a key of its own; 4 and 6 are never the same', () => {
    const all = ['0.0.0.1', '::1', '1.0.0.0', '::', '0.0.0.0'].map(address);
    assert.equal(new Set(all.map(addressKey)).size, all.length);
    assert.ok(sameAddress(address('fd00::1'), address('fd00:0::1')));
    assert.ok(!sameAddress(address('0.0.0.1'), address('::1')));
    assert.deepEqual(all.map(hostBits), [32, 128, 32, 128, 32]);
  });
});

describe('a prefix', () => {
  test('as written keeps its host bits and says whether it has a length', () => {
    assert.deepEqual(parsePrefix('10.0.0.7/24'), { address: address('10.0.0.7'), length: 24, explicit: true });
    assert.deepEqual(parsePrefix('10.0.0.7'), { address: address('10.0.0.7'), length: 32, explicit: false });
    assert.deepEqual(parsePrefix('fd00::7'), { address: address('fd00::7'), length: 128, explicit: false });
    assert.deepEqual(parsePrefix('10.0.0.0/024'), { address: address('10.0.0.0'), length: 24, explicit: true }, 'as wg takes it');
    assert.deepEqual(parsePrefix('::/0'), { address: address('::'), length: 0, explicit: true });
  });

  for (const text of [
    '10/8',
    '10.0.0/24',
    '10.0.0.0/33',
    'fd00::/129',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '10.0.0.0/+8',
    '10.0.0.0/8.0',
    '10.0.0.0/255.0.0.0',
    '10.0.0.0/8/8',
    '10.0.0.0/ 8',
    '/8',
    '010.0.0.0/8',
  ])
    test(`is not “${text}”`, () => assert.equal(parsePrefix(text), null));

  test('loses its host bits when it is masked', () => {
    assert.equal(prefixText(prefix('10.1.2.3/8')), '10.0.0.0/8');
    assert.equal(prefixText(prefix('255.255.255.255/0')), '0.0.0.0/0');
    assert.equal(prefixText(prefix('255.255.255.255/1')), '128.0.0.0/1');
    assert.equal(prefixText(prefix('fd00:1:2:3:4:5:6:7/64')), 'fd00:1:2:3::/64');
    assert.equal(prefixText(prefix('ffff::1/0')), '::/0');
    const written = (text: string) => hasHostBits(parsePrefix(text) as NonNullable<ReturnType<typeof parsePrefix>>);
    assert.deepEqual(['10.0.0.1/24', '10.0.0.0/24', '10.0.0.1/32', '10.0.0.1', '::1/0', '::/0'].map(written), [
      true,
      false,
      false,
      false,
      true,
      false,
    ]);
  });

  test('has a first and a last address, and says how many there are', () => {
    const ends = (text: string) => `${addressText(firstOf(prefix(text)))}-${addressText(lastOf(prefix(text)))} ${sizeText(prefix(text))}`;
    assert.equal(ends('10.0.0.0/24'), '10.0.0.0-10.0.0.255 256 addresses');
    assert.equal(ends('10.0.0.9/32'), '10.0.0.9-10.0.0.9 1 address');
    assert.equal(ends('0.0.0.0/0'), '0.0.0.0-255.255.255.255 4,294,967,296 addresses');
    assert.equal(ends('fd00::/64'), 'fd00::-fd00::ffff:ffff:ffff:ffff 2^64 addresses');
    assert.equal(ends('::/0'), '::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 2^128 addresses');
  });

  test('holds what begins with its bits, of its own version alone', () => {
    const cases: readonly (readonly [string, string, boolean])[] = [
      ['10.0.0.0/24', '10.0.0.255', true],
      ['10.0.0.0/24', '10.0.1.0', false],
      ['0.0.0.0/0', '255.255.255.255', true],
      ['128.0.0.0/1', '127.255.255.255', false],
      ['fd00::/8', 'fdff::', true],
      ['fd00::/8', 'fe00::', false],
      ['::/0', '0.0.0.1', false],
      ['0.0.0.0/0', '::', false],
    ];
    for (const [outer, inner, expected] of cases)
      assert.equal(prefixHolds(prefix(outer), address(inner)), expected, `${inner} in ${outer}`);
    assert.ok(prefixWithin(prefix('10.0.0.0/25'), prefix('10.0.0.0/24')));
    assert.ok(prefixWithin(prefix('10.0.0.0/24'), prefix('10.0.0.0/24')));
    assert.ok(!prefixWithin(prefix('10.0.0.0/23'), prefix('10.0.0.0/24')));
    assert.ok(!prefixWithin(prefix('10.0.1.0/25'), prefix('10.0.0.0/24')));
    assert.ok(samePrefix(prefix('10.0.0.1/24'), prefix('10.0.0.2/24')));
    assert.ok(!samePrefix(prefix('0.0.0.0/0'), prefix('::/0')));
    assert.notEqual(prefixKey(prefix('10.0.0.0/24')), prefixKey(prefix('10.0.0.0/25')));
    assert.ok(isHost(prefix('10.0.0.1')) && isHost(prefix('::/128')) && !isHost(prefix('::/127')));
  });

  test('is what BigInt arithmetic says, of random ones', () => {
    const random = seeded(8);
    for (let i = 0; i < 5000; i++) {
      const bits = random.int(2) === 0 ? 32 : 128;
      const value =
        bits === 32 ? BigInt(random.int(2 ** 32)) : (BigInt(random.int(2 ** 32)) << 96n) | (BigInt(random.int(2 ** 32)) << 40n) | 77n;
      const length = random.int(bits + 1);
      const one: Address = bits === 32 ? { version: 4, value: Number(value) } : { version: 6, value };
      const made = prefixOf(one, length);
      const rest = BigInt(bits - length);
      assert.equal(BigInt(made.first), (value >> rest) << rest);
      assert.equal(BigInt(lastOf(made).value), ((value >> rest) << rest) + (1n << rest) - 1n);
      assert.ok(prefixHolds(made, one));
    }
  });
});
