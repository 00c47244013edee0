// A document to measure on, and the places in it where one typed character makes a finding and its deletion takes it away again.
import { seeded } from './random.ts';

/** Zero-based, as the protocol counts: the generated texts are ASCII, so a column is a UTF-16 offset. */
export interface Place {
  readonly line: number;
  readonly character: number;
  readonly insert: string;
}

export interface BenchDocument {
  readonly name: string;
  /** Below a folder of its own, which is the workspace: nothing else shall be found in it. */
  readonly file: string;
  readonly languageId: string;
  readonly text: string;
  readonly places: readonly Place[];
}

export const lineCount = (text: string): number => text.split('\n').length - 1;

/**
 * `count` places spread evenly over the text, in a seeded order; in a short text they come again. `find` gives the column where
 * `insert` breaks a line, or -1. Throws where the text has hardly such lines, because then the generator is wrong.
 */
export function places(text: string, count: number, insert: string, find: (line: string) => number): Place[] {
  const all: Place[] = [];
  for (const [line, content] of text.split('\n').entries()) {
    const character = find(content);
    if (character >= 0) all.push({ line, character, insert });
  }
  if (all.length < 10) throw new Error(`only ${all.length} places to type "${insert}" in`);
  const random = seeded(count);
  const stretch = all.length / count;
  const spread = Array.from({ length: count }, (_, i) => {
    const from = Math.floor(i * stretch);
    return all[from + random.int(Math.max(1, Math.floor((i + 1) * stretch) - from))]!;
  });
  return random.shuffle(spread);
}
