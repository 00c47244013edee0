// A full tunnel whose names are asked beside it.
import { argumentsOf, hookRuns, mayDoAnything } from '../../mesh/hooks.ts';
import { allowKillSwitch, fullTunnel } from '../example-tunnel.ts';
import type { InterfaceRule } from '../rule.ts';
import { isFullTunnel } from './kill-switch-missing.ts';

export const dnsLeak: InterfaceRule = {
  id: 'wireguard/dns-leak',
  severity: 'info',
  scope: 'interface',
  docs: {
    summary: 'Everything goes through the tunnel but the questions for names.',
    why: 'wg-quick leaves the local network outside of a full tunnel, and the resolver is mostly there: the router of the café sees every name that is asked for. `DNS = …` with a resolver behind the tunnel sends them through it. Nothing is said where a hook sets a resolver, and it is information, since a resolver on the host itself needs none of this.',
    examples: [
      {
        bad: fullTunnel('0.0.0.0/0, ::/0', allowKillSwitch).replace('DNS = 10.10.0.1\n', ''),
        good: fullTunnel('0.0.0.0/0, ::/0', allowKillSwitch),
      },
    ],
  },

  check(node, _model, report) {
    if (!isFullTunnel(node) || node.own.dns || !node.own.at) return;
    if (
      hookRuns(node).some(
        ({ command }) => mayDoAnything(command) || argumentsOf(command, 'resolvconf') || argumentsOf(command, 'resolvectl'),
      )
    )
      return;
    const [peer] = node.peers.filter(({ facts }) => facts.allowedIps.some(({ value }) => value.length === 0));
    report({
      uri: node.uri,
      at: peer?.facts.at ?? node.own.at,
      message:
        'Everything goes through this peer but names: the resolver of the local network stays outside of a full tunnel. Set one behind the tunnel: DNS = ….',
    });
  },
};
