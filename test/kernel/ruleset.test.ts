// What we say a ruleset leaves behind is what the kernel holds once nft has loaded it: `nft -j list ruleset`, word for word.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readRows } from '../../scripts/conformance/measure.ts';
import type { RulesetRow } from '../../scripts/conformance/nftables.ts';
import { parsedFile } from '../../server/src/analysis/parsed-file.ts';
import { nothingIncluded, rulesetState } from '../../server/src/nftables/ruleset/ruleset.ts';
import { sourceFile } from '../../server/src/text/source-file.ts';
import { filesWith, snippetsOf } from '../snippets/files.ts';
import { differences, linesOfList, linesOfState, UNKNOWN } from './ruleset-lines.ts';
import { skipReason } from './support/availability.ts';
import { type Namespace, openNamespace } from './support/namespace.ts';
import { listMany } from './support/nft-batch.ts';

const own = path.resolve(import.meta.dirname, '../nftables/rulesets');
const examples = path.resolve(import.meta.dirname, '../../examples');
const folder = path.resolve(import.meta.dirname, '../../../shared/conformance/nftables');

/** Where nft 1.0.6 itself is wrong. */
const known: ReadonlyMap<string, string> = new Map([
  ['sh-master-dumps/maps__dumps__typeof_maps_concat_update_0', '1.0.6 forgets the second part of a typeof with “ct original”'],
  ['sh-master-heredoc/sets__concat_nlmsg_overrun.s1', '1.0.6 splits one netlink message in two and writes an index with its bytes turned'],
]);

function linesOf(text: string): readonly string[] {
  const uri = 'file:///etc/nftables.conf';
  const { facts } = parsedFile(sourceFile(uri, 1, 'nftables', text));
  assert.ok(facts.language === 'nftables');
  return linesOfState(rulesetState({ uri, facts }, nothingIncluded));
}

describe('a ruleset as the kernel holds it', { skip: skipReason('nft') }, () => {
  let namespace: Namespace;
  before(async () => {
    namespace = await openNamespace();
  });
  after(() => namespace?.close());

  const files = [
    ...readdirSync(own).map((name) => path.join(own, name)),
    ...readdirSync(examples, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('nftables.conf'))
      .map((name) => path.join(examples, name)),
  ];

  test('of our own rulesets', async () => {
    const texts = files.map((file) => readFileSync(file, 'utf8'));
    const lists = await listMany(namespace, texts);
    for (const [i, text] of texts.entries()) {
      const list = lists[i];
      assert.ok(list && list.length > 0, `nft does not take ${files[i]}`);
      const lines = linesOf(text);
      assert.deepEqual(differences(lines, linesOfList(list)), [], files[i]);
      assert.deepEqual(
        lines.filter((line) => line.includes(UNKNOWN)),
        [],
        'all of it is known',
      );
    }
  });

  test('of each snippet', async () => {
    const texts = snippetsOf('nftables').flatMap(({ prefix }) =>
      Object.entries(filesWith('nftables', prefix[0] as string)).flatMap(([name, text]) => (name.endsWith('nftables.conf') ? [text] : [])),
    );
    assert.ok(texts.length > 5);
    const lists = await listMany(namespace, texts);
    for (const [i, text] of texts.entries()) assert.deepEqual(differences(linesOf(text), linesOfList(lists[i] ?? [])), [], text);
  });

  const skip = existsSync(folder) ? false : 'optional data: ../shared/conformance is not here';
  test('of every ruleset of others that nft loads', { skip }, async () => {
    const rows = ['upstream', 'realworld']
      .flatMap((name) => readRows<RulesetRow>(path.join(folder, `${name}.jsonl`)))
      .filter(({ nft_1_0_6: { load } }) => load === '0');
    assert.ok(rows.length > 4000);
    const lists = await listMany(
      namespace,
      rows.map(({ text }) => text),
    );
    let compared = 0;
    let unknown = 0;
    const misses: string[] = [];
    for (const [i, { id, text }] of rows.entries()) {
      const list = lists[i];
      if (!list) continue;
      compared++;
      const lines = linesOf(text);
      if (lines.some((line) => line.includes(UNKNOWN))) unknown++;
      const [first] = differences(lines, linesOfList(list));
      if (first !== undefined && !known.has(id)) misses.push(`${id}: ${first}`);
    }
    assert.deepEqual(misses, []);
    // nft may crash while it lists, and a machine may lack what a ruleset names; but not often
    assert.ok(compared > rows.length * 0.99, `${compared} of ${rows.length} could be listed`);
    assert.ok(unknown < rows.length * 0.005, `${unknown} of ${rows.length} are not wholly known`);
  });
});

describe('the comparison', () => {
  test('takes what we do not know for no disagreement, and nothing else', () => {
    assert.deepEqual(differences(['set a count ?', 'x'], ['set a count 3', 'x']), []);
    assert.deepEqual(differences(['set a count 2'], ['set a count 3']), ['+ set a count 2', '- set a count 3']);
    assert.deepEqual(differences([], ['x']), ['- x']);
    assert.deepEqual(differences(['x'], []), ['+ x']);
  });
});
