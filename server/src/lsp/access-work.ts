// Asks the rules about access between messages: nothing that is typed waits for them, and what is typed meanwhile stops them.
import { type AccessStage, accessStage } from '../analysis/access.ts';
import type { Analysis } from '../analysis/analysis.ts';
import type { Matrices } from '../analysis/matrices.ts';
import type { Background } from './background.ts';

export interface AccessWork {
  /** Begins anew, of these files. */
  start(of: Analysis): void;
  stop(): void;
}

export function accessWork(background: Background, matrices: Matrices, done: (stage: AccessStage) => void): AccessWork {
  let running: object | null = null;
  return {
    start(of) {
      const work = accessStage(of, matrices);
      running = work;
      void background
        .run(work, () => running === work)
        .then((stage) => {
          if (running !== work) return;
          running = null;
          if (stage) done(stage);
        });
    },
    stop() {
      running = null;
    },
  };
}
