// Devices that no WireGuard file tells of: how a host hears of the network it is in, and of the one behind it. Which names they have
// counts only where a rule asks for one, so the names that its rules ask for and one that none asks for are all there is to try.
import { isPlain, type RuleCode } from '../../nftables/rule-code.ts';
import type { Chain, ChainRule, RulesetState, Table } from '../../nftables/ruleset/state.ts';
import { resolved, type Variables } from '../../nftables/ruleset/variables.ts';
import type { Value } from '../../nftables/value.ts';
import { patternHolds } from '../interfaces.ts';
import type { Hook } from '../walk/hooks.ts';
import { hooksOn, type Way } from '../walk/walk.ts';

/** A name that no rule asks for: it is too long for one. */
const NAMELESS = '0nameless-device';

/** By the way that packets take; '' for any. */
const kept = new WeakMap<RulesetState, Partial<Record<Way | '', readonly string[]>>>();

/**
 * The names to try, of which the first is nobody's. Those in `own` are not among them, nor is the loopback's. With a `way` only rules count
 * that packets on it may come to: a hub's thousands are about what it forwards.
 */
export function otherDevices(state: RulesetState, own: readonly string[], way: Way | '' = ''): readonly string[] {
  let all = kept.get(state);
  if (!all) {
    all = {};
    kept.set(state, all);
  }
  all[way] ??= namesOn(state, way);
  const isOwn = (name: string): boolean => name === 'lo' || own.some((one) => patternHolds(name, one));
  // the rest of a beginning may be anything
  return all[way].filter((name) => !isOwn(name)).map((name) => name.replace('*', '-'));
}

function namesOn(state: RulesetState, way: Way | ''): readonly string[] {
  const found = new Set<string>();
  const seen = new Set<RuleCode>();
  for (const table of state.tables)
    for (const chain of table.chains) if (way === '' || !isElsewhere(chain, way)) inChain(table, chain, seen, found);
  return [NAMELESS, ...found];
}

/** Whether a chain is called at a hook that is not on the way; one that others lead to may be on any. */
function isElsewhere({ base }: Chain, way: Way): boolean {
  const hook = base?.hook;
  return isHook(hook) && !hooksOn[way].includes(hook);
}

function isHook(hook: string | null | undefined): hook is Hook {
  return hook === 'prerouting' || hook === 'input' || hook === 'forward' || hook === 'output' || hook === 'postrouting';
}

/** Thousands of rules ask for the same: what is in `seen` is not looked at again. */
function inChain(table: Table, chain: Chain, seen: Set<RuleCode>, into: Set<string>): void {
  const { rules } = chain;
  for (let i = 0; i < rules.length; i++) {
    const { fact, variables } = rules[i] as ChainRule;
    const { code } = fact;
    for (let k = 0; k < code.length; k++) {
      const one = code[k] as RuleCode;
      if (!mayAskForDevice(one) || seen.has(one)) continue;
      if (isPlain(one)) seen.add(one);
      inCode(table, one, variables, into);
    }
  }
}

function mayAskForDevice(code: RuleCode): boolean {
  return code.do === 'match' || code.do === 'vmap' ? asksForDevice(code.left) : code.do === 'verdict' && code.block !== null;
}

function inCode(table: Table, code: RuleCode, variables: Variables | null, into: Set<string>): void {
  if (code.do === 'verdict') {
    for (const rule of code.block ?? []) for (const inner of rule) inCode(table, inner, variables, into);
    return;
  }
  if ((code.do === 'match' || code.do === 'vmap') && asksForDevice(code.left)) namesIn(table, code.right, variables, into);
}

const deviceWords: ReadonlySet<string> = new Set(['meta iif', 'meta oif', 'meta iifname', 'meta oifname']);

function asksForDevice(value: Value): boolean {
  if (value.kind === 'selector') return deviceWords.has(value.words);
  return value.kind === 'concatenation' && value.parts.some(asksForDevice);
}

function namesIn(table: Table, written: Value, variables: Variables | null, into: Set<string>): void {
  const found = resolved(written, variables);
  if (!found) return;
  const { value } = found;
  const each = (one: Value): void => namesIn(table, one, found.variables, into);
  switch (value.kind) {
    case 'text':
      if (/^[a-z_][\w.@-]{0,14}\*?$/i.test(value.text)) into.add(value.text);
      break;
    case 'concatenation':
      value.parts.forEach(each);
      break;
    case 'list':
      value.items.forEach(each);
      break;
    case 'set':
      for (const { key } of value.elements) each(key);
      break;
    case 'reference':
      for (const change of table.sets.find(({ name }) => name === value.name)?.changes ?? [])
        namesIn(table, change.elements, change.variables, into);
      break;
  }
}
