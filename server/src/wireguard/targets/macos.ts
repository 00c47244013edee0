// WireGuard for macOS and iOS: TunnelConfiguration+WgQuickConfig.swift. Hooks, Table, FwMark and SaveConfig are unknown to it, and what
// counts once may be written once.
import { type App, readAs } from './app.ts';
import { endpoint, keyOf, listOf, numberOf, prefixes } from './checks.ts';
import type { TargetReader } from './target.ts';

const key = keyOf(true);

const app: App = {
  interfaceKeys: {
    privatekey: key,
    listenport: numberOf(0, 65535, [], true),
    address: prefixes,
    dns: listOf(() => true, '', true),
    mtu: numberOf(0, 65535, [], true),
  },
  peerKeys: {
    publickey: key,
    presharedkey: key,
    allowedips: prefixes,
    endpoint,
    // UInt16: no “off”
    persistentkeepalive: numberOf(0, 65535, [], true),
  },
  needsInterface: true,
  needsPrivateKey: true,
  once: true,
};

export const readAsMacos: TargetReader = (tree, text) => readAs(app, tree, text);
