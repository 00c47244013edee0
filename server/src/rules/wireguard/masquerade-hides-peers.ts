// A hub that gives every packet its own address.
import { isHubSide } from '../../mesh/addresses.ts';
import { type HookRun, hookRuns, iptablesRule, isUp, nftText } from '../../mesh/hooks.ts';
import type { MeshInterface } from '../../mesh/model.ts';
import { databasePeer, hub, laptopPeer } from '../example-mesh.ts';
import type { InterfaceRule } from '../rule.ts';

const peers = `${laptopPeer}\n${databasePeer}`;
const hooks = (rule: string): string =>
  `PostUp = iptables -t nat -A POSTROUTING ${rule}\nPostDown = iptables -t nat -D POSTROUTING ${rule}\n`;

export const masqueradeHidesPeers: InterfaceRule = {
  id: 'wireguard/masquerade-hides-peers',
  severity: 'warning',
  scope: 'interface',
  docs: {
    summary: 'A hub masquerades what it forwards into the tunnel.',
    why: 'Masquerading replaces the sender’s address by the hub’s. For packets into the tunnel that means that every peer sees the hub and nobody else: no rule behind it can tell the laptop from the database, and no log says who it was. Towards the internet it is right: name that interface (`-o eth0`, `oifname "eth0"`). Nothing is said of rules that name another interface.',
    examples: [{ bad: hub({ peers, more: hooks('-o wg0 -j MASQUERADE') }), good: hub({ peers, more: hooks('-o eth0 -j MASQUERADE') }) }],
  },

  check(node, _model, report) {
    if (!isHubSide(node) || node.peers.length < 2) return;
    for (const run of hookRuns(node)) {
      if (!isUp(run.event) || !hides(node, run)) continue;
      report({
        uri: node.uri,
        at: run.at,
        message:
          'This gives packets from peer to peer the hub’s address: behind it no firewall rule and no log can tell one peer from another. Masquerade only what leaves the tunnel: name the outer interface (-o eth0).',
      });
    }
  },
};

function hides(node: MeshInterface, { command }: HookRun): boolean {
  const own = (name: string): boolean => name === '%i' || name === node.name || name === 'wg+' || name === 'wg*';
  const rule = iptablesRule(command);
  if (rule) {
    if (rule.table !== 'nat' || rule.chain !== 'POSTROUTING' || rule.action === 'delete' || !/^(MASQUERADE|SNAT)$/.test(rule.target ?? ''))
      return false;
    // a rule for one source or without an interface says too little
    return rule.out !== null && own(rule.out);
  }
  const out = /\boif(?:name)?\s+"?([^"\s]+)"?[^;]*\bmasquerade\b/.exec(nftText(command) ?? '')?.[1];
  return out !== undefined && own(out);
}
