// The private key stands in the config itself.
import type { Fix } from '../../text/edit.ts';
import type { InterfaceRule } from '../rule.ts';
import { fileNameOf, joined, lineEnding, NETWORKD_KEYS } from './edits.ts';

export const inlinePrivateKey: InterfaceRule = {
  id: 'wireguard/inline-private-key',
  severity: 'info',
  scope: 'interface',
  docs: {
    summary: 'The private key stands in the config file.',
    why: [
      'Whoever reads the file, its backup or its repository can be this host. A private key is best made on its host, kept in a file that only root reads, and never copied; then the config can be shown, reviewed and versioned.',
      '',
      'wg takes no path in `PrivateKey`. `PostUp = wg set %i private-key FILE` loads the key once the interface is up. What that costs: `wg syncconf` with the stripped file takes the key away again until the next start, and `SaveConfig = true` writes it back into the file.',
      '',
      'Information; a warning where others can read the file or git has it (`wireguard/readable-secret` and `wireguard/secret-in-git` say so of the file as a whole).',
    ].join('\n'),
    examples: [
      {
        bad: `[Interface]
PrivateKey = eAYap00TbHuzDyTLHCpiHcIYgH2m0omkHNBxwYtqOHY=
Address = 10.10.0.1/24
`,
        good: `[Interface]
PostUp = wg set %i private-key /etc/wireguard/wg0.key
# PublicKey = Y6w6H8nSZzpRnlQ1zUlt/xVISTbl1lXMv03w0KYuY1c=
Address = 10.10.0.1/24
`,
      },
      {
        bad: `-- wg0.netdev --
[NetDev]
Name=wg0
Kind=wireguard

[WireGuard]
PrivateKey=eAYap00TbHuzDyTLHCpiHcIYgH2m0omkHNBxwYtqOHY=
`,
        good: `-- wg0.netdev --
[NetDev]
Name=wg0
Kind=wireguard

[WireGuard]
PrivateKeyFile=/etc/systemd/network/wg0.key
# PublicKey = Y6w6H8nSZzpRnlQ1zUlt/xVISTbl1lXMv03w0KYuY1c=
`,
      },
    ],
  },

  check(node, _model, report) {
    const key = node.own.privateKey;
    // NetworkManager's profiles are files of root's with mode 0600, and have no other place for keys
    if (!key?.value.sound || key.value.zero || node.facts.dialect === 'networkmanager') return;
    // it was shown, and a new one is due: wireguard/key-in-two-roles
    if (node.peers.some(({ facts }) => facts.publicKeyIsSecret)) return;
    const seen = node.disk?.openToOthers === true || (node.disk?.tracked === true && node.disk.ignored !== true);
    report({
      uri: node.uri,
      at: key.at,
      severity: seen ? 'warning' : 'info',
      message:
        'The private key stands in this file: whoever reads the file, a backup or the repository can be this host. Keep it in a file of its own, which only root reads.',
    });
  },

  fix(finding, context): readonly Fix[] {
    const node = context.model.links.interfaceOf.get(finding.uri);
    const key = node?.own.privateKey;
    const line = finding.span;
    const from = context.span(finding.uri, { statement: finding.statement, item: 1 });
    if (!node || !key || !line || !from) return [];
    const fileName = `${fileNameOf(node.name)}.key`;
    const networkd = node.facts.dialect === 'networkd';
    const path = joined(networkd ? NETWORKD_KEYS : context.keyPath, fileName);
    const load = networkd ? `PrivateKeyFile=${path}` : `PostUp = wg set %i private-key ${path}`;
    const readers = networkd ? ' (for the group systemd-network to read)' : '';
    // the public key stays behind as a comment, so that the file still says whose it is
    const stated = key.value.publicKey ? `${lineEnding(context.text(finding.uri))}# PublicKey = ${key.value.publicKey}` : '';
    return [
      {
        title: `Move the key to ${fileName} beside this file, to be loaded from ${path}${readers}`,
        safety: 'review',
        preferred: true,
        edits: [{ uri: finding.uri, span: line, text: `${load}${stated}` }],
        moves: [{ uri: finding.uri, from, fileName }],
      },
    ];
  },
};
