// The stage of rules about access: they read who reaches whom, which takes longer than a keystroke may. So they are asked apart from the
// others, in steps, and until then what they found before is shown.
import type { BuiltMesh } from '../mesh/build.ts';
import type { PolicyFile } from '../mesh/known-hosts.ts';
import { rules } from '../rules/registry.ts';
import type { AccessContext, AccessRule, Finding, Holds } from '../rules/rule.ts';
import type { Origin } from '../text/origin.ts';
import type { Analysis } from './analysis.ts';
import { guarded } from './guard.ts';
import { made } from './made.ts';
import type { Matrices } from './matrices.ts';
import type { Files, ParsedFile } from './parsed-file.ts';

export interface AccessStage {
  readonly mesh: BuiltMesh;
  readonly policies: readonly PolicyFile[];
  readonly findings: readonly Finding[];
  /** Whether grants and targets of tests hold, by `placeKey`. */
  readonly holds: ReadonlyMap<string, Holds>;
  /** How many statements each file had that a finding stands in. */
  readonly statements: ReadonlyMap<string, number>;
}

export function placeKey({ uri, statement, item }: Origin): string {
  return `${statement} ${item} ${uri}`;
}

export function isOf(stage: AccessStage, mesh: BuiltMesh, policies: readonly PolicyFile[]): boolean {
  return stage.mesh === mesh && stage.policies === policies;
}

/** With as many statements as before each finding stands at the one it was made for, or at the one that is typed. */
export function stillPlaced(finding: Finding, stage: AccessStage | null, files: Files): boolean {
  const file = files.get(finding.uri);
  return file !== undefined && stage?.statements.get(finding.uri) === countOf(file);
}

function countOf({ list, policy }: ParsedFile): number {
  return list?.facts.length ?? policy?.places.length ?? 0;
}

const accessRules = rules.filter((rule): rule is AccessRule => rule.scope === 'access');

export const hasAccessRules = accessRules.length > 0;

/** Asks the rules about access of these files, in steps. */
export function* accessStage({ mesh, policies, files }: Analysis, matrices: Matrices): Generator<void, AccessStage, void> {
  const { model } = mesh;
  const holds = new Map<string, Holds>();
  const context: AccessContext = {
    model,
    policies,
    matrix: (view) => matrices.of(model, view),
    holds: (at, result) => void holds.set(placeKey(at), result),
  };
  const findings: Finding[] = [];
  for (const rule of accessRules) {
    const steps = guarded(rule.id, () => rule.check(context, (report) => findings.push(made(rule, report))));
    while (guarded(rule.id, () => steps?.next().done === false)) yield;
  }
  const statements = new Map<string, number>();
  for (const { uri } of findings) {
    const file = files.get(uri);
    if (file) statements.set(uri, countOf(file));
  }
  return { mesh, policies, findings, holds, statements };
}
