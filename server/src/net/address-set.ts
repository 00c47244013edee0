// Sets of addresses as sorted, disjoint intervals, IPv4 and IPv6 apart.
import { type Address, lastOf, type Prefix } from './address.ts';

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
  const v4: number[] = [];
  const v6: Interval<bigint>[] = [];
  divide(prefixes, v4, v6);
  return { v4: v4Intervals(v4), v6: v6.length === 0 ? v6 : merged(v6, (n) => n + 1n) };
}

/** A loop of its own: V8 takes back what it made of a function while its first loop ran, as soon as it comes to what stands behind the loop. */
function divide(prefixes: Iterable<Prefix>, v4: number[], v6: Interval<bigint>[]): void {
  for (const prefix of prefixes) {
    // where it begins and how many bits are free, in one number: those are sorted in place, thousands at each edit
    if (prefix.version === 4) v4.push(prefix.first * 64 + 32 - prefix.length);
    else v6.push({ from: prefix.first, to: lastOf(prefix).value as bigint });
  }
}

function v4Intervals(coded: readonly number[]): Interval<number>[] {
  const result: Interval<number>[] = [];
  let open: { from: number; to: number } | null = null;
  for (const code of coded.length > 1 ? Float64Array.from(coded).sort() : coded) {
    const from = Math.floor(code / 64);
    const to = from + 2 ** (code % 64) - 1;
    if (open && from <= open.to + 1) {
      if (to > open.to) open.to = to;
    } else {
      open = { from, to };
      result.push(open);
    }
  }
  return result;
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
