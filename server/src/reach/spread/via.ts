// The hosts that packets pass on their way: one object for one way, so that thousands of targets share it.
import type { Host } from '../../mesh/model.ts';

export interface Via {
  /** Its place among all. */
  readonly number: number;
  /** The last host; null where there is none. */
  readonly host: Host | null;
  readonly before: Via | null;
  readonly next: Map<Host, Via>;
  readonly all: Via[];
}

/** No host between the two. */
export function directVia(): Via {
  const all: Via[] = [];
  const direct: Via = { number: 0, host: null, before: null, next: new Map(), all };
  all.push(direct);
  return direct;
}

/** The same way, and then past one more host. */
export function viaHost(via: Via, host: Host): Via {
  let found = via.next.get(host);
  if (!found) {
    found = { number: via.all.length, host, before: via, next: new Map(), all: via.all };
    via.all.push(found);
    via.next.set(host, found);
  }
  return found;
}

/** From the last one to the first. */
export function hostsOf(via: Via): readonly Host[] {
  const hosts: Host[] = [];
  for (let at: Via | null = via; at?.host; at = at.before) hosts.push(at.host);
  return hosts;
}

/** The same hosts the other way round. */
export function reversedVia(via: Via): Via {
  if (via.before === null || via.before.before === null) return via;
  const direct = via.all[0] as Via;
  return hostsOf(via).reduce(viaHost, direct);
}
