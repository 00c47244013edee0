// Sets of services: protocols with their source and destination ports, of ICMP its types.
import { type Domain, type Intervals, intersected, joined, lieWithin, portDomain, protocolDomain } from '../net/intervals.ts';
import { portProtocols } from '../net/protocols.ts';

export { portProtocols } from '../net/protocols.ts';

/** Of each protocol from `from` to `to`, these ports. Of ICMP and ICMPv6 the types stand as `targets`. */
export interface Service {
  readonly from: number;
  readonly to: number;
  readonly sources: Intervals<number>;
  readonly targets: Intervals<number>;
}

/** Sorted by protocol; no protocol stands in two of them. */
export type Services = readonly Service[];

export const ICMP = 1;
export const TCP = 6;
export const UDP = 17;
export const ICMPV6 = 58;

const everyPort = portDomain.all;

export const anyService: Services = [{ from: 0, to: 255, sources: everyPort, targets: everyPort }];

export function protocolServices(protocols: Intervals<number>): Services {
  return protocols.map(({ from, to }) => ({ from, to, sources: everyPort, targets: everyPort }));
}

export function portServices(protocols: readonly number[], ports: Intervals<number>, side: 'sources' | 'targets'): Services {
  if (ports.length === 0) return [];
  return protocols.map((protocol) => ({ from: protocol, to: protocol, sources: everyPort, targets: everyPort, [side]: ports }));
}

export function intersectedServices(a: Services, b: Services): Services {
  if (a === anyService || a === b) return b;
  if (b === anyService) return a;
  const result: Service[] = [];
  for (const one of a) {
    for (const other of b) {
      const from = Math.max(one.from, other.from);
      const to = Math.min(one.to, other.to);
      if (from > to) continue;
      const sources = intersected(one.sources, other.sources, portDomain);
      const targets = intersected(one.targets, other.targets, portDomain);
      if (sources.length > 0 && targets.length > 0) result.push({ from, to, sources, targets });
    }
  }
  return result.sort((x, y) => x.from - y.from);
}

/** Whether all of `inner` lies in `outer`. */
export function servicesWithin(inner: Services, outer: Services): boolean {
  if (inner === outer || outer === anyService) return true;
  return inner.every(({ from, to, sources, targets }) => {
    let next = from;
    for (const one of outer) {
      if (one.to < next) continue;
      if (one.from > next || !lieWithin(sources, one.sources) || !lieWithin(targets, one.targets)) return false;
      next = one.to + 1;
      if (next > to) return true;
    }
    return false;
  });
}

export function protocolsOf(services: Services): Intervals<number> {
  return joined(services, protocolDomain as Domain<number>);
}

/** Whether it holds every port of some protocol that has ports. */
export function holdsEveryPort(services: Services): boolean {
  return services.some(
    ({ from, to, targets }) => lieWithin(everyPort, targets) && portProtocols.some((protocol) => from <= protocol && protocol <= to),
  );
}

const names: Readonly<Record<number, string>> = { [ICMP]: 'icmp', [TCP]: 'tcp', [UDP]: 'udp', [ICMPV6]: 'icmpv6', 33: 'dccp', 132: 'sctp' };

/** As `tcp/22`, `udp/53,123`, `icmp`, `any service`. */
export function servicesText(services: Services): string {
  if (services.length === 1 && services[0]?.from === 0 && services[0].to === 255) return 'any service';
  return services
    .map(({ from, to, targets }) => {
      const protocol = from === to ? (names[from] ?? `protocol ${from}`) : `protocols ${from}-${to}`;
      if (targets === everyPort || lieWithin(everyPort, targets)) return protocol;
      return `${protocol}/${targets.map((range) => (range.from === range.to ? `${range.from}` : `${range.from}-${range.to}`)).join(',')}`;
    })
    .join(', ');
}
