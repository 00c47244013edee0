// What the stages come to: whether `npm test` failed and why, and the lines it ends with.
import type { Result, Skip } from './stage.ts';

/**
 * A skip that no machine could help: it hangs on data that is no part of the repository, such as ../shared/conformance. It is listed, and
 * fails nothing, not even in CI. A test says so with `t.skip('optional data: …')`.
 */
export const optionalData = 'optional data:';

const isOptional = (skip: Skip): boolean => skip.reason.startsWith(optionalData);

/** Why the run failed, a sentence each; none where it passed. `ci`: nothing may be skipped. */
export function failures(results: readonly Result[], ci: boolean): readonly string[] {
  return results.flatMap((result) => {
    const skipped = result.skipped.filter((skip) => !isOptional(skip));
    const reasons: string[] = [];
    if (result.failed > 0) reasons.push(`${result.stage}: ${result.failed} failed`);
    else if (result.passed === 0 && skipped.length === 0) reasons.push(`${result.stage}: it ran no test`);
    if (ci && skipped.length > 0) reasons.push(`${result.stage}: ${skipped.length} skipped, and in CI nothing may be`);
    return reasons;
  });
}

/** The last lines: a row a stage, then the verdict, then each test that was skipped and why. */
export function summary(results: readonly Result[], ci: boolean): readonly string[] {
  const rows = results.map(({ stage, passed, failed, skipped, seconds }) => [
    stage,
    String(passed),
    String(failed),
    String(skipped.length),
    `${seconds.toFixed(1)} s`,
  ]);
  const seconds = results.reduce((sum, result) => sum + result.seconds, 0);
  const failed = failures(results, ci);
  const skips = results.flatMap((result) => result.skipped.map((skip) => ({ ...skip, test: `${result.stage}: ${skip.test}` })));
  const mine = skips.filter((skip) => !isOptional(skip));
  const optional = skips.filter(isOptional);
  return [
    ...table(['stage', 'passed', 'failed', 'skipped', 'time'], rows),
    failed.length > 0 ? `FAILED in ${seconds.toFixed(0)} s: ${failed.join('; ')}` : `Passed in ${seconds.toFixed(0)} s.`,
    ...(optional.length > 0 ? ['Without optional data, not counted as skipped by this machine:', ...listed(optional)] : []),
    ...(mine.length > 0 ? ['Skipped:', ...listed(mine)] : ['Skipped: nothing']),
  ];
}

function listed(skips: readonly Skip[]): readonly string[] {
  return skips.map(({ test, reason }) => `  ${test}: ${reason}`);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [head, ...rows].map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  '),
  );
}
