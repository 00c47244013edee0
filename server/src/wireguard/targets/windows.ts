// WireGuard for Windows: conf/parser.go, FromWgQuick.
import { quoted } from '../../text/words.ts';
import { type App, type AppKey, readAs } from './app.ts';
import { endpoint, keyOf, listOf, numberOf, prefixes } from './checks.ts';
import type { TargetReader } from './target.ts';

/** base64.StdEncoding does not look at the spare bits. */
const key = keyOf(false);

const hook: AppKey = {
  check: (_, at, tell) =>
    tell(
      false,
      at,
      'runs no hook unless its administrator has allowed DangerousScriptExecution in the registry; what this hook does is missing there',
    ),
};

/** parseTableOff: off, auto, main or a number. */
const table: AppKey = {
  check: (value, at, tell) => {
    if (!/^(?:off|auto|main|[0-9]+)$/.test(value)) tell(true, at, `takes off, auto, main or a number here, not ${quoted(value)}`);
  },
};

const app: App = {
  interfaceKeys: {
    privatekey: key,
    listenport: numberOf(0, 65535, [], true),
    mtu: numberOf(576, 65535, [], true),
    address: prefixes,
    // addresses are resolvers, anything else is a search domain
    dns: listOf(() => true, ''),
    preup: hook,
    postup: hook,
    predown: hook,
    postdown: hook,
    table,
  },
  peerKeys: {
    publickey: key,
    presharedkey: key,
    allowedips: prefixes,
    persistentkeepalive: numberOf(0, 65535, ['off'], true),
    endpoint,
  },
  needsInterface: true,
  needsPrivateKey: true,
  once: false,
};

export const readAsWindows: TargetReader = (tree, text) => readAs(app, tree, text);
