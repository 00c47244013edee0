// A preshared key stands in the config itself.
import { entriesOf } from '../../mesh/entries.ts';
import type { Fix } from '../../text/edit.ts';
import { wholeLine } from '../lines.ts';
import type { InterfaceRule } from '../rule.ts';
import { addToInterface, joined, NETWORKD_KEYS, pskFileName, pskHook } from './edits.ts';

export const inlinePresharedKey: InterfaceRule = {
  id: 'wireguard/inline-preshared-key',
  severity: 'info',
  scope: 'interface',
  docs: {
    summary: 'A preshared key stands in the config file.',
    why: [
      'A preshared key is a secret of two hosts. In the config it is read by everyone who reads the config. Kept in a file that only root reads, it is loaded by `PostUp = wg set %i peer <PublicKey> preshared-key FILE`.',
      '',
      'What that costs: between the start of the interface and the hook the link runs without the preshared key (the other end then refuses the handshake), `wg syncconf` may take it away, and `SaveConfig = true` writes it back into the file.',
    ].join('\n'),
    examples: [
      {
        bad: `[Interface]
PostUp = wg set %i private-key /etc/wireguard/wg0.key
Address = 10.10.0.7/32

# hub
[Peer]
PublicKey = Y6w6H8nSZzpRnlQ1zUlt/xVISTbl1lXMv03w0KYuY1c=
PresharedKey = n4gIwxqv6xaPv5jTuf2rCuyw2Zgc1/BKLb0v25JTNTk=
AllowedIPs = 10.10.0.30/32
`,
        good: `[Interface]
PostUp = wg set %i private-key /etc/wireguard/wg0.key
Address = 10.10.0.7/32
PostUp = wg set %i peer Y6w6H8nSZzpRnlQ1zUlt/xVISTbl1lXMv03w0KYuY1c= preshared-key /etc/wireguard/wg0-hub.psk

# hub
[Peer]
PublicKey = Y6w6H8nSZzpRnlQ1zUlt/xVISTbl1lXMv03w0KYuY1c=
AllowedIPs = 10.10.0.30/32
`,
      },
    ],
  },

  check(node, _model, report) {
    // NetworkManager's profiles are files of root's with mode 0600, and have no other place for keys
    if (node.facts.dialect === 'networkmanager' || !entriesOf(node.facts).presharedKey) return;
    for (const peer of node.peers) {
      const key = peer.facts.presharedKey;
      if (!key?.value.sound || key.value.zero) continue;
      report({
        uri: node.uri,
        at: key.at,
        message: `The preshared key shared with ${peer.label} stands in this file, for everyone who reads it. Keep it in a file of its own, which only root reads.`,
      });
    }
  },

  fix(finding, context): readonly Fix[] {
    const { uri } = finding;
    const node = context.model.links.interfaceOf.get(uri);
    const peer = node?.peers.find(({ facts }) => facts.presharedKey?.at.statement === finding.statement);
    const line = finding.span;
    const from = context.span(uri, { statement: finding.statement, item: 1 });
    const publicKey = peer?.facts.publicKey?.value;
    if (!node || !peer || !line || !from || !publicKey || peer.facts.publicKeyIsSecret) return [];
    const fileName = pskFileName(node, peer);
    if (node.facts.dialect === 'networkd') {
      const path = joined(NETWORKD_KEYS, fileName);
      return [
        {
          title: `Move the key to ${fileName} beside this file, to be loaded from ${path} (for the group systemd-network to read)`,
          safety: 'review',
          preferred: true,
          edits: [{ uri, span: line, text: `PresharedKeyFile=${path}` }],
          moves: [{ uri, from, fileName }],
        },
      ];
    }
    const hook = addToInterface(context, uri, [pskHook(publicKey, joined(context.keyPath, fileName))]);
    if (!hook) return [];
    return [
      {
        title: `Move the key to ${fileName} beside this file, to be loaded from ${joined(context.keyPath, fileName)}`,
        safety: 'review',
        preferred: true,
        edits: [hook, { uri, span: wholeLine(context.text(uri), line.start), text: '' }],
        moves: [{ uri, from, fileName }],
      },
    ];
  },
};
