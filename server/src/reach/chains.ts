// The chains of a ruleset with their rules read.
import type { NftablesFacts } from '../nftables/facts.ts';
import { chainsOf, type OwnChain } from '../nftables/ruleset/alone.ts';
import { namesOf } from './names.ts';
import { type Reading, type RuleFact, readingOf } from './reading.ts';

export interface ReadChain {
  readonly chain: OwnChain;
  /** One for each of the chain's rules, in the order they are tried. */
  readonly readings: readonly Reading[];
}

const memo = new WeakMap<NftablesFacts, readonly ReadChain[]>();

/** The chains of the families that carry IP packets. */
export function readChains(facts: NftablesFacts): readonly ReadChain[] {
  let result = memo.get(facts);
  if (!result) {
    const names = namesOf(facts);
    result = chainsOf(facts)
      .filter(({ family }) => family === 'ip' || family === 'ip6' || family === 'inet')
      .map((chain) => ({
        chain,
        readings: chain.rules.map((statement) => readingOf(facts.statements[statement] as RuleFact, chain.family, chain.table, names)),
      }));
    memo.set(facts, result);
  }
  return result;
}

/** The statement of a chain's rule, by its place among them. */
export function statementOf({ chain }: ReadChain, index: number): number {
  return chain.rules[index] as number;
}
