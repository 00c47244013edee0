// What a stage of `npm test` is and what it leaves behind.
import path from 'node:path';

export interface Stage {
  readonly name: string;
  /** Runs it and prints what failed, in full; what passed stays short. Does not reject over a failing test. */
  run(): Promise<Outcome>;
}

/** A command that is no test suite, as the type check, counts as one test. */
export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly Skip[];
}

export interface Skip {
  /** the test's name, after its file's */
  readonly test: string;
  readonly reason: string;
}

export interface Result extends Outcome {
  readonly stage: string;
  readonly seconds: number;
}

export const root = path.resolve(import.meta.dirname, '../..');
