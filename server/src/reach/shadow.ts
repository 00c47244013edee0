// Rules that an earlier rule of their chain leaves nothing to: every packet that they may match has surely gone another way.
import type { Intervals } from '../net/intervals.ts';
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
  const buckets: Buckets = { addresses: new Map(), ports: new Map(), rules: new Map() };
  const start = compared;
  return readings.map((reading, index) => {
    const found = compared - start < MOST_PAIRS ? firstIn(buckets, readings, reading) : -1;
    const { always, decides } = reading;
    if (!always && decides.length <= MOST_BOXES) for (let i = 0; i < decides.length; i++) put(buckets, decides[i] as Box, index);
    return found < 0 ? null : shadow(readings, found, index);
  });
}

/** Rules by what they say of a source, a destination and a port. Each is numbered as it comes, since thousands of texts would cost most of it. */
interface Buckets {
  readonly addresses: Map<number | bigint, number>;
  readonly ports: Map<number, number>;
  readonly rules: Map<number, number[]>;
}

/** The number of what is not one. */
const ANY = 0;

/** Beyond so many numbers two may share a bucket, which costs a comparison and no more. */
const NUMBERS = 2 ** 17;

function bucketOf(source: number, destination: number, port: number): number {
  return (source * NUMBERS + destination) * NUMBERS + port;
}

function put({ addresses, ports, rules }: Buckets, box: Box, index: number): void {
  const key = bucketOf(
    numberOf(addresses, oneAddress(box.sources)),
    numberOf(addresses, oneAddress(box.destinations)),
    numberOf(ports, onePort(box.services)),
  );
  const bucket = rules.get(key);
  if (!bucket) rules.set(key, [index]);
  else if (bucket[bucket.length - 1] !== index) bucket.push(index);
}

function numberOf<K>(numbers: Map<K, number>, one: K | null): number {
  if (one === null) return ANY;
  const known = numbers.get(one);
  if (known !== undefined) return known;
  const number = (numbers.size % (NUMBERS - 1)) + 1;
  numbers.set(one, number);
  return number;
}

function firstIn({ addresses, ports, rules }: Buckets, readings: readonly Reading[], reading: Reading): number {
  const box = reading.matches[0];
  if (!box) return -1;
  const from = knownNumber(addresses, oneAddress(box.sources));
  const to = knownNumber(addresses, oneAddress(box.destinations));
  const at = knownNumber(ports, onePort(box.services));
  let first = -1;
  // each as it is, and as any: what holds a packet says it or leaves it open
  for (let source = from; ; source = ANY) {
    for (let destination = to; ; destination = ANY) {
      for (let port = at; ; port = ANY) {
        const bucket = rules.get(bucketOf(source, destination, port));
        if (bucket) first = earliest(bucket, readings, reading, first);
        if (port === ANY) break;
      }
      if (destination === ANY) break;
    }
    if (source === ANY) break;
  }
  return first;
}

/** The first of a bucket that takes all, where it is before `first`; -1 is none. */
function earliest(bucket: readonly number[], readings: readonly Reading[], reading: Reading, first: number): number {
  for (let i = 0; i < bucket.length; i++) {
    const index = bucket[i] as number;
    if (first >= 0 && index >= first) return first;
    if (takesAll(readings[index] as Reading, reading)) return index;
  }
  return first;
}

function knownNumber<K>(numbers: ReadonlyMap<K, number>, one: K | null): number {
  return (one === null ? undefined : numbers.get(one)) ?? ANY;
}

/** The one address in a set, null where there are more. Those of IPv6 are no numbers, so both may be in one map. */
function oneAddress({ v4, v6 }: Box['sources']): number | bigint | null {
  return v6.length === 0 ? one(v4) : v4.length === 0 ? one(v6) : null;
}

function one<N extends number | bigint>(intervals: Intervals<N>): N | null {
  const only = intervals[0];
  return only && intervals.length === 1 && only.from === only.to ? only.from : null;
}

/** The one port of one protocol, null where there are more. */
function onePort(services: Box['services']): number | null {
  const service = services[0];
  const port = services.length === 1 && service && service.from === service.to ? one(service.targets) : null;
  return service && port !== null ? service.from * 2 ** 16 + port : null;
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
