// Edits: changes as the editor sends them, and the edits of a fix.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seeded } from '../../scripts/bench/random.ts';
import { applyEdits } from '../../server/src/text/edit.ts';
import { linesOf, positionAt } from '../../server/src/text/lines.ts';
import { type Change, changed, sourceFile } from '../../server/src/text/source-file.ts';

const uri = 'file:///etc/wireguard/wg0.conf';

function change(text: string, start: number, end: number, inserted: string): Change {
  const lines = linesOf(text);
  return { range: { start: positionAt(lines, start), end: positionAt(lines, end) }, text: inserted };
}

describe('the edits of a fix', () => {
  const edit = (start: number, end: number, text: string) => ({ uri, span: { start, end }, text });

  test('are made wherever they stand in the list; at one place in the given order', () => {
    assert.equal(applyEdits('abcdef', [edit(4, 5, 'E'), edit(0, 1, ''), edit(6, 6, '!')]), 'bcdEf!');
    assert.equal(applyEdits('ab', [edit(1, 1, '1'), edit(1, 1, '2'), edit(1, 2, '3')]), 'a123');
    assert.equal(applyEdits('ab', []), 'ab');
  });

  test('may touch and not overlap', () => {
    assert.equal(applyEdits('abcd', [edit(0, 2, 'x'), edit(2, 4, 'y')]), 'xy');
    assert.throws(() => applyEdits('abcd', [edit(0, 3, 'x'), edit(2, 4, 'y')]), /overlap at 2/);
  });
});

describe('a changed file', () => {
  const file = sourceFile(uri, 1, 'wireguard', 'one\r\ntwo\r\nthree');

  test('has the new text, its lines, the version, and the damage', () => {
    const { file: next, damage } = changed(file, 2, [change(file.text, 5, 8, '2')]);
    assert.equal(next.text, 'one\r\n2\r\nthree');
    assert.deepEqual([...next.lines], [0, 5, 8]);
    assert.equal(next.version, 2);
    assert.deepEqual(damage, { start: 5, oldEnd: 8, newEnd: 6 });
    assert.equal(file.text, 'one\r\ntwo\r\nthree', 'the old one stays as it is');
  });

  test('changes are applied in order, each to the text the one before has left', () => {
    const { file: next, damage } = changed(file, 2, [
      change('one\r\ntwo\r\nthree', 0, 0, '\n'),
      change('\none\r\ntwo\r\nthree', 1, 4, '1'),
    ]);
    assert.equal(next.text, '\n1\r\ntwo\r\nthree');
    assert.deepEqual(damage, { start: 0, oldEnd: 3, newEnd: 2 });
  });

  test('a change without a range is the whole text, and nothing of the old one may be kept', () => {
    const { file: next, damage } = changed(file, 2, [change(file.text, 0, 3, 'x'), { text: 'a\nb' }, change('a\nb', 0, 1, 'c')]);
    assert.equal(next.text, 'c\nb');
    assert.deepEqual([...next.lines], [0, 2]);
    assert.equal(damage, null);
  });

  test('without changes nothing is damaged', () => {
    const { file: next, damage } = changed(file, 2, []);
    assert.equal(next.text, file.text);
    assert.deepEqual(damage, { start: 0, oldEnd: 0, newEnd: 0 });
  });

  test('a range backwards is taken from its start on', () => {
    const { file: next } = changed(file, 2, [{ range: { start: { line: 1, character: 2 }, end: { line: 0, character: 0 } }, text: '-' }]);
    assert.equal(next.text, 'one\r\ntw-o\r\nthree');
  });

  test('what lies outside the damage is the same before and behind it, whatever the changes', () => {
    const random = seeded(5);
    for (let round = 0; round < 5000; round++) {
      const old = sourceFile(uri, 1, 'wireguard', 'abc\ndef\r\nghi\n'.slice(0, random.int(14)));
      const changes: Change[] = [];
      let text = old.text;
      for (let count = 1 + random.int(3); count > 0; count--) {
        const start = random.int(text.length + 1);
        changes.push(change(text, start, Math.min(text.length, start + random.int(4)), random.pick(['', 'x', 'yz\n', '\r\n'])));
        text = changed(sourceFile(uri, 1, 'wireguard', text), 2, [changes[changes.length - 1] as Change]).file.text;
      }
      const { file: next, damage } = changed(old, 2, changes);
      assert.equal(next.text, text);
      assert.deepEqual([...next.lines], [...linesOf(text)]);
      assert.ok(damage);
      assert.equal(next.text.slice(0, damage.start), old.text.slice(0, damage.start));
      assert.equal(next.text.slice(damage.newEnd), old.text.slice(damage.oldEnd));
      assert.equal(next.text.length - old.text.length, damage.newEnd - damage.oldEnd);
    }
  });
});

test('whether a text speaks to us is known after any edit', () => {
  const at = (character: number) => ({ line: 0, character });
  let file = sourceFile('file:///a.nft', 1, 'nftables', '# mesharden: allow x');
  assert.equal(file.addressed, false);
  file = changed(file, 2, [{ range: { start: at(6), end: at(6) }, text: 'w' }]).file;
  assert.equal(file.text, '# meshwarden: allow x');
  assert.equal(file.addressed, true);
  file = changed(file, 3, [{ range: { start: at(2), end: at(3) }, text: '' }]).file;
  assert.equal(file.addressed, false);
  assert.equal(changed(file, 4, [{ text: 'a\n# meshwarden: b' }]).file.addressed, true);
  const two = [
    { range: { start: at(0), end: at(0) }, text: 'm' },
    { range: { start: at(1), end: at(3) }, text: '' },
  ];
  assert.equal(changed(file, 5, two).file.text.startsWith('meshwarden:'), true);
  assert.equal(changed(file, 5, two).file.addressed, true);
});
