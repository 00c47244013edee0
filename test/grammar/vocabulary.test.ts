// The nftables grammar draws on the whole vocabulary: a new table, or a word that got its row at last, must not go by unseen.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as datatypes from '../../server/src/nftables/vocabulary/datatypes.ts';
import * as phrases from '../../server/src/nftables/vocabulary/phrases.ts';
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
  ...['placeWords', 'ctObjects', 'baseChainWords', 'chainFlags', 'amountWords', 'queueWords', 'translationWords', 'synproxyWords'],
  ...['elementWords', 'logFlags', 'logHeaderFlags', 'hashWords', 'selectorWords', 'osfTtl', 'ipsecFields', 'ipOptions', 'ipOptionFields'],
  ...['tcpOptionFields', 'rawBases', 'mapData', 'wordOperators', 'ctObjectSettings', 'objectSettings'],
]);

test('every table of the vocabulary is used', () => {
  const tables = [datatypes, phrases, selectors, statements, structure].flatMap((module) =>
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

test('every word says what it means, and once in its table', () => {
  for (const module of [datatypes, phrases, selectors, statements, structure]) {
    for (const [table, value] of Object.entries(module)) {
      // two tables in one: `ipsec` begins a selector and is a field of meta
      if (!Array.isArray(value) || table === 'selectorStarts') continue;
      const rows = value as readonly { readonly name: string; readonly says: string }[];
      assert.deepEqual(
        rows.filter(({ says }) => says.trim() === '').map(({ name }) => `${table}: ${name}`),
        [],
      );
      assert.equal(new Set(rows.map(({ name }) => name)).size, rows.length, `${table} names a word twice`);
    }
  }
});
