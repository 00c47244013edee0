// Rows of who reaches whom, computed when they are asked for and kept; after an edit as far as it leaves them as they were.
import type { MeshModel } from '../../mesh/model.ts';
import { sameAddress } from '../../net/address.ts';
import type { AddressSet } from '../../net/address-set.ts';
import { EVERYTHING, type Outcomes, UNKNOWN } from '../filter/outcome.ts';
import { programOf } from '../filter/program.ts';
import { type Ranges, rangesOf, unitedRanges } from '../filter/ranges.ts';
import { newWorkshop, type Workshop } from '../filter/workshop.ts';
import { EPHEMERAL } from '../matrix/packets.ts';
import { sourceBy } from '../way/source.ts';
import { firstAddress } from '../way/why.ts';
import { type AnswerBook, answerBook } from './answers.ts';
import { type Changes, changesSince, differingTargets, isTouched } from './changes.ts';
import { type FilterBook, filterBook } from './filter-book.ts';
import type { Traffic } from './host-filters.ts';
import type { HostPlace } from './host-place.ts';
import { type LinkLives, linkLives } from './link-lives.ts';
import { sourcesByPeer } from './links.ts';
import { changedLoad, type Load, toAll } from './loads.ts';
import { type Network, networkOf, type Station } from './network.ts';
import { emptyRow, gathering, patchedRow, type Row } from './rows.ts';
import { oneSource, type Sources, sourcesOf } from './sources.ts';
import { type Spreading, sendBehind, sendFromBeyond, sendFromPeer, sendHonestly, sendTaken } from './spread.ts';
import type { Target } from './targets.ts';

export interface Spreader {
  readonly network: Network;
  readonly outcomes: Outcomes;
  readonly answers: AnswerBook;
  /** What a member does by its own routes and rules, from its own addresses. */
  honest(member: number, version: 4 | 6): Row;
  /** What somebody does who has taken it. */
  taken(member: number, version: 4 | 6): Row;
  /** Those members whose row is not the one that another spreader has. */
  changed(kind: Kind, version: 4 | 6, before: Spreader): readonly number[];
  /** What the next spreader takes over. */
  readonly kept: Kept;
}

type Kind = 'honest' | 'taken';

/** By kind, version of IP and member; those that nobody has asked for are not there. */
type Rows = Readonly<Record<Kind, Readonly<Record<4 | 6, (Row | undefined)[]>>>>;

const noRows = (): Rows => ({ honest: { 4: [], 6: [] }, taken: { 4: [], 6: [] } });

const kinds: readonly Kind[] = ['honest', 'taken'];
const versions = [4, 6] as const;

interface Kept {
  readonly workshop: Workshop;
  readonly lives: LinkLives;
  readonly book: FilterBook;
  readonly rows: Rows;
  /** The ports that somebody who has taken a host sends from. */
  readonly ports: () => readonly (number | null)[];
}

/** A row of the spreader before, of which some targets must be computed anew. */
interface Pending {
  readonly row: Row;
  /** Ascending. */
  readonly some: readonly number[];
}

/** What has been said so many times is thrown away and begun anew: sets of services of files as they were a thousand edits ago. */
const MOST_WEIGHT = 2_000_000;

let count = 0;

/** From how many members to how many targets packets have been sent so far, one by one: what tests count in place of time. */
export function pairsSpread(): number {
  return count;
}

function sizeOf(load: Load): number {
  if ('targets' in load) return load.targets.length;
  let size = 0;
  for (let i = 0; i < load.runs.length; i += 2) size += (load.runs[i + 1] as number) - (load.runs[i] as number) + 1;
  return size;
}

