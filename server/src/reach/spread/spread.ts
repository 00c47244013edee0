// How packets of one kind spread through a mesh: from a host to all targets at once, by the same steps that travel.ts takes with one packet.
import type { Host, MeshInterface } from '../../mesh/model.ts';
import { EVERYTHING, NOTHING, type OutcomeId, type Outcomes, UNKNOWN } from '../filter/outcome.ts';
import type { Translation } from '../filter/translation.ts';
import { common, type ServiceNumbers, serviceNumber, servicesOf, united, without } from '../matrix/service-set.ts';
import { portProtocols } from '../services.ts';
import { deviceOf } from '../way/cryptokey.ts';
import type { HostFilters, Passing, Traffic } from './host-filters.ts';
import { countUpTo, type HostPlace } from './host-place.ts';
import type { LinkPlace } from './links.ts';
import type { Exit, Network } from './network.ts';
import { oneSource, partsOf, type Sources, sourcesIn, sourcesOf } from './sources.ts';
import type { Target } from './targets.ts';

/** The hosts on the way, the last one first. */
export interface Via {
  readonly host: Host;
  readonly before: Via | null;
}

export interface Spreading {
  readonly network: Network;
  readonly traffic: Traffic;
  readonly outcomes: Outcomes;
  /** null where a host has no ruleset. */
  readonly filters: (host: Host) => HostFilters | null;
  /** Told of what comes to a target, which is not nothing; with a trail it was sent somewhere else. */
  readonly arrived: (target: Target, sources: Sources, outcome: OutcomeId, via: Via | null, trail: Trail | null) => void;
}

/** As what packets were sent that rules have changed since. */
export interface Trail {
  readonly target: Target;
  /** From whom, where rules have changed that. */
  readonly sources: Sources | null;
  /** The services as they were sent, where they come to another port; null where they do not. */
  readonly outcome: OutcomeId | null;
}

/** What is on its way to some targets, each with what got so far. */
interface Load {
  readonly targets: Target[];
  readonly outcomes: OutcomeId[];
}

/** Where a host's packets come from. */
interface Coming {
  readonly host: Host;
  readonly filters: HostFilters | null;
  /** The interface they come in by; the host itself, which sends them; or a network behind it. */
  readonly by: MeshInterface | 'itself' | 'beyond';
  readonly sources: Sources;
  readonly depth: number;
  readonly via: Via | null;
  readonly trail: Trail | null;
}

/** More hosts than a packet passes: its hop limit ends a ring of them as well. */
const MOST_HOSTS = 32;

/** An honest host sends from one of its addresses. */
export function sendHonestly(on: Spreading, host: Host, sources: Sources, targets: readonly Target[]): void {
  const coming: Coming = { host, filters: on.filters(host), by: 'itself', sources, depth: 0, via: null, trail: null };
  handOn(on, coming, { targets: [...targets], outcomes: targets.map(() => EVERYTHING) });
}

/** Somebody in a network behind a host sends. Whether the host gets what he sends nobody here knows. */
export function sendFromBeyond(on: Spreading, host: Host, sources: Sources, targets: readonly Target[]): void {
  const coming: Coming = { host, filters: on.filters(host), by: 'beyond', sources, depth: 0, via: { host, before: null }, trail: null };
  handOn(on, coming, { targets: [...targets], outcomes: targets.map(() => UNKNOWN) });
}

/** A peer whose own file is not here sends to `node`. */
export function sendFromPeer(on: Spreading, node: MeshInterface, sources: Sources, targets: readonly Target[]): void {
  const outcome = deviceOf(node).changedAt ? UNKNOWN : EVERYTHING;
  arrive(on, node, sources, { targets: [...targets], outcomes: targets.map(() => outcome) }, 1, null, null);
}

/** A taken host sends to one of its peers, as everybody whom that takes it for. */
export function sendTaken(on: Spreading, { takes, remote, livesTaken }: LinkPlace, targets: readonly Target[]): void {
  const { version } = on.traffic;
  const sources = sourcesOf(version, takes[version]);
  if (!sources || !remote || livesTaken === 'no') return;
  const outcome = livesTaken === 'yes' && !deviceOf(remote).changedAt ? EVERYTHING : UNKNOWN;
  arrive(on, remote, sources, { targets: [...targets], outcomes: targets.map(() => outcome) }, 1, null, null);
}

