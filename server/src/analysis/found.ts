// All findings by the file that they stand in: gathered anew only for files of which something else was found.
import type { Finding } from '../rules/rule.ts';
import { none } from '../text/statement.ts';
import { kept, type Memo } from './memo.ts';

/** What was found, by the file that it stands in. */
export type Findings = ReadonlyMap<string, readonly Finding[]>;

/** Findings of one kind by the file that was looked at. */
type Source = ReadonlyMap<string, readonly Finding[] | { readonly findings: readonly Finding[] }>;

export interface Found {
  readonly sources: readonly Source[];
  /** Of those that stand in another file than the one that was looked at. */
  readonly elsewhere: Findings;
  readonly findings: Findings;
}

/** Gathers what rules found, `more` besides; lists of `old` are kept where nothing changed, and so is the map. */
export function gathered(memo: Memo, more: readonly Finding[], old: Found | undefined): Found {
  const sources: readonly Source[] = [memo.ofLinks, memo.ofMeshes, memo.ofModel, memo.ofPolicies, memo.ofFiles, ...memo.ofRulesets];
  const elsewhere = foundElsewhere(sources, [...memo.wholes, ...more]);
  const uris = changedFiles(sources, elsewhere, old);
  if (old && uris.size === 0) return { sources, elsewhere: old.elsewhere, findings: old.findings };
  const findings = new Map(old?.findings);
  for (const uri of uris) {
    const list: Finding[] = [];
    for (const source of sources) for (const finding of listOf(source, uri)) if (finding.uri === uri) list.push(finding);
    list.push(...(elsewhere.get(uri) ?? none));
    if (list.length > 0) findings.set(uri, kept(old?.findings.get(uri), list));
    else findings.delete(uri);
  }
  return { sources, elsewhere, findings };
}

function listOf(source: Source, uri: string): readonly Finding[] {
  const entry = source.get(uri);
  return entry === undefined ? none : 'findings' in entry ? entry.findings : entry;
}

function foundElsewhere(sources: readonly Source[], wholes: readonly Finding[]): Findings {
  const result = new Map<string, Finding[]>();
  const add = (finding: Finding): void => {
    const list = result.get(finding.uri);
    if (list) list.push(finding);
    else result.set(finding.uri, [finding]);
  };
  for (const source of sources) {
    for (const uri of source.keys()) for (const finding of listOf(source, uri)) if (finding.uri !== uri) add(finding);
  }
  for (const finding of wholes) add(finding);
  return result;
}

function changedFiles(sources: readonly Source[], elsewhere: Findings, old: Found | undefined): ReadonlySet<string> {
  const changed = new Set<string>();
  sources.forEach((source, i) => {
    const before = old?.sources[i];
    if (source === before) return;
    for (const uri of source.keys()) if (!before || listOf(source, uri) !== listOf(before, uri)) changed.add(uri);
    for (const uri of before?.keys() ?? none) if (!source.has(uri)) changed.add(uri);
  });
  for (const [uri, list] of elsewhere) if (kept(old?.elsewhere.get(uri), list) === list) changed.add(uri);
  for (const uri of old?.elsewhere.keys() ?? none) if (!elsewhere.has(uri)) changed.add(uri);
  return changed;
}
