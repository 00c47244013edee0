// A lock file that names its holder, so that a lock left behind by a dead process holds nobody up.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Say } from './step.ts';

/** Runs `work` while no other process holds `file`. */
export async function withLock<T>(file: string, say: Say, work: () => Promise<T>): Promise<T> {
  let told = false;
  while (!take(file)) {
    if (!told) say('Another process is setting up the embedded VS Code: waiting for it.');
    told = true;
    await sleep(500);
  }
  const release = (): void => rmSync(file, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.removeListener('exit', release);
    release();
  }
}

function take(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    if (!holderLives(file)) rmSync(file, { force: true });
    return false;
  }
}

/** A lock whose holder cannot be told (just made, just gone) counts as held: it is looked at again soon. */
function holderLives(file: string): boolean {
  try {
    process.kill(Number(readFileSync(file, 'utf8')), 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
