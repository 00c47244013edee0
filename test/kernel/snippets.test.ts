// What the snippets insert is taken by the real tools: nft loads each ruleset, wg-quick and wg take each config, and bash runs their hooks.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { filesWith, snippetsOf } from '../snippets/files.ts';
import { skipReason } from './support/availability.ts';
import { type Namespace, openNamespace } from './support/namespace.ts';
import { judgeNftText } from './support/nft.ts';
import { judgeWg, startWgDevice, type WgDevice } from './support/wg.ts';

describe('nftables snippets', { skip: skipReason('nft') }, () => {
  let namespace: Namespace;
  before(async () => {
    namespace = await openNamespace();
  });
  after(() => namespace?.close());

  for (const { name, prefix } of snippetsOf('nftables')) {
    test(name, async () => {
      const files = Object.entries(filesWith('nftables', prefix[0] as string)).filter(([file]) => file.endsWith('nftables.conf'));
      assert.equal(files.length, 1);
      for (const [, text] of files) {
        const { accepted, stage, message, ruleset } = await judgeNftText(namespace, text);
        assert.ok(accepted, `${stage}: ${message}\n${text}`);
        assert.ok(ruleset.length > 0);
      }
    });
  }
});

describe('wireguard snippets', { skip: skipReason('nft', 'wg') }, () => {
  let namespace: Namespace;
  let device: WgDevice;
  before(async () => {
    namespace = await openNamespace();
    device = await startWgDevice(namespace);
  });
  after(() => namespace?.close());

  for (const { name, prefix } of snippetsOf('wireguard')) {
    test(name, async () => {
      for (const [file, text] of Object.entries(filesWith('wireguard', prefix[0] as string))) {
        const verdict = await judgeWg(device, { text });
        assert.deepEqual(
          { accepted: verdict.accepted, message: verdict.message, warnings: verdict.warnings },
          { accepted: true, message: '', warnings: [] },
          file,
        );
        assert.equal(verdict.state?.peers.length, text.match(/^\[Peer\]/gm)?.length ?? 0, file);
        await namespace.exclusive(() => runHooks(text));
      }
    });
  }

  /** As wg-quick does it: the config, then each hook by bash, with the interface's name for %i. Key files lie in a folder of the namespace. */
  async function runHooks(text: string): Promise<void> {
    const keys = path.join(namespace.folder, 'keys');
    const local = text.replaceAll('/etc/wireguard', keys).replaceAll('%i', device.name);
    const named = [...local.matchAll(/^Post\w+ = wg set .*(?:private|preshared)-key (\S+)$/gm)].map(([, file]) => file as string);
    const made = named.map((file) => `wg genpsk >'${file}'`);
    await mustRun(['mkdir -p -m 700 "$1"', 'umask 077', ...made].join('\n'), keys);

    const config = path.join(namespace.folder, 'wg0.conf');
    writeFileSync(config, local, { mode: 0o600 });
    // wg-quick sets a mark for a default route, which the kill switch reads
    await mustRun(
      `set -o pipefail; wg-quick strip "$1" | wg setconf ${device.name} /dev/stdin; wg set ${device.name} fwmark 51820`,
      config,
    );
    for (const command of hooksOf(local, 'PostUp')) await mustRun(command);
    const shown = await namespace.run(['wg', 'show', device.name, 'preshared-keys']);
    const without = shown.stdout.split('\n').filter((line) => line.endsWith('(none)'));
    assert.equal(without.length, 0, 'a peer has no preshared key');

    const before = await namespace.run(['nft', 'list', 'ruleset']);
    const down = hooksOf(local, 'PostDown');
    assert.equal(before.stdout !== '', down.length > 0, 'what a hook adds to the ruleset another takes away');
    for (const command of down) await mustRun(command);
    assert.equal((await namespace.run(['nft', 'list', 'ruleset'])).stdout, '');
    await mustRun(`wg setconf ${device.name} /dev/null; rm -r "$1"`, keys);
  }

  async function mustRun(script: string, ...args: readonly string[]): Promise<void> {
    const { status, stderr } = await namespace.run(['bash', '--noprofile', '--norc', '-e', '-c', script, 'bash', ...args]);
    assert.equal(status, 0, `${script}\n${stderr}`);
  }
});

function hooksOf(text: string, key: string): readonly string[] {
  return [...text.matchAll(new RegExp(`^${key} = (.*)$`, 'gm'))].map(([, command]) => command as string);
}
