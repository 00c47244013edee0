// A rule that opens every port between peers.
import type { Host } from '../../mesh/model.ts';
import { addressesMeet, addressesWithin, isOneAddress } from '../../net/address-algebra.ts';
import { lieWithin } from '../../net/intervals.ts';
import type { Box } from '../../reach/box.ts';
import { holdsEveryPort } from '../../reach/services.ts';
import type { RulesetRule } from '../rule.ts';
import { exampleHub, soundForward, withRule } from './example-hub.ts';
import { type Hook, isTunnelOnly, mayBeTunnel, meshAddresses } from './host-filter.ts';
import { widePassings } from './passings.ts';

export const anyPort: RulesetRule = {
  id: 'nftables/any-port',
  severity: 'warning',
  scope: 'ruleset',
  reads: 'addresses',
  docs: {
    summary: 'A rule accepts every port between peers, or from peers to this host.',
    why: [
      'AllowedIPs says who a peer may be, not what it may do. A rule that accepts a peer without a port gives it ssh, the database and whatever listens tomorrow: one taken laptop reaches everything on the other side.',
      '',
      'Name the protocol and the port that are meant: `tcp dport 443`. Where one address is let through to everything, an admin’s machine say, it is told as information.',
    ].join('\n'),
    examples: [
      {
        bad: exampleHub({ forward: withRule(soundForward, 'iifname "wg0" oifname "wg0" ip daddr 10.10.0.20 accept') }),
        good: exampleHub({
          forward: withRule(soundForward, 'iifname "wg0" oifname "wg0" ip saddr 10.10.0.7 ip daddr 10.10.0.20 tcp dport 22 accept'),
        }),
      },
    ],
  },

  check({ uri, facts }, host, _model, report) {
    const told = new Set<number>();
    for (const { statement, boxes, hook } of widePassings(facts)) {
      if (told.has(statement)) continue;
      const wide = boxes.find((box) => concernsPeers(host, box, hook) && holdsEveryPort(box.services));
      if (!wide) continue;
      told.add(statement);
      const single = isOneAddress(wide.sources);
      const where = hook === 'input' ? 'this host' : 'another peer';
      report({
        uri,
        at: { statement, item: 0 },
        severity: single ? 'info' : 'warning',
        message: `${single ? 'This peer reaches' : 'Peers reach'} every port of ${where} by this rule: ssh, the database, and what listens tomorrow. Name the protocol and port that are meant.`,
      });
    }
  },
};

/** Whether a box is about packets of peers: from a tunnel or from peers' addresses, and on a forward hook to peers as well. */
export function concernsPeers(host: Host, { iif, oif, sources, destinations }: Box, hook: Hook): boolean {
  if (!mayBeTunnel(host, iif)) return false;
  const mesh = meshAddresses(host);
  const fromPeers = isTunnelOnly(host.interfaces, iif) || (addressesWithin(sources, mesh) && addressesMeet(sources, mesh));
  if (hook === 'input') return fromPeers && (lieWithin(mesh.v4, sources.v4) || addressesMeet(sources, mesh));
  return fromPeers && mayBeTunnel(host, oif) && addressesMeet(sources, mesh) && addressesMeet(destinations, mesh);
}
