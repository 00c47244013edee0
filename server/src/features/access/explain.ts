// Why a cell of the matrix says what it says: for each thing it says one packet, and the way it takes, line by line.

import type { Address } from '../../net/address.ts';
import { setHolds } from '../../net/address-set.ts';
import type { View } from '../../policy/views.ts';
import { type Cell, cellOf, type Flow, type Reached } from '../../reach/matrix/cell.ts';
import type { AccessMatrix } from '../../reach/matrix/matrix.ts';
import type { Member } from '../../reach/matrix/members.ts';
import { openingPacket } from '../../reach/matrix/packets.ts';
import { hasNoServices, type ServiceSet, serviceNumber, withoutServices } from '../../reach/matrix/service-set.ts';
import { serviceSetText } from '../../reach/matrix/service-text.ts';
import { witness } from '../../reach/matrix/witness.ts';
import type { Hop, Sent } from '../../reach/way/progress.ts';
import { type Explained, explained, packetText } from '../../rules/policy/explain.ts';
import type { Origin } from '../../text/origin.ts';
import { senderName } from './sender-text.ts';
import { whereWritten } from './who.ts';

export interface ShownHop<P> {
  readonly says: string;
  /** null where no line says it. */
  readonly place: P | null;
}

export type PartKind = 'allowed' | 'one-way' | 'answer-unknown' | 'maybe' | 'denied';

export interface ShownWay<P> {
  readonly kind: PartKind;
  /** What the cell says this of, in words; '' where it is about one packet alone. */
  readonly services: string;
  /** `10.10.0.7:49152 → 10.10.0.20:443 tcp new`; null where nobody could send one. */
  readonly packet: string | null;
  /** Whose address it is sent from, where that is not the sender's own. */
  readonly sentAs: string | null;
  readonly hops: readonly ShownHop<P>[];
}

export interface Explanation<P> {
  readonly from: string;
  readonly to: string;
  readonly view: View;
  readonly ways: readonly ShownWay<P>[];
}

export type PlaceOf<P> = (origin: Origin) => P | null;

/** Different reasons for which something is not known are told up to this many. */
const MOST_REASONS = 3;
const MOST_FLOWS = 24;

export function explainedCell<P>(matrix: AccessMatrix, row: number, column: number, place: PlaceOf<P>): Explanation<P> | null {
  const from = matrix.members[row];
  const to = matrix.members[column];
  if (!from || !to || row === column) return null;
  const cell = matrix.cell(row, column);
  const ways: ShownWay<P>[] = [];
  const add = (kind: PartKind, services: ServiceSet, part: keyof Reached): void => {
    if (hasNoServices(services)) return;
    const sent = witness(cell, services, part);
    ways.push(shownWay(matrix, from, kind, serviceSetText(services, matrix.view), sent, place));
  };
  const { allowed, unknown, oneWay, answerUnknown } = cell;
  add('allowed', withoutServices(withoutServices(allowed, oneWay), answerUnknown), 'allowed');
  add('one-way', oneWay, 'oneWay');
  add('answer-unknown', answerUnknown, 'answerUnknown');
  ways.push(...reasons(matrix, from, cell, unknown, place));
  if (ways.length === 0) ways.push(deniedWay(matrix, from, to, place));
  return { from: from.name, to: to.name, view: matrix.view, ways };
}

/** One packet for each reason that something is not known for. */
function reasons<P>(matrix: AccessMatrix, from: Member, cell: Cell, unknown: ServiceSet, place: PlaceOf<P>): readonly ShownWay<P>[] {
  if (hasNoServices(unknown)) return [];
  const found = new Map<string, ShownWay<P>>();
  const look = (flows: readonly Flow[]): void => {
    const sent = witness({ ...cell, flows }, unknown, 'unknown');
    if (!sent) return;
    const way = shownWay(matrix, from, 'maybe', serviceSetText(unknown, matrix.view), sent, place);
    const last = way.hops.at(-1);
    const key = `${last?.says} ${JSON.stringify(last?.place)}`;
    if (!found.has(key)) found.set(key, way);
  };
  for (const flow of cell.flows.slice(0, MOST_FLOWS)) if (found.size < MOST_REASONS) look(cellOf([flow]).flows);
  return [...found.values()];
}

/** What a person would try first, where nothing gets through. */
const TRIED = serviceNumber(6, 443);

function deniedWay<P>(matrix: AccessMatrix, from: Member, to: Member, place: PlaceOf<P>): ShownWay<P> {
  const pair = addressPair(from, to);
  return shownWay(matrix, from, 'denied', '', pair && openingPacket(pair.source, pair.destination, TRIED), place);
}

/** An address of each, of one version of IP. */
function addressPair(from: Member, to: Member): { readonly source: Address; readonly destination: Address } | null {
  const [a4] = from.addresses.v4;
  const [b4] = to.addresses.v4;
  if (a4 && b4) return { source: { version: 4, value: a4.from }, destination: { version: 4, value: b4.from } };
  const [a6] = from.addresses.v6;
  const [b6] = to.addresses.v6;
  return a6 && b6 ? { source: { version: 6, value: a6.from }, destination: { version: 6, value: b6.from } } : null;
}

/** The way of one packet. */
export function shownWay<P>(
  { model, view, members }: Pick<AccessMatrix, 'model' | 'view' | 'members'>,
  from: Member,
  kind: PartKind,
  services: string,
  sent: Sent | null,
  place: PlaceOf<P>,
): ShownWay<P> {
  const way: Pick<Explained, 'hops'> | null = sent && explained(model, view, from, sent);
  const hops: readonly Hop[] = way?.hops ?? [{ at: whereWritten(from), says: unsentReason(from, sent) }];
  return {
    kind,
    services,
    packet: sent && packetText(sent),
    sentAs: sent && !setHolds(from.addresses, sent.source) ? senderName(members, sent.source) : null,
    hops: hops.map(({ at, says }) => ({ says, place: at && place(at) })),
  };
}

function unsentReason(from: Member, sent: Sent | null): string {
  if (!sent) return `${from.name} has no address that could send there`;
  return from.kind === 'peer'
    ? `the file of ${from.name} is not here: what it lets out, nobody says`
    : `what lies ${from.name} is in no file: how its packets get into the tunnel, nobody says`;
}
