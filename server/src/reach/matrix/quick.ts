// The matrix by letting all packets of a member spread at once: a row at a time, when somebody asks for it.
import type { MeshModel } from '../../mesh/model.ts';
import type { AddressSet } from '../../net/address-set.ts';
import { doubtIn, NOTHING, type OutcomeId, type Outcomes, UNKNOWN } from '../filter/outcome.ts';
import type { Ranges } from '../filter/ranges.ts';
import type { Row } from '../spread/rows.ts';
import type { Trail } from '../spread/spread.ts';
import { type Spreader, spreader } from '../spread/spreader.ts';
import type { Target } from '../spread/targets.ts';
import type { View } from '../way/why.ts';
import { type Cell, cellOf, emptyCell, type Flow } from './cell.ts';
import type { AccessMatrix } from './matrix.ts';
import { allServices, common, noServices, type ServiceNumbers, type ServiceSet, without } from './service-set.ts';

export function quickMatrix(model: MeshModel, view: View): AccessMatrix {
  const spread = spreaderOf(model);
  const { members, targets } = spread.network;
  const ofMember = { 4: byMember(targets[4]), 6: byMember(targets[6]) };
  const cells = new Map<number, Cell>();
  return {
    model,
    view,
    members,
    cell(from, to) {
      if (from === to || !members[from] || !members[to]) return emptyCell;
      const key = from * members.length + to;
      let cell = cells.get(key);
      if (!cell) {
        const flows = ([4, 6] as const).flatMap((version) =>
          (ofMember[version].get(to) ?? []).flatMap((target) => flowsTo(spread, view, from, target)),
        );
        cell = cellOf(flows);
        cells.set(key, cell);
      }
      return cell;
    },
  };
}

const spreaders = new WeakMap<MeshModel, Spreader>();

/** Both views share what they can. */
function spreaderOf(model: MeshModel): Spreader {
  const found = spreaders.get(model) ?? spreader(model);
  spreaders.set(model, found);
  return found;
}

function byMember(targets: readonly Target[]): ReadonlyMap<number, readonly Target[]> {
  const found = new Map<number, Target[]>();
  for (const target of targets) {
    const list = found.get(target.member);
    if (list) list.push(target);
    else found.set(target.member, [target]);
  }
  return found;
}

function flowsTo(spread: Spreader, view: View, from: number, target: Target): readonly Flow[] {
  const { version } = target.address;
  const row: Row = view === 'access' ? spread.honest(from, version) : spread.taken(from, version);
  const flows: Flow[] = [];
  for (const { sources, outcomes, vias } of row.parts) {
    const id = outcomes[target.index] as OutcomeId;
    if (id === NOTHING) continue;
    const answer = view === 'access' ? spread.answer(target, from, sources, vias[target.index] as number) : null;
    flows.push(flowOf(spread.outcomes, view, target, sources.ranges, id, answer));
  }
  for (const { sources, outcome, trail } of row.shares.get(target.index) ?? []) {
    const answer = view === 'access' ? UNKNOWN : null;
    const flow = flowOf(spread.outcomes, view, target, sources.ranges, outcome, answer);
    flows.push(
      trail && (trail.target !== target.index || trail.outcome !== null)
        ? { ...flow, sentTo: sentTo(spread, target.address.version, trail) }
        : flow,
    );
  }
  return flows.filter(({ allowed, unknown }) => [allowed, unknown].some(({ v4, v6 }) => v4.length + v6.length > 0));
}

function flowOf(
  outcomes: Outcomes,
  view: View,
  { address: { version }, ranges }: Target,
  sources: Ranges,
  id: OutcomeId,
  answer: OutcomeId | null,
): Flow {
  const all = allServices(view, version);
  const outcome = outcomes.of(id);
  const allowed = common(outcome.allowed, all);
  const back = answer === null ? null : outcomes.of(answer);
  const of = (services: ServiceNumbers): ServiceSet => (version === 4 ? { ...noServices, v4: services } : { ...noServices, v6: services });
  return {
    sources: addressesOf(version, sources),
    destinations: addressesOf(version, ranges),
    allowed: of(allowed),
    unknown: of(common(doubtIn(outcome), all)),
    oneWay: of(back ? without(allowed, back.possible) : []),
    answerUnknown: of(back ? common(allowed, doubtIn(back)) : []),
  };
}

function sentTo({ outcomes, network }: Spreader, version: 4 | 6, { target, outcome }: Trail): NonNullable<Flow['sentTo']> {
  const possible = outcome === null ? null : outcomes.of(outcome).possible;
  const services = possible && (version === 4 ? { ...noServices, v4: possible } : { ...noServices, v6: possible });
  return { destinations: addressesOf(version, (network.targets[version][target] as Target).ranges), services };
}

function addressesOf(version: 4 | 6, { ranges }: Ranges): AddressSet {
  return version === 4
    ? { v4: ranges.map(({ from, to }) => ({ from: Number(from), to: Number(to) })), v6: [] }
    : { v4: [], v6: ranges.map(({ from, to }) => ({ from: BigInt(from), to: BigInt(to) })) };
}