/** Packets come in by an interface: for the host itself, or to be handed on. */
function arrive(
  on: Spreading,
  node: MeshInterface,
  sources: Sources,
  load: Load,
  depth: number,
  via: Via | null,
  trail: Trail | null,
): void {
  if (depth > MOST_HOSTS) return;
  const { host } = node;
  const place = on.network.place(host);
  const filters = on.filters(host);
  const onward: Load = { targets: [], outcomes: [] };
  for (const [i, target] of load.targets.entries()) {
    const outcome = load.outcomes[i] as OutcomeId;
    if (target.node?.host === host) comeIn(on, node, sources, target, outcome, depth, via, trail);
    else {
      onward.targets.push(target);
      onward.outcomes.push(outcome);
    }
  }
  if (onward.targets.length === 0) return;
  const forwards = place.forwards(sources.version, node);
  const mayTranslate = filters !== null && on.network.mayTranslate(host, 'prerouting');
  if (forwards === 'off' && !mayTranslate) return;
  for (const part of takenAlike(place, sources)) {
    const [some] = onward.targets;
    const takes = some ? place.takes(node, part.first, some.address, null) : 'no';
    if (takes === 'no') continue;
    const outcomes = forwards === 'on' && takes === 'yes' ? onward.outcomes : onward.outcomes.map((one) => on.outcomes.both(one, UNKNOWN));
    for (const same of filters ? filters.parts(part) : [part]) {
      const coming: Coming = { host, filters, by: node, sources: same, depth, via: { host, before: via }, trail };
      handOn(on, coming, { targets: onward.targets, outcomes });
    }
  }
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
  via: Via | null,
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
    if (!filters) arrived(target, part, taken, via, trail);
    else {
      for (const same of filters.parts(part)) {
        const passing = filters.passing('input', node.name, null, same.first);
        const passed = outcomes.both(taken, passing.at(target));
        if (passed !== NOTHING) arrived(target, same, passed, via, trail);
        for (const change of passing.changes) {
          const changed = outcomes.both(taken, change.at(target));
          const coming: Coming = { host, filters, by: node, sources: same, depth, via, trail };
          if (changed !== NOTHING) goOnAs(on, coming, target, change.translation, changed);
        }
      }
    }
  }
}

/** By the host's routes: over links, into networks behind it, or nobody knows where. */
function handOn(on: Spreading, coming: Coming, { targets, outcomes: soFar }: Load): void {
  const { network, outcomes, arrived } = on;
  const { host, filters, by, sources, via, trail } = coming;
  const exitOf = network.exits(host, typeof by === 'string' ? null : by, sources);
  const isSender = by === 'itself';
  const way = isSender ? 'output' : 'forward';
  const iif = by === 'itself' ? null : by === 'beyond' ? undefined : by.name;
  const mayTranslate = filters !== null && network.mayTranslate(host, isSender ? 'output' : 'prerouting');
  const passing = new Map<string | undefined, Passing>();
  /** What comes through as it was; `oif` undefined is a device that no file names. */
  const passed = (target: Target, outcome: OutcomeId, oif: string | undefined): OutcomeId => {
    if (!filters) return outcome;
    let through = passing.get(oif);
    if (!through) {
      through = filters.passing(way, iif, oif, sources.first);
      passing.set(oif, through);
    }
    for (const change of through.changes) {
      const changed = outcomes.both(outcome, change.at(target));
      if (changed !== NOTHING) goOnAs(on, coming, target, change.translation, changed);
    }
    return outcomes.both(outcome, through.at(target));
  };
  const onward: Onward = { taken: new Map(), loads: new Map() };
  for (let i = 0; i < targets.length; i++) {
    const target = targets[i] as Target;
    const exit = exitOf(target);
    const outcome = soFar[i] as OutcomeId;
    if (exit.to === 'link') {
      // no peer has it, but for what hooks may have given one
      const isDead = exit.link ? exit.link.lives === 'no' : !deviceOf(exit.node).changedAt;
      if (isDead && !filters?.program.translates) continue;
      const through = passed(target, outcome, exit.node.name);
      if (through !== NOTHING && !isDead) overLink(on, coming, exit, target, sources, through, trail, onward);
    } else if (exit.to === 'beyond') {
      const through = passed(target, outcome, exit.device ?? undefined);
      if (through !== NOTHING) goBeyond(on, coming, target, sources, through, trail);
    } else {
      const isLost = exit.to === 'here' || exit.to === 'nowhere' || (exit.to === 'elsewhere' && isSender);
      if (isLost && !mayTranslate) continue;
      const through = passed(target, outcome, undefined);
      if (through !== NOTHING && !isLost) arrived(target, sources, outcomes.both(through, UNKNOWN), via, trail);
    }
  }
  for (const [link, load] of onward.loads) {
    const taken = onward.taken.get(link);
    if (taken && link.remote) arrive(on, link.remote, taken, load, coming.depth + 1, via, trail);
  }
}

