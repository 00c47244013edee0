// Every example of the repository is taken by the real tools: whoever copies one gets a mesh that comes up.
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { skipReason } from './support/availability.ts';
import { type Namespace, openNamespace } from './support/namespace.ts';
import { judgeNft } from './support/nft.ts';
import { judgeWgFile, startWgDevice, type WgDevice } from './support/wg.ts';

const examples = path.resolve(import.meta.dirname, '../../examples');
const find = (...patterns: readonly string[]): readonly string[] => [...new Set(globSync(patterns, { cwd: examples }))].sort();
const configs = find('**/etc/wireguard/**/*.conf', '**/wg*.conf');
const rulesets = find('**/nftables.conf', '**/*.nft');

test('there are examples of both languages', () => {
  assert.ok(configs.length > 0, `no WireGuard config under ${examples}`);
  assert.ok(rulesets.length > 0, `no nftables ruleset under ${examples}`);
});

describe('wg-quick strip and wg setconf take each config', { skip: skipReason('wg') }, () => {
  let namespace: Namespace;
  let device: WgDevice;
  before(async () => {
    namespace = await openNamespace();
    device = await startWgDevice(namespace);
  });
  after(() => namespace?.close());

  for (const file of configs) {
    test(file, async () => {
      const { stage, message } = await judgeWgFile(device, path.join(examples, file));
      assert.deepEqual({ stage, message }, { stage: 'ok', message: '' });
    });
  }
});

describe('nft checks and loads each ruleset', { skip: skipReason('nft') }, () => {
  let namespace: Namespace;
  before(async () => {
    namespace = await openNamespace();
  });
  after(() => namespace?.close());

  for (const file of rulesets) {
    test(file, async () => {
      const { stage, message, line, ruleset } = await judgeNft(namespace, path.join(examples, file));
      assert.deepEqual({ stage, message, line }, { stage: 'ok', message: '', line: undefined });
      assert.ok(ruleset.length > 0, 'the ruleset is empty');
    });
  }
});
