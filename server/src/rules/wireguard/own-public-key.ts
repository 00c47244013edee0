// A peer with this host's own key.
import { entriesWith } from '../../mesh/peer-index.ts';
import type { InterfaceRule } from '../rule.ts';

export const ownPublicKey: InterfaceRule = {
  id: 'wireguard/own-public-key',
  severity: 'error',
  scope: 'interface',
  docs: {
    summary: 'A peer has this host’s own public key.',
    why: 'The kernel drops a peer with the interface’s own key without a word (netlink.c, set_peer), so that one list of peers can be given to all hosts. In a config of one host it is mostly a mistake: the other end’s key is meant. Whose key it is, is known by the private key in the file, a `.pub` file beside it, or a comment `# PublicKey = …`.',
    examples: [
      {
        bad: `[Interface]
# PublicKey = Y6w6H8nSZzpRnlQ1zUlt/xVISTbl1lXMv03w0KYuY1c=
Address = 10.10.0.1/24
PostUp = wg set %i peer Y6w6H8nSZzpRnlQ1zUlt/xVISTbl1lXMv03w0KYuY1c= preshared-key /etc/wireguard/laptop.psk

[Peer]
PublicKey = Y6w6H8nSZzpRnlQ1zUlt/xVISTbl1lXMv03w0KYuY1c=
AllowedIPs = 10.10.0.7/32
`,
        good: `[Interface]
# PublicKey = Y6w6H8nSZzpRnlQ1zUlt/xVISTbl1lXMv03w0KYuY1c=
Address = 10.10.0.1/24
PostUp = wg set %i peer 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ= preshared-key /etc/wireguard/laptop.psk

[Peer]
PublicKey = 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ=
AllowedIPs = 10.10.0.7/32
`,
      },
    ],
  },

  check(node, _model, report) {
    if (node.publicKey === null || entriesWith(node.facts.peers, node.publicKey).length === 0) return;
    for (const { facts } of node.peers) {
      if (facts.publicKey?.value !== node.publicKey) continue;
      report({
        uri: node.uri,
        at: facts.publicKey.at,
        message:
          'This is this host’s own public key: the peer is dropped without a word. Write the key that “wg pubkey” prints on the peer’s host.',
      });
    }
  },
};
