// Reads fixtures: prose, files, marks under the lines they speak of, and what a fix makes of a file. test/fixtures/README.md says how they are written.

export interface Mark {
  readonly path: string;
  /** In the file without its marks, both from 0. */
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly rule: string;
  /** Must stand in the finding's message. */
  readonly says: string;
}

export interface ExpectedFix {
  readonly rule: string;
  readonly path: string;
  /** The files after the fix, by path. */
  readonly after: Readonly<Record<string, string>>;
}

export interface Fixture {
  readonly prose: string;
  readonly files: Readonly<Record<string, string>>;
  readonly marks: readonly Mark[];
  readonly fixes: readonly ExpectedFix[];
}

const HEADER = /^-- (?:(@fix) (\S+) |(@and) )?(\S+) --$/;
const MARK = /^#(<*|[ \t]*)(\^*)[ \t]*([a-z]+\/[a-z0-9-]+)(?::[ \t]*(.*))?$/;

interface Section {
  readonly kind: 'file' | 'fix' | 'and';
  readonly rule: string;
  readonly path: string;
  readonly lines: string[];
}

export function readFixture(text: string): Fixture {
  const sections: Section[] = [];
  const prose: string[] = [];
  for (const line of text.split('\n')) {
    const header = HEADER.exec(line);
    if (header) {
      const [, fix, rule = '', and, path = ''] = header;
      sections.push({ kind: fix ? 'fix' : and ? 'and' : 'file', rule, path, lines: [] });
    } else (sections.at(-1)?.lines ?? prose).push(line);
  }
  const files: Record<string, string> = {};
  const marks: Mark[] = [];
  const fixes: (ExpectedFix & { readonly after: Record<string, string> })[] = [];
  for (const { kind, rule, path, lines } of sections) {
    // the line break before the next header belongs to the header
    if (lines.at(-1) === '') lines.pop();
    if (kind === 'file') files[path] = withoutMarks(path, lines, marks);
    else if (kind === 'fix') fixes.push({ rule, path, after: { [path]: joined(lines) } });
    else {
      const fix = fixes.at(-1);
      if (!fix) throw new Error(`-- @and ${path} -- stands behind no fix`);
      fix.after[path] = joined(lines);
    }
  }
  return { prose: prose.join('\n').trim(), files, marks, fixes };
}

function joined(lines: readonly string[]): string {
  return lines.length > 0 ? `${lines.join('\n')}\n` : '';
}

function withoutMarks(path: string, lines: readonly string[], marks: Mark[]): string {
  const kept: string[] = [];
  for (const line of lines) {
    const mark = MARK.exec(line);
    if (!mark || (mark[1]?.startsWith('<') ? mark[2] !== '' : mark[2] === '')) {
      kept.push(line);
      continue;
    }
    const [, before = '', carets = '', rule = '', says = ''] = mark;
    if (kept.length === 0) throw new Error(`${path}: a mark stands under no line: ${line}`);
    const start = before.startsWith('<') ? 0 : 1 + before.length;
    const end = before.startsWith('<') ? 1 + before.length : start + carets.length;
    marks.push({ path, line: kept.length - 1, start, end, rule, says });
  }
  return joined(kept);
}
