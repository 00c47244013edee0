// Whether a match holds: what a rule looks at, compared with values, ranges, flags and sets (evaluate.c, expr_evaluate_relational).
import type { RuleCode } from '../../nftables/rule-code.ts';
import type { Value } from '../../nftables/value.ts';
import { type Bits, bitAnd, both, exactly, isIn, not, type Truth, widthMask } from './bits.ts';
import { constantRange, single } from './constant-range.ts';
import { bitmaskTypes, type Range } from './constants.ts';
import { type Look, lookOf } from './looks.ts';
import { isMember, type Lookup, lookupOf } from './lookup.ts';
import type { Here } from './operands.ts';
import { plain, type Scope } from './scope.ts';

export type Test = (here: Here) => Truth;

/** A comparison as data: whether what is looked at lies in one of the boxes. A part that is null is not known here. */
export interface Shape {
  readonly look: Look;
  /** One range for each part of what is looked at. */
  readonly boxes: readonly (readonly (Range | null)[])[];
  /** Whether there may be boxes that are not known here, or some of these may be gone. */
  readonly open: boolean;
  /** Whether it holds outside of the boxes. */
  readonly negated: boolean;
}

export interface Match {
  readonly test: Test;
  /** null where it is no matter of boxes. */
  readonly shape: Shape | null;
}

const operators: Readonly<Record<string, string>> = { eq: '==', ne: '!=', lt: '<', gt: '>', le: '<=', ge: '>=', not: '!' };

export function matchOf(code: RuleCode & { readonly do: 'match' }, scope: Scope): Match {
  const look = lookOf(code.left, scope, null);
  const { compare, boxes, open, negated } = comparison(code, look, scope);
  const test: Test = (here) => {
    const { parts, breaks } = look.see(here);
    // what is not there ends the rule, a negated match too (nf_tables.h, NFT_BREAK)
    if (breaks === true) return false;
    const holds = compare(parts);
    return breaks === null && holds ? null : holds;
  };
  return { test, shape: boxes && { look, boxes, open, negated } };
}

interface Comparison {
  readonly compare: (parts: readonly Bits[]) => Truth;
  readonly boxes: Shape['boxes'] | null;
  readonly open: boolean;
  readonly negated: boolean;
}

function withoutBoxes(compare: Comparison['compare']): Comparison {
  return { compare, boxes: null, open: false, negated: false };
}

const notKnown: Comparison = withoutBoxes(() => null);

function comparison({ left, operator, right, mask }: RuleCode & { readonly do: 'match' }, look: Look, scope: Scope): Comparison {
  const relation = operators[operator] ?? operator;
  const negated = relation === '!=';
  const found = plain(right, scope);
  if (!found) return notKnown;
  const { kind } = found.value;
  if (kind === 'set' || kind === 'reference') {
    if (mask || (relation !== '' && relation !== '==' && !negated)) return notKnown;
    const lookup = lookupOf(found.value, look, found.scope);
    const bits = relation === '' && kind === 'set' && left.kind === 'selector' ? soleFlags(lookup, look) : null;
    const compare: Comparison['compare'] = (parts) => {
      const member = isMember(lookup, parts, look);
      // of a set of one element older nft makes the element, and so of exact flags a test of bits (evaluate.c, OP_IMPLICIT)
      if (bits !== null && member !== not(isIn(bitAnd(parts[0] as Bits, exactly(bits)), 0n, 0n, look.widths[0] as number))) return null;
      return negated ? not(member) : member;
    };
    if (bits !== null || lookup.rest) return withoutBoxes(compare);
    return { compare, boxes: lookup.elements.map(({ key }) => key), open: lookup.open, negated };
  }
  if (look.types.length > 1) return mask ? notKnown : joinedComparison(found.value, relation, look, found.scope);
  const type = look.types[0] as string;
  const width = look.widths[0] as number;
  const range = constantRange(found.value, type, width, found.scope);
  if (!range) return notKnown;
  const number = single(range);
  if (mask) {
    const bits = single(constantRange(mask, type, width, scope));
    if (number === null || bits === null) return notKnown;
    return masked(bits, number, width, relation);
  }
  const isFlags = bitmaskTypes.has(type) && number !== null;
  // a flag alone asks for its bit; behind a computed value nft compares the whole
  if (relation === '' && isFlags && left.kind === 'selector') return masked(number, 0n, width, '!=');
  if (relation === '!') return isFlags ? masked(number, 0n, width, '') : notKnown;
  const within = (from: bigint, to: bigint, negated = false): Comparison => {
    if (from > to) return withoutBoxes(() => negated);
    const compare: Comparison['compare'] = ([bits]) => {
      const holds = isIn(bits as Bits, from, to, width);
      return negated ? not(holds) : holds;
    };
    return { compare, boxes: [[{ from, to }]], open: false, negated };
  };
  switch (relation) {
    case '':
    case '==':
      return within(range.from, range.to);
    case '!=':
      return within(range.from, range.to, true);
  }
  if (number === null) return notKnown;
  const most = widthMask(width);
  switch (relation) {
    case '<':
      return within(0n, number - 1n);
    case '<=':
      return within(0n, number);
    case '>':
      return within(number + 1n, most);
    case '>=':
      return within(number, most);
    default:
      return notKnown;
  }
}

/** The flags that are a set's only element. */
function soleFlags({ elements, rest }: Lookup, { types }: Look): bigint | null {
  const [only, ...others] = elements;
  if (!only || others.length > 0 || rest || types.length !== 1 || !bitmaskTypes.has(types[0] as string)) return null;
  return single(only.key[0] ?? null);
}

/** `FIELD & bits == number`. */
function masked(bits: bigint, number: bigint, width: number, relation: string): Comparison {
  const mask = exactly(bits);
  if (relation !== '' && relation !== '==' && relation !== '!=') return notKnown;
  return withoutBoxes(([part]) => {
    const holds = isIn(bitAnd(part as Bits, mask), number, number, width);
    return relation === '!=' ? not(holds) : holds;
  });
}

/** `ip saddr . tcp dport 10.0.0.1 . 22`. */
function joinedComparison(value: Value, relation: string, { types, widths }: Look, scope: Scope): Comparison {
  if (value.kind !== 'concatenation' || value.parts.length !== types.length || !/^(?:==|!=|)$/.test(relation)) return notKnown;
  const ranges = value.parts.map((part, i) => constantRange(part, types[i] as string, widths[i] as number, scope));
  const negated = relation === '!=';
  const compare: Comparison['compare'] = (parts) => {
    let holds: Truth = true;
    for (const [i, range] of ranges.entries())
      holds = both(holds, range && isIn(parts[i] as Bits, range.from, range.to, widths[i] as number));
    return negated ? not(holds) : holds;
  };
  return { compare, boxes: [ranges], open: false, negated };
}
