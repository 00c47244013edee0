// A peer whose key is nobody's here, though its host is.
import { hostsWith } from '../../mesh/addresses.ts';
import { firstOf, isHost, masked } from '../../net/address.ts';
import { database, databasePeer, files, hub, laptop, laptopPeer, OTHER } from '../example-mesh.ts';
import type { InterfaceRule } from '../rule.ts';
import { rotatesAny } from './rotation-open.ts';

const stale = databasePeer.replace(/PublicKey = .*/, `PublicKey = ${OTHER}`);

export const unknownPeer: InterfaceRule = {
  id: 'mesh/unknown-peer',
  severity: 'warning',
  scope: 'interface',
  reads: 'mesh',
  docs: {
    summary: 'A peer has the address of a host that is here, and another key than that host.',
    why: 'The host’s own file says which public key it has, and it is not this one: the link cannot come up, and whoever has the private key of this entry connects in the host’s place. Mostly a key was changed on one side. Put the host’s key here. A peer whose host is not here at all is nothing unusual, and nothing is said of it; a second entry for one host is `mesh/rotation-open`.',
    examples: [
      {
        bad: files({ hub: hub({ peers: `${laptopPeer}\n${stale}` }), laptop: laptop(), database: database() }),
        good: files({ hub: hub({ peers: `${laptopPeer}\n${databasePeer}` }), laptop: laptop(), database: database() }),
      },
    ],
  },

  concerns: ({ peers }) => peers.some(({ remote, facts }) => remote === null && facts.publicKey !== null),

  check(node, model, report) {
    // whose address could it be
    if (node.mesh.interfaces.length < 2) return;
    for (const peer of node.peers) {
      const key = peer.facts.publicKey;
      if (peer.remote || !key?.value || peer.facts.publicKeyIsSecret || model.links.byKey.has(key.value) || rotatesAny(node, peer))
        continue;
      for (const { value } of peer.facts.allowedIps) {
        const prefix = masked(value);
        if (!isHost(prefix)) continue;
        const [other] = hostsWith(node.mesh, firstOf(prefix));
        if (!other || other.host === node.host || !other.publicKey || node.peers.some(({ remote }) => remote === other)) continue;
        report({
          uri: node.uri,
          at: key.at,
          message: `This is not ${other.host.name}’s key, whose address the peer has: its own file says ${other.publicKey.slice(0, 6)}…, so the link cannot come up. Put that key here.`,
          related: [{ uri: other.uri, ...(other.own.at ?? { statement: 0, item: 0 }), message: `${other.host.name} is here` }],
        });
        break;
      }
    }
  },
};
