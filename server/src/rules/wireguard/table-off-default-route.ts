// A default route that nothing takes.
import { isHubSide } from '../../mesh/addresses.ts';
import { hookRuns, ipWords, mayDoAnything } from '../../mesh/hooks.ts';
import { hubPeer, laptop } from '../example-mesh.ts';
import type { InterfaceRule } from '../rule.ts';

const config = (table: string): string =>
  laptop({ own: `Address = 10.10.0.7/32\nTable = ${table}\n`, peers: hubPeer.replace(/AllowedIPs = .*/, 'AllowedIPs = 0.0.0.0/0, ::/0') });

export const tableOffDefaultRoute: InterfaceRule = {
  id: 'wireguard/table-off-default-route',
  severity: 'info',
  scope: 'interface',
  docs: {
    summary: 'AllowedIPs hold everything, and Table keeps wg-quick from routing it.',
    why: 'With `Table = off` wg-quick adds no routes, with a number it adds them to a table that nobody asks: `0.0.0.0/0` then says what the peer may be, and diverts nothing. That is right where a routing daemon or a rule of the system does the rest, and then worth a comment; where it was meant as a full tunnel, everything leaves in the open. Nothing is said where a hook adds routes or routing rules.',
    examples: [{ bad: config('off'), good: config('off').replace('PostUp', 'PostUp = ip route add 192.0.2.0/24 dev %i\nPostUp') }],
  },

  check(node, _model, report) {
    const { table } = node.own;
    if (table === null || table === 'auto' || table === 'main' || isHubSide(node)) return;
    if (hookRuns(node).some(({ command }) => mayDoAnything(command) || ipWords(command))) return;
    for (const { facts, label } of node.peers) {
      const all = facts.allowedIps.find(({ value }) => value.length === 0);
      if (!all) continue;
      report({
        uri: node.uri,
        at: all.at,
        message: `Table = ${table} keeps wg-quick from routing anything through ${label}: what this entry holds leaves in the open, unless something else routes it.`,
      });
    }
  },
};
