// How packets of one kind spread through a mesh: from a host to all targets at once, by the same steps that travel.ts takes with one packet.
import type { Host, MeshInterface } from '../../mesh/model.ts';
import { EVERYTHING, NOTHING, type OutcomeId, type Outcomes, UNKNOWN } from '../filter/outcome.ts';
import { deviceOf } from '../way/cryptokey.ts';
import type { HostFilters, Traffic } from './host-filters.ts';
import { countUpTo, type HostPlace } from './host-place.ts';
import type { LinkPlace } from './links.ts';
import type { Network } from './network.ts';
import { partsOf, type Sources, sourcesIn, sourcesOf } from './sources.ts';
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
  /** Told of what comes to a target, which is not nothing. */
  readonly arrived: (target: Target, sources: Sources, outcome: OutcomeId, via: Via | null) => void;
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
}

/** More hosts than a packet passes: its hop limit ends a ring of them as well. */
const MOST_HOSTS = 32;

/** An honest host sends from one of its addresses. */
export function sendHonestly(on: Spreading, host: Host, sources: Sources, targets: readonly Target[]): void {
  const coming: Coming = { host, filters: on.filters(host), by: 'itself', sources, depth: 0, via: null };
  handOn(on, coming, { targets: [...targets], outcomes: targets.map(() => EVERYTHING) });
}

/** Somebody in a network behind a host sends. Whether the host gets what he sends nobody here knows. */
export function sendFromBeyond(on: Spreading, host: Host, sources: Sources, targets: readonly Target[]): void {
  const coming: Coming = { host, filters: on.filters(host), by: 'beyond', sources, depth: 0, via: { host, before: null } };
  handOn(on, coming, { targets: [...targets], outcomes: targets.map(() => UNKNOWN) });
}

/** A peer whose own file is not here sends to `node`. */
export function sendFromPeer(on: Spreading, node: MeshInterface, sources: Sources, targets: readonly Target[]): void {
  const outcome = deviceOf(node).changedAt ? UNKNOWN : EVERYTHING;
  arrive(on, node, sources, { targets: [...targets], outcomes: targets.map(() => outcome) }, 1, null);
}

/** A taken host sends to one of its peers, as everybody whom that takes it for. */
export function sendTaken(on: Spreading, { takes, remote, livesTaken }: LinkPlace, targets: readonly Target[]): void {
  const { version } = on.traffic;
  const sources = sourcesOf(version, takes[version]);
  if (!sources || !remote || livesTaken === 'no') return;
  const outcome = livesTaken === 'yes' && !deviceOf(remote).changedAt ? EVERYTHING : UNKNOWN;
  arrive(on, remote, sources, { targets: [...targets], outcomes: targets.map(() => outcome) }, 1, null);
}

/** Packets come in by an interface: for the host itself, or to be handed on. */
function arrive(on: Spreading, node: MeshInterface, sources: Sources, load: Load, depth: number, via: Via | null): void {
  if (depth > MOST_HOSTS) return;
  const { host } = node;
  const place = on.network.place(host);
  const filters = on.filters(host);
  const onward: Load = { targets: [], outcomes: [] };
  for (const [i, target] of load.targets.entries()) {
    const outcome = load.outcomes[i] as OutcomeId;
    if (target.node?.host === host) comeIn(on, node, place, filters, sources, target, outcome, via);
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
    const outcomes = forwards === 'on' && takes === 'yes' ? onward.outcomes : doubted(on, onward.outcomes);
    for (const same of filters ? filters.parts(part) : [part])
      handOn(on, { host, filters, by: node, sources: same, depth, via: { host, before: via } }, { targets: onward.targets, outcomes });
  }
}

