// What a rule looks at or puts somewhere: selectors, what is computed of them, concatenations, and what maps make of them.
import type { Value } from '../../nftables/value.ts';
import { type Bits, bitAnd, bitOr, bitXor, common, exactly, noneKnown, shiftedLeft, shiftedRight, type Truth } from './bits.ts';
import { constantRange, single } from './constant-range.ts';
import { find, type KeyShape, lookupOf } from './lookup.ts';
import { type Here, operandOf } from './operands.ts';
import { plain, type Scope } from './scope.ts';

/** The parts of a value, and whether there is none, which ends the rule. */
export interface Sight {
  readonly parts: readonly Bits[];
  readonly breaks: Truth;
}

export interface Look extends KeyShape {
  /** Whether what is seen hangs on the packet's protocol. */
  readonly byProtocol: boolean;
  /** The protocols whose packets have all of it; null for all. */
  readonly protocols: readonly number[] | null;
  readonly see: (here: Here) => Sight;
}

export function commonProtocols(a: readonly number[] | null, b: readonly number[] | null): readonly number[] | null {
  if (a === null || a === b) return b;
  return b === null ? a : a.filter((protocol) => b.includes(protocol));
}

function blind(types: readonly string[], widths: readonly number[]): Look {
  const sight: Sight = { parts: types.map(() => noneKnown), breaks: null };
  return { types, widths, byProtocol: false, protocols: null, see: () => sight };
}

export function either(a: Truth, b: Truth): Truth {
  return a === true || b === true ? true : a === null || b === null ? null : false;
}

const selectorLooks = new Map<string, Look>();

/** A selector's look hangs on nothing but its words. */
function selectorLook(words: string): Look {
  let look = selectorLooks.get(words);
  if (!look) {
    const { type, width, byProtocol, protocols, see } = operandOf(words);
    look = {
      types: [type],
      widths: [width],
      byProtocol,
      protocols,
      see: (here) => {
        const { bits, breaks } = see(here);
        return { parts: [bits], breaks };
      },
    };
    // of words that nobody knows there may be any number
    if (type !== 'unknown') selectorLooks.set(words, look);
  }
  return look;
}

/** What `value` sees. Where it is a constant, it is read as of `expected`. */
export function lookOf(value: Value, scope: Scope, expected: KeyShape | null): Look {
  const found = plain(value, scope);
  const types = expected?.types ?? ['unknown'];
  const widths = expected?.widths ?? [128];
  if (!found) return blind(types, widths);
  switch (found.value.kind) {
    case 'selector':
      return selectorLook(found.value.words);
    case 'concatenation': {
      const parts = found.value.parts.map((part, i) =>
        lookOf(part, found.scope, expected && i < types.length ? { types: [types[i] as string], widths: [widths[i] as number] } : null),
      );
      return {
        types: parts.flatMap((part) => part.types),
        widths: parts.flatMap((part) => part.widths),
        byProtocol: parts.some((part) => part.byProtocol),
        protocols: parts.reduce<readonly number[] | null>((sum, part) => commonProtocols(sum, part.protocols), null),
        see: (here) => {
          const sights = parts.map((part) => part.see(here));
          return {
            parts: sights.flatMap((sight) => sight.parts),
            breaks: sights.reduce<Truth>((sum, { breaks }) => either(sum, breaks), false),
          };
        },
      };
    }
    case 'binary':
      return computedLook(found.value, found.scope, expected);
    case 'map':
      return mappedLook(found.value.key, found.value.map, found.scope, { types, widths });
    default: {
      const number = types.length === 1 ? single(constantRange(found.value, types[0] as string, widths[0] as number, found.scope)) : null;
      if (number === null)
        return { types, widths, byProtocol: false, protocols: null, see: () => ({ parts: types.map(() => noneKnown), breaks: false }) };
      const sight: Sight = { parts: [exactly(number)], breaks: false };
      return { types, widths, byProtocol: false, protocols: null, see: () => sight };
    }
  }
}

function computedLook({ operator, left, right }: Value & { readonly kind: 'binary' }, scope: Scope, expected: KeyShape | null): Look {
  const one = lookOf(left, scope, expected);
  const { types, widths } = one;
  if (types.length !== 1) return blind(types, widths);
  const shift = /^(?:<<|>>|lshift|rshift)$/.test(operator);
  const width = widths[0] as number;
  const other = lookOf(right, scope, shift ? { types: ['integer'], widths: [8] } : one);
  return {
    types,
    widths,
    byProtocol: one.byProtocol || other.byProtocol,
    protocols: commonProtocols(one.protocols, other.protocols),
    see: (here) => {
      const a = one.see(here);
      const b = other.see(here);
      const bits = a.parts[0] && b.parts[0] ? computedBits(operator, a.parts[0], b.parts[0], width) : noneKnown;
      return { parts: [bits], breaks: either(a.breaks, b.breaks) };
    },
  };
}

function computedBits(operator: string, a: Bits, b: Bits, width: number): Bits {
  switch (operator) {
    case '&':
    case 'and':
      return bitAnd(a, b);
    case '|':
    case 'or':
      return bitOr(a, b);
    case '^':
    case 'xor':
      return bitXor(a, b);
    case '<<':
    case 'lshift':
      return b.known === exactly(0n).known && b.value < 128n ? shiftedLeft(a, b.value, width) : noneKnown;
    case '>>':
    case 'rshift':
      return b.known === exactly(0n).known && b.value < 128n ? shiftedRight(a, b.value, width) : noneKnown;
    default:
      return noneKnown;
  }
}

/** What a map gives; a miss ends the rule (nft_lookup.c). */
function mappedLook(key: Value, map: Value, scope: Scope, shape: KeyShape): Look {
  const from = lookOf(key, scope, null);
  const lookup = lookupOf(map, from, scope);
  return {
    ...shape,
    // what an element leads to may be computed of anything
    byProtocol: true,
    protocols: from.protocols,
    see: (here) => {
      const sight = from.see(here);
      const found = find(lookup, sight.parts, from);
      if (sight.breaks === true || (found.data.length === 0 && !found.open))
        return { parts: shape.types.map(() => noneKnown), breaks: true };
      const breaks = sight.breaks === null || found.mayMiss ? null : false;
      if (found.open) return { parts: shape.types.map(() => noneKnown), breaks };
      let parts: readonly Bits[] | null = null;
      for (const data of found.data) {
        const value = data && data.value.kind !== 'verdict' ? lookOf(data.value, data.scope, shape).see(here).parts : [];
        const whole = shape.types.map((_, i) => value[i] ?? noneKnown);
        parts = parts ? parts.map((part, i) => common(part, whole[i] as Bits)) : whole;
      }
      return { parts: parts ?? shape.types.map(() => noneKnown), breaks };
    },
  };
}
