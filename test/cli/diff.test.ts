// meshwarden diff: against a folder and against a git revision, and how it ends.
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { meshwarden } from '../support/command-line.ts';
import { exampleFiles } from '../support/example-files.ts';
import { folderOf } from '../support/folder.ts';
import { git } from '../support/git.ts';

const ruleset = 'hub/etc/nftables.conf';
const hub = 'hub/etc/wireguard/wg0.conf';

/** The example with ssh on the database opened for the laptop, and the metrics’ port closed. */
function changedFiles(): Record<string, string> {
  const files = exampleFiles('zero-trust-mesh');
  const rules = (files[ruleset] ?? '')
    .replace('tcp dport 9090 accept', 'tcp dport 9091 drop')
    .replace('ip saddr 10.10.0.20 ip daddr 10.10.0.2 tcp dport 5432', 'ip saddr 10.10.0.20 ip daddr 10.10.0.2 tcp dport { 22, 5432 }');
  const database = 'database/etc/nftables.conf';
  return { ...files, [ruleset]: rules, [database]: (files[database] ?? '').replace('tcp dport 5432', 'tcp dport { 22, 5432 }') };
}

const wanted = '+  app      →  database   tcp/22\n−  metrics  →  collector  tcp/9090\n';

test('against a folder: who gained and who lost what', async (t) => {
  const base = folderOf(t, exampleFiles('zero-trust-mesh'));
  const now = folderOf(t, changedFiles());
  const { status, out, err } = await meshwarden(['diff', base, now]);
  assert.deepEqual({ status, out, err }, { status: 1, out: wanted, err: '' });
  const same = await meshwarden(['diff', base, base]);
  assert.deepEqual([same.status, same.out], [0, 'Access is the same.\n']);
});

test('the JSON has exactly the promised shape', async (t) => {
  const base = folderOf(t, exampleFiles('zero-trust-mesh'));
  const files = changedFiles();
  const now = folderOf(t, { ...files, [hub]: (files[hub] ?? '').replace('10.10.0.7/32', '10.10.0.6/31') });
  const { status, out } = await meshwarden(['diff', base, '.', '--format', 'json'], now);
  assert.equal(status, 1);
  assert.deepEqual(JSON.parse(out), {
    base,
    view: 'access',
    cells: [
      { from: 'app', to: 'database', gained: [{ ip: 4, protocol: 'tcp', ports: [[22, 22]] }] },
      { from: 'metrics', to: 'collector', lost: [{ ip: 4, protocol: 'tcp', ports: [[9090, 9090]] }] },
    ],
    senders: [{ host: 'laptop', gained: ['10.10.0.6/32'], lost: [] }],
  });
});

test('against a git revision, from the repository’s root and from a folder in it', async (t) => {
  const below = (files: Record<string, string>): Record<string, string> =>
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`site/${name}`, text]));
  const folder = folderOf(t, below({ ...exampleFiles('zero-trust-mesh') }));
  git(folder, 'init', '-q', '-b', 'main');
  git(folder, 'add', '-A');
  git(folder, 'commit', '-qm', 'first');
  for (const [name, text] of Object.entries(below(changedFiles()))) writeFileSync(path.join(folder, name), text);
  for (const [args, cwd] of [
    [['diff', 'HEAD'], folder],
    [['diff', 'main', 'site'], folder],
    [['diff', 'HEAD', '.'], path.join(folder, 'site')],
    [['diff', git(folder, 'rev-parse', '--short', 'HEAD').trim()], folder],
  ] as const) {
    const { status, out, err } = await meshwarden(args, cwd);
    assert.deepEqual({ status, out, err }, { status: 1, out: wanted, err: '' }, args.join(' '));
  }
  git(folder, 'commit', '-qam', 'second');
  const { status, out } = await meshwarden(['diff', 'HEAD'], folder);
  assert.deepEqual([status, out], [0, 'Access is the same.\n']);
});

test('nothing that a repository names is run', async (t) => {
  const files = exampleFiles('zero-trust-mesh');
  const folder = folderOf(t, { ...files, '.gitattributes': '*.conf filter=evil diff=evil\n' });
  git(folder, 'init', '-q');
  git(folder, 'add', '-A');
  git(folder, 'commit', '-qm', 'first');
  const mark = path.join(folder, 'ran');
  for (const [key, value] of [
    ['filter.evil.smudge', `touch ${mark}; cat`],
    ['filter.evil.clean', `touch ${mark}; cat`],
    ['diff.evil.textconv', `touch ${mark}; cat`],
    ['core.fsmonitor', `touch ${mark}`],
    ['core.pager', `touch ${mark}`],
    ['core.sshCommand', `touch ${mark}`],
    ['alias.cat-file', `!touch ${mark}`],
  ] as const)
    git(folder, 'config', key, value);
  const { status, err } = await meshwarden(['diff', 'HEAD'], folder);
  assert.deepEqual([status, err], [0, '']);
  assert.equal(existsSync(mark), false);
});

for (const [args, says] of [
  [['diff'], /diff takes BASE \[FOLDER\]/],
  [['diff', 'no-such-revision', 'examples/zero-trust-mesh'], /“no-such-revision” is neither a folder nor a revision that git knows/],
  [['diff', '--', '--output=x', 'examples/zero-trust-mesh'], /“--output=x” is neither a folder nor a revision/],
  [['diff', 'HEAD', 'nowhere'], /there is no folder “nowhere”/],
] as const) {
  test(`a wrong call ends with 2 and says the mend: ${args.join(' ')}`, async () => {
    const { status, out, err } = await meshwarden(args);
    assert.deepEqual([status, out], [2, '']);
    assert.match(err, says);
  });
}

test('outside of a repository a word is a folder or nothing', async (t) => {
  const { status, err } = await meshwarden(['diff', 'main'], folderOf(t, exampleFiles('zero-trust-mesh')));
  assert.equal(status, 2);
  assert.match(err, /“main” is no folder, and there is no git repository here/);
});
