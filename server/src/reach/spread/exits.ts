// Where a host hands packets on to, for all targets: neighbours among them mostly go the same way.
import type { MeshInterface } from '../../mesh/model.ts';
import type { Address } from '../../net/address.ts';
import { entryFor } from '../way/cryptokey.ts';
import type { HostPlace } from './host-place.ts';
import type { LinkPlace, Links } from './links.ts';
import type { Target } from './targets.ts';

export type Exit =
  | { readonly to: 'link'; readonly node: MeshInterface; readonly link: LinkPlace | null }
  | { readonly to: 'beyond'; readonly device: string | null }
  | { readonly to: 'here' | 'elsewhere' | 'nowhere' | 'unknown' };

/** Targets one after the other that leave by the same exit. */
export interface ExitRun {
  readonly first: number;
  readonly last: number;
  readonly exit: Exit;
}

export interface Exits {
  /** Together they hold all targets, in their order. */
  readonly runs: readonly ExitRun[];
  at(index: number): Exit;
}

export function exitsOf(place: HostPlace, links: Links, targets: readonly Target[], source: Address, iif: MeshInterface | null): Exits {
  const runs: { first: number; last: number; exit: Exit }[] = [];
  const [any] = targets;
  const cuts = any ? place.routeCuts[any.address.version] : [];
  for (let first = 0, cut = 0; first < targets.length; ) {
    const { address } = targets[first] as Target;
    while (cut < cuts.length && (cuts[cut] as number | bigint) <= address.value) cut++;
    const end = cuts[cut];
    const next = end === undefined ? targets.length : firstFrom(targets, end, first + 1);
    const exit = exitFor(place, links, address, source, iif);
    const before = runs[runs.length - 1];
    if (before && isSame(before.exit, exit)) before.last = next - 1;
    else runs.push({ first, last: next - 1, exit });
    first = next;
  }
  return { runs, at: (index) => (runs[runAt(runs, index)] as ExitRun).exit };
}

/** The first target from `start` on whose address is not below the number. */
function firstFrom(targets: readonly Target[], least: number | bigint, start: number): number {
  let low = start;
  let high = targets.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((targets[middle] as Target).address.value < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The place of the run that holds a target. */
export function runAt(runs: readonly ExitRun[], index: number): number {
  let low = 0;
  let high = runs.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((runs[middle] as ExitRun).last < index) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isSame(a: Exit, b: Exit): boolean {
  if (a.to === 'link') return b.to === 'link' && a.node === b.node && a.link === b.link;
  if (a.to === 'beyond') return b.to === 'beyond' && a.device === b.device;
  return a.to === b.to;
}

const plain: Readonly<Record<'here' | 'elsewhere' | 'nowhere' | 'unknown', Exit>> = {
  here: { to: 'here' },
  elsewhere: { to: 'elsewhere' },
  nowhere: { to: 'nowhere' },
  unknown: { to: 'unknown' },
};

function exitFor(place: HostPlace, links: Links, address: Address, source: Address, iif: MeshInterface | null): Exit {
  const way = place.way(address, source, iif);
  switch (way.to) {
    case 'interface': {
      const entry = entryFor(way.node, address);
      return { to: 'link', node: way.node, link: (entry && links.at(way.node).get(entry.peer)) ?? null };
    }
    case 'beyond':
      return { to: 'beyond', device: way.device };
    default:
      return plain[way.to];
  }
}
