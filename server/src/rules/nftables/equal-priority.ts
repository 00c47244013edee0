// Two base chains at one hook and one priority, of which one changes what the other looks at.
import type { NftablesFacts } from '../../nftables/facts.ts';
import { type OwnChain as Chain, chainsOf } from '../../nftables/ruleset/alone.ts';
import type { FileRule } from '../rule.ts';

export const equalPriority: FileRule = {
  id: 'nftables/equal-priority',
  severity: 'info',
  scope: 'file',
  docs: {
    summary: 'Two base chains at one hook have the same priority, and their order matters.',
    why: [
      'Chains at a hook run in the order of their priorities. Where two are equal, the one that was registered last runs first, so the order depends on how and when the files were loaded. That changes nothing for chains that only accept and drop, since a packet must pass both; it does where both translate addresses (the first one decides) or where one sets marks or fields.',
      '',
      'Give one of them another priority: `priority filter - 1` runs before `priority filter`.',
    ].join('\n'),
    examples: [
      {
        bad: `table inet vpn {
	chain postrouting {
		type nat hook postrouting priority srcnat;
		ip saddr 10.10.0.0/24 oifname "eth0" masquerade
	}
}

table ip guests {
	chain postrouting {
		type nat hook postrouting priority 100;
		ip saddr 192.168.9.0/24 oifname "eth0" snat to 198.51.100.9
	}
}
`,
        good: `table inet vpn {
	chain postrouting {
		type nat hook postrouting priority srcnat;
		ip saddr 10.10.0.0/24 oifname "eth0" masquerade
	}
}

table ip guests {
	chain postrouting {
		type nat hook postrouting priority srcnat + 1;
		ip saddr 192.168.9.0/24 oifname "eth0" snat to 198.51.100.9
	}
}
`,
      },
    ],
  },

  check({ uri, facts }, report) {
    const seen: { readonly chain: Chain; readonly priority: number }[] = [];
    for (const chain of chainsOf(facts)) {
      const priority = chain.base?.priority ?? null;
      if (!chain.base || priority === null) continue;
      const other = seen.find(
        (one) => one.priority === priority && one.chain.base?.hook === chain.base?.hook && meets(one.chain.family, chain.family),
      );
      seen.push({ chain, priority });
      if (!other || !orderMatters(other.chain, chain, facts)) continue;
      report({
        uri,
        at: chain.base.at,
        message: `Chain ${chain.name} of table ${chain.table} and chain ${other.chain.name} of table ${other.chain.table} run at hook ${chain.base.hook} with the same priority: which comes first depends on how they were loaded, and it matters here. Give one another priority.`,
        related: other.chain.base ? [{ ...other.chain.base.at, uri, message: `Chain ${other.chain.name}, the same priority` }] : [],
      });
    }
  },
};

function meets(a: string, b: string): boolean {
  const ip = (family: string): boolean => family === 'ip' || family === 'ip6';
  return a === b || (a === 'inet' && ip(b)) || (b === 'inet' && ip(a));
}

function orderMatters(a: Chain, b: Chain, facts: NftablesFacts): boolean {
  if (a.rules.length === 0 || b.rules.length === 0) return false;
  if (a.base?.type === 'nat' && b.base?.type === 'nat') return true;
  return changes(a, facts) !== changes(b, facts);
}

function changes({ rules }: Chain, { statements }: NftablesFacts): boolean {
  return rules.some((number) => {
    const fact = statements[number];
    return fact?.kind === 'rule' && fact.terms.some(({ kind }) => kind === 'assignment');
  });
}
