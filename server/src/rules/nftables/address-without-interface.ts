// A rule that trusts a peer's address wherever it comes from.
import { addressesWithin, noAddress } from '../../net/address-algebra.ts';
import type { RulesetRule } from '../rule.ts';
import { exampleHub, soundForward, withRule } from './example-hub.ts';
import { meshAddresses } from './host-filter.ts';
import { widePassings } from './passings.ts';

export const addressWithoutInterface: RulesetRule = {
  id: 'nftables/address-without-interface',
  severity: 'hint',
  scope: 'ruleset',
  reads: 'addresses',
  docs: {
    summary: 'A rule trusts a peer’s address on every interface.',
    why: [
      'Only inside the tunnel is a source address proved: WireGuard takes it from the peer that owns it and from nobody else. On any other interface it is what the sender writes. `ip saddr 10.10.0.7 accept` without an interface trusts whoever writes 10.10.0.7 on the local network, unless rp_filter drops it first.',
      '',
      'Say where the address must come from: `iifname "wg0" ip saddr 10.10.0.7`.',
    ].join('\n'),
    examples: [
      {
        bad: exampleHub({ forward: withRule(soundForward, 'ip saddr 10.10.0.7 ip daddr 10.10.0.20 tcp dport 22 accept') }),
        good: exampleHub({
          forward: withRule(soundForward, 'iifname "wg0" ip saddr 10.10.0.7 ip daddr 10.10.0.20 tcp dport 22 accept'),
        }),
      },
    ],
  },

  check({ uri, facts }, host, _model, report) {
    const mesh = meshAddresses(host);
    const told = new Set<number>();
    for (const { statement, boxes } of widePassings(facts)) {
      if (told.has(statement)) continue;
      if (
        !boxes.some(
          ({ iif, sources }) => iif.only === null && iif.except.length === 0 && !noAddress(sources) && addressesWithin(sources, mesh),
        )
      )
        continue;
      told.add(statement);
      report({
        uri,
        at: { statement, item: 0 },
        message: `This trusts a peer’s address on every interface, and only in the tunnel is it proved. Name the tunnel with iifname.`,
      });
    }
  },
};
