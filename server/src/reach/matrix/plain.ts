// The matrix by sending packet after packet: slow, and what a quick one is held against.
import type { MeshModel } from '../../mesh/model.ts';
import type { Address } from '../../net/address.ts';
import { type AddressSet, type Interval, noAddresses } from '../../net/address-set.ts';
import { joined } from '../../net/intervals.ts';
import { portProtocols } from '../services.ts';
import { exchange } from '../way/exchange.ts';
import type { Travelled } from '../way/progress.ts';
import { stateOf } from '../way/ruleset.ts';
import { travelTaken } from '../way/travel.ts';
import { sourceOf, type View } from '../way/why.ts';
import { type Cell, cellOf, emptyCell, type Flow } from './cell.ts';
import { type Cuts, cutsOf } from './constants.ts';
import type { AccessMatrix } from './matrix.ts';
import { type Member, membersOf } from './members.ts';
import { EPHEMERAL, openingPacket } from './packets.ts';
import { sendsAs } from './sends-as.ts';
import {
  allServices,
  ICMP,
  ICMPV6,
  noServices,
  type ServiceNumber,
  type ServiceNumbers,
  type ServiceSet,
  serviceDomain,
  serviceNumber,
} from './service-set.ts';

export function plainMatrix(model: MeshModel, view: View): AccessMatrix {
  const members = membersOf(model);
  const states = model.links.hosts.flatMap((host) => stateOf(model, host) ?? []);
  const asking: Asking = { model, view, cuts: cutsOf(model, states) };
  const cells = new Map<number, Cell>();
  return {
    model,
    view,
    members,
    cell(from, to) {
      const key = from * members.length + to;
      let cell = cells.get(key);
      if (!cell) {
        const sender = members[from];
        const target = members[to];
        cell = sender && target && from !== to ? cellOf(flowsBetween(asking, sender, target)) : emptyCell;
        cells.set(key, cell);
      }
      return cell;
    },
  };
}

interface Asking {
  readonly model: MeshModel;
  readonly view: View;
  readonly cuts: Cuts;
}

/** Addresses that fare alike, by the first of them. */
interface Block {
  readonly first: Address;
  readonly all: AddressSet;
}

function flowsBetween(asking: Asking, from: Member, to: Member): readonly Flow[] {
  return blocksOf(asking.cuts, to.addresses).flatMap((destination) =>
    sourcesFor(asking, from, destination.first)
      .map((source) => flow(asking, from, to, source, destination))
      .filter(({ allowed, unknown }) => [allowed, unknown].some(({ v4, v6 }) => v4.length + v6.length > 0)),
  );
}

/** What it sends from: an honest host by its own address, a taken one by every one that is taken from it. */
function sourcesFor({ view, cuts }: Asking, from: Member, to: Address): readonly Block[] {
  if (view === 'access' && from.kind === 'host') {
    const own = sourceOf(from.host, to);
    return own ? [{ first: own, all: alone(own) }] : [];
  }
  const sets = from.kind === 'beyond' ? [from.addresses] : sendsAs(from).map(({ addresses }) => addresses);
  return sets.flatMap((set) => blocksOf(cuts, set)).filter(({ first }) => first.version === to.version);
}

function alone(address: Address): AddressSet {
  return address.version === 4
    ? { v4: [{ from: address.value, to: address.value }], v6: [] }
    : { v4: [], v6: [{ from: address.value, to: address.value }] };
}

function blocksOf(cuts: Cuts, set: AddressSet): readonly Block[] {
  const v4 = piecesOf([...cuts.v4], set.v4, (n) => n - 1).map(
    (piece): Block => ({ first: { version: 4, value: piece.from }, all: { ...noAddresses, v4: [piece] } }),
  );
  const v6 = piecesOf([...cuts.v6], set.v6, (n) => n - 1n).map(
    (piece): Block => ({ first: { version: 6, value: piece.from }, all: { ...noAddresses, v6: [piece] } }),
  );
  return [...v4, ...v6];
}

