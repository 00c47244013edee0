// Chains, sets, maps and variables that nothing in the file uses.
import type { NftablesFacts } from '../../nftables/facts.ts';
import { chainsOf } from '../../nftables/ruleset/alone.ts';
import type { FileRule } from '../rule.ts';

export const unused: FileRule = {
  id: 'nftables/unused',
  severity: 'hint',
  scope: 'file',
  docs: {
    summary: 'A chain that nobody jumps to, or a set, map or variable that no rule uses.',
    why: [
      'A chain that is no base chain is tried only where a rule jumps or goes to it; a set matters only where a rule looks something up in it. What is left over reads like protection and is none: often the rule that used it was removed, or its name was changed in one place alone.',
      '',
      'Use it or remove it. Quiet in files that include others or hold no base chain, since then the use may stand elsewhere.',
    ].join('\n'),
    examples: [
      {
        bad: `define ADMIN = 10.10.0.7

table inet filter {
	set blocked {
		type ipv4_addr
		elements = { 198.51.100.7 }
	}

	chain peers {
		tcp dport 443 accept
	}

	chain input {
		type filter hook input priority filter; policy drop;
		tcp dport 22 accept
	}
}
`,
        good: `define ADMIN = 10.10.0.7

table inet filter {
	set blocked {
		type ipv4_addr
		elements = { 198.51.100.7 }
	}

	chain peers {
		tcp dport 443 accept
	}

	chain input {
		type filter hook input priority filter; policy drop;
		ip saddr @blocked drop
		ip saddr $ADMIN jump peers
		tcp dport 22 accept
	}
}
`,
      },
    ],
  },

  check({ uri, facts }, report) {
    const chains = chainsOf(facts);
    if (!chains.some(({ base, rules }) => base !== null && rules.length > 0)) return;
    const used = usedNames(facts);
    if (!used) return;
    const say = (statement: number, what: string): void =>
      report({ uri, at: { statement, item: 1 }, message: `${what}: it changes nothing. Use it, or remove it.` });
    for (const { name, base, rules, at } of chains) {
      // an empty chain is often kept for a program to fill
      if (base === null && rules.length > 0 && !used.has(`>${name}`)) say(at.statement, `No rule here jumps or goes to the chain ${name}`);
    }
    facts.statements.forEach((fact, statement) => {
      if (
        fact.kind === 'object' &&
        (fact.object === 'set' || fact.object === 'map') &&
        fact.command !== 'delete' &&
        fact.at.name !== null
      ) {
        if (!used.has(`@${fact.at.name}`)) say(statement, `No rule here uses the ${fact.object} ${fact.at.name}`);
      } else if (fact.kind === 'definition' && fact.command === 'define' && fact.name !== null && !used.has(`$${fact.name}`))
        say(statement, `Nothing here uses the variable ${fact.name}`);
    });
  },
};

/** The names that statements use; null where there may be others: an include, or a line that could not be read. */
function usedNames({ statements }: NftablesFacts): ReadonlySet<string> | null {
  const used = new Set<string>();
  for (const fact of statements) {
    if (fact.kind === 'include') return null;
    if (fact.uses) for (const name of fact.uses) used.add(name);
  }
  return used.has('?') ? null : used;
}
