// Which files of the workspace an include reads: by the host that the file belongs to, whose root stands for its `/`.
import { includePlaces, isPattern, placePattern } from '../nftables/ruleset/includes.ts';
import type { Included, RulesetFile } from '../nftables/ruleset/state.ts';
import { locationOf } from './location.ts';
import type { Ruleset } from './model.ts';

/** The places of an include, likeliest first; only below `etc/` is it known what `/` is. */
export function placesOf(uri: string, path: string): readonly string[] {
  const { folder, root, whole } = locationOf(uri);
  return includePlaces(path, { folder, root: whole ? root : null });
}

/** Finds included files among `rulesets`; a pattern's in the order of their names, as glob(3) gives them. */
export function resolver(rulesets: readonly Ruleset[]): Included {
  let byUri: ReadonlyMap<string, Ruleset> | null = null;
  const answers = new Map<string, readonly Ruleset[] | null>();
  return (uri, path) => {
    const places = placesOf(uri, path);
    const key = places.join('\n');
    const known = answers.get(key);
    if (known !== undefined) return known;
    byUri ??= new Map(rulesets.map((ruleset) => [ruleset.uri, ruleset]));
    const answer = found(places, isPattern(path), byUri);
    answers.set(key, answer);
    return answer;
  };
}

function found(places: readonly string[], pattern: boolean, byUri: ReadonlyMap<string, Ruleset>): readonly Ruleset[] | null {
  for (const place of places) {
    if (!pattern) {
      const one = byUri.get(place);
      if (one) return [one];
      continue;
    }
    const matches = placePattern(place);
    const files = [...byUri.values()].filter(({ uri }) => matches.test(uri));
    if (files.length > 0) return files.sort((a, b) => (a.uri < b.uri ? -1 : a.uri > b.uri ? 1 : 0));
  }
  return null;
}

/** The files that others include; of files that include each other none, so that one of them is looked at by itself. */
export function partsOf(rulesets: readonly Ruleset[], included: Included): ReadonlySet<string> {
  const parts = new Set<string>();
  for (const ruleset of rulesets) {
    for (const part of readBy(ruleset, included)) if (!readBy(part, included).has(ruleset)) parts.add(part.uri);
  }
  return parts;
}

/** All that a file reads, also by what it reads. */
export function readBy(ruleset: RulesetFile, included: Included): ReadonlySet<RulesetFile> {
  const read = new Set<RulesetFile>();
  const waiting: RulesetFile[] = [ruleset];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    for (const path of next.facts.includes) {
      for (const file of included(next.uri, path) ?? []) {
        if (read.has(file)) continue;
        read.add(file);
        waiting.push(file);
      }
    }
  }
  return read;
}