export function spreader(model: MeshModel, old?: Spreader): Spreader {
  const isHeavy = (old?.outcomes.weight() ?? 0) > MOST_WEIGHT;
  const before = isHeavy ? undefined : old;
  const workshop = before?.kept.workshop ?? newWorkshop();
  const { outcomes } = workshop;
  const network = networkOf(model, before?.network);
  const was = before && { network: before.network, lives: before.kept.lives };
  const lives = linkLives(network, was);
  const book = filterBook(network, workshop, before && { network: before.network, book: before.kept.book });
  const changes = was && changesSince(was, network, lives);
  const { members, targets } = network;
  const rows = noRows();
  const pending = new Map<string, Pending>();
  let known: readonly (number | null)[] | null = null;
  const ports = (): readonly (number | null)[] => {
    known ??= openingPorts(network);
    return known;
  };
  if (before && changes && !changes.isAll) {
    for (const kind of kinds)
      for (const version of versions) {
        const olds = before.kept.rows[kind][version];
        const isHonest = kind === 'honest';
        // from other ports somebody who has taken a host may come elsewhere
        const isSame = isHonest || olds.length === 0 || sameNumbers(before.kept.ports(), ports());
        for (const [member, row] of olds.entries()) {
          if (!row) continue;
          const some = isSame ? planFor(network, changes, isHonest, member, version, row) : null;
          if (some?.length === 0) rows[kind][version][member] = row;
          else if (some) pending.set(pendingKey(kind, version, member), { row, some });
        }
      }
  }
  const spread = (traffic: Traffic, { arrived, moved }: Pick<Spreading, 'arrived' | 'moved'>): Spreading => ({
    network,
    traffic,
    outcomes,
    lives: lives.of,
    taken: null,
    filters: (station) => book.of(traffic, station),
    arrived,
    moved,
  });

  const honestRow = (member: number, version: 4 | 6, load: Load): Row => {
    const one = members[member];
    if (one?.kind !== 'host')
      return one
        ? takenRow(
            member,
            version,
            changedLoad(load, (id) => outcomes.both(id, UNKNOWN)),
            [EPHEMERAL],
            ['new'],
          )
        : emptyRow;
    const gathered = gathering(targets[version].length, outcomes);
    const on = spread(opening[version], gathered);
    const station = network.stationOf(one.host);
    for (const { sources, runs } of sendersOf(network, station, version)) {
      gathered.begin(sources);
      sendHonestly(on, station, sources, loadWithin(load, runs));
    }
    return gathered.row();
  };

  const takenRow = (member: number, version: 4 | 6, load: Load, from: readonly (number | null)[], states: Traffic['states']): Row => {
    const one = members[member];
    if (!one) return emptyRow;
    const gathered = gathering(targets[version].length, outcomes);
    for (const port of from) {
      const on = spread({ version, direction: 'opening', states, port }, gathered);
      if (one.kind === 'host') {
        const station = network.stationOf(one.host);
        const fromTaken = { ...on, taken: station };
        const nodes = network.stations[station]?.nodes ?? [];
        const links = nodes.flatMap((node) => [...(network.nodes[node]?.links.values() ?? [])]);
        for (const link of links) sendTaken(fromTaken, link, load);
        const all = links
          .map(({ takes }) => takes[version])
          .reduce((a, b) => unitedRanges(a, b, version), ownRanges(one.addresses, version));
        const sources = sourcesOf(version, all);
        if (sources) sendBehind(on, station, sources, load);
      } else if (one.kind === 'peer') {
        const node = network.nodes[network.numbers.nodes.get(one.node.uri) ?? -1];
        const ranges = sourcesByPeer(one.node).get(one.peer.facts)?.[version];
        const sources = ranges && sourcesOf(version, ranges);
        if (node && sources) sendFromPeer(on, node, sources, load);
      } else {
        const sources = sourcesOf(version, ownRanges(one.addresses, version));
        if (sources) sendFromBeyond(on, network.stationOf(one.host), sources, load);
      }
    }
    return gathered.row();
  };

  const compute = (kind: Kind, member: number, version: 4 | 6, load: Load): Row => {
    count += sizeOf(load);
    if (kind === 'honest') return honestRow(member, version, load);
    return takenRow(member, version, load, ports(), takenStates[version]);
  };
  const rowOf = (kind: Kind, member: number, version: 4 | 6): Row => {
    const known = rows[kind][version];
    let row = known[member];
    if (!row) {
      const key = pendingKey(kind, version, member);
      const old = pending.get(key);
      if (old) {
        const { some } = old;
        const patch = compute(kind, member, version, { targets: some, outcomes: some.map(() => EVERYTHING) });
        if (!patch.isMoved) row = patchedRow(old.row, patch, some);
        pending.delete(key);
      }
      row ??= compute(kind, member, version, toAll(targets[version].length, EVERYTHING));
      known[member] = row;
    }
    return row;
  };
  return {
    network,
    outcomes,
    answers: answerBook({ network, outcomes, lives, book }, before?.answers, changes),
    honest: (member, version) => rowOf('honest', member, version),
    taken: (member, version) => rowOf('taken', member, version),
    changed(kind, version, { kept: other }) {
      const [mine, others] = [rows[kind][version], other.rows[kind][version]];
      return [...members.keys()].filter((member) => mine[member] === undefined || mine[member] !== others[member]);
    },
    kept: { workshop, lives, book, rows, ports },
  };
}

function pendingKey(kind: Kind, version: 4 | 6, member: number): string {
  return `${kind} ${version} ${member}`;
}

/** From so many of the targets on a row is computed anew. */
const MOST_PATCHED = 0.25;

