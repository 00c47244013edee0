// A link without a preshared key.
import { isHubSide } from '../../mesh/addresses.ts';
import type { MeshInterface, Peer } from '../../mesh/model.ts';
import type { TextEdit } from '../../text/edit.ts';
import type { PeerFacts } from '../../wireguard/peer-facts.ts';
import { wholeLine } from '../lines.ts';
import { loadsUnknown, mismatch } from '../mesh/preshared-key-mismatch.ts';
import type { FixContext, InterfaceRule } from '../rule.ts';
import { addToInterface, joined, lineEnding, NETWORKD_KEYS, pskFileName, pskHook } from './edits.ts';

export const missingPresharedKey: InterfaceRule = {
  id: 'wireguard/missing-preshared-key',
  severity: 'warning',
  scope: 'interface',
  docs: {
    summary: 'A peer has no preshared key.',
    why: [
      'Traffic that is recorded today can be read once somebody breaks the curve that WireGuard’s handshake rests on. A preshared key, mixed into the handshake by both ends, keeps it closed even then, and costs nothing while running.',
      '',
      'It belongs to one pair of hosts and must be the same at both ends: on one side only there is no handshake, and no message says why. Make it once (`wg genpsk`), bring it to both hosts by a safe way, and load it with `PostUp = wg set %i peer <PublicKey> preshared-key FILE`.',
      '',
      'A warning on a hub or where both ends are here; information on a client whose other end somebody else keeps.',
    ].join('\n'),
    examples: [
      {
        bad: `[Interface]
Address = 10.10.0.1/24
ListenPort = 51820

# laptop
[Peer]
PublicKey = 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ=
AllowedIPs = 10.10.0.7/32
`,
        good: `[Interface]
Address = 10.10.0.1/24
ListenPort = 51820
# make it once, the same for both hosts: (umask 077; wg genpsk > /etc/wireguard/wg0-laptop.psk)
PostUp = wg set %i peer 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ= preshared-key /etc/wireguard/wg0-laptop.psk

# laptop
[Peer]
PublicKey = 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ=
AllowedIPs = 10.10.0.7/32
`,
      },
    ],
  },

  check(node, _model, report) {
    if (loadsUnknown(node)) return;
    for (const peer of node.peers) {
      // where the other end has one, mesh/preshared-key-mismatch says so
      if (!lacks(peer.facts) || mismatch(node, peer)) continue;
      report({
        uri: node.uri,
        at: peer.facts.at,
        severity: isHubSide(node) || peer.remote ? 'warning' : 'info',
        message: `No preshared key with ${peer.label}: what is recorded of this link today can be read once its handshake’s curve is broken. Both ends need the same one (wg genpsk).`,
      });
    }
  },

  fix(finding, context) {
    const node = context.model.links.interfaceOf.get(finding.uri);
    const peer = node?.peers.find(({ facts }) => facts.at.statement === finding.statement);
    if (!node || !peer) return [];
    const here = hookEdit(context, node, peer);
    if (!here) return [];
    const other = peer.remote?.peers.find(({ facts }) => facts === peer.back);
    const there = peer.remote && other && lacks(other.facts) && !loadsUnknown(peer.remote) ? hookEdit(context, peer.remote, other) : null;
    const path = joined(node.facts.dialect === 'networkd' ? NETWORKD_KEYS : context.keyPath, pskFileName(node, peer));
    return [
      {
        title: there
          ? `Load a preshared key at both ends, here from ${path}`
          : `Load a preshared key from ${path} (the other end needs the same)`,
        safety: 'review',
        preferred: true,
        edits: there ? [here, there] : [here],
      },
    ];
  },
};

/** One of zeros is told by wireguard/weak-key, a secret in the public key's place by wireguard/key-in-two-roles. */
function lacks({ publicKey, publicKeyIsSecret, presharedKey, presharedKeyFile }: PeerFacts): boolean {
  return publicKey !== null && publicKey.value !== null && !publicKeyIsSecret && presharedKeyFile === null && presharedKey === null;
}

function hookEdit(context: FixContext, node: MeshInterface, peer: Peer): TextEdit | null {
  const publicKey = peer.facts.publicKey?.value;
  if (!publicKey || peer.facts.publicKeyIsSecret) return null;
  const { dialect } = node.facts;
  if (dialect === 'networkmanager') return null;
  if (dialect === 'networkd') return networkdEdit(context, node, peer);
  const path = joined(context.keyPath, pskFileName(node, peer));
  return addToInterface(context, node.uri, [
    `# make it once, the same for both hosts: (umask 077; wg genpsk > ${path})`,
    pskHook(publicKey, path),
  ]);
}

/** systemd.netdev(5): below the peer's public key. */
function networkdEdit(context: FixContext, node: MeshInterface, peer: Peer): TextEdit | null {
  const span = peer.facts.publicKey && context.span(node.uri, peer.facts.publicKey.at);
  if (!span) return null;
  const text = context.text(node.uri);
  const { end } = wholeLine(text, span.start);
  const path = joined(NETWORKD_KEYS, pskFileName(node, peer));
  const lines = [
    `# make it once, the same for both hosts: (umask 027; wg genpsk > ${path}; chgrp systemd-network ${path})`,
    `PresharedKeyFile=${path}`,
  ];
  const eol = lineEnding(text);
  const open = text[end - 1] !== '\n';
  return { uri: node.uri, span: { start: end, end }, text: `${open ? eol : ''}${lines.join(eol)}${open ? '' : eol}` };
}
