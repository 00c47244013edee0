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
  weight(): number;
}

/** Keys of pairs stay exact below 2^53. */
const MOST_SETS = 2 ** 26;

export function newOutcomes(): Outcomes {
  return new KnownOutcomes();
}

type Combine = (a: ServiceNumbers, b: ServiceNumbers) => ServiceNumbers;

/** A class, so that code made fast for the sets of one mesh is fast for those of the next. */
class KnownOutcomes implements Outcomes {
  readonly #sets: ServiceNumbers[] = [];
  readonly #setIds = new Map<string, number>();
  #weight = 0;
  /** By pairs of sets. */
  readonly #commonSets = new Map<number, number>();
  readonly #unitedSets = new Map<number, number>();
  readonly #alloweds: number[] = [];
  readonly #possibles: number[] = [];
  readonly #ids = new Map<number, OutcomeId>();
  /** By pairs of outcomes. */
  readonly #both = new Map<number, OutcomeId>();
  readonly #either = new Map<number, OutcomeId>();
  readonly #oneOf = new Map<number, OutcomeId>();

  constructor() {
    const none = this.#setId([]);
    const all = this.#setId(serviceDomain.all);
    this.#idOf(none, none);
    this.#idOf(all, all);
    this.#idOf(none, all);
  }

  of(id: OutcomeId): Outcome {
    return {
      allowed: this.#sets[this.#alloweds[id] as number] as ServiceNumbers,
      possible: this.#sets[this.#possibles[id] as number] as ServiceNumbers,
    };
  }

  id(allowed: ServiceNumbers, possible: ServiceNumbers): OutcomeId {
    return this.#idOf(this.#setId(allowed), this.#setId(possible));
  }

  both(a: OutcomeId, b: OutcomeId): OutcomeId {
    if (a === NOTHING || b === NOTHING) return NOTHING;
    if (a === EVERYTHING || a === b) return b;
    if (b === EVERYTHING) return a;
    const key = pairKey(a, b);
    let id = this.#both.get(key);
    if (id === undefined) {
      id = this.#idOf(this.#commonSet(this.#alloweds, a, b), this.#commonSet(this.#possibles, a, b));
      this.#both.set(key, id);
    }
    return id;
  }

  either(a: OutcomeId, b: OutcomeId): OutcomeId {
    if (a === NOTHING || a === b) return b;
    if (b === NOTHING) return a;
    const key = pairKey(a, b);
    let id = this.#either.get(key);
    if (id === undefined) {
      id = this.#idOf(this.#unitedSet(this.#alloweds, a, b), this.#unitedSet(this.#possibles, a, b));
      this.#either.set(key, id);
    }
    return id;
  }

  oneOf(a: OutcomeId, b: OutcomeId): OutcomeId {
    if (a === b) return a;
    const key = pairKey(a, b);
    let id = this.#oneOf.get(key);
    if (id === undefined) {
      id = this.#idOf(this.#commonSet(this.#alloweds, a, b), this.#unitedSet(this.#possibles, a, b));
      this.#oneOf.set(key, id);
    }
    return id;
  }

  weight(): number {
    return this.#weight;
  }

  #commonSet(of: readonly number[], a: OutcomeId, b: OutcomeId): number {
    return this.#combined(this.#commonSets, common, of[a] as number, of[b] as number);
  }

  #unitedSet(of: readonly number[], a: OutcomeId, b: OutcomeId): number {
    return this.#combined(this.#unitedSets, united, of[a] as number, of[b] as number);
  }

  #combined(known: Map<number, number>, combine: Combine, a: number, b: number): number {
    if (a === b) return a;
    const key = pairKey(a, b);
    let id = known.get(key);
    if (id === undefined) {
      id = this.#setId(combine(this.#sets[a] as ServiceNumbers, this.#sets[b] as ServiceNumbers));
      known.set(key, id);
    }
    return id;
  }

  #setId(services: ServiceNumbers): number {
    let key = '';
    for (const { from, to } of services) key += `${from}-${to} `;
    let id = this.#setIds.get(key);
    if (id === undefined) {
      id = this.#sets.length;
      this.#sets.push(services);
      this.#setIds.set(key, id);
      this.#weight += 2 * services.length + 2;
    }
    return id;
  }

  #idOf(allowed: number, possible: number): OutcomeId {
    const key = allowed * MOST_SETS + possible;
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.#alloweds.length;
      this.#alloweds.push(allowed);
      this.#possibles.push(possible);
      this.#ids.set(key, id);
    }
    return id;
  }
}

/** Equal for a pair and the same pair the other way round. */
function pairKey(a: number, b: number): number {
  return a < b ? a * MOST_SETS + b : b * MOST_SETS + a;
}

/** Of an outcome, what is not known. */
export function doubtIn({ allowed, possible }: Outcome): ServiceNumbers {
  return without(possible, allowed);
}
