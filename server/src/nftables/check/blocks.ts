// What stands in the blocks of sets, chains and objects, and what a block must hold (evaluate.c, set_evaluate, chain_evaluate, obj_evaluate).
import type { Span } from '../../text/span.ts';
import { headWidth } from '../../text/statement.ts';
import { listed, nearest, quoted } from '../../text/words.ts';
import { type Element, type Expression, type NftablesStatement, type NftablesSyntax, Place } from '../tree.ts';
import { verdictByName } from '../vocabulary/statements.ts';
import { hooksOf, priorities, priorityValue } from '../vocabulary/structure.ts';
import { type Checker, insideVariable, say, textBetween, textOf } from './checker.ts';
import type { SetDeclaration } from './declarations.ts';
import { numberOf } from './literals.ts';
import { checkVerdictTarget } from './matches.ts';
import { checkOverlaps } from './ranges.ts';
import { checkVariable } from './references.ts';
import { checkElements } from './values.ts';

type Syntax<K extends NftablesSyntax['kind']> = Extract<NftablesSyntax, { kind: K }>;

/** Elements of a set or map that the file declares: in its block, or by a command. */
export function checkSetElements(k: Checker, set: SetDeclaration | null, elements: Expression): void {
  if (elements.kind === 'variable') {
    if (!insideVariable(k, elements, ({ value }) => value && checkSetElements(k, set, value))) checkVariable(k, elements);
    return;
  }
  if (elements.kind !== 'set') return;
  checkElements(k, elements.elements, set?.keys ?? [null], set?.data ?? null);
  for (const element of elements.elements) {
    if (k.problem !== null) return;
    checkData(k, set, element);
    if (set?.keys && !set.flags.includes('interval')) checkInterval(k, set, element.key);
  }
  // without auto-merge nft joins nothing, and takes no value twice (segtree.c)
  if (k.problem === null && set && !set.autoMerge && set.flags.includes('interval'))
    checkOverlaps(k, elements.elements, (a, b) => (a.data && textOf(k, a.data)) === (b.data && textOf(k, b.data)));
}

function checkData(k: Checker, set: SetDeclaration | null, { key, data }: Element): void {
  if (data?.kind === 'verdict') checkVerdictTarget(k, data);
  if (!set) return;
  if (data && set.kind === 'set') say(k, 'wrong-kind', data, 'a set has keys alone; make it a map for them to stand for something');
  else if (data?.kind === 'literal' && set.dataWord === 'verdict') {
    const word = textOf(k, data);
    const suggest = nearest(word, verdictByName.keys());
    say(k, 'invalid-value', data, `${quoted(word)} is no verdict; write accept, drop, continue, return, “jump ${word}” or “goto ${word}”`, {
      suggest,
    });
  } else if (data?.kind === 'verdict' && set.data)
    say(k, 'wrong-kind', data, 'this map gives values, and no verdicts; declare it as “type … : verdict”');
  else if (!data && set.kind === 'map' && set.dataWord === 'verdict' && key.kind !== 'variable')
    say(k, 'wrong-kind', key, 'this map says no verdict for the key; write “KEY : accept”');
}

/** Ranges and prefixes need a set that is made for them. */
function checkInterval(k: Checker, set: SetDeclaration, key: Expression): void {
  if (key.kind === 'concatenation') {
    for (const part of key.parts) checkInterval(k, set, part);
    return;
  }
  if (key.kind !== 'range' && key.kind !== 'prefix') return;
  if (key.kind === 'prefix' && (set.keys ?? []).some((type) => type !== null && type.bits === Number(textOf(k, key.length)))) return;
  const what = key.kind === 'range' ? 'ranges' : 'prefixes';
  say(k, 'bad-set', key, `a ${set.kind} holds ${what} only with “flags interval”; add that line to its block`);
}

const withoutSize = new Set(['integer', 'string', 'bitmask', 'verdict']);

export function checkSetType(k: Checker, syntax: Syntax<'set-type'>): void {
  for (const key of syntax.keys) {
    const name = key.kind === 'literal' ? textOf(k, key) : '';
    if (withoutSize.has(name))
      say(k, 'bad-set', key, `“${name}” alone says no width; write an example of what is looked up instead, as in “typeof meta length”`);
  }
}

export function checkBaseChain(k: Checker, syntax: Syntax<'base-chain'>): void {
  const type = syntax.type && textOf(k, syntax.type);
  const hook = syntax.hook && textOf(k, syntax.hook);
  const byType = hooksOf[k.family];
  if (syntax.type && type && byType && !byType[type]) {
    const others = Object.keys(byType);
    say(k, 'wrong-place', syntax.type, `a table of family ${k.family} has chains of type ${listed(others)}, and none of type ${type}`);
    return;
  }
  const hooks = type && byType?.[type];
  if (syntax.hook && hook && hooks && !hooks.includes(hook)) {
    const suggest = nearest(hook, hooks);
    say(
      k,
      'wrong-place',
      syntax.hook,
      `a chain of type ${type} in a table of family ${k.family} has the hooks ${listed(hooks, 'and')}, and not ${hook}`,
      { suggest },
    );
    return;
  }
  if (syntax.priority) checkPriority(k, syntax.priority.base, hook ?? '', type ?? '', syntax.priority.offset);
}

