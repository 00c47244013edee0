// The line that a person edited.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editedLine } from '../../server/src/features/edited-line.ts';
import { linesOf } from '../../server/src/text/lines.ts';

function line(before: string, now: string, near: string | null = null): number | null {
  const at = near === null ? null : now.indexOf(near);
  return editedLine({ text: before, lines: linesOf(before) }, { text: now, lines: linesOf(now) }, at);
}

test('the first that differs, where nobody says more', () => {
  assert.equal(line('a\nb\nc\n', 'a\nB\nc\n'), 1);
  assert.equal(line('a\nb\nc\n', 'a\nb\nc\n'), null);
  assert.equal(line('a\nb\nc', 'a\nb\nc\n'), 2);
  assert.equal(line('', 'a'), 0);
});

test('of those that differ the one that was edited last', () => {
  const before = 'one\ntwo\nthree\nfour\nfive\n';
  const now = 'one\nTWO\nthree\nFOUR\nfive\n';
  assert.equal(line(before, now, 'FOUR'), 3);
  assert.equal(line(before, now, 'TWO'), 1);
  assert.equal(line(before, now, 'five'), 3, 'the nearest, where the last edit was taken back');
  assert.equal(line(before, now, 'one'), 1);
});

test('where lines were added or taken out', () => {
  assert.equal(line('a\nc\n', 'a\nb\nc\n', 'b'), 1);
  assert.equal(line('a\nb\nc\n', 'a\nc\n', 'c'), 1);
  assert.equal(line('a\nb', '', null), 0);
  assert.equal(line('x\nx\nx\n', 'x\nx\n', null), 2);
});
