// A rule for a source that cryptokey routing drops before it.
import { isNobodys, knownAddresses, meshesOf } from '../../mesh/addresses.ts';
import type { Host, MeshInterface } from '../../mesh/model.ts';
import type { HostRecord } from '../../mesh/record.ts';
import { addressesMeet, allAddresses, differingAddresses, unitedAddresses } from '../../net/address-algebra.ts';
import { type AddressSet, noAddresses } from '../../net/address-set.ts';
import type { NftablesFacts } from '../../nftables/facts.ts';
import type { Box } from '../../reach/box.ts';
import { type ReadChain, readChains } from '../../reach/chains.ts';
import { interfacesHold } from '../../reach/interfaces.ts';
import type { Reading } from '../../reach/reading.ts';
import type { RulesetRule } from '../rule.ts';
import { exampleHub, soundForward, withRule } from './example-hub.ts';
import { arrivingFrom, isTunnelOnly } from './host-filter.ts';

export const deadForMesh: RulesetRule = {
  id: 'nftables/dead-for-mesh',
  severity: 'warning',
  scope: 'ruleset',
  reads: 'addresses',
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
    if (host.interfaces.every(({ facts: { peers } }) => peers.length === 0)) return;
    const known = meshesOf(host).map(knownAddresses);
    const messages = host.interfaces.map(messageOf);
    for (const { statement, tunnel, fact } of deadIn(facts, tunnelsOf(host))) {
      // an address that nobody has is told by nftables/unknown-address
      if (fact.addresses.some(({ address }) => known.some((mesh) => isNobodys(mesh, address)))) continue;
      const dead = host.interfaces[tunnel] as MeshInterface;
      report({
        uri,
        at: { statement, item: 0 },
        message: messages[tunnel] as string,
        related: dead.own.at ? [{ uri: dead.uri, ...dead.own.at, message: `The peers of ${dead.name}` }] : [],
      });
    }
  },
};

function messageOf({ name }: MeshInterface): string {
  return `No peer of ${name} may send from there: cryptokey routing drops it before this rule, which never matches. Add the source to the peer’s AllowedIPs, or correct the rule.`;
}

/** A tunnel of a host, and what may come out of it; null where none of its peers is here. */
interface Tunnel {
  readonly name: string;
  readonly arriving: AddressSet | null;
}

const tunnels = new WeakMap<HostRecord, readonly Tunnel[]>();

/** The tunnels of a host in the order of its interfaces; the same array while they are the same. */
function tunnelsOf(host: Host): readonly Tunnel[] {
  const old = tunnels.get(host.record);
  const made = host.interfaces.map(
    (node): Tunnel => ({ name: node.name, arriving: node.facts.peers.length === 0 ? null : arrivingFrom(node) }),
  );
  if (old && made.every(({ name, arriving }, i) => name === old[i]?.name && arriving === old[i].arriving)) return old;
  tunnels.set(host.record, made);
  return made;
}

interface Dead {
  readonly statement: number;
  /** The place of the tunnel that nothing comes from. */
  readonly tunnel: number;
  readonly fact: Reading['fact'];
}

interface DeadRules {
  readonly tunnels: readonly Tunnel[];
  /** By chain, of each of its rules the place of its dead tunnel; -1 for none. */
  readonly places: readonly Int16Array[];
  readonly dead: readonly Dead[];
}

const deadRules = new WeakMap<NftablesFacts, DeadRules>();

function deadIn(facts: NftablesFacts, tunnels: readonly Tunnel[]): readonly Dead[] {
  const old = deadRules.get(facts);
  if (old?.tunnels === tunnels) return old.dead;
  // of the same ruleset only rules about addresses that come, or do not come any more, can be others
  const changed = old ? changedBetween(old.tunnels, tunnels) : null;
  const chains = readChains(facts);
  const places = chains.map((chain, i) => placesIn(chain, tunnels, (changed && old?.places[i]) ?? null, changed ?? noAddresses));
  const dead: Dead[] = [];
  chains.forEach((chain, i) => {
    addDead(chain, places[i] as Int16Array, dead);
  });
  deadRules.set(facts, { tunnels, places, dead });
  return dead;
}

/** Of each rule of a chain the place of its dead tunnel: as it was, but for rules about sources that are `changed`. */
function placesIn({ readings }: ReadChain, tunnels: readonly Tunnel[], old: Int16Array | null, changed: AddressSet): Int16Array {
  const places = old ? old.slice() : new Int16Array(readings.length);
  for (let index = 0; index < readings.length; index++) {
    const reading = readings[index] as Reading;
    if (!old || isAbout(reading, changed)) places[index] = deadTunnel(reading, tunnels);
  }
  return places;
}

function isAbout({ matches }: Reading, changed: AddressSet): boolean {
  for (let i = 0; i < matches.length; i++) if (addressesMeet((matches[i] as Box).sources, changed)) return true;
  return false;
}

function addDead({ chain, readings }: ReadChain, places: Int16Array, into: Dead[]): void {
  for (let index = 0; index < places.length; index++) {
    const tunnel = places[index] as number;
    if (tunnel >= 0) into.push({ statement: chain.rules[index] as number, tunnel, fact: (readings[index] as Reading).fact });
  }
}

/** What comes out of the tunnels of one list and not out of those of the other; null where more than that is another. */
function changedBetween(a: readonly Tunnel[], b: readonly Tunnel[]): AddressSet | null {
  if (a.length !== b.length) return null;
  let changed = noAddresses;
  for (const [i, { name, arriving }] of b.entries()) {
    const before = a[i] as Tunnel;
    if (name !== before.name || !arriving || !before.arriving) return null;
    // whether a family comes at all counts for every rule
    if (
      (arriving.v4.length === 0) !== (before.arriving.v4.length === 0) ||
      (arriving.v6.length === 0) !== (before.arriving.v6.length === 0)
    )
      return null;
    changed = unitedAddresses(changed, differingAddresses(arriving, before.arriving));
  }
  return changed;
}

/** Of each rule, so that after an edit of the ruleset only what is new in it is looked at. */
const memo = new WeakMap<Reading, { readonly tunnels: readonly Tunnel[]; readonly dead: number }>();

function deadTunnel(reading: Reading, all: readonly Tunnel[]): number {
  const old = memo.get(reading);
  if (old?.tunnels === all) return old.dead;
  const dead = findDead(reading, all);
  memo.set(reading, { tunnels: all, dead });
  return dead;
}

/** The place of the tunnel that a rule speaks of and that nothing it matches comes from; -1 where there is none. */
function findDead({ arms, matches }: Reading, all: readonly Tunnel[]): number {
  // a drop for what cannot come is a second lock, and no mistake
  if (arms.some(({ outcome }) => outcome !== 'accept')) return -1;
  let first = -1;
  for (const { iif, sources } of matches) {
    if (sources === allAddresses || !isTunnelOnly(all, iif)) return -1;
    let arriving = noAddresses;
    for (let place = 0; place < all.length; place++) {
      const tunnel = all[place] as Tunnel;
      if (!interfacesHold(iif, tunnel.name)) continue;
      // a tunnel without peers here gets them elsewhere
      if (!tunnel.arriving) return -1;
      if (first < 0) first = place;
      arriving = arriving === noAddresses ? tunnel.arriving : unitedAddresses(arriving, tunnel.arriving);
    }
    // of a family that no peer speaks nothing comes anyway, in rules for both as in this one
    if ((sources.v4.length === 0 && arriving.v6.length === 0) || (sources.v6.length === 0 && arriving.v4.length === 0)) return -1;
    if (addressesMeet(sources, arriving)) return -1;
  }
  return first;
}
