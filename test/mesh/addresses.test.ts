// Whose addresses are whose.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  hostsWith,
  insideOwnNetwork,
  isHubSide,
  isNobodys,
  knownAddresses,
  narrowingEvidence,
  ownerAt,
} from '../../server/src/mesh/addresses.ts';
import type { MeshInterface } from '../../server/src/mesh/model.ts';
import { type Address, addressText, masked, parseAddress, parsePrefix } from '../../server/src/net/address.ts';
import { keyPair } from '../support/keys.ts';
import { analysed, type TextFiles, uriOf } from '../support/mesh-files.ts';

const [a, b, c] = [keyPair(), keyPair(), keyPair()];
const address = (text: string): Address => parseAddress(text) ?? assert.fail(text);

function nodeOf(files: TextFiles, path: string): MeshInterface {
  return analysed(files).mesh.model.links.interfaceOf.get(uriOf(path)) ?? assert.fail(path);
}

for (const [what, text, hub] of [
  ['two peers', '[Interface]\nAddress = 10.0.0.1/24\n[Peer]\n[Peer]\n', true],
  ['a port and a peer that is waited for', '[Interface]\nListenPort = 1\n[Peer]\n', true],
  ['a port and a peer that is called', '[Interface]\nListenPort = 1\n[Peer]\nEndpoint = 192.0.2.1:1\n', false],
  ['one peer and no port', '[Interface]\n[Peer]\n', false],
  ['no peer', '[Interface]\nListenPort = 1\n', false],
] as const) {
  test(`${what}: ${hub ? 'the hub’s side' : 'a client’s side'}`, () =>
    assert.equal(isHubSide(nodeOf({ 'wg0.conf': text }, 'wg0.conf')), hub));
}

test('a prefix reaches into the own network where it lies in it, holds it, or holds the own address', () => {
  const node = nodeOf({ 'wg0.conf': '[Interface]\nAddress = 10.0.0.1/24, 10.9.0.1/32, fd00::1/64\n' }, 'wg0.conf');
  const inside = (text: string): boolean => insideOwnNetwork(masked(parsePrefix(text) ?? assert.fail(text)), node);
  for (const text of ['10.0.0.0/24', '10.0.0.128/25', '10.0.0.9/32', '10.0.0.0/8', '10.9.0.0/24', 'fd00::/64', 'fd00::/48'])
    assert.ok(inside(text), text);
  for (const text of ['10.0.1.0/24', '192.168.0.0/16', '10.9.1.0/24', 'fd01::/64']) assert.ok(!inside(text), text);
});

test('an address is nobody’s where the mesh’s networks hold it and nothing says that somebody may have it', () => {
  const files = {
    'hub/wg0.conf': `[Interface]\nPrivateKey = ${a.privateKey}\nAddress = 10.0.0.1/24, fd00::1/64\n[Peer]\nPublicKey = ${b.publicKey}\nAllowedIPs = 10.0.0.0/24\n[Peer]\nPublicKey = ${c.publicKey}\nAllowedIPs = 10.0.0.64/30\n`,
    'web/wg0.conf': `[Interface]\nPrivateKey = ${b.privateKey}\nAddress = 10.0.0.2/24\n`,
  };
  const known = knownAddresses(nodeOf(files, 'hub/wg0.conf').mesh);
  const nobodys = (text: string): boolean => isNobodys(known, address(text));
  // the hub, the web by its own file, and whoever the peer without a file may be
  for (const text of ['10.0.0.1', '10.0.0.2', '10.0.0.64', '10.0.0.67', 'fd00::1']) assert.ok(!nobodys(text), text);
  for (const text of ['10.0.0.3', '10.0.0.68', 'fd00::2']) assert.ok(nobodys(text), text);
  // outside the networks, and the network's own first and last address
  for (const text of ['10.0.1.3', '192.0.2.1', '10.0.0.0', '10.0.0.255', 'fd01::2']) assert.ok(!nobodys(text), text);
});

test('an address belongs to the longest entry, of equal ones to the last written', () => {
  const node = nodeOf(
    {
      'wg0.conf': `[Interface]\nAddress = 10.0.0.1/24\n# one\n[Peer]\nPublicKey = ${a.publicKey}\nAllowedIPs = 10.0.0.0/24, 10.0.0.9/32\n# two\n[Peer]\nPublicKey = ${b.publicKey}\nAllowedIPs = 10.0.0.0/24\n`,
    },
    'wg0.conf',
  );
  assert.equal(ownerAt(node, address('10.0.0.9'))?.label, 'one');
  assert.equal(ownerAt(node, address('10.0.0.8'))?.label, 'two');
  assert.equal(ownerAt(node, address('10.0.1.8')), null);
  assert.deepEqual(hostsWith(node.mesh, address('10.0.0.1')), [node]);
});

test('evidence for narrowing: the peer’s own file, then the host bits, then the rules; none where the peer passes others on', () => {
  const hub = (entry: string): string =>
    `[Interface]\nPrivateKey = ${a.privateKey}\nAddress = 10.0.0.1/24\n[Peer]\nPublicKey = ${b.publicKey}\nAllowedIPs = ${entry}\n[Peer]\nPublicKey = ${c.publicKey}\nAllowedIPs = 10.0.0.9/32\n`;
  const evidence = (files: TextFiles): string | null => {
    const analysis = analysed(files);
    const node = analysis.mesh.model.links.interfaceOf.get(uriOf('hub/wg0.conf')) ?? assert.fail();
    const peer = node.peers[0] ?? assert.fail();
    const written = peer.facts.allowedIps[0]?.value ?? assert.fail();
    const found = narrowingEvidence(analysis.mesh.model, node, peer, written);
    return found && `${found.addresses.map(addressText).join(' ')} (${found.why})`;
  };
  const web = `[Interface]\nPrivateKey = ${b.privateKey}\nAddress = 10.0.0.2/24\n`;
  assert.equal(evidence({ 'hub/wg0.conf': hub('10.0.0.7/24'), 'web/wg0.conf': web }), '10.0.0.2 (by its own file)');
  assert.equal(evidence({ 'hub/wg0.conf': hub('10.0.0.7/24') }), '10.0.0.7 (as written)');
  assert.equal(evidence({ 'hub/wg0.conf': hub('10.0.0.0/24') }), null);
  const ruleset = 'table ip t {\n\tchain c {\n\t\tip saddr 10.0.0.1 ip daddr 10.0.0.9 accept\n\t}\n}\n';
  assert.equal(
    evidence({ 'hub/wg0.conf': hub('10.0.0.0/24'), 'hub/nftables.conf': ruleset }),
    '10.0.0.9 (the rules use no other with this host)',
  );
  // the web has a peer that the hub does not have: what comes through it may be that one's
  const relay = `${web}[Peer]\nPublicKey = ${keyPair().publicKey}\nAllowedIPs = 10.0.0.77/32\n`;
  assert.equal(evidence({ 'hub/wg0.conf': hub('10.0.0.0/24'), 'web/wg0.conf': relay }), null);
});
