// Rules that an earlier rule of their chain leaves nothing to: every packet that they may match has surely gone another way.
import { type Box, boxWithin } from './box.ts';
import type { ReadChain } from './chains.ts';
import type { Reading } from './reading.ts';

export interface Shadow {
  /** The place among the chain's rules of the first that takes all its packets. */
  readonly by: number;
  /** Whether every packet meets the same decision there. */
  readonly same: boolean;
}

export type Shadows = readonly (Shadow | null)[];

/** The shadows of a chain as it was, by its first and its last rule: an edit changes but one of them at a time. */
const memo = new WeakMap<Reading, { readonly readings: readonly Reading[]; readonly shadows: Shadows }>();

let compared = 0;
/** How many pairs of rules have been compared since the program began: what an edit costs, for tests. */
export function pairsCompared(): number {
  return compared;
}

/** A rule with more boxes is neither compared nor compared with. */
const MOST_BOXES = 64;
/** So many pairs are compared for one chain at the most. */
const MOST_PAIRS = 200_000;

/** For each rule of the chain the one that shadows it, or null. */
export function shadowsOf({ readings }: ReadChain): Shadows {
  const first = readings[0];
  const last = readings[readings.length - 1];
  if (!first || !last) return [];
  const old = memo.get(first) ?? memo.get(last);
  if (old?.readings === readings) return old.shadows;
  const shadows = (old && edited(old.readings, old.shadows, readings)) ?? allShadows(readings);
  const next = { readings, shadows };
  memo.set(first, next);
  memo.set(last, next);
  return shadows;
}

/** Whether `earlier` takes every packet that `later` may match. A rule that always decides is no shadow: all behind it is unreachable. */
function takesAll(earlier: Reading, later: Reading): boolean {
  compared++;
  const { decides, always } = earlier;
  const { matches } = later;
  if (decides.length === 1 && matches.length === 1) return !always && boxWithin(matches[0] as Box, decides[0] as Box);
  if (always || decides.length === 0 || matches.length === 0 || decides.length > MOST_BOXES || matches.length > MOST_BOXES) return false;
  return matches.every((one) => decides.some((other) => boxWithin(one, other)));
}

function shadow(readings: readonly Reading[], by: number, of: number): Shadow {
  return { by, same: decideAlike(readings[by] as Reading, readings[of] as Reading) };
}

function decideAlike(earlier: Reading, later: Reading): boolean {
  return later.arms.every(({ may, outcome, target }) =>
    may.every((box) =>
      earlier.arms.some(
        (arm) => outcome !== 'nat' && arm.outcome === outcome && arm.target === target && arm.must.some((other) => boxWithin(box, other)),
      ),
    ),
  );
}

/** Rules are compared only with those that say the same of one source, one destination and one port, or nothing of it. */
function allShadows(readings: readonly Reading[]): Shadows {
  const buckets = new Map<string, number[]>();
  const start = compared;
  return readings.map((reading, index) => {
    const found = compared - start < MOST_PAIRS ? firstIn(buckets, readings, reading) : -1;
    if (!reading.always && reading.decides.length <= MOST_BOXES) {
      for (const key of new Set(reading.decides.map((box) => keysOf(box).join('|')))) {
        const bucket = buckets.get(key);
        if (bucket) bucket.push(index);
        else buckets.set(key, [index]);
      }
    }
    return found < 0 ? null : shadow(readings, found, index);
  });
}

function firstIn(buckets: ReadonlyMap<string, readonly number[]>, readings: readonly Reading[], reading: Reading): number {
  const [box] = reading.matches;
  if (!box) return -1;
  let first = -1;
  for (const key of ways(keysOf(box))) {
    for (const index of buckets.get(key) ?? []) {
      if (first >= 0 && index >= first) break;
      if (takesAll(readings[index] as Reading, reading)) first = index;
    }
  }
  return first;
}

/** One source, one destination, one port of one protocol; `*` where there are more. */
function keysOf({ sources, destinations, services }: Box): readonly string[] {
  const one = <N extends number | bigint>(intervals: readonly { readonly from: N; readonly to: N }[]): string | null => {
    const [only] = intervals;
    return intervals.length === 1 && only && only.from === only.to ? `${only.from}` : null;
  };
  const address = ({ v4, v6 }: Box['sources']): string => (v6.length === 0 ? one(v4) : v4.length === 0 ? one(v6) : null) ?? '*';
  const [service] = services;
  const port = services.length === 1 && service && service.from === service.to ? one(service.targets) : null;
  return [address(sources), address(destinations), port === null ? '*' : `${service?.from}/${port}`];
}

/** Each key as it is, and as `*`: what holds a packet says it or leaves it open. */
function ways(keys: readonly string[]): readonly string[] {
  let result = [''];
  keys.forEach((key, i) => {
    const next = key === '*' ? ['*'] : [key, '*'];
    result = result.flatMap((before) => next.map((one) => (i === 0 ? one : `${before}|${one}`)));
  });
  return result;
}

/** More changed rules than this are no keystroke: all is computed afresh. */
const MOST_CHANGED = 8;

/** The shadows after an edit of a few rules: what stands before it is as it was, what stands behind is compared with the new rules alone. */
function edited(before: readonly Reading[], shadows: Shadows, after: readonly Reading[]): Shadows | null {
  const least = Math.min(before.length, after.length);
  let head = 0;
  while (head < least && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < least - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  const changed = after.length - head - tail;
  const lost = before.length - head - tail;
  if (changed > MOST_CHANGED || lost > MOST_CHANGED) return null;
  const moved = after.length - before.length;
  const result: (Shadow | null)[] = shadows.slice(0, head);
  const firstOf = (index: number, from: number, to: number): Shadow | null => {
    for (let by = from; by < to; by++) if (takesAll(after[by] as Reading, after[index] as Reading)) return shadow(after, by, index);
    return null;
  };
  let again = 0;
  for (let index = head; index < after.length; index++) {
    const old = index < head + changed ? undefined : (shadows[index - moved] ?? null);
    if (old === undefined || (old && old.by >= head && old.by < head + lost)) {
      if (old !== undefined && ++again > MOST_CHANGED) return null;
      result.push(firstOf(index, 0, index));
    } else if (old && old.by < head) result.push(old);
    else result.push(firstOf(index, head, head + changed) ?? (old && { ...old, by: old.by + moved }));
  }
  return result;
}
