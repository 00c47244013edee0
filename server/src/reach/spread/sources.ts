// Sets of source addresses on their way, and what rulesets and hosts make of parts of them.

import type { Address } from '../../net/address.ts';
import { atomOf } from '../filter/program.ts';
import { type AddressNumber, commonRanges, isWithin, type Ranges, rangesOf } from '../filter/ranges.ts';
import { addressOf, piecesOf } from './targets.ts';

export interface Sources {
  readonly version: 4 | 6;
  readonly ranges: Ranges;
  /** The first of them, which stands for all where nothing tells them apart. */
  readonly first: Address;
  /** Whether there is but one. */
  readonly isOne: boolean;
}

export function oneSource(address: Address): Sources {
  const { version, value } = address;
  return { version, ranges: rangesOf([{ from: value, to: value }]), first: address, isOne: true };
}

/** null where there is none. */
export function sourcesOf(version: 4 | 6, ranges: Ranges): Sources | null {
  const [first] = ranges.ranges;
  if (!first) return null;
  return { version, ranges, first: addressOf(version, first.from), isOne: ranges.ranges.length === 1 && first.from === first.to };
}

/** Those of them that lie in the ranges; the same object where all do. */
export function sourcesIn(sources: Sources, ranges: Ranges): Sources | null {
  if (sources.isOne) return holds(ranges, sources.first.value) ? sources : null;
  const both = commonRanges(sources.ranges, ranges, sources.version);
  return both.key === sources.ranges.key ? sources : sourcesOf(sources.version, both);
}

export function holds({ ranges }: Ranges, address: AddressNumber): boolean {
  return isWithin(ranges, address);
}

/** Parts that the cuts do not tell apart, by what `kindOf` says of each; the same object where all are of one kind. */
export function partsOf<K>(
  sources: Sources,
  cuts: readonly AddressNumber[],
  kindOf: (first: Address) => K,
): readonly { readonly sources: Sources; readonly kind: K }[] {
  const { version, ranges, first, isOne } = sources;
  if (isOne) return [{ sources, kind: kindOf(first) }];
  const byKind = new Map<K, { from: AddressNumber; to: AddressNumber }[]>();
  for (const range of ranges.ranges) {
    const inside = cuts.slice(atomOf(cuts, range.from), atomOf(cuts, range.to));
    for (const piece of piecesOf(range, inside, version)) {
      const kind = kindOf(addressOf(version, piece.from));
      const list = byKind.get(kind);
      const last = list?.[list.length - 1];
      if (list && last && nextTo(last.to, piece.from)) list[list.length - 1] = { from: last.from, to: piece.to };
      else if (list) list.push({ ...piece });
      else byKind.set(kind, [{ ...piece }]);
    }
  }
  return [...byKind].flatMap(([kind, list]) => {
    if (byKind.size === 1) return [{ sources, kind }];
    const part = sourcesOf(version, rangesOf(list));
    return part ? [{ sources: part, kind }] : [];
  });
}

function nextTo(last: AddressNumber, first: AddressNumber): boolean {
  return typeof last === 'number' ? last + 1 === first : last + 1n === first;
}
