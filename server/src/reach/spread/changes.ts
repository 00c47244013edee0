// What an edit changes of who reaches whom, as far as files say it: which rows must be computed anew, and which targets in the others.
import { intersected } from '../../net/intervals.ts';
import { programOf } from '../filter/program.ts';
import { changedSources } from '../filter/program-change.ts';
import { domains, otherRanges, type Ranges, rangesOf, unitedRanges } from '../filter/ranges.ts';
import { type Exit, type ExitRun, type Exits, isSame } from './exits.ts';
import type { LinkLives } from './link-lives.ts';
import type { LinkPlace } from './links.ts';
import type { Network, Station } from './network.ts';
import { type Sources, sourcesIn, sourcesOf } from './sources.ts';

export interface Changes {
  /** Whether all of it must be computed anew. */
  readonly isAll: boolean;
  /** Stations whose own files have changed: their rows are other ones. */
  readonly stations: ReadonlySet<number>;
  /** Stations whose rules have changed: what they send themselves is another thing. */
  readonly ruled: ReadonlySet<number>;
  /** Stations whose packets other ends take otherwise: links can live that could not, AllowedIPs there are others. */
  readonly relinked: ReadonlySet<number>;
  /** By version the targets to which anything may have changed; ascending. */
  readonly targets: Readonly<Record<4 | 6, readonly number[]>>;
  /** Whether packets of these sources may fare otherwise wherever they go, but to a station that is taken. */
  mayDiffer(sources: Sources, taken?: number): boolean;
}

const everything: Changes = {
  isAll: true,
  stations: new Set(),
  ruled: new Set(),
  relinked: new Set(),
  targets: { 4: [], 6: [] },
  mayDiffer: () => true,
};

export interface Before {
  readonly network: Network;
  readonly lives: LinkLives;
}

export function changesSince(before: Before, network: Network, lives: LinkLives): Changes {
  const { network: old } = before;
  const isSameMembers = old.members.length === network.members.length && old.members.every(({ key }, i) => key === network.members[i]?.key);
  if (!isSameMembers || old.targets !== network.targets || old.stations.length !== network.stations.length) return everything;
  if (old.hasNameless !== network.hasNameless || old.links.length !== network.links.length) return everything;
  const stations = new Set<number>();
  const ruled = new Set<number>();
  const targets = { 4: new Set<number>(), 6: new Set<number>() };
  for (const [number, now] of network.stations.entries()) {
    const was = old.stations[number];
    if (!was || !now) {
      if (was || now) return everything;
      continue;
    }
    if (was.state !== now.state) {
      ruled.add(number);
      if (was.state === null || now.state === null) return everything;
    }
    if (was.place !== now.place) {
      if (!isPlacedAlike(was, now)) return everything;
      stations.add(number);
      for (const version of [4, 6] as const) if (!addRerouted(old, network, number, version, targets[version])) return everything;
    }
    if (!forwardsAlike(old, network, now)) return everything;
    if (was.state !== now.state || was.place !== now.place)
      for (const version of [4, 6] as const) for (const { index } of network.own(number, version)) targets[version].add(index);
  }
  const relinked = new Set<number>();
  let sources: Readonly<Record<4 | 6, Ranges>> = { 4: rangesOf([]), 6: rangesOf([]) };
  const taken = (version: 4 | 6, ranges: Ranges): void => {
    sources = { ...sources, [version]: unitedRanges(sources[version], ranges, version) };
  };
  for (const [number, link] of network.links.entries()) {
    const was = old.links[number];
    if (!was || !link) {
      if (was || link) return everything;
      continue;
    }
    const station = network.nodes[link.from]?.station;
    if (station === undefined || was.remote !== link.remote || was.isRemoteChanged !== link.isRemoteChanged) return everything;
    for (const version of [4, 6] as const) {
      if (was.takes[version].key === link.takes[version].key) continue;
      relinked.add(station);
      taken(version, differenceOf(was.takes[version], link.takes[version], version));
    }
    for (const kind of [false, true]) {
      const key = `${number} ${kind ? 'taken' : ''}`;
      const answer = before.lives.kept.get(key);
      if (!answer || lives.kept.get(key) === answer || lives.of(link, kind) === answer) continue;
      relinked.add(station);
      if (!kind)
        for (const version of [4, 6] as const)
          addOver(network, link, station, version, targets[version], (ranges) => taken(version, ranges));
    }
  }
  const sorted = (set: ReadonlySet<number>): readonly number[] => [...set].sort((a, b) => a - b);
  return {
    isAll: false,
    stations,
    ruled,
    relinked,
    targets: { 4: sorted(targets[4]), 6: sorted(targets[6]) },
    mayDiffer: (of, but) =>
      sourcesIn(of, sources[of.version]) !== null ||
      [...ruled].some((station) => station !== but && rulesMayDiffer(old.stations[station], network.stations[station], of)),
  };
}

