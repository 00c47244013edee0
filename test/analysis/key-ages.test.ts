// How long a file has had its keys: without a break, from its versions in git.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyAges, keysIn } from '../../server/src/analysis/key-ages.ts';
import { keyPair, presharedKey } from '../support/keys.ts';

const [a, b, c] = [keyPair(), keyPair(), keyPair()];
const day = (time: number): string => new Date(time * 1000).toISOString().slice(0, 10);

test('a config names its own key, whichever way, and those of its peers; no secret', () => {
  const text = `[Interface]\nPrivateKey = ${a.privateKey}\n[Peer]\nPublicKey = ${b.publicKey}\nPresharedKey = ${presharedKey()}\n[Peer]\nPublicKey = ${a.privateKey}\n`;
  assert.deepEqual([...keysIn(text, 'wireguard')], [a.publicKey, b.publicKey]);
  assert.deepEqual([...keysIn(`[Interface]\n# PublicKey = ${c.publicKey}\n`, 'wireguard')], [c.publicKey]);
  assert.deepEqual([...keysIn(`[NetDev]\nKind=wireguard\n[WireGuardPeer]\nPublicKey=${b.publicKey}\n`, 'networkd')], [b.publicKey]);
});

test('a key counts from the oldest version that it is in without a break', () => {
  const ages = keyAges('wireguard');
  const config = (...keys: readonly string[]): string => `[Interface]\n${keys.map((key) => `[Peer]\nPublicKey = ${key}\n`).join('')}`;
  const t = 1_700_000_000;
  assert.equal(ages.add(config(a.publicKey, b.publicKey), t), true);
  assert.equal(ages.add(config(c.publicKey, a.publicKey), t - 1e6), true);
  assert.equal(ages.add(`[Interface]\n# PublicKey = ${a.publicKey}\n`, t - 2e6), true, 'wherever in the file it stands');
  assert.equal(ages.add(config(b.publicKey), t - 3e6), false, 'nothing older can say more');
  assert.deepEqual(ages.before(t + 1), [
    { key: a.publicKey, since: day(t - 2e6) },
    { key: b.publicKey, since: day(t) },
  ]);
  assert.deepEqual(ages.before(t - 1e6), [{ key: a.publicKey, since: day(t - 2e6) }]);
});
