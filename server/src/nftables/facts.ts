// What a ruleset file says as a whole: its statements' facts in order. What they leave behind once carried out is ruleset/'s.
import { type FactList, factList } from '../text/fact-list.ts';
import { endOfBlock, type StatementFact, statementFacts } from './statement-facts.ts';
import type { NftablesStatement, NftablesTree } from './tree.ts';

export interface NftablesFacts {
  readonly language: 'nftables';
  readonly statements: readonly StatementFact[];
  /** The paths that its includes name, each once. */
  readonly includes: readonly string[];
}

/** The facts of a tree; with the list before an edit, what did not change is kept. */
export function nftablesFactList(tree: NftablesTree, text: string, old?: FactList<StatementFact>): FactList<StatementFact> {
  return factList(
    tree.root,
    { of: (statement, offset) => statementFacts(statement as NftablesStatement, text, offset, old !== undefined), end: endOfBlock },
    old,
  );
}

/** The facts of a file; `old` itself where they say the same, so that whoever keeps by identity keeps. */
export function nftablesFacts(list: FactList<StatementFact>, old?: NftablesFacts): NftablesFacts {
  if (old && list.facts === old.statements) return old;
  return { language: 'nftables', statements: list.facts, includes: old && noIncludes(list, old) ? old.includes : includesOf(list.facts) };
}

/** Whether an edit neither brought nor took an include. */
function noIncludes({ change }: FactList<StatementFact>, { statements }: NftablesFacts): boolean {
  if (!change) return false;
  const { at, removed, added } = change;
  for (let i = at; i < at + removed; i++) if (statements[i]?.kind === 'include') return false;
  return added.every(({ kind }) => kind !== 'include');
}

/** The facts of statements that stand in no file of their own. */
export function factsOf(statements: readonly StatementFact[]): NftablesFacts {
  return { language: 'nftables', statements, includes: includesOf(statements) };
}

function includesOf(facts: readonly StatementFact[]): readonly string[] {
  const found = new Set<string>();
  for (const fact of facts) if (fact.kind === 'include' && fact.path !== null) found.add(fact.path);
  return [...found];
}
