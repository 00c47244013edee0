// What a run of test files counts, on small files made here.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import type { Outcome } from './stage.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'meshwarden-tests-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Runs one file with this content, in a process apart: a run inside a run is refused by node:test. */
function counted(content: string, minutes = 1): { readonly outcome: Outcome; readonly said: string } {
  const file = path.join(folder, 'some.test.ts');
  writeFileSync(file, content);
  const driver = path.join(folder, 'driver.mjs');
  const options = JSON.stringify({ files: [file], concurrency: 1, minutes });
  writeFileSync(
    driver,
    `import { runTests } from ${JSON.stringify(new URL('./node-tests.ts', import.meta.url).href)};
    const said = [];
    const outcome = await runTests({ ...${options}, say: (line) => said.push(line) });
    console.log(JSON.stringify({ outcome, said: said.join('\\n') }));`,
  );
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { stdout, stderr } = spawnSync(process.execPath, [driver], { env, encoding: 'utf8' });
  assert.notEqual(stdout, '', stderr);
  return JSON.parse(stdout);
}

const header = "import { before, describe, test } from 'node:test';\n";

test('tests count, suites do not; what passed prints nothing', () => {
  const { outcome, said } = counted(
    `${header}console.log('noise'); describe('suite', () => { test('a', () => {}); test('b', async (t) => { await t.test('c', () => {}); }); });`,
  );
  assert.deepEqual(outcome, { passed: 3, failed: 0, skipped: [] });
  assert.equal(said, '');
});

test('a failure is told once, with its place, its whole error and what its file printed', () => {
  const { outcome, said } = counted(
    `${header}import assert from 'node:assert/strict';\nconsole.log('a clue');\ntest('outer', async (t) => {\n  await t.test('inner', () => assert.equal('x'.repeat(50), 'y'));\n});`,
  );
  assert.deepEqual(outcome, { passed: 0, failed: 1, skipped: [] });
  assert.match(said, /✖ .*some\.test\.ts:5 › outer › inner/);
  assert.match(said, /x{50}/);
  assert.match(said, /a clue/);
  assert.equal(said.match(/✖ /g)?.length, 1);
});

test('skips and to-dos are listed with their reasons, of suites too', () => {
  const { outcome } = counted(
    `${header}test('a', (t) => t.skip('no nft')); test('b', { skip: true }, () => {}); test('c', { todo: 'soon' }, () => { throw new Error(); });
    describe('d', { skip: 'no wg' }, () => { test('e', () => {}); });`,
  );
  assert.deepEqual(
    outcome.skipped.map(({ reason }) => reason),
    ['no nft', 'no reason given', 'to do: soon', 'no wg'],
  );
  assert.equal(outcome.failed, 0);
});

test('a file without a test, one that cannot be loaded, a hook that throws: each fails', () => {
  assert.match(counted('').said, /there is no test in this file/);
  assert.equal(counted('').outcome.failed, 1);
  const broken = counted("throw new Error('at the door');");
  assert.equal(broken.outcome.failed, 1);
  assert.match(broken.said, /at the door/);
  const hook = counted(`${header}describe('s', () => { before(() => { throw new Error('in the hook'); }); test('a', () => {}); });`);
  assert.equal(hook.outcome.passed, 0);
  assert.match(hook.said, /in the hook/);
});

test('what does not end is ended, and fails', () => {
  const { outcome, said } = counted(`${header}test('a', () => {}); setInterval(() => {}, 1000);`, 0.05);
  assert.equal(outcome.failed, 1);
  assert.match(said, /still running after 0\.05 minutes/);
});
