// A closed chain that drops without a word.
import { addressesWithin, allAddresses, noAddress } from '../../net/address-algebra.ts';
import type { AddressSet } from '../../net/address-set.ts';
import { chainsBehind, readChains } from '../../reach/chains.ts';
import { type Reading, Trait } from '../../reach/reading.ts';
import type { RulesetRule } from '../rule.ts';
import { chainOf, ruleLast } from './chain-edits.ts';
import { exampleHub, soundForward } from './example-hub.ts';
import { isClosed, isFilterAt, meshAddresses } from './host-filter.ts';
import { traitsOf } from './missing-established.ts';

export const noDropLog: RulesetRule = {
  id: 'nftables/no-drop-log',
  severity: 'hint',
  scope: 'ruleset',
  reads: 'addresses',
  docs: {
    summary: 'A closed chain of a mesh host drops packets without a trace.',
    why: [
      'A peer that tries ports it has no business with is the first sign that it was taken; the same log line tells why a connection that was meant does not come about. Without it a drop looks like a lost packet.',
      '',
      'Log what is left at the end, with a limit so that a flood does not fill the disk: `limit rate 10/minute log prefix "forward-drop: "`. The policy then drops it.',
      '',
      'Told for chains with rules for single peers: those that decide who in the mesh may do what.',
    ].join('\n'),
    examples: [
      {
        bad: exampleHub({ forward: soundForward.slice(0, -1) }),
        good: exampleHub({ forward: [...soundForward.slice(0, -1), 'limit rate 10/minute log prefix "forward-drop: "'] }),
      },
    ],
  },

  check({ uri, facts }, host, _model, report) {
    const mesh = meshAddresses(host);
    const chains = readChains(facts);
    for (const read of chains) {
      const { chain } = read;
      if (!chain.base || !(isFilterAt(chain, 'input') || isFilterAt(chain, 'forward'))) continue;
      // a chain without rules closes a way that nobody is meant to take
      if (read.readings.length === 0 || !isClosed(read)) continue;
      const behind = chainsBehind(read, chains);
      if (!behind || (traitsOf(behind) & Trait.logs) !== 0) continue;
      if (!behind.some(({ readings }) => readings.some((reading) => namesPeers(reading, mesh)))) continue;
      report({
        uri,
        at: { ...(chain.base.policyAt ?? chain.base.at), item: 1 },
        message: `Chain ${chain.name} drops without a trace: a peer that probes, or a rule that is missing, goes unseen. Log what is left at its end, with a limit.`,
      });
    }
  },

  fix(finding, context) {
    const read = chainOf(finding, context);
    const edit = read && ruleLast(read, finding.uri, `limit rate 10/minute log prefix "${read.chain.name}-drop: "`, context);
    return edit ? [{ title: 'Log what is dropped, at most ten lines a minute', safety: 'safe', preferred: true, edits: [edit] }] : [];
  },
};

/** Whether it is about some addresses of the mesh, and not about all. */
function namesPeers({ matches }: Reading, mesh: AddressSet): boolean {
  return matches.some(
    ({ sources, destinations }) =>
      (sources !== allAddresses && !noAddress(sources) && addressesWithin(sources, mesh)) ||
      (destinations !== allAddresses && !noAddress(destinations) && addressesWithin(destinations, mesh)),
  );
}
