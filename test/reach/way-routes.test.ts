// Routes: networks behind hosts, and hosts with several interfaces.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addressOf } from '../../scripts/kernel/network.ts';
import { keyPair } from '../support/keys.ts';
import type { TextFiles } from '../support/mesh-files.ts';
import { ask, config, hubRules, keys, last, toHub } from '../support/small-mesh.ts';

describe('networks behind hosts', () => {
  const mesh = (routes: string, more: TextFiles = {}): TextFiles => ({
    'hub/etc/wireguard/wg0.conf': config(
      'hub',
      'Address = 10.0.0.1/24\nListenPort = 51820',
      { of: 'laptop', lines: 'AllowedIPs = 10.0.0.2/32' },
      { of: 'app', lines: 'AllowedIPs = 10.0.0.3/32, 192.168.7.0/24' },
    ),
    'laptop/etc/wireguard/wg0.conf': config('laptop', 'Address = 10.0.0.2/24', toHub('10.0.0.0/24, 192.168.7.0/24')),
    'meshwarden.jsonc': `{ "hosts": { "app": { "folder": "app", "routes": [${routes}] } } }`,
    ...more,
  });
  const to = '192.168.7.9';

  test('are reached where they are stated', () => {
    const found = ask(mesh('"192.168.7.0/24"'), { to });
    assert.deepEqual([found.answer, found.oneWay, found.end?.beyond], ['yes', null, true]);
    assert.equal(last(found), 'app hands it on to the network behind it, which is stated to hold 192.168.7.9');
    assert.equal(ask(mesh(''), { to }).answer, 'unknown');
    const off = config('app', 'Address = 10.0.0.3/24\nPostUp = sysctl -w net.ipv4.ip_forward=0', toHub('10.0.0.0/24'));
    assert.equal(ask(mesh('"192.168.7.0/24"', { 'app/etc/wireguard/wg0.conf': off }), { to }).answer, 'no');
  });

  test('by whatever device', () => {
    const rules = (rule: string) => ({ 'app/etc/nftables.conf': hubRules(rule)['hub/etc/nftables.conf'] ?? '' });
    const answer = (rule: string) => ask(mesh('"192.168.7.0/24"', rules(rule)), { to }).answer;
    assert.equal(answer('iifname "wg0" accept'), 'yes');
    assert.equal(answer('iifname "wg0" oifname "wg0" accept'), 'no');
    assert.equal(answer('iifname "wg0" oifname "lan0" accept'), 'unknown');
    assert.equal(answer('iifname "wg0" oifname "lan0" tcp dport 22 accept'), 'no');
  });

  test('see the address that a translation by some device may give', () => {
    const masked = {
      'app/etc/nftables.conf': 'table ip n {\n chain p {\n type nat hook postrouting priority srcnat;\n oifname "lan0" masquerade\n }\n}\n',
    };
    const found = ask(mesh('"192.168.7.0/24"', masked), { to });
    assert.deepEqual([found.answer, found.end?.sent.sourceKnown], ['yes', false]);
  });

  test('are nobody’s to say where a host may have them itself', () => {
    assert.equal(ask({}, { to: '172.16.0.1' }).answer, 'unknown');
    assert.equal(ask({}, { to: '10.0.0.99' }).answer, 'no');
  });
});

describe('several interfaces', () => {
  const second = keyPair();
  const withTwo = (first: string, other: string): TextFiles => ({
    'app/etc/wireguard/wg0.conf': config('app', 'Address = 10.0.0.3/32', toHub(first)),
    'app/etc/wireguard/wg1.conf': `[Interface]\nPrivateKey = ${second.privateKey}\nAddress = 10.9.0.3/24\nListenPort = 51830\n\n[Peer]\nPublicKey = ${keys.db.publicKey}\nAllowedIPs = ${other}\n`,
    'db/etc/wireguard/wg0.conf': `${config('db', 'Address = 10.9.0.4/24', { of: 'hub', lines: 'AllowedIPs = 10.0.0.0/25' })}\n[Peer]\nPublicKey = ${second.publicKey}\nEndpoint = 192.0.2.3:51830\nAllowedIPs = 10.9.0.0/24, 10.0.0.3/32\n`,
  });

  test('of one host have the address that the way out has', () => {
    const found = ask(withTwo('10.0.0.0/24', '10.9.0.4/32'), { from: 'app', to: '10.9.0.4' });
    assert.equal(found.answer, 'yes');
    assert.deepEqual(found.witness?.source, addressOf('10.9.0.3'));
  });

  test('leave it open which comes up first', () => {
    assert.equal(ask(withTwo('10.0.0.0/24', '10.9.0.4/32, 10.0.0.0/24'), { from: 'app', to: '10.0.0.1' }).answer, 'unknown');
    // a longer one wins whenever it comes
    assert.equal(ask(withTwo('10.0.0.0/24', '10.9.0.4/32, 10.0.0.0/16'), { from: 'app', to: '10.0.0.1' }).answer, 'yes');
  });

  test('keep what comes by another one from the address of a default route', () => {
    const files = withTwo('0.0.0.0/0', '10.9.0.4/32');
    const found = ask(files, { from: 'db', to: '10.0.0.3' });
    assert.deepEqual([found.answer, last(found)], ['no', 'wg-quick lets nothing come to 10.0.0.3 by another interface than wg0']);
    const flush = { 'app/etc/nftables.conf': 'flush ruleset\n' };
    assert.equal(ask({ ...files, ...flush }, { from: 'db', to: '10.0.0.3' }).answer, 'unknown');
    assert.equal(ask(withTwo('10.0.0.0/8', '10.9.0.4/32'), { from: 'db', to: '10.0.0.3' }).answer, 'yes');
  });
});
