// A box of packets: every combination of what stands in its sides. What a rule matches is a few of them.

import { allAddresses, intersectedAddresses } from '../net/address-algebra.ts';
import type { AddressSet } from '../net/address-set.ts';
import { lieWithin } from '../net/intervals.ts';
import { anyInterface, type Interfaces, interfacesWithin, intersectedInterfaces, noInterface } from './interfaces.ts';
import { anyService, intersectedServices, type Services, servicesWithin } from './services.ts';

/** What conntrack makes of a packet, as bits: a packet has exactly one. */
export const State = { invalid: 1, new: 2, established: 4, related: 8, untracked: 16 } as const;
export const anyState = 31;

/** IPv4 packets have both their addresses in the v4 sides, IPv6 packets in the v6 sides: two boxes that share the rest. */
export interface Box {
  readonly iif: Interfaces;
  readonly oif: Interfaces;
  readonly sources: AddressSet;
  readonly destinations: AddressSet;
  readonly services: Services;
  readonly states: number;
}

export const everything: Box = {
  iif: anyInterface,
  oif: anyInterface,
  sources: allAddresses,
  destinations: allAddresses,
  services: anyService,
  states: anyState,
};

/** Sides of a box; what is left out is everything. */
export type Sides = { readonly [S in keyof Box]?: Box[S] | undefined };

/** What of a box has these sides; the box itself where that is all of it. */
export function intersectedBox(box: Box, sides: Sides): Box {
  const iif = sides.iif ? intersectedInterfaces(box.iif, sides.iif) : box.iif;
  const oif = sides.oif ? intersectedInterfaces(box.oif, sides.oif) : box.oif;
  const sources = sides.sources ? intersectedAddresses(box.sources, sides.sources) : box.sources;
  const destinations = sides.destinations ? intersectedAddresses(box.destinations, sides.destinations) : box.destinations;
  const services = sides.services ? intersectedServices(box.services, sides.services) : box.services;
  const states = sides.states === undefined ? box.states : box.states & sides.states;
  const same =
    iif === box.iif &&
    oif === box.oif &&
    sources === box.sources &&
    destinations === box.destinations &&
    services === box.services &&
    states === box.states;
  return same ? box : { iif, oif, sources, destinations, services, states };
}

function hasV4({ sources, destinations }: Box): boolean {
  return sources.v4.length > 0 && destinations.v4.length > 0;
}

function hasV6({ sources, destinations }: Box): boolean {
  return sources.v6.length > 0 && destinations.v6.length > 0;
}

/** Whether it surely holds no packet. */
export function isEmptyBox(box: Box): boolean {
  return box.states === 0 || box.services.length === 0 || (!hasV4(box) && !hasV6(box)) || noInterface(box.iif) || noInterface(box.oif);
}

/** Whether every packet of `inner` is surely in `outer`. */
export function boxWithin(inner: Box, outer: Box): boolean {
  if ((inner.states & ~outer.states) !== 0) return false;
  if (hasV4(inner) && !(lieWithin(inner.sources.v4, outer.sources.v4) && lieWithin(inner.destinations.v4, outer.destinations.v4)))
    return false;
  if (hasV6(inner) && !(lieWithin(inner.sources.v6, outer.sources.v6) && lieWithin(inner.destinations.v6, outer.destinations.v6)))
    return false;
  return interfacesWithin(inner.iif, outer.iif) && interfacesWithin(inner.oif, outer.oif) && servicesWithin(inner.services, outer.services);
}

/** Whether each box of `inner` surely lies in one of `outer`. */
export function boxesWithin(inner: readonly Box[], outer: readonly Box[]): boolean {
  return inner.every((one) => outer.some((other) => boxWithin(one, other)));
}
