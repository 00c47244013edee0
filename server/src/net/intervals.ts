// Algebra of sorted, disjoint intervals over numbers (IPv4 addresses, ports) and over bigints (IPv6 addresses).
import type { Interval } from './address-set.ts';

export type Intervals<N> = readonly Interval<N>[];

/** All numbers there are of a kind, and how to step among them. */
export interface Domain<N> {
  readonly all: Intervals<N>;
  next(n: N): N;
  previous(n: N): N;
}

export const v4Domain: Domain<number> = { all: [{ from: 0, to: 2 ** 32 - 1 }], next: (n) => n + 1, previous: (n) => n - 1 };
export const v6Domain: Domain<bigint> = { all: [{ from: 0n, to: 2n ** 128n - 1n }], next: (n) => n + 1n, previous: (n) => n - 1n };
/** Ports; ICMP types lie in it as well. */
export const portDomain: Domain<number> = { all: [{ from: 0, to: 65535 }], next: (n) => n + 1, previous: (n) => n - 1 };
export const protocolDomain: Domain<number> = { all: [{ from: 0, to: 255 }], next: (n) => n + 1, previous: (n) => n - 1 };

/** Any intervals, also empty ones (from above to), put in order and joined. */
export function joined<N extends number | bigint>(intervals: Intervals<N>, { next }: Domain<N>): Intervals<N> {
  if (isJoined(intervals, next)) return intervals;
  const sorted = intervals.filter(({ from, to }) => from <= to).sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
  if (sorted.length < 2) return sorted;
  const result: Interval<N>[] = [];
  for (const interval of sorted) {
    const last = result[result.length - 1];
    if (last && interval.from <= next(last.to)) {
      if (interval.to > last.to) result[result.length - 1] = { from: last.from, to: interval.to };
    } else result.push(interval);
  }
  return result;
}

function isJoined<N extends number | bigint>(intervals: Intervals<N>, next: Domain<N>['next']): boolean {
  for (let i = 0; i < intervals.length; i++) {
    const { from, to } = intervals[i] as Interval<N>;
    if (from > to || (i > 0 && from <= next((intervals[i - 1] as Interval<N>).to))) return false;
  }
  return true;
}

export function intersected<N extends number | bigint>(a: Intervals<N>, b: Intervals<N>, domain: Domain<N>): Intervals<N> {
  if (a === domain.all || a === b) return b;
  if (b === domain.all) return a;
  if (holdsAll(b, a)) return a;
  if (holdsAll(a, b)) return b;
  const result: Interval<N>[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const one = a[i] as Interval<N>;
    const other = b[j] as Interval<N>;
    const from = one.from > other.from ? one.from : other.from;
    const to = one.to < other.to ? one.to : other.to;
    if (from <= to) result.push({ from, to });
    if (one.to < other.to) i++;
    else j++;
  }
  return result;
}

/** Whether the one interval of `outer` holds all of `inner`: addresses and a network, mostly, of which the former are then given back themselves. */
function holdsAll<N extends number | bigint>(outer: Intervals<N>, inner: Intervals<N>): boolean {
  const only = outer[0];
  const first = inner[0];
  const last = inner[inner.length - 1];
  return (
    only !== undefined && outer.length === 1 && first !== undefined && last !== undefined && first.from >= only.from && last.to <= only.to
  );
}

export function complemented<N extends number | bigint>(a: Intervals<N>, { all, next, previous }: Domain<N>): Intervals<N> {
  const whole = all[0] as Interval<N>;
  const result: Interval<N>[] = [];
  let from = whole.from;
  for (const interval of a) {
    if (interval.from > from) result.push({ from, to: previous(interval.from) });
    from = next(interval.to);
  }
  if (from <= whole.to) result.push({ from, to: whole.to });
  return result;
}

/** The place of the first interval that does not end before `n`. */
function firstFrom<N extends number | bigint>(intervals: Intervals<N>, n: N): number {
  let low = 0;
  let high = intervals.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((intervals[middle] as Interval<N>).to < n) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** From so many times as many intervals on, each of the fewer is looked up among the others: a rule’s one address among a mesh’s thousands. */
const MANY = 8;

/** Whether all of `inner` lies in `outer`. */
export function lieWithin<N extends number | bigint>(inner: Intervals<N>, outer: Intervals<N>): boolean {
  if (inner === outer) return true;
  const few = inner.length * MANY < outer.length;
  let j = 0;
  for (let i = 0; i < inner.length; i++) {
    const { from, to } = inner[i] as Interval<N>;
    if (few) j = firstFrom(outer, from);
    else while (j < outer.length && (outer[j] as Interval<N>).to < from) j++;
    const holder = outer[j];
    // intervals that touch are joined, so one of them must hold it alone
    if (!holder || holder.from > from || holder.to < to) return false;
  }
  return true;
}

export function meet<N extends number | bigint>(a: Intervals<N>, b: Intervals<N>): boolean {
  if (b.length * MANY < a.length) return meet(b, a);
  if (a.length * MANY < b.length) {
    return a.some(({ from, to }) => {
      const other = b[firstFrom(b, from)];
      return other !== undefined && other.from <= to;
    });
  }
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const one = a[i] as Interval<N>;
    const other = b[j] as Interval<N>;
    if (one.from <= other.to && other.from <= one.to) return true;
    if (one.to < other.to) i++;
    else j++;
  }
  return false;
}