/** Whether packets of these sources may fare otherwise by a host's rules. */
function rulesMayDiffer(was: Station | undefined, now: Station | undefined, sources: Sources): boolean {
  if (!was?.state || !now?.state) return true;
  const { version } = sources;
  const changed = changedSources(programOf(was.state, version), programOf(now.state, version));
  return changed === null || sourcesIn(sources, changed) !== null;
}

/** Whether a host whose files have changed takes packets in as it did. */
function isPlacedAlike({ place: a }: Station, { place: b }: Station): boolean {
  if (a.asksForSender || b.asksForSender || a.isStrict || b.isStrict) return false;
  return ([4, 6] as const).every((version) => {
    const [cuts, others] = [a.sourceCuts[version], b.sourceCuts[version]];
    return cuts.length === others.length && cuts.every((cut, i) => cut === others[i]);
  });
}

function forwardsAlike(old: Network, network: Network, { number, host }: Station): boolean {
  if (old.stations[number]?.host === host) return true;
  return ([4, 6] as const).every((version) =>
    host.interfaces.every(({ name }) => old.forwards(number, version, name) === network.forwards(number, version, name)),
  );
}

/** Adds the targets that a station hands on by another exit; false where these are too many to look at one by one. */
function addRerouted(old: Network, network: Network, station: number, version: 4 | 6, into: Set<number>): boolean {
  const anybody = sourcesOf(version, rangesOf(domains[version].all)) as Sources;
  const [was, now] = [old.exits(station, null, anybody), network.exits(station, null, anybody)];
  const found: number[] = [];
  eachBoth(was, now, (first, last, a, b) => {
    if (!isSame(a, b)) for (let index = first; index <= last; index++) found.push(index);
  });
  // how a host that hands nothing on routes is its own row's business
  if (found.length > MOST_REROUTED) return !mayRelay(old, station, version) && !mayRelay(network, station, version);
  for (const index of found) into.add(index);
  return true;
}

/** So many targets are computed anew in all rows; beyond it the rows are. */
const MOST_REROUTED = 64;

function eachBoth(a: Exits, b: Exits, told: (first: number, last: number, one: Exit, other: Exit) => void): void {
  for (let i = 0, k = 0; i < a.runs.length && k < b.runs.length; ) {
    const [one, other] = [a.runs[i] as ExitRun, b.runs[k] as ExitRun];
    const last = Math.min(one.last, other.last);
    told(Math.max(one.first, other.first), last, one.exit, other.exit);
    if (one.last === last) i++;
    if (other.last === last) k++;
  }
}

/** Whether anything that others send may come through a station: over one of its links to another, or out of the mesh. */
function mayRelay(network: Network, station: number, version: 4 | 6): boolean {
  const anybody = sourcesOf(version, rangesOf(domains[version].all)) as Sources;
  const exits = network.exits(station, null, anybody).runs.map(({ exit }) => exit.to);
  if (exits.some((to) => to !== 'link' && to !== 'here')) return true;
  const own = rangesOf(network.own(station, version).flatMap(({ ranges }) => ranges.ranges));
  const isOwn = (link: LinkPlace): boolean => {
    const others = intersected(link.takes[version].ranges, otherRanges(own, version).ranges, domains[version]);
    return others.length === 0;
  };
  // whoever may send only as itself hands nothing on: what comes with its own address it does not take
  return (network.stations[station]?.nodes ?? []).some((node) =>
    [...(network.nodes[node]?.links.values() ?? [])].some((link) => !isOwn(link)),
  );
}

function differenceOf(a: Ranges, b: Ranges, version: 4 | 6): Ranges {
  const only = (one: Ranges, other: Ranges): Ranges =>
    rangesOf(intersected(one.ranges, otherRanges(other, version).ranges, domains[version]));
  return unitedRanges(only(a, b), only(b, a), version);
}

/** What goes over a link: few targets, or the rows of those whose packets it takes. */
function addOver(
  network: Network,
  link: LinkPlace,
  station: number,
  version: 4 | 6,
  targets: Set<number>,
  taken: (ranges: Ranges) => void,
): void {
  const anybody = sourcesOf(version, rangesOf(domains[version].all)) as Sources;
  const over = network.exits(station, null, anybody).runs.filter(({ exit }) => exit.to === 'link' && exit.link === link.number);
  const count = over.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  if (count > MOST_REROUTED) taken(link.takes[version]);
  else for (const { first, last } of over) for (let index = first; index <= last; index++) targets.add(index);
}
