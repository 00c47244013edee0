// Values that hang on no packet: words, prefixes, ranges, flags and what nft computes of them when it loads a rule.
import { numberOf } from '../../nftables/ruleset/number.ts';
import type { Value } from '../../nftables/value.ts';
import { widthMask } from './bits.ts';
import { bitmaskTypes, constantOf, type Range } from './constants.ts';
import { plain, type Scope } from './scope.ts';

/** The values that `value` stands for; null where that is not known here. */
export function constantRange(value: Value, type: string, width: number, scope: Scope): Range | null {
  const found = plain(value, scope);
  if (!found) return null;
  const inner = (part: Value): Range | null => constantRange(part, type, width, found.scope);
  switch (found.value.kind) {
    case 'text':
      return inWidth(constantOf(found.value.text, type), width);
    case 'prefix': {
      const base = inner(found.value.base);
      const length = plain(found.value.length, found.scope)?.value;
      const bits = length?.kind === 'text' ? numberOf(length.text) : null;
      if (!base || bits === null || bits < 0n || bits > BigInt(width)) return null;
      const rest = widthMask(width - Number(bits));
      return { from: base.from & ~rest, to: base.from | rest };
    }
    case 'range': {
      const from = inner(found.value.from);
      const to = inner(found.value.to);
      return from && to && from.from <= to.to ? { from: from.from, to: to.to } : null;
    }
    case 'list': {
      if (!bitmaskTypes.has(type)) return null;
      let sum = 0n;
      for (const item of found.value.items) {
        const number = single(inner(item));
        if (number === null) return null;
        sum |= number;
      }
      return { from: sum, to: sum };
    }
    case 'binary': {
      const left = single(inner(found.value.left));
      const shift = /^(?:<<|>>|lshift|rshift)$/.test(found.value.operator);
      const right = single(shift ? constantRange(found.value.right, 'integer', width, found.scope) : inner(found.value.right));
      if (left === null || right === null) return null;
      const result = computed(found.value.operator, left, right, width);
      return result === null ? null : { from: result, to: result };
    }
    default:
      return null;
  }
}

export function single(range: Range | null): bigint | null {
  return range && range.from === range.to ? range.from : null;
}

function inWidth(range: Range | null, width: number): Range | null {
  return range && range.to <= widthMask(width) ? range : null;
}

function computed(operator: string, left: bigint, right: bigint, width: number): bigint | null {
  switch (operator) {
    case '&':
    case 'and':
      return left & right;
    case '|':
    case 'or':
      return left | right;
    case '^':
    case 'xor':
      return left ^ right;
    case '<<':
    case 'lshift':
      return right < 128n ? (left << right) & widthMask(width) : null;
    case '>>':
    case 'rshift':
      return right < 128n ? left >> right : null;
    default:
      return null;
  }
}
