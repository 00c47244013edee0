// What the apps do with a config that wg-quick takes. Told by analysis/targets.ts for those that the setting names.
import type { SyntaxRule } from '../rule.ts';

const named =
  'Only for the apps that `meshwarden.wireguard.targets` (on the command line `--targets`) names: `windows`, `macos`, `android`, `networkmanager-import`.';

export const targetRules: readonly SyntaxRule[] = [
  {
    id: 'wireguard/refused-by-target',
    severity: 'error',
    scope: 'syntax',
    docs: {
      summary: 'A line that an app the config is given to refuses.',
      why: `The apps read the same format more strictly than wg-quick: the phone and desktop apps know no hooks, \`Table\` (but for Windows), \`FwMark\` or \`SaveConfig\`, take ports up to 65535 only, want IPv6 endpoints in brackets and the private key in the file. ${named}`,
      examples: [
        {
          targets: ['android'],
          bad: '[Interface]\nPrivateKey = eAYap00TbHuzDyTLHCpiHcIYgH2m0omkHNBxwYtqOHY=\nAddress = 10.10.0.7/32\nFwMark = 0xca6c\n',
          good: '[Interface]\nPrivateKey = eAYap00TbHuzDyTLHCpiHcIYgH2m0omkHNBxwYtqOHY=\nAddress = 10.10.0.7/32\n',
        },
      ],
    },
  },
  {
    id: 'wireguard/dropped-by-target',
    severity: 'warning',
    scope: 'syntax',
    docs: {
      summary: 'A line that an app the config is given to drops without a word.',
      why: `NetworkManager’s import drops every hook, and so a kill switch that stands in one: the import says nothing, the tunnel comes up, and nothing keeps traffic in it. It drops \`DNS\` where there is no \`Address\` of its family. Windows runs hooks only where its administrator allowed them. ${named}`,
      examples: [
        {
          targets: ['networkmanager-import'],
          bad: '[Interface]\nPostUp = logger the tunnel is up\nAddress = 10.10.0.7/32\n',
          good: '[Interface]\nAddress = 10.10.0.7/32\n',
        },
      ],
    },
  },
];
