// A host that nobody can reach once its NAT has forgotten it.
import { isHubSide } from '../../mesh/addresses.ts';
import { type Address, parseAddress } from '../../net/address.ts';
import type { Fix } from '../../text/edit.ts';
import { files, hub, hubPeer, laptop } from '../example-mesh.ts';
import type { InterfaceRule } from '../rule.ts';
import { lineEnding } from './edits.ts';

export const missingKeepalive: InterfaceRule = {
  id: 'wireguard/missing-keepalive',
  severity: 'info',
  scope: 'interface',
  docs: {
    summary: 'A host that only dials out, to a peer that cannot dial it, sends no keepalive.',
    why: [
      'A NAT forgets a UDP flow after half a minute to a few minutes of silence, and from then on the peer cannot reach the host, until the host itself speaks. `PersistentKeepalive = 25` keeps the way open, and the last handshake fresh, so that a stale one means something.',
      '',
      'Only behind NAT, and that is what the files must show: the host has no ListenPort, dials a public address or a name, and the peer’s own file is here and has no Endpoint for it. A host that never has to be reached may do without: allow it there.',
    ].join('\n'),
    examples: [
      {
        bad: files({ hub: hub(), laptop: laptop({ peers: hubPeer.replace('PersistentKeepalive = 25\n', '') }) }),
        good: files({ hub: hub(), laptop: laptop() }),
      },
    ],
  },

  check(node, _model, report) {
    if (node.own.listenPort || isHubSide(node)) return;
    for (const { facts, remote, back, label } of node.peers) {
      if (facts.keepalive || !facts.endpoint || !remote || !back || back.endpoint) continue;
      const address = parseAddress(facts.endpoint.value.host);
      if (address && isPrivate(address)) continue;
      report({
        uri: node.uri,
        at: facts.endpoint.at,
        message: `${label} has no Endpoint for this host, so it can reach it only as long as the NAT on the way remembers it. Keep it open: PersistentKeepalive = 25.`,
      });
    }
  },

  fix(finding, context): readonly Fix[] {
    const text = context.text(finding.uri);
    const newline = text.indexOf('\n', finding.span.end);
    const at = newline < 0 ? text.length : newline + 1;
    const node = context.model.links.interfaceOf.get(finding.uri);
    const peer = node?.peers.find(({ facts }) => facts.endpoint?.at.statement === finding.statement);
    const last = peer?.facts.allowedIps.at(-1);
    const span = last && context.span(finding.uri, last.at);
    // behind AllowedIPs, where people look for it
    const lineEnd = span ? text.indexOf('\n', span.end) : -1;
    const place = span && span.end > at ? (lineEnd < 0 ? text.length : lineEnd + 1) : at;
    const eol = lineEnding(text);
    const open = place === text.length && !text.endsWith('\n');
    const edit = {
      uri: finding.uri,
      span: { start: place, end: place },
      text: open ? `${eol}PersistentKeepalive = 25` : `PersistentKeepalive = 25${eol}`,
    };
    return [{ title: 'Add PersistentKeepalive = 25', safety: 'safe', preferred: true, edits: [edit] }];
  },
};

/** Addresses of a local network, to which no NAT stands in the way. */
function isPrivate(address: Address): boolean {
  if (address.version === 6) return address.value >> 121n === 0x7en || address.value >> 118n === 0x3fan;
  const high = Math.floor(address.value / 2 ** 16);
  return high >> 8 === 10 || (high >= 0xac10 && high <= 0xac1f) || high === 0xc0a8 || high === 0xa9fe || high >> 8 === 127;
}
