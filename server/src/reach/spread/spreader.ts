// Rows of who reaches whom, computed when they are asked for and kept.
import type { Host, MeshInterface, MeshModel } from '../../mesh/model.ts';
import { addressKey } from '../../net/address.ts';
import { EVERYTHING, NOTHING, type OutcomeId, type Outcomes, UNKNOWN } from '../filter/outcome.ts';
import { programOf } from '../filter/program.ts';
import { rangesOf } from '../filter/ranges.ts';
import { newWorkshop, type Workshop } from '../filter/workshop.ts';
import { EPHEMERAL } from '../matrix/packets.ts';
import { stateOf } from '../way/ruleset.ts';
import { masqueradeAs, redirectedTo } from '../way/through.ts';
import { sourceOf } from '../way/why.ts';
import type { Exit } from './exits.ts';
import { type HostFilters, hostFilters, oneOf, type Traffic, type TranslatingAt } from './host-filters.ts';
import { sourcesByPeer } from './links.ts';
import { type Load, toAll, toOne } from './loads.ts';
import { type Network, networkOf } from './network.ts';
import { emptyRow, gathering, type Row, type RowPart } from './rows.ts';
import { oneSource, type Sources, sourcesOf } from './sources.ts';
import { type Spreading, sendFromBeyond, sendFromPeer, sendHonestly, sendTaken } from './spread.ts';
import type { Target } from './targets.ts';
import { hostsOf, reversedVia, type Via } from './via.ts';

export interface Spreader {
  readonly network: Network;
  readonly outcomes: Outcomes;
  /** What a member does by its own routes and rules, from its own addresses. */
  honest(member: number, version: 4 | 6): Row;
  /** What somebody does who has taken it. */
  taken(member: number, version: 4 | 6): Row;
  /** What comes back from a target to a member, whose packets came there by the way of that number. */
  answer(target: Target, member: number, to: Sources, via: number): OutcomeId;
}

type HostFiltersOf = (host: Host) => HostFilters | null;

/** Answers of one target are computed one by one up to so many, and then all at once. */
const MOST_ALONE = 24;

/** What is known of a target's answers. */
interface Answers {
  readonly alone: Map<number, OutcomeId>;
  all: RowPart | null;
}

