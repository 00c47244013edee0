// The fixtures: what a person reads to learn what the program finds.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { positionAt } from '../server/src/text/lines.ts';
import { readFixture } from './support/fixture.ts';
import { analysed, findingsIn, fixed, fixesIn, told, uriOf } from './support/mesh-files.ts';

const folder = path.join(import.meta.dirname, 'fixtures');

for (const file of globSync('*.txt', { cwd: folder }).sort()) {
  describe(file, () => {
    const { prose, files, marks, fixes } = readFixture(readFileSync(path.join(folder, file), 'utf8'));
    const analysis = analysed(files);

    test('marks and findings match one to one', () => {
      assert.ok(prose.length > 40, 'the prose is missing');
      const found = findingsIn(analysis);
      const expected = new Set(marks);
      const surplus: string[] = [];
      for (const finding of found) {
        const lines = analysis.files.get(finding.uri)?.source.lines;
        assert.ok(lines);
        const start = positionAt(lines, finding.span.start);
        const end = positionAt(lines, finding.span.end);
        const mark = [...expected].find(
          (one) =>
            uriOf(one.path) === finding.uri &&
            one.rule === finding.rule &&
            one.line === start.line &&
            one.start === start.character &&
            one.end === (end.line === start.line ? end.character : -1) &&
            finding.message.includes(one.says),
        );
        if (mark) expected.delete(mark);
        else surplus.push(`${told(finding, analysis)} [${start.character}-${end.character}]`);
      }
      const missing = [...expected].map((mark) => `${mark.path}:${mark.line + 1} [${mark.start}-${mark.end}] ${mark.rule}: ${mark.says}`);
      assert.deepEqual({ missing, surplus }, { missing: [], surplus: [] });
    });

    for (const { rule, path: at, after } of fixes) {
      test(`the fix of ${rule} in ${at}`, () => {
        const fix = findingsIn(analysis)
          .filter((one) => one.rule === rule && one.uri === uriOf(at))
          .flatMap((one) => fixesIn(analysis, one))[0];
        assert.ok(fix, 'no finding with a fix');
        const result = fixed(files, fix);
        for (const [name, text] of Object.entries(after)) assert.equal(result[name], text, name);
        // what the fix says nothing of stays as it is
        for (const name of Object.keys(files)) if (!(name in after)) assert.equal(result[name], files[name], name);
      });
    }
  });
}
