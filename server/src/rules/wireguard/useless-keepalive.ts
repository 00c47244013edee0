// A keepalive to a peer that this host cannot dial.
import { entriesOf } from '../../mesh/entries.ts';
import type { Fix } from '../../text/edit.ts';
import { hub, laptopPeer } from '../example-mesh.ts';
import { wholeLine } from '../lines.ts';
import type { InterfaceRule } from '../rule.ts';

export const uselessKeepalive: InterfaceRule = {
  id: 'wireguard/useless-keepalive',
  severity: 'hint',
  scope: 'interface',
  docs: {
    summary: 'A keepalive for a peer without an Endpoint.',
    why: 'Without an Endpoint there is nowhere to send it before the peer has spoken, and the NAT that must be kept open is at the peer’s end: PersistentKeepalive belongs in the peer’s own config. Widely read guides have it on both ends, so it is a hint.',
    examples: [{ bad: hub({ peers: `${laptopPeer}PersistentKeepalive = 25\n` }), good: hub() }],
  },

  check(node, _model, report) {
    if (!entriesOf(node.facts).keepalive) return;
    for (const { facts, label } of node.peers) {
      if (!facts.keepalive?.value || facts.endpoint) continue;
      report({
        uri: node.uri,
        at: facts.keepalive.at,
        message: `${label} has no Endpoint here, so there is nowhere to send a keepalive before it has spoken. It belongs in the config of ${label}, behind whose NAT the way must stay open.`,
      });
    }
  },

  fix(finding, context): readonly Fix[] {
    const edits = [{ uri: finding.uri, span: wholeLine(context.text(finding.uri), finding.span.start), text: '' }];
    return [{ title: 'Remove this keepalive', safety: 'safe', preferred: true, edits }];
  },
};
