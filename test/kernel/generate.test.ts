// What is generated from grants loads, twice in a row, and the kernel holds what was written.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { seeded } from '../../scripts/bench/random.ts';
import { generateNftables } from '../../server/src/generate/nftables.ts';
import { readMesh } from '../support/carried-out.ts';
import { keyPair } from '../support/keys.ts';
import type { TextFiles } from '../support/mesh-files.ts';
import { randomMesh } from '../support/random-mesh.ts';
import { skipReason } from './support/availability.ts';
import { type Namespace, openNamespace } from './support/namespace.ts';

const SEEDS = 20;

/** The rulesets of all hosts, by name. */
function generated(files: TextFiles): ReadonlyMap<string, string> {
  const { model, policies } = readMesh(files);
  return new Map(model.links.hosts.map((host) => [host.name, generateNftables(model, policies, host).text]));
}

/** Networks that overlap, a LAN, the internet, odd names, every kind of service. */
function hardMesh(): TextFiles {
  const keys = { hub: keyPair(), router: keyPair(), laptop: keyPair() };
  const peer = (name: keyof typeof keys, allowed: string): string =>
    `\n# ${name}\n[Peer]\nPublicKey = ${keys[name].publicKey}\nEndpoint = ${name}.example:51820\nAllowedIPs = ${allowed}\n`;
  const own = (name: keyof typeof keys, address: string): string =>
    `[Interface]\nPrivateKey = ${keys[name].privateKey}\nAddress = ${address}\n`;
  const odd =
    'a group with a name "so long" that no comment of nft can hold what it is called in whole, even before more stand beside it, äöü';
  const grants = [
    { src: '*', dst: '*', ip: ['icmp', 'tcp:22'] },
    { src: '10.0.0.0/24', dst: '192.168.7.0/24', ip: ['tcp:443', 'tcp:8000-8100', 'udp:*', 'sctp:9', 'gre'] },
    { src: '10.0.0.3', dst: '192.168.7.128/25', ip: ['tcp:400-500', 'tcp:8050-8200', '*'] },
    { src: '192.168.7.0/24', dst: 'laptop', ip: ['udp:53', 'tcp:*'] },
    { src: '192.168.7.16/28', dst: odd, ip: ['tcp:50-60', 'icmp'] },
    { src: 'laptop', dst: '0.0.0.0/0', ip: ['tcp:443', 'udp:443'] },
    { src: 'laptop', dst: ['::/0', 'fd00:7::/64'], ip: ['tcp:443', 'icmp'] },
  ];
  const policy = {
    hosts: { router: { routes: ['192.168.7.0/24', 'fd00:7::/64'] }, hub: { role: 'exit-gateway' } },
    groups: { [odd]: ['laptop', 'hub', '10.0.0.0/28'] },
    grants,
  };
  return {
    'hub/etc/wireguard/wg0.conf': `${own('hub', '10.0.0.1/24, fd00::1/64')}ListenPort = 51820\n${peer('router', '10.0.0.2/32, fd00::2/128, 192.168.7.0/24')}${peer('laptop', '10.0.0.3/32, fd00::3/128')}`,
    'router/etc/wireguard/wg0.conf': `${own('router', '10.0.0.2/32, fd00::2/128')}${peer('hub', '10.0.0.0/24, fd00::/64')}`,
    'laptop/etc/wireguard/wg0.conf': `${own('laptop', '10.0.0.3/32, fd00::3/128')}${peer('hub', '0.0.0.0/0, ::/0')}`,
    'meshwarden.jsonc': JSON.stringify(policy),
  };
}

describe('generated rulesets', { skip: skipReason('nft') }, () => {
  let namespace: Namespace;
  before(async () => {
    namespace = await openNamespace();
  });
  after(() => namespace?.close());

  async function loadsTwice(name: string, text: string): Promise<void> {
    const file = path.join(namespace.folder, 'generated.nft');
    writeFileSync(file, text);
    await namespace.exclusive(async () => {
      const lists: string[] = [];
      for (let time = 1; time <= 2; time++) {
        const { status, stderr } = await namespace.run(['nft', '-f', file]);
        assert.equal(status, 0, `${name}, load ${time}: ${stderr}\n${text}`);
        lists.push((await namespace.run(['nft', '-s', 'list', 'ruleset'])).stdout);
      }
      assert.equal(lists[0], lists[1], name);
      const count = (like: RegExp, of: string): number => [...of.matchAll(like)].length;
      const [list = ''] = lists;
      // an element has a comment, and so has one rule of each chain
      for (const like of [/\bcomment "/g, /^\tset /gm, / saddr . ip6? daddr/g])
        assert.equal(count(like, list), count(like, text), `${name} ${like}\n${list}`);
      await namespace.run(['nft', 'flush', 'ruleset']);
    });
  }

  test('of a hard mesh', async () => {
    const texts = generated(hardMesh());
    assert.deepEqual([...texts.keys()].sort(), ['hub', 'laptop', 'router']);
    assert.ok([...texts.values()].every((text) => text.includes('elements = {')));
    for (const [name, text] of texts) await loadsTwice(name, text);
  });

  for (let seed = 1; seed <= SEEDS; seed++) {
    test(`of mesh ${seed}`, async () => {
      for (const [name, text] of generated(randomMesh(seeded(seed)).files)) await loadsTwice(name, text);
    });
  }
});
