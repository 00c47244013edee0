// How packets of one kind spread through a mesh: from a host to all targets at once, by the same steps that travel.ts takes with one packet.
import type { Host, MeshInterface } from '../../mesh/model.ts';
import { EVERYTHING, NOTHING, type OutcomeId, type Outcomes, UNKNOWN } from '../filter/outcome.ts';
import type { Translation } from '../filter/translation.ts';
import { common, type ServiceNumbers, serviceNumber, servicesOf, united, without } from '../matrix/service-set.ts';
import { portProtocols } from '../services.ts';
import { deviceOf } from '../way/cryptokey.ts';
import { type Exit, type ExitRun, type Exits, runAt } from './exits.ts';
import type { HostFilters, Passing, Traffic } from './host-filters.ts';
import { countUpTo, type HostPlace } from './host-place.ts';
import type { LinkPlace } from './links.ts';
import { changedLoad, eachIn, firstAtLeast, isEmptyLoad, type Load, outcomeIn, toAll, toOne, within, withoutTargets } from './loads.ts';
import type { Network } from './network.ts';
import { oneSource, partsOf, type Sources, sourcesIn, sourcesOf } from './sources.ts';
import type { Target } from './targets.ts';
import { type Via, viaHost } from './via.ts';

export interface Spreading {
  readonly network: Network;
  readonly traffic: Traffic;
  readonly outcomes: Outcomes;
  /** null where a host has no ruleset. */
  readonly filters: (host: Host) => HostFilters | null;
  /** Told of what comes to a target, which is not nothing; with a trail it was sent somewhere else. */
  readonly arrived: (target: number, sources: Sources, outcome: OutcomeId, via: Via, trail: Trail | null) => void;
}

/** As what packets were sent that rules have changed since. */
export interface Trail {
  readonly target: number;
  /** From whom, where rules have changed that. */
  readonly sources: Sources | null;
  /** The services as they were sent, where they come to another port; null where they do not. */
  readonly outcome: OutcomeId | null;
}

/** Where a host's packets come from. */
interface Coming {
  readonly host: Host;
  readonly filters: HostFilters | null;
  /** The interface they come in by; the host itself, which sends them; or a network behind it. */
  readonly by: MeshInterface | 'itself' | 'beyond';
  readonly sources: Sources;
  readonly depth: number;
  /** The hosts up to this one, with it unless it is the sender. */
  readonly via: Via;
  readonly trail: Trail | null;
}

/** More hosts than a packet passes: its hop limit ends a ring of them as well. */
const MOST_HOSTS = 32;

/** An honest host sends from one of its addresses. */
export function sendHonestly(on: Spreading, host: Host, sources: Sources, load: Load): void {
  handOn(on, { host, filters: on.filters(host), by: 'itself', sources, depth: 0, via: on.network.direct, trail: null }, load);
}

/** Somebody in a network behind a host sends. Whether the host gets what he sends nobody here knows. */
export function sendFromBeyond(on: Spreading, host: Host, sources: Sources): void {
  const via = viaHost(on.network.direct, host);
  const coming: Coming = { host, filters: on.filters(host), by: 'beyond', sources, depth: 0, via, trail: null };
  handOn(on, coming, toAll(allTargets(on).length, UNKNOWN));
}

/** A peer whose own file is not here sends to `node`. */
export function sendFromPeer(on: Spreading, node: MeshInterface, sources: Sources): void {
  const outcome = deviceOf(node).changedAt ? UNKNOWN : EVERYTHING;
  cross(on, node, sources, toAll(allTargets(on).length, outcome), 1, on.network.direct, null);
}

/** A taken host sends to one of its peers, as everybody whom that takes it for. */
export function sendTaken(on: Spreading, { takes, remote, livesTaken, isRemoteChanged }: LinkPlace): void {
  const { version } = on.traffic;
  const sources = sourcesOf(version, takes[version]);
  if (!sources || !remote || livesTaken === 'no') return;
  const outcome = livesTaken === 'yes' && !isRemoteChanged ? EVERYTHING : UNKNOWN;
  cross(on, remote, sources, toAll(allTargets(on).length, outcome), 1, on.network.direct, null);
}

