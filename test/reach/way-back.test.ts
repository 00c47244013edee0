// The way of an answer: back through translations, and by another way than the question came.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { keyPair } from '../support/keys.ts';
import type { TextFiles } from '../support/mesh-files.ts';
import { ask, config, hubWith, toHub } from '../support/small-mesh.ts';

describe('translations', () => {
  const nat = (chain: string, rules: string): TextFiles => ({
    'hub/etc/nftables.conf': `table ip n {\n chain c {\n type nat hook ${chain};\n${rules}\n }\n}\n`,
  });

  test('are followed, and undone in answers', () => {
    const masked = ask(nat('postrouting priority srcnat', 'oifname "wg0" masquerade'));
    assert.deepEqual([masked.answer, masked.oneWay], ['yes', false]);
    assert.ok(masked.hops.some(({ says }) => says === 'hub makes it 10.0.0.1 → 10.0.0.3 port 443'));
    assert.ok(masked.hops.some(({ says }) => says === 'answer: hub makes it 10.0.0.3 → 10.0.0.2 port 49152'));
    const led = ask(nat('prerouting priority dstnat', 'ip daddr 10.0.0.1 tcp dport 443 dnat to 10.0.0.4:80'), { to: '10.0.0.1' });
    assert.deepEqual([led.answer, led.oneWay, led.end?.host.name, led.end?.sent.destinationPort], ['yes', false, 'db', 80]);
    const turned = ask(nat('prerouting priority dstnat', 'ip daddr 10.0.0.3 redirect to :80'));
    assert.deepEqual([turned.answer, turned.end?.host.name, turned.end?.sent.destinationPort], ['yes', 'hub', 80]);
  });

  test('that are not undone leave no answer', () => {
    // app answers laptop at another address than laptop asked
    const direct = {
      ...nat('prerouting priority dstnat', 'ip daddr 10.0.0.1 tcp dport 443 dnat to 10.0.0.3'),
      'app/etc/wireguard/wg0.conf': config('app', 'Address = 10.0.0.3/24', toHub('10.0.0.1/32'), {
        of: 'laptop',
        lines: 'Endpoint = 192.0.2.2:51900\nAllowedIPs = 10.0.0.2/32',
      }),
      'hub/etc/wireguard/wg0.conf': config(
        'hub',
        'Address = 10.0.0.1/24\nListenPort = 51820',
        { of: 'laptop', lines: 'AllowedIPs = 10.0.0.2/32' },
        { of: 'app', lines: 'AllowedIPs = 10.0.0.3/32' },
      ),
    };
    assert.equal(ask(direct, { to: '10.0.0.1' }).answer, 'no');
    const taken = {
      ...direct,
      'app/etc/wireguard/wg0.conf': config('app', 'Address = 10.0.0.3/24', toHub('10.0.0.2/32, 10.0.0.1/32')),
    };
    assert.deepEqual([ask(taken, { to: '10.0.0.1' }).answer, ask(taken, { to: '10.0.0.1' }).oneWay], ['yes', false]);
  });
});

describe('answers', () => {
  const [other, laptop1, app1] = [keyPair(), keyPair(), keyPair()];
  const second = (
    own: { readonly privateKey: string },
    lines: string,
    ...peers: readonly (readonly [{ readonly publicKey: string }, string])[]
  ): string =>
    `[Interface]\nPrivateKey = ${own.privateKey}\n${lines}\n${peers.map(([{ publicKey }, more]) => `\n[Peer]\nPublicKey = ${publicKey}\n${more}\n`).join('')}`;
  const toOther = 'Endpoint = 192.0.2.9:51820\nAllowedIPs =';

  /** There by the hub, back by another host. */
  const roundabout = (rules: string): TextFiles => ({
    'laptop/etc/wireguard/wg1.conf': second(laptop1, 'Address = 10.1.0.2/32\nTable = off', [other, `${toOther} 10.0.0.3/32`]),
    'app/etc/wireguard/wg1.conf': second(app1, 'Address = 10.1.0.3/32', [other, `${toOther} 10.0.0.2/32`]),
    'other/etc/wireguard/wg0.conf': second(
      other,
      'Address = 10.1.0.1/24\nListenPort = 51820',
      [laptop1, 'AllowedIPs = 10.0.0.2/32'],
      [app1, 'AllowedIPs = 10.0.0.3/32'],
    ),
    'other/etc/nftables.conf': `table inet f {\n chain forward {\n type filter hook forward priority 0; policy drop;\n${rules}\n }\n}\n`,
  });

  test('that come another way are established nowhere on it', () => {
    for (const [rules, oneWay] of [
      ['accept', false],
      ['ct state established accept', true],
      // SYN and ACK without a SYN before
      ['ct state invalid drop\naccept', true],
      ['tcp sport 443 accept', false],
    ] as const) {
      const found = ask(roundabout(rules));
      assert.deepEqual([found.answer, found.oneWay], ['yes', oneWay], rules);
    }
  });

  test('must come by the way that leads to their source where a hook asks for it', () => {
    const strict = (setting: string): TextFiles => ({
      ...roundabout('accept'),
      'laptop/etc/wireguard/wg0.conf': config('laptop', `Address = 10.0.0.2/24\nPostUp = sysctl -w ${setting}`, toHub('10.0.0.0/24')),
    });
    assert.equal(ask(strict('net.ipv4.conf.all.rp_filter=1')).oneWay, true);
    assert.equal(ask(strict('net.ipv4.conf.all.rp_filter=2')).oneWay, false);
    assert.equal(ask(strict('net.ipv4.conf.wg0.rp_filter=1')).oneWay, false);
  });

  test('are none where they come to somebody else', () => {
    assert.deepEqual(ask({}, { source: '10.0.0.4' }).answer, 'no');
    const spoofed = {
      'hub/etc/wireguard/wg0.conf': Object.values(hubWith(''))[0]?.replace('10.0.0.2/32', '10.0.0.2/32, 10.0.0.77/32') ?? '',
    };
    const found = ask(spoofed, { source: '10.0.0.77' });
    assert.deepEqual([found.answer, found.oneWay], ['yes', true]);
  });
});
