// Rows of who reaches whom, computed when they are asked for and kept.
import type { Host, MeshInterface, MeshModel } from '../../mesh/model.ts';
import { addressKey } from '../../net/address.ts';
import { NOTHING, type OutcomeId, type Outcomes, UNKNOWN } from '../filter/outcome.ts';
import { programOf } from '../filter/program.ts';
import { rangesOf } from '../filter/ranges.ts';
import { newWorkshop, type Workshop } from '../filter/workshop.ts';
import { EPHEMERAL } from '../matrix/packets.ts';
import { stateOf } from '../way/ruleset.ts';
import { masqueradeAs, redirectedTo } from '../way/through.ts';
import { sourceOf } from '../way/why.ts';
import { type HostFilters, hostFilters, type Traffic, type TranslatingAt } from './host-filters.ts';
import { sourcesByPeer } from './links.ts';
import { type Network, networkOf } from './network.ts';
import { emptyRow, gathering, type Row } from './rows.ts';
import { oneSource, type Sources, sourcesOf } from './sources.ts';
import { type Spreading, sendFromBeyond, sendFromPeer, sendHonestly, sendTaken, type Via } from './spread.ts';
import type { Target } from './targets.ts';

export interface Spreader {
  readonly network: Network;
  readonly outcomes: Outcomes;
  /** What a member does by its own routes and rules, from its own addresses. */
  honest(member: number, version: 4 | 6): Row;
  /** What somebody does who has taken it. */
  taken(member: number, version: 4 | 6): Row;
  /** What comes back from a target to a member, whose packets came there by `via`. */
  answer(target: Target, member: number, to: Sources, via: Via | null): OutcomeId;
}

type HostFiltersOf = (host: Host) => HostFilters | null;

