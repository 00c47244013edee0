// Hosts that getaddrinfo takes for numbers. The expected values are what glibc's inet_aton makes of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressText } from '../../server/src/net/address.ts';
import { numericHost, readsOtherwise } from '../../server/src/net/numeric-host.ts';

const taken = (host: string) => {
  const address = numericHost(host);
  return address && addressText(address);
};

test('all forms of inet_aton', () => {
  for (const [host, address] of [
    ['192.0.2.1', '192.0.2.1'],
    ['010.0.0.1', '8.0.0.1'],
    ['10.1', '10.0.0.1'],
    ['1.2.3', '1.2.0.3'],
    ['1.2.65535', '1.2.255.255'],
    ['0x7f.1', '127.0.0.1'],
    ['2130706433', '127.0.0.1'],
    ['0', '0.0.0.0'],
  ] as const)
    assert.equal(taken(host), address, host);
});

test('what is no number is a name', () => {
  for (const host of [
    '',
    '1.2.3.4.5',
    '256.1.1.1',
    '1.2.3.256',
    '1.2.65536',
    '4294967296',
    '08.1.1.1',
    '0x',
    '1..2',
    '1.2.3.',
    'hub',
    '-1',
  ])
    assert.equal(taken(host), null, host);
});

test('IPv6, with or without a zone', () => {
  assert.equal(taken('2001:db8::1'), '2001:db8::1');
  assert.equal(taken('fe80::1%eth0'), 'fe80::1');
  assert.equal(taken('1::2::3'), null);
});

test('reads otherwise than it looks: not four decimal parts', () => {
  assert.deepEqual(['192.0.2.1', 'hub.example', '::1', '1.2.3.256'].filter(readsOtherwise), []);
  assert.deepEqual(['010.0.0.1', '10.1', '1'].filter(readsOtherwise), ['010.0.0.1', '10.1', '1']);
});
