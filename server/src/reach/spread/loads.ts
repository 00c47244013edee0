// What is on its way to some targets, each with what got so far. Where all fare alike the targets are runs of neighbours.

import { NOTHING, type OutcomeId } from '../filter/outcome.ts';
import { firstFrom } from '../filter/rule-index.ts';

export type Load = Runs | Listed;

interface Runs {
  /** First and last target of each run, ascending. */
  readonly runs: readonly number[];
  readonly outcome: OutcomeId;
}

/** One by one, ascending. */
interface Listed {
  readonly targets: readonly number[];
  readonly outcomes: readonly OutcomeId[];
}

export function toAll(targets: number, outcome: OutcomeId): Load {
  return { runs: targets === 0 ? [] : [0, targets - 1], outcome };
}

export function toOne(target: number, outcome: OutcomeId): Load {
  return { targets: [target], outcomes: [outcome] };
}

export function isEmptyLoad(load: Load): boolean {
  return 'runs' in load ? load.runs.length === 0 || load.outcome === NOTHING : load.targets.length === 0;
}

/** Whether it is on its way to one target alone. */
export function isOfOne(load: Load): boolean {
  return 'runs' in load ? load.runs.length === 2 && load.runs[0] === load.runs[1] : load.targets.length === 1;
}

/** Its first target; -1 where it has none. */
export function firstOf(load: Load): number {
  return ('runs' in load ? load.runs[0] : load.targets[0]) ?? -1;
}

/** Its last target; -1 where it has none. */
export function lastOf(load: Load): number {
  return ('runs' in load ? load.runs[load.runs.length - 1] : load.targets[load.targets.length - 1]) ?? -1;
}

export function eachIn(load: Load, told: (target: number, outcome: OutcomeId) => void): void {
  if ('runs' in load) {
    const { runs, outcome } = load;
    for (let i = 0; i < runs.length; i += 2) for (let one = runs[i] as number; one <= (runs[i + 1] as number); one++) told(one, outcome);
  } else for (let i = 0; i < load.targets.length; i++) told(load.targets[i] as number, load.outcomes[i] as OutcomeId);
}

export function changedLoad(load: Load, by: (outcome: OutcomeId) => OutcomeId): Load {
  return 'runs' in load ? { runs: load.runs, outcome: by(load.outcome) } : { targets: load.targets, outcomes: load.outcomes.map(by) };
}

/** Those from `first` to `last`. */
export function within(load: Load, first: number, last: number): Load {
  if (!('runs' in load)) {
    const from = firstFrom(load.targets, first);
    const to = firstFrom(load.targets, last + 1);
    return { targets: load.targets.slice(from, to), outcomes: load.outcomes.slice(from, to) };
  }
  const { runs, outcome } = load;
  const result: number[] = [];
  for (let i = 0; i < runs.length; i += 2) {
    const from = Math.max(first, runs[i] as number);
    const to = Math.min(last, runs[i + 1] as number);
    if (from <= to) result.push(from, to);
  }
  return { runs: result, outcome };
}

/** Parts of one load, one behind the other. */
export function joinedLoads(parts: readonly Load[]): Load {
  const [first] = parts;
  if (first && parts.length === 1) return first;
  if (first && 'runs' in first) return { runs: parts.flatMap((part) => ('runs' in part ? part.runs : [])), outcome: first.outcome };
  const listed = parts.flatMap((part) => ('targets' in part ? [part] : []));
  return { targets: listed.flatMap(({ targets }) => targets), outcomes: listed.flatMap(({ outcomes }) => outcomes) };
}

/** The outcome of a target in the load; NOTHING where it is not in it. */
export function outcomeIn(load: Load, target: number): OutcomeId {
  if ('runs' in load) {
    const { runs, outcome } = load;
    for (let i = 0; i < runs.length; i += 2) if ((runs[i] as number) <= target && target <= (runs[i + 1] as number)) return outcome;
    return NOTHING;
  }
  const at = firstFrom(load.targets, target);
  return load.targets[at] === target ? (load.outcomes[at] as OutcomeId) : NOTHING;
}

/** Without some targets, ascending. */
export function withoutTargets(load: Runs, some: readonly number[]): Runs;
export function withoutTargets(load: Load, some: readonly number[]): Load;
export function withoutTargets(load: Load, some: readonly number[]): Load {
  if (some.length === 0) return load;
  if (!('runs' in load)) {
    if (!some.some((one) => outcomeIn(load, one) !== NOTHING)) return load;
    const targets: number[] = [];
    const outcomes: OutcomeId[] = [];
    for (let i = 0; i < load.targets.length; i++) {
      const one = load.targets[i] as number;
      if (some.includes(one)) continue;
      targets.push(one);
      outcomes.push(load.outcomes[i] as OutcomeId);
    }
    return { targets, outcomes };
  }
  const { runs, outcome } = load;
  const result: number[] = [];
  for (let i = 0; i < runs.length; i += 2) {
    let from = runs[i] as number;
    const last = runs[i + 1] as number;
    for (const one of some) {
      if (one < from || one > last) continue;
      if (from < one) result.push(from, one - 1);
      from = one + 1;
    }
    if (from <= last) result.push(from, last);
  }
  return { runs: result, outcome };
}
