// Our verdicts beside the real tools' over other people's files, where these are here.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { refusals } from '../../scripts/conformance/file.ts';
import { type Measure, measure, passes, readRows, tableOf } from '../../scripts/conformance/measure.ts';
import { nftablesMeasures, type RulesetRow } from '../../scripts/conformance/nftables.ts';
import { misplaced, wireguardMeasures } from '../../scripts/conformance/wireguard.ts';
import { fuzzShapes } from '../../scripts/fuzz/shapes.ts';

const folder = path.resolve(import.meta.dirname, '../../../shared/conformance');
const skip = existsSync(folder) ? false : 'optional data: ../shared/conformance is not here';

function assertAll(measures: readonly Measure[]): void {
  for (const { of } of measures) assert.ok(of > 50, 'a folder of so few rows proves little');
  assert.ok(measures.every(passes), `${tableOf(measures)}\n${measures.flatMap(({ misses }) => misses).join('\n')}`);
}

test('nftables: as nft judges', { skip }, () => assertAll(nftablesMeasures(path.join(folder, 'nftables'), 500)));
test('nftables: rules repeated with other numbers are read and checked as each by itself', { skip }, () => {
  const rows = ['upstream', 'realworld'].flatMap((name) => readRows<RulesetRow>(path.join(folder, 'nftables', `${name}.jsonl`)));
  const { read, checked } = fuzzShapes(
    rows.map(({ text }) => text),
    1500,
    20_261_128,
  );
  assert.ok(read > 1500 && checked > 1000, `${read} read and ${checked} checked as another: hardly anything was put to the test`);
});
test('WireGuard: as wg-quick and wg judge', { skip }, () => assertAll(wireguardMeasures(path.join(folder, 'wireguard'))));

describe('a measure', () => {
  const rows = ['a', 'b', 'c', 'd'].map((id) => ({ id }));
  const wrong = (...ids: string[]) => {
    return ({ id }: { readonly id: string }) => (ids.includes(id) ? 'wrong' : null);
  };

  test('counts where we agree, and names where not', () => {
    const result = measure('letters', 0.75, rows, wrong('b'));
    assert.deepEqual(result, { name: 'letters', of: 4, agreed: 3, floor: 0.75, misses: ['b: wrong'], deviations: [] });
    assert.equal(passes(result), true);
    assert.equal(passes(measure('letters', 0.75, rows, wrong('b', 'c'))), false);
  });

  test('leaves out a known deviation, and no row that agrees', () => {
    const known = new Map([
      ['b', 'for a reason'],
      ['c', 'no more'],
    ]);
    const result = measure('letters', 1, rows, wrong('b'), known);
    assert.deepEqual(result, { name: 'letters', of: 3, agreed: 3, floor: 1, misses: [], deviations: ['b: for a reason'] });
  });

  test('hears what the tool would refuse, and nothing else', () => {
    const says = (text: string) => refusals('nftables', text).map(({ message }) => message.slice(0, 20));
    assert.deepEqual(says('table ip t {\n\tchain c {\n\t\ttype filter hook input priority 0; policy accept;\n\t}\n}\n'), []);
    assert.equal(says('table ip t {\n\tchain c {\n\t\tacept\n\t}\n}\n').length, 1);
    // a danger, which wg takes
    assert.deepEqual(refusals('wireguard', '[Interface]\nListenPort = 51820\nAddress = 10.0.0.7/24\n'), []);
    assert.equal(refusals('wireguard', '[Interface]\nListenport = 1-2\n').length, 1);
  });

  test('hears whether we stop where wg does', () => {
    const text = '[Interface]\nListenPort = 1 - 2 # no\n[Peer]\nFwMark = 1\n';
    const found = refusals('wireguard', text);
    assert.equal(misplaced(text, "Servname not supported for ai_socktype: `1-2'", found), null);
    assert.match(misplaced(text, "Line unrecognized: `FwMark=1'", found) ?? '', /another line/);
    // wg-quick reads all of the file before wg does
    const saved = '[Interface]\nFoo = 1\nSaveConfig = yes\n';
    assert.equal(misplaced(saved, "wg-quick: `yes' is neither true nor false", refusals('wireguard', saved)), null);
    assert.match(misplaced('[Peer]\n', 'A peer is missing a public key', []) ?? '', /nothing is refused/);
  });
});
