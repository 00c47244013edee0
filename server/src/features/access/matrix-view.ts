// The matrix as plain data for whoever draws it: mesh by mesh, hosts that fare alike as one, what gets through in words.
import type { MeshModel } from '../../mesh/model.ts';
import type { View } from '../../policy/views.ts';
import type { Cell } from '../../reach/matrix/cell.ts';
import type { AccessMatrix } from '../../reach/matrix/matrix.ts';
import { type Member, membersOf } from '../../reach/matrix/members.ts';
import { hasNoServices, type ServiceSet, servicesLieWithin } from '../../reach/matrix/service-set.ts';
import { serviceSetText } from '../../reach/matrix/service-text.ts';
import { alike } from './alike.ts';
import type { PlaceOf } from './explain.ts';
import { addressesText, memberId, roleOf, shownNames, togetherIn, whereWritten } from './who.ts';

/** Denied is what no cell says. */
export type CellState = 'allowed' | 'one-way' | 'maybe';

export interface ShownCell {
  /** The places of classes; of one and the same, what its members do to each other. */
  readonly from: number;
  readonly to: number;
  readonly state: CellState;
  /** In words, '' where there is nothing: what gets through with an answer; without one; what is not known. */
  readonly allowed: string;
  readonly oneWay: string;
  readonly unknown: string;
}

export interface ShownMember<P> {
  readonly id: string;
  readonly name: string;
  readonly kind: Member['kind'];
  /** hub, spoke …; `network` for what lies behind a host. */
  readonly role: string | null;
  readonly addresses: string;
  readonly place: P | null;
}

export interface ShownLink {
  /** The places of members. */
  readonly a: number;
  readonly b: number;
  /** Whether each lists the other. */
  readonly both: boolean;
}

export interface ShownMesh<P> {
  readonly name: string;
  readonly members: readonly ShownMember<P>[];
  /** The places of members that fare alike. */
  readonly classes: readonly (readonly number[])[];
  /** Those where something may get through. */
  readonly cells: readonly ShownCell[];
  readonly links: readonly ShownLink[];
}

export interface ShownMatrix<P> {
  readonly view: View;
  readonly meshes: readonly ShownMesh<P>[];
  /** Hosts that no other is joined with. */
  readonly alone: readonly string[];
  /** Members of meshes that are too large to be drawn. */
  readonly tooMany: number;
}

/** More in one mesh are not drawn: the table of who fares like whom would outgrow what an editor may take. */
const MOST_MEMBERS = 3000;

/** Yields between rows; `matrix` should be computed already. */
export function* shownMatrix<P>(matrix: AccessMatrix, place: PlaceOf<P>): Generator<void, ShownMatrix<P>, void> {
  const names = shownNames(matrix.members);
  const meshes: ShownMesh<P>[] = [];
  const alone: string[] = [];
  let tooMany = 0;
  const numberOf = numbering();
  for (const group of togetherIn(matrix.model, matrix.members)) {
    if (group.length === 1) alone.push(...group.map((one) => names[one] ?? ''));
    else if (group.length > MOST_MEMBERS) tooMany += group.length;
    else {
      const classes = yield* alike(
        group.length,
        (from, to) => numberOf(matrix.cell(group[from] ?? 0, group[to] ?? 0)),
        (one) => matrix.members[group[one] ?? 0]?.kind ?? '',
      );
      meshes.push(yield* shownMesh(matrix, names, group, classes, place));
    }
  }
  return { view: matrix.view, meshes, alone, tooMany };
}