function doubted({ outcomes }: Spreading, all: readonly OutcomeId[]): OutcomeId[] {
  return all.map((one) => outcomes.both(one, UNKNOWN));
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
  place: HostPlace,
  filters: HostFilters | null,
  sources: Sources,
  target: Target,
  outcome: OutcomeId,
  via: Via | null,
): void {
  const { outcomes, arrived } = on;
  for (const part of takenAlike(place, sources)) {
    const takes = place.takes(node, part.first, target.address, target.node);
    if (takes === 'no') continue;
    const taken = takes === 'yes' ? outcome : outcomes.both(outcome, UNKNOWN);
    if (!filters) arrived(target, part, taken, via);
    else {
      for (const same of filters.parts(part)) {
        const passed = outcomes.both(taken, filters.passing('input', node.name, null, same.first).at(target));
        if (passed !== NOTHING) arrived(target, same, passed, via);
      }
    }
  }
}

/** By the host's routes: over links, into networks behind it, or nobody knows where. */
function handOn(on: Spreading, coming: Coming, { targets, outcomes: soFar }: Load): void {
  const { network, outcomes, arrived, traffic } = on;
  const { host, filters, by, sources, via } = coming;
  const exitOf = network.exits(host, typeof by === 'string' ? null : by, sources);
  const isSender = by === 'itself';
  const way = isSender ? 'output' : 'forward';
  const iif = by === 'itself' ? null : by === 'beyond' ? undefined : by.name;
  const mayTranslate = filters !== null && network.mayTranslate(host, isSender ? 'output' : 'prerouting');
  const passing = new Map<string | undefined, ReturnType<HostFilters['passing']>>();
  /** `oif` undefined is a device that no file names. */
  const passed = (target: Target, outcome: OutcomeId, oif: string | undefined): OutcomeId => {
    if (!filters) return outcome;
    let through = passing.get(oif);
    if (!through) {
      through = filters.passing(way, iif, oif, sources.first);
      passing.set(oif, through);
    }
    return outcomes.both(outcome, through.at(target));
  };
  const overLinks = new Map<LinkPlace, Sources | null>();
  const onward = new Map<LinkPlace, Load>();
  for (let i = 0; i < targets.length; i++) {
    const target = targets[i] as Target;
    const exit = exitOf(target);
    let outcome = soFar[i] as OutcomeId;
    if (exit.to === 'link') {
      const { link, node } = exit;
      if (!link || link.lives === 'no') {
        // no peer has it, but for what hooks may have given one
        if (!link && deviceOf(node).changedAt) outcome = outcomes.both(outcome, UNKNOWN);
        else continue;
      }
      outcome = passed(target, outcome, node.name);
      if (outcome === NOTHING) continue;
      if (link?.lives === 'unknown' || deviceOf(node).changedAt) outcome = outcomes.both(outcome, UNKNOWN);
      const remote = link?.remote;
      if (!link || !remote) {
        arrived(target, sources, outcomes.both(outcome, UNKNOWN), via);
        continue;
      }
      let taken = overLinks.get(link);
      if (taken === undefined) {
        const isChanged = deviceOf(remote).changedAt !== null;
        taken = isChanged ? sources : sourcesIn(sources, link.takes[traffic.version]);
        overLinks.set(link, taken);
      }
      if (!taken) continue;
      if (deviceOf(remote).changedAt) outcome = outcomes.both(outcome, UNKNOWN);
      if (target.node?.host === remote.host) {
        comeIn(on, remote, network.place(remote.host), on.filters(remote.host), taken, target, outcome, via);
        continue;
      }
      const load = onward.get(link);
      if (load) {
        load.targets.push(target);
        load.outcomes.push(outcome);
      } else onward.set(link, { targets: [target], outcomes: [outcome] });
    } else if (exit.to === 'beyond') {
      outcome = passed(target, outcome, exit.device ?? undefined);
      const member = network.members[target.member];
      if (outcome !== NOTHING && member?.kind === 'beyond' && member.host === host) arrived(target, sources, outcome, via);
    } else {
      const isLost = exit.to === 'here' || exit.to === 'nowhere' || (exit.to === 'elsewhere' && isSender);
      if (isLost && !mayTranslate) continue;
      outcome = outcomes.both(passed(target, outcome, undefined), UNKNOWN);
      if (outcome !== NOTHING) arrived(target, sources, outcome, via);
    }
  }
  for (const [link, load] of onward) {
    const taken = overLinks.get(link);
    if (taken && link.remote) arrive(on, link.remote, taken, load, coming.depth + 1, via);
  }
}
