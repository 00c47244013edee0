// An analysis with nothing left for later: for those who wait for it.

import { accessStage } from './access.ts';
import { type Analysis, type AnalysisOptions, analyse, withAccess } from './analysis.ts';
import { type Matrices, newMatrices } from './matrices.ts';
import type { Files } from './parsed-file.ts';

/** Asks all rules of these files. */
export function analyseWhole(files: Files, options?: AnalysisOptions): Analysis {
  return withAccessDone(analyse(files, undefined, options));
}

/** The analysis with the rules about access asked as well. */
export function withAccessDone(analysis: Analysis, matrices: Matrices = newMatrices()): Analysis {
  if (!analysis.accessDue) return analysis;
  const steps = accessStage(analysis, matrices);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return withAccess(analysis, value);
  }
}
