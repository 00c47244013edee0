// A fence around each rule and each request: one that fails is told by its name, without the text it was looking at, and the rest goes on.

export type FailureLog = (name: string, error: unknown) => void;

/** In tests and on the command line a failure is thrown; the language server sets a log instead. */
let log: FailureLog | null = null;

export function setFailureLog(next: FailureLog | null): void {
  log = next;
}

/** Runs `work`; where a failure log is set, what it throws is logged by `name` and nothing is returned. */
export function guarded<T>(name: string, work: () => T): T | undefined {
  if (!log) return work();
  try {
    return work();
  } catch (error) {
    log(name, error);
    return undefined;
  }
}

/** What may be told of an error: its kind and where in our code, never its message, which may quote a file. */
export function errorPlace(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return `${error.name}${frames
    .slice(0, 4)
    .map((frame) => ` ${frame.trim().replace(/\(?(?:file:\/\/)?[^\s()]*[/\\]([^/\\\s()]+)\)?$/, '($1)')}`)
    .join('')}`;
}
