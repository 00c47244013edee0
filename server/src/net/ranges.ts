// Ranges of addresses as prefixes, and as nft writes them.
import { type Address, addressText, lastOf, type Prefix, prefixOf, prefixText } from './address.ts';
import type { AddressSet, Interval } from './address-set.ts';

/** The fewest prefixes that hold these addresses and no others, in order. */
export function prefixesOf({ v4, v6 }: AddressSet): readonly Prefix[] {
  return [
    ...v4.flatMap(({ from, to }) => cover({ version: 4, value: from }, { version: 4, value: to })),
    ...v6.flatMap(({ from, to }) => cover({ version: 6, value: from }, { version: 6, value: to })),
  ];
}

function cover(from: Address, to: Address): readonly Prefix[] {
  const prefixes: Prefix[] = [];
  for (let at: Address | null = from; at && at.value <= to.value; ) {
    const prefix = widest(at, to);
    prefixes.push(prefix);
    const last = lastOf(prefix);
    at =
      last.value >= to.value ? null : last.version === 4 ? { version: 4, value: last.value + 1 } : { version: 6, value: last.value + 1n };
  }
  return prefixes;
}

/** The widest prefix that begins at `from` and ends at `to` or before. */
function widest(from: Address, to: Address): Prefix {
  let best = prefixOf(from, from.version === 4 ? 32 : 128);
  for (let length = best.length - 1; length >= 0; length--) {
    const prefix = prefixOf(from, length);
    if (prefix.first !== from.value || lastOf(prefix).value > to.value) break;
    best = prefix;
  }
  return best;
}

export function rangeText4({ from, to }: Interval<number>): string {
  return textOf({ version: 4, value: from }, { version: 4, value: to });
}

export function rangeText6({ from, to }: Interval<bigint>): string {
  return textOf({ version: 6, value: from }, { version: 6, value: to });
}

/** One address, a prefix where it is one, else first and last. */
function textOf(from: Address, to: Address): string {
  if (from.value === to.value) return addressText(from);
  const prefix = widest(from, to);
  return lastOf(prefix).value === to.value ? prefixText(prefix) : `${addressText(from)}-${addressText(to)}`;
}
