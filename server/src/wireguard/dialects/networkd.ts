// The .netdev and .network files of systemd-networkd, and their drop-ins: systemd.netdev(5), systemd.network(5), systemd.syntax(7).
import type { Damage } from '../../text/reuse.ts';
import type { WireguardTree } from '../tree.ts';
import { type IniManner, parseIni } from './ini.ts';
import { networkdHeaders } from './networkd-vocabulary.ts';

export const networkdManner: IniManner = {
  dialect: 'networkd',
  manager: 'networkd',
  headers: networkdHeaders,
  comments: '#;',
  continues: true,
  strict: false,
  separators: ',',
  credentials: true,
};

export function parseNetworkd(text: string, old?: WireguardTree, damage?: Damage | null): WireguardTree {
  return parseIni(networkdManner, text, old, damage);
}
