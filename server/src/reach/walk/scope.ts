// What a rule can name where it stands: its table's chains and sets, and the variables defined before it.

import type { RuleCode } from '../../nftables/rule-code.ts';
import { elementsOf } from '../../nftables/ruleset/elements.ts';
import type { Chain, ChainRule, NamedSet, Table } from '../../nftables/ruleset/state.ts';
import { resolved, textOf, type Variables } from '../../nftables/ruleset/variables.ts';
import type { Target, Value } from '../../nftables/value.ts';

export interface TableScope {
  readonly table: Table;
  readonly chains: ReadonlyMap<string, Chain>;
  readonly sets: ReadonlyMap<string, NamedSet>;
  /** Sets that rules put elements into or take them from. */
  readonly touched: ReadonlySet<string>;
}

export interface Scope extends TableScope {
  readonly variables: Variables | null;
}

const kept = new WeakMap<Table, TableScope>();

export function tableScope(table: Table): TableScope {
  let scope = kept.get(table);
  if (!scope) {
    scope = {
      table,
      chains: new Map(table.chains.map((chain) => [chain.name, chain])),
      sets: new Map(table.sets.map((set) => [set.name, set])),
      touched: touchedSets(table.chains.flatMap(({ rules }) => rules)),
    };
    kept.set(table, scope);
  }
  return scope;
}

function touchedSets(rules: readonly ChainRule[]): ReadonlySet<string> {
  const touched = new Set<string>();
  const walk = (code: RuleCode): void => {
    if (code.do === 'action') for (const value of code.values) if (value.kind === 'reference') touched.add(value.name);
    if (code.do === 'verdict') for (const rule of code.block ?? []) rule.forEach(walk);
  };
  for (const { fact } of rules) fact.code.forEach(walk);
  return touched;
}

/** The chain a verdict goes to; null where it is not known here. */
export function targetChain(target: Target | null, scope: Scope): Chain | null {
  if (!target) return null;
  const name = target.kind === 'chain' ? target.name : textOf(target, scope.variables);
  return name === null ? null : (scope.chains.get(name) ?? null);
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
