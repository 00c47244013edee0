// A host's address is not among those that the others take from it.
import { isHubSide, ownerAt } from '../../mesh/addresses.ts';
import { type Address, addressText, masked, prefixHolds } from '../../net/address.ts';
import type { PeerFacts } from '../../wireguard/peer-facts.ts';
import { files, hub, laptop } from '../example-mesh.ts';
import type { InterfaceRule } from '../rule.ts';

export const addressOutsideNetwork: InterfaceRule = {
  id: 'mesh/address-outside-network',
  severity: 'warning',
  scope: 'interface',
  reads: 'mesh',
  docs: {
    summary: 'No peer takes packets from this host’s own address.',
    why: 'A peer takes a packet only if its source is in the AllowedIPs it has for the sender. Where every peer’s file is here and none lists this address, whatever is sent from it is dropped on arrival, and nothing can be sent to it. Give the host an address that its peers list, or list this one there.',
    examples: [
      { bad: files({ hub: hub(), laptop: laptop({ own: 'Address = 10.20.0.7/32\n' }) }), good: files({ hub: hub(), laptop: laptop() }) },
    ],
  },

  concerns: ({ party: { own }, facts, peers }) =>
    !isHubSide({ statedRole: own.statedRole, own: own.facts, facts }) &&
    // a peer whose file is not here, or which does not list this host, may know more
    peers.every(({ remote, back }) => remote !== null && back !== null) &&
    own.facts.addresses.some(({ value }) => !isListed(value.address, peers)),

  check(node, _model, report) {
    // a hub hands on what others send; nobody has to reach the hub itself
    if (isHubSide(node)) return;
    if (node.peers.length === 0) return;
    for (const { value, at } of node.own.addresses) {
      const { address } = value;
      const listed = node.peers.flatMap(({ back }) => back?.allowedIps ?? []).map((entry) => masked(entry.value));
      if (listed.length === 0 || isListed(address, node.peers)) continue;
      // a host without any entry of this version is spoken to in the other one only
      if (address.version === 6 && !listed.some(({ version }) => version === 6)) continue;
      // the address is another peer’s there: the rules about that line say so
      if (node.peers.some(({ remote }) => remote && ownerAt(remote, address))) continue;
      const [first] = node.peers;
      const entry = first?.back?.allowedIps[0];
      report({
        uri: node.uri,
        at,
        message: `No peer takes packets from ${addressText(address)}: it is not in the AllowedIPs that ${node.peers.length === 1 ? `${first?.label} has` : 'the peers have'} for this host, so all that is sent from it is dropped. Change the address, or list it there.`,
        related:
          first?.remote && entry ? [{ uri: first.remote.uri, ...entry.at, message: `what ${first.label} takes from this host` }] : [],
      });
    }
  },
};

/** Whether one of the peers takes packets from the address. */
function isListed(address: Address, peers: readonly { readonly back: PeerFacts | null }[]): boolean {
  return peers.some(({ back }) => back?.allowedIps.some(({ value }) => prefixHolds(masked(value), address)));
}
