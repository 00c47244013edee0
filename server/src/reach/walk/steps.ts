// A rule as steps that are ready to be taken: its words read once, by what they mean where it stands.

import { isCommonplace, isPlain, type RuleCode } from '../../nftables/rule-code.ts';
import type { RuleFact } from '../../nftables/rule-facts.ts';
import type { ChainRule } from '../../nftables/ruleset/state.ts';
import type { Value } from '../../nftables/value.ts';
import { type Bits, exactly, isIn, noneKnown, not, type Truth } from './bits.ts';
import type { Range } from './constants.ts';
import { either, type Look, lookOf } from './looks.ts';
import { type Data, find, lookupOf } from './lookup.ts';
import { matchOf, type Shape, type Test } from './match.ts';
import { mergedTests } from './merged-tests.ts';
import { type NatStep, natStep } from './nat.ts';
import type { Here } from './operands.ts';
import { ctStates, type Registers } from './packet.ts';
import { environmentOf, type Scope, sameEnvironment, scopeOf, type TableScope, targetName, usesNames } from './scope.ts';

/** A verdict with the chain it goes to by its name; null where it has none or it is not known here. */
export interface Going {
  readonly verdict: string;
  readonly target: string | null;
}

/** A verdict map as data. */
export interface Choices {
  readonly look: Look;
  readonly elements: readonly {
    /** One range for each part of what is looked at; null for one that is not known here. */
    readonly box: readonly (Range | null)[];
    readonly going: Going | null;
  }[];
  /** What `*` leads to, which is all that no element is; null where there is none. */
  readonly rest: { readonly going: Going | null } | null;
  /** Whether there may be elements that are not known here, or some of these may be gone. */
  readonly open: boolean;
}

/** What a verdict map says of a packet. */
export interface Choice {
  readonly goings: readonly Going[];
  /** Whether it may say nothing. */
  readonly mayMiss: boolean;
  /** Whether it may say something that is not known here. */
  readonly open: boolean;
  readonly breaks: Truth;
}

/** What a statement writes, and whether there is nothing to write it to or from. */
export interface Written {
  readonly registers: Registers;
  readonly breaks: Truth;
}

export type Step =
  | { readonly kind: 'test'; readonly test: Test; readonly shape: Shape | null }
  | { readonly kind: 'write'; readonly write: (here: Here) => Written; readonly isNotrack: boolean; readonly isAddress: boolean }
  | { readonly kind: 'going'; readonly going: Going }
  | { readonly kind: 'choice'; readonly choose: (here: Here) => Choice; readonly choices: Choices }
  | { readonly kind: 'block'; readonly returns: boolean; readonly rules: readonly (readonly Step[])[] }
  | NatStep
  /** Ends the packet's way here in another manner than accept or drop. */
  | { readonly kind: 'other' }
  | { readonly kind: 'reject' }
  /** What could not be read may do anything. */
  | { readonly kind: 'unknown' };

interface Kept {
  readonly family: string;
  readonly environment: readonly unknown[];
  readonly steps: readonly Step[];
}

const ofRule = new WeakMap<ChainRule, readonly Step[]>();
/** By what rules say, since an edit elsewhere in their file makes them anew. */
const ofFact = new WeakMap<RuleFact, Kept>();

export function stepsOf(rule: ChainRule, table: TableScope): readonly Step[] {
  const { family } = table.table;
  const known = ofFact.get(rule.fact);
  if (!usesNames(rule)) {
    // what hangs on nothing else is the same wherever it stands
    if (known?.family === family) return known.steps;
    const steps = ownSteps(rule, table);
    ofFact.set(rule.fact, { family, environment: nothing, steps });
    return steps;
  }
  let steps = ofRule.get(rule);
  if (!steps) {
    const environment = environmentOf(rule, table);
    const same = known && known.family === family && sameEnvironment(known.environment, environment);
    steps = same ? known.steps : compiled(rule.fact.code, scopeOf(rule, table));
    if (!same) ofFact.set(rule.fact, { family, environment, steps });
    ofRule.set(rule, steps);
  }
  return steps;
}

const nothing: readonly unknown[] = [];

/** Of what most rulesets say, to be known by what it does as well: one list of steps. */
const commonplace = new WeakMap<readonly RuleCode[], readonly Step[]>();