export function spreader(model: MeshModel, workshop: Workshop = newWorkshop()): Spreader {
  const network = networkOf(model);
  const { outcomes } = workshop;
  const { members, targets, direct } = network;
  const filters = filtersBy(network, workshop);
  let ports: readonly (number | null)[] | null = null;
  const rows = new Map<string, Row>();
  const answers = { 4: new Map<number, Answers>(), 6: new Map<number, Answers>() };
  const once = (key: string, make: () => Row): Row => {
    let row = rows.get(key);
    if (!row) {
      row = make();
      rows.set(key, row);
    }
    return row;
  };
  const spread = (traffic: Traffic, arrived: Spreading['arrived'], of: HostFiltersOf = filters(traffic)): Spreading => ({
    network,
    traffic,
    outcomes,
    filters: of,
    arrived,
  });

  const honestRow = (member: number, version: 4 | 6): Row => {
    const one = members[member];
    if (one?.kind !== 'host') return one ? doubtedRow(takenRow(member, version, [EPHEMERAL], ['new']), outcomes) : emptyRow;
    const gathered = gathering(targets[version].length, outcomes);
    const on = spread({ version, direction: 'opening', states: ['new'], port: EPHEMERAL }, gathered.arrived);
    for (const [sources, load] of bySource(network, one.host, version)) {
      gathered.begin(sources);
      sendHonestly(on, one.host, sources, load);
    }
    return gathered.row();
  };

  const takenRow = (member: number, version: 4 | 6, from: readonly (number | null)[], states: Traffic['states']): Row => {
    const one = members[member];
    if (!one) return emptyRow;
    const gathered = gathering(targets[version].length, outcomes);
    for (const port of from) {
      const on = spread({ version, direction: 'opening', states, port }, gathered.arrived);
      if (one.kind === 'host')
        for (const node of one.host.interfaces) for (const link of network.links.at(node).values()) sendTaken(on, link);
      else {
        const behind = one.kind === 'beyond' ? rangesOf(version === 4 ? one.addresses.v4 : one.addresses.v6) : null;
        const ranges = one.kind === 'peer' ? sourcesByPeer(one.node).get(one.peer)?.[version] : behind;
        const sources = ranges && sourcesOf(version, ranges);
        if (!sources) continue;
        if (one.kind === 'peer') sendFromPeer(on, one.node, sources);
        else sendFromBeyond(on, one.host, sources);
      }
    }
    return gathered.row();
  };

  const allAnswers = (host: Host, { address }: Target): RowPart => {
    const traffic = answering(address.version);
    const gathered = gathering(targets[address.version].length, outcomes);
    const sources = oneSource(address);
    gathered.begin(sources);
    const of = remembering(filters(traffic), filters(straying(address.version)), outcomes);
    sendHonestly(spread(traffic, gathered.arrived, of), host, sources, toAll(targets[address.version].length, EVERYTHING));
    return gathered.row().parts[0] as RowPart;
  };

  /** Through hosts on `path`, which have seen what is answered, and others, which have not. */
  const oneAnswer = (host: Host, from: Target, to: Target, path: readonly Host[]): OutcomeId => {
    const { version } = from.address;
    const strays = filters(straying(version));
    const remembered = remembering(filters(answering(version)), strays, outcomes);
    let found = NOTHING;
    const arrived: Spreading['arrived'] = (target, _, outcome, __, trail) => {
      if (target === to.index) found = outcomes.either(found, trail ? outcomes.both(outcome, UNKNOWN) : outcome);
    };
    const on = spread(answering(version), arrived, (other) => (path.includes(other) ? remembered(other) : strays(other)));
    sendHonestly(on, host, oneSource(from.address), toOne(to.index, EVERYTHING));
    return found;
  };

  return {
    network,
    outcomes,
    honest: (member, version) => once(`honest ${member} ${version}`, () => honestRow(member, version)),
    taken: (member, version) =>
      once(`taken ${member} ${version}`, () => {
        ports ??= openingPorts(model);
        return takenRow(member, version, ports, takenStates[version]);
      }),
    answer(target, member, to, via) {
      const one = members[member];
      const host = target.node?.host;
      const back = network.targetAt(to.first, member);
      if (one?.kind !== 'host' || !host || !back) return UNKNOWN;
      const known = answers[target.address.version];
      let of = known.get(target.index);
      if (!of) {
        of = { alone: new Map(), all: null };
        known.set(target.index, of);
      }
      const there = direct.all[via] as Via;
      if (of.alone.size >= MOST_ALONE) of.all ??= allAnswers(host, target);
      if (of.all) {
        const outcome = of.all.outcomes[back.index] as OutcomeId;
        const returned = direct.all[of.all.vias[back.index] as number];
        // of what does not come back nobody has seen the way
        if (outcome !== NOTHING && returned === reversedVia(there)) return outcome;
        if (outcome === NOTHING && isWayBack(network, target, back, there)) return outcome;
      }
      const key = via * targets[target.address.version].length + back.index;
      let outcome = of.alone.get(key);
      if (outcome === undefined) {
        outcome = oneAnswer(host, target, back, [host, one.host, ...hostsOf(there)]);
        of.alone.set(key, outcome);
      }
      return outcome;
    },
  };
}

function doubtedRow({ parts, shares }: Row, { both }: Outcomes): Row {
  return {
    parts: parts.map((part) => ({ ...part, outcomes: part.outcomes.map((id) => both(id, UNKNOWN)) })),
    shares: new Map([...shares].map(([to, list]) => [to, list.map((share) => ({ ...share, outcome: both(share.outcome, UNKNOWN) }))])),
  };
}

const takenStates: Readonly<Record<4 | 6, Traffic['states']>> = { 4: ['new', 'invalid'], 6: ['new', 'invalid', 'untracked'] };

function answering(version: 4 | 6): Traffic {
  return { version, direction: 'answer', states: ['established'], port: EPHEMERAL };
}

/** Of a host that has not seen what it answers. */
function straying(version: 4 | 6): Traffic {
  return { version, direction: 'stray', states: ['new', 'invalid', null], port: EPHEMERAL };
}

/** Where rules keep packets from conntrack, it may not know what an answer belongs to. */
function remembering(answers: HostFiltersOf, strays: HostFiltersOf, outcomes: Outcomes): HostFiltersOf {
  return (host) => {
    const filters = answers(host);
    const others = filters?.program.hasNotrack ? strays(host) : null;
    if (!filters || !others) return filters;
    return {
      ...filters,
      passing: (...asked) => {
        return oneOf([filters.passing(...asked), others.passing(...asked)], outcomes);
      },
    };
  };
}

