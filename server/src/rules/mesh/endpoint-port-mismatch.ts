// A peer is dialled at a port it does not listen on.
import type { MeshInterface } from '../../mesh/model.ts';
import type { Fix } from '../../text/edit.ts';
import { files, hub, hubPeer, laptop } from '../example-mesh.ts';
import type { InterfaceRule } from '../rule.ts';

export const endpointPortMismatch: InterfaceRule = {
  id: 'mesh/endpoint-port-mismatch',
  severity: 'warning',
  scope: 'interface',
  reads: 'mesh',
  docs: {
    summary: 'An Endpoint’s port is not the one the peer listens on.',
    why: 'The handshake goes to a port where nobody waits, and no message says so. Write the peer’s ListenPort. Where several hosts dial the peer at the same other port, a router in front of it most likely hands that port on: then nothing is said, and where only one host dials, allow it with that as the reason.',
    examples: [
      {
        bad: files({ hub: hub(), laptop: laptop({ peers: hubPeer.replace(':51820', ':51821') }) }),
        good: files({ hub: hub(), laptop: laptop() }),
      },
    ],
  },

  concerns: ({ peers }) =>
    peers.some(({ facts, remote }) => remote !== null && misses(facts.endpoint?.value.port, remote.own.facts.listenPort?.value)),

  check(node, _model, report) {
    for (const { remote, facts, label } of node.peers) {
      const endpoint = facts.endpoint;
      const listens = remote?.own.listenPort?.value;
      if (!remote || !endpoint?.value.port || !listens || !misses(endpoint.value.port, listens)) continue;
      if (dialled(remote).filter((port) => port === endpoint.value.port).length > 1) continue;
      report({
        uri: node.uri,
        at: { statement: endpoint.at.statement, item: 2 },
        message: `${label} listens on port ${listens}, not ${endpoint.value.port}: the handshake goes where nobody waits. Write ${listens}, unless something in front of ${label} hands the port on.`,
        related: remote.own.listenPort ? [{ uri: remote.uri, ...remote.own.listenPort.at, message: `${label}’s port` }] : [],
      });
    }
  },

  fix(finding, context): readonly Fix[] {
    const node = context.model.links.interfaceOf.get(finding.uri);
    const peer = node?.peers.find(({ facts }) => facts.endpoint?.at.statement === finding.statement);
    const port = peer?.remote?.own.listenPort?.value;
    if (!port) return [];
    const edits = [{ uri: finding.uri, span: finding.span, text: String(port) }];
    return [{ title: `Change to ${port}, the port that ${peer.label} listens on`, safety: 'safe', preferred: true, edits }];
  },
};

/** The ports that the hosts here dial an interface at. */
export function dialled(node: MeshInterface): readonly number[] {
  return node.peers.flatMap(({ back }) => (back?.endpoint?.value.port ? [back.endpoint.value.port] : []));
}

/** Whether a port that is dialled is another than the one that is listened on. */
function misses(dialled: number | null | undefined, listens: number | null | undefined): boolean {
  return Boolean(dialled && listens && dialled !== listens);
}
