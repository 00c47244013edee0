// Runs the rules over a workspace. Values in, values out: what was computed before is kept where what it was made from is the same.
import { type BuiltMesh, buildMesh } from '../mesh/build.ts';
import { readBy } from '../mesh/includes.ts';
import type { MeshModel, Ruleset } from '../mesh/model.ts';
import type { RulesetFile } from '../nftables/ruleset/state.ts';
import { ruleById, rules } from '../rules/registry.ts';
import {
  type Finding,
  type InterfaceRule,
  NO_STATEMENT,
  type Report,
  type Rule,
  type RulesetFileRule,
  type RulesetRule,
  type ShownFinding,
} from '../rules/rule.ts';
import { guarded } from './guard.ts';
import { type ParsedFile, placeSpan, problemsOf } from './parsed-file.ts';

/** The files of a workspace at one moment, by URI, in a stable order. */
export type Files = ReadonlyMap<string, ParsedFile>;

export interface Analysis {
  readonly files: Files;
  readonly mesh: BuiltMesh;
  /** By file: what the rules found, without what the parsers told. The same array as before where nothing changed. */
  readonly findings: ReadonlyMap<string, readonly Finding[]>;
  readonly memo: Memo;
}

/** What the rules found, by what they looked at. */
interface Memo {
  /** Of rules that look at links alone. */
  readonly ofLinks: { readonly links: MeshModel['links']; readonly findings: readonly Finding[] } | null;
  readonly ofModel: { readonly model: MeshModel; readonly findings: readonly Finding[] } | null;
  readonly ofRulesets: ReadonlyMap<
    string,
    {
      readonly facts: Ruleset['facts'];
      readonly links: MeshModel['links'];
      /** The host's rulesets, and what they and it include. */
      readonly others: readonly RulesetFile[];
      readonly findings: readonly Finding[];
    }
  >;
}

const nothing: readonly Finding[] = [];
const interfaceRules = rules.filter((rule): rule is InterfaceRule => rule.scope === 'interface');
const linkRules = interfaceRules.filter((rule) => !rule.readsRulesets);
const modelRules = interfaceRules.filter((rule) => rule.readsRulesets);
const rulesetFileRules = rules.filter((rule): rule is RulesetFileRule => rule.scope === 'ruleset-file');
const rulesetRules = rules.filter((rule): rule is RulesetRule => rule.scope === 'ruleset');

/** Analyses `files`; what `old` found is kept where its facts are the same objects. */
export function analyse(files: Files, old?: Analysis): Analysis {
  const mesh = buildMesh(
    [...files.values()].map(({ source, facts }) => ({ uri: source.uri, facts })),
    old?.mesh,
  );
  const { model } = mesh;
  if (old && mesh === old.mesh) return { ...old, files };

  const ofLinks =
    old?.memo.ofLinks?.links === model.links ? old.memo.ofLinks : { links: model.links, findings: checkInterfaces(linkRules, model) };
  const ofModel = { model, findings: checkInterfaces(modelRules, model) };
  const ofRulesets = new Map<
    string,
    { facts: Ruleset['facts']; links: MeshModel['links']; others: readonly RulesetFile[]; findings: readonly Finding[] }
  >();
  for (const ruleset of model.rulesets) {
    const host = model.hostOf.get(ruleset.uri);
    const others = withParts([ruleset, ...((host && model.rulesetsOf.get(host)) ?? [])], model);
    const before = old?.memo.ofRulesets.get(ruleset.uri);
    const same = before && before.facts === ruleset.facts && before.links === model.links && sameRulesets(before.others, others);
    if (same) ofRulesets.set(ruleset.uri, before);
    else {
      const findings: Finding[] = [];
      for (const rule of rulesetFileRules)
        guarded(rule.id, () => rule.check(ruleset, model, (report) => findings.push(made(rule, report))));
      if (host) {
        for (const rule of rulesetRules)
          guarded(rule.id, () => rule.check(ruleset, host, model, (report) => findings.push(made(rule, report))));
      }
      ofRulesets.set(ruleset.uri, { facts: ruleset.facts, links: model.links, others, findings });
    }
  }

  const byFile = new Map<string, Finding[]>();
  const add = (finding: Finding): void => {
    const list = byFile.get(finding.uri);
    if (list) list.push(finding);
    else byFile.set(finding.uri, [finding]);
  };
  for (const finding of ofLinks.findings) add(finding);
  for (const finding of ofModel.findings) add(finding);
  for (const { findings } of ofRulesets.values()) for (const finding of findings) add(finding);
  const findings = new Map<string, readonly Finding[]>();
  for (const [uri, list] of byFile) findings.set(uri, kept(old?.findings.get(uri), list));
  return { files, mesh, findings, memo: { ofLinks, ofModel, ofRulesets } };
}

function withParts(rulesets: readonly Ruleset[], { included }: MeshModel): readonly RulesetFile[] {
  return [...new Set(rulesets.flatMap((ruleset): RulesetFile[] => [ruleset, ...readBy(ruleset, included)]))];
}

function sameRulesets(a: readonly RulesetFile[], b: readonly RulesetFile[]): boolean {
  return a.length === b.length && a.every((one, i) => one.uri === b[i]?.uri && one.facts === b[i]?.facts);
}

function checkInterfaces(some: readonly InterfaceRule[], model: MeshModel): readonly Finding[] {
  const findings: Finding[] = [];
  for (const rule of some) {
    for (const node of model.links.interfaces)
      guarded(rule.id, () => rule.check(node, model, (report) => findings.push(made(rule, report))));
  }
  return findings;
}

function made(rule: Rule, { uri, at, message, severity, related, refusedBy }: Report): Finding {
  return {
    rule: rule.id,
    severity: severity ?? rule.severity,
    uri,
    statement: at.statement,
    item: at.item,
    message,
    related: related ?? [],
    refusedBy: refusedBy ?? null,
    failsAt: null,
  };
}

/** The old array where the findings are the same, so that a file whose findings did not change is not published again. */
function kept(old: readonly Finding[] | undefined, next: readonly Finding[]): readonly Finding[] {
  const same =
    old?.length === next.length &&
    next.every((finding, i) => {
      const before = old[i] as Finding;
      return (
        finding === before ||
        (finding.rule === before.rule &&
          finding.statement === before.statement &&
          finding.item === before.item &&
          finding.message === before.message &&
          finding.severity === before.severity)
      );
    });
  return same ? old : next;
}

/** All findings of a file in its text as it is, in document order: the parser's, then the rules'. */
export function shownFindings(analysis: Analysis, uri: string): readonly ShownFinding[] {
  const file = analysis.files.get(uri);
  if (!file) return [];
  const shown: ShownFinding[] = problemsOf(file).map(({ problem, span }) => ({
    rule: problem.rule,
    severity: problem.failsAt === 'machine' ? 'info' : (ruleById.get(problem.rule)?.severity ?? 'error'),
    uri,
    statement: NO_STATEMENT,
    item: 0,
    span,
    message: problem.message,
    related: [],
    refusedBy: problem.refusedBy ?? null,
    failsAt: problem.failsAt ?? null,
    suggest: problem.suggest ?? [],
  }));
  for (const finding of analysis.findings.get(uri) ?? nothing) {
    const span = placeSpan(file, finding);
    if (!span) continue;
    const related = finding.related.flatMap(({ uri: other, statement, item, message }) => {
      const otherFile = analysis.files.get(other);
      const at = otherFile && placeSpan(otherFile, { statement, item });
      return at ? [{ uri: other, span: at, message }] : [];
    });
    shown.push({ ...finding, related, span, suggest: [] });
  }
  return shown.sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
}
