// The default route in two halves: what wg-quick does for a real one is left out.
import { isHubSide } from '../../mesh/addresses.ts';
import { hookRuns, ipWords, mayDoAnything } from '../../mesh/hooks.ts';
import { masked, prefixText } from '../../net/address.ts';
import { allowKillSwitch, fullTunnel } from '../example-tunnel.ts';
import type { InterfaceRule } from '../rule.ts';

export const splitDefault: InterfaceRule = {
  id: 'wireguard/split-default',
  severity: 'warning',
  scope: 'interface',
  docs: {
    summary: 'The default route is written as two halves, `0.0.0.0/1` and `128.0.0.0/1`.',
    why: 'For `0.0.0.0/0` wg-quick sets a mark on the tunnel’s own packets and a routing rule, so that they stay outside the tunnel. For two halves it does neither: the peer’s endpoint itself is routed into the tunnel, unless another route leads there, and a kill switch that lets marked packets out has no mark to see. Write `0.0.0.0/0` (and `::/0`).',
    examples: [{ bad: fullTunnel('0.0.0.0/1, 128.0.0.0/1'), good: fullTunnel('0.0.0.0/0, ::/0', allowKillSwitch) }],
  },

  check(node, _model, report) {
    if (isHubSide(node) || node.own.table === 'off') return;
    // a route of its own may lead to the endpoint
    if (hookRuns(node).some(({ command }) => ipWords(command) || mayDoAnything(command))) return;
    for (const peer of node.peers) {
      for (const [version, high] of [
        [4, 2 ** 31],
        [6, 1n << 127n],
      ] as const) {
        const halves = peer.facts.allowedIps.filter(({ value }) => value.address.version === version && value.length === 1);
        const low = halves.find(({ value }) => masked(value).first === (version === 4 ? 0 : 0n));
        const upper = halves.find(({ value }) => masked(value).first === high);
        if (!low || !upper) continue;
        const whole = version === 4 ? '0.0.0.0/0' : '::/0';
        report({
          uri: node.uri,
          at: low.at,
          message: `${prefixText(masked(low.value))} and ${prefixText(masked(upper.value))} are the default route in two halves, for which wg-quick sets no mark and no routing rule: the endpoint itself is routed into the tunnel. Write ${whole}.`,
          related: [{ uri: node.uri, ...upper.at, message: 'the other half' }],
        });
      }
    }
  },
};
