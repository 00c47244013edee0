// Which interfaces are one host's: those below one root, but where a folder holds the configs of several hosts.
import { hostName } from './location.ts';
import type { HostRecord, Party } from './record.ts';
import type { Identified } from './remotes.ts';

export interface Parties {
  readonly hosts: readonly HostRecord[];
  /** In the order of the interfaces. */
  readonly parties: readonly Party[];
}

/** What hosts were made from before. */
export interface OldParties extends Parties {
  readonly interfaces: readonly Identified[];
  readonly roots: ReadonlyMap<string, readonly number[]>;
  readonly places: ReadonlyMap<string, number>;
}

/** `roots` are the interfaces by the root of their host, as places among `interfaces`. */
export function partiesOf(
  interfaces: readonly Identified[],
  roots: ReadonlyMap<string, readonly number[]>,
  before: OldParties | undefined,
): Parties {
  if (before && roots === before.roots && areAlone(interfaces, roots) && sameOwns(interfaces, before.interfaces)) return before;
  const old = (uri: string): Party | undefined => before?.parties[before.places.get(uri) ?? -1];
  const hosts: HostRecord[] = [];
  const parties: Party[] = new Array(interfaces.length);
  for (const [root, places] of roots) {
    const several = areSeveral(interfaces, places);
    for (const group of several ? places.map((place) => [place]) : [places]) {
      const host = hostOf(interfaces, group, root, several, old);
      hosts.push(host);
      group.forEach((place, i) => {
        parties[place] = host.parties[i] as Party;
      });
    }
  }
  return { hosts, parties };
}

/** Whether no two interfaces have one root: then what their peers are makes no difference to their hosts. */
function areAlone(interfaces: readonly Identified[], roots: ReadonlyMap<string, readonly number[]>): boolean {
  return roots.size === interfaces.length;
}

function sameOwns(a: readonly Identified[], b: readonly Identified[]): boolean {
  for (let i = 0; i < a.length; i++) if (a[i]?.own !== b[i]?.own) return false;
  return a.length === b.length;
}

/** Whether one config’s key is a peer of another’s: then they are several hosts in one folder. */
function areSeveral(interfaces: readonly Identified[], places: readonly number[]): boolean {
  if (places.length < 2) return false;
  const uris = new Set(places.map((place) => (interfaces[place] as Identified).own.uri));
  return places.some((place) => (interfaces[place] as Identified).remotes.some((remote) => remote !== null && uris.has(remote)));
}

function hostOf(
  interfaces: readonly Identified[],
  group: readonly number[],
  root: string,
  several: boolean,
  old: (uri: string) => Party | undefined,
): HostRecord {
  const first = (interfaces[group[0] as number] as Identified).own;
  const name = first.policy?.name ?? hostName(first.location, several);
  const before = old(first.uri)?.host;
  const same =
    before?.name === name &&
    before.root === root &&
    before.parties.length === group.length &&
    group.every((place, i) => before.parties[i]?.own === (interfaces[place] as Identified).own);
  if (same) return before;
  const parties: Party[] = [];
  const host: HostRecord = { name, root, parties };
  for (const place of group) parties.push({ own: (interfaces[place] as Identified).own, host });
  return host;
}
