// What a ruleset file says as a whole: its statements' facts in order, and the tables and chains they make.
import { type FactList, factList } from '../text/fact-list.ts';
import type { Place } from '../text/origin.ts';
import { endOfBlock, type Named, type StatementFact, statementFacts } from './statement-facts.ts';
import type { NftablesStatement, NftablesTree } from './tree.ts';

export interface BaseChain {
  readonly type: string | null;
  readonly hook: string | null;
  readonly priority: string | null;
  /** Of the line that makes it a base chain. */
  readonly at: Place;
  /** accept where none is written (nft(8)), null where a variable says it. */
  readonly policy: string | null;
  readonly policyAt: Place | null;
}

export interface Chain {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  /** Where it is named first. */
  readonly at: Place;
  readonly base: BaseChain | null;
  /** The numbers of its rules' statements, in the order they are tried. */
  readonly rules: readonly number[];
}

export interface NftablesFacts {
  readonly language: 'nftables';
  readonly statements: readonly StatementFact[];
}

/** The facts of a tree; with the list before an edit, what did not change is kept. */
export function nftablesFactList(tree: NftablesTree, text: string, old?: FactList<StatementFact>): FactList<StatementFact> {
  return factList(
    tree.root,
    { of: (statement, offset) => statementFacts(statement as NftablesStatement, text, offset), end: endOfBlock },
    old,
  );
}

/** The facts of a file; `old` itself where they say the same, so that whoever keeps by identity keeps. */
export function nftablesFacts(list: FactList<StatementFact>, old?: NftablesFacts): NftablesFacts {
  return old && list.facts === old.statements ? old : { language: 'nftables', statements: list.facts };
}

const chains = new WeakMap<NftablesFacts, readonly Chain[]>();

/** The chains that a file's statements make, once they are carried out in order. */
export function chainsOf(facts: NftablesFacts): readonly Chain[] {
  let result = chains.get(facts);
  if (!result) {
    result = carriedOut(facts.statements);
    chains.set(facts, result);
  }
  return result;
}

interface Building {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  readonly at: Place;
  base: { type: string | null; hook: string | null; priority: string | null; at: Place } | null;
  policy: { policy: string | null; at: Place } | null;
  rules: number[];
}

/** Carries the statements out in order, as nft does with a file: makes chains, adds and inserts rules, flushes and deletes. */
function carriedOut(statements: readonly StatementFact[]): readonly Chain[] {
  const made = new Map<string, Building>();
  const blocks: (Named & { readonly object: string })[] = [];
  let current: Building | null = null;

  const chainAt = (family: string, table: string, name: string, at: Place): Building => {
    const key = `${family} ${table} ${name}`;
    let chain = made.get(key);
    if (!chain) {
      chain = { family, table, name, at, base: null, policy: null, rules: [] };
      made.set(key, chain);
    }
    return chain;
  };

  statements.forEach((fact, statement) => {
    const at: Place = { statement, item: 0 };
    switch (fact.kind) {
      case 'object': {
        const table = blocks.find(({ object }) => object === 'table');
        const family = fact.at.family ?? table?.family ?? 'ip';
        if (fact.object === 'chain' && fact.command !== 'delete' && fact.at.name) {
          const chain = chainAt(family, fact.at.table ?? table?.table ?? '', fact.at.name, at);
          if (fact.block) current = chain;
        }
        if (fact.block) blocks.push({ ...fact.at, family, object: fact.object });
        break;
      }
      case 'end': {
        const ended = blocks.pop();
        if (ended?.object === 'chain') current = null;
        break;
      }
      case 'base-chain':
        if (current) current.base = { type: fact.type, hook: fact.hook, priority: fact.priority, at };
        break;
      case 'policy':
        if (current) current.policy = { policy: fact.policy, at };
        break;
      case 'rule': {
        const named = fact.at;
        const chain: Building | null = named?.table && named.name ? chainAt(named.family ?? 'ip', named.table, named.name, at) : current;
        if (!chain) break;
        if (fact.command === 'insert') chain.rules.unshift(statement);
        else chain.rules.push(statement);
        break;
      }
      case 'command':
        carryOut(fact.command, fact.object, fact.at, made);
        break;
    }
  });
  return [...made.values()].map(({ base, policy, ...chain }) => ({
    ...chain,
    base: base ? { ...base, policy: policy ? policy.policy : 'accept', policyAt: policy?.at ?? null } : null,
  }));
}

function carryOut(command: string, object: string, at: Named, chains: Map<string, Building>): void {
  const removes = command === 'delete' || command === 'destroy';
  if (!removes && command !== 'flush') return;
  for (const [key, chain] of [...chains]) {
    const sameTable = chain.family === (at.family ?? 'ip') && chain.table === at.table;
    if (object === 'ruleset' && (!at.family || at.family === chain.family)) chains.delete(key);
    else if (object === 'table' && sameTable) {
      if (removes) chains.delete(key);
      else chain.rules = [];
    } else if (object === 'chain' && sameTable && chain.name === at.name) {
      if (removes) chains.delete(key);
      else chain.rules = [];
    }
  }
}
