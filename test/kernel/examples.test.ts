// Every example of the repository is taken by the real tools: whoever copies one gets a mesh that comes up.
import assert from 'node:assert/strict';
import { globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { exampleFiles } from '../support/example-files.ts';
import { mended } from '../support/mended.ts';
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

/** The flat mesh once every fix that is offered was made, on disk. */
const repaired = mkdtempSync(path.join(os.tmpdir(), 'meshwarden-mended-'));
for (const [file, text] of Object.entries(mended(exampleFiles('flat-mesh'), {}, 200).files)) {
  mkdirSync(path.dirname(path.join(repaired, file)), { recursive: true });
  writeFileSync(path.join(repaired, file), text, { mode: 0o600 });
}
after(() => rmSync(repaired, { recursive: true, force: true }));

const places = (
  files: readonly string[],
  found: (folder: string) => readonly string[],
): readonly { readonly name: string; readonly file: string }[] => [
  ...files.map((name) => ({ name, file: path.join(examples, name) })),
  ...found(repaired).map((name) => ({ name: `mended ${name}`, file: path.join(repaired, name) })),
];

describe('wg-quick strip and wg setconf take each config', { skip: skipReason('wg') }, () => {
  let namespace: Namespace;
  let device: WgDevice;
  before(async () => {
    namespace = await openNamespace();
    device = await startWgDevice(namespace);
  });
  after(() => namespace?.close());

  for (const { name, file } of places(configs, (cwd) => globSync('**/wg*.conf', { cwd }).sort())) {
    test(name, async () => {
      const { stage, message } = await judgeWgFile(device, file);
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

  for (const { name, file } of places(rulesets, (cwd) => globSync('**/nftables.conf', { cwd }).sort())) {
    test(name, async () => {
      const { stage, message, line, ruleset } = await judgeNft(namespace, file);
      assert.deepEqual({ stage, message, line }, { stage: 'ok', message: '', line: undefined });
      assert.ok(ruleset.length > 0, 'the ruleset is empty');
    });
  }
});
