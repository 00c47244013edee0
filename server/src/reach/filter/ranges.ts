// Sets of addresses of one version of IP, as rules write them, each with a key to tell equal ones by.
import { complemented, type Domain, type Intervals, intersected, joined, v4Domain, v6Domain } from '../../net/intervals.ts';
import type { Range } from '../walk/constants.ts';

/** IPv4 addresses are numbers, IPv6 addresses bigints; the two never stand in one set. */
export type AddressNumber = number | bigint;

export interface Ranges {
  /** Sorted, disjoint, not touching. */
  readonly ranges: Intervals<AddressNumber>;
  /** Equal for equal sets of one version. */
  readonly key: string;
}

export const domains: Readonly<Record<4 | 6, Domain<AddressNumber>>> = { 4: v4Domain, 6: v6Domain };

export function rangesOf(ranges: Intervals<AddressNumber>): Ranges {
  let key = '';
  for (let i = 0; i < ranges.length; i++) {
    const { from, to } = ranges[i] as Intervals<AddressNumber>[number];
    key += from === to ? `${from} ` : `${from}-${to} `;
  }
  return { ranges, key };
}

export function addressRanges(ranges: readonly Range[], version: 4 | 6): Ranges {
  const plain = version === 6 ? ranges : ranges.map(({ from, to }) => ({ from: Number(from), to: Number(to) }));
  return rangesOf(joined(plain, domains[version]));
}

export function otherRanges({ ranges }: Ranges, version: 4 | 6): Ranges {
  return rangesOf(complemented(ranges, domains[version]));
}

export function commonRanges(a: Ranges, b: Ranges, version: 4 | 6): Ranges {
  return a === b ? a : rangesOf(intersected(a.ranges, b.ranges, domains[version]));
}

export function unitedRanges(a: Ranges, b: Ranges, version: 4 | 6): Ranges {
  if (a.ranges.length === 0) return b;
  return b.ranges.length === 0 ? a : rangesOf(joined([...a.ranges, ...b.ranges], domains[version]));
}

/** Whether an address is in one of some ranges, which are sorted and disjoint. */
export function isWithin(ranges: Intervals<AddressNumber>, address: AddressNumber): boolean {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const range = ranges[middle];
    if (!range || address < range.from) high = middle;
    else if (address > range.to) low = middle + 1;
    else return true;
  }
  return false;
}
