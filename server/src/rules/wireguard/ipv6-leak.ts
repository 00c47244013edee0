// A full tunnel for IPv4 alone.
import { isHubSide } from '../../mesh/addresses.ts';
import { masked } from '../../net/address.ts';
import type { Fix } from '../../text/edit.ts';
import { allowKillSwitch, fullTunnel } from '../example-tunnel.ts';
import type { InterfaceRule } from '../rule.ts';
import { entryAt } from './narrow.ts';

export const ipv6Leak: InterfaceRule = {
  id: 'wireguard/ipv6-leak',
  severity: 'info',
  scope: 'interface',
  docs: {
    summary: 'Everything in IPv4 goes through the tunnel, and IPv6 goes beside it.',
    why: [
      'With `0.0.0.0/0` and no `::/0` the routes for IPv6 stay as they were. Where the network a client is in offers IPv6, most sites are reached by it first, outside the tunnel, with the client’s own address. Add `::/0`: where the peer carries no IPv6 it goes nowhere then, which is what a full tunnel means.',
      '',
      'Information, since it depends on the networks that the client will be in. It is found in more than half of the full tunnels that people publish, and is a leak in each of them; where IPv6 is switched off on the host, allow it or switch the rule off.',
    ].join('\n'),
    examples: [{ bad: fullTunnel('0.0.0.0/0', allowKillSwitch), good: fullTunnel('0.0.0.0/0, ::/0', allowKillSwitch) }],
  },

  check(node, _model, report) {
    if (isHubSide(node) || (node.own.table !== null && node.own.table !== 'auto')) return;
    for (const { facts } of node.peers) {
      const four = facts.allowedIps.find(({ value }) => value.address.version === 4 && value.length === 0);
      // any part of IPv6 that is routed says that somebody thought of it
      if (!four || facts.allowedIps.some(({ value }) => value.address.version === 6 && masked(value).length <= 3)) continue;
      report({
        uri: node.uri,
        at: four.at,
        message: '0.0.0.0/0 sends all of IPv4 through the tunnel, and IPv6 goes beside it, with this host’s own address. Add ::/0.',
      });
    }
  },

  fix(finding, context): readonly Fix[] {
    const entry = entryAt(context, finding);
    const { span, uri } = finding;
    if (!entry || !span) return [];
    const edits = [{ uri, span: { start: span.end, end: span.end }, text: ', ::/0' }];
    return [{ title: 'Add ::/0: IPv6 through the tunnel too', safety: 'review', preferred: true, edits }];
  },
};
