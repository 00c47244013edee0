// A closed chain that accepts what opens a connection and not what answers it.
import { allAddresses } from '../../net/address-algebra.ts';
import { lieWithin, portDomain } from '../../net/intervals.ts';
import { anyState, State } from '../../reach/box.ts';
import { type ReadChain, readChains } from '../../reach/chains.ts';
import type { Arm, Reading } from '../../reach/reading.ts';
import type { RulesetRule } from '../rule.ts';
import { chainOf, rulesFirst } from './chain-edits.ts';
import { exampleHub, soundForward } from './example-hub.ts';
import { isClosed, isFilterAt } from './host-filter.ts';

export const missingEstablished: RulesetRule = {
  id: 'nftables/missing-established',
  severity: 'warning',
  scope: 'ruleset',
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
      const readings = behind(read, chains);
      if (!readings?.some(opensPort) || readings.some(answersPass)) continue;
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

export const ESTABLISHED = 'ct state established,related accept';

/** The rules of a chain and of the chains it jumps to; null where one of them is not here or cannot be read. */
export function behind(start: ReadChain, chains: readonly ReadChain[]): readonly Reading[] | null {
  const seen = new Set([start]);
  const result: Reading[] = [];
  for (const { chain, readings } of seen) {
    for (const reading of readings) {
      result.push(reading);
      for (const { outcome, target } of reading.arms) {
        if (outcome === 'unknown') return null;
        if (outcome !== 'jump' && outcome !== 'goto') continue;
        const next = chains.find(
          ({ chain: other }) => other.name === target && other.table === chain.table && other.family === chain.family,
        );
        if (!next) return null;
        seen.add(next);
      }
    }
  }
  return result;
}

function accepts(reading: Reading, which: (box: Arm['may'][number]) => boolean): boolean {
  return reading.arms.some(({ outcome, may }) => outcome === 'accept' && may.some(which));
}

/** A rule for a port of some protocol, which has answers. */
function opensPort(reading: Reading): boolean {
  return accepts(
    reading,
    ({ services, states }) =>
      (states & State.new) !== 0 && services.some(({ from, to, targets }) => from === 6 && to === 6 && !lieWithin(portDomain.all, targets)),
  );
}

/** Answers pass: by conntrack, by a rule for all, or by rules for source ports, as people write them without conntrack. */
export function answersPass(reading: Reading): boolean {
  return accepts(
    reading,
    ({ states, sources, destinations, services, iif, oif }) =>
      ((states & State.established) !== 0 && states !== anyState) ||
      services.some((service) => !lieWithin(portDomain.all, service.sources)) ||
      (sources === allAddresses &&
        destinations === allAddresses &&
        iif.only === null &&
        oif.only === null &&
        services.length === 1 &&
        services[0]?.to === 255),
  );
}
