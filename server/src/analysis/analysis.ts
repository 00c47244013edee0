// Runs the rules over a workspace. Values in, values out: what was computed before is kept where what it was made from is the same.
import { type BuiltMesh, buildMesh } from '../mesh/build.ts';
import { readBy } from '../mesh/includes.ts';
import type { PolicyFile } from '../mesh/known-hosts.ts';
import type { MeshInterface, MeshModel, Ruleset } from '../mesh/model.ts';
import type { RulesetFile } from '../nftables/ruleset/state.ts';
import { ruleById, rules } from '../rules/registry.ts';
import {
  type FileRule,
  type Finding,
  type InterfaceRule,
  type MeshRule,
  NO_STATEMENT,
  type PolicyRule,
  type RulesetFileRule,
  type RulesetRule,
  type ShownFinding,
} from '../rules/rule.ts';
import type { Target } from '../wireguard/targets/target.ts';
import { type AccessStage, isOf, stillPlaced } from './access.ts';
import { guarded } from './guard.ts';
import { type Levels, levelOf, noLevels, type WorkspaceLevels, workspaceLevels } from './levels.ts';
import { made } from './made.ts';
import { type ParsedFile, placeSpan } from './parsed-file.ts';
import { toldProblems } from './placeholders.ts';
import { unknownRule, withoutAllowed } from './suppress.ts';
import { targetFindings } from './targets.ts';

/** The files of a workspace at one moment, by URI, in a stable order. */
export type Files = ReadonlyMap<string, ParsedFile>;

export interface AnalysisOptions {
  /** The apps that configs are given to. */
  readonly targets?: readonly Target[];
  /** How loud rules are, as the editor's settings say. */
  readonly levels?: Levels;
}

const noOptions: AnalysisOptions = {};

export interface Analysis {
  readonly options: AnalysisOptions;
  readonly files: Files;
  readonly mesh: BuiltMesh;
  readonly levels: WorkspaceLevels;
  /** Whether findings of rules that read a whole ruleset are those of a moment ago. */
  readonly unfinished: boolean;
  /** The workspace files. */
  readonly policies: readonly PolicyFile[];
  /** What rules about access found when they were asked last; null where they never were. */
  readonly access: AccessStage | null;
  /** Whether they are to be asked again: what they looked at has changed since. */
  readonly accessDue: boolean;
  /** By file: what the rules found, without what the parsers told. The same array as before where nothing changed. */
  readonly findings: ReadonlyMap<string, readonly Finding[]>;
  readonly memo: Memo;
}

