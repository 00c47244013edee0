// What comes back: from each target to those who reach it, by the routes and rules of all hosts on the way, and by what these have seen.
import type { MeshInterface } from '../../mesh/model.ts';
import type { Address } from '../../net/address.ts';
import { EVERYTHING, NOTHING, type OutcomeId, type Outcomes, UNKNOWN } from '../filter/outcome.ts';
import { EPHEMERAL } from '../matrix/packets.ts';
import { type Changes, differingTargets, isTouched } from './changes.ts';
import type { Exit } from './exits.ts';
import type { FilterBook } from './filter-book.ts';
import { type HostFilters, oneOf, type Traffic } from './host-filters.ts';
import type { LinkLives } from './link-lives.ts';
import type { LinkPlace } from './links.ts';
import { type Load, toAll, toOne } from './loads.ts';
import type { Network, NodePlace, Station } from './network.ts';
import { gathering, patchedPart, placeIn, type RowPart } from './rows.ts';
import { holds, oneSource, type Sources } from './sources.ts';
import { type Spreading, sendHonestly } from './spread.ts';
import type { Target } from './targets.ts';
import { hostsOf, reversedVia, type Via } from './via.ts';

export interface AnswerBook {
  readonly kept: Readonly<Record<4 | 6, ReadonlyMap<number, Answers>>>;
  /** What comes back from a target to a member, whose packets came there from `to` by the way of that number. */
  of(target: Target, member: number, to: Address, via: number): OutcomeId;
  /** It alone. */
  readonly mark: object;
  /** The targets that may answer otherwise than in another book, and to which others; null for any. */
  differing(version: 4 | 6, before: AnswerBook): ReadonlyMap<number, readonly number[] | null> | null;
}

/** What is known of a target's answers. */
interface Answers {
  /** By the target that they come back to, and the way there. */
  readonly alone: Map<string, OutcomeId>;
  all: RowPart | null;
  /** Whether rules made other packets of some answers. */
  isMoved: boolean;
}

/** Answers of one target are looked for one by one so many times, and then all at once. */
const MOST_ALONE = 24;

interface Means {
  readonly network: Network;
  readonly outcomes: Outcomes;
  readonly lives: LinkLives;
  readonly book: FilterBook;
}

export function answerBook(means: Means, before: AnswerBook | undefined, changes: Changes | undefined): AnswerBook {
  const { network } = means;
  const { members, targets, direct } = network;
  // the book before must not be held by this one
  const markBefore = before?.mark;
  const kept = { 4: new Map<number, Answers>(), 6: new Map<number, Answers>() };
  /** How often, by target. */
  const asked: Readonly<Record<4 | 6, number[]>> = { 4: [], 6: [] };
  const isKnown = before !== undefined && changes !== undefined && !changes.isAll;
  /** Those of which not all answers are as before. */
  const changed =
    isKnown && ({ 4: takeOver(means, before, changes, 4, kept[4]), 6: takeOver(means, before, changes, 6, kept[6]) } as const);

  const answersOf = ({ address: { version }, index }: Target): Answers => {
    let found = kept[version].get(index);
    if (!found) {
      found = { alone: new Map(), all: null, isMoved: false };
      kept[version].set(index, found);
    }
    return found;
  };
  return {
    kept,
    mark: {},
    differing: (version, { mark }) => (changed && mark === markBefore ? changed[version] : null),
    of(target, member, to, via) {
      const one = members[member];
      const back = network.targetAt(to, member);
      if (one?.kind !== 'host' || !target.at || !back) return UNKNOWN;
      const there = direct.all[via] as Via;
      const { version } = target.address;
      const asks = (asked[version][target.index] ?? 0) + 1;
      asked[version][target.index] = asks;
      if (asks <= MOST_ALONE && !kept[version].get(target.index)?.all && comesStraightBack(means, target, back, there)) return EVERYTHING;
      const of = answersOf(target);
      if (asks > MOST_ALONE) of.all ??= allAnswers(means, target, toAll(targets[version].length, EVERYTHING), of);
      if (of.all) {
        const at = placeIn(of.all, back.index);
        const outcome = of.all.outcomes[at] ?? NOTHING;
        const returned = direct.all[of.all.vias[at] ?? -1];
        // of what does not come back nobody has seen the way
        if (outcome === NOTHING ? isWayBack(network, target, back, there) : returned === reversedVia(there)) return outcome;
      }
      const key = `${back.index} ${via}`;
      let outcome = of.alone.get(key);
      if (outcome === undefined) {
        outcome = oneAnswer(means, target, back, [target.at.station, network.stationOf(one.host), ...hostsOf(there)], of);
        of.alone.set(key, outcome);
      }
      return outcome;
    },
  };
}

