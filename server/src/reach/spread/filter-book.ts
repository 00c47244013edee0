// The rulesets of all stations as packets of each kind meet them, made when they are asked for and kept over edits.
import type { RulesetState } from '../../nftables/ruleset/state.ts';
import type { Workshop } from '../filter/workshop.ts';
import { masqueradeAs, redirectedTo } from '../way/through.ts';
import { type HostFilters, hostFilters, type Traffic, type TranslatingAt } from './host-filters.ts';
import type { Network, Station } from './network.ts';

export interface FilterBook {
  readonly pages: Pages;
  /** null where a station has no ruleset. */
  of(traffic: Traffic, station: number): HostFilters | null;
}

interface Entry {
  readonly state: RulesetState;
  readonly filters: HostFilters;
}

const keys = new WeakMap<Traffic, string>();

function trafficKey(traffic: Traffic): string {
  let key = keys.get(traffic);
  if (key === undefined) {
    const { version, direction, states, port } = traffic;
    key = `${version} ${direction} ${states.join(',')} ${port}`;
    keys.set(traffic, key);
  }
  return key;
}

export function filterBook(
  network: Network,
  workshop: Workshop,
  before?: { readonly network: Network; readonly book: FilterBook },
): FilterBook {
  // the book before must not be held by what is made here
  return bookOf(network, workshop, before?.network.targets === network.targets ? keptOf(network, before.network, before.book) : new Map());
}

type Page = Map<number, Entry>;
type Pages = Map<string, Page>;

function keptOf(network: Network, before: Network, book: FilterBook): Pages {
  // one book for both, where each finds what it has not written itself
  if (network.nodes === before.nodes) return book.pages;
  const pages: Pages = new Map();
  for (const [key, entries] of book.pages) {
    const page: Page = new Map();
    for (const [number, entry] of entries) {
      const [was, now] = [before.stations[number], network.stations[number]];
      // what rules send elsewhere goes by the host's routes
      if (was?.place !== now?.place && entry.filters.program.translates) continue;
      page.set(number, entry);
    }
    pages.set(key, page);
  }
  return pages;
}

function bookOf(network: Network, workshop: Workshop, pages: Pages): FilterBook {
  // thousands of packets of one kind come one after the other
  let open: { readonly traffic: Traffic; readonly page: Page } | null = null;
  const pageOf = (traffic: Traffic): Page => {
    if (open?.traffic === traffic) return open.page;
    const key = trafficKey(traffic);
    const page: Page = pages.get(key) ?? new Map();
    pages.set(key, page);
    open = { traffic, page };
    return page;
  };
  const of = (traffic: Traffic, number: number): HostFilters | null => {
    const station = network.stations[number];
    if (!station?.state) return null;
    const page = pageOf(traffic);
    const { state, host } = station;
    const known = page.get(number);
    if (known?.state === state) return known.filters;
    const { version } = traffic;
    const [targets, own] = [network.targets[version], network.own(number, version)];
    // what both rulesets say alike is kept
    const filters = hostFilters(state, traffic, host, targets, own, translatingAt(network, number, version), workshop, known?.filters);
    page.set(number, { state, filters });
    return filters;
  };
  return { pages, of };
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
