// What of a load leaves a host by which of its exits, and by which device.
import { firstFrom } from '../filter/rule-index.ts';
import { type Exit, type ExitRun, type Exits, isSame, runAt } from './exits.ts';
import { firstOf, isEmptyLoad, joinedLoads, type Load, lastOf, within } from './loads.ts';
import type { Network } from './network.ts';

/** The parts of a load that leave by one exit: together where nothing of the load stands between them, as it is around the sender's own address. */
export function eachExit({ runs }: Exits, load: Load, told: (exit: Exit, part: Load) => void): void {
  const first = firstOf(load);
  const last = lastOf(load);
  let before: Exit | null = null;
  let parts: Load[] = [];
  for (let at = first < 0 ? runs.length : runAt(runs, first); at < runs.length; at++) {
    const run = runs[at] as ExitRun;
    if (run.first > last) break;
    const part = within(load, run.first, run.last);
    if (isEmptyLoad(part)) {
      // on to the run of the next target
      if ('targets' in load) at = Math.max(at, runAt(runs, load.targets[firstFrom(load.targets, run.last + 1)] ?? last) - 1);
      continue;
    }
    if (before && !isSame(before, run.exit)) {
      told(before, joinedLoads(parts));
      parts = [];
    }
    before = run.exit;
    parts.push(part);
  }
  if (before) told(before, joinedLoads(parts));
}

/** Whether nothing that leaves by it comes to anybody, unless rules send it elsewhere. */
export function isLost({ nodes }: Network, exit: Exit): boolean {
  if (exit.to === 'link') return exit.link === null && !nodes[exit.node]?.isChanged;
  return exit.to === 'here' || exit.to === 'nowhere';
}

const devicesBy: Readonly<Record<'lost' | 'kept', WeakMap<Exits, readonly (string | undefined)[]>>> = {
  lost: new WeakMap(),
  kept: new WeakMap(),
};

/** The devices of all exits that are not lost, of all of them with `lost`. */
export function devicesOf(network: Network, exits: Exits, lost: boolean): readonly (string | undefined)[] {
  const known = devicesBy[lost ? 'lost' : 'kept'];
  let found = known.get(exits);
  if (!found) {
    const devices: (string | undefined)[] = [];
    for (const { exit } of exits.runs) {
      if (!lost && isLost(network, exit)) continue;
      const device = deviceOfExit(exit);
      if (!devices.includes(device)) devices.push(device);
    }
    found = devices;
    known.set(exits, found);
  }
  return found;
}

/** undefined is a device that no file names. */
export function deviceOfExit(exit: Exit): string | undefined {
  return exit.to === 'link' ? exit.device : exit.to === 'beyond' ? (exit.device ?? undefined) : undefined;
}
