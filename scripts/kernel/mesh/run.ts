// The engine against real meshes: random ones, random flows, and the smallest mesh where they differ.

import { type Flow, type MeshResult, runMeshes } from '../../../test/kernel/support/mesh.ts';
import type { Namespace } from '../../../test/kernel/support/namespace.ts';
import { openNamespace } from '../../../test/kernel/support/namespace.ts';
import { seeded } from '../../bench/random.ts';
import { type ComparedFlow, compareFlow, modelOf } from './compare.ts';
import { jobOf, randomFlows, workspaceOf } from './files.ts';
import { mutate } from './mutate.ts';
import { type Plan, topology } from './plan.ts';
import { randomHostRuleset } from './rules.ts';

export interface MeshReport {
  readonly meshes: number;
  /** Meshes that did not come up as they should: of these nothing is known. */
  readonly failed: readonly { readonly seed: number; readonly message: string }[];
  readonly flows: number;
  readonly yes: number;
  readonly no: number;
  readonly unknown: number;
  /** Of meshes in which nothing hangs on what no file tells. */
  readonly knowable: number;
  readonly knowableUnknown: number;
  /** Access that is given: how much of it is answered, as far as it is known. */
  readonly answered: number;
  readonly oneWay: number;
  /** Why something is not known, how often. */
  readonly reasons: ReadonlyMap<string, number>;
  /** Flows that were lost once and came through when they were tried again: the machine was too slow. */
  readonly repeated: number;
  readonly difference: MeshDifference | null;
  readonly seconds: number;
}

export interface MeshDifference {
  readonly seed: number;
  readonly files: Readonly<Record<string, string>>;
  readonly compared: ComparedFlow;
}

const BATCH = 4;
/** A flow differs only if it does so each time. */
const TRIES = 3;

interface Job {
  readonly seed: number;
  readonly plan: Plan;
  readonly flows: readonly Flow[];
}

export function randomMesh(seed: number, count: number): Job {
  const random = seeded(seed);
  const plan = topology(random);
  mutate(random, plan);
  for (const host of plan.hosts) host.ruleset = randomHostRuleset(random, plan, host);
  return { seed, plan, flows: randomFlows(random, plan, count) };
}

/** Mesh `i` has the seed `seed + i`. Ends at the first difference. */
export async function compareMeshes(
  seed: number,
  meshes: number,
  flows: number,
  told: (line: string) => void = () => {},
): Promise<MeshReport> {
  const started = performance.now();
  const counts = { flows: 0, yes: 0, no: 0, unknown: 0, knowable: 0, knowableUnknown: 0, answered: 0, oneWay: 0, repeated: 0 };
  const failed: { seed: number; message: string }[] = [];
  const reasons = new Map<string, number>();
  let difference: MeshDifference | null = null;
  const namespace = await openNamespace();
  try {
    for (let at = 0; at < meshes && !difference; at += BATCH) {
      const jobs = Array.from({ length: Math.min(BATCH, meshes - at) }, (_, i) => randomMesh(seed + at + i, flows));
      const results = await runMeshes(
        namespace,
        jobs.map((job) => jobOf(job.plan, job.flows)),
      );
      for (const [i, job] of jobs.entries()) {
        const result = results[i];
        if (!result) throw new Error('the mesh helper gave no answer');
        if (result.failed.length > 0) {
          failed.push({ seed: job.seed, message: result.failed.map((one) => one.join(': ')).join('; ') });
          continue;
        }
        const compared = comparedIn(job, result);
        for (const one of compared) {
          count(counts, one, job.plan.unknowable);
          if (one.answer.answer === 'unknown') {
            const reason = reasonOf(one, job.plan);
            reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
          }
        }
        const wrong = compared.filter((one) => one.wrong !== null);
        if (wrong.length === 0) continue;
        const lasting = await again(namespace, job, wrong);
        counts.repeated += wrong.length - lasting.length;
        const [first] = lasting;
        if (first) difference ??= await shrunk(namespace, job, first);
      }
      told(`${Math.min(at + BATCH, meshes)} meshes, ${counts.flows} flows, ${counts.unknown} unknown`);
    }
  } finally {
    await namespace.close();
  }
  return { meshes, failed, reasons, difference, seconds: (performance.now() - started) / 1000, ...counts };
}

