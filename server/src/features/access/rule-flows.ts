// How much of what hosts send one another one rule decides: packets are sent, one for each service that the rule or the pair of hosts may
// tell apart, and their ways looked at.
import { intersectedAddresses, noAddress } from '../../net/address-algebra.ts';
import type { AddressSet } from '../../net/address-set.ts';
import { type Box, State } from '../../reach/box.ts';
import type { AccessMatrix } from '../../reach/matrix/matrix.ts';
import type { HostMember, Member } from '../../reach/matrix/members.ts';
import { openingPacket } from '../../reach/matrix/packets.ts';
import { ICMP, ICMPV6, type ServiceNumber, serviceNumber, serviceProtocol } from '../../reach/matrix/service-set.ts';
import type { Reading } from '../../reach/reading.ts';
import { portProtocols, TCP } from '../../reach/services.ts';
import { exchange } from '../../reach/way/exchange.ts';
import type { Hop, Sent } from '../../reach/way/progress.ts';

export interface RuleFlows {
  /** One host, another, and one service. */
  readonly flows: number;
  /** Whether there may be more: not all were looked at. */
  readonly more: boolean;
}

/** A rule by where it stands. */
export interface RulePlace {
  readonly uri: string;
  readonly statement: number;
}

/** So many packets are sent for one rule at the most. */
const MOST_SENT = 2000;

/** Of an access matrix. Yields after each pair of hosts. */
export function* flowsOfRule(matrix: AccessMatrix, { uri, statement }: RulePlace, reading: Reading): Generator<void, RuleFlows, void> {
  const isDecided = (hops: readonly Hop[]): boolean =>
    hops.some(({ at, ofLink }) => !ofLink && at?.uri === uri && at.statement === statement);
  let flows = 0;
  let sent = 0;
  for (const [row, from] of matrix.members.entries()) {
    if (!isHost(from)) continue;
    for (const [column, to] of matrix.members.entries()) {
      if (!isHost(to) || row === column) continue;
      yield;
      for (const packet of packetsOf(matrix, reading, row, column)) {
        if (sent++ >= MOST_SENT) return { flows, more: true };
        const { there, back } = exchange(matrix.model, from.host, packet);
        if (isDecided(there.hops) || (back && isDecided(back.hops))) flows++;
      }
    }
  }
  return { flows, more: false };
}

function isHost(member: Member): member is HostMember {
  return member.kind === 'host';
}

/** What the pair may send of which the rule may see the packet or its answer. */
function packetsOf(matrix: AccessMatrix, reading: Reading, row: number, column: number): readonly Sent[] {
  const [from, to] = [matrix.members[row] as Member, matrix.members[column] as Member];
  const packets = new Map<string, Sent>();
  for (const box of reading.matches) {
    // the packet meets the rule as it is sent, and its answer the other way round
    const ways: readonly (readonly [boolean, AddressSet, AddressSet])[] = [
      [(box.states & ~State.established) !== 0, box.sources, box.destinations],
      [(box.states & State.established) !== 0, box.destinations, box.sources],
    ];
    for (const [isMet, sources, destinations] of ways) {
      if (!isMet) continue;
      const [source, destination] = [intersectedAddresses(from.addresses, sources), intersectedAddresses(to.addresses, destinations)];
      if (noAddress(source) || noAddress(destination)) continue;
      for (const version of [4, 6] as const) {
        const pair = pairIn(source, destination, version);
        if (!pair) continue;
        for (const service of servicesIn(matrix, box, row, column, version)) {
          const packet = openingPacket(...pair, service);
          packets.set(`${version} ${service}`, packet);
        }
      }
    }
  }
  return [...packets.values()];
}

type Pair = readonly [Sent['source'], Sent['destination']];

function pairIn({ v4: a4, v6: a6 }: AddressSet, { v4: b4, v6: b6 }: AddressSet, version: 4 | 6): Pair | null {
  if (version === 4)
    return a4[0] && b4[0]
      ? [
          { version, value: a4[0].from },
          { version, value: b4[0].from },
        ]
      : null;
  return a6[0] && b6[0]
    ? [
        { version, value: a6[0].from },
        { version, value: b6[0].from },
      ]
    : null;
}

/** One of each run of services that the rule names, or that the matrix tells apart where it names none. */
function servicesIn(matrix: AccessMatrix, { services }: Box, row: number, column: number, version: 4 | 6): ReadonlySet<ServiceNumber> {
  const found = new Set<ServiceNumber>();
  for (const { from, to, targets } of services) {
    const [first] = targets;
    if (from === to && !(first?.from === 0 && first.to === 65_535)) {
      for (const run of targets) found.add(serviceNumber(from, run.from));
      continue;
    }
    if (from === to) found.add(usual[version].get(from) ?? serviceNumber(from, hasPorts(from) ? ANY_PORT : 0));
    for (const service of [...usual[version].values(), ...toldApart(matrix, row, column, version)]) {
      const protocol = serviceProtocol(service);
      if (protocol >= from && protocol <= to) found.add(service);
    }
  }
  return found;
}

const ANY_PORT = 443;

const hasPorts = (protocol: number): boolean => portProtocols.includes(protocol);

/** What a person would try first, by protocol. */
const usual: Readonly<Record<4 | 6, ReadonlyMap<number, ServiceNumber>>> = { 4: tried(ICMP, 8), 6: tried(ICMPV6, 128) };

function tried(icmp: number, echo: number): ReadonlyMap<number, ServiceNumber> {
  return new Map([
    [TCP, serviceNumber(TCP, ANY_PORT)],
    [icmp, serviceNumber(icmp, echo)],
  ]);
}

/** Of what has ports. */
function toldApart(matrix: AccessMatrix, row: number, column: number, version: 4 | 6): readonly ServiceNumber[] {
  const { allowed, unknown } = matrix.reach(row, column);
  return [allowed, unknown]
    .flatMap(({ v4, v6 }) => (version === 4 ? v4 : v6))
    .filter(({ from, to }) => serviceProtocol(from) === serviceProtocol(to) && hasPorts(serviceProtocol(from)))
    .map(({ from }) => from);
}
