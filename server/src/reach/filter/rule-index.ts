// Which rules a source may meet: of thousands in a chain, those that name it alone and those that name many, or none.
import { addressesNamed } from './program-change.ts';
import type { AddressNumber } from './ranges.ts';
import type { Rules } from './rules.ts';
import { SOURCE } from './symbolic.ts';

/** By their places, ascending. */
export interface RuleIndex {
  readonly alone: ReadonlyMap<AddressNumber, readonly number[]>;
  readonly others: readonly number[];
}

/** Fewer than this are looked through one by one. */
const MANY = 4;

const kept = new WeakMap<Rules, Record<4 | 6, RuleIndex | null>>();

/** null where there are few rules. */
export function ruleIndex(rules: Rules, version: 4 | 6): RuleIndex | null {
  if (rules.length < MANY) return null;
  const known = keptOf(rules);
  known[version] ??= made(rules, version);
  return known[version];
}

function keptOf(rules: Rules): Record<4 | 6, RuleIndex | null> {
  let known = kept.get(rules);
  if (!known) {
    known = { 4: null, 6: null };
    kept.set(rules, known);
  }
  return known;
}

function made(rules: Rules, version: 4 | 6): RuleIndex {
  const alone = new Map<AddressNumber, number[]>();
  const others: number[] = [];
  for (let place = 0; place < rules.length; place++) {
    const source = sourceOf(rules, place, version);
    if (source === null) others.push(place);
    else {
      const own = alone.get(source);
      if (own) own.push(place);
      else alone.set(source, [place]);
    }
  }
  return { alone, others };
}

/** The one source that a rule names; null where it names several, or none. */
function sourceOf(rules: Rules, place: number, version: 4 | 6): AddressNumber | null {
  const ranges = addressesNamed(rules.steps(place), SOURCE, version)?.ranges;
  const range = ranges?.length === 1 ? ranges[0] : undefined;
  return range && range.from === range.to ? range.from : null;
}

/** The index of rules after an edit, of which `head` at the beginning and `tail` at the end are those before it. */
export function indexAfter(before: Rules, now: Rules, version: 4 | 6, head: number, tail: number): void {
  const old = kept.get(before)?.[version];
  if (!old || before === now || now.length < MANY) return;
  const moved = now.length - before.length;
  const after = before.length - tail;
  const isLeft = (place: number): boolean => place < head || place >= after;
  const shifted = (places: readonly number[]): number[] => places.filter(isLeft).map((place) => (place < head ? place : place + moved));
  const alone = new Map<AddressNumber, readonly number[]>(old.alone);
  let others: readonly number[] = old.others;
  if (moved === 0) {
    // only lists with a rule that has changed are others
    for (let place = head; place < after; place++) {
      const source = sourceOf(before, place, version);
      if (source === null) others = others.filter((one) => one !== place);
      else
        alone.set(
          source,
          (alone.get(source) ?? []).filter((one) => one !== place),
        );
    }
  } else {
    for (const [source, places] of alone) alone.set(source, shifted(places));
    others = shifted(others);
  }
  for (let place = head; place < now.length - tail; place++) {
    const source = sourceOf(now, place, version);
    if (source === null) others = sortedWith(others, place);
    else alone.set(source, sortedWith(alone.get(source) ?? [], place));
  }
  keptOf(now)[version] ??= { alone, others };
}

function sortedWith(places: readonly number[], place: number): readonly number[] {
  return places.toSpliced(firstFrom(places, place), 0, place);
}

/** The place of the first number that is not below `least` in a sorted list. */
export function firstFrom(sorted: ArrayLike<number>, least: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
