// What of the heap stays in use for a ruleset that was read, in a process of its own: `node --expose-gc own-heap.ts FILE [mesh]`. Prints bytes,
// without those of the text.
import { readFileSync } from 'node:fs';
import { read, readInMesh } from './own-reading.ts';

const [, , path = '', what = ''] = process.argv;
const collect = globalThis.gc;
if (!collect) throw new Error('run with --expose-gc');

/** What is freed late must be free before it is measured. */
async function inUse(): Promise<number> {
  for (let i = 0; i < 5; i++) {
    collect?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const text = readFileSync(path, 'utf8');
const work = what === 'mesh' ? readInMesh : read;
// the code that is made while it runs, and what is kept for good, is no part of a file
work(text);
const before = await inUse();
const held = work(text);
const after = await inUse();
console.log(after - before);
// what was read is in use until here
if (Object.keys(held).length === 0) throw new Error('nothing was read');
