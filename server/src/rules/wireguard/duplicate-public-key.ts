// Two [Peer] blocks with one key.
import { entriesOf } from '../../mesh/entries.ts';
import type { Peer } from '../../mesh/model.ts';
import type { InterfaceRule } from '../rule.ts';

export const duplicatePublicKey: InterfaceRule = {
  id: 'wireguard/duplicate-public-key',
  severity: 'error',
  scope: 'interface',
  docs: {
    summary: 'Two peers of one interface have the same PublicKey.',
    why: 'A peer is its key: both blocks are one peer to wg. The AllowedIPs of the later block replace those of the earlier one, also by none, while an Endpoint, PresharedKey or keepalive of the earlier one stays where the later one has none. Nothing says so.',
    examples: [
      {
        bad: `[Interface]
Address = 10.10.0.1/24
PostUp = wg set %i peer 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ= preshared-key /etc/wireguard/laptop.psk

[Peer]
PublicKey = 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ=
AllowedIPs = 10.10.0.7/32

[Peer]
PublicKey = 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ=
AllowedIPs = fd00::7/128
`,
        good: `[Interface]
Address = 10.10.0.1/24
PostUp = wg set %i peer 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ= preshared-key /etc/wireguard/laptop.psk

[Peer]
PublicKey = 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ=
AllowedIPs = 10.10.0.7/32, fd00::7/128
`,
      },
    ],
  },

  check(node, _model, report) {
    if (!entriesOf(node.facts).sharedKey) return;
    const last = new Map<string, Peer>();
    for (const peer of node.peers) if (peer.facts.publicKey?.value) last.set(peer.facts.publicKey.value, peer);
    for (const peer of node.peers) {
      const key = peer.facts.publicKey;
      const later = key?.value ? last.get(key.value) : undefined;
      if (!key || !later?.facts.publicKey || later === peer) continue;
      report({
        uri: node.uri,
        at: key.at,
        message: `This key is another [Peer]’s below, and a peer is its key: ${peer.facts.allowedIps.length > 0 ? 'the AllowedIPs below replace these, which have no effect' : 'the two are one peer'}. Write one block, or the other peer’s own key.`,
        related: [{ uri: node.uri, ...later.facts.publicKey.at, message: 'the same key; this block counts' }],
      });
    }
  },
};