/** Of a rule that uses no names. */
function ownSteps(rule: ChainRule, table: TableScope): readonly Step[] {
  const { code } = rule.fact;
  const isShared = isCommonplace(code);
  const known = isShared ? commonplace.get(code) : undefined;
  if (known) return known;
  const steps = compiled(code, scopeOf(rule, table));
  if (isShared) commonplace.set(code, steps);
  return steps;
}

function compiled(code: readonly RuleCode[], scope: Scope): readonly Step[] {
  const merged = mergedTests(code, scope);
  const plain = merged === null ? plainCode(code, scope) : null;
  if (plain) return plain;
  const steps: Step[] = [];
  // what a reject asks of its packets stands before all else in the rule (evaluate.c, stmt_reject_gen_dependency)
  for (let i = 0; i < code.length; i++) {
    const one = code[i] as RuleCode;
    if (one.do === 'action' && one.name === 'reject') steps.push({ kind: 'test', test: rejectTest(one.words, scope), shape: null });
  }
  for (let i = 0; i < code.length; i++) {
    const test = merged?.get(i);
    const step: Step | null = test === undefined ? stepOf(code[i] as RuleCode, scope) : test && { kind: 'test', test, shape: null };
    if (step) steps.push(step);
  }
  // an array that grew is longer than what it holds, and this one stays
  return steps.slice();
}

/** Of code that is a step each, as that of most rules is, in an array that holds no more; null where it is not so. */
function plainCode(code: readonly RuleCode[], scope: Scope): readonly Step[] | null {
  const steps = new Array<Step>(code.length);
  for (let i = 0; i < code.length; i++) {
    const one = code[i] as RuleCode;
    const step = one.do === 'action' ? null : stepOf(one, scope);
    if (!step) return null;
    steps[i] = step;
  }
  return steps;
}

/** Of what hangs on nothing but its own words, which thousands of rules say alike. */
const plainSteps = new WeakMap<RuleCode, Step>();

const unknownTest: Step = { kind: 'test', test: () => null, shape: null };

function stepOf(code: RuleCode, scope: Scope): Step | null {
  if (!isPlain(code)) return madeStep(code, scope);
  const known = plainSteps.get(code);
  if (known) return known;
  const made = madeStep(code, scope);
  if (made) plainSteps.set(code, made);
  return made;
}

function madeStep(code: RuleCode, scope: Scope): Step | null {
  switch (code.do) {
    case 'match':
      return { kind: 'test', ...matchOf(code, scope) };
    case 'verdict':
      if (code.block) return { kind: 'block', returns: code.verdict === 'jump', rules: code.block.map((rule) => compiled(rule, scope)) };
      return { kind: 'going', going: { verdict: code.verdict, target: targetName(code.target, scope) } };
    case 'vmap':
      return choiceStep(code, scope);
    case 'assignment':
      return {
        kind: 'write',
        write: writer(code, scope),
        isNotrack: false,
        isAddress: code.left.kind !== 'selector' || !/^(?:meta|ct) /.test(code.left.words),
      };
    case 'nat':
      return code.name === 'tproxy' ? { kind: 'other' } : natStep(code, scope);
    case 'action':
      return actionStep(code, scope);
    case 'unknown':
      return { kind: 'unknown' };
  }
}

function choiceStep({ left, right }: RuleCode & { readonly do: 'vmap' }, scope: Scope): Step {
  const look = lookOf(left, scope, null);
  const lookup = lookupOf(right, look, scope);
  const goingTo = (data: Data | null): Going | null =>
    data?.value.kind === 'verdict' ? { verdict: data.value.verdict, target: targetName(data.value.target, data.scope) } : null;
  const choose = (here: Here): Choice => {
    const { parts, breaks } = look.see(here);
    if (breaks === true) return { goings: [], mayMiss: true, open: false, breaks };
    const { data, mayMiss, open } = find(lookup, parts, look);
    const goings: Going[] = [];
    let unread = open;
    for (const one of data) {
      const going = goingTo(one);
      if (going) goings.push(going);
      else unread = true;
    }
    return { goings, mayMiss, open: unread, breaks };
  };
  const { rest, open } = lookup;
  const elements = lookup.elements.map(({ key, data }) => ({ box: key, going: goingTo(data) }));
  return { kind: 'choice', choose, choices: { look, elements, rest: rest && { going: goingTo(rest.data) }, open } };
}

