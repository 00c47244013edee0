// Matches and assignments: both sides of a comparison, verdict maps, what is set (evaluate.c, expr_evaluate_relational, stmt_evaluate_payload and its kin).
import type { Expression, RuleStatement } from '../tree.ts';
import { datatypeByName } from '../vocabulary/datatypes.ts';
import { type Checker, insideVariable, say, textOf, wordsOf } from './checker.ts';
import { described, type Kind, kindOf } from './kinds.ts';
import { type Layers, meetExpression, settle } from './protocols.ts';
import { checkOverlaps } from './ranges.ts';
import { checkChain, checkObject, checkVariable, setAt } from './references.ts';
import { checkElements, checkSame, checkValue } from './values.ts';

type Match = Extract<RuleStatement, { kind: 'match' }>;

/** Checks what an expression says by itself: numbers in it, names in its maps, protocols. `wide`: its numbers may be wider than its fields. */
export function checkSource(k: Checker, layers: Layers, expression: Expression, wide = false): void {
  meetExpression(k, layers, expression);
  if (k.problem !== null) return;
  switch (expression.kind) {
    case 'selector':
      checkSelector(k, layers, expression);
      for (const argument of expression.arguments) checkSource(k, layers, argument);
      return;
    case 'raw':
      checkRaw(k, expression);
      return;
    case 'variable':
      if (!insideVariable(k, expression, () => {})) checkVariable(k, expression);
      return;
    case 'concatenation':
      for (const part of expression.parts) {
        if (part.kind === 'selector' && part.selector.name === 'ct') needFamily(k, part);
        checkSource(k, layers, part, wide);
      }
      return;
    case 'binary': {
      checkSource(k, layers, expression.left, wide);
      const kind = wide ? widened(kindOf(k, expression.left)) : kindOf(k, expression.left);
      const operator = textOf(k, expression.operator);
      if (/^(<<|>>|lshift|rshift)$/.test(operator)) checkShift(k, expression.right, kind);
      else if (expression.right.kind === 'selector' || expression.right.kind === 'binary') checkSource(k, layers, expression.right, wide);
      else checkValue(k, expression.right, kind);
      return;
    }
    case 'map':
      checkSource(k, layers, expression.key);
      checkMap(k, expression.key, expression.map, null);
  }
}

/** The addresses of a connection do not say of which family they are, and in a concatenation nothing else does. */
function needFamily(k: Checker, part: Extract<Expression, { kind: 'selector' }>): void {
  const words = wordsOf(textOf(k, part));
  if (!/^[sd]addr$/.test(part.field?.name ?? '') || words.includes('ip') || words.includes('ip6')) return;
  const direction = words.slice(0, -1).join(' ');
  say(
    k,
    'type-mismatch',
    part,
    `which addresses are meant? In a concatenation write “${direction} ip ${part.field?.name}” or “${direction} ip6 ${part.field?.name}”`,
  );
}

function checkShift(k: Checker, right: Expression, kind: Kind): void {
  const bits = kind[0]?.bits ?? 0;
  const by = right.kind === 'literal' && right.literal === 'number' ? Number(textOf(k, right)) : 0;
  if (by > 0xffffffff || (bits > 0 && by >= Math.max(bits, 32)))
    say(k, 'value-out-of-range', right, `a shift by ${textOf(k, right)} bits leaves nothing of a value`);
}

function checkSelector(k: Checker, layers: Layers, expression: Extract<Expression, { kind: 'selector' }>): void {
  const { selector, field } = expression;
  const name = field?.name;
  const address = name === 'saddr' || name === 'daddr' || name === 'nexthop';
  switch (selector.name) {
    case 'ct':
    case 'rt':
      if (!address) return;
      break;
    case 'tcp':
      if (name !== 'option') return;
      break;
    case 'ipsec':
      break;
    default:
      return;
  }
  const words = wordsOf(textOf(k, expression));
  if (address && !words.includes('ip') && !words.includes('ip6')) {
    const known = layers.network === 'ip' || layers.network === 'ip6' ? layers.network : null;
    if (!known && k.family !== 'ip' && k.family !== 'ip6') {
      const [first, ...rest] = [words.slice(0, -1).join(' '), words[words.length - 1]];
      say(
        k,
        'type-mismatch',
        expression,
        `in a table of family ${k.family} nft cannot tell which addresses are meant; write “${first} ip ${rest.join(' ')}” or “${first} ip6 ${rest.join(' ')}”`,
      );
    }
  }
  if (selector.name === 'tcp' && Number(words[2]) > 255) say(k, 'value-out-of-range', expression, 'the kinds of TCP options are 0 to 255');
  if (selector.name === 'ipsec' && Number(words[words.indexOf('spnum') + 1]) > 255)
    say(k, 'value-out-of-range', expression, 'a number of transforms is 0 to 255');
}

