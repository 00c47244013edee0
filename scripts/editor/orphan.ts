// Tells a process that its parent is gone: a signal may end npm, or a test runner, without reaching what they started.

/** Calls `then` once when the process that started this one has ended. Keeps no process alive. */
export function whenOrphaned(then: () => void): void {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    then();
  }, 500);
  watch.unref();
}
