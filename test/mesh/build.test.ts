// Hosts, links and meshes, and what of them is kept from edit to edit.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildMesh } from '../../server/src/mesh/build.ts';
import { keyPair } from '../support/keys.ts';
import { analysed, type TextFiles, uriOf } from '../support/mesh-files.ts';

const [a, b, c] = [keyPair(), keyPair(), keyPair()];

/** `hub → laptop(back)`: who names whom, as which host, and whether it is answered. */
function linksOf(files: TextFiles): readonly string[] {
  const { links } = analysed(files).mesh.model;
  return links.interfaces.flatMap((node) =>
    node.peers.map(({ remote, back, label }) => `${node.host.name} → ${remote ? remote.host.name : '?'} “${label}”${back ? ' ↔' : ''}`),
  );
}

const peer = (publicKey: string, allowedIps: string, comment = ''): string =>
  `${comment ? `# ${comment}\n` : ''}[Peer]\nPublicKey = ${publicKey}\nAllowedIPs = ${allowedIps}\n`;

test('keys prove who a peer is: inline, stated, in a file beside', () => {
  const files = {
    'hub/etc/wireguard/wg0.conf': `[Interface]\nPrivateKey = ${a.privateKey}\nAddress = 10.0.0.1/24\n${peer(b.publicKey, '10.0.0.2/32', 'old name')}${peer(c.publicKey, '10.0.0.3/32')}`,
    'web/etc/wireguard/wg0.conf': `[Interface]\n# PublicKey = ${b.publicKey}\nAddress = 10.0.0.2/24\n${peer(a.publicKey, '10.0.0.1/32')}`,
    'db/etc/wireguard/wg0.conf': `[Interface]\nAddress = 10.0.0.3/24\n`,
    'db/etc/wireguard/wg0.pub': `${c.publicKey}\n`,
  };
  assert.deepEqual([...linksOf(files)].sort(), ['hub → db “db”', 'hub → web “web” ↔', 'web → hub “hub” ↔']);
});

test('a key that two files have proves nothing', () => {
  const files = {
    'hub/wg0.conf': `[Interface]\nPrivateKey = ${a.privateKey}\n${peer(b.publicKey, '10.0.0.2/32', 'web')}`,
    'web/wg0.conf': `[Interface]\nPrivateKey = ${b.privateKey}\n`,
    'copy/wg0.conf': `[Interface]\nPrivateKey = ${b.privateKey}\n`,
  };
  assert.deepEqual(linksOf(files), ['hub → ? “web”']);
});

test('addresses join two files of one folder only where each names the other alone, and no key speaks against it', () => {
  const hub = `[Interface]\nPrivateKey = ${a.privateKey}\nAddress = 10.0.0.1/24\n${peer(b.publicKey, '10.0.0.2/32')}`;
  const web = `[Interface]\nAddress = 10.0.0.2/24\n${peer(a.publicKey, '10.0.0.1/32')}`;
  assert.deepEqual([...linksOf({ 'hub.conf': hub, 'web.conf': web })].sort(), ['hub → web “web” ↔', 'web → hub “hub” ↔']);
  // the web names the whole network: the hub is still proved by its key, but nothing proves the web
  const wide = web.replace('10.0.0.1/32', '10.0.0.0/24');
  assert.deepEqual([...linksOf({ 'hub.conf': hub, 'web.conf': wide })].sort()[1], 'web → hub “hub”');
  assert.match(linksOf({ 'hub.conf': hub, 'web.conf': wide })[0] ?? '', /^hub → \?/);
  // another folder
  assert.match(linksOf({ 'x/hub.conf': hub, 'y/web.conf': web }).find((link) => link.includes('→ ?')) ?? '', /→ \?/);
  // a key that is somebody else's
  const other = web.replace('[Interface]', `[Interface]\nPrivateKey = ${c.privateKey}`);
  assert.match(linksOf({ 'hub.conf': hub, 'web.conf': other })[0] ?? '', /^hub → \?/);
});

test('interfaces of one folder are one host, unless one is a peer of the other', () => {
  const hosts = (files: TextFiles): readonly string[] =>
    analysed(files).mesh.model.links.hosts.map(({ name, interfaces }) => `${name}: ${interfaces.map((node) => node.name).join(' ')}`);
  const plain = `[Interface]\nPrivateKey = ${a.privateKey}\n`;
  assert.deepEqual(hosts({ 'hub/wg0.conf': plain, 'hub/wg1.conf': '[Interface]\nAddress = 10.1.0.1/24\n' }), ['hub: wg0 wg1']);
  assert.deepEqual(
    hosts({ 'vpn/hub.conf': plain, 'vpn/phone.conf': `[Interface]\nAddress = 10.0.0.2/24\n${peer(a.publicKey, '10.0.0.1/32')}` }),
    ['hub: hub', 'phone: phone'],
  );
});

test('meshes are what links join', () => {
  const files = {
    'a/wg0.conf': `[Interface]\nPrivateKey = ${a.privateKey}\n${peer(b.publicKey, '10.0.0.2/32')}`,
    'b/wg0.conf': `[Interface]\nPrivateKey = ${b.privateKey}\n`,
    'c/wg0.conf': `[Interface]\nPrivateKey = ${c.privateKey}\n`,
  };
  const { interfaces } = analysed(files).mesh.model.links;
  assert.equal(interfaces[0]?.mesh, interfaces[1]?.mesh);
  assert.notEqual(interfaces[0]?.mesh, interfaces[2]?.mesh);
  assert.deepEqual(
    interfaces[0]?.mesh.interfaces.map(({ uri }) => uri),
    [uriOf('a/wg0.conf'), uriOf('b/wg0.conf')],
  );
});

test('an edit in a ruleset leaves the links as they are; equal facts leave all', () => {
  const files = {
    'hub/etc/wireguard/wg0.conf': `[Interface]\nPrivateKey = ${a.privateKey}\n`,
    'hub/etc/nftables.conf': 'table inet t {\n}\n',
  };
  const before = analysed(files);
  const mesh = (analysis: typeof before): Parameters<typeof buildMesh>[0] =>
    [...analysis.files.values()].map(({ source, facts }) => ({ uri: source.uri, facts }));
  assert.equal(buildMesh(mesh(before), before.mesh), before.mesh);
  const [config] = mesh(before).filter(({ facts }) => facts.language === 'wireguard');
  const [ruleset] = mesh(analysed({ ...files, 'hub/etc/nftables.conf': 'table inet t {\n\tchain c {\n\t}\n}\n' })).filter(
    ({ facts }) => facts.language === 'nftables',
  );
  assert.ok(config && ruleset);
  const after = buildMesh([ruleset, config], before.mesh);
  assert.notEqual(after.model, before.mesh.model);
  assert.equal(after.model.links, before.mesh.model.links);
});
