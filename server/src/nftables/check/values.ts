// Values beside the type that belongs in their place: what a selector is compared with, what is set, the elements of a set (evaluate.c, expr_evaluate_*).
import type { Span } from '../../text/span.ts';
import type { Element, Expression } from '../tree.ts';
import { datatypeByName } from '../vocabulary/datatypes.ts';
import { type Checker, insideVariable, say, textOf, wrongLiteral } from './checker.ts';
import { described, type Kind, kindOf, type ValueType } from './kinds.ts';
import { rangeOf } from './ranges.ts';
import { checkVariable, setAt } from './references.ts';

/** Checks a value where something of this kind belongs. */
export function checkValue(k: Checker, expression: Expression, kind: Kind): void {
  if (k.problem !== null) return;
  const type = kind.length === 1 ? (kind[0] as ValueType | null) : null;
  switch (expression.kind) {
    case 'literal': {
      if (expression.literal === 'star') return;
      if (kind.length > 1) {
        say(k, 'type-mismatch', expression, `one value stands here, and ${kind.length} joined by dots belong here: ${parts(kind)}`);
        return;
      }
      if (!type) return;
      const wrong = wrongLiteral(k, expression, type);
      if (wrong) say(k, wrong.rule, expression, wrong.message, wrong);
      return;
    }
    case 'variable':
      if (!insideVariable(k, expression, ({ value }) => value && checkValue(k, value, kind))) checkVariable(k, expression);
      return;
    case 'prefix':
      checkPrefix(k, expression, type);
      return;
    case 'range':
      checkRange(k, expression, type);
      return;
    case 'concatenation':
      checkConcatenation(k, expression, kind);
      return;
    case 'list':
      for (const item of expression.items) checkValue(k, item, kind);
      checkList(k, expression, type);
      return;
    case 'binary': {
      checkValue(k, expression.left, kind);
      const operator = textOf(k, expression.operator);
      checkValue(k, expression.right, /^(<<|>>|lshift|rshift)$/.test(operator) ? [shiftOf(type)] : kind);
      return;
    }
    case 'set':
      for (const element of expression.elements) {
        if (k.problem !== null) return;
        checkValue(k, element.key, kind);
      }
      return;
    case 'reference': {
      const set = setAt(k, expression);
      if (set?.keys) checkSame(k, expression, set.keys, kind, 'this set holds');
      return;
    }
    case 'selector':
    case 'raw':
    case 'map':
      checkSame(k, expression, kindOf(k, expression), kind, 'this is');
  }
}

function shiftOf(type: ValueType | null): ValueType | null {
  return type && type.bits > 0 ? { name: 'integer', bits: 32, most: type.bits - 1 } : null;
}

function parts(kind: Kind): string {
  return kind.map((part) => (part ? part.name : '…')).join(' . ');
}

/** Strings and numbers without a name fit what is alike. */
const loose = new Set(['string', 'integer', 'bitmask', 'dscp', 'ecn']);

export function fits(a: ValueType | null, b: ValueType | null): boolean {
  return (
    !a || !b || a.name === b.name || loose.has(a.name) || loose.has(b.name) || (alike(a.name) !== '' && alike(a.name) === alike(b.name))
  );
}

function alike(name: string): string {
  return name === 'll_addr' || name === 'ether_addr' ? 'ether_addr' : name === 'date' || name === 'time' ? 'time' : '';
}

/** Whether what is there has the type that belongs there; told where it has not. */
export function checkSame(k: Checker, span: Span, is: Kind, wanted: Kind, what: string): void {
  if (is.length === 1 && is[0] === null) return;
  if (wanted.length === 1 && wanted[0] === null) return;
  if (is.length !== wanted.length || is.some((part, i) => !fits(part, wanted[i] ?? null))) {
    const shown = (kind: Kind): string => (kind.length === 1 && kind[0] ? described(kind[0]) : parts(kind));
    say(k, 'type-mismatch', span, `${what} ${shown(is)}, and ${shown(wanted)} belongs here`);
  }
}

function checkPrefix(k: Checker, expression: Extract<Expression, { kind: 'prefix' }>, type: ValueType | null): void {
  checkValue(k, expression.base, [type]);
  if (k.problem !== null || !type || type.bits === 0 || type.name === 'ifname') return;
  const length = Number(textOf(k, expression.length));
  if (length > type.bits)
    say(k, 'value-out-of-range', expression.length, `a prefix of ${described(type)} has ${type.bits} bits at the most, and not ${length}`);
}

function checkRange(k: Checker, expression: Extract<Expression, { kind: 'range' }>, type: ValueType | null): void {
  checkValue(k, expression.from, [type]);
  checkValue(k, expression.to, [type]);
  if (k.problem !== null) return;
  const range = rangeOf(k, expression);
  // the times of a day go around midnight
  if (!range || range.to >= range.from || type?.name === 'hour') return;
  const text = textOf(k, expression);
  const [from, to] = [textOf(k, expression.from), textOf(k, expression.to)];
  const mend = text.includes('$') ? {} : { suggest: [`${to}-${from}`] };
  say(k, 'value-out-of-range', expression, `this range ends before it begins; write ${to}-${from}`, mend);
}

function checkConcatenation(k: Checker, expression: Extract<Expression, { kind: 'concatenation' }>, kind: Kind): void {
  const { parts: given } = expression;
  if (kind.length === 1 && kind[0] === null) {
    for (const part of given) checkValue(k, part, kind);
    return;
  }
  // a variable may stand for several parts
  if (given.some((part) => part.kind === 'variable')) {
    if (given.length === kind.length) checkParts(k, given, kind);
    return;
  }
  if (given.length !== kind.length) {
    const wanted = kind.length === 1 && kind[0] ? `one value, ${described(kind[0])},` : `${kind.length}, ${parts(kind)},`;
    say(k, 'type-mismatch', expression, `${given.length} values joined by dots stand here, and ${wanted} belong here`);
    return;
  }
  checkParts(k, given, kind);
}

function checkParts(k: Checker, given: readonly Expression[], kind: Kind): void {
  for (const [i, part] of given.entries()) checkValue(k, part, [kind[i] ?? null]);
}

/** Values with commas between and without braces are bits that are set (evaluate.c, expr_evaluate_list). */
function checkList(k: Checker, expression: Extract<Expression, { kind: 'list' }>, type: ValueType | null): void {
  if (k.problem !== null || !type) return;
  const row = datatypeByName.get(type.name);
  if (!row || row.bitmask || type.name === 'integer' || type.name === 'bitmask') return;
  const text = textOf(k, expression);
  say(
    k,
    'type-mismatch',
    expression,
    `only flags may stand in a list without braces, and ${described(type)} is none; put braces around it`,
    {
      suggest: text.includes('\n') ? [] : [`{ ${text} }`],
    },
  );
}

/** The elements of a set in braces: keys, and what they stand for where it is a map. */
export function checkElements(k: Checker, elements: readonly Element[], keys: Kind, data: Kind | null): void {
  for (const element of elements) {
    if (k.problem !== null) return;
    checkValue(k, element.key, keys);
    if (element.data && element.data.kind !== 'verdict' && data) checkValue(k, element.data, data);
  }
}