function checkRaw(k: Checker, expression: Expression): void {
  const length = Number(textOf(k, expression).split(',')[2]);
  if (length === 0) say(k, 'value-out-of-range', expression, 'a piece of the packet has at least 1 bit');
  else if (length > 512) say(k, 'value-out-of-range', expression, 'a piece of the packet has 512 bits at the most');
}

const textualOperators: Readonly<Record<string, string>> = { eq: '==', ne: '!=', lt: '<', gt: '>', le: '<=', ge: '>=', not: '!' };

export function checkMatch(k: Checker, layers: Layers, statement: Match): void {
  const { left, right } = statement;
  const operator = textualOperators[statement.operator] ?? statement.operator;
  if (left.kind === 'binary' && operator === '!') {
    say(
      k,
      'type-mismatch',
      statement,
      '“!” asks for a bit that is not set, and cannot stand behind a computed value; write “!= 0” or “== 0”',
    );
    return;
  }
  checkSource(k, layers, left);
  if (k.problem !== null) return;
  const kind = kindOf(k, left);
  const [type] = kind;
  if (operator === '!' && kind.length === 1 && type && !datatypeByName.get(type.name)?.bitmask && type.name !== 'integer') {
    say(k, 'type-mismatch', left, `“!” asks for a flag that is not set, and ${described(type)} is no flag; write “!=”`);
    return;
  }
  if (/^[<>]/.test(operator) && (right.kind === 'set' || right.kind === 'range' || right.kind === 'reference')) {
    const what = right.kind === 'range' ? 'a range' : 'a set';
    say(
      k,
      'type-mismatch',
      right,
      `“${statement.operator}” compares with one value, and not with ${what}; leave it out to ask whether the value is in it`,
    );
    return;
  }
  if (right.kind === 'range' && type?.name === 'ifname') {
    say(k, 'type-mismatch', right, 'names of interfaces have no order, and so no ranges; write a star, as in "wg*", or a set');
    return;
  }
  // whether there is one at all, which every header and option can be asked
  if (right.kind === 'literal' && right.literal === 'word' && /^(exists|missing)$/.test(textOf(k, right)) && !isPlainField(left)) return;
  checkValue(k, right, left.kind === 'binary' ? widened(kind) : kind);
  if (statement.mask) checkValue(k, statement.mask, kind);
  if (k.problem !== null) return;
  settle(k, layers, left, operator, right);
}

function isPlainField(left: Expression): boolean {
  return left.kind === 'selector' && left.selector.kind === 'header' && left.field !== null && left.field.type !== 'inet_proto';
}

/** What is computed may be wider than the field it was computed from: nft takes any number there. */
function widened(kind: Kind): Kind {
  return kind.map((part) => part && { name: part.name, bits: 0 });
}

/** A map behind its key: in braces or by its name. `wanted`: what it must give; null where that is not known. */
export function checkMap(k: Checker, key: Expression, map: Expression, wanted: Kind | null): void {
  if (k.problem !== null) return;
  const keys = kindOf(k, key);
  switch (map.kind) {
    case 'set':
      checkElements(k, map.elements, keys, wanted);
      checkOverlaps(k, map.elements, (a, b) => sameData(k, a.data, b.data));
      for (const { data } of map.elements) if (data?.kind === 'verdict') checkVerdictTarget(k, data);
      return;
    case 'reference': {
      const set = setAt(k, map);
      if (!set) return;
      const name = textOf(k, map);
      if (set.kind !== 'map') {
        say(k, 'wrong-kind', map, `“${name}” is a set, and a map belongs here: a set gives nothing for a key`);
        return;
      }
      if (set.keys) checkSame(k, map, set.keys, keys, 'the keys of this map are');
      if (wanted && set.dataWord === 'verdict')
        say(k, 'wrong-kind', map, `“${name}” gives verdicts, and a value belongs here; use it with “vmap”`);
      else if (wanted && set.data) checkSame(k, map, set.data, wanted, 'this map gives');
      return;
    }
    case 'variable':
      if (!insideVariable(k, map, ({ value }) => value && checkMap(k, key, value, wanted))) checkVariable(k, map);
  }
}

