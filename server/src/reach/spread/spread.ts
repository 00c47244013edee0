// How packets of one kind spread through a mesh: from a host to all targets at once, by the same steps that travel.ts takes with one packet.

import { NOTHING, type OutcomeId, type Outcomes, UNKNOWN } from '../filter/outcome.ts';
import { atomOf } from '../filter/program.ts';
import { domains, rangesOf } from '../filter/ranges.ts';
import type { Translation } from '../filter/translation.ts';
import { common, type ServiceNumbers, serviceNumber, servicesOf, united, without } from '../matrix/service-set.ts';
import { portProtocols } from '../services.ts';
import type { Exit } from './exits.ts';
import type { HostFilters, Passing, Traffic } from './host-filters.ts';
import type { Answer, HostPlace } from './host-place.ts';
import { deviceOfExit, devicesOf, eachExit, isLost } from './leaving.ts';
import { type LinkPlace, sourcesByPeer } from './links.ts';
import { changedLoad, eachIn, firstOf, isEmptyLoad, isOfOne, type Load, outcomeIn, toOne, within, withoutTargets } from './loads.ts';
import type { Network, NodePlace, Station } from './network.ts';
import { oneSource, partsOf, type Sources, sourcesIn, sourcesOf } from './sources.ts';
import type { Target } from './targets.ts';
import { type Via, viaHost } from './via.ts';

export interface Spreading {
  readonly network: Network;
  readonly traffic: Traffic;
  readonly outcomes: Outcomes;
  readonly lives: (link: LinkPlace, taken: boolean) => Answer;
  /** The station that somebody has taken; null where none is. */
  readonly taken: number | null;
  /** null where a station has no ruleset. */
  readonly filters: (station: number) => HostFilters | null;
  /** Told of what comes to a target, which is not nothing; with a trail it was sent somewhere else. */
  readonly arrived: (target: number, sources: Sources, outcome: OutcomeId, via: Via, trail: Trail | null) => void;
  /** Told that rules have made other packets of some. */
  readonly moved: () => void;
}

/** As what packets were sent that rules have changed since. */
export interface Trail {
  readonly target: number;
  /** From whom, where rules have changed that. */
  readonly sources: Sources | null;
  /** The services as they were sent, where they come to another port; null where they do not. */
  readonly outcome: OutcomeId | null;
}

/** Where a station's packets come from. */
interface Coming {
  readonly station: number;
  readonly filters: HostFilters | null;
  /** The interface they come in by; the station itself, which sends them; or a network behind it. */
  readonly by: NodePlace | 'itself' | 'beyond';
  readonly sources: Sources;
  readonly depth: number;
  /** The stations up to this one, with it unless it is the sender. */
  readonly via: Via;
  readonly trail: Trail | null;
}

/** More hosts than a packet passes: its hop limit ends a ring of them as well. */
const MOST_HOSTS = 32;

/** An honest host sends from one of its addresses. */
export function sendHonestly(on: Spreading, station: number, sources: Sources, load: Load): void {
  handOn(on, { station, filters: on.filters(station), by: 'itself', sources, depth: 0, via: on.network.direct, trail: null }, load);
}

/** Somebody in a network behind a host sends. Whether the host gets what he sends nobody here knows. */
export function sendFromBeyond(on: Spreading, station: number, sources: Sources, load: Load): void {
  const via = viaHost(on.network.direct, station);
  const coming: Coming = { station, filters: on.filters(station), by: 'beyond', sources, depth: 0, via, trail: null };
  handOn(on, coming, doubtedLoad(on, load));
}

/** A peer whose own file is not here sends to `node`. */
export function sendFromPeer(on: Spreading, node: NodePlace, sources: Sources, load: Load): void {
  cross(on, node, sources, node.isChanged ? doubtedLoad(on, load) : load, 1, on.network.direct, null);
}

/** A taken host sends into a network that is stated to be behind it, as whom it likes. */
export function sendBehind(on: Spreading, station: number, sources: Sources, load: Load): void {
  const exits = on.network.exits(station, null, sources);
  const coming: Coming = { station, filters: null, by: 'itself', sources, depth: 0, via: on.network.direct, trail: null };
  for (const { first, last, exit } of exits.runs) if (exit.to === 'beyond') leave(on, coming, exit, within(load, first, last));
}

