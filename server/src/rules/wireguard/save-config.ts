// wg-quick overwrites the config when the interface goes down.
import type { Fix } from '../../text/edit.ts';
import { laptop } from '../example-mesh.ts';
import type { InterfaceRule } from '../rule.ts';

export const saveConfig: InterfaceRule = {
  id: 'wireguard/save-config',
  severity: 'info',
  scope: 'interface',
  docs: {
    summary: 'The config is overwritten with the running state at each shutdown.',
    why: 'With `SaveConfig = true`, `wg-quick down` writes what runs over this file: comments are lost, names become addresses, a port that was chosen by chance is fixed, and what was edited while the interface was up is gone. Keys that hooks load from files are written into it, which is a warning. A file that is reviewed and versioned has `false`.',
    examples: [
      {
        bad: laptop({ own: 'Address = 10.10.0.7/32\nSaveConfig = true\n' }),
        good: laptop({ own: 'Address = 10.10.0.7/32\nSaveConfig = false\n' }),
      },
    ],
  },

  check(node, _model, report) {
    const { saveConfig: set, privateKeyFile } = node.own;
    if (!set?.value) return;
    const keys = privateKeyFile !== null || node.peers.some(({ facts }) => facts.presharedKeyFile !== null);
    report({
      uri: node.uri,
      at: set.at,
      severity: keys ? 'warning' : 'info',
      message: keys
        ? 'SaveConfig writes the running state over this file, and with it the keys that hooks load from files. Set it to false.'
        : 'SaveConfig writes the running state over this file at each shutdown: comments are lost, and so is what was edited meanwhile. Set it to false where people edit the file.',
    });
  },

  fix(finding, context): readonly Fix[] {
    const span = context.span(finding.uri, { statement: finding.statement, item: 1 });
    if (!span) return [];
    return [{ title: 'Set SaveConfig to false', safety: 'safe', preferred: true, edits: [{ uri: finding.uri, span, text: 'false' }] }];
  },
};