/** What several targets have in common on their way out of a host. */
interface Onward {
  /** By link the sources that the other end takes. */
  readonly taken: Map<LinkPlace, Sources | null>;
  readonly loads: Map<LinkPlace, Load>;
}

/** To the end of a link: whoever has the target, or whoever hands it on. */
function overLink(
  on: Spreading,
  coming: Coming,
  { link, node }: Exit & { readonly to: 'link' },
  target: Target,
  sources: Sources,
  through: OutcomeId,
  trail: Trail | null,
  onward: Onward,
): void {
  const { outcomes, arrived, traffic } = on;
  const isSure = link !== null && link.lives === 'yes' && !deviceOf(node).changedAt;
  const remote = link?.remote;
  if (!link || !remote) {
    arrived(target, sources, outcomes.both(through, UNKNOWN), coming.via, trail);
    return;
  }
  const isChanged = deviceOf(remote).changedAt !== null;
  let taken = onward.taken.get(link);
  if (taken === undefined) {
    taken = isChanged ? sources : sourcesIn(sources, link.takes[traffic.version]);
    onward.taken.set(link, taken);
  }
  if (!taken) return;
  const outcome = isSure && !isChanged ? through : outcomes.both(through, UNKNOWN);
  if (target.node?.host === remote.host) {
    comeIn(on, remote, taken, target, outcome, coming.depth + 1, coming.via, trail);
    return;
  }
  const load = onward.loads.get(link);
  if (load) {
    load.targets.push(target);
    load.outcomes.push(outcome);
  } else onward.loads.set(link, { targets: [target], outcomes: [outcome] });
}

function goBeyond(
  { network, arrived }: Spreading,
  { host, via }: Coming,
  target: Target,
  sources: Sources,
  outcome: OutcomeId,
  trail: Trail | null,
): void {
  const member = network.members[target.member];
  if (member?.kind === 'beyond' && member.host === host) arrived(target, sources, outcome, via, trail);
}

/** Rules of a host have made other packets of what was to go to the target. Its other rules have seen them as such. */
function goOnAs(on: Spreading, coming: Coming, target: Target, translation: Translation, changed: OutcomeId): void {
  const { network, outcomes, arrived } = on;
  const { host, by, via, depth } = coming;
  const { source, destination, port } = translation;
  const before: Trail = coming.trail ?? { target, sources: null, outcome: null };
  const trail: Trail = {
    ...before,
    sources: source === 'same' ? before.sources : (before.sources ?? coming.sources),
    outcome: port === 'same' ? before.outcome : (before.outcome ?? changed),
  };
  let outcome = port === 'same' ? changed : port === null ? UNKNOWN : onPort(outcomes, changed, port);
  if (destination === null) {
    arrived(target, coming.sources, outcomes.both(changed, UNKNOWN), via, coming.trail);
    return;
  }
  const sources = source === 'same' ? coming.sources : source && oneSource(source);
  const exitOf = network.exits(host, typeof by === 'string' ? null : by, sources ?? coming.sources);
  for (const to of destination === 'same' ? [target] : network.targetsHolding(destination)) {
    if (to.node?.host === host) {
      // what a host sends to itself is nobody's access
      if (by !== 'itself') arrived(to, coming.sources, outcome, via, trail);
      continue;
    }
    if (typeof by !== 'string') {
      const forwards = network.place(host).forwards(on.traffic.version, by);
      if (forwards === 'off') continue;
      if (forwards === 'unknown') outcome = outcomes.both(outcome, UNKNOWN);
    }
    const exit = exitOf(to);
    if (exit.to === 'beyond') goBeyond(on, coming, to, coming.sources, outcome, trail);
    else if (exit.to === 'link') {
      if (exit.link ? exit.link.lives === 'no' : !deviceOf(exit.node).changedAt) continue;
      if (!sources) {
        // whether the other end takes it hangs on as whom it comes
        arrived(to, coming.sources, outcomes.both(outcome, UNKNOWN), via, trail);
        continue;
      }
      const onward: Onward = { taken: new Map(), loads: new Map() };
      const passedOn = typeof by === 'string' || via?.host === host ? coming : { ...coming, via: { host, before: via } };
      overLink(on, passedOn, exit, to, sources, outcome, trail, onward);
      for (const [link, load] of onward.loads) {
        const taken = onward.taken.get(link);
        if (taken && link.remote) arrive(on, link.remote, taken, load, depth + 1, passedOn.via, trail);
      }
    } else if (exit.to === 'unknown' || (exit.to === 'elsewhere' && by !== 'itself'))
      arrived(to, coming.sources, outcomes.both(outcome, UNKNOWN), via, trail);
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
