// All services that are looked at in a situation, by the protocols that rules may tell apart.
import type { Intervals } from '../../net/intervals.ts';
import { common, ICMP, ICMPV6, type ServiceNumbers, serviceNumber, servicesOf, united } from '../matrix/service-set.ts';
import { portProtocols } from '../services.ts';
import { answeringType, openingState } from '../walk/conntrack.ts';
import { specialProtocols } from '../walk/operands.ts';
import type { Packet } from '../walk/packet.ts';
import { type Situation, symbolicPacket } from './symbolic.ts';

export interface Segment {
  readonly packet: Packet;
  readonly services: ServiceNumbers;
  /** What stands in the lower part of the services' numbers. */
  readonly values: 'port' | 'type' | null;
  /** The type that all of them have on the wire, where the numbers do not say it. */
  readonly type: number | null;
}

/** Protocols that fare alike where rules name no others than those in `named`. */
export function protocolGroups(named: readonly Intervals<number>[]): readonly (readonly number[])[] {
  const groups = new Map<string, number[]>();
  for (let protocol = 0; protocol < 256; protocol++) {
    const signs = named.map((ranges) => (ranges.some(({ from, to }) => from <= protocol && protocol <= to) ? '1' : '0')).join('');
    const key = specialProtocols.has(protocol) ? `${protocol}` : signs;
    const group = groups.get(key);
    if (group) group.push(protocol);
    else groups.set(key, [protocol]);
  }
  return [...groups.values()];
}

const types = Array.from({ length: 256 }, (_, type) => type);

export function segmentsOf(situation: Situation, groups: readonly (readonly number[])[]): readonly Segment[] {
  const icmp = icmpSegments(situation);
  if (situation.state === 'invalid' || situation.state === 'untracked') return icmp;
  const others = groups.flatMap((protocols): readonly Segment[] => {
    const [first] = protocols;
    if (first === undefined || first === ICMP || first === ICMPV6) return [];
    const values = portProtocols.includes(first) ? 'port' : null;
    return [{ packet: symbolicPacket(situation, first), services: servicesOf(protocols, null), values, type: null }];
  });
  return [...others, ...icmp];
}

/** ICMP of the version: the types that conntrack gives the state to, of answers those that belong to such. */
function icmpSegments(situation: Situation): readonly Segment[] {
  const protocol = situation.version === 4 ? ICMP : ICMPV6;
  const isAnswer = situation.direction === 'answer';
  const state = isAnswer ? 'new' : situation.state;
  const own = types.filter((type) => openingState({ protocol, tcpFlags: null, icmpType: type }) === state);
  const numbers = own.map((type) => [{ from: serviceNumber(protocol, type), to: serviceNumber(protocol, type) }]);
  const packet = { ...symbolicPacket(situation, protocol), icmpType: own[0] ?? null };
  if (isAnswer) return own.map((type, i) => ({ packet, services: numbers[i] ?? [], values: null, type: answeringType(protocol, type) }));
  const services = numbers.reduce<ServiceNumbers>((sum, one) => united(sum, one), []);
  return services.length === 0 ? [] : [{ packet, services, values: 'type', type: null }];
}

/** The services of a segment whose port, or type, is one of these. */
export function servicesWith({ packet, services }: Segment, values: Intervals<number>): ServiceNumbers {
  return common(services, servicesOf([packet.protocol], values));
}
