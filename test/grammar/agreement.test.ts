// The grammars know what the parsers know: over our examples and samples, and over all that the real tools take, nothing is coloured as
// invalid, every keyword has a colour, and comments and strings are the same text.
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { readRows } from '../../scripts/conformance/measure.ts';
import { isTaken, type RulesetRow } from '../../scripts/conformance/nftables.ts';
import { type Agreement, agreement } from './agreement.ts';
import { grammarOf, type Language, languages, root } from './colours.ts';
import { readSample } from './sample.ts';

interface Text {
  readonly name: string;
  readonly text: string;
}

/** Words that a grammar may take for another kind of keyword, by what a line alone can tell. */
const OTHER_KIND_LIMIT = 0.005;

async function judge(t: TestContext, language: Language, texts: readonly Text[]): Promise<void> {
  const grammar = await grammarOf(language);
  const faults: string[] = [];
  const otherKind: string[] = [];
  const words: Record<string, number> = {};
  let comments = 0;
  let strings = 0;
  for (const { name, text } of texts) {
    const found: Agreement = agreement(grammar, language, text);
    faults.push(...found.faults.map((fault) => `${name}: ${fault}`));
    otherKind.push(...found.otherKind.map((word) => `${name}: ${word}`));
    comments += found.comments;
    strings += found.strings;
    for (const [kind, count] of Object.entries(found.words)) words[kind] = (words[kind] ?? 0) + count;
  }
  const all = Object.values(words).reduce((sum, count) => sum + count, 0);
  const counts = Object.entries(words).map(([kind, count]) => `${count} ${kind}`);
  t.diagnostic(
    `${language}: ${texts.length} files, ${[...counts, `${comments} comments`, `${strings} strings`].join(', ')}; ${faults.length} faults, ${otherKind.length} words with another keyword's colour`,
  );
  assert.ok(all > 0, 'nothing was looked at');
  assert.equal(faults.length, 0, `${faults.length} faults:\n${faults.slice(0, 20).join('\n')}`);
  assert.ok(otherKind.length <= all * OTHER_KIND_LIMIT, `${otherKind.length} of ${all}:\n${otherKind.slice(0, 20).join('\n')}`);
}

const samples = path.relative(root, path.join(import.meta.dirname, 'samples'));
const ours: Partial<Record<Language, readonly (readonly [name: string, patterns: readonly string[]])[]>> = {
  nftables: [
    ['examples', ['examples/**/*.nft', 'examples/**/nftables.conf']],
    ['samples', [`${samples}/*.nft`]],
  ],
  wireguard: [
    ['examples', ['examples/**/wg*.conf']],
    ['samples', [`${samples}/*.conf`]],
  ],
  'wireguard-networkd': [['samples', [`${samples}/*.{netdev,network}`]]],
  'wireguard-networkmanager': [['samples', [`${samples}/*.nmconnection`]]],
};

describe('our own files', () => {
  for (const language of languages) {
    for (const [name, patterns] of ours[language] ?? []) {
      test(`${name}: ${language}`, async (t) => {
        const files = globSync(patterns, { cwd: root }).sort();
        const textOf = (file: string): string => readSample(readFileSync(path.join(root, file), 'utf8')).text;
        await judge(
          t,
          language,
          files.map((file) => ({ name: file, text: textOf(file) })),
        );
      });
    }
  }
});

describe('what the real tools take', () => {
  const conformance = path.resolve(root, '../shared/conformance');
  const absent = 'optional data: ../shared/conformance is not here';
  const skipWithout = (folder: string): string | false => (existsSync(path.join(conformance, folder)) ? false : absent);

  test('nftables', { skip: skipWithout('nftables') }, (t) => {
    const files = ['upstream', 'realworld'].map((name) => path.join(conformance, `nftables/${name}.jsonl`));
    const rows = files.flatMap((file) => readRows<RulesetRow>(file)).filter(isTaken);
    return judge(
      t,
      'nftables',
      rows.map(({ id, text }) => ({ name: id, text })),
    );
  });

  test('wireguard', { skip: skipWithout('wireguard') }, (t) => {
    interface Row {
      readonly id: string;
      /** Absent where it is not UTF-8. */
      readonly text?: string;
      readonly 'tools_1.0.20260223': { readonly verdict: string };
    }
    const files = ['probe', 'realworld'].map((name) => path.join(conformance, `wireguard/${name}.jsonl`));
    const rows = files.flatMap((file) => readRows<Row>(file)).filter((row) => row['tools_1.0.20260223'].verdict === 'accept');
    return judge(
      t,
      'wireguard',
      rows.flatMap(({ id, text }) => (text === undefined ? [] : [{ name: id, text }])),
    );
  });
});
