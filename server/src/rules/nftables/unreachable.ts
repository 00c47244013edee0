// Rules behind one that decides every packet.
import { readChains, withTrait } from '../../reach/chains.ts';
import { Trait } from '../../reach/reading.ts';
import { counted } from '../../text/words.ts';
import type { FileRule } from '../rule.ts';

export const unreachable: FileRule = {
  id: 'nftables/unreachable',
  severity: 'warning',
  scope: 'file',
  docs: {
    summary: 'No packet reaches this rule: one before it decides them all.',
    why: [
      'A rule without a condition that accepts, drops, rejects, returns or goes to another chain ends the chain for every packet. What stands behind it is never tried; nft loads it without a word. Most often a rule was added at the end, behind the closing drop.',
      '',
      'Move the rules before it, or remove them.',
    ].join('\n'),
    examples: [
      {
        bad: `table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		tcp dport 22 accept
		counter drop
		tcp dport 443 accept
	}
}
`,
        good: `table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		tcp dport 22 accept
		tcp dport 443 accept
		counter drop
	}
}
`,
      },
    ],
  },

  check(ruleset, report) {
    for (const read of readChains(ruleset.facts)) {
      const { chain, readings } = read;
      const end = withTrait(read, Trait.closes)[0] ?? -1;
      if (end < 0 || end === readings.length - 1) continue;
      const behind = readings.length - 1 - end;
      report({
        uri: ruleset.uri,
        at: { statement: chain.rules[end + 1] as number, item: 0 },
        message:
          behind === 1
            ? `No packet reaches this rule: the one before it decides them all. Move it before that rule, or remove it.`
            : `No packet reaches ${counted(behind, 'rule')} from here on: the one before decides them all. Move them before that rule, or remove them.`,
        related: [{ uri: ruleset.uri, statement: chain.rules[end] as number, item: 0, message: 'This rule decides every packet' }],
      });
    }
  },
};
