// Sets of services as a matrix tells them: a number each, so that a set is a few intervals. IPv4 and IPv6 apart, as addresses are.
import { complemented, type Domain, type Intervals, intersected, joined, lieWithin } from '../../net/intervals.ts';
import { openingState } from '../walk/conntrack.ts';
import type { View } from '../way/why.ts';

/** `protocol` × 65536 + destination port; of ICMP and ICMPv6 its type; protocols without ports have all numbers of theirs or none. */
export type ServiceNumber = number;

/** Sorted, disjoint, not touching. */
export type ServiceNumbers = Intervals<ServiceNumber>;

export interface ServiceSet {
  readonly v4: ServiceNumbers;
  readonly v6: ServiceNumbers;
}

const PER_PROTOCOL = 65536;

export const serviceDomain: Domain<number> = { all: [{ from: 0, to: 256 * PER_PROTOCOL - 1 }], next: (n) => n + 1, previous: (n) => n - 1 };

export const noServices: ServiceSet = { v4: [], v6: [] };

/** `value` is a port or an ICMP type, 0 where the protocol has neither. */
export function serviceNumber(protocol: number, value: number): ServiceNumber {
  return protocol * PER_PROTOCOL + value;
}

export function serviceProtocol(service: ServiceNumber): number {
  return Math.floor(service / PER_PROTOCOL);
}

/** The port, or the type of ICMP. */
export function serviceValue(service: ServiceNumber): number {
  return service % PER_PROTOCOL;
}

/** These ports of these protocols; all of them where `ports` is null. */
export function servicesOf(protocols: readonly number[], ports: Intervals<number> | null): ServiceNumbers {
  const all = [{ from: 0, to: PER_PROTOCOL - 1 }];
  return joined(
    protocols.flatMap((protocol) =>
      (ports ?? all).map(({ from, to }) => ({ from: serviceNumber(protocol, from), to: serviceNumber(protocol, to) })),
    ),
    serviceDomain,
  );
}

export function withServices(a: ServiceSet, b: ServiceSet): ServiceSet {
  return { v4: united(a.v4, b.v4), v6: united(a.v6, b.v6) };
}

export function withoutServices(a: ServiceSet, b: ServiceSet): ServiceSet {
  return { v4: without(a.v4, b.v4), v6: without(a.v6, b.v6) };
}

export function commonServices(a: ServiceSet, b: ServiceSet): ServiceSet {
  return { v4: common(a.v4, b.v4), v6: common(a.v6, b.v6) };
}

export function hasNoServices({ v4, v6 }: ServiceSet): boolean {
  return v4.length === 0 && v6.length === 0;
}

export function servicesLieWithin(inner: ServiceSet, outer: ServiceSet): boolean {
  return lieWithin(inner.v4, outer.v4) && lieWithin(inner.v6, outer.v6);
}

export function united(a: ServiceNumbers, b: ServiceNumbers): ServiceNumbers {
  return a.length === 0 ? b : b.length === 0 || a === b ? a : joined([...a, ...b], serviceDomain);
}

export function common(a: ServiceNumbers, b: ServiceNumbers): ServiceNumbers {
  return intersected(a, b, serviceDomain);
}

export function without(a: ServiceNumbers, b: ServiceNumbers): ServiceNumbers {
  return a.length === 0 || b.length === 0 ? a : intersected(a, complemented(b, serviceDomain), serviceDomain);
}

export function holdsService(services: ServiceNumbers, service: ServiceNumber): boolean {
  return services.some(({ from, to }) => from <= service && service <= to);
}

export const ICMP = 1;
export const ICMPV6 = 58;

/** A service of a packet that opens something, or of which a taken host makes use all the same. */
function isService(protocol: number, type: number, view: View): boolean {
  return view === 'blast-radius' || openingState({ protocol, tcpFlags: null, icmpType: type }) === 'new';
}

/**
 * All services there are. An honest host opens connections: of ICMP these are the requests, errors only come back to it. A taken one
 * may send every type.
 */
export function allServices(view: View, version: 4 | 6): ServiceNumbers {
  return universes[view][version];
}

function universe(view: View, version: 4 | 6): ServiceNumbers {
  const own = version === 4 ? ICMP : ICMPV6;
  const other = version === 4 ? ICMPV6 : ICMP;
  const types = Array.from({ length: 256 }, (_, type) => type).filter((type) => isService(own, type, view));
  const rest = complemented(servicesOf([ICMP, ICMPV6], null), serviceDomain);
  const icmp = types.map((type) => ({ from: serviceNumber(own, type), to: serviceNumber(own, type) }));
  return joined(
    [...rest, ...icmp].filter(({ from }) => serviceProtocol(from) !== other),
    serviceDomain,
  );
}

const universes: Readonly<Record<View, Readonly<Record<4 | 6, ServiceNumbers>>>> = {
  access: { 4: universe('access', 4), 6: universe('access', 6) },
  'blast-radius': { 4: universe('blast-radius', 4), 6: universe('blast-radius', 6) },
};
