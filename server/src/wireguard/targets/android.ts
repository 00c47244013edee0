// WireGuard for Android: com.wireguard.config, Config.parse. Hooks, Table, FwMark and SaveConfig are unknown to it.
import { type App, readAs } from './app.ts';
import { anything, endpoint, keyOf, listOf, numberOf, prefixes } from './checks.ts';
import type { TargetReader } from './target.ts';
import { isAddress } from './values.ts';

const key = keyOf(true);

/** InetAddresses.VALID_HOSTNAME. */
const HOST_NAME = /^(?=.{1,255}$)[0-9A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?(?:\.[0-9A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?)*\.?$/;

const app: App = {
  interfaceKeys: {
    address: prefixes,
    dns: listOf((item) => isAddress(item) || HOST_NAME.test(item), 'addresses and host names'),
    excludedapplications: anything,
    includedapplications: anything,
    listenport: numberOf(0, 65535, [], true),
    mtu: numberOf(0, 0x7fffffff, [], true),
    privatekey: key,
  },
  peerKeys: {
    allowedips: prefixes,
    endpoint,
    // Integer.parseInt: no “off”
    persistentkeepalive: numberOf(0, 65535, [], true),
    presharedkey: key,
    publickey: key,
  },
  needsInterface: true,
  needsPrivateKey: true,
  once: false,
};

export const readAsAndroid: TargetReader = (tree, text) => readAs(app, tree, text);
