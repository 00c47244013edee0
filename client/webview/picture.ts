// A mesh as a picture: hubs inside, the others around them, what lies behind a host outside. The same mesh gives the same picture.
import type { Mesh } from './data.ts';
import { type Element, element, type Markup } from './markup.ts';
import { cellBetween, cellsByPlace, type Row } from './rows.ts';
import { cellText, roleNames } from './words.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Placed {
  readonly row: Row;
  readonly role: string | null;
  readonly at: Point;
}

export interface Line {
  readonly a: Placed;
  readonly b: Placed;
  readonly both: boolean;
}

export interface Layout {
  readonly nodes: readonly Placed[];
  readonly lines: readonly Line[];
  readonly width: number;
  readonly height: number;
}

/** Between neighbours on a ring, and from one ring to the next, in units of the picture. */
const APART = 96;
const RING = 110;
const MARGIN = 70;

/** `rows` as they show in the matrix, so that hosts that fare alike are one here too. */
export function layout<P>(mesh: Mesh<P>, rows: readonly Row[]): Layout {
  const roleOf = (row: Row): string | null => mesh.members[row.members[0] ?? 0]?.role ?? null;
  const isBehind = (row: Row): boolean => mesh.members[row.members[0] ?? 0]?.kind === 'beyond';
  const links = linksBetween(mesh, rows);
  const hubs = rows.filter((row) => roleOf(row) === 'hub' && !isBehind(row));
  const inner = hubs.length > 0 && hubs.length < rows.length ? hubs : [];
  const behind = rows.filter(isBehind);
  const outer = orderedBy(
    rows.filter((row) => !inner.includes(row) && !behind.includes(row)),
    inner,
    links,
  );
  const innerRadius = inner.length <= 1 ? 0 : Math.max(60, (inner.length * APART) / (2 * Math.PI));
  const outerRadius = Math.max(innerRadius + RING, 120, (outer.length * APART) / (2 * Math.PI));
  const angles = new Map(outer.map((row, i) => [row, (2 * Math.PI * i) / Math.max(1, outer.length) - Math.PI / 2]));
  for (const [i, hub] of inner.entries()) angles.set(hub, (2 * Math.PI * i) / inner.length - Math.PI / 2);
  const size = (outerRadius + (behind.length > 0 ? RING : 0)) * 2 + MARGIN * 2;
  const centre = size / 2;
  const at = (angle: number, radius: number): Point => ({
    x: round(centre + radius * Math.cos(angle)),
    y: round(centre + radius * Math.sin(angle)),
  });
  const placed = new Map<Row, Placed>();
  for (const hub of inner) placed.set(hub, { row: hub, role: roleOf(hub), at: at(angles.get(hub) ?? 0, innerRadius) });
  for (const row of outer) placed.set(row, { row, role: roleOf(row), at: at(angles.get(row) ?? 0, outerRadius) });
  for (const [i, row] of behind.entries()) {
    const host = links.find(({ a, b }) => a === row || b === row);
    const beside = host && (host.a === row ? host.b : host.a);
    const angle = (beside && angles.get(beside)) ?? (2 * Math.PI * i) / behind.length;
    placed.set(row, { row, role: 'network', at: at(angle, outerRadius + RING) });
  }
  const nodes = rows.flatMap((row) => placed.get(row) ?? []);
  const lines = links.flatMap(({ a, b, both }): readonly Line[] => {
    const [from, to] = [placed.get(a), placed.get(b)];
    return from && to ? [{ a: from, b: to, both }] : [];
  });
  return { nodes, lines, width: size, height: size };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

interface RowLink {
  readonly a: Row;
  readonly b: Row;
  readonly both: boolean;
}

function linksBetween<P>(mesh: Mesh<P>, rows: readonly Row[]): readonly RowLink[] {
  const rowOf = new Map(rows.flatMap((row) => row.members.map((one) => [one, row] as const)));
  const found = new Map<string, RowLink>();
  for (const { a, b, both } of mesh.links) {
    const [from, to] = [rowOf.get(a), rowOf.get(b)];
    if (!from || !to || from === to) continue;
    const key = [rows.indexOf(from), rows.indexOf(to)].sort((x, y) => x - y).join(' ');
    const before = found.get(key);
    found.set(key, { a: from, b: to, both: both && (before?.both ?? true) });
  }
  return [...found.values()];
}

/** Those of one hub beside each other, so that few lines cross. */
function orderedBy(rows: readonly Row[], hubs: readonly Row[], links: readonly RowLink[]): readonly Row[] {
  const hubOf = (row: Row): number => {
    const place = hubs.findIndex((hub) => links.some(({ a, b }) => (a === row && b === hub) || (b === row && a === hub)));
    return place < 0 ? hubs.length : place;
  };
  return rows
    .map((row, i) => ({ row, i, hub: hubOf(row) }))
    .sort((x, y) => x.hub - y.hub || x.i - y.i)
    .map(({ row }) => row);
}

/** `from` is the id of the row whose reach is drawn into it, if any. */
export function picture<P>(mesh: Mesh<P>, rows: readonly Row[], from: string | null): Element {
  const { nodes, lines, width, height } = layout(mesh, rows);
  const chosen = nodes.find(({ row }) => row.id === from) ?? null;
  const reaches = chosen ? arrows(mesh, nodes, chosen) : [];
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${width} ${height}`,
      class: 'picture',
      role: 'group',
      'aria-label': pictureSentence(mesh, nodes, lines),
    },
    element(
      'defs',
      {},
      element(
        'marker',
        { id: 'arrow', viewBox: '0 0 10 10', refX: 9, refY: 5, markerWidth: 7, markerHeight: 7, orient: 'auto-start-reverse' },
        element('path', { d: 'M0 0L10 5L0 10z', class: 'head' }),
      ),
    ),
    lines.map(({ a, b, both }) =>
      element('line', { x1: a.at.x, y1: a.at.y, x2: b.at.x, y2: b.at.y, class: both ? 'link' : 'link one-sided' }),
    ),
    reaches,
    nodes.map((node) => nodeMarkup(node, node === chosen)),
  );
}

export function pictureSentence<P>(mesh: Mesh<P>, nodes: readonly Placed[], lines: readonly Line[]): string {
  const count = nodes.reduce((sum, { row }) => sum + row.members.length, 0);
  return `The mesh of ${mesh.name}: ${count} members, ${lines.length} links drawn. Choose one to see what it reaches.`;
}

/** From the chosen one to all that it reaches, past the middle, so that they do not lie on the links. */
function arrows<P>(mesh: Mesh<P>, nodes: readonly Placed[], chosen: Placed): readonly Element[] {
  const cells = cellsByPlace(mesh);
  return nodes.flatMap((node): readonly Element[] => {
    const cell = node === chosen ? null : cellBetween(cells, chosen.row, node.row);
    if (!cell || cell === 'self') return [];
    const { x: x1, y: y1 } = chosen.at;
    const [x2, y2] = [node.at.x, node.at.y];
    const length = Math.hypot(x2 - x1, y2 - y1) || 1;
    const bend = Math.min(60, length / 4);
    const middle = { x: (x1 + x2) / 2 - ((y2 - y1) / length) * bend, y: (y1 + y2) / 2 + ((x2 - x1) / length) * bend };
    const end = { x: x2 + ((middle.x - x2) / (length || 1)) * 34, y: y2 + ((middle.y - y2) / (length || 1)) * 34 };
    const title = `${chosen.row.name} → ${node.row.name}: ${cellText(cell)}`;
    return [
      element(
        'path',
        {
          d: `M${round(x1)} ${round(y1)}Q${round(middle.x)} ${round(middle.y)} ${round(end.x)} ${round(end.y)}`,
          class: `reach ${cell.state}`,
          'marker-end': 'url(#arrow)',
        },
        element('title', {}, title),
      ),
    ];
  });
}

const RADIUS = 20;

function nodeMarkup({ row, role, at }: Placed, chosen: boolean): Element {
  const count = row.members.length;
  const says = [row.name, role ? (roleNames[role] ?? role) : '', count > 1 ? `${count} that fare alike` : ''].filter(Boolean).join(', ');
  return element(
    'g',
    {
      class: `node ${role ?? 'unknown'}${chosen ? ' chosen' : ''}`,
      role: 'button',
      tabindex: '0',
      'data-node': row.id,
      'aria-label': says,
      transform: `translate(${at.x} ${at.y})`,
    },
    element('title', {}, says),
    // what is pressed, its name and what lies between
    element('rect', { x: -44, y: -RADIUS - 2, width: 88, height: 2 * RADIUS + 38, 'fill-opacity': 0 }),
    shape(role),
    count > 1 && element('text', { class: 'count', y: 4 }, `×${count}`),
    element('text', { class: 'label', y: RADIUS + 16 }, short(row.name)),
    role ? element('text', { class: 'sort', y: RADIUS + 29 }, roleNames[role] ?? role) : [],
  );
}

/** A shape for each role, so that colours need not tell them apart. */
function shape(role: string | null): Markup {
  const corners = (count: number, turn: number): string =>
    Array.from({ length: count }, (_, i) => {
      const angle = turn + (2 * Math.PI * i) / count;
      return `${round(RADIUS * Math.cos(angle))},${round(RADIUS * Math.sin(angle))}`;
    }).join(' ');
  switch (role) {
    case 'hub':
      return element('polygon', { points: corners(6, 0), class: 'shape' });
    case 'exit-gateway':
      return element('polygon', { points: corners(4, 0), class: 'shape' });
    case 'subnet-router':
      return element('polygon', { points: corners(4, Math.PI / 4), class: 'shape' });
    case 'mesh-node':
      return element('polygon', { points: corners(5, -Math.PI / 2), class: 'shape' });
    case 'network':
      return element('rect', { x: -24, y: -14, width: 48, height: 28, rx: 12, class: 'shape' });
    default:
      return element('circle', { r: RADIUS - 3, class: 'shape' });
  }
}

const LONGEST = 18;

function short(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