function allTargets({ network, traffic }: Spreading): readonly Target[] {
  return network.targets[traffic.version];
}

/** In by an interface: for the host itself, or to be handed on. */
function cross(on: Spreading, node: MeshInterface, sources: Sources, load: Load, depth: number, via: Via, trail: Trail | null): void {
  const own = on.network.own(node.host, sources.version);
  const here: number[] = [];
  for (const target of own) {
    const outcome = outcomeIn(load, target.index);
    here.push(target.index);
    if (outcome !== NOTHING) comeIn(on, node, sources, target, outcome, depth, via, trail);
  }
  const onward = withoutTargets(load, here);
  if (!isEmptyLoad(onward) && depth <= MOST_HOSTS) relay(on, node, sources, onward, depth, viaHost(via, node.host), trail);
}

/** Parts of the sources that the host takes in the same way. */
function takenAlike({ sourceCuts }: HostPlace, sources: Sources): readonly Sources[] {
  if (sources.isOne) return [sources];
  const cuts = sourceCuts[sources.version];
  return partsOf(sources, cuts, ({ value }) => countUpTo(cuts, value)).map((part) => part.sources);
}

/** To one of the host's own addresses. */
function comeIn(
  on: Spreading,
  node: MeshInterface,
  sources: Sources,
  target: Target,
  outcome: OutcomeId,
  depth: number,
  via: Via,
  trail: Trail | null,
): void {
  const { outcomes, arrived, network } = on;
  const { host } = node;
  const place = network.place(host);
  const filters = on.filters(host);
  for (const part of takenAlike(place, sources)) {
    const takes = place.takes(node, part.first, target.address, target.node);
    if (takes === 'no') continue;
    const taken = takes === 'yes' ? outcome : outcomes.both(outcome, UNKNOWN);
    if (!filters) {
      arrived(target.index, part, taken, via, trail);
      continue;
    }
    for (const same of filters.parts(part)) {
      const passing = filters.passing('input', node.name, null, same.first);
      const passed = outcomes.both(taken, passing.at(target.index));
      if (passed !== NOTHING) arrived(target.index, same, passed, via, trail);
      for (const change of passing.changes) {
        const changed = outcomes.both(taken, change.at(target.index));
        const coming: Coming = { host, filters, by: node, sources: same, depth, via: viaHost(via, host), trail };
        if (changed !== NOTHING) goOnAs(on, coming, target, change.translation, changed);
      }
    }
  }
}

/** Through a host to others. */
function relay(on: Spreading, node: MeshInterface, sources: Sources, load: Load, depth: number, via: Via, trail: Trail | null): void {
  const { network, outcomes } = on;
  const { host } = node;
  const place = network.place(host);
  const filters = on.filters(host);
  const forwards = place.forwards(sources.version, node);
  if (forwards === 'off' && !(filters && network.mayTranslate(host, 'prerouting'))) return;
  const some = allTargets(on)[firstOf(load)];
  if (!some) return;
  for (const part of takenAlike(place, sources)) {
    const takes = place.takes(node, part.first, some.address, null);
    if (takes === 'no') continue;
    const taken = forwards === 'on' && takes === 'yes' ? load : changedLoad(load, (one) => outcomes.both(one, UNKNOWN));
    for (const same of filters ? filters.parts(part) : [part])
      handOn(on, { host, filters, by: node, sources: same, depth, via, trail }, taken);
  }
}

function firstOf(load: Load): number {
  return ('runs' in load ? load.runs[0] : load.targets[0]) ?? -1;
}

function lastOf(load: Load): number {
  return ('runs' in load ? load.runs[load.runs.length - 1] : load.targets[load.targets.length - 1]) ?? -1;
}

