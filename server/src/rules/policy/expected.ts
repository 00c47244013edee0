// What the grants of workspace files allow between the members of a matrix.
import { folderOf, type KnownHost, knownHosts, type PolicyFile } from '../../mesh/known-hosts.ts';
import type { MeshModel } from '../../mesh/model.ts';
import { type Parties, partiesOf } from '../../mesh/parties.ts';
import { addressesWithin, intersectedAddresses, noAddress, otherAddresses } from '../../net/address-algebra.ts';
import { type AddressSet, addressSet } from '../../net/address-set.ts';
import type { Grant, PolicyService } from '../../policy/facts.ts';
import type { Member } from '../../reach/matrix/members.ts';
import { allServices, noServices, type ServiceSet, servicesOf, withServices } from '../../reach/matrix/service-set.ts';

/** As many services as a text names: of ICMP every type, where the other version of IP has its own. */
export function serviceSetOf({ protocols, ports }: PolicyService): ServiceSet {
  if (!protocols) return { v4: allServices('blast-radius', 4), v6: allServices('blast-radius', 6) };
  const of = (other: number): ServiceSet['v4'] =>
    servicesOf(
      protocols.filter((protocol) => protocol !== other),
      ports,
    );
  return { v4: of(58), v6: of(1) };
}

export function servicesNamed(services: readonly PolicyService[]): ServiceSet {
  return services.reduce((sum, service) => withServices(sum, serviceSetOf(service)), noServices);
}

/** How much of a member some parties name: all of it, some of its addresses, or nothing. */
export type Coverage = 'all' | AddressSet | null;

/** Who a member is in a workspace file; null where nobody names it. */
export type KnownAs = (member: Member) => KnownHost | null;

/** Whether a workspace file speaks of a member: its config, or the one that lists it, lies below. */
export function speaksOf(policy: PolicyFile, member: Member): boolean {
  const folder = folderOf(policy);
  if (member.kind === 'peer') return member.node.uri.startsWith(folder);
  return member.host.interfaces.some(({ uri }) => uri.startsWith(folder));
}

export function knownAs(model: MeshModel, policy: PolicyFile): KnownAs {
  const byHost = new Map<unknown, KnownHost>();
  for (const known of [...knownHosts(model, policy).values()].flat()) {
    if (known.host) byHost.set(known.host, known);
    else for (const { peer } of known.entries) byHost.set(peer, known);
  }
  return (member) => byHost.get(member.kind === 'peer' ? member.peer : member.kind === 'host' ? member.host : null) ?? null;
}

export function coverageOf({ any, hosts, prefixes }: Parties, member: Member, known: KnownAs): Coverage {
  if (any) return 'all';
  const own = known(member);
  if (own && hosts.includes(own)) return 'all';
  if (prefixes.length === 0) return null;
  const part = intersectedAddresses(addressSet(prefixes), member.addresses);
  if (noAddress(part)) return null;
  return addressesWithin(member.addresses, part) ? 'all' : part;
}

/** A grant between two members: how much of each it is about, and with what. */
export interface Allowance {
  readonly from: Exclude<Coverage, null>;
  readonly to: Exclude<Coverage, null>;
  readonly services: ServiceSet;
}

export interface ExpectedAccess {
  /** What is granted from one member to another, by their places. */
  between(from: number, to: number): readonly Allowance[];
}

export function expectedAccess(model: MeshModel, policies: readonly PolicyFile[], members: readonly Member[]): ExpectedAccess {
  const grants = policies.flatMap((policy) => {
    const known = knownAs(model, policy);
    return (policy.facts.grants ?? []).map((grant: Grant) => ({
      policy,
      known,
      src: partiesOf(grant.src, model, policy),
      dst: partiesOf(grant.dst, model, policy),
      services: servicesNamed(grant.ip),
    }));
  });
  /** Of each member the grants that name it. */
  const covered = (side: 'src' | 'dst'): readonly ReadonlyMap<number, Exclude<Coverage, null>>[] =>
    members.map((member) => {
      const own = new Map<number, Exclude<Coverage, null>>();
      for (const [i, grant] of grants.entries()) {
        const coverage = speaksOf(grant.policy, member) ? coverageOf(grant[side], member, grant.known) : null;
        if (coverage) own.set(i, coverage);
      }
      return own;
    });
  const sources = covered('src');
  const targets = covered('dst');
  return {
    between(from, to) {
      const target = targets[to];
      const found: Allowance[] = [];
      for (const [i, source] of sources[from] ?? []) {
        const part = target?.get(i);
        const grant = grants[i];
        if (part && grant) found.push({ from: source, to: part, services: grant.services });
      }
      return found;
    },
  };
}

/** Addresses from which, and to which, the same is granted. */
export interface Portion {
  readonly sources: AddressSet;
  readonly destinations: AddressSet;
  readonly granted: ServiceSet;
}

/**
 * Cuts what goes from `sources` to `destinations` by what is granted. A host that is taken may send as others: what its own addresses are
 * granted is granted to it whatever it sends as, so with `byOwner` sources are not looked at.
 */
export function portionsOf(
  sources: AddressSet,
  destinations: AddressSet,
  allowances: readonly Allowance[],
  byOwner: boolean,
): readonly Portion[] {
  let portions: readonly Portion[] = [{ sources, destinations, granted: noServices }];
  for (const { from, to, services } of allowances) {
    portions = portions.flatMap((portion) => {
      const inner: Portion = {
        sources: byOwner || from === 'all' ? portion.sources : intersectedAddresses(portion.sources, from),
        destinations: to === 'all' ? portion.destinations : intersectedAddresses(portion.destinations, to),
        granted: withServices(portion.granted, services),
      };
      const otherSources: Portion = { ...portion, sources: intersectedAddresses(portion.sources, otherAddresses(inner.sources)) };
      const otherTargets: Portion = {
        ...portion,
        sources: inner.sources,
        destinations: intersectedAddresses(portion.destinations, otherAddresses(inner.destinations)),
      };
      return [inner, otherSources, otherTargets].filter((one) => !noAddress(one.sources) && !noAddress(one.destinations));
    });
  }
  return portions;
}
