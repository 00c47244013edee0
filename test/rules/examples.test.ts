// Every rule, by itself: a bad example yields exactly that rule, a good one nothing, the fix turns bad into good and then rests.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AnalysisOptions } from '../../server/src/analysis/analysis.ts';
import type { ReadOptions } from '../../server/src/analysis/parsed-file.ts';
import { rules } from '../../server/src/rules/registry.ts';
import type { Example, Rule } from '../../server/src/rules/rule.ts';
import { readFixture } from '../support/fixture.ts';
import { changesFiles, mended } from '../support/mended.ts';
import { analysed, findingsIn, fixesIn, type TextFiles, told } from '../support/mesh-files.ts';

function filesOf(rule: Rule, text: string): TextFiles {
  if (/^-- \S+ --$/m.test(text)) return readFixture(text).files;
  return { [rule.id.startsWith('nftables/') ? 'nftables.conf' : 'wg0.conf']: text };
}

for (const rule of rules) {
  describe(rule.id, () => {
    test('says what it is', () => {
      assert.match(rule.id, /^(wireguard|mesh|nftables|policy|meshwarden)\/[a-z0-9]+(-[a-z0-9]+)*$/);
      assert.match(rule.docs.summary, /^[A-Z].*\.$/);
      assert.ok(rule.docs.why.length > 60, 'the reason is missing');
      assert.ok(rule.docs.examples.length > 0, 'an example is missing');
    });
    rule.docs.examples.forEach(({ bad, good, wgVersion, nftVersion, targets = [] }: Example, index) => {
      const options: ReadOptions & AnalysisOptions = {
        targets,
        ...(wgVersion ? { wgVersion } : {}),
        ...(nftVersion ? { nftVersion } : {}),
      };
      test(`example ${index + 1}: bad yields this rule and nothing else`, () => {
        const analysis = analysed(filesOf(rule, bad), options);
        const found = findingsIn(analysis);
        assert.deepEqual(
          [...new Set(found.map(({ rule: id }) => id))],
          [rule.id],
          found.map((finding) => told(finding, analysis)).join('\n'),
        );
      });
      test(`example ${index + 1}: good yields nothing`, () => {
        const analysis = analysed(filesOf(rule, good), options);
        assert.deepEqual(
          findingsIn(analysis).map((finding) => told(finding, analysis)),
          [],
        );
      });
      const files = filesOf(rule, bad);
      const analysis = analysed(files, options);
      if (findingsIn(analysis).some((finding) => fixesIn(analysis, finding).some(changesFiles))) {
        test(`example ${index + 1}: the fix turns bad into good`, () => {
          assert.deepEqual(mended(files, options).files, filesOf(rule, good));
        });
      }
    });
  });
}
