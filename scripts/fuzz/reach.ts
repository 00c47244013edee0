// The access matrix beside packets sent one by one, after edits beside one computed afresh, and its view of rulesets beside the walk of
// single packets: over meshes of each shape.
import { seeded } from '../bench/random.ts';
import { compareCells } from '../reach/cells.ts';
import { compareEdits } from '../reach/edits.ts';
import { compareFilters } from '../reach/filters.ts';
import { workloads } from '../reach/workloads.ts';
import { FuzzFailure } from './failure.ts';

/** Of so many cells one mesh is made; a mesh has one to each of these spokes, and rules. */
const CELLS = 500;
const SPOKES = 7;
const RULES = 60;

const again = (seed: number): string => `npm run fuzz -- reach --seed ${seed}`;

/** `cells` random cells, and a hundredth of it edits, in each workload; a hundredth of it rulesets. Tells each part as it is done. */
export function fuzzReach(cells: number, seed: number, tell: (line: string) => void): void {
  for (const { name, make } of workloads) {
    let [done, sure, unsure] = [0, 0, 0];
    for (let i = 0; done < cells; i++) {
      const report = compareCells(make(seeded(seed + i), SPOKES, RULES), seed + i, Math.min(CELLS, cells - done));
      if (report.difference) throw new FuzzFailure(`${name}: ${report.difference}`, again(seed));
      if (report.cells === 0) throw new FuzzFailure(`${name}: seed ${seed + i} has no cell to ask for`, again(seed));
      done += report.cells;
      sure += report.yes + report.no;
      unsure += report.unsure + report.packetAlone + report.matrixAlone;
    }
    const steps = Math.ceil(cells / 100);
    let edits = 0;
    for (let i = 0; edits < steps; i++) {
      const report = compareEdits(seeded(seed + i), make(seeded(seed + i), SPOKES, RULES), Math.min(20, steps - edits));
      if (report.difference) throw new FuzzFailure(`${name}: edits with seed ${seed + i}: ${report.difference}`, again(seed));
      edits += report.edits;
    }
    tell(`${name}: ${done} cells, ${sure} sure and as packets fare, ${unsure} unknown to one; ${edits} edits, each as computed afresh`);
  }
  const rulesets = Math.ceil(cells / 100);
  const report = compareFilters(seed, rulesets, 100);
  if (report.difference) throw new FuzzFailure(report.difference, again(seed));
  const { packets, sure, walkAlone, filterAlone, unsure } = report;
  tell(`${rulesets} rulesets, ${packets} packets: ${sure} sure and as the walk goes, ${walkAlone + filterAlone + unsure} unknown to one`);
}
