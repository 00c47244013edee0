// Which rulesets are whose: those that a host's hook loads, else those that lie below its root or in its folder.
import { hookFilePlaces, hookFiles } from './hook-rulesets.ts';
import { belongsTo, locationOf } from './location.ts';
import type { Ruleset } from './model.ts';
import type { HostRecord, Own } from './record.ts';
import type { LinkState } from './state.ts';

/** The host of each ruleset that has one, by URI. */
export type RulesetHosts = ReadonlyMap<string, HostRecord>;

/** Each ruleset is the host's whose hook loads it, else that of the nearest root above it; of several hosts in one folder, the hub's. */
export function rulesetHosts(links: LinkState, rulesets: readonly Ruleset[]): RulesetHosts {
  const result = new Map<string, HostRecord>();
  if (rulesets.length === 0) return result;
  const loaded = loadedByHooks(links);
  const hosts = hostsByRoot(links.hosts);
  for (const { uri } of rulesets) {
    const host = loaded.get(uri) ?? hostAbove(uri, hosts, links);
    if (host) result.set(uri, host);
  }
  return result;
}

const byRoot = new WeakMap<LinkState['hosts'], ReadonlyMap<string, readonly HostRecord[]>>();

function hostsByRoot(hosts: LinkState['hosts']): ReadonlyMap<string, readonly HostRecord[]> {
  let found = byRoot.get(hosts);
  if (!found) {
    const made = new Map<string, HostRecord[]>();
    for (const host of hosts) {
      const list = made.get(host.root);
      if (list) list.push(host);
      else made.set(host.root, [host]);
    }
    found = made;
    byRoot.set(hosts, found);
  }
  return found;
}

function hostAbove(uri: string, hosts: ReadonlyMap<string, readonly HostRecord[]>, links: LinkState): HostRecord | null {
  const file = locationOf(uri);
  for (let root = file.folder; ; root = root.slice(0, root.lastIndexOf('/'))) {
    let best: HostRecord | null = null;
    for (const host of hosts.get(root) ?? []) {
      const [first] = host.parties;
      if (!first || !belongsTo(file, first.own.location)) continue;
      if (!best || mostPeers(host, links) > mostPeers(best, links)) best = host;
    }
    if (best) return best;
    if (!root.includes('/')) return null;
  }
}

function mostPeers({ parties }: HostRecord, { places, interfaces }: LinkState): number {
  return Math.max(...parties.map(({ own }) => interfaces[places.get(own.uri) as number]?.facts.peers.length ?? 0));
}

const hookPlaces = new WeakMap<Own, readonly string[]>();

/** Where the files may lie that the hooks of an interface load. */
function placesOf(own: Own): readonly string[] {
  let found = hookPlaces.get(own);
  if (!found) {
    const { uri, location } = own;
    found = hookFiles(own.facts).flatMap((path) => hookFilePlaces(uri, path.replaceAll('%i', location.stem)));
    hookPlaces.set(own, found);
  }
  return found;
}

function loadedByHooks({ parties }: LinkState): ReadonlyMap<string, HostRecord> {
  const loaded = new Map<string, HostRecord>();
  for (const { own, host } of parties) for (const place of placesOf(own)) loaded.set(place, host);
  return loaded;
}