/** By the host's routes: over links, into networks behind it, or nobody knows where. */
function handOn(on: Spreading, coming: Coming, load: Load): void {
  const { network } = on;
  const { host, by, sources } = coming;
  const exits = network.exits(host, typeof by === 'string' ? null : by, sources);
  const { filters } = coming;
  if (!filters) {
    eachExit(exits, load, (exit, part) => leave(on, coming, exit, part));
    return;
  }
  // what the rules say hangs on the device, and what they let through may be a few targets of thousands
  const passings = new Map<string | undefined, Passing>();
  const passingBy = (device: string | undefined): Passing => {
    let passing = passings.get(device);
    if (!passing) {
      const iif = by === 'itself' ? null : by === 'beyond' ? undefined : by.name;
      passing = filters.passing(by === 'itself' ? 'output' : 'forward', iif, device, sources.first);
      passings.set(device, passing);
    }
    return passing;
  };
  const { translates } = filters.program;
  const devices = devicesOf(exits, by === 'itself', translates);
  const isSparse = devices.every((device) => {
    const { some, changes } = passingBy(device);
    return some !== null && changes.length === 0;
  });
  if (isSparse) {
    for (const device of devices) {
      for (const index of passingBy(device).some ?? []) {
        const exit = exits.at(index);
        const outcome = deviceOfExit(exit) === device ? outcomeIn(load, index) : NOTHING;
        if (outcome !== NOTHING) pass(on, coming, exit, passingBy(device), toOne(index, outcome));
      }
    }
    return;
  }
  eachExit(exits, load, (exit, part) => {
    if (translates || !isLost(exit, by === 'itself')) pass(on, coming, exit, passingBy(deviceOfExit(exit)), part);
  });
}

/** The parts of a load that leave by one exit. */
function eachExit({ runs }: Exits, load: Load, told: (exit: Exit, part: Load) => void): void {
  const first = firstOf(load);
  const last = lastOf(load);
  for (let at = first < 0 ? runs.length : runAt(runs, first); at < runs.length; at++) {
    const run = runs[at] as ExitRun;
    if (run.first > last) break;
    const part = within(load, run.first, run.last);
    if (isEmptyLoad(part)) {
      // on to the run of the next target
      if ('targets' in load) at = Math.max(at, runAt(runs, load.targets[firstAtLeast(load.targets, run.last + 1)] ?? last) - 1);
      continue;
    }
    told(run.exit, part);
  }
}

/** Whether nothing that leaves by it comes to anybody, unless rules send it elsewhere. */
function isLost(exit: Exit, isSender: boolean): boolean {
  if (exit.to === 'link') return exit.link === null && !deviceOf(exit.node).changedAt;
  return exit.to === 'here' || exit.to === 'nowhere' || (exit.to === 'elsewhere' && isSender);
}

const devicesBy = new WeakMap<Exits, Map<string, readonly (string | undefined)[]>>();

/** The devices of all exits that are not lost, of all of them with `lost`. */
function devicesOf(exits: Exits, isSender: boolean, lost: boolean): readonly (string | undefined)[] {
  const known = devicesBy.get(exits) ?? new Map<string, readonly (string | undefined)[]>();
  devicesBy.set(exits, known);
  const key = `${isSender} ${lost}`;
  let found = known.get(key);
  if (!found) {
    found = [...new Set(exits.runs.flatMap(({ exit }) => (lost || !isLost(exit, isSender) ? [deviceOfExit(exit)] : [])))];
    known.set(key, found);
  }
  return found;
}

/** undefined is a device that no file names. */
function deviceOfExit(exit: Exit): string | undefined {
  return exit.to === 'link' ? exit.node.name : exit.to === 'beyond' ? (exit.device ?? undefined) : undefined;
}

/** Through the host's rules, and out. */
function pass(on: Spreading, coming: Coming, exit: Exit, passing: Passing, load: Load): void {
  if (passing.isOpen) return leave(on, coming, exit, load);
  const { outcomes } = on;
  const targets: number[] = [];
  const passed: OutcomeId[] = [];
  eachIn(load, (index, outcome) => {
    const through = outcomes.both(outcome, passing.at(index));
    if (through !== NOTHING) {
      targets.push(index);
      passed.push(through);
    }
    for (const change of passing.changes) {
      const changed = outcomes.both(outcome, change.at(index));
      if (changed !== NOTHING) goOnAs(on, coming, allTargets(on)[index] as Target, change.translation, changed);
    }
  });
  if (targets.length > 0) leave(on, coming, exit, { targets, outcomes: passed });
}

