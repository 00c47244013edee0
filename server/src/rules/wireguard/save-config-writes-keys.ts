// Keys are kept out of the file, and SaveConfig puts them in.
import type { InterfaceRule } from '../rule.ts';

export const saveConfigWritesKeys: InterfaceRule = {
  id: 'wireguard/save-config-writes-keys',
  severity: 'warning',
  scope: 'interface',
  docs: {
    summary: 'SaveConfig writes keys into the file that hooks load from elsewhere.',
    why: 'With `SaveConfig = true` wg-quick overwrites the config with the running state when the interface goes down: the private and preshared keys that hooks loaded from files then stand in it, comments are gone, and names in Endpoint are addresses.',
    examples: [
      {
        bad: '[Interface]\nAddress = 10.10.0.1/24\nPostUp = wg set %i private-key /etc/wireguard/%i.key\nSaveConfig = true\n',
        good: '[Interface]\nAddress = 10.10.0.1/24\nPostUp = wg set %i private-key /etc/wireguard/%i.key\nSaveConfig = false\n',
      },
    ],
  },

  check({ uri, own, peers }, _model, report) {
    if (!own.saveConfig?.value) return;
    if (!own.privateKeyFile && !peers.some(({ facts }) => facts.presharedKeyFile)) return;
    report({
      uri,
      at: { ...own.saveConfig.at, item: 1 },
      message:
        'When the interface goes down, this file is overwritten with the running state, the keys that hooks loaded among it. Write false, or keep the keys here.',
    });
  },

  fix: (finding) => [
    { title: 'Change to false', safety: 'review', preferred: true, edits: [{ uri: finding.uri, span: finding.span, text: 'false' }] },
  ],
};
