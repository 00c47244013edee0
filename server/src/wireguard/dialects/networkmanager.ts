// The .nmconnection profiles of NetworkManager: nm-settings-keyfile(5), read by GKeyFile, which knows no `;` comments and refuses a whole
// file for one line that it cannot read.
import type { Damage } from '../../text/reuse.ts';
import type { WireguardTree } from '../tree.ts';
import { type IniManner, parseIni } from './ini.ts';
import { networkManagerHeaders } from './networkmanager-vocabulary.ts';

export const networkManagerManner: IniManner = {
  dialect: 'networkmanager',
  manager: 'NetworkManager',
  headers: networkManagerHeaders,
  comments: '#',
  continues: false,
  strict: true,
  separators: ';',
  credentials: false,
};

export function parseNetworkManager(text: string, old?: WireguardTree, damage?: Damage | null): WireguardTree {
  return parseIni(networkManagerManner, text, old, damage);
}
