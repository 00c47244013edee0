// What a comparison with the kernel found, in words.
import type { Difference, Report } from './nftables.ts';

/** More than this share unknown, where nothing in the ruleset is unknowable, and the walker says too little. */
export const MOST_UNKNOWN = 0.03;

export function unknownShare({ knowable, knowableUnknown }: Report): number {
  return knowable === 0 ? 0 : knowableUnknown / knowable;
}

export function passes(report: Report): boolean {
  return report.difference === null && report.refused.length === 0 && unknownShare(report) < MOST_UNKNOWN;
}

export function linesOf(report: Report): readonly string[] {
  const { packets, accepted, dropped, unknown, refused, difference, sendSeconds, walkSeconds } = report;
  const share = (unknownShare(report) * 100).toFixed(2);
  const lines = [
    `${packets} packets: ${accepted} accept and ${dropped} drop, each as the kernel; ${unknown} unknown`,
    `unknown where nothing is unknowable: ${share} % of ${report.knowable}`,
    `kernel ${sendSeconds.toFixed(1)} s, walker ${walkSeconds.toFixed(1)} s`,
  ];
  for (const { seed, message } of refused.slice(0, 3)) lines.push(`nft refused the ruleset of seed ${seed}: ${message.split('\n')[0]}`);
  if (difference) lines[0] = `${packets} packets before the first difference`;
  return difference ? [...lines, ...differenceLines(difference)] : lines;
}

function differenceLines({ seed, ruleset, compared }: Difference): readonly string[] {
  const { packet, isAnswer, wrong, walked } = compared;
  const trace = walked.trace.map(({ statement, chain, verdict, sure }) => `${chain}:${statement}:${verdict}${sure ? '' : '?'}`);
  return [
    `FAILED  ${wrong}${isAnswer ? ' (the answer)' : ''}; again: npm run kernel -- nftables --seed ${seed} --rulesets 1`,
    `${JSON.stringify(packet)}, which ended at ${JSON.stringify(compared.end)}`,
    `our trace: ${trace.join(' ')}`,
    ruleset,
  ];
}
