// Each construct with its colours: samples/*, where marks under a line say the scope of what stands above them.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { coloured, grammarOf, type Language, linesOf } from './colours.ts';
import { readSample } from './sample.ts';

const folder = path.join(import.meta.dirname, 'samples');

function languageOfFile(file: string): Language {
  if (file.endsWith('.nft')) return 'nftables';
  if (file.endsWith('.nmconnection')) return 'wireguard-networkmanager';
  return file.endsWith('.conf') ? 'wireguard' : 'wireguard-networkd';
}

describe('samples have the colours that their marks say', () => {
  for (const file of globSync('*.{conf,nft,netdev,network,nmconnection}', { cwd: folder }).sort()) {
    test(file, async () => {
      const language = languageOfFile(file);
      const { text, marks } = readSample(readFileSync(path.join(folder, file), 'utf8'));
      assert.ok(marks.length > 0, 'no marks');
      const lines = linesOf(text);
      const colours = coloured(await grammarOf(language), text);
      for (const { line, start, end, scope } of marks) {
        const { at, line: content } = lines[line] as { at: number; line: string };
        const shown = `${file}: “${content.slice(start, end)}” in “${content.trim()}”`;
        assert.ok(end <= content.length, `${shown}: the mark reaches behind its line`);
        const wanted = scope === '-' ? undefined : `${scope}.${language}`;
        for (const stretch of colours.filter((one) => one.start < at + end && one.end > at + start)) {
          const has = stretch.scopes.filter((name) => !name.startsWith('meta.'));
          assert.ok(has.at(-1) === wanted, `${shown}: ${scope} was expected, it is ${has.join(' ') || 'without a scope'}`);
        }
      }
    });
  }
});

describe('a sample', () => {
  test('is read without its marks', () => {
    assert.deepEqual(readSample('MTU = 1420\n#<< ^ ^^^^  a.b, c, d\n\n  off\n# ^^^  -\n'), {
      text: 'MTU = 1420\n\n  off\n',
      marks: [
        { line: 0, start: 0, end: 3, scope: 'a.b' },
        { line: 0, start: 4, end: 5, scope: 'c' },
        { line: 0, start: 6, end: 10, scope: 'd' },
        { line: 2, start: 2, end: 5, scope: '-' },
      ],
    });
  });

  test('with a scope too few is refused', () => {
    assert.throws(() => readSample('a b\n#< ^  one\n'), /one scope for each mark/);
  });
});
