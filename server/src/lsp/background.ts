// Work that may take long, a few milliseconds at a time between the messages that wait, once nobody has typed for a moment.
import { errorPlace } from '../analysis/guard.ts';
import { later } from './later.ts';

/** How long one slice may hold up the messages that wait, in milliseconds. */
const SLICE = 10;

export interface Background {
  /** What the work comes to; null where it is no longer wanted before it is done, or fails. `wanted` is asked before each slice. */
  run<T>(work: Generator<unknown, T, void>, wanted: () => boolean): Promise<T | null>;
  /** Somebody types: work waits until nobody has for a moment. */
  typed(): void;
}

/** `pause` is that moment, in milliseconds; `fail` is told where work failed, without the text it was about. */
export function newBackground(pause: number, fail: (place: string) => void, now: () => number = () => performance.now()): Background {
  const jobs: (() => boolean)[] = [];
  let since = Number.NEGATIVE_INFINITY;
  let isWaiting = false;

  function schedule(): void {
    if (isWaiting || jobs.length === 0) return;
    isWaiting = true;
    const rest = since + pause - now();
    const next = (): void => {
      isWaiting = false;
      if (now() < since + pause) return schedule();
      // by turns: what is quickly done does not wait for what takes long
      const job = jobs.shift();
      if (job && !job()) jobs.push(job);
      schedule();
    };
    if (rest > 0) setTimeout(next, rest);
    else later(next);
  }

  return {
    run(work, wanted) {
      return new Promise((resolve) => {
        jobs.push(() => {
          const end = now() + SLICE;
          try {
            if (!wanted()) {
              resolve(null);
              return true;
            }
            do {
              const { done, value } = work.next();
              if (!done) continue;
              resolve(value);
              return true;
            } while (now() < end);
          } catch (error) {
            fail(errorPlace(error));
            resolve(null);
            return true;
          }
          return false;
        });
        schedule();
      });
    },
    typed() {
      since = now();
    },
  };
}
