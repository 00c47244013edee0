// Statements of one shape (shape.ts) are checked once: what is found holds for another where all that the check read of the text is the same,
// and where each value fits its type of which it asked no more than that.
import type { Shape } from '../shape.ts';
import type { NftablesStatement } from '../tree.ts';
import type { Asked, Reads } from './checker.ts';
import { fitnessOf, fits } from './literals.ts';
import { type Around, holds, type Result, type Sight } from './result.ts';

/** A statement of the shape that was checked, and in which nothing is wrong. */
interface Sample {
  readonly result: Result;
  readonly text: string;
  /** The units that another may have otherwise, and that were read as they are. */
  readonly fixed: readonly number[];
  readonly asked: readonly { readonly asked: Asked; readonly fitness: number }[];
}

/** Of one shape: in other chains and with other values that count. */
const MOST_SAMPLES = 8;

function samplesOf(shape: Shape): Sample[] {
  shape.checked ??= [] satisfies Sample[];
  return shape.checked as Sample[];
}

/** What was found in a statement like the one from `offset` of `text`, and holds for it. */
export function sharedResult(sight: Sight, around: Around, shape: Shape, text: string, offset: number): Result | null {
  for (const sample of samplesOf(shape)) if (holds(sight, sample.result, around) && isAlike(sample, text, offset)) return sample.result;
  return null;
}

function isAlike({ text: own, fixed, asked }: Sample, text: string, offset: number): boolean {
  for (let i = 0; i < fixed.length; i++) {
    const at = fixed[i] as number;
    if (text.charCodeAt(offset + at) !== own.charCodeAt(at)) return false;
  }
  for (const { asked: one, fitness } of asked)
    if (!fits(fitness, one.literal, one.type, text, offset + one.start, offset + one.end)) return false;
  return true;
}

/** Keeps what was found in a statement for others of its shape. `reads`: what the check read of it; `text`: its own. */
export function share(shape: Shape, result: Result, reads: Reads, text: string): void {
  if (result.problems.length > 0 || result.volatile) return;
  // which statement names a table first is said of that one alone
  for (const found of result.uses?.values() ?? []) if (found?.kind === 'mention') return;
  const { classes } = shape;
  const fixed = new Set<number>();
  for (let i = 0; i < reads.stretches.length; i += 2) {
    const end = Math.min(reads.stretches[i + 1] as number, classes.length);
    for (let at = reads.stretches[i] as number; at < end; at++) if (classes[at] !== 0) fixed.add(at);
  }
  const asked = reads.asked
    .filter(({ start, end }) => classes.subarray(start, end).some((one) => one !== 0))
    .map((one) => ({ asked: one, fitness: fitnessOf(one.literal, one.type) }));
  const samples = samplesOf(shape);
  // the next statement is likely to stand in the same chain
  samples.unshift({ result, text: ` ${text}`.slice(1), fixed: [...fixed], asked });
  if (samples.length > MOST_SAMPLES) samples.pop();
}

/** The shape that a statement's memo tells. */
export function shapeIn({ checked }: NftablesStatement): Shape | null {
  const memo = checked as Shape | Result | undefined;
  return memo === undefined ? null : memo.kind === 'shape' ? memo : memo.shape;
}

export function resultIn({ checked }: NftablesStatement): Result | null {
  const memo = checked as Shape | Result | undefined;
  return memo?.kind === 'result' ? memo : null;
}
