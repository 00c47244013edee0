// When files came to be as they are, read from git's own files, beside what git itself says.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { fileHistory, usualLimits } from '../../server/src/host/git-history.ts';
import { objectStore } from '../../server/src/host/git-objects.ts';
import { folderOf } from '../support/folder.ts';

/** Commits are made at moments that the test chooses. */
let now = 1_600_000_000;

function git(folder: string, ...args: readonly string[]): string {
  const date = `${now} +0200`;
  const env = {
    ...process.env,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_DATE: date,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_SYSTEM: '/dev/null',
  };
  const who = ['-c', 'user.name=A Tester', '-c', 'user.email=a@example.net', '-c', 'commit.gpgsign=false', '-c', 'init.defaultBranch=main'];
  return execFileSync('git', ['-C', folder, ...who, ...args], { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

/** Writes a file and commits it a day after the commit before. */
function commit(folder: string, file: string, text: string | null): number {
  now += 86_400;
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  if (text === null) rmSync(path.join(folder, file));
  else writeFileSync(path.join(folder, file), text);
  git(folder, 'add', '-A');
  git(folder, 'commit', '-q', '--allow-empty', '-m', `${file}: ${now}`);
  return now;
}

async function versions(
  folder: string,
  files: readonly string[],
  limits = usualLimits,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const found: Record<string, string[]> = Object.fromEntries(files.map((file) => [file, []]));
  await fileHistory(
    folder,
    files,
    (file, { text, from }) => {
      found[file]?.push(`${from} ${text.slice(0, 20).trim()}`);
      return true;
    },
    limits,
  );
  return found;
}

/** What git says, in the same form. */
function saidByGit(folder: string, file: string): readonly string[] {
  const lines = git(folder, 'log', '--first-parent', '--format=%H %ct', '--', file).split('\n').filter(Boolean);
  return lines.flatMap((line) => {
    const [id = '', time = ''] = line.split(' ');
    const exists = git(folder, 'ls-tree', id, '--', file) !== '';
    return exists ? [`${time} ${git(folder, 'show', `${id}:${file}`).slice(0, 20).trim()}`] : [];
  });
}

function repository(t: TestContext, ...options: readonly string[]): string {
  const folder = folderOf(t, {});
  git(folder, 'init', '-q', ...options);
  return folder;
}

describe('the versions of files, as git log --first-parent says', () => {
  const files = ['hub/wg0.conf', 'wg1.conf', 'a/b/c/d.conf'];

  function grown(t: TestContext, ...options: readonly string[]): string {
    const folder = repository(t, ...options);
    const noise = (i: number): string =>
      Array.from({ length: 300 }, (_, line) =>
        createHash('sha256')
          .update(`${i < 3 ? 0 : i} ${line}`)
          .digest('hex'),
      ).join('\n');
    for (let i = 0; i < 12; i++) {
      commit(folder, 'hub/wg0.conf', `# version ${i >> 1}\n${noise(0)}\n# ${i >> 1}\n`);
      if (i % 3 === 0) commit(folder, 'wg1.conf', `# one ${i}\n`);
      if (i % 4 === 1) commit(folder, 'a/b/c/d.conf', `# deep ${i}\n`);
      commit(folder, `other-${i % 5}.txt`, noise(i));
    }
    return folder;
  }

  const check = async (folder: string): Promise<void> => {
    const found = await versions(folder, files);
    for (const file of files) assert.deepEqual(found[file], saidByGit(folder, file), file);
    assert.equal(found['hub/wg0.conf']?.length, 6);
  };

  test('in loose objects', async (t) => check(grown(t)));

  test('in a pack, where most are told by what differs, and in both', async (t) => {
    const folder = grown(t);
    git(folder, 'repack', '-adfq', '--depth=50', '--window=50');
    git(folder, 'pack-refs', '--all');
    assert.deepEqual(
      readdirSync(path.join(folder, '.git/objects')).filter((name) => name.length === 2),
      [],
    );
    await check(folder);
    commit(folder, 'wg1.conf', '# loose again\n');
    await check(folder);
  });

  test('in a pack of differences from objects that are named', async (t) => {
    const folder = grown(t);
    git(folder, 'config', 'repack.useDeltaBaseOffset', 'false');
    git(folder, 'repack', '-adfq', '--depth=50', '--window=50');
    await check(folder);
  });

  test('in a repository of longer ids', async (t) => {
    const folder = grown(t, '--object-format=sha256');
    await check(folder);
    git(folder, 'repack', '-adfq');
    await check(folder);
  });

  test('of a worktree beside the repository, and of one that borrows its objects', async (t) => {
    const folder = grown(t);
    const beside = path.join(folderOf(t, {}), 'beside');
    git(folder, 'worktree', 'add', '-q', beside, '-b', 'other');
    commit(beside, 'wg1.conf', '# on the other branch\n');
    await check(beside);
    const borrowed = path.join(folderOf(t, {}), 'borrowed');
    git(folder, 'clone', '-q', '--shared', folder, borrowed);
    await check(borrowed);
  });
});

test('what was merged came with the merge; what was taken away and put back came when it was put back', async (t) => {
  const folder = repository(t);
  commit(folder, 'wg0.conf', '# one\n');
  git(folder, 'checkout', '-q', '-b', 'side');
  commit(folder, 'wg0.conf', '# two\n');
  git(folder, 'checkout', '-q', 'main');
  commit(folder, 'other.txt', 'x\n');
  now += 86_400;
  git(folder, 'merge', '-q', '--no-ff', '-m', 'merge', 'side');
  const merged = now;
  commit(folder, 'wg1.conf', '# here\n');
  commit(folder, 'wg1.conf', null);
  const again = commit(folder, 'wg1.conf', '# here\n');
  const found = await versions(folder, ['wg0.conf', 'wg1.conf']);
  assert.equal(found['wg0.conf']?.[0], `${merged} # two`);
  assert.deepEqual(found['wg1.conf'], [`${again} # here`]);
});

test('where history ends early, or is cut short, the oldest commit that is here counts', async (t) => {
  const folder = repository(t);
  commit(folder, 'wg0.conf', '# one\n');
  const times = [1, 2, 3, 4].map((i) => commit(folder, 'other.txt', `${i}\n`));
  assert.deepEqual(await versions(folder, ['wg0.conf'], { ...usualLimits, commits: 3 }), { 'wg0.conf': [`${times[1]} # one`] });
  const shallow = path.join(folderOf(t, {}), 'shallow');
  git(folder, 'clone', '-q', '--depth=2', `file://${folder}`, shallow);
  assert.deepEqual(await versions(shallow, ['wg0.conf']), { 'wg0.conf': [`${times[2]} # one`] });
});

test('false ends a file’s history, and only that one’s', async (t) => {
  const folder = repository(t);
  for (let i = 0; i < 3; i++) {
    commit(folder, 'a.conf', `# a ${i}\n`);
    commit(folder, 'b.conf', `# b ${i}\n`);
  }
  const seen: string[] = [];
  await fileHistory(folder, ['a.conf', 'b.conf'], (file, { text }) => {
    seen.push(text.trim());
    return file === 'b.conf';
  });
  assert.deepEqual(seen.sort(), ['# a 2', '# b 0', '# b 1', '# b 2']);
});

test('no repository, none that has a commit, none that is whole: nothing is told, and nothing thrown', async (t) => {
  assert.deepEqual(await versions(folderOf(t, { 'wg0.conf': '' }), ['wg0.conf']), { 'wg0.conf': [] });
  const folder = repository(t);
  writeFileSync(path.join(folder, 'wg0.conf'), '');
  assert.deepEqual(await versions(folder, ['wg0.conf']), { 'wg0.conf': [] });
  commit(folder, 'wg0.conf', '# one\n');
  const blob = git(folder, 'rev-parse', 'HEAD:wg0.conf');
  rmSync(path.join(folder, '.git/objects', blob.slice(0, 2), blob.slice(2)));
  assert.deepEqual(await versions(folder, ['wg0.conf']), { 'wg0.conf': [] });
  writeFileSync(path.join(folder, '.git/HEAD'), 'ref: refs/heads/../../x\n');
  assert.deepEqual(await versions(folder, ['wg0.conf']), { 'wg0.conf': [] });
});

test('broken packs are read as far as they can be', (t) => {
  const folder = repository(t);
  for (let i = 0; i < 5; i++) commit(folder, 'wg0.conf', `${'# a line that stays\n'.repeat(50)}${i}\n`);
  const ids = git(folder, 'rev-list', '--objects', '--all')
    .split('\n')
    .map((line) => line.split(' ')[0] as string);
  git(folder, 'repack', '-adfq');
  const packs = path.join(folder, '.git/objects/pack');
  const pack = path.join(packs, readdirSync(packs).find((name) => name.endsWith('.pack')) as string);
  const whole = objectStore(path.join(folder, '.git/objects'));
  for (const id of ids) {
    const object = whole.read(id);
    assert.ok(object, id);
    const header = `${object.type} ${object.bytes.length}\0`;
    assert.equal(createHash('sha1').update(header).update(object.bytes).digest('hex'), id);
  }
  whole.close();
  execFileSync('chmod', ['u+w', pack]);
  for (let length = 0; length < 400; length += 37) {
    writeFileSync(pack, Buffer.alloc(length, 0xff));
    appendFileSync(pack, 'x');
    const store = objectStore(path.join(folder, '.git/objects'));
    for (const id of ids) store.read(id);
    store.close();
  }
});
