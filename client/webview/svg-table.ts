// The matrix as a picture of a table, for documents.
import type { Mesh } from './data.ts';
import { type Element, element } from './markup.ts';
import { cellBetween, cellsByPlace, type Shown } from './rows.ts';
import { cellNotes, cellSentence, cellText } from './words.ts';

const LINE = 26;
const LETTER = 6.6;
const LONGEST = 26;

/** The tables of several meshes one below the other. */
export function svgTables<P>(tables: readonly { readonly mesh: Mesh<P>; readonly shown: Shown }[], title: string): Element {
  let top = 34;
  let width = 200;
  const drawn = tables.map(({ mesh, shown }) => {
    const one = table(mesh, shown, top);
    top += one.height + 20;
    width = Math.max(width, one.width);
    return one.markup;
  });
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${Math.ceil(width)} ${top}`,
      width: Math.ceil(width),
      height: top,
      role: 'img',
      'aria-label': title,
    },
    element('title', {}, title),
    element('text', { x: 6, y: 20, class: 'title' }, title),
    drawn,
  );
}

function table<P>(
  mesh: Mesh<P>,
  { rows, columns }: Shown,
  top: number,
): { readonly markup: Element; readonly width: number; readonly height: number } {
  const cells = cellsByPlace(mesh);
  const texts = rows.map((row) =>
    columns.map((column) => {
      const cell = cellBetween(cells, row, column);
      const text = cell === 'self' ? '' : cell ? [cellText(cell), ...cellNotes(cell)].join(', ') : '·';
      return {
        text: short(text),
        state: cell === 'self' ? 'self' : (cell?.state ?? 'denied'),
        says: cellSentence(row.name, column.name, cell),
      };
    }),
  );
  const widths = [
    widest(rows.map(({ name }) => name)),
    ...columns.map(({ name }, i) => widest([name, ...texts.map((row) => row[i]?.text ?? '')])),
  ];
  const lefts = widths.map((_, i) => widths.slice(0, i).reduce((sum, one) => sum + one, 0));
  const box = (column: number, row: number, text: string, state: string, says: string): Element =>
    element(
      'g',
      { transform: `translate(${lefts[column] ?? 0} ${top + row * LINE})`, class: `box ${state}` },
      element('title', {}, says),
      element('rect', { width: widths[column] ?? 0, height: LINE }),
      element('text', { x: 8, y: 17 }, text),
    );
  const markup = element(
    'g',
    {},
    columns.map(({ name }, i) => box(i + 1, 0, short(name), 'head', name)),
    rows.map(({ name }, i) => box(0, i + 1, short(name), 'head', name)),
    texts.flatMap((row, i) => row.map(({ text, state, says }, j) => box(j + 1, i + 1, text, state, says))),
  );
  return { markup, width: widths.reduce((sum, one) => sum + one, 0) + 2, height: (rows.length + 1) * LINE };
}

function widest(texts: readonly string[]): number {
  return Math.max(60, ...texts.map((text) => short(text).length * LETTER + 18));
}

function short(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}

/** What the pictures need outside an editor: a style of their own, on white. */
export function standAlone(svg: Element): Element {
  const [first, ...rest] = svg.children;
  const style = element('style', {}, STYLE);
  return { ...svg, children: first === undefined ? [style] : [first, style, ...rest] };
}

const STYLE = [
  'text{font:12px system-ui,sans-serif;fill:#1f2328}.title{font-size:14px;font-weight:600}',
  'rect{fill:#fff;stroke:#d0d7de}.head rect{fill:#f6f8fa}.head text{font-weight:600}.self rect{fill:#eaeef2}.denied text{fill:#8c959f}',
  '.allowed rect{fill:#dafbe1}.maybe rect{fill:#fff8c5;stroke-dasharray:4 3;stroke:#9a6700}.one-way rect{fill:#ffe7d1}',
  '.link{stroke:#8c959f;stroke-width:1.5}.one-sided{stroke-dasharray:5 4}.shape{fill:#ddf4ff;stroke:#0969da;stroke-width:1.5}',
  '.network .shape{fill:#f6f8fa;stroke:#8c959f}.label,.sort,.count{text-anchor:middle}.sort{font-size:10px;fill:#656d76}',
  '.reach{fill:none;stroke:#cf222e;stroke-width:1.5}.maybe.reach{stroke-dasharray:4 3}.head{fill:#cf222e}',
].join('');
