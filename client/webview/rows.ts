// Which rows, and columns, of a mesh show: hosts that fare alike are one until they are opened, and a filter takes those it is about.
import type { Cell, Mesh } from './data.ts';

/** A row and a column: one host, or several that fare alike. */
export interface Row {
  /** The place of its class. */
  readonly of: number;
  /** The places of its members. */
  readonly members: readonly number[];
  /** The id of its first member; of a class that is open of the member itself. */
  readonly id: string;
  readonly name: string;
  /** Whether it is one of a class that is open: the id of that class. */
  readonly openOf: string | null;
}

export interface Shown {
  readonly rows: readonly Row[];
  readonly columns: readonly Row[];
  /** How many rows, or columns, are left out since there are too many. */
  readonly more: number;
}

/** As many rows, and columns, are drawn at once. */
export const MOST = 120;

/** `open` are the ids of classes whose members stand one by one. */
export function shownRows<P>(mesh: Mesh<P>, open: readonly string[], filter: string): Shown {
  const all = mesh.classes.flatMap((members, of) => rowsOf(mesh, members, of, open));
  const wanted = filter.trim().toLowerCase();
  const { rows, columns } = wanted ? filtered(mesh, all, wanted) : { rows: all, columns: all };
  return {
    rows: rows.slice(0, MOST),
    columns: columns.slice(0, MOST),
    more: Math.max(0, rows.length - MOST, columns.length - MOST),
  };
}

function rowsOf<P>({ members: all }: Mesh<P>, members: readonly number[], of: number, open: readonly string[]): readonly Row[] {
  const id = all[members[0] ?? 0]?.id ?? '';
  if (members.length > 1 && open.includes(id)) {
    return members.map((one) => ({ of, members: [one], id: all[one]?.id ?? '', name: all[one]?.name ?? '', openOf: id }));
  }
  const names = members.map((one) => all[one]?.name ?? '');
  return [{ of, members, id, name: className(names), openOf: null }];
}

const NAMED = 3;

function className(names: readonly string[]): string {
  if (names.length <= NAMED) return names.join(', ');
  return `${names.slice(0, NAMED - 1).join(', ')} + ${names.length - NAMED + 1}`;
}

/** Hosts that the text is about, and all that reach them or are reached by them; cells with such a service. */
function filtered<P>(
  mesh: Mesh<P>,
  all: readonly Row[],
  wanted: string,
): { readonly rows: readonly Row[]; readonly columns: readonly Row[] } {
  const isMeant = (row: Row): boolean =>
    row.members.some((one) => {
      const member = mesh.members[one];
      return member !== undefined && [member.name, member.addresses, member.role ?? ''].some((text) => text.toLowerCase().includes(wanted));
    });
  const meant = new Set(all.filter(isMeant));
  const cells = cellsByPlace(mesh);
  const counts = (row: Row, column: Row): boolean => {
    const cell = cellBetween(cells, row, column);
    if (cell === null || cell === 'self') return false;
    return (
      meant.has(row) || meant.has(column) || [cell.allowed, cell.oneWay, cell.unknown].some((text) => text.toLowerCase().includes(wanted))
    );
  };
  return {
    rows: all.filter((row) => meant.has(row) || all.some((column) => counts(row, column))),
    columns: all.filter((column) => meant.has(column) || all.some((row) => counts(row, column))),
  };
}

export type Cells = ReadonlyMap<string, Cell>;

export function cellsByPlace<P>({ cells }: Mesh<P>): Cells {
  return new Map(cells.map((cell) => [`${cell.from} ${cell.to}`, cell]));
}

/** null where nothing gets through; `self` of one host with itself. */
export function cellBetween(cells: Cells, row: Row, column: Row): Cell | 'self' | null {
  if (row.of === column.of && row.members.length === 1 && row.id === column.id) return 'self';
  return cells.get(`${row.of} ${column.of}`) ?? null;
}

/** Of a cell the two members that stand for it: of a class with itself two of it. */
export function pairOf<P>({ members }: Mesh<P>, row: Row, column: Row): { readonly from: string; readonly to: string } {
  const from = members[row.members[0] ?? 0]?.id ?? '';
  const other = row.of === column.of && row.id === column.id ? column.members[1] : column.members[0];
  return { from, to: members[other ?? 0]?.id ?? '' };
}
