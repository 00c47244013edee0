// A ruleset's text as the state that the walker takes.
import { parsedFile } from '../../server/src/analysis/parsed-file.ts';
import { nothingIncluded, rulesetState } from '../../server/src/nftables/ruleset/ruleset.ts';
import type { RulesetState } from '../../server/src/nftables/ruleset/state.ts';
import { sourceFile } from '../../server/src/text/source-file.ts';

export function stateOf(text: string): RulesetState {
  const uri = 'file:///ruleset.nft';
  const { facts } = parsedFile(sourceFile(uri, 0, 'nftables', text));
  if (facts.language !== 'nftables') throw new Error('not read as nftables');
  return rulesetState({ uri, facts }, nothingIncluded);
}
