// A rule that lets every peer use a service of another.

import { addressSet } from '../../net/address-set.ts';
import { lieWithin } from '../../net/intervals.ts';
import { holdsEveryPort, portProtocols } from '../../reach/services.ts';
import type { RulesetRule } from '../rule.ts';
import { concernsPeers } from './any-port.ts';
import { exampleHub, soundForward, withRule } from './example-hub.ts';
import { eachPassing } from './host-filter.ts';

export const anySource: RulesetRule = {
  id: 'nftables/any-source',
  severity: 'info',
  scope: 'ruleset',
  docs: {
    summary: 'A rule lets every peer reach a port of another peer.',
    why: [
      'A forward rule without a source, or with the whole tunnel network, gives its port to every peer, those included that join later. For a name server or a collector that may be meant; for ssh or a database it is the flat network again, one port wide.',
      '',
      'Name the peers that need it: `ip saddr 10.10.0.7`, or a set of them.',
    ].join('\n'),
    examples: [
      {
        bad: exampleHub({ forward: withRule(soundForward, 'iifname "wg0" oifname "wg0" ip daddr 10.10.0.20 tcp dport 22 accept') }),
        good: exampleHub({
          forward: withRule(soundForward, 'iifname "wg0" oifname "wg0" ip saddr 10.10.0.7 ip daddr 10.10.0.20 tcp dport 22 accept'),
        }),
      },
    ],
  },

  check({ uri, facts }, host, _model, report) {
    const networks = addressSet(host.interfaces.flatMap((node) => node.networks));
    if (networks.v4.length + networks.v6.length === 0) return;
    const told = new Set<number>();
    eachPassing(facts, ({ statement, boxes, hook }) => {
      if (hook !== 'forward' || told.has(statement)) return;
      const wide = boxes.some(
        (box) =>
          concernsPeers(host, box, hook) &&
          !holdsEveryPort(box.services) &&
          box.services.some(({ from, to }) => portProtocols.some((protocol) => from <= protocol && protocol <= to)) &&
          (networks.v4.length > 0 ? lieWithin(networks.v4, box.sources.v4) : lieWithin(networks.v6, box.sources.v6)),
      );
      if (!wide) return;
      told.add(statement);
      report({
        uri,
        at: { statement, item: 0 },
        message:
          'Every peer may use this, those that join later too: the rule names no source narrower than the tunnel’s network. Name the peers that need it.',
      });
    });
  },
};
