// Sets of addresses as sorted, disjoint intervals, IPv4 and IPv6 apart.
import { type Address, firstOf, lastOf, type Prefix } from './address.ts';

/** Both ends belong to it. */
export interface Interval<N> {
  readonly from: N;
  readonly to: N;
}

/** Sorted, disjoint, not touching; immutable. */
export interface AddressSet {
  readonly v4: readonly Interval<number>[];
  readonly v6: readonly Interval<bigint>[];
}

export const noAddresses: AddressSet = { v4: [], v6: [] };

function merged<N extends number | bigint>(intervals: Interval<N>[], next: (n: N) => N): Interval<N>[] {
  intervals.sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
  const result: Interval<N>[] = [];
  for (const interval of intervals) {
    const last = result[result.length - 1];
    if (last && interval.from <= next(last.to)) {
      if (interval.to > last.to) result[result.length - 1] = { from: last.from, to: interval.to };
    } else result.push(interval);
  }
  return result;
}

export function addressSet(prefixes: Iterable<Prefix>): AddressSet {
  const v4: Interval<number>[] = [];
  const v6: Interval<bigint>[] = [];
  for (const prefix of prefixes) {
    const from = firstOf(prefix);
    const to = lastOf(prefix);
    if (from.version === 4 && to.version === 4) v4.push({ from: from.value, to: to.value });
    else if (from.version === 6 && to.version === 6) v6.push({ from: from.value, to: to.value });
  }
  return { v4: merged(v4, (n) => n + 1), v6: merged(v6, (n) => n + 1n) };
}

function holds<N extends number | bigint>(intervals: readonly Interval<N>[], value: N): boolean {
  let low = 0;
  let high = intervals.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const interval = intervals[middle] as Interval<N>;
    if (value < interval.from) high = middle;
    else if (value > interval.to) low = middle + 1;
    else return true;
  }
  return false;
}

export function sameSet(a: AddressSet, b: AddressSet): boolean {
  return a === b || (sameIntervals(a.v4, b.v4) && sameIntervals(a.v6, b.v6));
}

function sameIntervals<N>(a: readonly Interval<N>[], b: readonly Interval<N>[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i]?.from !== b[i]?.from || a[i]?.to !== b[i]?.to) return false;
  return true;
}

export function setHolds(set: AddressSet, address: Address): boolean {
  return address.version === 4 ? holds(set.v4, address.value) : holds(set.v6, address.value);
}
