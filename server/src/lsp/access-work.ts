// Asks the rules about access in slices between messages: nothing that is typed waits for them, and what is typed meanwhile stops them.
import { type AccessStage, accessStage, type Matrices } from '../analysis/access.ts';
import type { Analysis } from '../analysis/analysis.ts';
import { later } from './later.ts';

/** How long one slice may hold up the messages that wait, in milliseconds. */
const SLICE = 10;

export interface AccessWork {
  /** Begins anew, of these files. */
  start(of: Analysis): void;
  stop(): void;
}

export function accessWork(done: (stage: AccessStage) => void): AccessWork {
  const matrices: Matrices = new Map();
  let running: Generator<void, AccessStage, void> | null = null;

  function step(work: Generator<void, AccessStage, void>): void {
    if (work !== running) return;
    const end = performance.now() + SLICE;
    do {
      const { done: isDone, value } = work.next();
      if (!isDone) continue;
      running = null;
      done(value);
      return;
    } while (performance.now() < end);
    later(() => step(work));
  }

  return {
    start(of) {
      const work = accessStage(of, matrices);
      running = work;
      later(() => step(work));
    },
    stop() {
      running = null;
    },
  };
}
