// The numbers that an element or range stands for, as far as it says them: to find what overlaps and what ends before it begins.
import { parseAddress } from '../../net/address.ts';
import type { Span } from '../../text/span.ts';
import type { Element, Expression } from '../tree.ts';
import { type Checker, say, textOf } from './checker.ts';
import { numberOf } from './literals.ts';

export interface Range {
  readonly from: bigint;
  readonly to: bigint;
  /** Whether it is one value written as one. */
  readonly single: boolean;
}

const unitSeconds: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

function numberAt(k: Checker, expression: Expression): { readonly value: bigint; readonly bits: number } | null {
  if (expression.kind !== 'literal') return null;
  const text = textOf(k, expression);
  switch (expression.literal) {
    case 'number': {
      const value = numberOf(text);
      return Number.isSafeInteger(value) ? { value: BigInt(value), bits: 0 } : null;
    }
    case 'address4':
    case 'address6': {
      const address = parseAddress(text);
      return address ? { value: BigInt(address.value), bits: expression.literal === 'address4' ? 32 : 128 } : null;
    }
    case 'time': {
      let total = 0;
      for (const [, amount, unit] of text.matchAll(/(\d+)(ms|[dhms])/g)) total += Number(amount) * (unitSeconds[unit ?? ''] ?? 0);
      return { value: BigInt(total), bits: 0 };
    }
    default:
      return null;
  }
}

/** What an expression stands for as a range of numbers; null where it does not say. */
export function rangeOf(k: Checker, expression: Expression): Range | null {
  switch (expression.kind) {
    case 'literal': {
      const found = numberAt(k, expression);
      return found && { from: found.value, to: found.value, single: true };
    }
    case 'range': {
      const from = numberAt(k, expression.from);
      const to = numberAt(k, expression.to);
      return from && to && { from: from.value, to: to.value, single: false };
    }
    case 'prefix': {
      const base = numberAt(k, expression.base);
      const length = Number(textOf(k, expression.length));
      if (!base || base.bits === 0 || !(length <= base.bits)) return null;
      const rest = BigInt(base.bits - length);
      const from = (base.value >> rest) << rest;
      return { from, to: from + (1n << rest) - 1n, single: false };
    }
    default:
      return null;
  }
}

/** Whether a map has two keys with addresses or numbers in common: nft does not choose between what they stand for (segtree.c). */
export function checkOverlaps(k: Checker, elements: readonly Element[], sameValue: (a: Element, b: Element) => boolean): void {
  const ranges: { readonly range: Range; readonly element: Element }[] = [];
  for (const element of elements) {
    const range = rangeOf(k, element.key);
    if (range) ranges.push({ range, element });
  }
  ranges.sort((a, b) => (a.range.from < b.range.from ? -1 : a.range.from > b.range.from ? 1 : a.range.to > b.range.to ? -1 : 1));
  let last = ranges[0];
  for (const next of ranges.slice(1)) {
    if (last && next.range.from <= last.range.to) {
      const equal = next.range.from === last.range.from && next.range.to === last.range.to;
      if (!(equal && sameValue(last.element, next.element))) {
        const later: Span = last.element.start > next.element.start ? last.element.key : next.element.key;
        const earlier: Span = later === next.element.key ? last.element.key : next.element.key;
        const message = `this key has values in common with ${textOf(k, earlier)} above, which stands for something else; nft takes neither`;
        say(k, 'conflicting-elements', later, message);
        return;
      }
    }
    if (!last || next.range.to > last.range.to) last = next;
  }
}
