// Sets of services with three answers as small numbers, so that thousands of cells that say the same hold one number, and what is
// common to two of them is computed once.
import { common, type ServiceNumbers, serviceDomain, united, without } from '../matrix/service-set.ts';

/** A number that stands for an outcome. */
export type OutcomeId = number;

/** `allowed` lies within `possible`; what is between the two is not known. */
export interface Outcome {
  readonly allowed: ServiceNumbers;
  readonly possible: ServiceNumbers;
}

/** Nothing gets through; everything does; nothing is known. */
export const NOTHING = 0;
export const EVERYTHING = 1;
export const UNKNOWN = 2;

export interface Outcomes {
  of(id: OutcomeId): Outcome;
  id(allowed: ServiceNumbers, possible: ServiceNumbers): OutcomeId;
  /** What gets through both. */
  both(a: OutcomeId, b: OutcomeId): OutcomeId;
  /** What gets through one of them at least. */
  either(a: OutcomeId, b: OutcomeId): OutcomeId;
  /** What is known where it is one of the two, and nobody knows which. */
  oneOf(a: OutcomeId, b: OutcomeId): OutcomeId;
  /** How many numbers its sets hold: what it weighs. */
  readonly weight: () => number;
}

/** Keys of pairs stay exact below 2^53. */
const MOST_SETS = 2 ** 26;

export function newOutcomes(): Outcomes {
  const sets: ServiceNumbers[] = [];
  const setIds = new Map<string, number>();
  let weight = 0;
  const setId = (services: ServiceNumbers): number => {
    let key = '';
    for (const { from, to } of services) key += `${from}-${to} `;
    let id = setIds.get(key);
    if (id === undefined) {
      id = sets.length;
      sets.push(services);
      setIds.set(key, id);
      weight += 2 * services.length + 2;
    }
    return id;
  };
  const paired = (compute: (a: ServiceNumbers, b: ServiceNumbers) => ServiceNumbers): ((a: number, b: number) => number) => {
    const known = new Map<number, number>();
    return (a, b) => {
      if (a === b) return a;
      const key = a < b ? a * MOST_SETS + b : b * MOST_SETS + a;
      let id = known.get(key);
      if (id === undefined) {
        id = setId(compute(sets[a] as ServiceNumbers, sets[b] as ServiceNumbers));
        known.set(key, id);
      }
      return id;
    };
  };
  const bothSets = paired(common);
  const eitherSet = paired(united);
  const none = setId([]);
  const all = setId(serviceDomain.all);
  const alloweds: number[] = [];
  const possibles: number[] = [];
  const ids = new Map<number, OutcomeId>();
  const idOf = (allowed: number, possible: number): OutcomeId => {
    const key = allowed * MOST_SETS + possible;
    let id = ids.get(key);
    if (id === undefined) {
      id = alloweds.length;
      alloweds.push(allowed);
      possibles.push(possible);
      ids.set(key, id);
    }
    return id;
  };
  idOf(none, none);
  idOf(all, all);
  idOf(none, all);
  type Paired = (a: number, b: number) => number;
  const pairedOutcomes = (ofAllowed: Paired, ofPossible: Paired): ((a: OutcomeId, b: OutcomeId) => OutcomeId) => {
    const known = new Map<number, OutcomeId>();
    return (a, b) => {
      if (a === b) return a;
      const key = a < b ? a * MOST_SETS + b : b * MOST_SETS + a;
      let id = known.get(key);
      if (id === undefined) {
        id = idOf(ofAllowed(alloweds[a] as number, alloweds[b] as number), ofPossible(possibles[a] as number, possibles[b] as number));
        known.set(key, id);
      }
      return id;
    };
  };
  const both = pairedOutcomes(bothSets, bothSets);
  const either = pairedOutcomes(eitherSet, eitherSet);
  return {
    of: (id) => ({ allowed: sets[alloweds[id] as number] as ServiceNumbers, possible: sets[possibles[id] as number] as ServiceNumbers }),
    id: (allowed, possible) => idOf(setId(allowed), setId(possible)),
    both: (a, b) => (a === NOTHING || b === NOTHING ? NOTHING : a === EVERYTHING ? b : b === EVERYTHING ? a : both(a, b)),
    either: (a, b) => (a === NOTHING ? b : b === NOTHING ? a : either(a, b)),
    oneOf: pairedOutcomes(bothSets, eitherSet),
    weight: () => weight,
  };
}

/** Of an outcome, what is not known. */
export function doubtIn({ allowed, possible }: Outcome): ServiceNumbers {
  return without(possible, allowed);
}
