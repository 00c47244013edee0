// A peer that no rule of the hub's firewall lets do anything.
import type { Host } from '../../mesh/model.ts';
import { masked } from '../../net/address.ts';
import { addressesMeet, allAddresses, noAddress } from '../../net/address-algebra.ts';
import { type AddressSet, addressSet } from '../../net/address-set.ts';
import type { Box } from '../../reach/box.ts';
import type { RulesetRule } from '../rule.ts';
import { exampleConfig, exampleHub, soundForward, soundInput, withRule } from './example-hub.ts';
import { eachPassing, filtersAt, type Hook, isClosed, isReadable, mayBeTunnel, seesWholeFirewall } from './host-filter.ts';

const config = exampleConfig.replace('[Interface]\n', '[Interface]\n# PublicKey = 0d4P4Ab3E0ek8HCxtjz/us01PTha+OSUmYOHZXWuzls=\n');
const input = withRule(soundInput, 'iifname "wg0" ip saddr 10.10.0.20 udp dport 53 accept');
const laptop = `-- laptop/etc/wireguard/wg0.conf --
# laptop
[Interface]
# PublicKey = 7WliykWGHEHnz1F6Tuad/va1YIotD4xaU6oYzOdhYFQ=
Address = 10.10.0.7/32
PostUp = wg set %i private-key /etc/wireguard/wg0.key
PostUp = wg set %i peer 0d4P4Ab3E0ek8HCxtjz/us01PTha+OSUmYOHZXWuzls= preshared-key /etc/wireguard/hub.psk

[Peer]
PublicKey = 0d4P4Ab3E0ek8HCxtjz/us01PTha+OSUmYOHZXWuzls=
Endpoint = 203.0.113.1:51820
AllowedIPs = 10.10.0.1/32
`;

export const peerWithoutRule: RulesetRule = {
  id: 'nftables/peer-without-rule',
  severity: 'info',
  scope: 'ruleset',
  docs: {
    summary: 'No rule of the hub lets this peer reach anything, or be reached.',
    why: [
      'The hub’s forward and input chains are closed, and no rule accepts anything from or to the addresses of this peer: its tunnel comes up, and nothing passes. Either its rule was forgotten, or the peer is not needed any more and its key should go.',
      '',
      'Told where another host’s file is here and the whole firewall can be read.',
    ].join('\n'),
    examples: [
      {
        bad: `${exampleHub({ config, input, forward: soundForward.filter((rule) => !rule.includes('saddr')) })}${laptop}`,
        good: `${exampleHub({ config, input })}${laptop}`,
      },
    ],
  },

  check({ uri, facts }, host, model, report) {
    if (!host.interfaces.some(({ mesh }) => mesh.interfaces.length > 1)) return;
    // told once: by the one ruleset of the host
    if ((model.rulesetsOf.get(host) ?? []).length !== 1 || !seesWholeFirewall(host, model) || !isReadable(facts)) return;
    for (const hook of ['input', 'forward'] as const satisfies readonly Hook[]) {
      if (!filtersAt(host, model, hook).some(({ read }) => isClosed(read))) return;
    }
    const open: Box[] = [];
    eachPassing(
      facts,
      ({ boxes }) => {
        for (const box of boxes) {
          open.push(box);
        }
      },
      true,
    );
    for (const node of host.interfaces) {
      if (node.peers.length < 2 || node.mesh.interfaces.length < 2) continue;
      for (const { facts: peer, label } of node.peers) {
        const own = addressSet(peer.allowedIps.map(({ value }) => masked(value)));
        if (noAddress(own) || open.some((box) => isFor(host, box, own))) continue;
        report({
          uri: node.uri,
          at: peer.at,
          message: `No rule of this host accepts anything from or to ${label}: its tunnel comes up and nothing passes. Add its rule, or remove the peer.`,
          related: [{ uri, statement: 0, item: 0, message: 'The ruleset' }],
        });
      }
    }
  },
};

/** A rule for everybody, such as one for the tunnel's port, is no rule for a peer. Whether a box lets the addresses send by a tunnel, or names them as those who get. */
function isFor(host: Host, { iif, oif, sources, destinations }: Box, own: AddressSet): boolean {
  const sends = (sources !== allAddresses || iif.only !== null) && addressesMeet(sources, own) && mayBeTunnel(host, iif);
  return sends || (destinations !== allAddresses && addressesMeet(destinations, own) && mayBeTunnel(host, oif));
}
