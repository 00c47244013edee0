// What an edit changes of who reaches whom, as far as files say it: which rows must be computed anew, and which targets in the others.
import { intersected } from '../../net/intervals.ts';
import { programOf } from '../filter/program.ts';
import { changedBoxes } from '../filter/program-change.ts';
import { type AddressNumber, domains, otherRanges, type Ranges, rangesOf, unitedRanges } from '../filter/ranges.ts';
import { type Exit, type ExitRun, type Exits, isSame } from './exits.ts';
import { type LinkLives, lifeKey } from './link-lives.ts';
import type { LinkPlace } from './links.ts';
import type { Network, Station } from './network.ts';
import { type Sources, sourcesIn, sourcesOf } from './sources.ts';
import type { Target } from './targets.ts';

export interface Changes {
  /** Whether all of it must be computed anew. */
  readonly isAll: boolean;
  /** Stations whose own files have changed: their rows are other ones. */
  readonly stations: ReadonlySet<number>;
  /** Stations whose rules have changed: what they send themselves is another thing. */
  readonly ruled: ReadonlySet<number>;
  /** Stations whose packets other ends take otherwise: links can live that could not, AllowedIPs there are others. */
  readonly relinked: ReadonlySet<number>;
  /** By version the targets to which anything may have changed, whoever sends; ascending. */
  readonly targets: Readonly<Record<4 | 6, readonly number[]>>;
  /** What else has changed, of some sources or to some targets. */
  readonly pieces: Readonly<Record<4 | 6, readonly Piece[]>>;
}

/** Packets that may fare otherwise than before. Targets that are null are all of them. */
interface Piece {
  /** The station by whose rules; null where it is none. */
  readonly station: number | null;
  /** null for all. */
  readonly sources: Ranges | null;
  /** Where it sends itself, and where others do. */
  readonly sent: readonly number[] | null;
  readonly passed: readonly number[] | null;
}

const everything: Changes = {
  isAll: true,
  stations: new Set(),
  ruled: new Set(),
  relinked: new Set(),
  targets: { 4: [], 6: [] },
  pieces: { 4: [], 6: [] },
};

/** Whether anything has changed for packets of a version. */
export function isTouched({ targets, pieces, stations, relinked }: Changes, version: 4 | 6): boolean {
  return targets[version].length + pieces[version].length + stations.size + relinked.size > 0;
}

/**
 * To which targets packets of these sources may fare otherwise than before, beside those to which all may; null for any. They are sent by a
 * station by its own rules, or as somebody wills who has taken one.
 */
export function differingTargets(
  { pieces }: Changes,
  sources: readonly Sources[],
  by: { readonly station: number; readonly isTaken: boolean },
  version: 4 | 6,
): ReadonlySet<number> | null {
  const found = new Set<number>();
  for (const { station, sources: changed, sent, passed } of pieces[version]) {
    if (by.isTaken && station === by.station) continue;
    if (changed && !sources.some((one) => sourcesIn(one, changed) !== null)) continue;
    const to = station === by.station ? sent : passed;
    if (to === null) return null;
    for (const one of to) found.add(one);
  }
  return found;
}

export interface Before {
  readonly network: Network;
  readonly lives: LinkLives;
}

export function changesSince(before: Before, network: Network, lives: LinkLives): Changes {
  const { network: old } = before;
  const isSameMembers =
    old.members === network.members ||
    (old.members.length === network.members.length && old.members.every(({ key }, i) => key === network.members[i]?.key));
  if (!isSameMembers || old.targets !== network.targets || old.stations.length !== network.stations.length) return everything;
  if (old.hasNameless !== network.hasNameless || old.links.length !== network.links.length) return everything;
  const stations = new Set<number>();
  const ruled = new Set<number>();
  const targets = { 4: new Set<number>(), 6: new Set<number>() };
  for (const [number, now] of network.stations.entries()) {
    const was = old.stations[number];
    if (was === now) continue;
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
    if (was.place !== now.place)
      for (const version of [4, 6] as const) for (const { index } of network.own(number, version)) targets[version].add(index);
  }
  const relinked = new Set<number>();
  const pieces: Record<4 | 6, Piece[]> = { 4: [], 6: [] };
  const taken = (version: 4 | 6, sources: Ranges): void => {
    pieces[version].push({ station: null, sources, sent: null, passed: null });
  };
  for (const station of ruled) for (const version of [4, 6] as const) pieces[version].push(...piecesOf(old, network, station, version));
  const isSameLinks = old.links === network.links && before.lives.kept === lives.kept;
  for (const [number, link] of isSameLinks ? [] : network.links.entries()) {
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
      const key = lifeKey(number, kind);
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
    pieces,
  };
}

/** What has changed by a station's rules. */
function piecesOf(old: Network, network: Network, station: number, version: 4 | 6): readonly Piece[] {
  if (network.targets[version].length === 0) return [];
  const [was, now] = [old.stations[station]?.state, network.stations[station]?.state];
  if (!was || !now) return [{ station, sources: null, sent: null, passed: null }];
  const [before, program] = [programOf(was, version), programOf(now, version)];
  // packets that it makes others of may go on as its own
  const isEnd = !before.translates && !program.translates && ![old, network].some((one) => mayRelay(one, station, version));
  const own = network.own(station, version).map(({ index }) => index);
  return (changedBoxes(before, program) ?? [{ sources: null, destinations: null }]).map(({ sources, destinations }): Piece => {
    const sent = destinations && targetsIn(network, version, destinations);
    const passed = !isEnd ? sent : sent === null ? own : sent.filter((index) => own.includes(index));
    return { station, sources, sent, passed };
  });
}

/** The targets with an address in the ranges. */
function targetsIn({ targets }: Network, version: 4 | 6, { ranges }: Ranges): readonly number[] {
  const all = targets[version];
  const found = new Set<number>();
  for (const { from, to } of ranges) {
    for (let at = firstTargetFrom(all, from); at < all.length && (all[at] as Target).address.value <= to; at++) found.add(at);
  }
  // those of several addresses may begin before a range
  for (const { index, ranges: own } of wideTargets(all)) if (intersected(own.ranges, ranges, domains[version]).length > 0) found.add(index);
  return [...found];
}

const wideKept = new WeakMap<readonly Target[], readonly Target[]>();

/** Those of more than one address. */
function wideTargets(targets: readonly Target[]): readonly Target[] {
  let wide = wideKept.get(targets);
  if (!wide) {
    wide = targets.filter(({ at }) => at === null);
    wideKept.set(targets, wide);
  }
  return wide;
}

function firstTargetFrom(targets: readonly Target[], least: AddressNumber): number {
  let low = 0;
  let high = targets.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((targets[middle] as Target).address.value < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether a host whose files have changed takes packets in as it did. */
function isPlacedAlike({ place: a }: Station, { place: b }: Station): boolean {
  if (a.asksForSender || b.asksForSender || a.isStrict || b.isStrict) return false;
  return ([4, 6] as const).every((version) => {
    const [cuts, others] = [a.sourceCuts(version), b.sourceCuts(version)];
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
  // of the other end nothing is known, or hooks change what it takes
  for (const node of network.stations[station]?.nodes ?? [])
    for (const link of network.nodes[node]?.links.values() ?? [])
      if (link.remote === null || link.isRemoteChanged || !isOwn(link)) return true;
  return false;
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
