// This end lists the other, and the other does not list this one.
import type { MeshInterface, Peer } from '../../mesh/model.ts';
import { addressText, isHost, masked, sameAddress } from '../../net/address.ts';
import type { Fix } from '../../text/edit.ts';
import { database, databasePeer, files, hub, LAPTOP, laptop } from '../example-mesh.ts';
import type { InterfaceRule } from '../rule.ts';
import { lineEnding } from '../wireguard/edits.ts';

export const oneSidedLink: InterfaceRule = {
  id: 'mesh/one-sided-link',
  severity: 'warning',
  scope: 'interface',
  reads: 'mesh',
  docs: {
    summary: 'A peer’s own file is here and has no entry for this host.',
    why: 'WireGuard answers only whom it knows: without an entry for this host’s public key the peer drops its handshakes, silently. Add this host there, or take the peer out here. The fix adds it with this host’s own addresses.',
    examples: [
      {
        bad: files({ hub: hub({ peers: databasePeer }), database: database(), laptop: laptop() }),
        good: files({
          hub: hub({ peers: `${databasePeer}\n# laptop\n[Peer]\nPublicKey = ${LAPTOP}\nAllowedIPs = 10.10.0.7/32\n` }).replace(
            ` peer ${LAPTOP} preshared-key /etc/wireguard/7wl.psk\n`,
            `\n# the same key as at laptop: bring it to /etc/wireguard/wg0-laptop.psk (mode 0600)\nPostUp = wg set %i peer ${LAPTOP} preshared-key /etc/wireguard/wg0-laptop.psk\n`,
          ),
          database: database(),
          laptop: laptop(),
        }),
      },
    ],
  },

  concerns: ({ peers }) => peers.some(({ remote, back }) => remote !== null && back === null),

  check(node, _model, report) {
    // only a key that is known can be missed
    if (!node.publicKey) return;
    for (const { remote, back, label, facts } of node.peers) {
      // an entry with our address and another key is mesh/unknown-peer's, over there
      if (!remote || back || !facts.publicKey || remote.peers.some((peer) => !peer.remote && namesUs(node, peer))) continue;
      report({
        uri: node.uri,
        at: facts.publicKey.at,
        message: `${label} has no entry for this host (its key here is ${node.publicKey.slice(0, 6)}…), so it drops this host’s handshakes: the link cannot come up. Add this host there.`,
        related: [{ uri: remote.uri, ...(remote.own.at ?? { statement: 0, item: 0 }), message: `${label} is here` }],
      });
    }
  },

  fix(finding, context): readonly Fix[] {
    const node = context.model.links.interfaceOf.get(finding.uri);
    const peer = node?.peers.find(({ facts }) => facts.publicKey?.at.statement === finding.statement);
    if (!node?.publicKey || !peer?.remote || node.addresses.length === 0) return [];
    const { uri } = peer.remote;
    const text = context.text(uri);
    const eol = lineEnding(text);
    const prefixes = node.addresses.map((address) => `${addressText(address)}/${address.version === 4 ? 32 : 128}`).join(', ');
    const lines = ['', `# ${node.host.name}`, '[Peer]', `PublicKey = ${node.publicKey}`, `AllowedIPs = ${prefixes}`, ''];
    const start = text.length;
    const edit = { uri, span: { start, end: start }, text: `${text.endsWith('\n') || text === '' ? '' : eol}${lines.join(eol)}` };
    return [{ title: `Add this host as a peer of ${peer.label} (${prefixes})`, safety: 'review', preferred: true, edits: [edit] }];
  },
};

function namesUs(node: MeshInterface, { facts }: Peer): boolean {
  return facts.allowedIps.some(({ value }) => isHost(masked(value)) && node.addresses.some((own) => sameAddress(own, value.address)));
}