function comparedIn({ plan, flows }: Pick<Job, 'plan' | 'flows'>, { flows: ends }: MeshResult): readonly ComparedFlow[] {
  const model = modelOf(workspaceOf(plan));
  return flows.map((flow, number) => {
    const end = ends[number];
    if (!end) throw new Error('the mesh helper gave no answer');
    return compareFlow(model, flow, number, end);
  });
}

interface Counts {
  flows: number;
  yes: number;
  no: number;
  unknown: number;
  knowable: number;
  knowableUnknown: number;
  answered: number;
  oneWay: number;
}

function count(counts: Counts, { answer: { answer, oneWay } }: ComparedFlow, unknowable: boolean): void {
  counts.flows++;
  counts[answer]++;
  if (oneWay !== null) counts[oneWay ? 'oneWay' : 'answered']++;
  if (unknowable) return;
  counts.knowable++;
  if (answer === 'unknown') counts.knowableUnknown++;
}

/** Without names and addresses. */
function reasonOf({ answer }: ComparedFlow, { hosts }: Plan): string {
  const names = new RegExp(hosts.map(({ name }) => name).join('|'), 'g');
  return (answer.hops.at(-1)?.says ?? '').replace(/\b[0-9a-f]*[.:][0-9a-f.:]+\b/g, 'ADDRESS').replace(names, 'HOST');
}

/** Those that differ in each of some more tries. */
async function again(namespace: Namespace, job: Job, wrong: readonly ComparedFlow[]): Promise<readonly ComparedFlow[]> {
  let left = wrong;
  for (let tries = 1; tries < TRIES && left.length > 0; tries++) {
    const [result] = await runMeshes(namespace, [jobOf(job.plan, job.flows)]);
    if (!result || result.failed.length > 0) return left;
    const compared = comparedIn(job, result);
    left = left.flatMap(({ number }) => {
      const one = compared[number];
      return one?.wrong ? [one] : [];
    });
  }
  return left;
}

/** The smallest mesh, by taking away, that still differs for the flow. */
async function shrunk(namespace: Namespace, job: Job, found: ComparedFlow): Promise<MeshDifference> {
  let best: MeshDifference = { seed: job.seed, files: workspaceOf(job.plan), compared: found };
  for (const step of smaller(job.plan)) {
    const undo = step();
    const [result] = await runMeshes(namespace, [jobOf(job.plan, job.flows)]);
    const one = result && result.failed.length === 0 ? comparedIn(job, result)[found.number] : undefined;
    if (one?.wrong) best = { seed: job.seed, files: workspaceOf(job.plan), compared: one };
    else undo();
  }
  return best;
}

type Undo = () => void;

/** Each thing that a plan may do without, as a step that can be taken back. */
function smaller({ hosts }: Plan): readonly (() => Undo)[] {
  const steps: (() => Undo)[] = [];
  for (const host of hosts) {
    steps.push(() => {
      const { ruleset } = host;
      host.ruleset = null;
      return () => {
        host.ruleset = ruleset;
      };
    });
    const rules = host.ruleset?.tables.flatMap(({ chains }) => chains.flatMap(({ rules: all }) => all)) ?? [];
    for (const rule of rules) {
      steps.push(() => {
        const { ruleset } = host;
        host.ruleset = ruleset && {
          ...ruleset,
          tables: ruleset.tables.map((table) => ({
            ...table,
            chains: table.chains.map((chain) => ({ ...chain, rules: chain.rules.filter((other) => other !== rule) })),
          })),
        };
        return () => {
          host.ruleset = ruleset;
        };
      });
    }
    for (const node of host.interfaces) {
      for (const hook of node.hooks) {
        steps.push(() => {
          const { hooks } = node;
          node.hooks = hooks.filter((other) => other !== hook);
          return () => {
            node.hooks = hooks;
          };
        });
      }
    }
  }
  return steps;
}
