// What the names in a ruleset file stand for: sets, maps and variables, as far as the file itself says it.
import type { NftablesFacts } from '../nftables/facts.ts';
import type { StatementFact } from '../nftables/statement-facts.ts';
import type { ElementValue, Value } from '../nftables/terms.ts';

/** The elements that a set or map surely has. */
export interface KnownSet {
  readonly elements: readonly ElementValue[];
  /** Whether it surely has no others: nothing adds or removes while it runs, and it was not declared empty to be filled elsewhere. */
  readonly complete: boolean;
}

export interface Names {
  /** Null where the file does not declare it. */
  set(family: string, table: string, name: string): KnownSet | null;
  /** Null where the file defines it not at all, twice, or by what is not a value. */
  variable(name: string): Value | null;
}

const noNames: Names = { set: () => null, variable: () => null };

/** What names are made of, by the first of it: facts stay the same objects while rules are edited. */
const memo = new WeakMap<StatementFact, { readonly parts: readonly StatementFact[]; readonly names: Names }>();

/** What the names of a file stand for; the same object as long as nothing that makes them has changed. */
export function namesOf(facts: NftablesFacts): Names {
  const parts: StatementFact[] = [];
  let chain = 0;
  for (const fact of facts.statements) {
    // a chain's rules make no names, but what they add to sets is not known
    if (fact.kind === 'rule') {
      if (fact.uses?.some((name) => name.startsWith('@')) && fact.terms.some((term) => term.kind === 'action' && term.set !== null))
        parts.push(fact);
    } else if (fact.kind === 'object' && fact.object === 'chain') {
      if (fact.block) chain++;
    } else if (fact.kind === 'end' && chain > 0) chain--;
    else if (fact.kind !== 'base-chain' && fact.kind !== 'policy') parts.push(fact);
  }
  const first = parts[0];
  if (!first) return noNames;
  const old = memo.get(first);
  if (old && old.parts.length === parts.length && parts.every((part, i) => part === old.parts[i])) return old.names;
  const names = gathered(parts);
  memo.set(first, { parts, names });
  return names;
}

interface Building {
  elements: ElementValue[];
  complete: boolean;
}

function gathered(parts: readonly StatementFact[]): Names {
  const sets = new Map<string, Building>();
  const variables = new Map<string, Value | null>();
  const touched = new Set<string>();
  const blocks: { readonly object: string; readonly family: string | null; readonly table: string | null; readonly name: string | null }[] =
    [];
  let includes = false;
  const setAt = (family: string | null, table: string | null, name: string | null): Building => {
    const key = `${family ?? 'ip'} ${table} ${name}`;
    let set = sets.get(key);
    if (!set) {
      set = { elements: [], complete: true };
      sets.set(key, set);
    }
    return set;
  };
  for (const fact of parts) {
    switch (fact.kind) {
      case 'object': {
        const table = blocks.find(({ object }) => object === 'table');
        const family = fact.at.family ?? table?.family ?? 'ip';
        const inTable = fact.at.table ?? table?.table ?? null;
        if (fact.object === 'set' || fact.object === 'map') setAt(family, inTable, fact.at.name);
        if (fact.block) blocks.push({ object: fact.object, family, table: inTable, name: fact.at.name });
        break;
      }
      case 'end':
        blocks.pop();
        break;
      case 'elements': {
        const block = blocks[blocks.length - 1];
        const at = fact.at ?? (block && (block.object === 'set' || block.object === 'map') ? block : null);
        if (!at) break;
        const set = setAt(at.family, at.table, at.name);
        if ((fact.command === 'add' || fact.command === 'create') && fact.read.is === 'set') set.elements.push(...fact.read.elements);
        else {
          // what a delete leaves is not computed
          set.complete = false;
          set.elements = [];
        }
        break;
      }
      case 'option': {
        const block = blocks[blocks.length - 1];
        if (!block || (block.object !== 'set' && block.object !== 'map')) break;
        if (fact.name === 'timeout' || fact.words.includes('dynamic') || fact.words.includes('timeout'))
          setAt(block.family, block.table, block.name).complete = false;
        break;
      }
      case 'definition':
        if (fact.name !== null) variables.set(fact.name, fact.command === 'define' && !variables.has(fact.name) ? fact.read : null);
        break;
      case 'include':
        includes = true;
        break;
      case 'command':
        if (fact.object === 'element' || fact.object === 'set' || fact.object === 'map')
          for (const [key, set] of sets) if (key.endsWith(` ${fact.at.name}`)) Object.assign(set, { complete: false, elements: [] });
        break;
      case 'rule':
        for (const term of fact.terms) if (term.kind === 'action' && term.set !== null) touched.add(term.set);
        break;
    }
  }
  for (const [key, set] of sets) {
    const name = key.slice(key.lastIndexOf(' ') + 1);
    if (includes || touched.has(name) || set.elements.length === 0) set.complete = false;
    // a rule that takes elements out
    if (touched.has(name)) set.elements = [];
  }
  return {
    set: (family, table, name) => sets.get(`${family} ${table} ${name}`) ?? null,
    variable: (name) => variables.get(name) ?? null,
  };
}
