// Two hosts of one mesh with the same address.
import { sharedAddresses } from '../../mesh/addresses.ts';
import { addressText, sameAddress } from '../../net/address.ts';
import { listed } from '../../text/words.ts';
import { database, databasePeer, files, hub, laptop, laptopPeer } from '../example-mesh.ts';
import type { MeshRule } from '../rule.ts';

const moved = databasePeer.replace('10.10.0.2/32', '10.10.0.2/32, 10.10.0.3/32');
const both = (own: string): string =>
  files({ hub: hub({ peers: `${laptopPeer}\n${moved}` }), laptop: laptop(), database: database({ own: `Address = ${own}\n` }) });

export const duplicateAddress: MeshRule = {
  id: 'mesh/duplicate-address',
  severity: 'warning',
  scope: 'mesh',
  docs: {
    summary: 'Two hosts of one mesh have the same address.',
    why: 'Each host that peers with both can send to one of them only, and takes packets from that address from one only: which one, its AllowedIPs decide, and the other is cut off. Give each host an address of its own. Interfaces of one host may share one; hosts of two meshes that share no key may have the same.',
    examples: [{ bad: both('10.10.0.2/32, 10.10.0.7/32'), good: both('10.10.0.2/32, 10.10.0.3/32') }],
  },

  check(mesh, _model, report) {
    for (const nodes of sharedAddresses(mesh)) {
      if (new Set(nodes.map(({ host }) => host)).size < 2) continue;
      const [first] = nodes;
      const address = first?.addresses.find((one) => nodes.every(({ addresses }) => addresses.some((own) => sameAddress(own, one))));
      if (!address) continue;
      // a private key in several files says that they are one host, or says worse
      if (new Set(nodes.map(({ publicKey, uri }) => publicKey ?? uri)).size < 2) continue;
      const places = nodes.flatMap((node) => {
        const at = node.own.addresses.find(({ value }) => sameAddress(value.address, address))?.at;
        return at ? [{ node, at }] : [];
      });
      for (const { node, at } of places) {
        const others = places.filter((one) => one.node.host !== node.host);
        const names = listed([...new Set(others.map((one) => one.node.host.name))], 'and', 3);
        report({
          uri: node.uri,
          at,
          message: `${addressText(address)} is ${names}’s address too: of two hosts with one address, others reach only one. Give each its own.`,
          related: others.map((one) => ({ uri: one.node.uri, ...one.at, message: `${one.node.host.name} has it` })),
        });
      }
    }
  },
};
