// A peer that no rule of the hub's firewall lets do anything.
import type { Host, MeshInterface } from '../../mesh/model.ts';
import { masked } from '../../net/address.ts';
import { addressesMeet, allAddresses, isOneAddress, noAddress } from '../../net/address-algebra.ts';
import { type AddressSet, addressSet } from '../../net/address-set.ts';
import type { NftablesFacts } from '../../nftables/facts.ts';
import type { Box } from '../../reach/box.ts';
import type { PeerFacts } from '../../wireguard/peer-facts.ts';
import type { RulesetRule } from '../rule.ts';
import { exampleConfig, exampleHub, soundForward, soundInput, withRule } from './example-hub.ts';
import { filtersAt, type Hook, isClosed, mayBeTunnel, seesWholeFirewall } from './host-filter.ts';
import { isReadable, passingAt } from './passings.ts';

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
PersistentKeepalive = 25
`;

export const peerWithoutRule: RulesetRule = {
  id: 'nftables/peer-without-rule',
  severity: 'info',
  scope: 'ruleset',
  reads: 'mesh',
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
    if (!host.interfaces.some(isLinked)) return;
    // told once: by the one ruleset of the host
    if ((model.rulesetsOf.get(host) ?? []).length !== 1 || !seesWholeFirewall(host, model) || !isReadable(facts)) return;
    for (const hook of ['input', 'forward'] as const satisfies readonly Hook[]) {
      if (!filtersAt(host, model, hook).some(({ read }) => isClosed(read))) return;
    }
    for (const { place, entry } of unserved(facts, host)) {
      const node = host.interfaces[place];
      const peer = node?.peers[entry];
      if (!node || !peer) continue;
      report({
        uri: node.uri,
        at: peer.facts.at,
        message: `No rule of this host accepts anything from or to ${peer.label}: its tunnel comes up and nothing passes. Add its rule, or remove the peer.`,
        related: [{ uri, statement: 0, item: 0, message: 'The ruleset' }],
      });
    }
  },
};

/** Whether another interface of its mesh is here. */
function isLinked({ mesh }: MeshInterface): boolean {
  return mesh.record.members.length > 1;
}

/** A peer of a host: the place of its interface, and of its entry there. */
interface PeerPlace {
  readonly place: number;
  readonly entry: number;
}

const kept = new WeakMap<NftablesFacts, { readonly inputs: readonly unknown[]; readonly found: readonly PeerPlace[] }>();

/** The peers for which no rule is; found out again only where the ruleset, or the entries of the host's own files, say something else. */
function unserved(facts: NftablesFacts, host: Host): readonly PeerPlace[] {
  const inputs = host.interfaces.flatMap((node) => [node.name, node.facts.peers, isLinked(node)]);
  const old = kept.get(facts);
  if (old?.inputs.length === inputs.length && old.inputs.every((input, i) => input === inputs[i])) return old.found;
  const waiting = waitingOf(host);
  for (let i = 0; waiting.size > 0; i++) {
    const passing = passingAt(facts, i);
    if (!passing) break;
    for (const box of passing.boxes) serve(waiting, host, box);
  }
  const found = [...new Set(waiting.values())];
  kept.set(facts, { inputs, found });
  return found;
}

interface WaitingPeer extends PeerPlace {
  readonly own: AddressSet;
}

/** The peers for which no rule was found yet: by their IPv4 address where they have one alone, since a large mesh has as many rules as peers. */
type Waiting = Map<number | PeerFacts, WaitingPeer>;

function waitingOf(host: Host): Waiting {
  const waiting: Waiting = new Map();
  host.interfaces.forEach((node, place) => {
    if (node.facts.peers.length < 2 || !isLinked(node)) return;
    node.facts.peers.forEach((peer, entry) => {
      const own = addressSet(peer.allowedIps.map(({ value }) => masked(value)));
      if (noAddress(own)) return;
      const [only] = own.v4;
      waiting.set(isOneAddress(own) && only ? only.from : peer, { place, entry, own });
    });
  });
  return waiting;
}

/** Takes out the peers that a box is for. A rule for everybody, such as one for the tunnel's port, is no rule for a peer. */
function serve(waiting: Waiting, host: Host, { iif, oif, sources, destinations }: Box): void {
  const serveSide = (addresses: AddressSet): void => {
    const [only] = addresses.v4;
    const single = isOneAddress(addresses) && only ? only.from : null;
    if (single !== null) waiting.delete(single);
    for (const [key, { own }] of waiting) {
      // single addresses are all looked up at once
      if (single !== null && typeof key === 'number') continue;
      if (addressesMeet(addresses, own)) waiting.delete(key);
    }
  };
  if ((sources !== allAddresses || iif.only !== null) && mayBeTunnel(host, iif)) serveSide(sources);
  if (destinations !== allAddresses && mayBeTunnel(host, oif)) serveSide(destinations);
}
