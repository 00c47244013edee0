// What fails `npm test` and what it says last.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Result } from './stage.ts';
import { failures, summary } from './summary.ts';

const result = (change: Partial<Result>): Result => ({ stage: 'unit', passed: 1, failed: 0, skipped: [], seconds: 1, ...change });
const missing = { test: 'a.test.ts:1 › loads', reason: 'nft is not installed: apt-get install nftables' };
const optional = { test: 'a.test.ts:9 › agrees', reason: 'optional data: ../shared/conformance is not there' };

test('a skip fails in CI alone, absent optional data nowhere', () => {
  assert.deepEqual(failures([result({ skipped: [missing] })], false), []);
  assert.deepEqual(failures([result({ skipped: [missing] })], true), ['unit: 1 skipped, and in CI nothing may be']);
  assert.deepEqual(failures([result({ skipped: [optional] })], true), []);
});

test('a stage that ran nothing fails; one whose every test this machine cannot run does not', () => {
  assert.deepEqual(failures([result({ passed: 0 })], false), ['unit: it ran no test']);
  assert.deepEqual(failures([result({ passed: 0, skipped: [optional] })], false), ['unit: it ran no test']);
  assert.deepEqual(failures([result({ passed: 0, skipped: [missing] })], false), []);
});

test('every stage that failed is named', () => {
  const results = [result({ stage: 'lint', failed: 1, passed: 0 }), result({}), result({ stage: 'kernel', failed: 2 })];
  assert.deepEqual(failures(results, true), ['lint: 1 failed', 'kernel: 2 failed']);
});

test('the last lines: a row a stage, the verdict, each skip with its reason', () => {
  const results = [result({ passed: 120, seconds: 12.34, skipped: [optional] }), result({ stage: 'kernel', skipped: [missing] })];
  assert.deepEqual(summary(results, false), [
    'stage   passed  failed  skipped    time',
    'unit       120       0        1  12.3 s',
    'kernel       1       0        1   1.0 s',
    'Passed in 13 s.',
    'Without optional data, not counted as skipped by this machine:',
    '  unit: a.test.ts:9 › agrees: optional data: ../shared/conformance is not there',
    'Skipped:',
    '  kernel: a.test.ts:1 › loads: nft is not installed: apt-get install nftables',
  ]);
  assert.equal(summary([result({})], true).at(-1), 'Skipped: nothing');
  assert.match(summary([result({ failed: 3 })], true).join('\n'), /^FAILED in 1 s: unit: 3 failed$/m);
});
