// Two halves instead of a default route: the tunnel's own packets go into the tunnel.
import { masked, prefixKey } from '../../net/address.ts';
import { numericHost } from '../../net/numeric-host.ts';
import type { InterfaceRule } from '../rule.ts';

export const splitDefaultRoute: InterfaceRule = {
  id: 'wireguard/split-default-route',
  severity: 'warning',
  scope: 'interface',
  docs: {
    summary: 'The halves 0.0.0.0/1 and 128.0.0.0/1 route the tunnel’s own packets into the tunnel.',
    why: 'For `0.0.0.0/0` wg-quick sets a mark, a table of its own and the rules that keep the encrypted packets outside. For two halves it adds two plain routes: the Endpoint is behind them as well, and nothing gets out. (Clients on Windows take the halves for another reason.) Silent where a hook adds routes or rules, and with `Table`.',
    examples: [
      {
        bad: `[Interface]
Address = 10.10.0.7/32
PostUp = wg set %i peer Y6w6H8nSZzpRnlQ1zUlt/xVISTbl1lXMv03w0KYuY1c= preshared-key /etc/wireguard/hub.psk

[Peer]
PublicKey = Y6w6H8nSZzpRnlQ1zUlt/xVISTbl1lXMv03w0KYuY1c=
AllowedIPs = 0.0.0.0/1, 128.0.0.0/1
Endpoint = 192.0.2.1:51820
`,
        good: `[Interface]
Address = 10.10.0.7/32
PostUp = wg set %i peer Y6w6H8nSZzpRnlQ1zUlt/xVISTbl1lXMv03w0KYuY1c= preshared-key /etc/wireguard/hub.psk

[Peer]
PublicKey = Y6w6H8nSZzpRnlQ1zUlt/xVISTbl1lXMv03w0KYuY1c=
AllowedIPs = 0.0.0.0/0
Endpoint = 192.0.2.1:51820
`,
      },
    ],
  },

  check({ uri, own, peers }, _model, report) {
    if (own.table !== null && own.table !== 'auto' && own.table !== '') return;
    if (own.hooks.some(({ value }) => value.commands.some(({ does }) => does === 'ip'))) return;
    for (const { facts } of peers) {
      const { endpoint } = facts;
      const address = endpoint && numericHost(endpoint.value.host);
      if (!endpoint || address?.version === 6) continue;
      const halves = facts.allowedIps.filter(({ value }) => value.address.version === 4 && value.length === 1);
      if (new Set(halves.map(({ value }) => prefixKey(masked(value)))).size < 2 || !halves[0]) continue;
      report({
        uri,
        at: halves[0].at,
        message:
          'Two halves are two plain routes, and the Endpoint lies behind them: the tunnel’s own packets go into the tunnel. Write 0.0.0.0/0, for which wg-quick keeps them outside.',
        related: [{ uri, ...endpoint.at, message: 'the Endpoint' }],
      });
    }
  },
};
