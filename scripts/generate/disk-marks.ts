// What stands before the path of a file in an example: how the disk and git see it.
import { keysIn } from '../../server/src/analysis/key-ages.ts';
import type { DiskFacts } from '../../server/src/mesh/file.ts';
import type { Language } from '../../server/src/text/source-file.ts';

const marks = {
  open: ', readable by all',
  tracked: ', tracked by git',
  old: ', tracked by git since 2020-05-31',
} as const;

const MARK = /^(open|tracked|old):/;

function markOf(path: string): keyof typeof marks | null {
  return (MARK.exec(path)?.[1] as keyof typeof marks | undefined) ?? null;
}

export function withoutMark(path: string): string {
  return path.replace(MARK, '');
}

/** In words, behind the path. */
export function markWords(path: string): string {
  const mark = markOf(path);
  return mark ? marks[mark] : '';
}

export function diskFactsOf(path: string, text: string, language: Language): DiskFacts | null {
  const mark = markOf(path);
  if (!mark) return null;
  const oldKeys = mark === 'old' ? [...keysIn(text, language)].map((key) => ({ key, since: '2020-05-31' })) : [];
  return { openToOthers: mark === 'open', tracked: mark !== 'open', ignored: false, ...(oldKeys.length > 0 ? { oldKeys } : {}) };
}
