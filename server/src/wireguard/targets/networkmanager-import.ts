// `nmcli connection import type wireguard`: nm-vpn-helpers.c, nm_vpn_wireguard_import. It drops all white space as wg does, and drops hooks.
import { parseAddress } from '../../net/address.ts';
import type { Span } from '../../text/span.ts';
import { quoted } from '../../text/words.ts';
import type { WireguardTree } from '../tree.ts';
import { type App, type AppKey, readAs } from './app.ts';
import { keyOf, listOf, numberOf, prefixes } from './checks.ts';
import { type AppLine, appLines, items } from './lines.ts';
import type { TargetProblem, TargetReader } from './target.ts';

const key = keyOf(true);

const HOOK =
  'drops hooks without a word, a kill switch among them; do what it does in nftables, or in a dispatcher script of NetworkManager';

const fwmark: AppKey = {
  check: (value, at, tell) => {
    // _nm_utils_ascii_str_to_int64 with base 0, up to 2^31 - 1
    if (value !== 'off' && !(/^(?:0x[0-9a-f]+|[0-9]+)$/i.test(value) && Number(value) <= 0x7fffffff))
      tell(true, at, `takes off or a number up to 0x7fffffff here, not ${quoted(value)}`);
  },
};

const table: AppKey = {
  check: (value, at, tell) => {
    if (!/^(?:auto|off|0x[0-9a-f]+|[0-9]+)$/i.test(value))
      tell(true, at, `takes auto, off or a number here, no name of a table: ${quoted(value)}`);
  },
};

/** nm-core-utils, _parse_endpoint: up to the bracket, or the last colon; IPv6 without brackets is taken. */
const endpoint: AppKey = {
  check: (value, at, tell) => {
    const port = Number(/^(?:\[[^\]]+\]|[^[].*):([0-9]+)$/.exec(value)?.[1]);
    if (!(port >= 1 && port <= 65535)) tell(true, at, `takes host:port here, the port a number from 1 to 65535, not ${quoted(value)}`);
  },
};

const app: App = {
  interfaceKeys: {
    privatekey: key,
    listenport: numberOf(0, 65535),
    fwmark,
    address: prefixes,
    mtu: numberOf(0, 0xffffffff),
    // since 1.30 a name is a search domain
    dns: listOf((item) => /^[\w.~-]+$/.test(item) || parseAddress(item) !== null, 'addresses and domains'),
    table,
  },
  peerKeys: { publickey: key, presharedkey: key, allowedips: prefixes, endpoint, persistentkeepalive: numberOf(0, 65535, ['off']) },
  dropped: {
    preup: HOOK,
    postup: HOOK,
    predown: HOOK,
    postdown: HOOK,
    saveconfig: 'pays no heed to SaveConfig: the profile is NetworkManager’s from then on',
  },
  needsInterface: false,
  needsPrivateKey: false,
  once: false,
  squeezes: true,
};

export const readAsNetworkManagerImport: TargetReader = (tree, text) => [...readAs(app, tree, text), ...droppedDns(tree, text)];

/** DNS is dropped where there is no Address of its family. */
function droppedDns(tree: WireguardTree, text: string): readonly TargetProblem[] {
  const entries = appLines(tree, text, true).filter((line): line is AppLine & { kind: 'entry' } => line.kind === 'entry');
  const listed = (name: string): readonly { readonly text: string; readonly at: Span }[] =>
    entries.filter((line) => line.key === name).flatMap(({ raw, valueAt }) => items(raw, valueAt));
  const families = new Set(listed('address').map(({ text: address }) => (address.includes(':') ? 6 : 4)));
  return listed('dns').flatMap(({ text: written, at }) => {
    const address = parseAddress(written);
    if (!address || families.has(address.version)) return [];
    return [
      { ...at, refuses: false, message: `drops this resolver without a word, since there is no Address of IPv${address.version}; add one` },
    ];
  });
}
