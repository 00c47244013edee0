// Runs the rules over a workspace. Values in, values out: what was computed before is kept where what it was made from is the same.
import { type BuiltMesh, buildMesh } from '../mesh/build.ts';
import type { PolicyFile } from '../mesh/known-hosts.ts';
import { ruleById } from '../rules/registry.ts';
import { type Finding, NO_STATEMENT, type ShownFinding } from '../rules/rule.ts';
import { none } from '../text/statement.ts';
import type { Target } from '../wireguard/targets/target.ts';
import { type AccessStage, hasAccessRules, isOf, stillPlaced } from './access.ts';
import { type Findings, type Found, gathered } from './found.ts';
import { guarded } from './guard.ts';
import { type Levels, levelOf, noLevels, type WorkspaceLevels, workspaceLevels } from './levels.ts';
import { type Memo, memoOf, sourcesOf } from './memo.ts';
import { type Files, placeSpan } from './parsed-file.ts';
import { toldProblems } from './placeholders.ts';
import { unknownRule, withoutAllowed } from './suppress.ts';
import { targetFindings } from './targets.ts';

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
  readonly findings: Findings;
  readonly found: Found;
  readonly memo: Memo;
}

/**
 * Analyses `files`; what `old` found is kept where its facts are the same objects. In a hurry, while somebody types, what rules that read
 * a whole ruleset found before is kept as well, and the analysis is unfinished.
 */
export function analyse(files: Files, old?: Analysis, options: AnalysisOptions = noOptions, hurry = false): Analysis {
  const mesh = buildMesh(
    Array.from(files.values(), ({ source, facts, disk }) => ({ uri: source.uri, facts, disk })),
    old?.mesh,
  );
  const levels = workspaceLevels(files, options.levels ?? noLevels, old?.levels);
  const policies = policiesIn(files, old?.policies);
  if (old && mesh === old.mesh && policies === old.policies && (hurry || !old.unfinished)) return { ...old, files, levels, options };
  const memo = memoOf(mesh, policies, old, hurry);
  const asks = hasAccessRules && policies.some(({ facts }) => facts.grants !== null || facts.tests.length > 0);
  const access = asks ? (old?.access ?? null) : null;
  const found = gathered(sourcesOf(memo), [...memo.wholes, ...placed(access, files)], old?.found);
  return {
    options,
    files,
    mesh,
    levels,
    policies,
    access,
    accessDue: asks && !(access && isOf(access, mesh, policies)),
    findings: found.findings,
    found,
    unfinished: memo.unfinished,
    memo,
  };
}

/** The analysis with what the rules about access found. */
export function withAccess(analysis: Analysis, access: AccessStage): Analysis {
  const { memo, mesh, policies, files } = analysis;
  const found = gathered(sourcesOf(memo), [...memo.wholes, ...placed(access, files)], analysis.found);
  return { ...analysis, access, accessDue: !isOf(access, mesh, policies), findings: found.findings, found };
}

function placed(access: AccessStage | null, files: Files): readonly Finding[] {
  return access ? access.findings.filter((finding) => stillPlaced(finding, access, files)) : none;
}

/** The old list where the workspace files say the same. */
function policiesIn(files: Files, old: readonly PolicyFile[] | undefined): readonly PolicyFile[] {
  const policies: PolicyFile[] = [];
  for (const [uri, { facts }] of files) if (facts.language === 'policy') policies.push({ uri, facts });
  const same = old?.length === policies.length && policies.every(({ uri, facts }, i) => old[i]?.uri === uri && old[i].facts === facts);
  return same ? old : policies;
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
  for (const finding of analysis.findings.get(uri) ?? none) {
    if (forApps && (finding.rule === 'wireguard/inline-private-key' || finding.rule === 'wireguard/inline-preshared-key')) continue;
    const span = placeSpan(file, finding);
    if (!span) continue;
    const { rule, severity, statement, item, message, refusedBy, failsAt } = finding;
    const related = finding.related.length === 0 ? none : relatedSpans(finding, analysis.files);
    shown.push({ rule, severity, uri, statement, item, span, message, related, refusedBy, failsAt, suggest: none });
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

function relatedSpans({ related }: Finding, files: Files): ShownFinding['related'] {
  return related.flatMap(({ uri, statement, item, message }) => {
    const file = files.get(uri);
    const span = file && placeSpan(file, { statement, item });
    return span ? [{ uri, span, message }] : [];
  });
}

function withLevels(findings: readonly ShownFinding[], levels: WorkspaceLevels): ShownFinding[] {
  if (levels.folders.length === 0 && Object.keys(levels.settings).length === 0) return [...findings];
  return findings.flatMap((finding) => {
    const level = levelOf(levels, finding.uri, finding.rule);
    if (level === undefined) return [finding];
    return level === 'off' ? [] : [{ ...finding, severity: level }];
  });
}
