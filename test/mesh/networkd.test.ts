// A .netdev and the .network of its name are one interface; a drop-in leaves open whose it is.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addressText } from '../../server/src/net/address.ts';
import { keyPair } from '../support/keys.ts';
import { analysed, findingsIn, type TextFiles } from '../support/mesh-files.ts';

const [a, b, c] = [keyPair(), keyPair(), keyPair()];

const netdev = (key: string, peers: string, name = 'wg0'): string =>
  `[NetDev]\nName=${name}\nKind=wireguard\n[WireGuard]\nPrivateKey=${key}\n${peers}`;
const peer = (publicKey: string, allowed: string): string =>
  `[WireGuardPeer]\nPublicKey=${publicKey}\nPresharedKeyFile=/x.psk\nAllowedIPs=${allowed}\n`;
const network = (name: string, address: string): string => `[Match]\nName=${name}\n[Network]\nAddress=${address}\n`;

function interfaces(files: TextFiles): readonly string[] {
  return analysed(files).mesh.model.links.interfaces.map(
    ({ host, name, addresses, peers }) =>
      `${host.name} ${name} ${addresses.map(addressText).join(' ')}: ${peers.map(({ remote, back }) => `${remote?.host.name ?? '?'}${back ? ' ↔' : ''}`).join(', ')}`,
  );
}

test('three managers are one mesh', () => {
  const files = {
    'hub/etc/systemd/network/50-wg0.netdev': netdev(a.privateKey, peer(b.publicKey, '10.0.0.2/32') + peer(c.publicKey, '10.0.0.3/32')),
    'hub/etc/systemd/network/50-wg0.network': network('wg0', '10.0.0.1/24'),
    'hub/etc/systemd/network/eth0.network': network('eth0', '192.0.2.1/24'),
    'laptop/etc/NetworkManager/system-connections/mesh.nmconnection': `[connection]\ntype=wireguard\ninterface-name=wg7\n[wireguard]\nprivate-key=${b.privateKey}\n[wireguard-peer.${a.publicKey}]\npreshared-key-flags=1\nallowed-ips=10.0.0.1/32;\n[ipv4]\naddress1=10.0.0.2/32\n`,
    'web/etc/wireguard/wg0.conf': `[Interface]\nPrivateKey = ${c.privateKey}\nAddress = 10.0.0.3/24\n[Peer]\nPublicKey = ${a.publicKey}\nAllowedIPs = 10.0.0.1/32\n`,
  };
  assert.deepEqual(interfaces(files), ['hub wg0 10.0.0.1: laptop ↔, web ↔', 'laptop wg7 10.0.0.2: hub ↔', 'web wg0 10.0.0.3: hub ↔']);
});

describe('which .network gives a .netdev its addresses', () => {
  const with_ = (files: TextFiles): string => interfaces({ 'x/wg0.netdev': netdev(a.privateKey, ''), ...files }).join();
  test('one of its name', () => assert.match(with_({ 'x/wg0.network': network('eth0 wg0', '10.0.0.1/24') }), /wg0 10\.0\.0\.1:/));
  test('one whose pattern takes it', () => assert.match(with_({ 'x/all.network': network('w*0', '10.0.0.1/24') }), /wg0 10\.0\.0\.1:/));
  test('not one of another name', () => assert.match(with_({ 'x/wg1.network': network('wg1 !wg0 w*1', '10.0.0.1/24') }), /wg0 :/));
  test('not one of another folder', () => assert.match(with_({ 'y/wg0.network': network('wg0', '10.0.0.1/24') }), /wg0 :/));
});

test('with a drop-in, who it is stays unknown', () => {
  const files = {
    'hub/etc/systemd/network/wg0.netdev': netdev(a.privateKey, ''),
    'hub/etc/systemd/network/wg0.netdev.d/web.conf': peer(b.publicKey, '10.0.0.2/32'),
    'web/etc/wireguard/wg0.conf': `[Interface]\n# PublicKey = ${b.publicKey}\nAddress = 10.0.0.2/24\n[Peer]\nPublicKey = ${a.publicKey}\nAllowedIPs = 10.0.0.1/32\n`,
  };
  assert.match(interfaces(files).at(-1) ?? '', /: \?$/);
});

test('a .network alone, and devices of other kinds, are no interface of a mesh', () => {
  assert.deepEqual(interfaces({ 'x/wg0.network': network('wg0', '10.0.0.1/24') }), []);
});

test('rules speak of dialects too, by their own mends', () => {
  const files = {
    'x/wg0.netdev': netdev(
      a.privateKey,
      `[WireGuardPeer]\nPublicKey=${b.publicKey}\nAllowedIPs=10.0.0.9/24\n[WireGuardPeer]\nAllowedIPs=10.0.1.3/32\n`,
    ),
  };
  assert.deepEqual(
    findingsIn(analysed(files)).map(({ rule, severity }) => `${severity} ${rule}`),
    [
      'info wireguard/inline-private-key',
      'warning wireguard/missing-preshared-key',
      'warning wireguard/unmasked-host-bits',
      'error wireguard/missing-public-key',
    ],
  );
});
