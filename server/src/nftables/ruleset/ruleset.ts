// The state a file leaves behind, made when somebody asks and kept as long as what it was made from is the same.
import type { NftablesFacts } from '../facts.ts';
import { execute } from './execute.ts';
import type { Included, RulesetFile, RulesetState } from './state.ts';

interface Kept {
  readonly uri: string;
  /** What was asked for, and what came. */
  readonly reads: readonly { readonly uri: string; readonly path: string; readonly files: readonly RulesetFile[] | null }[];
  readonly state: RulesetState;
}

const kept = new WeakMap<NftablesFacts, Kept>();

export const nothingIncluded: Included = () => null;

/** What the kernel holds once `file` is loaded into an empty one. */
export function rulesetState(file: RulesetFile, included: Included): RulesetState {
  const old = kept.get(file.facts);
  if (old && old.uri === file.uri && old.reads.every(({ uri, path, files }) => sameFiles(files, included(uri, path)))) return old.state;
  const reads: { uri: string; path: string; files: readonly RulesetFile[] | null }[] = [];
  const state = execute(file, (uri, path) => {
    const files = included(uri, path);
    reads.push({ uri, path, files });
    return files;
  });
  kept.set(file.facts, { uri: file.uri, reads, state });
  return state;
}

function sameFiles(a: readonly RulesetFile[] | null, b: readonly RulesetFile[] | null): boolean {
  if (a === null || b === null) return a === b;
  return a.length === b.length && a.every((one, i) => one.uri === b[i]?.uri && one.facts === b[i]?.facts);
}
