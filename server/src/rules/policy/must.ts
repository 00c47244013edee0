// Whether a host must and may reach another: what a grant or a test demands, beside what the matrix says.
import { intersectedAddresses, noAddress, otherAddresses } from '../../net/address-algebra.ts';
import type { AddressSet } from '../../net/address-set.ts';
import type { View } from '../../policy/views.ts';
import type { Cell, Flow } from '../../reach/matrix/cell.ts';
import type { Member } from '../../reach/matrix/members.ts';
import {
  allServices,
  common,
  commonServices,
  hasNoServices,
  noServices,
  type ServiceSet,
  withoutServices,
  withServices,
} from '../../reach/matrix/service-set.ts';
import { type Allowance, portionsOf } from './expected.ts';
import type { Covered } from './spoken-of.ts';

/** What of a demand is not met, and to which addresses. */
export interface Shortfall {
  readonly destinations: AddressSet;
  /** Surely not reached, or without an answer. */
  readonly missing: ServiceSet;
  /** Perhaps reached. */
  readonly doubtful: ServiceSet;
}

/** Of `services`, what does not surely get through to every one of the addresses; one for each that fares alike. None where all does. */
export function shortfalls(cell: Cell, from: Member, to: Member, covered: Covered, services: ServiceSet, view: View): readonly Shortfall[] {
  const wanted = covered === 'all' ? to.addresses : covered;
  const four = from.addresses.v4.length > 0 && wanted.v4.length > 0;
  const six = from.addresses.v6.length > 0 && wanted.v6.length > 0;
  // without a version of IP in common nothing gets through at all
  const versions = four || six ? [four ? { v4: wanted.v4, v6: [] } : null, six ? { v4: [], v6: wanted.v6 } : null] : [wanted];
  return versions.flatMap((part) => {
    if (!part) return [];
    // of ICMP the requests: what else there is opens nothing
    const demanded: ServiceSet = {
      v4: part.v4.length > 0 ? common(services.v4, allServices('access', 4)) : [],
      v6: part.v6.length > 0 ? common(services.v6, allServices('access', 6)) : [],
    };
    return piecesOf(part, cell.flows).flatMap(({ destinations, flows }): readonly Shortfall[] => {
      const sure = sum(flows, ({ allowed, oneWay, answerUnknown }) =>
        view === 'access' ? withoutServices(withoutServices(allowed, oneWay), answerUnknown) : allowed,
      );
      const perhaps = sum(flows, ({ unknown, answerUnknown }) => withServices(unknown, answerUnknown));
      const rest = withoutServices(demanded, sure);
      if (hasNoServices(rest)) return [];
      return [{ destinations, missing: withoutServices(rest, perhaps), doubtful: commonServices(rest, perhaps) }];
    });
  });
}

/** Flows with what of them is among `services`, to addresses that are covered, and not allowed by any of `allowances`. */
export function beyond(
  flows: readonly Flow[],
  covered: Covered,
  services: ServiceSet | null,
  allowances: readonly Allowance[],
  byOwner: boolean,
): readonly Flow[] {
  return flows.flatMap((flow) => {
    const within = covered === 'all' ? flow.destinations : intersectedAddresses(flow.destinations, covered);
    if (noAddress(within)) return [];
    return portionsOf(flow.sources, within, allowances, byOwner).flatMap(({ sources, destinations, granted }): readonly Flow[] => {
      const rest = (part: ServiceSet): ServiceSet => withoutServices(services ? commonServices(part, services) : part, granted);
      const allowed = rest(flow.allowed);
      const unknown = rest(flow.unknown);
      return hasNoServices(allowed) && hasNoServices(unknown) ? [] : [{ ...flow, sources, destinations, allowed, unknown }];
    });
  });
}

function sum(flows: readonly Flow[], part: (flow: Flow) => ServiceSet): ServiceSet {
  return flows.reduce((all, flow) => withServices(all, part(flow)), noServices);
}

/** Addresses cut so that each piece has the same flows. */
function piecesOf(
  addresses: AddressSet,
  flows: readonly Flow[],
): readonly { readonly destinations: AddressSet; readonly flows: readonly Flow[] }[] {
  let pieces: readonly { readonly destinations: AddressSet; readonly flows: readonly Flow[] }[] = [{ destinations: addresses, flows: [] }];
  for (const flow of flows) {
    pieces = pieces.flatMap((piece) => {
      const inside = intersectedAddresses(piece.destinations, flow.destinations);
      if (noAddress(inside)) return [piece];
      const outside = intersectedAddresses(piece.destinations, otherAddresses(flow.destinations));
      const inner = { destinations: inside, flows: [...piece.flows, flow] };
      return noAddress(outside) ? [inner] : [inner, { ...piece, destinations: outside }];
    });
  }
  return pieces;
}
