// The matrix as a table: a grid in the sense of WAI-ARIA, whose cells are stepped through with the arrow keys.
import type { Cell, Mesh } from './data.ts';
import { type Element, element, type Markup } from './markup.ts';
import { cellBetween, cellsByPlace, MOST, pairOf, type Row, type Shown } from './rows.ts';
import { cellNotes, cellSentence, cellText, roleNames } from './words.ts';

/** `many`: several meshes show, so that each has a heading. */
export function grid<P>(mesh: Mesh<P>, shown: Shown, many: boolean): Element {
  const { rows, columns, more } = shown;
  const head = element(
    'tr',
    {},
    element('td', { class: 'corner' }, element('span', { 'aria-hidden': 'true' }, 'from ↓ to →')),
    columns.map((column) => header(mesh, column, 'col')),
  );
  const cells = cellsByPlace(mesh);
  const body = rows.map((row) =>
    element(
      'tr',
      {},
      header(mesh, row, 'row'),
      columns.map((column) => gridCell(mesh, row, column, cellBetween(cells, row, column))),
    ),
  );
  const label = `Who reaches whom in the mesh of ${mesh.name}`;
  return element(
    'section',
    { class: 'mesh' },
    many && element('h2', {}, `Mesh of ${mesh.name}`),
    rows.length === 0 || columns.length === 0
      ? element('p', { class: 'quiet' }, 'No host here is what the filter says.')
      : element(
          'div',
          { class: 'scroll' },
          element('table', { role: 'grid', 'aria-label': label }, element('thead', {}, head), element('tbody', {}, body)),
        ),
    more > 0 && element('p', { class: 'quiet' }, `${more} more are not shown: the first ${MOST} are. Filter for those you mean.`),
  );
}

function header<P>(mesh: Mesh<P>, row: Row, scope: 'row' | 'col'): Element {
  const first = mesh.members[row.members[0] ?? 0];
  const count = row.members.length;
  const isClass = count > 1;
  const role = first?.role ? (roleNames[first.role] ?? first.role) : first?.kind === 'peer' ? 'no file here' : '';
  const names = row.members.map((one) => mesh.members[one]?.name ?? '');
  const hint = isClass
    ? `${count} that fare alike: ${names.slice(0, 40).join(', ')}${count > 40 ? ' …' : ''}`
    : [row.name, role, first?.addresses].filter(Boolean).join(', ');
  const toggle = isClass ? `Show the ${count} one by one` : row.openOf ? 'Show those that fare alike as one again' : null;
  return element(
    'th',
    {
      scope,
      role: scope === 'row' ? 'rowheader' : 'columnheader',
      tabindex: '-1',
      title: hint,
      'aria-label': toggle ? `${hint}. Space: ${toggle}` : hint,
      'aria-expanded': isClass ? 'false' : row.openOf ? 'true' : null,
      'data-host': isClass ? null : row.id,
      'data-toggle': isClass ? row.id : row.openOf,
    },
    element('span', { class: 'name' }, toggle ? toggleMark(isClass) : [], element('span', { class: 'text' }, row.name)),
    element('span', { class: 'role' }, isClass ? `${count} alike` : role),
  );
}

function toggleMark(closed: boolean): Markup {
  return element('span', { class: 'toggle', 'data-toggles': true, 'aria-hidden': 'true' }, closed ? '▸' : '▾');
}

function gridCell<P>(mesh: Mesh<P>, row: Row, column: Row, cell: Cell | 'self' | null): Element {
  const sentence = cellSentence(row.name, column.name, cell);
  const common = { role: 'gridcell', tabindex: '-1', title: sentence, 'aria-label': sentence };
  if (cell === 'self') return element('td', { ...common, class: 'cell self' });
  const { from, to } = pairOf(mesh, row, column);
  const attributes = { ...common, 'data-from': from, 'data-to': to };
  if (!cell) return element('td', { ...attributes, class: 'cell denied' }, element('span', { 'aria-hidden': 'true' }, '·'));
  const notes = cellNotes(cell);
  return element(
    'td',
    { ...attributes, class: `cell ${cell.state}${cell.unknown && cell.state !== 'maybe' ? ' more' : ''}` },
    element('span', { class: 'text' }, cellText(cell)),
    notes.length > 0 && element('span', { class: 'note' }, notes.join(', ')),
  );
}
