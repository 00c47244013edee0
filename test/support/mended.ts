// Applies the first offered fix of the findings, one at a time, until none is left: what somebody ends with who trusts the light bulb.
import type { AnalysisOptions } from '../../server/src/analysis/analysis.ts';
import type { ReadOptions } from '../../server/src/analysis/parsed-file.ts';
import type { Fix } from '../../server/src/text/edit.ts';
import { analysed, findingsIn, fixed, fixesIn, type TextFiles } from './mesh-files.ts';

/** Done without a person's typing, and in the files that are here. */
export function changesFiles({ typed, edits }: Fix): boolean {
  return !typed && !edits.some(({ creates }) => creates);
}

/** The files at rest, and how many fixes it took. Fails where the fixes never come to rest. */
export function mended(
  files: TextFiles,
  options: ReadOptions & AnalysisOptions = {},
  most = 20,
): { readonly files: TextFiles; readonly rounds: number } {
  let now = files;
  for (let round = 0; round < most; round++) {
    const analysis = analysed(now, options);
    let fix: Fix | undefined;
    for (const finding of findingsIn(analysis)) {
      fix = fixesIn(analysis, finding).find(changesFiles);
      if (fix) break;
    }
    if (!fix) return { files: now, rounds: round };
    now = fixed(now, fix);
  }
  throw new Error(`after ${most} fixes there are still more`);
}