const none: readonly number[] = [];

/** More answers of one target than this are forgotten rather than computed anew. */
const MOST_PATCHED = 64;

/** Takes what an edit leaves as it was; of the targets with other answers those to which these go, null for any. */
function takeOver(
  means: Means,
  before: AnswerBook,
  changes: Changes,
  version: 4 | 6,
  into: Map<number, Answers>,
): ReadonlyMap<number, readonly number[] | null> {
  const changed = new Map<number, readonly number[] | null>();
  for (const target of means.network.targets[version]) {
    const { index } = target;
    if (!target.at) continue;
    const known = before.kept[version].get(index);
    const some = differing(changes, target, target.at.station, version, known?.isMoved ?? false);
    if (some === null || some.length > 0) changed.set(index, some);
    if (!known || some === null) continue;
    if (some.length === 0) into.set(index, known);
    else if (some.length <= MOST_PATCHED) {
      const isSome = new Set(some);
      const alone = [...known.alone].filter(([key]) => !isSome.has(Number.parseInt(key, 10)));
      const answers: Answers = { ...known, alone: new Map(alone) };
      const load = { targets: some, outcomes: some.map(() => EVERYTHING) };
      answers.all &&= patchedPart(answers.all, allAnswers(means, target, load, answers), some);
      if (!answers.isMoved) into.set(index, answers);
    }
  }
  return changed;
}

function differing(changes: Changes, target: Target, station: number, version: 4 | 6, isMoved: boolean): readonly number[] | null {
  if (changes.stations.has(station) || changes.relinked.has(station)) return null;
  if (!isTouched(changes, version)) return none;
  if (isMoved) return null;
  const found = differingTargets(changes, [oneSource(target.address)], { station, isTaken: false }, version);
  const always = changes.targets[version];
  if (found === null) return null;
  return found.size === 0 ? always : [...new Set([...found, ...always])].sort((a, b) => a - b);
}

const answering: Readonly<Record<4 | 6, Traffic>> = {
  4: { version: 4, direction: 'answer', states: ['established'], port: EPHEMERAL },
  6: { version: 6, direction: 'answer', states: ['established'], port: EPHEMERAL },
};

/** Of a host that has not seen what it answers. */
const straying: Readonly<Record<4 | 6, Traffic>> = {
  4: { version: 4, direction: 'stray', states: ['new', 'invalid', null], port: EPHEMERAL },
  6: { version: 6, direction: 'stray', states: ['new', 'invalid', null], port: EPHEMERAL },
};

/** Where rules keep packets from conntrack, it may not know what an answer belongs to. */
function remembered({ book, outcomes }: Means, version: 4 | 6, station: number): HostFilters | null {
  const filters = book.of(answering[version], station);
  const others = filters?.program.hasNotrack ? book.of(straying[version], station) : null;
  if (!filters || !others) return filters;
  return { ...filters, passing: (...asked) => oneOf([filters.passing(...asked), others.passing(...asked)], outcomes) };
}

