// Runs work once the messages that wait have been read: at once where nothing waits, so there is no fixed delay.

interface Timers {
  readonly setImmediate?: (work: () => void) => unknown;
  readonly setTimeout: (work: () => void, milliseconds: number) => unknown;
}

const timers: Timers = globalThis;

export function later(work: () => void): void {
  if (timers.setImmediate) timers.setImmediate(work);
  else timers.setTimeout(work, 0);
}