/** Of a row of the spreader before, the targets that must be computed anew, ascending; null where all of it must. */
function planFor(
  network: Network,
  changes: Changes,
  isHonest: boolean,
  member: number,
  version: 4 | 6,
  row: Row,
): readonly number[] | null {
  const one = network.members[member];
  if (!one) return null;
  const station = network.stationOf(one.kind === 'peer' ? one.node.host : one.host);
  if (changes.stations.has(station) || changes.relinked.has(station) || (one.kind !== 'host' && changes.ruled.has(station))) return null;
  if (!isTouched(changes, version)) return [];
  // what rules send elsewhere comes to other targets than it was sent to, and as others
  if (row.isMoved) return null;
  const sources = row.parts.map((part) => part.sources);
  if (!isHonest || one.kind !== 'host') {
    for (const node of network.stations[station]?.nodes ?? [])
      for (const { takes } of network.nodes[node]?.links.values() ?? []) {
        const taken = sourcesOf(version, takes[version]);
        if (taken) sources.push(taken);
      }
  }
  const differing = differingTargets(changes, sources, { station, isTaken: !isHonest }, version);
  if (differing === null) return null;
  const always = changes.targets[version];
  const some = differing.size === 0 ? always : [...new Set([...differing, ...always])].sort((a, b) => a - b);
  return some.length > network.targets[version].length * MOST_PATCHED + 1 ? null : some;
}

function sameNumbers(a: readonly (number | null)[], b: readonly (number | null)[]): boolean {
  return a.length === b.length && a.every((one, i) => one === b[i]);
}

function ownRanges({ v4, v6 }: AddressSet, version: 4 | 6): Ranges {
  return rangesOf(version === 4 ? v4 : v6);
}

const opening: Readonly<Record<4 | 6, Traffic>> = {
  4: { version: 4, direction: 'opening', states: ['new'], port: EPHEMERAL },
  6: { version: 6, direction: 'opening', states: ['new'], port: EPHEMERAL },
};

const takenStates: Readonly<Record<4 | 6, Traffic['states']>> = { 4: ['new', 'invalid'], 6: ['new', 'invalid', 'untracked'] };

/** An address that an honest host sends from, with first and last target of each run that it does so to. */
interface SentFrom {
  readonly sources: Sources;
  readonly runs: number[];
}

/** As long as a host stands as it did, and the targets are the same. */
interface KeptSenders {
  readonly targets: readonly Target[];
  readonly senders: readonly SentFrom[];
}

const sendersKept: Readonly<Record<4 | 6, WeakMap<HostPlace, KeptSenders>>> = { 4: new WeakMap(), 6: new WeakMap() };

function sendersOf(network: Network, station: number, version: 4 | 6): readonly SentFrom[] {
  const targets = network.targets[version];
  const place = network.stations[station]?.place;
  const [any] = targets;
  if (!place || !any) return [];
  const known = sendersKept[version].get(place);
  if (known?.targets === targets) return known.senders;
  const { host } = network.stations[station] as Station;
  const senders: SentFrom[] = [];
  const add = (first: number, last: number): void => {
    const to = (targets[first] as Target).address;
    const address = sourceBy(place.way(to, null, null), to) ?? firstAddress(host, version);
    if (!address) return;
    const same = senders.find(({ sources }) => sameAddress(sources.first, address));
    if (!same) senders.push({ sources: oneSource(address), runs: [first, last] });
    else if (same.runs[same.runs.length - 1] === first - 1) same.runs[same.runs.length - 1] = last;
    else same.runs.push(first, last);
  };
  const several = (name: string): boolean =>
    version === 6 && (host.interfaces.find((node) => node.name === name)?.addresses.filter((own) => own.version === 6).length ?? 0) > 1;
  for (const { first, last, exit } of network.exits(station, null, oneSource(any.address)).runs) {
    if (exit.to === 'here') continue;
    // of several addresses IPv6 takes the one that is nearest to the target
    if (exit.to === 'link' && several(exit.device)) for (let one = first; one <= last; one++) add(one, one);
    else add(first, last);
  }
  sendersKept[version].set(place, { targets, senders });
  return senders;
}

/** The part of a load that lies in runs. */
function loadWithin(load: Load, runs: readonly number[]): Load {
  if ('targets' in load) {
    const isIn = (target: number): boolean => runs.some((first, i) => i % 2 === 0 && first <= target && target <= (runs[i + 1] as number));
    const kept = load.targets.map((_, i) => i).filter((i) => isIn(load.targets[i] as number));
    return { targets: kept.map((i) => load.targets[i] as number), outcomes: kept.map((i) => load.outcomes[i] as number) };
  }
  // a load that is made of runs is of all targets
  return { runs, outcome: load.outcome };
}

/** More ports than this are not tried one by one. */
const MOST_PORTS = 12;

/** The ports that a taken host sends from: one of all that rules tell apart, or none that is known where these are many. */
function openingPorts({ stations }: Network): readonly (number | null)[] {
  const cuts = new Set<number>();
  for (const station of stations) {
    if (!station?.state) continue;
    for (const { from, to } of programOf(station.state, 4).openingPorts)
      for (const cut of [from, to + 1n]) if (cut <= 65535n) cuts.add(Number(cut));
  }
  if (cuts.size === 0) return [EPHEMERAL];
  cuts.add(0);
  return cuts.size > MOST_PORTS ? [null] : [...cuts].sort((a, b) => a - b);
}