/** Out of a host whose rules have let it go. */
function leave(on: Spreading, coming: Coming, exit: Exit, load: Load): void {
  if (isEmptyLoad(load)) return;
  const { outcomes, traffic } = on;
  const { sources, trail, via, depth } = coming;
  const doubted = (): Load => changedLoad(load, (one) => outcomes.both(one, UNKNOWN));
  switch (exit.to) {
    case 'link': {
      const { link } = exit;
      // no peer has it, but for what hooks may have given one
      if (!link) {
        if (deviceOf(exit.node).changedAt) arriveAll(on, coming, doubted());
        return;
      }
      const { lives, remote, isChanged, isRemoteChanged } = link;
      if (lives === 'no') return;
      if (!remote) {
        arriveAll(on, coming, doubted());
        return;
      }
      const taken = isRemoteChanged ? sources : sourcesIn(sources, link.takes[traffic.version]);
      if (taken) cross(on, remote, taken, lives === 'yes' && !isChanged && !isRemoteChanged ? load : doubted(), depth + 1, via, trail);
      return;
    }
    case 'beyond':
      eachIn(load, (index, outcome) => goBeyond(on, coming, index, outcome));
      return;
    case 'unknown':
      arriveAll(on, coming, doubted());
      return;
    case 'elsewhere':
      if (coming.by !== 'itself') arriveAll(on, coming, doubted());
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
function goBeyond(on: Spreading, { host, sources, via, trail }: Coming, index: number, outcome: OutcomeId): void {
  const member = on.network.members[allTargets(on)[index]?.member ?? -1];
  if (member?.kind === 'beyond' && member.host === host) on.arrived(index, sources, outcome, via, trail);
}

/** Rules of a host have made other packets of what was to go to the target. Its other rules have seen them as such. */
function goOnAs(on: Spreading, coming: Coming, target: Target, translation: Translation, changed: OutcomeId): void {
  const { network, outcomes, arrived } = on;
  const { host, by, via } = coming;
  const { source, destination, port } = translation;
  const before: Trail = coming.trail ?? { target: target.index, sources: null, outcome: null };
  const trail: Trail = {
    ...before,
    sources: source === 'same' ? before.sources : (before.sources ?? coming.sources),
    outcome: port === 'same' ? before.outcome : (before.outcome ?? changed),
  };
  let outcome = port === 'same' ? changed : port === null ? UNKNOWN : onPort(outcomes, changed, port);
  if (destination === null) {
    arrived(target.index, coming.sources, outcomes.both(changed, UNKNOWN), via, coming.trail);
    return;
  }
  if (typeof by !== 'string') {
    const forwards = network.place(host).forwards(on.traffic.version, by);
    if (forwards === 'unknown') outcome = outcomes.both(outcome, UNKNOWN);
  }
  const sources = source === 'same' ? coming.sources : source && oneSource(source);
  const exits = network.exits(host, typeof by === 'string' ? null : by, sources ?? coming.sources);
  for (const to of destination === 'same' ? [target] : network.targetsHolding(destination)) {
    if (to.node?.host === host) {
      // what a host sends to itself is nobody's access
      if (by !== 'itself') arrived(to.index, coming.sources, outcome, via, trail);
      continue;
    }
    const isOff = typeof by !== 'string' && network.place(host).forwards(on.traffic.version, by) === 'off';
    if (isOff) continue;
    // whether the other end takes it hangs on as whom it comes
    if (!sources) arrived(to.index, coming.sources, outcomes.both(outcome, UNKNOWN), via, trail);
    else leave(on, { ...coming, sources, trail }, exits.at(to.index), toOne(to.index, outcome));
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
