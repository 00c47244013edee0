// A peer without an identity.
import { entriesOf } from '../../mesh/entries.ts';
import type { InterfaceRule } from '../rule.ts';

export const missingPublicKey: InterfaceRule = {
  id: 'wireguard/missing-public-key',
  severity: 'error',
  scope: 'interface',
  docs: {
    summary: 'A peer has no PublicKey.',
    why: 'The public key is who a peer is. Without one wg refuses the whole file: “A peer is missing a public key”. Ask the peer for the output of `wg pubkey`; it is no secret.',
    examples: [
      {
        bad: `[Interface]
Address = 10.10.0.7/32

[Peer]
AllowedIPs = 10.10.0.30/32
`,
        good: `[Interface]
Address = 10.10.0.7/32
PostUp = wg set %i peer Y6w6H8nSZzpRnlQ1zUlt/xVISTbl1lXMv03w0KYuY1c= preshared-key /etc/wireguard/peer.psk

[Peer]
PublicKey = Y6w6H8nSZzpRnlQ1zUlt/xVISTbl1lXMv03w0KYuY1c=
AllowedIPs = 10.10.0.30/32
`,
      },
    ],
  },

  check(node, _model, report) {
    if (!entriesOf(node.facts).keyless) return;
    for (const { facts } of node.peers) {
      if (facts.publicKey) continue;
      if (node.facts.dialect !== 'wg-quick') {
        report({
          uri: node.uri,
          at: facts.at,
          message:
            'This peer has no PublicKey, and networkd leaves it out without refusing the file: add “PublicKey=…”, what “wg pubkey” prints on the peer’s host.',
        });
        continue;
      }
      report({
        uri: node.uri,
        at: facts.at,
        refusedBy: 'wg',
        message: 'This peer has no PublicKey, and wg refuses the file: add “PublicKey = …”, what “wg pubkey” prints on the peer’s host.',
      });
    }
  },
};
