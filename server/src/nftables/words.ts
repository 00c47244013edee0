// The words of nft's own, each as one and the same string: a word cut out of a text would be another each time, to be compared letter by letter.
import { datatypes } from './vocabulary/datatypes.ts';
import * as phrases from './vocabulary/phrases.ts';
import { bareMeta, selectors, tcpOptions } from './vocabulary/selectors.ts';
import {
  betweenWords,
  byteUnits,
  logLevels,
  logOptions,
  natFlags,
  operators,
  rejectWords,
  statements,
  timeUnits,
  verdicts,
} from './vocabulary/statements.ts';
import { chainTypes, chainWords, commands, families, hooks, preprocessor, setWords, tableWords } from './vocabulary/structure.ts';

const size = 4096;
const table: (string | undefined)[] = new Array(size).fill(undefined);

/** What the letters of a word come to, one after the other. */
export function hashStep(hash: number, unit: number): number {
  return (Math.imul(hash, 31) + unit) | 0;
}

function slotOf(hash: number): number {
  return (hash ^ (hash >>> 12)) & (size - 1);
}

function put(word: string): void {
  let hash = 0;
  for (let i = 0; i < word.length; i++) hash = hashStep(hash, word.charCodeAt(i));
  let slot = slotOf(hash);
  while (table[slot] !== undefined && table[slot] !== word) slot = (slot + 1) & (size - 1);
  table[slot] = word;
}

for (const rows of [
  ...[verdicts, statements, selectors, [...bareMeta.values()], operators, families, commands, preprocessor],
  ...[tableWords, chainWords, setWords, chainTypes, hooks, logOptions, logLevels, natFlags, rejectWords, timeUnits, byteUnits, tcpOptions],
  ...selectors.map(({ fields }) => fields),
  ...datatypes.map(({ constants }) => constants),
  datatypes,
  betweenWords,
  ...Object.values(phrases),
])
  for (const { name } of rows) put(name);

/** The word from `start` to `end` of `text`, whose letters come to `hash`. */
export function wordBetween(text: string, start: number, end: number, hash: number): string {
  for (let slot = slotOf(hash); ; slot = (slot + 1) & (size - 1)) {
    const known = table[slot];
    if (known === undefined) return text.slice(start, end);
    if (known.length === end - start && stands(known, text, start)) return known;
  }
}

function stands(word: string, text: string, start: number): boolean {
  for (let i = 0; i < word.length; i++) if (word.charCodeAt(i) !== text.charCodeAt(start + i)) return false;
  return true;
}
