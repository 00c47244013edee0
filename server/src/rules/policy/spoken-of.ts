// Which members of a matrix a workspace file speaks of, and which of them the parties of a grant or a test mean.
import { folderOf, type KnownHost, knownHosts, type PolicyFile } from '../../mesh/known-hosts.ts';
import type { MeshModel } from '../../mesh/model.ts';
import type { Parties } from '../../mesh/parties.ts';
import { addressesWithin, intersectedAddresses, noAddress } from '../../net/address-algebra.ts';
import { type AddressSet, addressSet } from '../../net/address-set.ts';
import type { Member } from '../../reach/matrix/members.ts';

/** How much of a member is meant: all of it, or some of its addresses. */
export type Covered = 'all' | AddressSet;

export interface NamedMember {
  readonly member: Member;
  /** Its place in the matrix. */
  readonly place: number;
  readonly covered: Covered;
}

export interface SpokenOf {
  /** Whether its config, or the one that lists it, lies below the file. */
  holds(place: number): boolean;
  /** Who a member is in the file; null where nobody may name it. */
  knownAs(place: number): KnownHost | null;
  /** By place. Everybody is every member, peers without a config and networks behind hosts included. */
  named(parties: Parties): readonly NamedMember[];
}

const kept = new WeakMap<readonly Member[], Map<PolicyFile['facts'], SpokenOf>>();

export function spokenOf(model: MeshModel, policy: PolicyFile, members: readonly Member[]): SpokenOf {
  const byFacts = kept.get(members) ?? new Map<PolicyFile['facts'], SpokenOf>();
  kept.set(members, byFacts);
  let found = byFacts.get(policy.facts);
  if (!found) {
    found = collected(model, policy, members);
    byFacts.set(policy.facts, found);
  }
  return found;
}

function collected(model: MeshModel, policy: PolicyFile, members: readonly Member[]): SpokenOf {
  const folder = folderOf(policy);
  const inside = members.flatMap((member, place) => (liesBelow(member, folder) ? [{ member, place }] : []));
  const places = new Set(inside.map(({ place }) => place));
  const byHost = new Map<unknown, KnownHost>();
  for (const known of [...knownHosts(model, policy).values()].flat()) {
    if (known.host) byHost.set(known.host, known);
    else for (const { peer } of known.entries) byHost.set(peer, known);
  }
  const knownOf = (member: Member): KnownHost | null =>
    member.kind === 'beyond' ? null : (byHost.get(member.kind === 'peer' ? member.peer : member.host) ?? null);
  const byKnown = new Map<KnownHost, NamedMember[]>();
  for (const { member, place } of inside) {
    const known = knownOf(member);
    if (!known) continue;
    const list = byKnown.get(known) ?? [];
    byKnown.set(known, list);
    list.push({ member, place, covered: 'all' });
  }
  return {
    holds: (place) => places.has(place),
    knownAs: (place) => {
      const member = members[place];
      return member && places.has(place) ? knownOf(member) : null;
    },
    named({ any, hosts, prefixes }) {
      if (any) return inside.map((one) => ({ ...one, covered: 'all' }));
      const found = new Map<number, NamedMember>();
      if (prefixes.length > 0) {
        const wanted = addressSet(prefixes);
        for (const { member, place } of inside) {
          const part = intersectedAddresses(wanted, member.addresses);
          if (noAddress(part)) continue;
          found.set(place, { member, place, covered: addressesWithin(member.addresses, part) ? 'all' : part });
        }
      }
      for (const host of hosts) for (const one of byKnown.get(host) ?? []) found.set(one.place, one);
      return [...found.values()].sort((a, b) => a.place - b.place);
    },
  };
}

function liesBelow(member: Member, folder: string): boolean {
  if (member.kind === 'peer') return member.node.uri.startsWith(folder);
  return member.host.interfaces.some(({ uri }) => uri.startsWith(folder));
}
