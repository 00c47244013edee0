// A rule that names a tunnel by its index.
import type { Term, Value } from '../../nftables/terms.ts';
import { readChains, withTrait } from '../../reach/chains.ts';
import { type Reading, Trait } from '../../reach/reading.ts';
import type { FileRule } from '../rule.ts';

export const iifAtLoad: FileRule = {
  id: 'nftables/iif-at-load',
  severity: 'warning',
  scope: 'file',
  docs: {
    summary: 'A tunnel is named by `iif` or `oif`: the interface must exist when the ruleset is loaded.',
    why: [
      '`iif "wg0"` stores the interface’s number, which nft looks up while it loads the file. At boot the firewall is loaded before the tunnels come up: nft then refuses the whole file, and the host stands without its firewall. When the tunnel is taken down and up again it gets another number, and the rule no longer matches.',
      '',
      '`iifname` and `oifname` compare the name itself. They cost a few nanoseconds more; `iif` is right for `lo`, which always exists.',
    ].join('\n'),
    examples: [
      {
        bad: `table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		iif "lo" accept
		iif "wg0" tcp dport 22 accept
		meta oif { "wg0", "wg1" } counter
	}
}
`,
        good: `table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		iif "lo" accept
		iifname "wg0" tcp dport 22 accept
		meta oifname { "wg0", "wg1" } counter
	}
}
`,
      },
    ],
  },

  check({ uri, facts }, report) {
    for (const read of readChains(facts)) {
      for (const index of withTrait(read, Trait.byIndex)) {
        for (const term of (read.readings[index] as Reading).fact.terms) {
          const found = tunnelByIndex(term);
          if (!found) continue;
          report({
            uri,
            at: { statement: read.chain.rules[index] as number, item: found.item },
            message: `${found.key} needs ${found.name} to exist when this is loaded: at boot nft refuses the whole file, and after wg-quick takes it down and up the rule no longer matches. Use ${found.key}name.`,
          });
        }
      }
    }
  },

  fix(finding, context) {
    const text = context.text(finding.uri).slice(finding.span.start, finding.span.end);
    const key = /^(?:meta\s+)?[io]if(?=\s)/.exec(text)?.[0];
    if (!key) return [];
    const end = finding.span.start + key.length;
    return [
      {
        title: `Use ${key.slice(-3)}name`,
        safety: 'review',
        preferred: true,
        edits: [{ uri: finding.uri, span: { start: end, end }, text: 'name' }],
      },
    ];
  },
};

/** Interfaces that programs make after the boot has begun. */
const MADE_LATER = /^(wg|tun|tap|ppp|tailscale|amn)/;

function tunnelByIndex(term: Term): { readonly key: string; readonly name: string; readonly item: number } | null {
  if (term.kind !== 'match' || term.keys.length !== 1) return null;
  const [key] = term.keys;
  if (key !== 'meta iif' && key !== 'meta oif') return null;
  const name = words(term.value).find((word) => MADE_LATER.test(word));
  return name === undefined ? null : { key: key.slice(5), name, item: term.item };
}

function words(value: Value): readonly string[] {
  if (value.is === 'word') return [value.word];
  return value.is === 'set' ? value.elements.flatMap(({ key }) => words(key)) : [];
}
