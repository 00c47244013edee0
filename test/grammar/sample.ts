// Reads a sample: lines of a config or ruleset, and marks under them. Behind `#`, which stands at the line's beginning, `^^^` marks what is
// above it and `<<<` what begins with the line; their scopes follow, in the same order, without the language's name. `-` is no scope.

export interface ScopeMark {
  /** From 0, as the columns are. */
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly scope: string;
}

export interface Sample {
  /** Without its marks. */
  readonly text: string;
  readonly marks: readonly ScopeMark[];
}

const MARK = /^#(<*(?: *\^+)*) +(-|[a-z-]+(?:\.[a-z0-9-]+)*)((?:, (?:-|[a-z-]+(?:\.[a-z0-9-]+)*))*)$/;

export function readSample(written: string): Sample {
  const lines: string[] = [];
  const marks: ScopeMark[] = [];
  for (const line of written.split('\n')) {
    const mark = MARK.exec(line);
    const places = mark?.[1] ?? '';
    if (!mark || places === '') {
      lines.push(line);
      continue;
    }
    const scopes = [mark[2] ?? '', ...(mark[3] ?? '').split(', ').slice(1)];
    const runs = [...places.matchAll(/<+|\^+/g)].map(({ 0: run, index }) =>
      run.startsWith('<') ? { start: 0, end: 1 + run.length } : { start: 1 + index, end: 1 + index + run.length },
    );
    if (runs.length !== scopes.length) throw new Error(`one scope for each mark, please: ${line}`);
    runs.forEach((run, i) => {
      marks.push({ line: lines.length - 1, ...run, scope: scopes[i] as string });
    });
  }
  return { text: lines.join('\n'), marks };
}
