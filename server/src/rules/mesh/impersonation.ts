// A peer may send as somebody else: the danger that AllowedIPs is there to keep out.
import { forwardsFor, insideOwnNetwork, ownerAt } from '../../mesh/addresses.ts';
import { entriesOf } from '../../mesh/entries.ts';
import { type TrustedSource, trustedSources } from '../../mesh/filters.ts';
import type { MeshInterface, MeshModel, Peer } from '../../mesh/model.ts';
import { type Address, addressText, isHost, masked, type Prefix, prefixHolds, prefixText, sameAddress } from '../../net/address.ts';
import { none } from '../../text/statement.ts';
import { counted, listed } from '../../text/words.ts';
import { database, databasePeer, files, hub, laptop, laptopPeer } from '../example-mesh.ts';
import type { InterfaceRule, RelatedPlace } from '../rule.ts';
import { narrowingFixes } from '../wireguard/narrow.ts';

const unlisted = databasePeer.replace('10.10.0.2/32', '10.10.0.9/32');

const ruleset = `table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		ct state established,related accept
		udp dport 51820 accept
		limit rate 10/minute log prefix "input: "
	}

	chain forward {
		type filter hook forward priority filter; policy drop;
		ct state established,related accept
		iifname "wg0" ip saddr 10.10.0.7 tcp dport 443 accept
		iifname "wg0" ip saddr { 10.10.0.2, 10.10.0.9 } tcp dport 22 accept
		limit rate 10/minute log prefix "forward: "
	}
}
`;

export const impersonation: InterfaceRule = {
  id: 'mesh/impersonation',
  severity: 'warning',
  scope: 'interface',
  reads: 'rulesets',
  docs: {
    summary: 'A peer may send as an address of another host, or as one that a firewall rule trusts.',
    why: [
      'A packet is taken from a peer if that peer’s AllowedIPs own its source address. Where a wide entry owns an address of another host, whoever takes over the peer sends as that host, and every rule that trusts the address lets it in. No firewall rule can tell the two apart.',
      '',
      'The finding names the address, whose it is, and the rules that trust it. It speaks where that can be proved: the peer’s own file is here and it forwards for nobody, and by the longest prefix (of equal ones the last) the address is the peer’s.',
      '',
      'It stands in place of `wireguard/allowed-ips-too-broad`, which says how many addresses an entry holds where nobody is known to be among them. `mesh/allowed-ips-overlap` says which of two equal entries counts; `mesh/allowed-ips-not-peer` is about an entry for a single address.',
    ].join('\n'),
    examples: [
      {
        bad: files({
          hub: hub({ peers: `${laptopPeer.replace('10.10.0.7/32', '10.10.0.0/28')}\n${unlisted}` }),
          'hub/nftables.conf': ruleset,
          laptop: laptop(),
          database: database({ own: 'Address = 10.10.0.9/32\n' }),
          'meshwarden.jsonc': '{ "hosts": { "backup": { "addresses": ["10.10.0.2"] } } }\n',
        }),
        good: files({
          hub: hub({ peers: `${laptopPeer}\n${unlisted}` }),
          'hub/nftables.conf': ruleset,
          laptop: laptop(),
          database: database({ own: 'Address = 10.10.0.9/32\n' }),
          'meshwarden.jsonc': '{ "hosts": { "backup": { "addresses": ["10.10.0.2"] } } }\n',
        }),
      },
    ],
  },

  concerns: ({ facts }) => entriesOf(facts).wide,

  check(node, model, report) {
    for (const peer of node.peers) {
      for (const { value, at } of peer.facts.allowedIps) {
        const found = impersonated(node, model, peer, masked(value));
        if (!found) continue;
        const { hosts, trusted } = found;
        const shown = prefixText(masked(value));
        const whose =
          hosts.length > 0
            ? ` as ${listed(
                hosts.map(({ name, address }) => `${name} (${addressText(address)})`),
                'and',
                3,
              )}`
            : '';
        const by = [...new Map(trusted.map((one) => [addressText(one.address), one])).keys()];
        const rules =
          trusted.length > 0
            ? `${whose ? ', and' : ''} as ${listed(by, 'and', 3)}, which ${counted(trusted.length, 'firewall rule')} of this host ${trusted.length === 1 ? 'trusts' : 'trust'}`
            : '';
        report({
          uri: node.uri,
          at,
          message: `${shown} lets ${peer.label} send${whose}${rules}: no rule can tell them apart. Give ${peer.label} its own addresses alone.`,
          related: [
            ...trusted.slice(0, 4).map(
              ({ uri, statement, item, address }): RelatedPlace => ({
                uri,
                statement,
                item,
                message: `this rule trusts ${addressText(address)}`,
              }),
            ),
            ...hosts.slice(0, 4).map(
              ({ node: other, index }): RelatedPlace => ({
                uri: other.uri,
                ...(other.own.addresses[index]?.at ?? { statement: 0, item: 0 }),
                message: `${other.host.name} has this address`,
              }),
            ),
          ],
        });
      }
    }
  },

  fix: (finding, context) => narrowingFixes(finding, context),
};