export function spreader(model: MeshModel, workshop: Workshop = newWorkshop()): Spreader {
  const network = networkOf(model);
  const { outcomes } = workshop;
  const { members, targets } = network;
  const filters = filtersBy(network, workshop);
  const ports = openingPorts(model);
  const kept = new Map<string, Row>();
  const once = (key: string, make: () => Row): Row => {
    let row = kept.get(key);
    if (!row) {
      row = make();
      kept.set(key, row);
    }
    return row;
  };
  const own = { 4: targets[4].filter(({ node }) => node), 6: targets[6].filter(({ node }) => node) };
  const spread = (traffic: Traffic, arrived: Spreading['arrived'], of: HostFiltersOf = filters(traffic)): Spreading => ({
    network,
    traffic,
    outcomes,
    filters: of,
    arrived,
  });

  const honestRow = (member: number, version: 4 | 6): Row => {
    const one = members[member];
    const gathered = gathering(targets[version].length, outcomes);
    const on = spread({ version, direction: 'opening', states: ['new'], port: EPHEMERAL }, gathered.arrived);
    if (!one) return emptyRow;
    if (one.kind === 'host') {
      for (const [sources, some] of bySource(network, one.host, version)) {
        gathered.begin(sources);
        sendHonestly(on, one.host, sources, some);
      }
      return gathered.row();
    }
    // of others nobody knows what they let out
    return doubtedRow(takenRow(member, version, [EPHEMERAL], ['new']), outcomes);
  };

  const takenRow = (member: number, version: 4 | 6, from: readonly (number | null)[], states: Traffic['states']): Row => {
    const one = members[member];
    const gathered = gathering(targets[version].length, outcomes);
    if (!one) return emptyRow;
    for (const port of from) {
      const on = spread({ version, direction: 'opening', states, port }, gathered.arrived);
      if (one.kind === 'host') {
        const others = targets[version].filter((target) => target.node?.host !== one.host);
        for (const node of one.host.interfaces) for (const link of network.links.at(node).values()) sendTaken(on, link, others);
      } else {
        const ranges =
          one.kind === 'peer'
            ? sourcesByPeer(one.node).get(one.peer)?.[version]
            : rangesOf(version === 4 ? one.addresses.v4 : one.addresses.v6);
        const sources = ranges && sourcesOf(version, ranges);
        if (!sources) continue;
        if (one.kind === 'peer') sendFromPeer(on, one.node, sources, targets[version]);
        else sendFromBeyond(on, one.host, sources, targets[version]);
      }
    }
    return gathered.row();
  };

  const answerRow = ({ address, node }: Target): Row => {
    const { version } = address;
    const gathered = gathering(targets[version].length, outcomes);
    const sources = oneSource(address);
    gathered.begin(sources);
    if (node)
      sendHonestly(
        spread(answering(version), gathered.arrived, remembering(filters(answering(version)), filters(straying(version)), outcomes)),
        node.host,
        sources,
        own[version],
      );
    return gathered.row();
  };

  const strayAnswer = (from: Target, to: Target, path: readonly Host[]): OutcomeId => {
    const { version } = from.address;
    const [answers, strays] = [filters(answering(version)), filters(straying(version))];
    const remembered = remembering(answers, strays, outcomes);
    let found = NOTHING;
    const on = spread(
      answering(version),
      (_, __, outcome, ___, trail) => {
        found = outcomes.either(found, trail ? outcomes.both(outcome, UNKNOWN) : outcome);
      },
      (host) => (path.includes(host) ? remembered(host) : strays(host)),
    );
    if (from.node) sendHonestly(on, from.node.host, oneSource(from.address), [to]);
    return found;
  };

  return {
    network,
    outcomes,
    honest: (member, version) => once(`honest ${member} ${version}`, () => honestRow(member, version)),
    taken: (member, version) => once(`taken ${member} ${version}`, () => takenRow(member, version, ports, takenStates[version])),
    answer(target, member, to, via) {
      const one = members[member];
      const { version } = target.address;
      const back = network.targetAt(to.first, member);
      if (one?.kind !== 'host' || !target.node || !back) return UNKNOWN;
      const part = once(`answer ${target.index} ${version}`, () => answerRow(target)).parts[0];
      const there = hostsOf(via);
      const returned = part?.via[back.index];
      const backHosts = returned === undefined ? pathBetween(network, target, back) : hostsOf(returned);
      if (backHosts && sameReversed(there, backHosts)) return part?.outcomes[back.index] ?? NOTHING;
      return strayAnswer(target, back, [target.node.host, one.host, ...there]);
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
        const [one, other] = [filters.passing(...asked), others.passing(...asked)];
        const changes = [...one.changes, ...other.changes].map((change) => ({
          ...change,
          at: (target: Target) => outcomes.both(change.at(target), UNKNOWN),
        }));
        return { changes, at: (target) => outcomes.oneOf(one.at(target), other.at(target)) };
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
function bySource({ targets }: Network, host: Host, version: 4 | 6): ReadonlyMap<Sources, readonly Target[]> {
  const sources = new Map<string, Sources>();
  const found = new Map<Sources, Target[]>();
  for (const target of targets[version]) {
    if (target.node?.host === host) continue;
    const address = sourceOf(host, target.address);
    if (!address) continue;
    const key = addressKey(address);
    const one = sources.get(key) ?? oneSource(address);
    sources.set(key, one);
    const list = found.get(one);
    if (list) list.push(target);
    else found.set(one, [target]);
  }
  return found;
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

function hostsOf(via: Via | null): readonly Host[] {
  const hosts: Host[] = [];
  for (let at = via; at; at = at.before) hosts.push(at.host);
  return hosts;
}

function sameReversed(a: readonly Host[], b: readonly Host[]): boolean {
  return a.length === b.length && a.every((host, i) => host === b[b.length - 1 - i]);
}

/** The hosts between two that routes lead through, the last one first; null where they lead elsewhere. */
function pathBetween(network: Network, from: Target, to: Target): readonly Host[] | null {
  const hosts: Host[] = [];
  const sources = oneSource(from.address);
  let iif: MeshInterface | null = null;
  let at = from.node?.host;
  while (at && hosts.length < 64) {
    const exit = network.exits(at, iif, sources)(to);
    const remote: MeshInterface | null = exit.to === 'link' ? (exit.link?.remote ?? null) : null;
    if (!remote) return null;
    if (remote.host === to.node?.host) return hosts;
    hosts.unshift(remote.host);
    iif = remote;
    at = remote.host;
  }
  return null;
}
