// A peer may be more than itself.
import { insideOwnNetwork, isHubSide, narrowingEvidence } from '../../mesh/addresses.ts';
import { entriesOf } from '../../mesh/entries.ts';
import type { MeshInterface, MeshModel, Peer } from '../../mesh/model.ts';
import type { WrittenPrefix } from '../../net/address.ts';
import { hasHostBits, isHost, masked, prefixId, prefixText, sizeText } from '../../net/address.ts';
import { impersonated } from '../mesh/impersonation.ts';
import type { InterfaceRule, Severity } from '../rule.ts';
import { narrowingFixes } from './narrow.ts';

export const allowedIpsTooBroad: InterfaceRule = {
  id: 'wireguard/allowed-ips-too-broad',
  severity: 'warning',
  scope: 'interface',
  reads: 'rulesets',
  docs: {
    summary: 'AllowedIPs lets a peer be, or be sent, more addresses than its own.',
    why: [
      'WireGuard takes a packet from a peer only if its source address is in that peer’s AllowedIPs. On a hub this line is the only thing that says who a peer may be: with `10.0.0.0/24`, a taken laptop may send as the database, and every firewall rule that trusts the database’s address trusts the laptop.',
      '',
      'On the hub’s side (two peers or more, or a peer that is waited for) each host gets its own `/32`, in IPv6 `/128`. A network that lies behind a peer and outside the tunnel’s own network is fine. `0.0.0.0/0` makes a peer the way out for everybody.',
      '',
      'Where it can be proved whom the peer may send as, `mesh/impersonation` stands in place of this.',
      '',
      'On a client with one peer it is the route: the tunnel’s whole network there means that the client can reach, and be reached by, everyone. That is told as information, and as a warning where the rules on the other side show that it needs less.',
    ].join('\n'),
    examples: [
      {
        bad: `-- hub/wg0.conf --
[Interface]
Address = 10.10.0.1/24
ListenPort = 51820
PostUp = wg set %i private-key /etc/wireguard/wg0.key
PostUp = wg set %i peer 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ= preshared-key /etc/wireguard/laptop.psk

# laptop
[Peer]
PublicKey = 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ=
AllowedIPs = 10.10.0.0/24
-- laptop/wg0.conf --
# PublicKey = 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ=
[Interface]
Address = 10.10.0.7/32
`,
        good: `-- hub/wg0.conf --
[Interface]
Address = 10.10.0.1/24
ListenPort = 51820
PostUp = wg set %i private-key /etc/wireguard/wg0.key
PostUp = wg set %i peer 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ= preshared-key /etc/wireguard/laptop.psk

# laptop
[Peer]
PublicKey = 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ=
AllowedIPs = 10.10.0.7/32
-- laptop/wg0.conf --
# PublicKey = 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ=
[Interface]
Address = 10.10.0.7/32
`,
      },
    ],
  },

  concerns: ({ facts }) => entriesOf(facts).wide,

  check(node, model, report) {
    // the last peer that lists a prefix has it
    const owner = new Map<number | string, Peer>();
    // hosts are never too broad, and are most of all entries
    const wide = node.peers.filter(({ facts }) => facts.allowedIps.some(({ value }) => !isHost(masked(value))));
    for (const peer of wide) for (const { value } of peer.facts.allowedIps) owner.set(prefixId(masked(value)), peer);
    for (const peer of wide) {
      for (const { value, at } of peer.facts.allowedIps) {
        const judged = judge(node, model, peer, value, owner.get(prefixId(masked(value))) === peer);
        if (judged) report({ uri: node.uri, at, ...judged });
      }
    }
  },

  fix: (finding, context) => narrowingFixes(finding, context),
};

function judge(
  node: MeshInterface,
  model: MeshModel,
  peer: Peer,
  written: WrittenPrefix,
  owns: boolean,
): { severity: Severity; message: string } | null {
  const prefix = masked(written);
  // host bits that are cut off are told by wireguard/unmasked-host-bits, with the same mend
  if (isHost(prefix) || hasHostBits(written)) return null;
  const shown = prefixText(prefix);
  if (isHubSide(node)) {
    if (prefix.length === 0) {
      if (prefixHeldByExit(node)) return null;
      return {
        severity: 'warning',
        message: `${shown} makes ${peer.label} the way out for everyone: it may send as any address, and gets every packet that no other peer’s entry holds. Give it its own address, or say that it is the exit gateway (“# meshwarden: role = exit-gateway” in its [Peer]).`,
      };
    }
    if (!insideOwnNetwork(prefix, node) || impersonated(node, model, peer, prefix)) return null;
    return {
      severity: 'warning',
      message: owns
        ? `${shown} lets ${peer.label} send as any of ${sizeText(prefix)}, other hosts’ among them. AllowedIPs is who a peer may be: give it its own /${prefix.version === 4 ? 32 : 128}.`
        : `${shown} is written for ${peer.label} as well: ${sizeText(prefix)}, other hosts’ among them. AllowedIPs is who a peer may be: give it its own /${prefix.version === 4 ? 32 : 128}.`,
    };
  }
  // half of everything is the default route too: wireguard/split-default
  if (prefix.length <= 1 || !insideOwnNetwork(prefix, node)) return null;
  const evidence = peer.remote ? narrowingEvidence(model, node, peer, written) : null;
  if (evidence) {
    return {
      severity: 'warning',
      message: `${shown} opens the whole tunnel network, ${sizeText(prefix)}, through ${peer.label}, and this host needs ${evidence.addresses.length} of them (${evidence.why}). List the hosts it needs, each with /${prefix.version === 4 ? 32 : 128}.`,
    };
  }
  return {
    severity: 'info',
    message: `${shown} opens the whole tunnel network: through ${peer.label} this host can reach, and be reached by, all ${sizeText(prefix)}. List the hosts it needs, each with /${prefix.version === 4 ? 32 : 128}.`,
  };
}

/** Whether one peer is declared to be the way out, and no more than that one has the default route. */
function prefixHeldByExit(node: MeshInterface): boolean {
  const wide = node.peers.filter(({ facts }) => facts.allowedIps.some(({ value }) => value.length === 0));
  return wide.length === 1 && wide[0]?.statedRole === 'exit-gateway';
}