function piecesOf<N extends number | bigint>(
  cuts: readonly N[],
  set: readonly Interval<N>[],
  previous: (n: N) => N,
): readonly Interval<N>[] {
  return set.flatMap(({ from, to }) => {
    const starts = [from, ...cuts.filter((cut) => cut > from && cut <= to).sort((a, b) => (a < b ? -1 : 1))];
    return starts.map((start, i) => {
      const next = starts[i + 1];
      return { from: start, to: next === undefined ? to : previous(next) };
    });
  });
}

function flow(asking: Asking, from: Member, to: Member, source: Block, destination: Block): Flow {
  const parts = {
    allowed: [] as Interval<number>[],
    unknown: [] as Interval<number>[],
    oneWay: [] as Interval<number>[],
    answerUnknown: [] as Interval<number>[],
  };
  for (const piece of servicePieces(asking, destination.first.version)) {
    const { arrives, answered } = tried(asking, from, to, source.first, destination.first, piece.from);
    if (arrives === 'no') continue;
    parts[arrives === 'yes' ? 'allowed' : 'unknown'].push(piece);
    if (arrives === 'yes' && answered === 'no') parts.oneWay.push(piece);
    if (arrives === 'yes' && answered === 'unknown') parts.answerUnknown.push(piece);
  }
  const set = (numbers: readonly Interval<number>[]): ServiceSet => {
    const all = joined(numbers, serviceDomain);
    return destination.first.version === 4 ? { ...noServices, v4: all } : { ...noServices, v6: all };
  };
  return {
    sources: source.all,
    destinations: destination.all,
    allowed: set(parts.allowed),
    unknown: set(parts.unknown),
    oneWay: set(parts.oneWay),
    answerUnknown: set(parts.answerUnknown),
  };
}

/** Of a protocol, or a type of ICMP. */
const everyByte = Array.from({ length: 256 }, (_, byte) => byte);
/** Of these the ports, or types, count. */
const valued: readonly number[] = [...portProtocols, ICMP, ICMPV6];

/** All services there are, cut wherever some file names a number. */
function servicePieces({ view, cuts }: Asking, version: 4 | 6): ServiceNumbers {
  const numbers = [...cuts.numbers].filter((number) => number <= 65535);
  const starts = [
    ...everyByte.map((protocol) => serviceNumber(protocol, 0)),
    // conntrack takes each type by itself
    ...[ICMP, ICMPV6].flatMap((protocol) => everyByte.map((type) => serviceNumber(protocol, type))),
    ...valued.flatMap((protocol) => numbers.map((number) => serviceNumber(protocol, number))),
  ];
  return piecesOf([...new Set(starts)], allServices(view, version), (n) => n - 1);
}

interface Tried {
  readonly arrives: Answer;
  readonly answered: Answer;
}

type Answer = Travelled['answer'];

function tried(asking: Asking, from: Member, to: Member, source: Address, destination: Address, service: ServiceNumber): Tried {
  const { model, view, cuts } = asking;
  // of a peer whose file is not here nobody knows what it lets out, of a LAN how its packets get in
  if (from.kind !== 'host') return { arrives: 'unknown', answered: 'unknown' };
  if (view === 'access') {
    const { there, oneWay } = exchange(model, from.host, openingPacket(source, destination, service));
    return { arrives: arrivalAt(to, there), answered: oneWay === null ? 'unknown' : oneWay ? 'no' : 'yes' };
  }
  const ports = cuts.sourcePorts ? [EPHEMERAL, ...[...cuts.numbers].filter((number) => number <= 65535)] : [EPHEMERAL];
  let arrives: Answer = 'no';
  for (const port of ports) {
    const answer = arrivalAt(to, travelTaken(model, from.host, openingPacket(source, destination, service, port)));
    if (answer === 'yes') return { arrives: 'yes', answered: 'yes' };
    if (answer === 'unknown') arrives = 'unknown';
  }
  return { arrives, answered: 'yes' };
}

/** What comes to another host is none of this one's. */
function arrivalAt(to: Member, { answer, end }: Travelled): Answer {
  if (answer !== 'yes' || !end) return answer;
  const isThere = to.kind === 'peer' ? false : end.host === to.host && end.beyond === (to.kind === 'beyond');
  return isThere ? 'yes' : 'no';
}
