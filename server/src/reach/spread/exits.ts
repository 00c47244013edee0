// Where a host hands packets on to, for all targets: neighbours among them mostly go the same way.
import type { MeshInterface } from '../../mesh/model.ts';
import type { Address } from '../../net/address.ts';
import type { HostPlace } from './host-place.ts';
import type { Target } from './targets.ts';

export type Exit =
  /** By an interface, to the peer of a link; `link` is null where no peer has the address. */
  | { readonly to: 'link'; readonly device: string; readonly node: number; readonly link: number | null }
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

export function exitsOf(place: HostPlace, linkTo: LinkTo, targets: readonly Target[], source: Address, iif: string | null): Exits {
  const runs: { first: number; last: number; exit: Exit }[] = [];
  const [any] = targets;
  const cuts = any ? place.routeCuts(any.address.version) : [];
  for (let first = 0, cut = 0; first < targets.length; ) {
    const { address } = targets[first] as Target;
    while (cut < cuts.length && (cuts[cut] as number | bigint) <= address.value) cut++;
    const end = cuts[cut];
    const next = end === undefined ? targets.length : firstFrom(targets, end, first + 1);
    const exit = exitFor(place, linkTo, address, source, iif);
    const before = runs[runs.length - 1];
    if (before && isSame(before.exit, exit)) before.last = next - 1;
    else runs.push({ first, last: next - 1, exit });
    first = next;
  }
  return new KnownExits(runs);
}

/** A class, since every host has one, and closures of thousands of hosts take their time. */
class KnownExits implements Exits {
  readonly runs: readonly ExitRun[];

  constructor(runs: readonly ExitRun[]) {
    this.runs = runs;
  }

  at(index: number): Exit {
    return (this.runs[runAt(this.runs, index)] as ExitRun).exit;
  }
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

export function isSame(a: Exit, b: Exit): boolean {
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

/** The number of an interface, and of its link to the peer that an address belongs to. */
export type LinkTo = (node: MeshInterface, address: Address) => { readonly node: number; readonly link: number | null };

function exitFor(place: HostPlace, linkTo: LinkTo, address: Address, source: Address, iif: string | null): Exit {
  const way = place.way(address, source, iif);
  switch (way.to) {
    case 'interface':
      return { to: 'link', device: way.node.name, ...linkTo(way.node, address) };
    case 'beyond':
      return { to: 'beyond', device: way.device };
    default:
      return plain[way.to];
  }
}
