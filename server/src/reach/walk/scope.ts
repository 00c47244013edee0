// What a rule can name where it stands: its table's chains and sets, and the variables defined before it.

import type { RuleCode } from '../../nftables/rule-code.ts';
import type { RuleFact } from '../../nftables/rule-facts.ts';
import { elementsOf } from '../../nftables/ruleset/elements.ts';
import type { Chain, ChainRule, NamedSet, Table } from '../../nftables/ruleset/state.ts';
import { resolved, textOf, type Variables } from '../../nftables/ruleset/variables.ts';
import type { Uses } from '../../nftables/statement-facts.ts';
import type { Target, Value, VerdictValue } from '../../nftables/value.ts';

export interface Scope {
  readonly table: Table;
  readonly chains: ReadonlyMap<string, Chain>;
  readonly sets: ReadonlyMap<string, NamedSet>;
  /** Sets that rules put elements into or take them from. */
  readonly touched: ReadonlySet<string>;
  readonly variables: Variables | null;
}

/** Where no variable is defined. */
export type TableScope = Scope & { readonly variables: null };

const kept = new WeakMap<Table, TableScope>();

export function tableScope(table: Table): TableScope {
  let scope = kept.get(table);
  if (!scope) {
    scope = {
      table,
      chains: new Map(table.chains.map((chain) => [chain.name, chain])),
      sets: new Map(table.sets.map((set) => [set.name, set])),
      touched: table.sets.length === 0 ? untouched : touchedSets(table.chains.flatMap(({ rules }) => rules)),
      variables: null,
    };
    kept.set(table, scope);
  }
  return scope;
}

const untouched: ReadonlySet<string> = new Set();

const touchedBy = new WeakMap<RuleFact, ReadonlySet<string>>();

function touchedSets(rules: readonly ChainRule[]): ReadonlySet<string> {
  const touched = new Set<string>();
  for (const { fact } of rules) {
    let own = touchedBy.get(fact);
    if (!own) {
      own = touchedIn(fact);
      touchedBy.set(fact, own);
    }
    for (const name of own) touched.add(name);
  }
  return touched;
}

function touchedIn({ code }: RuleFact): ReadonlySet<string> {
  const touched = new Set<string>();
  const walk = (one: RuleCode): void => {
    if (one.do === 'action') for (const value of one.values) if (value.kind === 'reference') touched.add(value.name);
    if (one.do === 'verdict') for (const rule of one.block ?? []) rule.forEach(walk);
  };
  code.forEach(walk);
  return touched.size === 0 ? untouched : touched;
}

/** What a rule of the table can name. */
export function scopeOf({ variables }: ChainRule, table: TableScope): Scope {
  return variables === null ? table : { ...table, variables };
}

/** The name of the chain a verdict goes to; null where it is not known here. */
export function targetName(target: Target | null, scope: Scope): string | null {
  if (!target) return null;
  return target.kind === 'chain' ? target.name : textOf(target, scope.variables);
}

const nothing: readonly unknown[] = [];

/** Whether what a rule does hangs on anything but its own words. */
export function usesNames({ fact }: ChainRule): boolean {
  return (fact as RuleFact & Uses).uses?.some((name) => name.startsWith('$') || name.startsWith('@')) ?? false;
}

/** All that a rule says by names: as long as it is the same, so is what the rule does. */
export function environmentOf({ fact, variables }: ChainRule, { sets, touched }: TableScope): readonly unknown[] {
  const { uses } = fact as RuleFact & Uses;
  if (!uses) return nothing;
  const found: unknown[] = [];
  for (const name of uses) {
    if (name.startsWith('$')) addVariable(found, { kind: 'variable', name: name.slice(1) }, variables);
    else if (name.startsWith('@')) {
      const set = sets.get(name.slice(1));
      if (!set) continue;
      found.push(touched.has(set.name), ...set.flags, ...set.keys, ...(set.data ?? nothing));
      for (const change of set.changes) addVariables(found, change.elements, change.variables);
    }
  }
  return found;
}

export function sameEnvironment(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((one, i) => one === b[i]);
}

/** Variables of variables may double with each level: beyond this many, what is said counts as changed every time. */
const MOST_NAMES = 4096;

/** A value, and those of the variables in it. */
function addVariables(found: unknown[], value: Value | VerdictValue, variables: Variables | null): void {
  found.push(found.length > MOST_NAMES ? Symbol('changed') : value);
  if (variables === null || found.length > MOST_NAMES) return;
  const walk = (part: Value | VerdictValue): void => {
    switch (part.kind) {
      case 'variable':
        addVariable(found, part, variables);
        break;
      case 'set':
        for (const { key, data } of part.elements) {
          walk(key);
          if (data) walk(data);
        }
        break;
      case 'range':
        walk(part.from);
        walk(part.to);
        break;
      case 'prefix':
        walk(part.base);
        walk(part.length);
        break;
      case 'concatenation':
        part.parts.forEach(walk);
        break;
      case 'list':
        part.items.forEach(walk);
        break;
      case 'binary':
        walk(part.left);
        walk(part.right);
        break;
      case 'map':
        walk(part.key);
        walk(part.map);
        break;
      case 'verdict':
        if (part.target?.kind === 'variable') addVariable(found, part.target, variables);
        break;
    }
  };
  walk(value);
}

function addVariable(found: unknown[], variable: Value & { readonly kind: 'variable' }, variables: Variables | null): void {
  const value = resolved(variable, variables);
  found.push(value?.value);
  if (value) addVariables(found, value.value, value.variables);
}

/** The value with no variable around it; null where one is not known here. */
export function plain(value: Value, scope: Scope): { readonly value: Value; readonly scope: Scope } | null {
  if (value.kind !== 'variable') return { value, scope };
  const found = resolved(value, scope.variables);
  return found && { value: found.value, scope: { ...scope, variables: found.variables } };
}

/** Whether what a set holds when a packet comes may differ from what its file says. */
export function mayChange(set: NamedSet, scope: Scope): boolean {
  return (
    set.flags.includes('dynamic') ||
    set.flags.includes('timeout') ||
    scope.touched.has(set.name) ||
    // declared to be filled from elsewhere
    elementsOf(set).elements?.length === 0
  );
}
