// Which host a file belongs to, and what it is called.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { belongsTo, hostName, locationOf } from '../../server/src/mesh/location.ts';

for (const [uri, root, whole, stem] of [
  ['file:///repo/hub/etc/wireguard/wg0.conf', 'file:///repo/hub', true, 'wg0'],
  ['file:///repo/hub/usr/local/etc/wireguard/wg0.conf', 'file:///repo/hub', true, 'wg0'],
  ['file:///etc/wireguard/wg0.conf', 'file://', true, 'wg0'],
  ['file:///repo/hub/etc/nftables.conf', 'file:///repo/hub', true, 'nftables'],
  ['file:///repo/meshes/laptop.conf', 'file:///repo/meshes', false, 'laptop'],
  ['memfs:/mesh/wg0.conf', 'memfs:/mesh', false, 'wg0'],
  ['file:///a%20b/caf%C3%A9.conf', 'file:///a%20b', false, 'café'],
  ['file:///etcetera/wg0.conf', 'file:///etcetera', false, 'wg0'],
  ['file:///x/.conf', 'file:///x', false, '.conf'],
] as const) {
  test(`the root of ${uri}`, () => {
    const location = locationOf(uri);
    assert.deepEqual({ root: location.root, whole: location.whole, stem: location.stem }, { root, whole, stem });
  });
}

for (const [uri, shared, name] of [
  ['file:///repo/hub/etc/wireguard/wg0.conf', false, 'hub'],
  ['file:///etc/wireguard/wg0.conf', false, 'this host'],
  ['file:///repo/hub/wg0.conf', false, 'hub'],
  ['file:///repo/hub/wg0.conf', true, 'wg0'],
  ['file:///repo/configs/laptop.conf', false, 'laptop'],
  ['file:///repo/wireguard/wg1.conf', false, 'wg1'],
] as const) {
  test(`${uri} is called ${name}${shared ? ' in a shared folder' : ''}`, () => assert.equal(hostName(locationOf(uri), shared), name));
}

test('a ruleset belongs to the host whose root is above it; without etc/ to the one of its folder', () => {
  const hub = locationOf('file:///repo/hub/etc/wireguard/wg0.conf');
  assert.ok(belongsTo(locationOf('file:///repo/hub/etc/nftables.conf'), hub));
  assert.ok(belongsTo(locationOf('file:///repo/hub/etc/nftables.d/a.nft'), hub));
  assert.ok(!belongsTo(locationOf('file:///repo/hub2/etc/nftables.conf'), hub));
  const plain = locationOf('file:///repo/hub/wg0.conf');
  assert.ok(belongsTo(locationOf('file:///repo/hub/nftables.conf'), plain));
  assert.ok(belongsTo(locationOf('file:///repo/hub/nftables.d/a.nft'), plain));
  assert.ok(!belongsTo(locationOf('file:///repo/hub/other/nftables.conf'), plain));
});
