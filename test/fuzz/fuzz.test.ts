// A share of what `npm run fuzz` does, the same in each run, and that it would find what is wrong.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { nftablesText } from '../../scripts/bench/nftables-text.ts';
import { variedText } from '../../scripts/bench/varied-rules.ts';
import { fuzzEdits } from '../../scripts/fuzz/edits.ts';
import { failureOf, shrunk } from '../../scripts/fuzz/failure.ts';
import { fuzzMeshEdits } from '../../scripts/fuzz/mesh-edits.ts';
import { checkCover, checkSteps, fuzzMutations, parsedText } from '../../scripts/fuzz/mutations.ts';
import { joinedReports, piecesOf } from '../../scripts/fuzz/pieces.ts';
import { runPieces } from '../../scripts/fuzz/pool.ts';
import { meshes } from '../../scripts/fuzz/samples.ts';
import { fuzzShapes } from '../../scripts/fuzz/shapes.ts';
import { stepsOf } from '../../server/src/nftables/parser/parse.ts';

const seed = 20_261_122;

describe('broken files', () => {
  for (const subject of ['nftables', 'wireguard'] as const) {
    test(`${subject}: no throw, lossless, every span in its text`, () => {
      const { mutations, findings, fixes } = fuzzMutations(subject, 3000, seed);
      assert.equal(mutations, 3000);
      assert.ok(findings > 3000 && fixes > 300, `${findings} findings, ${fixes} fixes: these files were hardly broken`);
    });

    test(`${subject}: edit by edit as read afresh`, () => {
      const { steps, series } = fuzzEdits(subject, 1500, seed);
      assert.deepEqual({ steps, series }, { steps: 1500, series: 60 });
    });
  }

  for (const subject of ['networkd', 'networkmanager'] as const) {
    test(`${subject}: no throw, lossless, and edit by edit as read afresh`, () => {
      const { mutations, findings } = fuzzMutations(subject, 1000, seed);
      assert.equal(mutations, 1000);
      assert.ok(findings > 1000, `${findings} findings: these files were hardly broken`);
      assert.equal(fuzzEdits(subject, 500, seed).steps, 500);
    });
  }

  test('a mesh of files, edit by edit, has the findings of the same files read afresh', () => {
    const { steps, series, changes } = fuzzMeshEdits(400, seed);
    assert.deepEqual({ steps, series }, { steps: 400, series: 16 });
    assert.ok(changes > 300, `${changes} changes: these edits did hardly anything`);
  });

  test('are the same for the same seed', () => {
    const { slowest: _, ...first } = fuzzMutations('all', 200, seed);
    const { slowest: __, ...second } = fuzzMutations('all', 200, seed);
    assert.deepEqual(first, second);
  });
});

describe('a run in pieces', () => {
  test('tries on several threads what one run tries', async () => {
    const pieces = [...piecesOf('mutations', 'wireguard', 250, seed, 100), ...piecesOf('edits', 'wireguard', 150, seed, 75)];
    const told: number[] = [];
    const reports = await runPieces(pieces, 2, ({ count }) => told.push(count));
    const { slowest: _, ...mutated } = fuzzMutations('wireguard', 250, seed);
    const { slowest: __, ...edited } = fuzzEdits('wireguard', 150, seed);
    assert.deepEqual(joinedReports(reports).counts, { ...mutated, ...edited });
    assert.deepEqual(
      told.sort((a, b) => a - b),
      [50, 75, 75, 100, 100],
    );
  });
});

describe('rules repeated with other numbers', () => {
  test('are read and checked as each by itself', () => {
    const own = meshes('nftables').flatMap(({ samples }) => samples.filter(({ language }) => language === 'nftables'));
    const texts = [...own.map(({ text }) => text), variedText(40), nftablesText(100)];
    const { read, checked, problems } = fuzzShapes(texts, 600, seed);
    assert.ok(
      read > 4000 && checked > 2000 && problems > 1000,
      `${read} read and ${checked} checked as another, ${problems} problems: hardly anything was put to the test`,
    );
  });
});

describe('what fails', () => {
  const needs = (text: string): void => {
    if (text.includes('{') && text.includes('#')) throw new Error('both');
  };

  test('is told, and nothing where nothing fails', () => {
    assert.match(failureOf(needs, 'a { b # c') ?? '', /both/);
    assert.equal(failureOf(needs, 'a { b'), null);
  });

  test('is made as small as it still fails', () => {
    assert.equal(shrunk(needs, `${'x '.repeat(200)}{${' y'.repeat(100)}#${' z'.repeat(300)}`), '{#');
  });

  test('is a tree whose tokens are not the text, and a problem outside of it', () => {
    const file = parsedText('file:///a.nft', 'nftables', 'table ip t {\n}\nbogus words\n');
    checkCover(file);
    const { text } = file.source;
    assert.throws(() => checkCover({ ...file, source: { ...file.source, text: `${text}x` } }), /the tokens end at/);
    assert.throws(() => checkCover({ ...file, source: { ...file.source, text: text.slice(0, 10) } }), /the tokens end at|is no span/);
  });

  test('is a parser that looks at the same text again and again', () => {
    const long = 'jump { '.repeat(500);
    checkSteps(long, stepsOf(long));
    assert.throws(() => checkSteps(long, long.length ** 2), /took 12250000 steps/);
  });
});
