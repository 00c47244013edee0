// Includes that nft cannot follow to their end: those that come back to their own file, and those that go too deep.
import type { Place } from '../../text/origin.ts';
import { INCLUDE_DEPTH } from './execute.ts';
import type { Included, RulesetFile } from './state.ts';

export interface IncludeFault {
  readonly at: Place;
  readonly path: string;
  /** `elsewhere`: the file is not among those that are known here. */
  readonly fault: 'round' | 'deep' | 'elsewhere';
}

/** The faults of a file's own includes. */
export function includeFaults(file: RulesetFile, included: Included): readonly IncludeFault[] {
  const faults: IncludeFault[] = [];
  const depths = new Map<string, number>();
  if (file.facts.includes.length === 0) return faults;
  for (const [statement, fact] of file.facts.statements.entries()) {
    if (fact.kind !== 'include' || fact.path === null) continue;
    const files = included(file.uri, fact.path);
    const add = (fault: IncludeFault['fault']): void => void faults.push({ at: { statement, item: 1 }, path: fact.path as string, fault });
    if (!files) add('elsewhere');
    else if (files.some((one) => reaches(one, file.uri, included, new Set()))) add('round');
    else if (files.some((one) => 1 + depthOf(one, included, depths) > INCLUDE_DEPTH)) add('deep');
  }
  return faults;
}

function eachIncluded(file: RulesetFile, included: Included, visit: (file: RulesetFile) => void): void {
  for (const fact of file.facts.statements) {
    if (fact.kind === 'include' && fact.path !== null) for (const one of included(file.uri, fact.path) ?? []) visit(one);
  }
}

function reaches(file: RulesetFile, uri: string, included: Included, seen: Set<string>): boolean {
  if (file.uri === uri) return true;
  if (seen.has(file.uri)) return false;
  seen.add(file.uri);
  let found = false;
  eachIncluded(file, included, (one) => {
    found ||= reaches(one, uri, included, seen);
  });
  return found;
}

/** How many files are read one within the other, from this one on; a file that comes back to itself counts once. */
function depthOf(file: RulesetFile, included: Included, known: Map<string, number>): number {
  const before = known.get(file.uri);
  if (before !== undefined) return before;
  known.set(file.uri, 1);
  let deepest = 0;
  eachIncluded(file, included, (one) => {
    deepest = Math.max(deepest, depthOf(one, included, known));
  });
  known.set(file.uri, deepest + 1);
  return deepest + 1;
}
