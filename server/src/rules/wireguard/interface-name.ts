// A file's name that wg-quick does not take for that of an interface.
import { locationOf } from '../../mesh/location.ts';
import { isTemplateName } from '../../wireguard/dialects/template.ts';
import type { InterfaceRule } from '../rule.ts';

/** wg-quick/linux.bash, parse_options. */
const NAME = /^[a-zA-Z0-9_=+.-]{1,15}\.conf$/;

export const interfaceName: InterfaceRule = {
  id: 'wireguard/interface-name',
  severity: 'error',
  scope: 'interface',
  docs: {
    summary: 'The file’s name is no name for an interface.',
    why: 'wg-quick names the interface by the file, and takes 1 to 15 letters, digits or `_ = + . -` with `.conf` behind, in small letters: “The config file must be a valid interface name, followed by .conf”. An error in a folder that wg-quick reads from; elsewhere, where a config may be on its way to another host or app, information.',
    examples: [
      {
        bad: '-- etc/wireguard/full-tunnel-to-work.conf --\n[Interface]\nAddress = 10.10.0.7/32\n',
        good: '-- etc/wireguard/work.conf --\n[Interface]\nAddress = 10.10.0.7/32\n',
      },
    ],
  },

  check({ uri, facts }, _model, report) {
    const { fileName, folder } = locationOf(uri);
    if (facts.dialect !== 'wg-quick' || NAME.test(fileName) || isTemplateName(fileName)) return;
    const stem = fileName.replace(/\.conf$/i, '');
    const wrong = /[^a-zA-Z0-9_=+.-]/.exec(stem)?.[0];
    const why =
      stem.length > 15
        ? `it has ${stem.length} characters before .conf, and an interface’s name has 15 at the most`
        : wrong
          ? `${wrong === ' ' ? 'a space' : `“${wrong}”`} may not stand in an interface’s name`
          : 'its suffix must be .conf, in small letters';
    const read = /\/(wireguard|amneziawg)$/i.test(folder);
    report({
      uri,
      at: facts.interface.at ?? facts.peers[0]?.at ?? { statement: 0, item: 0 },
      severity: read ? 'error' : 'info',
      refusedBy: 'wg-quick',
      message: `wg-quick refuses this file for its name: ${why}. Rename the file, as in wg0.conf.`,
    });
  },
};