/** What the rules found, by what they looked at. */
interface Memo {
  /** Of one interface's rules about it and its links, by its file. */
  readonly ofLinks: ReadonlyMap<string, { readonly inputs: readonly unknown[]; readonly findings: readonly Finding[] }>;
  /** Of rules that read whole meshes. */
  readonly ofMeshes: { readonly links: MeshModel['links']; readonly findings: readonly Finding[] } | null;
  readonly ofModel: { readonly model: MeshModel; readonly findings: readonly Finding[] } | null;
  /** Of rules that look at one workspace file and the mesh. */
  readonly ofPolicies: ReadonlyMap<
    string,
    { readonly facts: PolicyFile['facts']; readonly links: MeshModel['links']; readonly findings: readonly Finding[] }
  >;
  /** Of rules that look at one ruleset file alone. */
  readonly ofFiles: ReadonlyMap<string, { readonly facts: Ruleset['facts']; readonly findings: readonly Finding[] }>;
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
const linkRules = interfaceRules.filter(({ reads }) => reads === undefined);
const wholeRules = interfaceRules.filter(({ reads }) => reads === 'mesh');
const modelRules = interfaceRules.filter(({ reads }) => reads === 'rulesets');
const meshRules = rules.filter((rule): rule is MeshRule => rule.scope === 'mesh');
const fileRules = rules.filter((rule): rule is FileRule => rule.scope === 'file');
const policyRules = rules.filter((rule): rule is PolicyRule => rule.scope === 'policy');
const hasAccessRules = rules.some(({ scope }) => scope === 'access');
const rulesetFileRules = rules.filter((rule): rule is RulesetFileRule => rule.scope === 'ruleset-file');
const rulesetRules = rules.filter((rule): rule is RulesetRule => rule.scope === 'ruleset');

/**
 * Analyses `files`; what `old` found is kept where its facts are the same objects. In a hurry, while somebody types, what rules that read
 * a whole ruleset found before is kept as well, and the analysis is unfinished.
 */
export function analyse(files: Files, old?: Analysis, options: AnalysisOptions = noOptions, hurry = false): Analysis {
  const mesh = buildMesh(
    [...files.values()].map(({ source, facts, disk }) => ({ uri: source.uri, facts, disk })),
    old?.mesh,
  );
  const levels = workspaceLevels(files, options.levels ?? noLevels, old?.levels);
  const { model } = mesh;
  const policies = policiesIn(files, old?.policies);
  const samePolicies = policies === old?.policies;
  if (old && mesh === old.mesh && samePolicies && (hurry || !old.unfinished)) return { ...old, files, levels, options };

  const { links } = model;
  const linksSame = old?.mesh.model.links === links;
  const ofLinks = linksSame ? old.memo.ofLinks : checkLinks(model, old?.memo.ofLinks);
  const ofMeshes = old?.memo.ofMeshes?.links === links ? old.memo.ofMeshes : { links, findings: checkInterfaces(wholeRules, model) };
  const ofModel = { model, findings: [...checkInterfaces(modelRules, model), ...checkMeshes(model)] };
  const ofFiles = new Map<string, { facts: Ruleset['facts']; findings: readonly Finding[] }>();
  let unfinished = false;
  for (const ruleset of model.rulesets) {
    const { uri, facts } = ruleset;
    const before = old?.memo.ofFiles.get(uri);
    // with as many statements as before each finding stands at the one it was made for, or at the one that is typed
    const late = hurry && before?.facts !== facts && before?.facts.statements.length === facts.statements.length;
    ofFiles.set(uri, before && (late || before.facts === facts) ? before : { facts, findings: checkFile(ruleset) });
    unfinished ||= late;
  }
  const ofRulesets = new Map<
    string,
    { facts: Ruleset['facts']; links: MeshModel['links']; others: readonly RulesetFile[]; findings: readonly Finding[] }
  >();
  for (const ruleset of model.rulesets) {
    const host = model.hostOf.get(ruleset.uri);
    const others = withParts([ruleset, ...((host && model.rulesetsOf.get(host)) ?? [])], model);
    const before = old?.memo.ofRulesets.get(ruleset.uri);
    const same = before && before.facts === ruleset.facts && before.links === links && sameRulesets(before.others, others);
    if (same) ofRulesets.set(ruleset.uri, before);
    else {
      const findings: Finding[] = [];
      for (const rule of rulesetFileRules)
        guarded(rule.id, () => rule.check(ruleset, model, (report) => findings.push(made(rule, report))));
      if (host) {
        for (const rule of rulesetRules)
          guarded(rule.id, () => rule.check(ruleset, host, model, (report) => findings.push(made(rule, report))));
      }
      ofRulesets.set(ruleset.uri, { facts: ruleset.facts, links, others, findings });
    }
  }

  const ofPolicies = checkPolicies(policies, model, old?.memo.ofPolicies);
  const memo: Memo = { ofLinks, ofMeshes, ofModel, ofPolicies, ofFiles, ofRulesets };
  const access = old?.access ?? null;
  const asks = hasAccessRules && policies.some(({ facts }) => facts.grants !== null || facts.tests.length > 0);
  const next: Analysis = {
    options,
    files,
    mesh,
    levels,
    policies,
    access: asks ? access : null,
    accessDue: asks && !(access && isOf(access, mesh, policies)),
    findings: noFindings,
    unfinished,
    memo,
  };
  return { ...next, findings: collected(next, old) };
}

const noFindings: ReadonlyMap<string, readonly Finding[]> = new Map();

/** The analysis with what the rules about access found. */
export function withAccess(analysis: Analysis, access: AccessStage): Analysis {
  const next = { ...analysis, access, accessDue: !isOf(access, analysis.mesh, analysis.policies) };
  return { ...next, findings: collected(next, analysis) };
}

/** The old list where the workspace files say the same. */
function policiesIn(files: Files, old: readonly PolicyFile[] | undefined): readonly PolicyFile[] {
  const policies: PolicyFile[] = [];
  for (const [uri, { facts }] of files) if (facts.language === 'policy') policies.push({ uri, facts });
  const same = old?.length === policies.length && policies.every(({ uri, facts }, i) => old[i]?.uri === uri && old[i].facts === facts);
  return same ? old : policies;
}

function checkPolicies(policies: readonly PolicyFile[], model: MeshModel, old: Memo['ofPolicies'] | undefined): Memo['ofPolicies'] {
  const result = new Map<string, { facts: PolicyFile['facts']; links: MeshModel['links']; findings: readonly Finding[] }>();
  for (const policy of policies) {
    const { uri, facts } = policy;
    const before = old?.get(uri);
    if (before?.facts === facts && before.links === model.links) result.set(uri, before);
    else {
      const findings: Finding[] = [];
      for (const rule of policyRules) guarded(rule.id, () => rule.check(policy, model, (report) => findings.push(made(rule, report))));
      result.set(uri, { facts, links: model.links, findings });
    }
  }
  return result;
}

/** All findings by file; the arrays of `old` where they are the same. */
function collected({ memo, access, files }: Analysis, old: Analysis | undefined): ReadonlyMap<string, readonly Finding[]> {
  const byFile = new Map<string, Finding[]>();
  const add = (finding: Finding): void => {
    const list = byFile.get(finding.uri);
    if (list) list.push(finding);
    else byFile.set(finding.uri, [finding]);
  };
  for (const { findings } of memo.ofLinks.values()) for (const finding of findings) add(finding);
  for (const finding of memo.ofMeshes?.findings ?? nothing) add(finding);
  for (const finding of memo.ofModel?.findings ?? nothing) add(finding);
  for (const { findings } of memo.ofPolicies.values()) for (const finding of findings) add(finding);
  for (const { findings } of memo.ofFiles.values()) for (const finding of findings) add(finding);
  for (const { findings } of memo.ofRulesets.values()) for (const finding of findings) add(finding);
  for (const finding of access?.findings ?? nothing) if (stillPlaced(finding, access, files)) add(finding);
  const findings = new Map<string, readonly Finding[]>();
  for (const [uri, list] of byFile) findings.set(uri, kept(old?.findings.get(uri), list));
  return findings;
}

function withParts(rulesets: readonly Ruleset[], { included }: MeshModel): readonly RulesetFile[] {
  return [...new Set(rulesets.flatMap((ruleset): RulesetFile[] => [ruleset, ...readBy(ruleset, included)]))];
}

function sameRulesets(a: readonly RulesetFile[], b: readonly RulesetFile[]): boolean {
  return a.length === b.length && a.every((one, i) => one.uri === b[i]?.uri && one.facts === b[i]?.facts);
}

/** Rules about an interface and its links look again only where it, or one of the files its peers stand for, says something else. */
function checkLinks(model: MeshModel, old: Memo['ofLinks'] | undefined): Memo['ofLinks'] {
  const result = new Map<string, { inputs: readonly unknown[]; findings: readonly Finding[] }>();
  for (const node of model.links.interfaces) {
    const before = old?.get(node.uri);
    const inputs = inputsOf(node);
    if (before && sameItems(before.inputs, inputs)) result.set(node.uri, before);
    else {
      const findings: Finding[] = [];
      for (const rule of linkRules) guarded(rule.id, () => rule.check(node, model, (report) => findings.push(made(rule, report))));
      result.set(node.uri, { inputs, findings });
    }
  }
  return result;
}

function inputsOf(node: MeshInterface): readonly unknown[] {
  const inputs: unknown[] = [node.facts, node.disk, node.publicKey, node.statedRole, node.policy, node.host.name];
  for (const { remote, back, label, statedRole } of node.peers) {
    inputs.push(label, statedRole);
    if (remote) inputs.push(remote.facts, remote.publicKey, back);
  }
  return inputs;
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function checkFile(ruleset: Ruleset): readonly Finding[] {
  const findings: Finding[] = [];
  for (const rule of fileRules) guarded(rule.id, () => rule.check(ruleset, (report) => findings.push(made(rule, report))));
  return findings;
}

function checkInterfaces(some: readonly InterfaceRule[], model: MeshModel): readonly Finding[] {
  const findings: Finding[] = [];
  for (const rule of some) {
    for (const node of model.links.interfaces)
      guarded(rule.id, () => rule.check(node, model, (report) => findings.push(made(rule, report))));
  }
  return findings;
}

function checkMeshes(model: MeshModel): readonly Finding[] {
  const findings: Finding[] = [];
  const meshes = new Set(model.links.interfaces.map(({ mesh }) => mesh));
  for (const rule of meshRules)
    for (const mesh of meshes) guarded(rule.id, () => rule.check(mesh, model, (report) => findings.push(made(rule, report))));
  return findings;
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

/** What a file that others include leaves open: the file around it may make the table and the name. */
const knownElsewhere = new Set(['nftables/depends-on-machine', 'nftables/undefined-name']);

/** All findings of a file in its text as it is, in document order: the parser's, then the rules'. */
export function shownFindings(analysis: Analysis, uri: string): readonly ShownFinding[] {
  const file = analysis.files.get(uri);
  if (!file) return [];
  const isPart = analysis.mesh.model.parts.has(uri);
  const told = toldProblems(file).filter(({ problem }) => !isPart || !knownElsewhere.has(problem.rule));
  const shown: ShownFinding[] = told.map(({ problem, span }) => ({
    rule: problem.rule,
    severity: problem.severity ?? (problem.failsAt === 'machine' ? 'info' : (ruleById.get(problem.rule)?.severity ?? 'error')),
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
  // the apps run no hooks, so their copy of a config must hold its keys
  const forApps = analysis.options.targets?.some((target) => target !== 'wg-quick');
  for (const finding of analysis.findings.get(uri) ?? nothing) {
    if (forApps && (finding.rule === 'wireguard/inline-private-key' || finding.rule === 'wireguard/inline-preshared-key')) continue;
    const span = placeSpan(file, finding);
    if (!span) continue;
    const related = finding.related.flatMap(({ uri: other, statement, item, message }) => {
      const otherFile = analysis.files.get(other);
      const at = otherFile && placeSpan(otherFile, { statement, item });
      return at ? [{ uri: other, span: at, message }] : [];
    });
    shown.push({ ...finding, related, span, suggest: [] });
  }
  shown.push(...(guarded('targets', () => targetFindings(file, analysis.options.targets ?? [])) ?? []));
  for (const { rule, start, end } of file.policy?.ruleNames ?? []) {
    if (ruleById.has(rule)) continue;
    const { message, suggest } = unknownRule(rule);
    const at = { uri, statement: NO_STATEMENT, item: 0, span: { start, end } };
    const texts = suggest.map((one) => JSON.stringify(one));
    shown.push({
      ...at,
      rule: 'meshwarden/policy-file',
      severity: 'warning',
      message,
      related: [],
      refusedBy: null,
      failsAt: null,
      suggest: texts,
    });
  }
  return withLevels(withoutAllowed(file.source, shown, analysis.levels), analysis.levels).sort(
    (a, b) => a.span.start - b.span.start || a.span.end - b.span.end,
  );
}

function withLevels(findings: readonly ShownFinding[], levels: WorkspaceLevels): ShownFinding[] {
  return findings.flatMap((finding) => {
    const level = levelOf(levels, finding.uri, finding.rule);
    if (level === undefined) return [finding];
    return level === 'off' ? [] : [{ ...finding, severity: level }];
  });
}
