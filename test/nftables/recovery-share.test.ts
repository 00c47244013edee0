// How much of a ruleset one lost token costs, over our own texts; `npm run conformance` measures it over other people's.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { nftablesText } from '../../scripts/bench/nftables-text.ts';
import { averageKept, keptShare } from '../../scripts/conformance/recovery.ts';

const example = (name: string) => readFileSync(path.resolve(import.meta.dirname, '../../examples', name), 'utf8');

describe('a single token is lost', () => {
  test('and nearly all that stands elsewhere is found the same', () => {
    const texts = [nftablesText(150), example('flat-mesh/hub/etc/nftables.conf')];
    const share = averageKept(texts, 200, 1);
    assert.ok(share >= 0.98, `${share} of what stands outside of the broken statement is found the same`);
  });

  test('all of it where a rule loses its last word', () => {
    const text = 'table inet t {\n\tchain c {\n\t\ttcp dport 1 accept\n\t\ttcp dport 2 accept\n\t}\n}\n';
    const last = 16;
    assert.equal(
      keptShare(text, (limit) => Math.min(last, limit - 1)),
      1,
    );
  });
});