function filtersBy(network: Network, workshop: Workshop): (traffic: Traffic) => HostFiltersOf {
  const { model, targets, own } = network;
  const byTraffic = new Map<string, HostFiltersOf>();
  return (traffic) => {
    const { version, direction, states, port } = traffic;
    const key = `${version} ${direction} ${states.join(',')} ${port}`;
    let of = byTraffic.get(key);
    if (!of) {
      const known = new Map<Host, HostFilters | null>();
      of = (host) => {
        let found = known.get(host);
        if (found === undefined) {
          const state = stateOf(model, host);
          found =
            state &&
            hostFilters(state, traffic, host, targets[version], own(host, version), translatingAt(network, host, version), workshop);
          known.set(host, found);
        }
        return found;
      };
      byTraffic.set(key, of);
    }
    return of;
  };
}

function translatingAt({ place }: Network, host: Host, version: 4 | 6): TranslatingAt {
  return (iif) => ({
    key: `${host.interfaces[0]?.uri ?? host.name} ${iif ?? ''}`,
    masqueradeAs: (oif, destination, of) => masqueradeAs(host, oif, destination, of),
    redirectTo: redirectedTo(host, iif, version),
    routeOf(destination) {
      const at = place(host);
      // rules of routing that look at who asks are not followed for what is sent elsewhere
      if (at.asksForSender) return null;
      const way = at.way(destination, null, host.interfaces.find(({ name }) => name === iif) ?? null);
      if (way.to === 'here' || way.to === 'nowhere') return { to: way.to };
      if (way.to === 'interface') return { to: 'interface', name: way.node.name };
      return way.to === 'beyond' && way.device !== null ? { to: 'interface', name: way.device } : null;
    },
  });
}

/** The addresses that an honest host sends from, each with the targets that it does so to. */
function bySource(network: Network, host: Host, version: 4 | 6): ReadonlyMap<Sources, Load> {
  const targets = network.targets[version];
  const sources = new Map<string, Sources>();
  const found = new Map<Sources, number[]>();
  const add = (first: number, last: number): void => {
    const address = sourceOf(host, (targets[first] as Target).address);
    if (!address) return;
    const key = addressKey(address);
    const one = sources.get(key) ?? oneSource(address);
    sources.set(key, one);
    const runs = found.get(one) ?? [];
    found.set(one, runs);
    if (runs.length > 0 && runs[runs.length - 1] === first - 1) runs[runs.length - 1] = last;
    else runs.push(first, last);
  };
  const [any] = targets;
  if (!any) return new Map();
  for (const { first, last, exit } of network.exits(host, null, oneSource(any.address)).runs) {
    // of several addresses IPv6 takes the one that is nearest to the target
    const several = version === 6 && exit.to === 'link' && exit.node.addresses.filter((own) => own.version === 6).length > 1;
    if (exit.to === 'here') continue;
    if (!several) add(first, last);
    else for (let one = first; one <= last; one++) add(one, one);
  }
  return new Map([...found].map(([one, runs]) => [one, { runs, outcome: EVERYTHING }]));
}

/** More ports than this are not tried one by one. */
const MOST_PORTS = 12;

/** The ports that a taken host sends from: one of all that rules tell apart, or none that is known where these are many. */
function openingPorts(model: MeshModel): readonly (number | null)[] {
  const cuts = new Set<number>();
  for (const host of model.links.hosts) {
    const state = stateOf(model, host);
    if (!state) continue;
    for (const { from, to } of programOf(state, 4).openingPorts)
      for (const cut of [from, to + 1n]) if (cut <= 65535n) cuts.add(Number(cut));
  }
  if (cuts.size === 0) return [EPHEMERAL];
  cuts.add(0);
  return cuts.size > MOST_PORTS ? [null] : [...cuts].sort((a, b) => a - b);
}

/** Whether routes lead from one target to another by the way there, the other way round. */
function isWayBack(network: Network, from: Target, to: Target, there: Via): boolean {
  const sources = oneSource(from.address);
  let iif: MeshInterface | null = null;
  let at = from.node?.host;
  const hosts = hostsOf(there);
  for (const next of [...hosts, to.node?.host]) {
    const exit: Exit | undefined = at && network.exits(at, iif, sources).at(to.index);
    const remote: MeshInterface | null = exit?.to === 'link' ? (exit.link?.remote ?? null) : null;
    if (!remote || remote.host !== next) return false;
    iif = remote;
    at = next;
  }
  return true;
}
