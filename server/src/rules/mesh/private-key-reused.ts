// One private key in the files of several hosts.
import { sameAddress } from '../../net/address.ts';
import { listed } from '../../text/words.ts';
import { files } from '../example-mesh.ts';
import type { InterfaceRule } from '../rule.ts';

const config = (address: string, more = ''): string =>
  `[Interface]\n${more}# meshwarden: allow wireguard/inline-private-key -- a test’s key\nPrivateKey = eAYap00TbHuzDyTLHCpiHcIYgH2m0omkHNBxwYtqOHY=\nAddress = ${address}\n`;

export const privateKeyReused: InterfaceRule = {
  id: 'mesh/private-key-reused',
  severity: 'warning',
  scope: 'interface',
  reads: 'mesh',
  docs: {
    summary: 'Several hosts have the same private key.',
    why: 'A private key is who a host is. With the same one, two hosts are one peer to everybody: they take the link from each other with every handshake, and no other host can tell them apart or shut one of them out. Mostly a config was copied. Make a key on each host (`wg genkey`). Nothing is said of files with the same addresses too: those are copies of one host’s.',
    examples: [
      {
        bad: files({ app: config('10.10.0.20/32'), backup: config('10.10.0.21/32') }),
        good: files({
          app: config('10.10.0.20/32'),
          backup: '[Interface]\nPostUp = wg set %i private-key /etc/wireguard/wg0.key\nAddress = 10.10.0.21/32\n',
        }),
      },
    ],
  },

  concerns: ({ party }) => party.own.facts.privateKey !== null,

  check(node, model, report) {
    const key = node.own.privateKey;
    const publicKey = key?.value.publicKey;
    if (!key || !publicKey) return;
    const others = (model.links.byKey.get(publicKey) ?? []).filter(
      (other) =>
        other !== node &&
        other.host !== node.host &&
        other.own.privateKey !== null &&
        !(
          other.addresses.length === node.addresses.length &&
          other.addresses.every((one) => node.addresses.some((own) => sameAddress(own, one)))
        ),
    );
    if (others.length === 0) return;
    const names = [...new Set(others.map(({ host }) => host.name))];
    report({
      uri: node.uri,
      at: key.at,
      message: `${listed(names, 'and', 4)} ${names.length === 1 ? 'has' : 'have'} this private key too: to everybody they are one peer, and take the link from each other. Make a key on each host (wg genkey).`,
      related: others
        .slice(0, 4)
        .flatMap(({ uri, own, host }) => (own.privateKey ? [{ uri, ...own.privateKey.at, message: `the same key, at ${host.name}` }] : [])),
    });
  },
};
