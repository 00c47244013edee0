// What may be seen of the mesh by whom: whose findings are kept sees no more than what they are kept by.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hostAlone, interfaceAlone, noModel } from '../../server/src/mesh/model-view.ts';
import type { HostRecord, InterfaceRecord } from '../../server/src/mesh/record.ts';
import { keyPair } from '../support/keys.ts';
import { analysed, uriOf } from '../support/mesh-files.ts';

const [a, b] = [keyPair(), keyPair()];
const peer = (key: string, address: string): string => `[Peer]\nPublicKey = ${key}\nAllowedIPs = ${address}/32\n`;
const { mesh } = analysed({
  'hub/etc/wireguard/wg0.conf': `[Interface]\nPrivateKey = ${a.privateKey}\nAddress = 10.0.0.1/24\n${peer(b.publicKey, '10.0.0.2')}`,
  'hub/etc/nftables.conf': 'table inet t {\n}\n',
  'web/wg0.conf': `[Interface]\nPrivateKey = ${b.privateKey}\nAddress = 10.0.0.2/24\n${peer(a.publicKey, '10.0.0.1')}`,
});
const { state, model } = mesh;
const record = state.records[0] as InterfaceRecord;
const refused = /^Error: a rule looked at .*, and does not say that it reads that$/;

test('from an interface of the model everything is seen, and leads back', () => {
  const [hub, web] = model.links.interfaces;
  assert.equal(hub?.peers[0]?.remote, web);
  assert.equal(web?.peers[0]?.remote, hub);
  assert.equal(hub?.host.interfaces[0], hub);
  assert.deepEqual(hub?.mesh.interfaces, [hub, web]);
  assert.equal(hub?.mesh, web?.mesh);
  assert.equal(model.links.interfaceOf.get(uriOf('web/wg0.conf')), web);
  assert.deepEqual([...model.links.byKey.keys()], [a.publicKey, b.publicKey]);
  assert.deepEqual(model.links.byKey.get(b.publicKey), [web]);
  assert.equal(model.hostOf.get(uriOf('hub/etc/nftables.conf')), hub?.host);
  assert.deepEqual([...model.rulesetsOf], [[hub?.host, model.rulesets]]);
});

test('an interface alone shows its peers, of theirs what they are by themselves, and no mesh', () => {
  const node = interfaceAlone(state, record);
  const remote = node.peers[0]?.remote;
  assert.equal(remote?.publicKey, b.publicKey);
  assert.equal(remote?.host.interfaces[0], remote);
  assert.equal(node.peers[0]?.back?.publicKey?.value, a.publicKey);
  for (const look of [
    () => node.mesh,
    () => remote?.peers,
    () => remote?.facts,
    () => remote?.mesh,
    () => noModel.links,
    () => noModel.hostOf,
  ])
    assert.throws(look, refused);
});

describe('a host alone shows', () => {
  const alone = (sight: 'own' | 'facts' | 'links') => hostAlone(mesh, record.party.host as HostRecord, sight);

  test('what its interfaces are by themselves', () => {
    const { host, model: seen } = alone('own');
    const [node] = host.interfaces;
    assert.equal(node?.name, 'wg0');
    assert.deepEqual(seen.rulesetsOf.get(host), model.rulesets);
    for (const look of [() => node?.facts, () => node?.peers, () => node?.mesh, () => seen.links]) assert.throws(look, refused);
  });

  test('and all that their files say, with the mesh but not who is in it', () => {
    const [node] = alone('facts').host.interfaces;
    assert.equal(node?.facts.peers.length, 1);
    assert.equal(node?.mesh.record, state.meshes[0]);
    for (const look of [() => node?.peers, () => node?.mesh.interfaces]) assert.throws(look, refused);
  });

  test('or themselves with their links', () => {
    const [node] = alone('links').host.interfaces;
    assert.equal(node?.peers[0]?.remote?.name, 'wg0');
    for (const look of [() => node?.mesh, () => node?.peers[0]?.remote?.peers]) assert.throws(look, refused);
  });
});