const everySource: Readonly<Record<4 | 6, Sources>> = {
  4: sourcesOf(4, rangesOf(domains[4].all)) as Sources,
  6: sourcesOf(6, rangesOf(domains[6].all)) as Sources,
};

/** A taken host sends to one of its peers, as everybody whom that takes it for. */
export function sendTaken(on: Spreading, link: LinkPlace, load: Load): void {
  const { network, traffic } = on;
  const remote = link.remote === null ? undefined : network.nodes[link.remote];
  if (!remote) {
    strayInto(on, link, everySource[traffic.version], doubtedLoad(on, load), 1, network.direct, null);
    return;
  }
  const sources = sourcesOf(traffic.version, link.takes[traffic.version]);
  const lives = on.lives(link, true);
  if (!sources || lives === 'no') return;
  cross(on, remote, sources, lives === 'yes' && !link.isRemoteChanged ? load : doubtedLoad(on, load), 1, network.direct, null);
}

function doubtedLoad({ outcomes }: Spreading, load: Load): Load {
  return changedLoad(load, (one) => outcomes.both(one, UNKNOWN));
}

function allTargets({ network, traffic }: Spreading): readonly Target[] {
  return network.targets[traffic.version];
}

/** In by an interface: for the host itself, or to be handed on. */
function cross(on: Spreading, node: NodePlace, sources: Sources, load: Load, depth: number, via: Via, trail: Trail | null): void {
  const { station } = node;
  let onward = load;
  if (isOfOne(load)) {
    // what a hub hands on is mostly for the one that it hands it to
    const target = allTargets(on)[firstOf(load)] as Target;
    if (target.at?.station === station) {
      const outcome = outcomeIn(load, target.index);
      if (outcome !== NOTHING) comeIn(on, node, sources, target, outcome, depth, via, trail);
      return;
    }
  } else {
    const here: number[] = [];
    for (const target of on.network.own(station, sources.version)) {
      const outcome = outcomeIn(load, target.index);
      if (outcome === NOTHING) continue;
      here.push(target.index);
      comeIn(on, node, sources, target, outcome, depth, via, trail);
    }
    onward = withoutTargets(load, here);
  }
  if (!isEmptyLoad(onward) && depth <= MOST_HOSTS) relay(on, node, sources, onward, depth, viaHost(via, station), trail);
}

/** Parts of the sources that the host takes in the same way. */
function takenAlike({ sourceCuts }: HostPlace, sources: Sources): readonly Sources[] {
  if (sources.isOne) return [sources];
  const cuts = sourceCuts(sources.version);
  return partsOf(sources, cuts, ({ value }) => atomOf(cuts, value)).map((part) => part.sources);
}

/** To one of the host's own addresses. */
function comeIn(
  on: Spreading,
  node: NodePlace,
  sources: Sources,
  target: Target,
  outcome: OutcomeId,
  depth: number,
  via: Via,
  trail: Trail | null,
): void {
  const { station } = node;
  const { place } = on.network.stations[station] as Station;
  const filters = on.filters(station);
  const coming: Coming = { station, filters, by: node, sources, depth, via, trail };
  if (sources.isOne) {
    takeIn(on, coming, place, node, target, outcome);
    return;
  }
  for (const part of takenAlike(place, sources))
    for (const same of filters ? filters.parts(part) : [part]) takeIn(on, { ...coming, sources: same }, place, node, target, outcome);
}

/** From sources that the host and its rules take alike. */
function takeIn(on: Spreading, coming: Coming, place: HostPlace, { node }: NodePlace, target: Target, outcome: OutcomeId): void {
  const { outcomes, arrived } = on;
  const { station, filters, sources, via, trail } = coming;
  const takes = place.takes(node.name, sources.first, target.address, target.at?.name ?? null);
  if (takes === 'no') return;
  const taken = takes === 'yes' ? outcome : outcomes.both(outcome, UNKNOWN);
  if (!filters) return arrived(target.index, sources, taken, via, trail);
  const passing = filters.passing('input', node.name, null, sources.first);
  const passed = outcomes.both(taken, passing.at(target.index));
  if (passed !== NOTHING) arrived(target.index, sources, passed, via, trail);
  for (const change of passing.changes) {
    const changed = outcomes.both(taken, change.at(target.index));
    if (changed !== NOTHING) goOnAs(on, { ...coming, via: viaHost(via, station) }, target, change.translation, changed);
  }
}

