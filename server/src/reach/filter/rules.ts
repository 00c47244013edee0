// The rules of a chain, or of one without a name, as steps.
import type { Chain, ChainRule } from '../../nftables/ruleset/state.ts';
import type { TableScope } from '../walk/scope.ts';
import { type Step, stepsOf } from '../walk/steps.ts';

export interface Rules {
  readonly length: number;
  steps(index: number): readonly Step[];
  /** Where the rule stands; null for those of a chain without a name. */
  rule(index: number): ChainRule | null;
}

const ofChain = new WeakMap<Chain, Rules>();

export function rulesOfChain(chain: Chain, table: TableScope): Rules {
  let rules = ofChain.get(chain);
  if (!rules) {
    const steps: (readonly Step[])[] = [];
    rules = {
      length: chain.rules.length,
      steps(index) {
        steps[index] ??= stepsOf(chain.rules[index] as ChainRule, table);
        return steps[index];
      },
      rule: (index) => chain.rules[index] as ChainRule,
    };
    ofChain.set(chain, rules);
  }
  return rules;
}

const ofBlock = new WeakMap<readonly (readonly Step[])[], Rules>();

export function rulesOfBlock(block: readonly (readonly Step[])[]): Rules {
  let rules = ofBlock.get(block);
  if (!rules) {
    rules = { length: block.length, steps: (index) => block[index] as readonly Step[], rule: () => null };
    ofBlock.set(block, rules);
  }
  return rules;
}
