// A keepalive that has nowhere to go.

import { wholeLine } from '../lines.ts';
import type { InterfaceRule } from '../rule.ts';

export const keepaliveWithoutEndpoint: InterfaceRule = {
  id: 'wireguard/keepalive-without-endpoint',
  severity: 'hint',
  scope: 'interface',
  docs: {
    summary: 'PersistentKeepalive on a peer that has no Endpoint.',
    why: 'The keepalive keeps a NAT on this host’s way open. Without an Endpoint this host cannot begin: there is nothing to keep open until the peer has called, and then the peer’s own keepalive does it (device.c, wg_open sends only to peers with an endpoint). It belongs in the config of the host behind the NAT.',
    examples: [
      {
        bad: `[Interface]
Address = 10.10.0.1/24
ListenPort = 51820
PostUp = wg set %i peer 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ= preshared-key /etc/wireguard/laptop.psk

[Peer]
PublicKey = 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ=
AllowedIPs = 10.10.0.7/32
PersistentKeepalive = 25
`,
        good: `[Interface]
Address = 10.10.0.1/24
ListenPort = 51820
PostUp = wg set %i peer 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ= preshared-key /etc/wireguard/laptop.psk

[Peer]
PublicKey = 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ=
AllowedIPs = 10.10.0.7/32
`,
      },
    ],
  },

  check({ uri, peers }, _model, report) {
    for (const { facts, label } of peers) {
      if (facts.endpoint || !facts.keepalive?.value) continue;
      report({
        uri,
        at: facts.keepalive.at,
        message: `${label} has no Endpoint, so this keepalive does nothing until it has called. It belongs at the end behind the NAT.`,
      });
    }
  },

  fix: (finding, context) => [
    {
      title: 'Remove this line',
      safety: 'review',
      edits: [{ uri: finding.uri, span: wholeLine(context.text(finding.uri), finding.span.start), text: '' }],
    },
  ],
};