/** Through a host to others. */
function relay(on: Spreading, node: NodePlace, sources: Sources, load: Load, depth: number, via: Via, trail: Trail | null): void {
  const { network } = on;
  const { station } = node;
  const { name } = node.node;
  const { place } = network.stations[station] as Station;
  const filters = on.filters(station);
  const forwards = network.forwards(station, sources.version, name);
  if (forwards === 'off' && !(filters && network.mayTranslate(station, 'prerouting'))) return;
  const some = allTargets(on)[firstOf(load)];
  if (!some || (trail === null && comesBack(on, node, sources, load, filters))) return;
  for (const part of takenAlike(place, sources)) {
    const takes = place.takes(name, part.first, some.address, null);
    if (takes === 'no') continue;
    const taken = forwards === 'on' && takes === 'yes' ? load : doubtedLoad(on, load);
    for (const same of filters && !part.isOne ? filters.parts(part) : [part])
      handOn(on, { station, filters, by: node, sources: same, depth, via, trail }, taken);
  }
}

/** Whether all that a host can do is to send it back to the one that is taken, which has sent it, or nowhere: as most hosts of a hub can. */
function comesBack(on: Spreading, { station, node }: NodePlace, sources: Sources, load: Load, filters: HostFilters | null): boolean {
  const { network, taken } = on;
  if (taken === null || filters?.program.translates || network.stations[station]?.place.asksForSender) return false;
  const targets = allTargets(on);
  let isAll = true;
  eachExit(network.exits(station, node.name, sources), load, (exit, part) => {
    if (!isAll || isLost(network, exit)) return;
    const link = exit.to === 'link' && exit.link !== null ? network.links[exit.link] : undefined;
    const remote = link && link.remote !== null ? network.nodes[link.remote] : undefined;
    isAll = remote?.station === taken;
    // what is nobody's here may be behind it
    if (isAll) eachIn(part, (index) => (isAll &&= targets[index]?.at !== null));
  });
  return isAll;
}

/** By the host's routes: over links, into networks behind it, or nobody knows where. */
function handOn(on: Spreading, coming: Coming, load: Load): void {
  const { station, by, sources, filters } = coming;
  const exits = on.network.exits(station, nameOf(by), sources);
  if (!filters) {
    eachExit(exits, load, (exit, part) => leave(on, coming, exit, part));
    return;
  }
  const { translates } = filters.program;
  const iif = by === 'beyond' ? undefined : nameOf(by);
  const ask = (device: string | undefined): Passing => filters.passing(by === 'itself' ? 'output' : 'forward', iif, device, sources.first);
  if (isOfOne(load)) {
    const exit = exits.at(firstOf(load));
    if (translates || !isLost(on.network, exit)) pass(on, coming, exit, ask(deviceOfExit(exit)), load);
    return;
  }
  // what the rules say hangs on the device, and what they let through may be a few targets of thousands
  const devices = devicesOf(on.network, exits, translates);
  const passings = devices.map(ask);
  if (passings.every(({ base, changes }) => base === NOTHING && changes.length === 0)) {
    for (let i = 0; i < devices.length; i++) {
      const passing = passings[i] as Passing;
      for (const index of passing.others) {
        const exit = exits.at(index);
        if (deviceOfExit(exit) !== devices[i]) continue;
        const through = on.outcomes.both(outcomeIn(load, index), passing.at(index));
        if (through !== NOTHING) leave(on, coming, exit, toOne(index, through));
      }
    }
    return;
  }
  eachExit(exits, load, (exit, part) => {
    const passing = passings[devices.indexOf(deviceOfExit(exit))];
    if (passing && (translates || !isLost(on.network, exit))) pass(on, coming, exit, passing, part);
  });
}

/** More targets than this do not go by themselves where others of a run go together. */
const MOST_APART = 16;

