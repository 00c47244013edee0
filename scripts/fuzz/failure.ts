// What the fuzz run found: a text for which something does not hold, made as small as it still fails.

/** `hint` is how to see it again. */
export class FuzzFailure extends Error {
  readonly hint: string;

  constructor(message: string, hint: string, cause?: unknown) {
    super(`${message}\n${hint}`, { cause });
    this.name = 'FuzzFailure';
    this.hint = hint;
  }
}

/** Throws where `holds` is false. */
export function ensure(holds: boolean, message: string): asserts holds {
  if (!holds) throw new Error(message);
}

/** The message of what `check` throws for `text`; null where it throws nothing. */
export function failureOf(check: (text: string) => void, text: string): string | null {
  try {
    check(text);
    return null;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

/** The smallest text for which `check` still fails that a bounded search finds: halves, quarters … are left out as long as it fails. */
export function shrunk(check: (text: string) => void, text: string, tries = 2000): string {
  let best = text;
  let left = tries;
  for (let size = Math.ceil(best.length / 2); size > 0 && left > 0; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < best.length && left > 0; ) {
      const candidate = best.slice(0, at) + best.slice(at + size);
      left--;
      if (failureOf(check, candidate) !== null) best = candidate;
      else at += size;
    }
  }
  return best;
}
