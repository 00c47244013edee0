// A rule for a source that cryptokey routing drops before it.
import { isNobodys, knownAddresses, meshesOf } from '../../mesh/addresses.ts';
import type { Host, MeshInterface } from '../../mesh/model.ts';
import { addressesMeet, allAddresses, unitedAddresses } from '../../net/address-algebra.ts';
import { type AddressSet, noAddresses } from '../../net/address-set.ts';
import { readChains } from '../../reach/chains.ts';
import { interfacesHold } from '../../reach/interfaces.ts';
import type { Reading } from '../../reach/reading.ts';
import type { RulesetRule } from '../rule.ts';
import { exampleHub, soundForward, withRule } from './example-hub.ts';
import { arrivingFrom, isTunnelOnly } from './host-filter.ts';

export const deadForMesh: RulesetRule = {
  id: 'nftables/dead-for-mesh',
  severity: 'warning',
  scope: 'ruleset',
  reads: 'mesh',
  docs: {
    summary: 'No packet with this source can come out of the tunnel.',
    why: [
      'WireGuard drops a packet whose source is in no AllowedIPs of the interface’s peers, before nftables sees it. A rule for such a source on that interface never matches: what was meant to be let through is not, or the rule guards against what cannot come.',
      '',
      'Give the peer the address in AllowedIPs, or correct the rule.',
    ].join('\n'),
    examples: [
      {
        bad: exampleHub({
          forward: withRule(soundForward, 'iifname "wg0" oifname "wg0" ip saddr 192.168.7.0/24 ip daddr 10.10.0.20 tcp dport 22 accept'),
        }),
        good: exampleHub({ forward: soundForward }),
      },
    ],
  },

  check({ uri, facts }, host, _model, report) {
    if (host.interfaces.every(({ peers }) => peers.length === 0)) return;
    for (const { chain, readings } of readChains(facts)) {
      readings.forEach((reading, index) => {
        const dead = deadTunnel(host, reading);
        if (!dead) return;
        report({
          uri,
          at: { statement: chain.rules[index] as number, item: 0 },
          message: `No peer of ${dead.name} may send from there: cryptokey routing drops it before this rule, which never matches. Add the source to the peer’s AllowedIPs, or correct the rule.`,
          related: dead.own.at ? [{ uri: dead.uri, ...dead.own.at, message: `The peers of ${dead.name}` }] : [],
        });
      });
    }
  },
};

const memo = new WeakMap<Reading, { readonly host: Host; readonly dead: MeshInterface | null }>();

function deadTunnel(host: Host, reading: Reading): MeshInterface | null {
  const old = memo.get(reading);
  if (old?.host === host) return old.dead;
  const dead = findDead(host, reading);
  memo.set(reading, { host, dead });
  return dead;
}

const arriving = new WeakMap<MeshInterface, AddressSet>();

function findDead(host: Host, { arms, matches, fact }: Reading): MeshInterface | null {
  // a drop for what cannot come is a second lock, and no mistake
  if (arms.some(({ outcome }) => outcome !== 'accept')) return null;
  let tunnel: MeshInterface | null = null;
  for (const { iif, sources } of matches) {
    if (sources === allAddresses || !isTunnelOnly(host, iif)) return null;
    let all = noAddresses;
    for (const node of host.interfaces) {
      if (!interfacesHold(iif, node.name)) continue;
      // a tunnel without peers here gets them elsewhere
      if (node.peers.length === 0) return null;
      tunnel ??= node;
      let own = arriving.get(node);
      if (!own) {
        own = arrivingFrom(node);
        arriving.set(node, own);
      }
      all = all === noAddresses ? own : unitedAddresses(all, own);
    }
    // of a family that no peer speaks nothing comes anyway, in rules for both as in this one
    if ((sources.v4.length === 0 && all.v6.length === 0) || (sources.v6.length === 0 && all.v4.length === 0)) return null;
    if (addressesMeet(sources, all)) return null;
  }
  // an address that nobody has is told by nftables/unknown-address
  const known = meshesOf(host).map(knownAddresses);
  return fact.addresses.some(({ address }) => known.some((mesh) => isNobodys(mesh, address))) ? null : tunnel;
}