function spreading(
  means: Means,
  version: 4 | 6,
  filters: Spreading['filters'],
  arrived: Spreading['arrived'],
  answers: Answers,
): Spreading {
  const { network, outcomes, lives } = means;
  const moved = (): void => {
    answers.isMoved = true;
  };
  return { network, outcomes, traffic: answering[version], lives: lives.of, taken: null, filters, arrived, moved };
}

/** From a target to all others, as if every host on the way had seen what is answered. */
function allAnswers(means: Means, { address, at }: Target, load: Load, answers: Answers): RowPart {
  const { version } = address;
  const gathered = gathering(means.network.targets[version].length, means.outcomes);
  const sources = oneSource(address);
  gathered.begin(sources);
  const on = spreading(means, version, (station) => remembered(means, version, station), gathered.arrived, answers);
  if (at) sendHonestly(on, at.station, sources, load);
  return gathered.row().parts[0] as RowPart;
}

/** Through stations on `path`, which have seen what is answered, and others, which have not. */
function oneAnswer(means: Means, from: Target, to: Target, path: readonly number[], answers: Answers): OutcomeId {
  const { outcomes, book } = means;
  const { version } = from.address;
  let found = NOTHING;
  const arrived: Spreading['arrived'] = (target, _, outcome, __, trail) => {
    if (target === to.index) found = outcomes.either(found, trail ? outcomes.both(outcome, UNKNOWN) : outcome);
  };
  const filters = (station: number): HostFilters | null =>
    path.includes(station) ? remembered(means, version, station) : book.of(straying[version], station);
  if (from.at)
    sendHonestly(
      spreading(means, version, filters, arrived, answers),
      from.at.station,
      oneSource(from.address),
      toOne(to.index, EVERYTHING),
    );
  return found;
}

/** Whether all answers surely come back by the way there, past rules that let every answer through: as most do. */
function comesStraightBack(means: Means, from: Target, to: Target, there: Via): boolean {
  const { network, lives } = means;
  const { address } = from;
  const { version, value } = address;
  const sources = oneSource(address);
  let iif: string | null = null;
  let at = from.at?.station as number;
  for (let way: Via | null = there; way; way = way.before) {
    const next = way.host ?? to.at?.station;
    const exit: Exit = network.exits(at, iif, sources).at(to.index);
    if (exit.to !== 'link' || exit.link === null || network.nodes[exit.node]?.isChanged) return false;
    const filters = remembered(means, version, at);
    if (filters && !filters.passing(iif === null ? 'output' : 'forward', iif, exit.device, address).isOpen) return false;
    const link: LinkPlace | undefined = network.links[exit.link];
    if (!link || link.remote === null || link.isRemoteChanged || lives.of(link, false) !== 'yes') return false;
    const remote: NodePlace | undefined = network.nodes[link.remote];
    if (!remote || remote.station !== next || !holds(link.takes[version], value)) return false;
    const { name }: MeshInterface = remote.node;
    const { place } = network.stations[next] as Station;
    const isThere = way.host === null;
    if (place.takes(name, address, to.address, isThere ? (to.at?.name ?? null) : null) !== 'yes') return false;
    if (!isThere && network.forwards(next, version, name) !== 'on') return false;
    iif = name;
    at = next;
  }
  const filters = remembered(means, version, at);
  return !filters || filters.passing('input', iif, null, address).isOpen;
}

/** Whether routes lead from one target to another by the way there, the other way round. */
function isWayBack(network: Network, from: Target, to: Target, there: Via): boolean {
  const sources: Sources = oneSource(from.address);
  let iif: string | null = null;
  let at = from.at?.station;
  for (const next of [...hostsOf(there), to.at?.station]) {
    if (at === undefined) return false;
    const exit: Exit = network.exits(at, iif, sources).at(to.index);
    const link: LinkPlace | undefined = exit.to === 'link' && exit.link !== null ? network.links[exit.link] : undefined;
    const remote: NodePlace | undefined = link && link.remote !== null ? network.nodes[link.remote] : undefined;
    if (!remote || remote.station !== next) return false;
    iif = remote.node.name;
    at = next;
  }
  return true;
}
