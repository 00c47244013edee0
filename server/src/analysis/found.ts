// All findings by the file that they stand in: gathered anew only for files of which something else was found.
import type { Finding, RelatedPlace } from '../rules/rule.ts';
import { none } from '../text/statement.ts';

/** What was found, by the file that it stands in. */
export type Findings = ReadonlyMap<string, readonly Finding[]>;

/** What rules found that looked at one file; most of it stands there. */
export interface Told {
  readonly here: readonly Finding[];
  readonly elsewhere: readonly Finding[];
}

const nothing: Told = { here: none, elsewhere: none };

/** `findings` of rules that looked at the file; `old` itself where they are the same. */
export function toldOf(uri: string, findings: readonly Finding[], old: Told | undefined): Told {
  if (findings.length === 0) return nothing;
  const all = findings.every((finding) => finding.uri === uri);
  const here = all ? findings : findings.filter((finding) => finding.uri === uri);
  const elsewhere = all ? none : findings.filter((finding) => finding.uri !== uri);
  if (!old) return { here, elsewhere };
  const kept = { here: keptFindings(old.here, here), elsewhere: keptFindings(old.elsewhere, elsewhere) };
  return kept.here === old.here && kept.elsewhere === old.elsewhere ? old : kept;
}

/** What was told of each file. */
export type Source = ReadonlyMap<string, { readonly told: Told }>;

/** Of a source that was made of another of the same files, those of which something else may be told; so that not all need be looked at. */
const changes = new WeakMap<Source, { readonly from: Source; readonly uris: readonly string[] }>();

export function noteChange(source: Source, from: Source, uris: readonly string[]): void {
  changes.set(source, { from, uris });
}

export interface Found {
  readonly sources: readonly Source[];
  /** What stands in another file than the one that was looked at, and what is of no one file. */
  readonly elsewhere: Findings;
  readonly findings: Findings;
}

/** Gathers what rules found, `more` besides; lists of `old` are kept where nothing changed, and so is the map. */
export function gathered(sources: readonly Source[], more: readonly Finding[], old: Found | undefined): Found {
  const elsewhere = elsewhereIn(sources, more, old?.elsewhere);
  const uris = changedFiles(sources, elsewhere, old);
  if (old && uris.size === 0) return { sources, elsewhere, findings: old.findings };
  const findings = new Map(old?.findings);
  for (const uri of uris) {
    const list = [...sources.flatMap((source) => source.get(uri)?.told.here ?? none), ...(elsewhere.get(uri) ?? none)];
    if (list.length > 0) findings.set(uri, keptFindings(old?.findings.get(uri), list));
    else findings.delete(uri);
  }
  return { sources, elsewhere, findings };
}

function elsewhereIn(sources: readonly Source[], more: readonly Finding[], old: Findings | undefined): Findings {
  const result = new Map<string, readonly Finding[]>();
  const add = (finding: Finding): void => {
    result.set(finding.uri, [...(result.get(finding.uri) ?? none), finding]);
  };
  for (const source of sources) for (const { told } of source.values()) if (told.elsewhere.length > 0) told.elsewhere.forEach(add);
  more.forEach(add);
  for (const [uri, list] of result) result.set(uri, keptFindings(old?.get(uri), list));
  return result;
}

function changedFiles(sources: readonly Source[], elsewhere: Findings, old: Found | undefined): ReadonlySet<string> {
  const changed = new Set<string>();
  sources.forEach((source, i) => {
    const before = old?.sources[i];
    if (source === before) return;
    const change = changes.get(source);
    if (before && change?.from === before) {
      for (const uri of change.uris) if (source.get(uri)?.told.here !== before.get(uri)?.told.here) changed.add(uri);
      return;
    }
    for (const [uri, entry] of source) {
      const was = before?.get(uri);
      if (entry !== was && entry.told.here !== (was?.told.here ?? none)) changed.add(uri);
    }
    for (const uri of before?.keys() ?? none) if (!source.has(uri)) changed.add(uri);
  });
  for (const [uri, list] of elsewhere) if (list !== old?.elsewhere.get(uri)) changed.add(uri);
  for (const uri of old?.elsewhere.keys() ?? none) if (!elsewhere.has(uri)) changed.add(uri);
  return changed;
}

/** The old array where the findings are the same, so that a file whose findings did not change is not published again. */
export function keptFindings(old: readonly Finding[] | undefined, next: readonly Finding[]): readonly Finding[] {
  return old?.length === next.length && next.every((finding, i) => sameFinding(finding, old[i] as Finding)) ? old : next;
}

function sameFinding(a: Finding, b: Finding): boolean {
  return (
    a === b ||
    (a.rule === b.rule &&
      a.uri === b.uri &&
      a.statement === b.statement &&
      a.item === b.item &&
      a.message === b.message &&
      a.severity === b.severity &&
      a.related.length === b.related.length &&
      a.related.every((one, i) => sameRelated(one, b.related[i] as RelatedPlace)))
  );
}

function sameRelated(a: RelatedPlace, b: RelatedPlace): boolean {
  return a.uri === b.uri && a.statement === b.statement && a.item === b.item && a.message === b.message;
}
