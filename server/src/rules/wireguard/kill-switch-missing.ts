// A full tunnel without a kill switch.
import { isHubSide } from '../../mesh/addresses.ts';
import { dropsByDefault } from '../../mesh/filters.ts';
import { killSwitch } from '../../mesh/hooks.ts';
import type { MeshInterface } from '../../mesh/model.ts';
import { fullTunnel } from '../example-tunnel.ts';
import type { InterfaceRule } from '../rule.ts';
import { addToInterface } from './edits.ts';

const LINES = [
  '# only the tunnel, the packets that carry it, and what finds neighbours on the link',
  'PostUp = nft "table inet killswitch-%i { chain output { type filter hook output priority filter; policy drop; oifname { \\"lo\\", \\"%i\\" } accept; meta mark $(wg show %i fwmark) accept; icmpv6 type { nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert } accept; }; }"',
  'PostDown = nft delete table inet killswitch-%i',
];

export const killSwitchMissing: InterfaceRule = {
  id: 'wireguard/kill-switch-missing',
  severity: 'info',
  scope: 'interface',
  reads: 'rulesets',
  docs: {
    summary: 'Everything goes through the tunnel, and nothing stops it when the tunnel is not there.',
    why: [
      'The routes that wg-quick makes for `0.0.0.0/0` are no kill switch: while the interface restarts, or once a route with a longer prefix appears, packets leave in the open. A chain that drops what leaves, but for the tunnel itself, keeps them in, for IPv4 and IPv6 together.',
      '',
      'Information, and found at nearly every client with a full tunnel: whether leaving in the open is a harm depends on what the client is for. The fix marks by the mark that wg-quick sets, so it holds for any port, and takes the chain away again with the interface. It also stops the local network; add what must be reached.',
    ].join('\n'),
    examples: [{ bad: fullTunnel('0.0.0.0/0, ::/0'), good: fullTunnel('0.0.0.0/0, ::/0', '', `${LINES.join('\n')}\n`) }],
  },

  concerns: ({ peers }) => peers.some(({ facts }) => facts.allowedIps.some(({ value }) => value.length === 0)),

  check(node, model, report) {
    if (!isFullTunnel(node) || killSwitch(node)?.length !== 0 || dropsByDefault(model, node.host, 'output')) return;
    report({
      uri: node.uri,
      at: node.own.at ?? { statement: 0, item: 0 },
      message:
        'Everything goes through this tunnel, and nothing stops it from leaving in the open while the tunnel is down. A kill switch drops what leaves outside of it, IPv4 and IPv6.',
    });
  },

  fix(finding, context) {
    const edit = addToInterface(context, finding.uri, LINES);
    return edit
      ? [{ title: 'Add a kill switch for both families, taken away again by PostDown', safety: 'review', preferred: true, edits: [edit] }]
      : [];
  },
};

/** Whether a client sends everything through its peer, by the routes that wg-quick makes. */
export function isFullTunnel(node: MeshInterface): boolean {
  if (isHubSide(node) || (node.own.table !== null && node.own.table !== 'auto')) return false;
  return node.peers.some(({ facts }) => facts.allowedIps.some(({ value }) => value.length === 0 && value.address.version === 4));
}
