// The nftables grammar draws on the whole vocabulary: a new table, or a word that got its row at last, must not go by unseen.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listedWords, unlistedWords } from '../../scripts/generate/nftables/statements.ts';
import * as datatypes from '../../server/src/nftables/vocabulary/datatypes.ts';
import * as selectors from '../../server/src/nftables/vocabulary/selectors.ts';
import * as statements from '../../server/src/nftables/vocabulary/statements.ts';
import * as structure from '../../server/src/nftables/vocabulary/structure.ts';

/** The tables that scripts/generate/nftables reads. `selectorStarts` only joins two others. */
const used = new Set([
  ...['datatypes', 'selectors', 'selectorStarts', 'tcpOptions'],
  ...[
    'verdicts',
    'statements',
    'logLevels',
    'logOptions',
    'natFlags',
    'rejectWords',
    'timeUnits',
    'byteUnits',
    'operators',
    'betweenWords',
  ],
  ...['families', 'chainTypes', 'hooks', 'priorities', 'policies', 'chainWords', 'tableFlags', 'tableWords', 'setWords', 'setFlags'],
  ...['setPolicies', 'commands', 'preprocessor'],
]);

test('every table of the vocabulary is used', () => {
  const tables = [datatypes, selectors, statements, structure].flatMap((module) =>
    Object.entries(module).flatMap(([name, value]) => (Array.isArray(value) ? [name] : [])),
  );
  const unused = tables.filter((name) => !used.has(name));
  assert.deepEqual(unused, [], 'let scripts/generate/nftables read these tables, and name them here');
  assert.deepEqual(
    [...used].filter((name) => !tables.includes(name)),
    [],
    'these tables are gone',
  );
});

test('no word is listed twice', () => {
  const listed = new Set(listedWords);
  const twice = unlistedWords.filter((word) => listed.has(word));
  assert.deepEqual(twice, [], 'these have a row in the vocabulary now: take them out of scripts/generate/nftables/unlisted.ts');
});
