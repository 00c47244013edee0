// A file at one version with all that was read from it: tree, facts, and the problems its parser told.

import type { DiskFacts, FileFacts } from '../mesh/file.ts';
import { type Checked, checkRuleset } from '../nftables/check/check.ts';
import { nftablesFactList, nftablesFacts } from '../nftables/facts.ts';
import { parseNftables } from '../nftables/parser/parse.ts';
import type { StatementFact } from '../nftables/statement-facts.ts';
import type { NftablesTree } from '../nftables/tree.ts';
import type { NftVersion } from '../nftables/vocabulary/versions.ts';
import { type PolicyReading, readPolicy } from '../policy/read.ts';
import { type FactList, offsetOf, spanOf } from '../text/fact-list.ts';
import type { Place } from '../text/origin.ts';
import type { Damage } from '../text/reuse.ts';
import type { SourceFile } from '../text/source-file.ts';
import type { Span } from '../text/span.ts';
import { headWidth, type Statement, type SyntaxProblem } from '../text/statement.ts';
import { amneziaKeys } from '../wireguard/dialects/amneziawg.ts';
import { parseNetworkd } from '../wireguard/dialects/networkd.ts';
import { parseNetworkManager } from '../wireguard/dialects/networkmanager.ts';
import { hasControl, withoutControl } from '../wireguard/dialects/template.ts';
import { wireguardFactList, wireguardFacts } from '../wireguard/facts.ts';
import type { LineFact } from '../wireguard/line-facts.ts';
import { parseWireguard } from '../wireguard/parser.ts';
import { publicKeyFacts } from '../wireguard/public-key-file.ts';
import type { WireguardTree } from '../wireguard/tree.ts';
import type { WgVersion } from '../wireguard/version.ts';

export interface ReadOptions {
  /** Whose reading of WireGuard configs counts; the newest where it is left out. */
  readonly wgVersion?: WgVersion;
  /** The version of nft that rulesets are written for; the newest where it is left out. */
  readonly nftVersion?: NftVersion;
  /** AmneziaWG's keys are known in every config, not only in its own folder. */
  readonly amneziawg?: boolean;
}

export interface ParsedFile {
  readonly source: SourceFile;
  readonly wireguard: WireguardTree | null;
  readonly nftables: NftablesTree | null;
  readonly policy: PolicyReading | null;
  readonly facts: FileFacts;
  /** The statements' facts; null for a file that has no statements. */
  readonly list: FactList<LineFact> | FactList<StatementFact> | null;
  /** What nft’s evaluation would refuse in a ruleset. */
  readonly checked: Checked | null;
  /** What the disk says of the file; null where nobody can tell. */
  readonly disk: DiskFacts | null;
}

/** The files of a workspace at one moment, by URI, in a stable order. */
export type Files = ReadonlyMap<string, ParsedFile>;

/** Reads a file; what an edit did not touch of `old`, read with the same options, is kept. Without `damage` all is read afresh. */
export function parsedFile(source: SourceFile, old?: ParsedFile, damage?: Damage | null, options: ReadOptions = {}): ParsedFile {
  const disk = old?.disk ?? null;
  const { text } = source;
  const before = old?.source.language === source.language ? old : undefined;
  switch (source.language) {
    case 'wireguard':
    case 'networkd':
    case 'networkmanager': {
      const wireguard = wireguardTree(source, before, damage, options);
      const list = wireguardFactList(wireguard, text, before?.wireguard ? (before.list as FactList<LineFact>) : undefined);
      const facts = wireguardFacts(wireguard, text, list, before?.facts.language === 'wireguard' ? before.facts : undefined);
      return { source, wireguard, nftables: null, policy: null, facts, list, checked: null, disk };
    }
    case 'nftables': {
      const nftables = parseNftables(text, before?.nftables ?? undefined, damage);
      const list = nftablesFactList(nftables, text, before?.nftables ? (before.list as FactList<StatementFact>) : undefined);
      const facts = nftablesFacts(list, before?.facts.language === 'nftables' ? before.facts : undefined);
      const checked = checkRuleset(nftables, text, options.nftVersion, before?.checked ?? undefined);
      return { source, wireguard: null, nftables, policy: null, facts, list, checked, disk };
    }
    case 'public-key':
      return { source, wireguard: null, nftables: null, policy: null, facts: publicKeyFacts(text), list: null, checked: null, disk };
    case 'policy': {
      const policy = readPolicy(text, before?.policy ?? undefined);
      return { source, wireguard: null, nftables: null, policy, facts: policy.facts, list: null, checked: null, disk };
    }
  }
}

function wireguardTree(
  source: SourceFile,
  old: ParsedFile | undefined,
  damage: Damage | null | undefined,
  options: ReadOptions,
): WireguardTree {
  const { language, text, uri } = source;
  const tree = old?.wireguard ?? undefined;
  if (language === 'networkd') return parseNetworkd(text, tree, damage);
  if (language === 'networkmanager') return parseNetworkManager(text, tree, damage);
  const extra = options.amneziawg || /\/amneziawg\//i.test(uri) ? amneziaKeys : undefined;
  // lines of a template are not what they were read as, so none is kept
  if (hasControl(text)) return parseWireguard(withoutControl(text), undefined, undefined, options.wgVersion, extra);
  return parseWireguard(text, old && hasControl(old.source.text) ? undefined : tree, damage, options.wgVersion, extra);
}

export function rootOf(file: ParsedFile): Statement | null {
  return file.wireguard?.root ?? file.nftables?.root ?? null;
}

/** The span in the file that a fact's place stands for; null where there is no such statement any more. */
export function placeSpan(file: ParsedFile, place: Place): Span | null {
  if (file.policy) return file.policy.places[place.statement]?.[place.item] ?? null;
  return file.list && spanOf<unknown>(file.list as FactList<unknown>, place);
}

/** Where the statement of that number begins in the file. */
export function statementOffset(file: ParsedFile, statement: number): number | null {
  return file.list && offsetOf<unknown>(file.list as FactList<unknown>, statement);
}

export interface LocatedProblem {
  readonly problem: SyntaxProblem;
  /** In the file. */
  readonly span: Span;
}

/** The problems that the parser and the check of a ruleset told, in document order. */
export function problemsOf(file: ParsedFile): readonly LocatedProblem[] {
  if (file.policy)
    return file.policy.problems.map(({ start, end, message }) => ({
      problem: { start, end, message, rule: 'meshwarden/policy-file' },
      span: { start, end },
    }));
  const root = rootOf(file);
  const result: LocatedProblem[] = [];
  if (root?.troubled) collect(root, 0, result);
  if (!file.checked || file.checked.problems.length === 0) return result;
  for (const { problem, offset } of file.checked.problems)
    result.push({ problem, span: { start: problem.start + offset, end: problem.end + offset } });
  return result.sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
}

function collect(statement: Statement, offset: number, into: LocatedProblem[]): void {
  for (const problem of statement.problems) {
    into.push({ problem, span: { start: problem.start + offset, end: problem.end + offset } });
  }
  let at = offset + headWidth(statement);
  for (const child of statement.body) {
    if (child.troubled) collect(child, at, into);
    at += child.width;
  }
}
