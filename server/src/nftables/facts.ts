// What a ruleset file says as a whole: its statements' facts in order. What they leave behind once carried out is ruleset/'s.
import { type FactList, factList } from '../text/fact-list.ts';
import { endOfBlock, type StatementFact, statementFacts } from './statement-facts.ts';
import type { NftablesStatement, NftablesTree } from './tree.ts';

export interface NftablesFacts {
  readonly language: 'nftables';
  readonly statements: readonly StatementFact[];
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
  return old && list.facts === old.statements ? old : { language: 'nftables', statements: list.facts };
}