/** Through the host's rules, and out. */
function pass(on: Spreading, coming: Coming, exit: Exit, passing: Passing, load: Load): void {
  const { base, others, changes } = passing;
  if (passing.isOpen) return leave(on, coming, exit, load);
  const { outcomes } = on;
  if (base !== null && changes.length === 0 && 'runs' in load && others.length <= MOST_APART) {
    // most of them go on together
    const rest = outcomes.both(load.outcome, base);
    if (rest !== NOTHING) leave(on, coming, exit, { runs: withoutTargets(load, others).runs, outcome: rest });
    for (const index of others) {
      const through = outcomes.both(outcomeIn(load, index), passing.at(index));
      if (through !== NOTHING) leave(on, coming, exit, toOne(index, through));
    }
    return;
  }
  const targets: number[] = [];
  const passed: OutcomeId[] = [];
  eachIn(load, (index, outcome) => {
    const through = outcomes.both(outcome, passing.at(index));
    if (through !== NOTHING) {
      targets.push(index);
      passed.push(through);
    }
    for (const change of changes) {
      const changed = outcomes.both(outcome, change.at(index));
      if (changed !== NOTHING) goOnAs(on, coming, allTargets(on)[index] as Target, change.translation, changed);
    }
  });
  if (targets.length > 0) leave(on, coming, exit, { targets, outcomes: passed });
}

/**
 * To a peer whose file is not here: it may be the target. What it hands on comes to hosts here only by those that have it as a peer, unless
 * it is one of them under a key that no file tells.
 */
function strayInto(
  on: Spreading,
  { from, peer }: LinkPlace,
  sources: Sources,
  load: Load,
  depth: number,
  via: Via,
  trail: Trail | null,
): void {
  const { network, arrived, traffic } = on;
  const key = peer.facts.publicKey?.value ?? null;
  const isAnybody = key === null || network.hasNameless;
  eachIn(load, (index, outcome) => {
    const target = allTargets(on)[index];
    const member = network.members[target?.member ?? -1];
    const isIt = member?.kind === 'peer' && member.peer.facts.publicKey?.value === key;
    // what no host here has may be its own, or behind it
    const isNobodys = target?.at === null && member?.kind !== 'peer';
    if (outcome !== NOTHING && (isAnybody || isIt || isNobodys)) arrived(index, sources, outcome, via, trail);
  });
  if (isAnybody || depth > MOST_HOSTS) return;
  for (const other of network.strangers(key)) {
    const node = network.nodes[other.from];
    if (!node || other.from === from || node.station === on.taken) continue;
    const ranges = sourcesByPeer(node.node).get(other.peer.facts)?.[traffic.version];
    const taken = ranges && sourcesIn(sources, ranges);
    if (taken) cross(on, node, taken, load, depth + 1, via, trail);
  }
}

/** What comes back to the host that is taken could have been sent elsewhere at once; what rules have made of it may be news to it. */
function returned({ network, outcomes, arrived, traffic }: Spreading, station: number, { sources, via, trail }: Coming, load: Load): void {
  eachIn(load, (index, outcome) => {
    const isNews = trail !== null || network.isForeign(station, network.targets[traffic.version][index] as Target);
    if (isNews && outcome !== NOTHING) arrived(index, sources, outcomes.both(outcome, UNKNOWN), via, trail);
  });
}

function nameOf(by: Coming['by']): string | null {
  return typeof by === 'string' ? null : by.node.name;
}

