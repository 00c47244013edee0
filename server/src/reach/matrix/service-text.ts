// Sets of services in words: `tcp/22,443, udp/53, icmp echo-request`.
import { complemented } from '../../net/intervals.ts';
import { icmpTypes, icmpv6Types, protocols } from '../numbers.ts';
import { portProtocols } from '../services.ts';
import type { View } from '../way/why.ts';
import {
  allServices,
  common,
  ICMP,
  ICMPV6,
  type ServiceNumbers,
  type ServiceSet,
  serviceDomain,
  serviceProtocol,
  servicesOf,
  serviceValue,
} from './service-set.ts';

const names: ReadonlyMap<number, string> = new Map([...protocols].reverse().map(([name, number]) => [number, name]));
const typeNames: Readonly<Record<number, ReadonlyMap<number, string>>> = {
  [ICMP]: new Map([...icmpTypes].reverse().map(([name, number]) => [number, name])),
  [ICMPV6]: new Map([...icmpv6Types].reverse().map(([name, number]) => [number, name])),
};

/** Both versions of IP together where they allow the same, or where only one of them allows anything. */
export function serviceSetText({ v4, v6 }: ServiceSet, view: View): string {
  const [four, six] = [numbersText(v4, view, 4), numbersText(v6, view, 6)];
  if (v4.length === 0 || v6.length === 0) return v4.length === 0 ? six : four;
  return four === six ? four : `${four} (IPv6: ${six})`;
}

/** `nothing`, `any service`, `all but tcp/22`, or one after the other. */
export function numbersText(services: ServiceNumbers, view: View, version: 4 | 6): string {
  const all = allServices(view, version);
  if (services.length === 0) return 'nothing';
  const rest = common(all, complemented(services, serviceDomain));
  if (rest.length === 0) return 'any service';
  const last = services[services.length - 1];
  const first = services[0];
  const isMost = first && last && serviceProtocol(first.from) === 0 && serviceProtocol(last.to) === 255;
  return isMost ? `all but ${listText(rest, all)}` : listText(services, all);
}

function listText(services: ServiceNumbers, all: ServiceNumbers): string {
  const parts: string[] = [];
  let rest = services;
  for (let next = rest[0]; next; next = rest[0]) {
    const protocol = serviceProtocol(next.from);
    const whole = common(servicesOf([protocol], null), all);
    const own = common(rest, whole);
    rest = common(rest, [{ from: (protocol + 1) * 65536, to: 256 * 65536 }]);
    const name = names.get(protocol) ?? `protocol ${protocol}`;
    parts.push(
      own.length === whole.length && own.every(({ from, to }, i) => from === whole[i]?.from && to === whole[i]?.to)
        ? name
        : valuesText(name, protocol, own),
    );
  }
  return parts.join(', ');
}

function valuesText(name: string, protocol: number, services: ServiceNumbers): string {
  const words = typeNames[protocol];
  const one = (service: number): string => words?.get(serviceValue(service)) ?? `${words ? 'type ' : ''}${serviceValue(service)}`;
  const values = services.map(({ from, to }) => (from === to ? one(from) : `${one(from)}-${serviceValue(to)}`));
  return portProtocols.includes(protocol) ? `${name}/${values.join(',')}` : `${name} ${values.join(',')}`;
}
