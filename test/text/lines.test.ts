// Where lines begin, and that an edit gives the lines that a fresh look gives.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seeded } from '../../scripts/bench/random.ts';
import { linesAfterEdit, linesOf, offsetAt, positionAt } from '../../server/src/text/lines.ts';

describe('lines', () => {
  const cases: readonly (readonly [string, readonly number[]])[] = [
    ['', [0]],
    ['a', [0]],
    ['a\nb', [0, 2]],
    ['a\n', [0, 2]],
    ['a\r\nb\r\n', [0, 3, 6]],
    ['a\rb\r', [0, 2, 4]],
    ['\r\r\n\n', [0, 1, 3, 4]],
    ['\n\r', [0, 1, 2]],
    // as the Language Server Protocol counts: no other character ends a line
    ['a\u2028b\u0085c\fd', [0]],
  ];
  for (const [text, starts] of cases) test(`of ${JSON.stringify(text)}`, () => assert.deepEqual([...linesOf(text)], starts));

  test('a position and its offset are each other’s', () => {
    const text = 'ab\r\nc\n\nd\re';
    const lines = linesOf(text);
    for (const offset of [0, 1, 2, 4, 5, 6, 7, 8, 9, 10]) assert.equal(offsetAt(lines, text, positionAt(lines, offset)), offset);
    assert.deepEqual(positionAt(lines, 4), { line: 1, character: 0 });
    assert.deepEqual(positionAt(lines, 7), { line: 3, character: 0 });
  });

  test('a position outside is taken as the nearest inside, and none stands in a line break', () => {
    const text = 'ab\r\nc\n';
    const lines = linesOf(text);
    assert.equal(offsetAt(lines, text, { line: 0, character: 99 }), 2);
    assert.equal(offsetAt(lines, text, { line: 0, character: 3 }), 2);
    assert.equal(offsetAt(lines, text, { line: 1, character: 1 }), 5);
    assert.equal(offsetAt(lines, text, { line: 99, character: 0 }), text.length);
    assert.equal(offsetAt(lines, text, { line: -1, character: 5 }), 0);
    assert.equal(offsetAt(lines, text, { line: 1, character: -3 }), 4);
    assert.deepEqual(positionAt(lines, -1), { line: 0, character: 0 });
  });

  test('half of a surrogate pair is a character of its own, as in the protocol', () => {
    const lines = linesOf('🔑\nx');
    assert.deepEqual(positionAt(lines, 1), { line: 0, character: 1 });
    assert.deepEqual([...lines], [0, 3]);
  });
});

describe('lines after an edit', () => {
  test('equal those of the new text, whatever is put in or taken out', () => {
    const random = seeded(11);
    const pieces = ['', 'x', '\n', '\r', '\r\n', 'a\nb', '\n\r', '\r\r', 'ab\r\ncd\n'];
    let text = 'a\r\nb\rc\n\nd';
    let lines = linesOf(text);
    for (let step = 0; step < 20_000; step++) {
      const start = random.int(text.length + 1);
      const oldEnd = Math.min(text.length, start + random.int(5));
      const inserted = text.length > 60 ? '' : random.pick(pieces);
      const next = text.slice(0, start) + inserted + text.slice(oldEnd);
      const after = linesAfterEdit(lines, next, start, oldEnd, start + inserted.length);
      assert.deepEqual([...after], [...linesOf(next)], `${JSON.stringify(text)} ${start}..${oldEnd} becomes ${JSON.stringify(inserted)}`);
      text = next;
      lines = after;
    }
  });

  test('the lines before are left as they are', () => {
    const old = linesOf('a\nb\n');
    linesAfterEdit(old, 'a\nx\nb\n', 2, 2, 4);
    assert.deepEqual([...old], [0, 2, 4]);
  });
});
