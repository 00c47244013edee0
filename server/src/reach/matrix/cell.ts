// What a matrix says of one host and another.
import type { AddressSet } from '../../net/address-set.ts';
import { noServices, type ServiceSet, withoutServices, withServices } from './service-set.ts';

/** What gets through. The sets are apart but for `oneWay` and `answerUnknown`, which are parts of `allowed`. */
export interface Reached {
  /** Every packet gets there. What is in neither this nor `unknown` surely does not. */
  readonly allowed: ServiceSet;
  /** It may get there or not: what decides is not known here. */
  readonly unknown: ServiceSet;
  /** No answer comes back. */
  readonly oneWay: ServiceSet;
  /** Whether an answer comes back is not known. */
  readonly answerUnknown: ServiceSet;
}

/** What packets from each of `sources` to each of `destinations` may do; of one version of IP. */
export interface Flow extends Reached {
  readonly sources: AddressSet;
  readonly destinations: AddressSet;
  /**
   * Where it was sent to, if rules on the way have sent it to `destinations` instead (dnat, redirect), and which services, if these came
   * to another port; else null.
   */
  readonly sentTo?: { readonly destinations: AddressSet; readonly services: ServiceSet | null };
}

/** What is allowed, unknown and so on from some address to some address; each by itself in `flows`, of which none does nothing. */
export interface Cell extends Reached {
  readonly flows: readonly Flow[];
}

export const emptyCell: Cell = { allowed: noServices, unknown: noServices, oneWay: noServices, answerUnknown: noServices, flows: [] };

/** What at least one of the flows does: the best of them counts. */
export function cellOf(flows: readonly Flow[]): Cell {
  if (flows.length === 0) return emptyCell;
  const of = (part: (flow: Flow) => ServiceSet): ServiceSet => flows.reduce((sum, flow) => withServices(sum, part(flow)), noServices);
  const allowed = of((flow) => flow.allowed);
  const answered = of((flow) => withoutServices(withoutServices(flow.allowed, flow.oneWay), flow.answerUnknown));
  const mayBeAnswered = of((flow) => withoutServices(flow.allowed, flow.oneWay));
  return {
    allowed,
    unknown: withoutServices(
      of((flow) => flow.unknown),
      allowed,
    ),
    oneWay: withoutServices(allowed, mayBeAnswered),
    answerUnknown: withoutServices(mayBeAnswered, answered),
    flows,
  };
}
