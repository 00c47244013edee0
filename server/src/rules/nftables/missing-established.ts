// A closed chain that accepts what opens a connection and not what answers it.
import { chainsBehind, type ReadChain, readChains } from '../../reach/chains.ts';
import { Trait } from '../../reach/reading.ts';
import type { RulesetRule } from '../rule.ts';
import { chainOf, rulesFirst } from './chain-edits.ts';
import { exampleHub, soundForward } from './example-hub.ts';
import { isClosed, isFilterAt } from './host-filter.ts';

export const missingEstablished: RulesetRule = {
  id: 'nftables/missing-established',
  severity: 'warning',
  scope: 'ruleset',
  reads: 'host',
  docs: {
    summary: 'A closed chain accepts new connections and not the answers to them.',
    why: [
      'A rule such as `ip saddr 10.10.0.7 tcp dport 443 accept` lets the request through. The answer comes the other way, from port 443 to a port of the system’s choice, and meets no rule: with policy drop the connection never comes about. People then open more than they need until it works.',
      '',
      'Accept `ct state established,related` first. It also makes the chain faster, since all but the first packet of a connection end there.',
    ].join('\n'),
    examples: [
      {
        bad: exampleHub({ forward: soundForward.filter((rule) => !rule.startsWith('ct state')) }),
        good: exampleHub({ forward: soundForward }),
      },
    ],
  },

  check({ uri, facts }, _host, _model, report) {
    const chains = readChains(facts);
    for (const read of chains) {
      const { chain } = read;
      if (!chain.base || !(isFilterAt(chain, 'input') || isFilterAt(chain, 'forward')) || !isClosed(read)) continue;
      const behind = chainsBehind(read, chains);
      const traits = behind ? traitsOf(behind) : 0;
      if ((traits & Trait.opens) === 0 || (traits & Trait.answers) !== 0) continue;
      report({
        uri,
        at: { ...chain.base.at, item: 1 },
        message: `Chain ${chain.name} accepts new connections and drops the answers to them: no rule accepts ct state established. Accept established,related first.`,
      });
    }
  },

  fix(finding, context) {
    const read = chainOf(finding, context);
    const edit = read && rulesFirst(read, finding.uri, [ESTABLISHED], context);
    return edit ? [{ title: 'Accept established,related first', safety: 'review', preferred: true, edits: [edit] }] : [];
  },
};

/** What some rule of these chains has. */
export function traitsOf(chains: readonly ReadChain[]): number {
  return chains.reduce((traits, read) => traits | read.traits, 0);
}

export const ESTABLISHED = 'ct state established,related accept';