const FIRST_OF_NAT = -200;

function checkPriority(k: Checker, base: Expression, hook: string, type: string, offset: number): void {
  if (base.kind === 'variable') {
    const known = insideVariable(k, base, ({ value }) => {
      if (value && value.kind !== 'literal' && value.kind !== 'variable')
        say(k, 'type-mismatch', value, 'a priority is one number, or a name such as filter');
    });
    if (!known) checkVariable(k, base);
    return;
  }
  if (base.kind !== 'literal') return;
  const text = textOf(k, base);
  if (base.literal === 'number') {
    const value = text.startsWith('-') ? -numberOf(text.slice(1).trim()) : numberOf(text);
    if (type === 'nat' && value <= FIRST_OF_NAT)
      say(k, 'value-out-of-range', base, `a chain of type nat comes behind conntrack, so its priority is more than ${FIRST_OF_NAT}`);
    else if (Math.abs(value) > 0x7fffffff) say(k, 'value-out-of-range', base, 'a priority has 32 bits with its sign');
    return;
  }
  const value = priorityValue(k.family, hook, text);
  if (value === null) {
    const names = priorities.map(({ name }) => name).filter((name) => priorityValue(k.family, hook, name) !== null);
    const suggest = nearest(text, names);
    const known = priorities.some(({ name }) => name === text);
    const why = known ? `has no place at ${hook} in a table of family ${k.family}` : 'is no priority';
    say(k, 'wrong-place', base, `${quoted(text)} ${why}; write a number or ${listed(names)}`, { suggest });
  } else if (type === 'nat' && value + offset <= FIRST_OF_NAT)
    say(k, 'value-out-of-range', base, `a chain of type nat comes behind conntrack, so its priority is more than ${FIRST_OF_NAT}`);
}

export function checkPolicy(k: Checker, syntax: Syntax<'policy'>): void {
  const { policy } = syntax;
  if (policy.kind === 'variable') {
    const known = insideVariable(k, policy, ({ value }) => {
      if (value && !(value.kind === 'literal' && /^"?(accept|drop)"?$/.test(textOf(k, value))))
        say(k, 'type-mismatch', value, 'the policy is accept or drop, and the variable holds something else');
    });
    if (!known) checkVariable(k, policy);
    return;
  }
  if (k.chain && !k.chain.base && !k.open)
    say(
      k,
      'wrong-place',
      policy,
      'only a chain with a hook has a policy; add a line as “type filter hook input priority filter;” before it',
    );
}

/** The kinds of things whose blocks must hold something. */
const holdsSettings = new Set(['set', 'map', 'ct expectation', 'ct timeout']);

/** What the block of a set or object must hold; `name` is where it is told. */
export function checkBlockHolds(k: Checker, statement: NftablesStatement, kind: string, name: Span): void {
  const [first] = statement.body;
  if (!first || !holdsSettings.has(kind)) return;
  if (statement.body.some(({ syntax }) => syntax.kind === 'include' || syntax.kind === 'unknown')) return;
  if (kind === 'set' || kind === 'map') {
    if (!statement.body.some(({ syntax }) => syntax.kind === 'set-type'))
      say(
        k,
        'bad-set',
        name,
        `this ${kind} does not say what it holds; add a line such as “type ipv4_addr${kind === 'map' ? ' : verdict' : ''}”`,
      );
    return;
  }
  const settings: string[] = [];
  let offset = headWidth(statement);
  for (const { syntax, width } of statement.body) {
    if (syntax.kind === 'option') settings.push(syntax.name);
    if (syntax.kind === 'option' && syntax.name === 'policy' && first.place === Place.Timeout)
      checkTimeoutStates(k, statement, textBetween(k, offset, offset + width), offset);
    offset += width;
  }
  if (kind === 'ct expectation') {
    const lacking = ['protocol', 'dport', 'timeout', 'size'].filter((setting) => !settings.includes(setting));
    if (lacking.length > 0) say(k, 'bad-object', name, `an expectation also needs ${listed(lacking, 'and')}`);
  } else if (kind === 'ct timeout' && !settings.includes('protocol'))
    say(k, 'bad-object', name, 'a timeout says for which protocol it is; add “protocol tcp;” or “protocol udp;”');
}

const statesOf: Readonly<Record<string, readonly string[]>> = {
  tcp: ['syn_sent', 'syn_recv', 'established', 'fin_wait', 'close_wait', 'last_ack', 'time_wait', 'close', 'syn_sent2', 'retrans', 'unack'],
  udp: ['unreplied', 'replied'],
};

function checkTimeoutStates(k: Checker, statement: NftablesStatement, text: string, offset: number): void {
  const protocol = /\bprotocol\s+(tcp|udp)\b/.exec(textBetween(k, 0, statement.width))?.[1] ?? '';
  const states = statesOf[protocol];
  if (!states) return;
  for (const match of text.matchAll(/([A-Za-z_][\w-]*)\s*:/g)) {
    const state = match[1] ?? '';
    if (states.includes(state)) continue;
    const start = offset + match.index;
    const suggest = nearest(state, states);
    say(
      k,
      'bad-object',
      { start, end: start + state.length },
      `${protocol} has no state ${quoted(state)}; its states are ${listed(states, 'and', 12)}`,
      { suggest },
    );
  }
}