interface Impersonated {
  readonly hosts: readonly { readonly name: string; readonly address: Address; readonly node: MeshInterface; readonly index: number }[];
  readonly trusted: readonly TrustedSource[];
}

type Owned = Impersonated['hosts'][number];

/** What is grouped by the peer that may send as it: asked of each of a hub’s wide entries, so found out for all peers together. */
function byOwner<T extends { readonly address: Address }>(node: MeshInterface, addresses: Iterable<T>): ReadonlyMap<Peer, readonly T[]> {
  const groups = new Map<Peer, T[]>();
  for (const one of addresses) {
    const owner = ownerAt(node, one.address);
    if (!owner) continue;
    const list = groups.get(owner);
    if (list) list.push(one);
    else groups.set(owner, [one]);
  }
  return groups;
}

const ownedHosts = new WeakMap<MeshInterface, ReadonlyMap<Peer, readonly Owned[]>>();

/** The addresses of other hosts in the mesh that a peer may send as. */
function hostsOf(node: MeshInterface, peer: Peer): readonly Owned[] {
  let found = ownedHosts.get(node);
  if (!found) {
    const others = node.mesh.interfaces.filter(({ host }) => host !== node.host);
    const all = others.flatMap((other) =>
      other.addresses.map((address, index): Owned => ({ name: other.host.name, address, node: other, index })),
    );
    found = byOwner(node, all);
    ownedHosts.set(node, found);
  }
  return found.get(peer) ?? none;
}

const ownedSources = new WeakMap<MeshModel, Map<MeshInterface, ReadonlyMap<Peer, readonly TrustedSource[]>>>();

/** The addresses that rules of this host trust and a peer may send as. */
function trustedOf(model: MeshModel, node: MeshInterface, peer: Peer): readonly TrustedSource[] {
  const all = ownedSources.get(model) ?? new Map<MeshInterface, ReadonlyMap<Peer, readonly TrustedSource[]>>();
  ownedSources.set(model, all);
  let found = all.get(node);
  if (!found) {
    found = byOwner(node, trustedSources(model, node.host));
    all.set(node, found);
  }
  return found.get(peer) ?? none;
}

/** Whom a peer may send as by an entry, besides itself; null where nobody is proved to be among them. */
export function impersonated(node: MeshInterface, model: MeshModel, peer: Peer, prefix: Prefix): Impersonated | null {
  const { remote } = peer;
  if (!remote || isHost(prefix) || prefix.length === 0 || !insideOwnNetwork(prefix, node) || forwardsFor(remote.record, node.record))
    return null;
  if (peer.statedRole && peer.statedRole !== 'spoke' && peer.statedRole !== 'mesh-node') return null;
  const own = remote.host.interfaces.flatMap(({ addresses }) => addresses);
  const taken = (address: Address): boolean => prefixHolds(prefix, address) && !own.some((one) => sameAddress(one, address));
  const hosts = hostsOf(node, peer).filter(({ node: other, address }) => other.host !== remote.host && taken(address));
  const seen = new Set<string>();
  const unique = hosts.filter(
    ({ name, address }) => !seen.has(`${name} ${addressText(address)}`) && seen.add(`${name} ${addressText(address)}`),
  );
  const ours = node.host.interfaces.flatMap(({ addresses }) => addresses);
  const trusted = trustedOf(model, node, peer).filter(({ address }) => taken(address) && !ours.some((one) => sameAddress(one, address)));
  return unique.length > 0 || trusted.length > 0 ? { hosts: unique, trusted } : null;
}
