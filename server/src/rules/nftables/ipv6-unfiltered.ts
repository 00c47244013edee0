// The mesh speaks IPv6, and only IPv4 is filtered.

import type { RulesetRule } from '../rule.ts';
import { exampleConfig, exampleHub } from './example-hub.ts';
import { filtersAt, type Hook, isClosed, isFilterAt, seesWholeFirewall } from './host-filter.ts';

const dualStack = exampleConfig
  .replace('10.10.0.1/24', '10.10.0.1/24, fd10:10::1/64')
  .replace('10.10.0.7/32', '10.10.0.7/32, fd10:10::7/128')
  .replace('10.10.0.20/32', '10.10.0.20/32, fd10:10::20/128');

export const ipv6Unfiltered: RulesetRule = {
  id: 'nftables/ipv6-unfiltered',
  severity: 'warning',
  scope: 'ruleset',
  reads: 'files',
  docs: {
    summary: 'The tunnel carries IPv6, and only IPv4 is filtered.',
    why: [
      'A chain in a table of family `ip` never sees an IPv6 packet. Where the tunnel has IPv6 addresses and no chain of family `inet` or `ip6` stands at the hook, every rule of the ruleset is walked around by writing the other address.',
      '',
      'Make the table `inet`: the same rules then see both, and `ip saddr` still matches IPv4 alone.',
    ].join('\n'),
    examples: [{ bad: exampleHub({ family: 'ip', config: dualStack }), good: exampleHub({ family: 'inet', config: dualStack }) }],
  },

  check(ruleset, host, model, report) {
    const speaks6 = host.interfaces.some(
      ({ addresses, facts: { peers } }) =>
        addresses.some(({ version }) => version === 6) &&
        peers.some(({ allowedIps }) => allowedIps.some(({ value }) => value.address.version === 6)),
    );
    if (!speaks6 || !seesWholeFirewall(host, model)) return;
    for (const hook of ['input', 'forward'] as const satisfies readonly Hook[]) {
      const filters = filtersAt(host, model, hook);
      if (filters.some(({ read }) => read.chain.family !== 'ip')) continue;
      const closed = filters.find(({ read }) => isClosed(read) && isFilterAt(read.chain, hook));
      if (!closed?.read.chain.base || closed.ruleset.uri !== ruleset.uri) continue;
      report({
        uri: ruleset.uri,
        at: { ...closed.read.chain.base.at, item: 1 },
        message: `The tunnel carries IPv6, and at hook ${hook} only table ip ${closed.read.chain.table} filters: IPv6 passes by all of its rules. Make the table inet, or add one for ip6.`,
      });
    }
  },
};
