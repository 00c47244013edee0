// A long run in pieces, each with seeds of its own, so that all cores take part and the run tells how far it is.
import { fuzzEdits } from './edits.ts';
import { fuzzMutations } from './mutations.ts';
import { meshes, type Subject } from './samples.ts';
import { fuzzShapes } from './shapes.ts';

export type Part = 'mutations' | 'edits' | 'repeated rules';

/** Together the pieces of a part try what one run of all their cases would. */
export interface Piece {
  readonly part: Part;
  readonly subject: Subject;
  readonly count: number;
  readonly seed: number;
}

export interface PieceReport {
  /** What was tried, and what came of it, by name. */
  readonly counts: Readonly<Record<string, number>>;
  /** null where nothing is timed. */
  readonly slowest: { readonly ms: number; readonly what: string } | null;
}

/** Whole series of edits, of 25 steps each, and the same share of mutations that are analysed afresh. */
const PIECE = 20_000;
const STEPS = 25;

/** `size` cases in each; of edits a multiple of the steps of a series. */
export function piecesOf(part: Part, subject: Subject, count: number, seed: number, size = PIECE): readonly Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < count; at += size) {
    // a series of edits has one seed
    const from = part === 'edits' ? at / STEPS : at;
    pieces.push({ part, subject, count: Math.min(size, count - at), seed: seed + from });
  }
  return pieces;
}

/** Throws a FuzzFailure where something does not hold. */
export function runPiece({ part, subject, count, seed }: Piece): PieceReport {
  switch (part) {
    case 'mutations': {
      const { mutations, findings, fixes, slowest } = fuzzMutations(subject, count, seed);
      const what = `${slowest.characters} characters of ${slowest.uri} (--seed ${slowest.seed} --count 1)`;
      return { counts: { mutations, findings, fixes }, slowest: { ms: slowest.ms, what } };
    }
    case 'edits': {
      const { steps, series, slowest } = fuzzEdits(subject, count, seed);
      return { counts: { steps, series }, slowest: { ms: slowest.ms, what: `${slowest.uri} (--edits --seed ${slowest.seed} --count 25)` } };
    }
    case 'repeated rules': {
      const { cases, read, checked } = fuzzShapes(rulesetTexts(), count, seed);
      return { counts: { cases, read, checked }, slowest: null };
    }
  }
}

function rulesetTexts(): readonly string[] {
  return meshes('nftables').flatMap(({ samples }) => samples.filter(({ language }) => language === 'nftables').map(({ text }) => text));
}

/** All that was tried, and the slowest of it. */
export function joinedReports(reports: readonly PieceReport[]): PieceReport {
  const counts: Record<string, number> = {};
  for (const report of reports) for (const [name, count] of Object.entries(report.counts)) counts[name] = (counts[name] ?? 0) + count;
  const slowest = reports.reduce<PieceReport['slowest']>(
    (worst, one) => ((one.slowest?.ms ?? -1) > (worst?.ms ?? -1) ? one.slowest : worst),
    null,
  );
  return { counts, slowest };
}
