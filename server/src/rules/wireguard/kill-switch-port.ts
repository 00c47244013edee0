// A kill switch lets out another port than the tunnel's.
import { hookRuns, iptablesRule, isUp, killSwitch, nftText } from '../../mesh/hooks.ts';
import { listed } from '../../text/words.ts';
import { fullTunnel } from '../example-tunnel.ts';
import type { InterfaceRule } from '../rule.ts';

const kill = (port: number): string =>
  `PostUp = nft add table inet ks; nft add chain inet ks out '{ type filter hook output priority 0; policy drop; }'; nft add rule inet ks out oifname "%i" accept; nft add rule inet ks out udp dport ${port} accept\nPostDown = nft delete table inet ks\n`;

export const killSwitchPort: InterfaceRule = {
  id: 'wireguard/kill-switch-port',
  severity: 'warning',
  scope: 'interface',
  docs: {
    summary: 'The kill switch lets a UDP port out that is not the Endpoint’s.',
    why: 'Then it drops the tunnel’s own packets as well: nothing gets out at all. Let the Endpoint’s port out, or better what carries the tunnel’s mark (`meta mark $(wg show %i fwmark) accept`), which holds for any port. Nothing is said where the hooks use the mark, or where another port than the tunnel’s is let out besides.',
    examples: [
      {
        bad: fullTunnel('0.0.0.0/0, ::/0', '', kill(51820).replace('51820', '51821')),
        good: fullTunnel('0.0.0.0/0, ::/0', '', kill(51820)),
      },
    ],
  },

  check(node, _model, report) {
    if (!killSwitch(node)?.length) return;
    const ports = node.peers.flatMap(({ facts }) => (facts.endpoint ? [facts.endpoint.value.port] : []));
    if (ports.length === 0 || ports.includes(null)) return;
    const runs = hookRuns(node).filter(({ event }) => isUp(event));
    const texts = runs.map(({ command }) => nftText(command) ?? iptablesRule(command)?.rest.join(' ') ?? '');
    if (texts.some((text) => /\bmark\b/.test(text))) return;
    const found = runs.flatMap((run, index) => {
      const rule = iptablesRule(run.command);
      if (rule && (rule.chain !== 'OUTPUT' || rule.target !== 'ACCEPT' || !rule.rest.includes('udp'))) return [];
      const port = (rule ? /--dport (\d+)/ : /\budp dport (\d+)\b.*\baccept\b/).exec(texts[index] ?? '')?.[1];
      return port ? [{ at: run.at, port: Number(port) }] : [];
    });
    if (found.length !== 1) return;
    const [{ at, port }] = found as [(typeof found)[number]];
    if (port === 53 || ports.includes(port)) return;
    report({
      uri: node.uri,
      at,
      message: `The kill switch lets UDP port ${port} out, and the Endpoint’s port is ${listed([...new Set(ports)].map(String))}: the tunnel’s own packets are dropped, and nothing gets out. Let that port out, or packets with the tunnel’s mark.`,
    });
  },
};
