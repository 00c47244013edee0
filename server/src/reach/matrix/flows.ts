// What rows say of one member and a target, as sets of addresses and services.
import type { AddressSet } from '../../net/address-set.ts';
import { doubtIn, type OutcomeId, type Outcomes, UNKNOWN } from '../filter/outcome.ts';
import { type Ranges, unitedRanges } from '../filter/ranges.ts';
import { placeIn, type Row, type Share } from '../spread/rows.ts';
import type { Trail } from '../spread/spread.ts';
import type { Spreader } from '../spread/spreader.ts';
import type { Target } from '../spread/targets.ts';
import type { View } from '../way/why.ts';
import type { Flow, Reached } from './cell.ts';
import { allServices, common, noServices, type ServiceNumbers, type ServiceSet, without } from './service-set.ts';

/** From a member to a target. */
export function flowsTo(spread: Spreader, view: View, from: number, target: Target, row: Row): readonly Flow[] {
  const flows: Flow[] = [];
  const { version } = target.address;
  for (const part of row.parts) {
    const at = placeIn(part, target.index);
    if (at < 0) continue;
    const id = part.outcomes[at] as OutcomeId;
    const answer = view === 'access' ? spread.answers.of(target, from, part.sources.first, part.vias[at] as number) : null;
    flows.push({ ...ends(target, part.sources.ranges), ...sumOf(spread.outcomes, view, { version, id, answer }) });
  }
  for (const { ranges, outcome, trail } of together(row.shares.get(target.index) ?? [], version)) {
    const answer = view === 'access' ? UNKNOWN : null;
    const flow = { ...ends(target, ranges), ...sumOf(spread.outcomes, view, { version, id: outcome, answer }) };
    const isElsewhere = trail !== null && (trail.target !== target.index || trail.outcome !== null);
    flows.push(isElsewhere ? { ...flow, sentTo: sentTo(spread, version, trail) } : flow);
  }
  return flows.filter(({ allowed, unknown }) => [allowed, unknown].some(({ v4, v6 }) => v4.length + v6.length > 0));
}

interface Together {
  readonly ranges: Ranges;
  readonly outcome: OutcomeId;
  readonly trail: Trail | null;
}

/** Sources of which the same gets through are told together. */
function together(shares: readonly Share[], version: 4 | 6): readonly Together[] {
  const found: Together[] = [];
  for (const { sources, outcome, trail } of shares) {
    const same = trail ? -1 : found.findIndex((one) => one.outcome === outcome && one.trail === null);
    const before = found[same];
    if (before) found[same] = { ...before, ranges: unitedRanges(before.ranges, sources.ranges, version) };
    else found.push({ ranges: sources.ranges, outcome, trail });
  }
  return found;
}

/** What gets there, and what comes back; null where no answer is waited for. */
export interface Sum {
  readonly version: 4 | 6;
  readonly id: OutcomeId;
  readonly answer: OutcomeId | null;
}

/** By view and version, and by what gets there and comes back. */
const sums = new WeakMap<Outcomes, Map<string, Map<number, Reached>>>();

/** Keys stay exact below 2^53. */
const MOST_OUTCOMES = 2 ** 26;

/** One object for thousands of cells that say the same. */
export function sumOf(outcomes: Outcomes, view: View, { version, id, answer }: Sum): Reached {
  let known = sums.get(outcomes);
  if (!known) {
    known = new Map();
    sums.set(outcomes, known);
  }
  const where = view === 'access' ? (version === 4 ? 'access 4' : 'access 6') : version === 4 ? 'blast-radius 4' : 'blast-radius 6';
  let all = known.get(where);
  if (!all) {
    all = new Map();
    known.set(where, all);
  }
  const key = id * MOST_OUTCOMES + (answer === null ? 0 : answer + 1);
  let sum = all.get(key);
  if (!sum) {
    sum = reachedBy(outcomes, view, { version, id, answer });
    all.set(key, sum);
  }
  return sum;
}

function reachedBy(outcomes: Outcomes, view: View, { version, id, answer }: Sum): Reached {
  const all = allServices(view, version);
  const outcome = outcomes.of(id);
  const allowed = common(outcome.allowed, all);
  const back = answer === null ? null : outcomes.of(answer);
  const of = (services: ServiceNumbers): ServiceSet => (version === 4 ? { ...noServices, v4: services } : { ...noServices, v6: services });
  return {
    allowed: of(allowed),
    unknown: of(common(doubtIn(outcome), all)),
    oneWay: of(back ? without(allowed, back.possible) : []),
    answerUnknown: of(back ? common(allowed, doubtIn(back)) : []),
  };
}

function ends({ address: { version }, ranges }: Target, sources: Ranges): Pick<Flow, 'sources' | 'destinations'> {
  return { sources: addressesOf(version, sources), destinations: addressesOf(version, ranges) };
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
