// Every user of the machine can read the file.
import type { MeshInterface } from '../../mesh/model.ts';
import type { InterfaceRule } from '../rule.ts';

export const readableSecret: InterfaceRule = {
  id: 'wireguard/readable-secret',
  severity: 'warning',
  scope: 'interface',
  docs: {
    summary: 'A file with a key in it can be read by every user of the machine.',
    why: 'wg-quick warns of it at start, where nobody looks: the mode of the file and that of its folder both let others in. Whoever reads the private key can be this host. `chmod 600` the file, or `chmod 700` its folder, as in /etc/wireguard. It speaks of the file as a whole, at its [Interface]; `wireguard/inline-private-key` is about the line. Nothing is said where the disk cannot be asked (in a browser, on Windows).',
    examples: [
      {
        bad: `-- open:wg0.conf --
[Interface]
PrivateKey = eAYap00TbHuzDyTLHCpiHcIYgH2m0omkHNBxwYtqOHY= # meshwarden: allow wireguard/inline-private-key -- a test’s key
Address = 10.10.0.1/24
`,
        good: `[Interface]
PrivateKey = eAYap00TbHuzDyTLHCpiHcIYgH2m0omkHNBxwYtqOHY= # meshwarden: allow wireguard/inline-private-key -- a test’s key
Address = 10.10.0.1/24
`,
      },
    ],
  },

  check(node, _model, report) {
    if (node.disk?.openToOthers !== true || !holdsSecret(node)) return;
    report({
      uri: node.uri,
      at: node.own.at ?? { statement: 0, item: 0 },
      message: `Every user of this machine can read this file, and it holds ${node.own.privateKey?.value.sound ? 'a private key' : 'a preshared key'}: chmod 600 it, or chmod 700 its folder.`,
    });
  },
};

/** Whether a private or preshared key that counts stands in the file itself. */
export function holdsSecret({ own, facts }: MeshInterface): boolean {
  const counts = (key: { readonly value: { readonly sound: boolean; readonly zero: boolean } } | null): boolean =>
    key?.value.sound === true && !key.value.zero;
  return counts(own.privateKey) || facts.peers.some(({ presharedKey }) => counts(presharedKey));
}
