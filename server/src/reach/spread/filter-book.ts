// The rulesets of all stations as packets of each kind meet them, made when they are asked for and kept over edits.
import type { RulesetState } from '../../nftables/ruleset/state.ts';
import { programOf } from '../filter/program.ts';
import { changedSources } from '../filter/program-change.ts';
import type { Workshop } from '../filter/workshop.ts';
import { masqueradeAs, redirectedTo } from '../way/through.ts';
import { type HostFilters, hostFilters, type Traffic, type TranslatingAt } from './host-filters.ts';
import type { Network, Station } from './network.ts';
import { type Sources, sourcesIn } from './sources.ts';

export interface FilterBook {
  readonly pages: ReadonlyMap<string, ReadonlyMap<number, Entry>>;
  /** null where a station has no ruleset. */
  of(traffic: Traffic, station: number): HostFilters | null;
  /** Whether packets of these sources may fare otherwise at a station than before the edit. */
  mayDiffer(station: number, sources: Sources): boolean;
}

interface Entry {
  readonly state: RulesetState;
  readonly filters: HostFilters;
}

function trafficKey({ version, direction, states, port }: Traffic): string {
  return `${version} ${direction} ${states.join(',')} ${port}`;
}

export function filterBook(
  network: Network,
  workshop: Workshop,
  before?: { readonly network: Network; readonly book: FilterBook },
): FilterBook {
  const pages = new Map<string, Map<number, Entry>>();
  const old = before?.network.targets === network.targets ? before : undefined;
  const isKept = (station: number): boolean => {
    const [was, now] = [old?.network.stations[station], network.stations[station]];
    return was !== undefined && now !== undefined && was.state === now.state;
  };
  // of those that are not kept the filters before are needed only for what they have in common
  const changed = new Map<string, HostFilters>();
  for (const [key, entries] of old?.book.pages ?? []) {
    const page = new Map<number, Entry>();
    for (const [station, entry] of entries) {
      const isSamePlace = old?.network.stations[station]?.place === network.stations[station]?.place;
      // what rules send elsewhere goes by the host's routes
      if (!isSamePlace && entry.filters.program.translates) continue;
      if (isKept(station)) page.set(station, entry);
      else changed.set(`${key} ${station}`, entry.filters);
    }
    pages.set(key, page);
  }
  const make = (traffic: Traffic, key: string, { number, host, state }: Station): HostFilters | null => {
    if (!state) return null;
    const { version } = traffic;
    const was = changed.get(`${key} ${number}`);
    return hostFilters(
      state,
      traffic,
      host,
      network.targets[version],
      network.own(number, version),
      translatingAt(network, number, version),
      workshop,
      was,
    );
  };
  const of = (traffic: Traffic, number: number): HostFilters | null => {
    const key = trafficKey(traffic);
    let page = pages.get(key);
    if (!page) {
      page = new Map();
      pages.set(key, page);
    }
    const known = page.get(number);
    if (known) return known.filters;
    const station = network.stations[number];
    if (!station?.state) return null;
    const filters = make(traffic, key, station);
    changed.delete(`${key} ${number}`);
    if (filters) page.set(number, { state: station.state, filters });
    return filters;
  };
  return {
    pages,
    of,
    mayDiffer(station, sources) {
      if (!old) return true;
      const [was, now] = [old.network.stations[station], network.stations[station]];
      if (was?.state === now?.state) return false;
      if (!was?.state || !now?.state) return true;
      const { version } = sources;
      const sourcesChanged = changedSources(programOf(was.state, version), programOf(now.state, version));
      return sourcesChanged === null || sourcesIn(sources, sourcesChanged) !== null;
    },
  };
}

function translatingAt(network: Network, number: number, version: 4 | 6): TranslatingAt {
  const { host, place, placeNumber } = network.stations[number] as Station;
  return (iif) => ({
    key: `${placeNumber} ${iif ?? ''}`,
    masqueradeAs: (oif, destination, of) => masqueradeAs(host, oif, destination, of),
    redirectTo: redirectedTo(host, iif, version),
    routeOf(destination) {
      // rules of routing that look at who asks are not followed for what is sent elsewhere
      if (place.asksForSender) return null;
      const way = place.way(destination, null, iif);
      if (way.to === 'here' || way.to === 'nowhere') return { to: way.to };
      if (way.to === 'interface') return { to: 'interface', name: way.node.name };
      return way.to === 'beyond' && way.device !== null ? { to: 'interface', name: way.device } : null;
    },
  });
}
