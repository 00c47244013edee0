// The matrix says of random cells what packets do that are sent one by one, in meshes of each shape (`npm run fuzz -- reach` asks for more).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seeded } from '../../scripts/bench/random.ts';
import { compareCells } from '../../scripts/reach/cells.ts';
import { compareFilters } from '../../scripts/reach/filters.ts';
import { workloads } from '../../scripts/reach/workloads.ts';

const CELLS = 400;

describe('every cell is what packets do', () => {
  for (const { name, make } of workloads)
    test(name, () => {
      const { difference, cells, yes, no } = compareCells(make(seeded(11), 7, 60), 11, CELLS);
      assert.equal(difference, null);
      assert.equal(cells, CELLS);
      // most is known, and some of it gets through
      assert.ok(yes > 0 && yes + no > CELLS / 2, `${yes} yes, ${no} no`);
    });
});

test('a ruleset lets through of all packets what it lets through of each', () => {
  const { difference, packets, sure } = compareFilters(21, 60, 40);
  assert.equal(difference, null);
  assert.ok(sure > packets / 2, `${sure} of ${packets}`);
});
