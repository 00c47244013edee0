// The chains that one file makes by itself, whatever it includes: for what is said of the file alone.
import type { NftablesFacts } from '../facts.ts';
import { execute } from './execute.ts';
import { nothingIncluded } from './ruleset.ts';
import type { BaseChain, Chain } from './state.ts';

export interface OwnChain {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  /** The statement that names it first. */
  readonly at: Chain['at'];
  readonly base: BaseChain | null;
  /** The numbers of its rules' statements, in the order they are tried. */
  readonly rules: readonly number[];
}

const kept = new WeakMap<NftablesFacts, readonly OwnChain[]>();

export function chainsOf(facts: NftablesFacts): readonly OwnChain[] {
  let result = kept.get(facts);
  if (!result) {
    result = execute({ uri: '', facts }, nothingIncluded).tables.flatMap(({ chains }) =>
      chains.map(({ family, table, name, at, base, rules }) => ({
        family,
        table,
        name,
        at,
        base,
        rules: rules.map(({ statement }) => statement),
      })),
    );
    kept.set(facts, result);
  }
  return result;
}