function sameData(k: Checker, a: Expression | { readonly start: number; readonly end: number } | null, b: typeof a): boolean {
  return a === b || (a !== null && b !== null && textOf(k, a) === textOf(k, b));
}

export function checkVerdictTarget(k: Checker, verdict: Extract<RuleStatement, { kind: 'verdict' }>): void {
  const { target } = verdict;
  if (!target) return;
  if (target.kind === 'variable') {
    const known = insideVariable(k, target, ({ value }) => {
      if (value?.kind === 'literal') checkChain(k, value);
      else if (value) say(k, 'type-mismatch', value, 'the name of a chain belongs here');
    });
    if (!known) checkVariable(k, target);
  } else checkChain(k, target);
}

export function checkVmap(k: Checker, layers: Layers, left: Expression, right: Expression): void {
  checkSource(k, layers, left);
  if (k.problem !== null) return;
  checkMap(k, left, right, null);
  if (k.problem !== null || right.kind !== 'reference') return;
  const set = setAt(k, right);
  if (set && set.dataWord !== 'verdict' && (set.data || set.dataWord))
    say(k, 'wrong-kind', right, `“${textOf(k, right)}” gives no verdicts; declare it as “type … : verdict”, or use it with “map”`);
}

/** What a statement sets, or hands on, where something of this kind belongs. */
export function checkGiven(k: Checker, layers: Layers, value: Expression, kind: Kind): void {
  if (k.problem !== null) return;
  switch (value.kind) {
    case 'map':
      checkSource(k, layers, value.key);
      checkMap(k, value.key, value.map, kind);
      return;
    case 'selector':
    case 'raw':
      checkSource(k, layers, value);
      if (k.problem === null) checkSame(k, value, kindOf(k, value), kind, 'this is');
      return;
    case 'binary':
      if (hasSelector(value)) checkComputed(k, layers, value, kind);
      else checkValue(k, value, kind);
      return;
    case 'concatenation':
      if (value.parts.some(({ kind: part }) => part === 'selector')) for (const part of value.parts) checkSource(k, layers, part);
      else checkValue(k, value, kind);
      return;
    default:
      checkValue(k, value, kind);
  }
}

function hasSelector(expression: Expression): boolean {
  if (expression.kind === 'binary') return hasSelector(expression.left) || hasSelector(expression.right);
  return expression.kind === 'selector' || expression.kind === 'raw' || expression.kind === 'map';
}

function checkComputed(k: Checker, layers: Layers, value: Extract<Expression, { kind: 'binary' }>, kind: Kind): void {
  checkSource(k, layers, value, true);
  const shift = /^(<<|>>|lshift|rshift)$/.test(textOf(k, value.operator));
  for (const side of [value.left, ...(shift ? [] : [value.right])]) {
    if (k.problem !== null) return;
    if (side.kind === 'binary') checkComputed(k, layers, side, kind);
    else if (side.kind === 'literal') checkValue(k, side, kind);
  }
}

export function checkAssignment(k: Checker, layers: Layers, { left, value }: Extract<RuleStatement, { kind: 'assignment' }>): void {
  checkSource(k, layers, left);
  if (k.problem !== null) return;
  if (left.kind === 'selector' && left.selector.name === 'ct' && left.field?.name === 'helper') return checkHelper(k, value);
  const kind = kindOf(k, left);
  checkGiven(k, layers, value, kind);
}

/** `ct helper set NAME`: an object of the table (evaluate.c, stmt_evaluate_objref). */
function checkHelper(k: Checker, value: Expression): void {
  if (value.kind === 'literal') checkObject(k, 'ct helper', value);
}