/** Out of a host whose rules have let it go. */
function leave(on: Spreading, coming: Coming, exit: Exit, load: Load): void {
  if (isEmptyLoad(load)) return;
  const { outcomes, traffic, network } = on;
  const { sources, trail, via, depth, station } = coming;
  switch (exit.to) {
    case 'link': {
      const isChanged = network.nodes[exit.node]?.isChanged ?? false;
      const link = exit.link === null ? undefined : network.links[exit.link];
      // no peer has it, but for what hooks may have given one
      if (!link) {
        if (isChanged) arriveAll(on, coming, doubtedLoad(on, load));
        return;
      }
      const lives = on.lives(link, false);
      if (lives === 'no') return;
      const remote = link.remote === null ? undefined : network.nodes[link.remote];
      if (!remote) {
        strayInto(on, link, sources, doubtedLoad(on, load), depth + 1, via, trail);
        return;
      }
      if (remote.station === on.taken) {
        returned(on, remote.station, coming, load);
        return;
      }
      const taken = link.isRemoteChanged ? sources : sourcesIn(sources, link.takes[traffic.version]);
      const isSure = lives === 'yes' && !isChanged && !link.isRemoteChanged;
      if (taken) cross(on, remote, taken, isSure ? load : doubtedLoad(on, load), depth + 1, via, trail);
      return;
    }
    case 'beyond':
      eachIn(load, (index, outcome) => goBeyond(on, coming, index, outcome));
      return;
    case 'unknown':
      arriveAll(on, coming, doubtedLoad(on, load));
      return;
    case 'elsewhere':
      if (coming.by !== 'itself') arriveAll(on, coming, doubtedLoad(on, load));
      else {
        // to an address of nobody here there may be another way than through the mesh
        eachIn(load, (index, outcome) => {
          const isForeign = network.isForeign(station, allTargets(on)[index] as Target);
          if (isForeign && outcome !== NOTHING) on.arrived(index, sources, outcomes.both(outcome, UNKNOWN), via, trail);
        });
      }
      return;
    default:
      return;
  }
}

function arriveAll({ arrived }: Spreading, { sources, via, trail }: Coming, load: Load): void {
  eachIn(load, (index, outcome) => {
    if (outcome !== NOTHING) arrived(index, sources, outcome, via, trail);
  });
}

/** Into the network behind the host, if that is where the target is. */
function goBeyond(on: Spreading, { station, sources, via, trail }: Coming, index: number, outcome: OutcomeId): void {
  const { network } = on;
  const member = network.members[allTargets(on)[index]?.member ?? -1];
  const isThere = member?.kind === 'beyond' && network.stationOf(member.host) === station;
  if (isThere && outcome !== NOTHING) on.arrived(index, sources, outcome, via, trail);
}

/** Rules of a host have made other packets of what was to go to the target. Its other rules have seen them as such. */
function goOnAs(on: Spreading, coming: Coming, target: Target, translation: Translation, changed: OutcomeId): void {
  const { network, outcomes, arrived } = on;
  const { station, by, via } = coming;
  const { source, destination, port } = translation;
  on.moved();
  const before: Trail = coming.trail ?? { target: target.index, sources: null, outcome: null };
  const trail: Trail = {
    ...before,
    sources: source === 'same' ? before.sources : (before.sources ?? coming.sources),
    outcome: port === 'same' ? before.outcome : (before.outcome ?? changed),
  };
  const here = port === 'same' ? changed : port === null ? UNKNOWN : onPort(outcomes, changed, port);
  if (destination === null) {
    arrived(target.index, coming.sources, outcomes.both(changed, UNKNOWN), via, coming.trail);
    return;
  }
  const forwards = typeof by === 'string' ? 'on' : network.forwards(station, on.traffic.version, by.node.name);
  const outcome = forwards === 'unknown' ? outcomes.both(here, UNKNOWN) : here;
  const sources = source === 'same' ? coming.sources : source && oneSource(source);
  const exits = network.exits(station, nameOf(by), sources ?? coming.sources);
  for (const to of destination === 'same' ? [target] : network.targetsHolding(destination)) {
    if (to.at?.station === station) {
      // what a host sends to itself is nobody's access
      if (by !== 'itself') arrived(to.index, coming.sources, here, via, trail);
    } else if (forwards !== 'off') {
      // whether the other end takes it hangs on as whom it comes
      if (!sources) arrived(to.index, coming.sources, outcomes.both(outcome, UNKNOWN), via, trail);
      else leave(on, { ...coming, sources, trail }, exits.at(to.index), toOne(to.index, outcome));
    }
  }
}

/** The same services of protocols with ports, at another port. */
function onPort(outcomes: Outcomes, id: OutcomeId, port: number): OutcomeId {
  const { allowed, possible } = outcomes.of(id);
  const moved = (services: ServiceNumbers): ServiceNumbers =>
    portProtocols.reduce<ServiceNumbers>((sum, protocol) => {
      const all = servicesOf([protocol], null);
      if (common(services, all).length === 0) return sum;
      const number = serviceNumber(protocol, port);
      return united(without(sum, all), [{ from: number, to: number }]);
    }, services);
  return outcomes.id(moved(allowed), moved(possible));
}
