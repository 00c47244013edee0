// What a comparison with real meshes found, in words.
import type { MeshDifference, MeshReport } from './run.ts';

/** More than this share unknown, where nothing in the mesh is unknowable, and the engine says too little. */
export const MOST_UNKNOWN = 0.1;

export function unknownShare({ knowable, knowableUnknown }: MeshReport): number {
  return knowable === 0 ? 0 : knowableUnknown / knowable;
}

export function passes(report: MeshReport): boolean {
  return report.difference === null && report.failed.length === 0 && unknownShare(report) < MOST_UNKNOWN;
}

export function linesOf(report: MeshReport): readonly string[] {
  const { meshes, flows, yes, no, unknown, answered, oneWay, knowable, reasons, repeated, failed, difference, seconds } = report;
  const lines = [
    `${meshes} meshes, ${flows} flows in ${seconds.toFixed(0)} s: ${yes} yes (${answered} answered, ${oneWay} one-way) and ${no} no, each as it went; ${unknown} unknown`,
    `unknown where nothing is unknowable: ${(unknownShare(report) * 100).toFixed(2)} % of ${knowable}`,
    ...[...reasons]
      .sort(([, a], [, b]) => b - a)
      .slice(0, 8)
      .map(([reason, times]) => `  ${times} × ${reason}`),
  ];
  if (repeated > 0) lines.push(`${repeated} flows only when they were sent again`);
  for (const { seed, message } of failed.slice(0, 3)) lines.push(`the mesh of seed ${seed} did not come up: ${message}`);
  if (difference) lines[0] = `${flows} flows before the first difference`;
  return difference ? [...lines, ...differenceLines(difference)] : lines;
}

function differenceLines({ seed, files, compared }: MeshDifference): readonly string[] {
  const { flow, result, answer, wrong } = compared;
  return [
    `FAILED  ${wrong}; again: npm run kernel -- mesh --seed ${seed} --meshes 1`,
    `${JSON.stringify(flow)}, of which came ${JSON.stringify(result)}`,
    ...answer.hops.map(({ says }) => `  ${says}`),
    ...Object.entries(files).map(([path, text]) => `-- ${path}\n${text.replace(/^(PrivateKey|PresharedKey) = .*$/gm, '$1 = …')}`),
  ];
}
