// What the grants of workspace files allow between the members of a matrix.
import type { PolicyFile } from '../../mesh/known-hosts.ts';
import type { MeshModel } from '../../mesh/model.ts';
import { partiesOf } from '../../mesh/parties.ts';
import { intersectedAddresses, noAddress, otherAddresses } from '../../net/address-algebra.ts';
import type { AddressSet } from '../../net/address-set.ts';
import type { PolicyService } from '../../policy/facts.ts';
import type { Member } from '../../reach/matrix/members.ts';
import { allServices, noServices, type ServiceSet, servicesOf, withServices } from '../../reach/matrix/service-set.ts';
import { type Covered, spokenOf } from './spoken-of.ts';

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

/** A grant between two members: how much of each it is about, and with what. */
export interface Allowance {
  readonly from: Covered;
  readonly to: Covered;
  readonly services: ServiceSet;
}

export interface ExpectedAccess {
  /** What is granted from one member to another, by their places. */
  between(from: number, to: number): readonly Allowance[];
}

export function expectedAccess(model: MeshModel, policies: readonly PolicyFile[], members: readonly Member[]): ExpectedAccess {
  const services: ServiceSet[] = [];
  /** Of each member the grants that name it, by their numbers. */
  const sources = members.map(() => new Map<number, Covered>());
  const targets = members.map(() => new Map<number, Covered>());
  for (const policy of policies) {
    const spoken = spokenOf(model, policy, members);
    for (const { src, dst, ip } of policy.facts.grants ?? []) {
      const number = services.length;
      services.push(servicesNamed(ip));
      for (const { place, covered } of spoken.named(partiesOf(src, model, policy))) sources[place]?.set(number, covered);
      for (const { place, covered } of spoken.named(partiesOf(dst, model, policy))) targets[place]?.set(number, covered);
    }
  }
  return {
    between(from, to) {
      const target = targets[to];
      const found: Allowance[] = [];
      for (const [number, source] of sources[from] ?? []) {
        const part = target?.get(number);
        const granted = services[number];
        if (part && granted) found.push({ from: source, to: part, services: granted });
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
