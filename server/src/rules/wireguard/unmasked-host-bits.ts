// An address with a shorter length than its own: wg cuts it to the network.
import { narrowingEvidence } from '../../mesh/addresses.ts';
import { entriesOf } from '../../mesh/entries.ts';
import { addressText, hasHostBits, masked, prefixText, sizeText } from '../../net/address.ts';
import type { Fix } from '../../text/edit.ts';
import type { InterfaceRule } from '../rule.ts';
import { entryAt, narrowingFixes } from './narrow.ts';

export const unmaskedHostBits: InterfaceRule = {
  id: 'wireguard/unmasked-host-bits',
  severity: 'warning',
  scope: 'interface',
  docs: {
    summary: 'An AllowedIPs entry names a host, but its length makes it the whole network.',
    why: '`AllowedIPs = 10.10.0.7/24` reads like one host and is the whole of `10.10.0.0/24`: wg cuts off the host bits, with a warning that nobody sees at boot. Write `/32` (IPv6 `/128`) for one host, or the network’s own address if the network is meant.',
    examples: [
      {
        bad: `[Interface]
Address = 10.10.0.1/24
ListenPort = 51820
PostUp = wg set %i peer 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ= preshared-key /etc/wireguard/laptop.psk

# laptop
[Peer]
PublicKey = 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ=
AllowedIPs = 10.10.0.7/24
`,
        good: `[Interface]
Address = 10.10.0.1/24
ListenPort = 51820
PostUp = wg set %i peer 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ= preshared-key /etc/wireguard/laptop.psk

# laptop
[Peer]
PublicKey = 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ=
AllowedIPs = 10.10.0.7/32
`,
      },
    ],
  },

  check(node, _model, report) {
    if (!entriesOf(node.facts).wide) return;
    for (const peer of node.peers) {
      for (const { value, at } of peer.facts.allowedIps) {
        if (!hasHostBits(value)) continue;
        const network = masked(value);
        report({
          uri: node.uri,
          at,
          message: `${addressText(value.address)}/${value.length} is taken as ${prefixText(network)}: ${peer.label} may be any of its ${sizeText(network)}. Write /${network.version === 4 ? 32 : 128} for one host.`,
        });
      }
    }
  },

  fix(finding, context) {
    const entry = entryAt(context, finding);
    const span = entry && context.span(finding.uri, entry.at);
    if (!entry || !span) return [];
    const network = prefixText(masked(entry.written));
    const asTaken: Fix = {
      title: `Write ${network}, which is what wg takes it for`,
      safety: 'safe',
      preferred: narrowingEvidence(context.model, entry.node, entry.peer, entry.written) === null,
      edits: [{ uri: finding.uri, span, text: network }],
    };
    return [...narrowingFixes(finding, context), asTaken];
  },
};
