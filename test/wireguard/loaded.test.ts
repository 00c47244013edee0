// What wg holds of a config: what the kernel test asks the real device, by example.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsedFile } from '../../server/src/analysis/parsed-file.ts';
import { addressText, prefixText } from '../../server/src/net/address.ts';
import { sourceFile } from '../../server/src/text/source-file.ts';
import type { WireguardFacts } from '../../server/src/wireguard/facts.ts';
import { loadedInterface } from '../../server/src/wireguard/loaded.ts';
import { keyPair, presharedKey } from '../support/keys.ts';

const hub = keyPair();
const [a, b] = [keyPair().publicKey, keyPair().publicKey];

function peers(text: string) {
  const file = parsedFile(sourceFile('file:///wg0.conf', 1, 'wireguard', `[Interface]\nPrivateKey = ${hub.privateKey}\n${text}`));
  return loadedInterface(file.facts as WireguardFacts).peers.map(({ publicKey, allowedIps, presharedKey: psk, keepalive, endpoint }) => ({
    key: publicKey === a ? 'a' : publicKey === b ? 'b' : 'another',
    allowedIps: allowedIps.map(prefixText),
    psk,
    keepalive,
    endpoint: endpoint && [endpoint.host, endpoint.address && addressText(endpoint.address), endpoint.port],
  }));
}

const bare = { psk: false, keepalive: 0, endpoint: null };

test('a prefix has one owner, the last written, and host bits are cut', () => {
  assert.deepEqual(
    peers(`[Peer]\nPublicKey = ${a}\nAllowedIPs = 10.0.0.7/24, fd00::1\n[Peer]\nPublicKey = ${b}\nAllowedIPs = 10.0.0.0/24\n`),
    [
      { ...bare, key: 'a', allowedIps: ['fd00::1/128'] },
      { ...bare, key: 'b', allowedIps: ['10.0.0.0/24'] },
    ],
  );
});

test('a later block with the same key replaces the allowed IPs and leaves the rest; a + adds', () => {
  const first = `[Peer]\nPublicKey = ${a}\nPresharedKey = ${presharedKey()}\nPersistentKeepalive = 25\nEndpoint = 010.0.0.1:65537\nAllowedIPs = 10.0.0.1\n`;
  const kept = { key: 'a', psk: true, keepalive: 25, endpoint: ['010.0.0.1', '8.0.0.1', 1] };
  assert.deepEqual(peers(`${first}[Peer]\nPublicKey = ${a}\nAllowedIPs = 10.0.0.2\n`), [{ ...kept, allowedIps: ['10.0.0.2/32'] }]);
  assert.deepEqual(peers(`${first}[Peer]\nPublicKey = ${a}\n`), [{ ...kept, allowedIps: [] }]);
  assert.deepEqual(peers(`${first}[Peer]\nPublicKey = ${a}\nAllowedIPs = +10.0.0.2\n`), [
    { ...kept, allowedIps: ['10.0.0.1/32', '10.0.0.2/32'] },
  ]);
});

test('a peer with one’s own key is no peer', () => {
  assert.deepEqual(peers(`[Peer]\nPublicKey = ${hub.publicKey}\nAllowedIPs = 10.0.0.1\n`), []);
});
