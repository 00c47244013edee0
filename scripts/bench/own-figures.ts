// What we take to read a ruleset and to check it, in a process of its own: `node own-figures.ts FILE`. Prints JSON.
import { readFileSync } from 'node:fs';
import { parseNftables } from '../../server/src/nftables/parser/parse.ts';
import { median } from './figures.ts';
import { read, readInMesh } from './own-reading.ts';

/** Milliseconds of the processor. */
export interface OwnFigures {
  /** The first time, with all checks. */
  readonly cold: number;
  readonly parse: number;
  /** With the facts, and what nft would refuse. */
  readonly checked: number;
  /** With a host around it, and all rules about its mesh. */
  readonly inMesh: number;
  /** What nft would refuse. */
  readonly problems: number;
}

export const warmUps = 3;
export const runs = 9;

/** Of the processor: what else the machine does counts for neither side. */
function timeOf(work: () => unknown): number {
  const started = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1000;
}

function medianOf(work: () => unknown): number {
  for (let i = 0; i < warmUps; i++) work();
  return median(Array.from({ length: runs }, () => timeOf(work)));
}

const [, , path = ''] = process.argv;
const text = readFileSync(path, 'utf8');
const cold = timeOf(() => read(text));
const figures: OwnFigures = {
  cold,
  parse: medianOf(() => parseNftables(text)),
  checked: medianOf(() => read(text)),
  inMesh: medianOf(() => readInMesh(text)),
  problems: read(text).problems.length,
};
console.log(JSON.stringify(figures));