function* shownMesh<P>(
  matrix: AccessMatrix,
  names: readonly string[],
  group: readonly number[],
  classes: readonly (readonly number[])[],
  place: PlaceOf<P>,
): Generator<void, ShownMesh<P>, void> {
  const members = group.flatMap((one) => matrix.members[one] ?? []);
  const shown = members.map((member, i) => shownMember(member, names[group[i] ?? 0] ?? '', place));
  const cells: ShownCell[] = [];
  for (const [from, senders] of classes.entries()) {
    for (const [to, receivers] of classes.entries()) {
      const [sender = 0] = senders;
      const receiver = from === to ? senders[1] : receivers[0];
      if (receiver === undefined) continue;
      const cell = matrix.cell(group[sender] ?? 0, group[receiver] ?? 0);
      const state = stateOf(cell);
      if (state) cells.push({ from, to, state, ...cellTexts(cell, matrix.view) });
    }
    yield;
  }
  const most = shown.find(({ role }) => role === 'hub') ?? shown[0];
  return { name: most?.name ?? '', members: shown, classes, cells, links: linksAmong(matrix.model, members) };
}

function shownMember<P>(member: Member, name: string, place: PlaceOf<P>): ShownMember<P> {
  const at = whereWritten(member);
  return { id: memberId(member), name, kind: member.kind, role: roleOf(member), addresses: addressesText(member), place: at && place(at) };
}

/** Who there is, mesh or not, without a look at what they reach. */
export function shownMembers<P>(model: MeshModel, place: PlaceOf<P>): readonly ShownMember<P>[] {
  const members = membersOf(model);
  const names = shownNames(members);
  return members.map((member, i) => shownMember(member, names[i] ?? '', place));
}

/** Null where nothing gets through. */
export function stateOf({ allowed, unknown, oneWay }: Cell): CellState | null {
  if (hasNoServices(allowed)) return hasNoServices(unknown) ? null : 'maybe';
  return servicesLieWithin(allowed, oneWay) ? 'one-way' : 'allowed';
}

export function cellTexts({ allowed, unknown, oneWay }: Cell, view: View): Pick<ShownCell, 'allowed' | 'oneWay' | 'unknown'> {
  const text = (services: ServiceSet): string => (hasNoServices(services) ? '' : serviceSetText(services, view));
  // what has no answer is told by itself where it is not all of it
  return { allowed: text(allowed), oneWay: text(oneWay), unknown: text(unknown) };
}

function linksAmong({ links }: MeshModel, members: readonly Member[]): readonly ShownLink[] {
  const found: ShownLink[] = [];
  const hosts = new Map(members.flatMap((member, place) => (member.kind === 'host' ? [[member.host, place] as const] : [])));
  const seen = new Set<string>();
  for (const node of links.interfaces) {
    const a = hosts.get(node.host);
    if (a === undefined) continue;
    for (const { remote, back } of node.peers) {
      const b = remote ? hosts.get(remote.host) : undefined;
      if (b === undefined || a === b) continue;
      const key = `${Math.min(a, b)} ${Math.max(a, b)}`;
      if (!seen.has(key)) found.push({ a, b, both: back !== null });
      seen.add(key);
    }
  }
  for (const [place, member] of members.entries()) {
    const end = member.kind === 'peer' ? member.node.host : member.kind === 'beyond' ? member.host : null;
    const a = end ? hosts.get(end) : undefined;
    if (a !== undefined) found.push({ a, b: place, both: false });
  }
  return found;
}

/** Gives cells that say the same, wherever it is from and to, one number; 0 to those where nothing gets through. */
function numbering(): (cell: Cell) => number {
  const byCell = new WeakMap<Cell, number>();
  const byText = new Map<string, number>();
  return (cell) => {
    let number = byCell.get(cell);
    if (number === undefined) {
      const { allowed, unknown, oneWay, answerUnknown } = cell;
      const text = [allowed, unknown, oneWay, answerUnknown].map(keyOf).join('|');
      number = hasNoServices(allowed) && hasNoServices(unknown) ? 0 : (byText.get(text) ?? byText.size + 1);
      if (number > 0) byText.set(text, number);
      byCell.set(cell, number);
    }
    return number;
  };
}

function keyOf({ v4, v6 }: ServiceSet): string {
  return [v4, v6].map((numbers) => numbers.map(({ from, to }) => `${from}-${to}`).join(',')).join(';');
}
