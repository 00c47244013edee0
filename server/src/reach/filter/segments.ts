// All services that are looked at in a situation, by the protocols that rules may tell apart.
import { type Intervals, joined, portDomain } from '../../net/intervals.ts';
import { common, ICMP, ICMPV6, type ServiceNumbers, serviceNumber, servicesOf } from '../matrix/service-set.ts';
import { portProtocols } from '../services.ts';
import { answeringType, openingState } from '../walk/conntrack.ts';
import { specialProtocols } from '../walk/operands.ts';
import type { ConnectionState, Packet } from '../walk/packet.ts';
import { type Situation, symbolicPacket } from './symbolic.ts';

export interface Segment {
  readonly packet: Packet;
  readonly services: ServiceNumbers;
  /** What stands in the lower part of the services' numbers. */
  readonly values: 'port' | 'type' | null;
  /** The type that all of them have on the wire, where the numbers do not say it. */
  readonly type: number | null;
}

const groupsKept = new Map<string, readonly (readonly number[])[]>();
const MOST_KEPT = 256;

/** Protocols that fare alike where rules name no others than those in `named`. */
export function protocolGroups(named: readonly Intervals<number>[]): readonly (readonly number[])[] {
  const key = named.map((ranges) => ranges.map(({ from, to }) => `${from}-${to}`).join(' ')).join('|');
  let groups = groupsKept.get(key);
  if (!groups) {
    groups = grouped(named);
    if (groupsKept.size >= MOST_KEPT) groupsKept.clear();
    groupsKept.set(key, groups);
  }
  return groups;
}

function grouped(named: readonly Intervals<number>[]): readonly (readonly number[])[] {
  const groups = new Map<string, number[]>();
  for (let protocol = 0; protocol < 256; protocol++) {
    const signs = named.map((ranges) => (ranges.some(({ from, to }) => from <= protocol && protocol <= to) ? '1' : '0')).join('');
    // a protocol’s number must not be taken for the signs of others
    const key = specialProtocols.has(protocol) ? `protocol ${protocol}` : signs;
    const group = groups.get(key);
    if (group) group.push(protocol);
    else groups.set(key, [protocol]);
  }
  return [...groups.values()];
}

const types = Array.from({ length: 256 }, (_, type) => type);

export function segmentsOf(situation: Situation, groups: readonly (readonly number[])[]): readonly Segment[] {
  const others = groups.flatMap((protocols): readonly Segment[] => {
    const [first] = protocols;
    if (first === undefined || first === ICMP || first === ICMPV6) return [];
    const packet = symbolicPacket(situation, first);
    if (stateOf(situation, packet) !== situation.state) return [];
    return [{ packet, services: servicesOf(protocols, null), values: portProtocols.includes(first) ? 'port' : null, type: null }];
  });
  return [...others, ...icmpSegments(situation)];
}

/** What conntrack makes of a packet in the situation. */
function stateOf({ direction }: Situation, packet: Packet): ConnectionState | null {
  if (direction === 'answer') return 'established';
  // what opens a connection does so by the rules of its protocol, whatever they are
  return direction === 'stray' || packet.icmpType !== null ? openingState(packet) : 'new';
}

/** ICMP of the version: of requests and their answers one type after the other. */
function icmpSegments(situation: Situation): readonly Segment[] {
  const protocol = situation.version === 4 ? ICMP : ICMPV6;
  const plain = symbolicPacket(situation, protocol);
  if (situation.direction === 'opening') {
    const own = openedAs(protocol, situation.state);
    const services = servicesOf([protocol], typesAsRanges(own));
    return own.length === 0 ? [] : [{ packet: { ...plain, icmpType: own[0] ?? null }, services, values: 'type', type: null }];
  }
  return answered[protocol].flatMap(({ request, type }): readonly Segment[] => {
    const packet = { ...plain, icmpType: type };
    if (stateOf(situation, packet) !== situation.state) return [];
    return [{ packet, services: alone(protocol, request), values: null, type }];
  });
}

/** The requests that have answers. */
const answered = { [ICMP]: answeredIn(ICMP), [ICMPV6]: answeredIn(ICMPV6) } as const;

function answeredIn(protocol: number): readonly { readonly request: number; readonly type: number }[] {
  return types.flatMap((request) => {
    const type = answeringType(protocol, request);
    return type === null ? [] : [{ request, type }];
  });
}

/** The types that conntrack takes for packets of the state where they come first. */
function openedAs(protocol: number, state: ConnectionState | null): readonly number[] {
  return types.filter((icmpType) => openingState({ protocol, tcpFlags: null, icmpType }) === state);
}

function typesAsRanges(numbers: readonly number[]): Intervals<number> {
  return joined(
    numbers.map((number) => ({ from: number, to: number })),
    portDomain,
  );
}

function alone(protocol: number, value: number): ServiceNumbers {
  return [{ from: serviceNumber(protocol, value), to: serviceNumber(protocol, value) }];
}

const withValues = new WeakMap<Segment, WeakMap<Intervals<number>, ServiceNumbers>>();

/** The services of a segment whose port, or type, is one of these. */
export function servicesWith(segment: Segment, values: Intervals<number>): ServiceNumbers {
  const known = withValues.get(segment) ?? new WeakMap<Intervals<number>, ServiceNumbers>();
  withValues.set(segment, known);
  let found = known.get(values);
  if (!found) {
    const { packet, services } = segment;
    found = common(services, servicesOf([packet.protocol], values));
    known.set(values, found);
  }
  return found;
}
