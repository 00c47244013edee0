// The chains of a ruleset with their rules read.
import type { NftablesFacts } from '../nftables/facts.ts';
import { type OwnChain as Chain, chainsOf } from '../nftables/ruleset/alone.ts';
import { type Names, namesOf } from './names.ts';
import { type Reading, type RuleFact, readingOf, Trait } from './reading.ts';

export interface ReadChain {
  readonly chain: Chain;
  /** One for each of the chain's rules, in the order they are tried. */
  readonly readings: readonly Reading[];
  /** The traits of all its rules together. */
  readonly traits: number;
  /** The places among the rules of those that have a trait beside `opens`. */
  readonly notable: readonly number[];
}

/** The places of the rules that have the trait. */
export function withTrait({ readings, traits, notable }: ReadChain, trait: number): readonly number[] {
  return (traits & trait) === 0 ? [] : notable.filter((index) => ((readings[index] as Reading).traits & trait) !== 0);
}

/** A chain and all that it may lead to; null where one of them is not here or cannot be read. */
export function chainsBehind(start: ReadChain, chains: readonly ReadChain[]): readonly ReadChain[] | null {
  const seen = new Set([start]);
  for (const read of seen) {
    if ((read.traits & Trait.unknown) !== 0) return null;
    for (const index of withTrait(read, Trait.jumps)) {
      for (const { outcome, target } of (read.readings[index] as Reading).arms) {
        if (outcome !== 'jump' && outcome !== 'goto') continue;
        const { family, table } = read.chain;
        const next = chains.find(({ chain }) => chain.name === target && chain.table === table && chain.family === family);
        if (!next) return null;
        seen.add(next);
      }
    }
  }
  return [...seen];
}

function gathered(chain: Chain, readings: readonly Reading[]): ReadChain {
  let traits = 0;
  const notable: number[] = [];
  for (let i = 0; i < readings.length; i++) {
    const own = (readings[i] as Reading).traits;
    traits |= own;
    if ((own & ~Trait.opens) !== 0) notable.push(i);
  }
  return { chain, readings, traits, notable };
}

const memo = new WeakMap<NftablesFacts, readonly ReadChain[]>();

/** The chains of the families that carry IP packets. */
export function readChains(facts: NftablesFacts): readonly ReadChain[] {
  let result = memo.get(facts);
  if (!result) {
    const names = namesOf(facts);
    result = chainsOf(facts)
      .filter(({ family }) => family === 'ip' || family === 'ip6' || family === 'inet')
      .map((chain) => readChain(chain, facts, names));
    memo.set(facts, result);
  }
  return result;
}

/** The statement of a chain's rule, by its place among them. */
export function statementOf({ chain }: ReadChain, index: number): number {
  return chain.rules[index] as number;
}

/** Chains as they were, by their first and last rule: after an edit almost all of a chain's rules are those it had. */
const kept = new WeakMap<RuleFact, { readonly read: ReadChain; readonly names: Names }>();

function readChain(chain: Chain, { statements }: NftablesFacts, names: Names): ReadChain {
  const { rules } = chain;
  const fact = (index: number): RuleFact => statements[rules[index] as number] as RuleFact;
  if (rules.length === 0) return gathered(chain, []);
  const candidate = kept.get(fact(0)) ?? kept.get(fact(rules.length - 1));
  const { family, table } = candidate?.read.chain ?? {};
  const old = candidate?.names === names && family === chain.family && table === chain.table ? candidate.read : undefined;
  const moved = old ? old.readings.length - rules.length : 0;
  const readings: Reading[] = [];
  let same = old !== undefined && moved === 0;
  for (let i = 0; i < rules.length; i++) {
    const own = fact(i);
    const before = old?.readings[i];
    if (before?.fact === own) readings.push(before);
    else {
      same = false;
      const behind = old?.readings[i + moved];
      readings.push(behind?.fact === own ? behind : readingOf(own, chain.family, chain.table, names));
    }
  }
  // the very array, so that what was computed of the rules together is kept as well
  const read = same && old ? { ...old, chain } : gathered(chain, readings);
  const next = { read, names };
  kept.set(fact(0), next);
  kept.set(fact(rules.length - 1), next);
  return read;
}
