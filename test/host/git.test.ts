// What git tracks and ignores, read from its files, beside what git itself says.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { ignoredBy } from '../../server/src/host/git-ignore.ts';
import { trackedPaths } from '../../server/src/host/git-index.ts';
import { fileFacts } from '../../server/src/host/node.ts';
import { folderOf } from '../support/folder.ts';

const git = (folder: string, ...args: readonly string[]): string => execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8' });

for (const version of ['2', '4']) {
  test(`an index of version ${version} tells what git tracks`, async (t) => {
    const folder = folderOf(t, {
      'wg0.conf': '[Interface]\n',
      'hosts/app/wg0.conf': '[Interface]\n',
      'hosts/app/wg1.conf': '[Interface]\n',
      'new.conf': '',
    });
    git(folder, 'init', '-q');
    git(folder, 'config', 'index.version', version);
    git(folder, 'add', 'wg0.conf', 'hosts');
    git(folder, 'update-index', '--index-version', version);
    assert.equal((await fileFacts(path.join(folder, 'wg0.conf')))?.tracked, true);
    assert.equal((await fileFacts(path.join(folder, 'hosts/app/wg0.conf')))?.tracked, true);
    assert.equal((await fileFacts(path.join(folder, 'hosts/app/wg1.conf')))?.tracked, true);
    assert.equal((await fileFacts(path.join(folder, 'new.conf')))?.tracked, false);
  });
}

test('no bytes make the index reader throw', () => {
  assert.equal(trackedPaths(new Uint8Array()), null);
  const bytes = new TextEncoder().encode(`DIRC\0\0\0\u0004\0\0\0\u0009${'x'.repeat(100)}`);
  for (let length = 0; length <= bytes.length; length++) trackedPaths(bytes.slice(0, length));
});

test('ignored as git says', async (t) => {
  const patterns = ['*.key', '/secret.conf', 'build/', '!keep.key', 'a/**/z.conf', '[xy].conf', '# no', 'sp\\ ace.conf'].join('\n');
  const names = [
    'wg.key',
    'b/wg.key',
    'keep.key',
    'secret.conf',
    'b/secret.conf',
    'build/wg0.conf',
    'a/z.conf',
    'a/b/c/z.conf',
    'x.conf',
    'z.conf',
    'sp ace.conf',
  ];
  const folder = folderOf(t, { '.gitignore': `${patterns}\n`, ...Object.fromEntries(names.map((name) => [name, ''])) });
  git(folder, 'init', '-q');
  const said = execFileSync('git', ['-C', folder, 'check-ignore', '--no-index', '--stdin'], {
    input: names.join('\n'),
    encoding: 'utf8',
  }).split('\n');
  for (const name of names) assert.equal(ignoredBy(patterns, name) === true, said.includes(name), name);
  assert.equal((await fileFacts(path.join(folder, 'b/wg.key')))?.ignored, true);
});

describe('modes, as wg-quick asks', () => {
  for (const [file, folderMode, open] of [
    [0o644, 0o755, true],
    [0o640, 0o755, false],
    [0o644, 0o700, false],
    [0o600, 0o755, false],
  ] as const) {
    test(`${file.toString(8)} in ${folderMode.toString(8)}`, { skip: process.platform === 'win32' && 'there are no modes' }, async (t) => {
      const folder = folderOf(t, { 'wg0.conf': '' });
      chmodSync(path.join(folder, 'wg0.conf'), file);
      chmodSync(folder, folderMode);
      writeFileSync(path.join(folder, 'wg0.conf'), '[Interface]\n');
      assert.equal((await fileFacts(path.join(folder, 'wg0.conf')))?.openToOthers, open);
    });
  }
});
