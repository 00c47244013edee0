// A rule that an earlier rule of its chain leaves no packet to.
import { readChains, withTrait } from '../../reach/chains.ts';
import { type Outcome, type Reading, Trait } from '../../reach/reading.ts';
import { shadowsOf } from '../../reach/shadow.ts';
import type { FileRule, Report } from '../rule.ts';

export const shadowedRule: FileRule = {
  id: 'nftables/shadowed-rule',
  severity: 'warning',
  scope: 'file',
  docs: {
    summary: 'An earlier rule takes every packet that this rule would match.',
    why: [
      'Rules are tried in order, and accept, drop, reject, return, goto and nat end a packet’s way through the chain. A rule whose every packet is taken before it never decides anything. Where the earlier rule decides otherwise, what was meant does not happen: a drop behind a wider accept protects nobody, and nft says nothing of it.',
      '',
      'Move the narrower rule before the wider one, or remove what has no effect. A rule that repeats an earlier one is told as a hint.',
      '',
      'Told only where one earlier rule surely matches all of it: a rule with a limit, or a set that is filled while it runs, shadows nothing.',
    ].join('\n'),
    examples: [
      {
        bad: `table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		ip saddr 10.10.0.0/24 tcp dport 22 accept
		ip saddr 10.10.0.66 tcp dport 22 drop
	}
}
`,
        good: `table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		ip saddr 10.10.0.66 tcp dport 22 drop
		ip saddr 10.10.0.0/24 tcp dport 22 accept
	}
}
`,
      },
    ],
  },

  check(ruleset, report) {
    for (const read of readChains(ruleset.facts)) {
      const end = withTrait(read, Trait.closes)[0] ?? -1;
      let most = MOST_TOLD;
      shadowsOf(read).forEach((shadow, index) => {
        // what no packet reaches is told by nftables/unreachable
        if (shadow === null || (end >= 0 && index > end) || most-- <= 0) return;
        const reading = read.readings[index] as Reading;
        const blocker = read.readings[shadow.by] as Reading;
        report({
          uri: ruleset.uri,
          at: { statement: read.chain.rules[index] as number, item: 0 },
          ...told(reading, blocker, shadow.same),
          related: [
            { uri: ruleset.uri, statement: read.chain.rules[shadow.by] as number, item: 0, message: 'This rule takes all of its packets' },
          ],
        });
      });
    }
  },
};

/** In one chain; a list that was pasted twice is one mistake. */
const MOST_TOLD = 100;

const passive = new Set<Outcome>(['none', 'continue', 'return']);

function told(reading: Reading, blocker: Reading, same: boolean): Pick<Report, 'severity' | 'message'> {
  const does = outcomes(blocker);
  if (same)
    return { severity: 'hint', message: `An earlier rule ${does} every packet of this one already: it changes nothing. Remove it.` };
  if (reading.arms.every(({ outcome }) => passive.has(outcome)))
    return { severity: 'hint', message: `An earlier rule ${does} every packet of this one: it sees none. Move it before that rule.` };
  return {
    severity: 'warning',
    message: `An earlier rule ${does} every packet of this one, so it never decides. Move it before that rule, or remove it.`,
  };
}

const words: Readonly<Record<Outcome, string>> = {
  accept: 'accepts',
  drop: 'drops',
  reject: 'rejects',
  return: 'sends back',
  goto: 'sends to another chain',
  jump: 'takes',
  nat: 'translates',
  queue: 'queues',
  elsewhere: 'takes',
  continue: 'takes',
  none: 'takes',
  unknown: 'takes',
};

function outcomes({ arms }: Reading): string {
  const all = new Set(arms.map(({ outcome }) => words[outcome]));
  return all.size === 1 ? ([...all][0] as string) : 'decides';
}