/** Which register a selector writes. */
const registerOf: Readonly<Record<string, keyof Registers>> = {
  'ip saddr': 'source',
  'ip daddr': 'destination',
  'ip6 saddr': 'source',
  'ip6 daddr': 'destination',
  'tcp sport': 'sourcePort',
  'tcp dport': 'destinationPort',
  'udp sport': 'sourcePort',
  'udp dport': 'destinationPort',
  'th sport': 'sourcePort',
  'th dport': 'destinationPort',
  'ip ttl': 'ttl',
  'ip6 hoplimit': 'ttl',
  'ip dscp': 'dscp',
  'ip6 dscp': 'dscp',
};

function writer({ left, value }: RuleCode & { readonly do: 'assignment' }, scope: Scope): (here: Here) => Written {
  const target = lookOf(left, scope, null);
  const from = lookOf(value, scope, target);
  const words = left.kind === 'selector' ? left.words : '';
  // these two set what belongs to the packet or its connection, which need not be there to be read first
  if (words === 'meta mark' || words === 'ct mark') {
    return (here) => {
      const { parts, breaks } = from.see(here);
      const bits = parts[0] as Bits;
      const { registers } = here;
      if (words === 'meta mark') return { registers: { ...registers, mark: bits }, breaks };
      // without an entry there is nothing to mark, and the rule goes on (nft_ct.c, nft_ct_set_eval)
      const has = isIn(registers.tracked, 1n, 1n, 1);
      return { registers: has === false ? registers : { ...registers, ctMark: has ? bits : noneKnown }, breaks };
    };
  }
  const register = registerOf[words];
  // a packet with another address or port is another one to conntrack and to routes, which nothing here follows
  const isExact = register === 'ttl' || register === 'dscp';
  const isPayload = !/^(?:meta|ct) /.test(words);
  return (here) => {
    const { parts, breaks } = from.see(here);
    const there = isPayload ? either(target.see(here).breaks, breaks) : breaks;
    const registers = register ? { ...here.registers, [register]: isExact ? parts[0] : noneKnown } : here.registers;
    return { registers, breaks: there };
  };
}

/** Statements that neither decide nor change anything a rule can see. */
const passing = /^(?:counter|log|last|dup|ct timeout|ct expectation|tunnel)$/;

function actionStep(code: RuleCode & { readonly do: 'action' }, scope: Scope): Step | null {
  if (code.name === 'reject') return { kind: 'reject' };
  if (code.name === 'notrack') return { kind: 'write', write: notrack, isNotrack: true, isAddress: false };
  if (/^(?:queue|fwd|synproxy)$/.test(code.name)) return { kind: 'other' };
  if (code.name === 'add' || code.name === 'update' || code.name === 'delete' || code.name === 'set') return elementStep(code, scope);
  if (passing.test(code.name)) return null;
  // limit, quota, ct count and their like hang on what passed before
  return unknownTest;
}

/** Keeps a packet from conntrack where that has no entry for it; from then on its state reads so (nft_ct.c, nft_notrack_eval). */
function notrack({ registers }: Here): Written {
  const has = isIn(registers.tracked, 1n, 1n, 1);
  if (has === true) return { registers, breaks: false };
  const untracked = has === false ? exactly(1n) : noneKnown;
  return { registers: { ...registers, untracked, ctState: has === false ? exactly(ctStates.untracked) : noneKnown }, breaks: false };
}

/** A message of one family or protocol goes to packets of it alone (evaluate.c, stmt_evaluate_reject). */
function rejectTest(words: string, scope: Scope): Test {
  const { family } = scope.table;
  if (/\bwith\s+tcp\s+reset\b/.test(words)) return ({ packet }) => packet.protocol === 6;
  if (/\bwith\s+icmpv6\b/.test(words) && family !== 'ip6') return ({ version }) => version === 6;
  if (/\bwith\s+icmp\b/.test(words) && family !== 'ip') return ({ version }) => version === 4;
  return () => true;
}

/** An element cannot be put where the set is full, which ends the rule; nor without what its key is made of (nft_dynset.c). */
function elementStep({ values }: RuleCode & { readonly do: 'action' }, scope: Scope): Step {
  const looks: Look[] = [];
  const take = (value: Value): void => {
    if (value.kind === 'set') for (const { key } of value.elements) take(key);
    else if (value.kind !== 'reference') looks.push(lookOf(value, scope, null));
  };
  values.forEach(take);
  return {
    kind: 'test',
    test: (here) => {
      const breaks = looks.reduce<Truth>((sum, look) => either(sum, look.see(here).breaks), false);
      return breaks === true ? not(breaks) : null;
    },
    shape: null,
  };
}
