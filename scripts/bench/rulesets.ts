// Rulesets of many rules, as nft takes them: simple ones of one form, mixed ones with sets, log and conntrack, and varied ones in which hardly
// two rules have the same form.
import { ipv4 } from './mesh-names.ts';
import { nftablesText } from './nftables-text.ts';
import { seeded } from './random.ts';
import { variedText } from './varied-rules.ts';

export const rulesetKinds = ['simple', 'mixed', 'varied'] as const;
export type RulesetKind = (typeof rulesetKinds)[number];

export function rulesetText(kind: RulesetKind, rules: number): string {
  // of a mixed one nearly every line is a rule
  if (kind === 'mixed') return nftablesText(rules);
  if (kind === 'varied') return variedText(rules);
  const random = seeded(rules);
  const lines = Array.from(
    { length: rules },
    () => `\t\tip saddr ${ipv4(1 + random.int(1600))} ip daddr ${ipv4(1 + random.int(1600))} tcp dport ${1 + random.int(65_535)} accept`,
  );
  const head = ['table inet mesh {', '\tchain forward {', '\t\ttype filter hook forward priority filter; policy drop;'];
  return `${[...head, ...lines, '\t}', '}'].join('\n')}\n`;
}
