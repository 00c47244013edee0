// The page around the matrix: what stands above it, and what is told where there is none.
import type { Matrix } from './data.ts';
import { grid } from './grid.ts';
import { type Element, element, type Markup } from './markup.ts';
import { picture } from './picture.ts';
import { shownRows } from './rows.ts';
import type { PageState } from './state.ts';
import { viewNames, viewSays } from './words.ts';

/** Drawn once; what in it changes is set by `dom/main.ts`. */
export function frame(): Element {
  const press = (label: string, act: string, value: string): Element =>
    element('button', { type: 'button', 'data-do': act, 'data-value': value, 'aria-pressed': 'false' }, label);
  return element(
    'div',
    { id: 'page' },
    element(
      'div',
      { class: 'bar' },
      element(
        'div',
        { class: 'group', role: 'group', 'aria-label': 'What is asked' },
        press(viewNames['blast-radius'], 'view', 'blast-radius'),
        press(viewNames.access, 'view', 'access'),
      ),
      element(
        'div',
        { class: 'group', role: 'group', 'aria-label': 'How it is shown' },
        press('Matrix', 'shows', 'matrix'),
        press('Picture', 'shows', 'picture'),
      ),
      element('input', {
        id: 'filter',
        type: 'search',
        placeholder: 'Filter: a host, an address, tcp/22',
        'aria-label': 'Filter hosts and services',
        autocomplete: 'off',
        spellcheck: 'false',
      }),
      element(
        'div',
        { class: 'group', role: 'group', 'aria-label': 'Export' },
        element(
          'button',
          { type: 'button', 'data-do': 'export', 'data-value': 'markdown', title: 'Export as a Markdown table' },
          'Markdown',
        ),
        element('button', { type: 'button', 'data-do': 'export', 'data-value': 'csv', title: 'Export as CSV' }, 'CSV'),
        element(
          'button',
          { type: 'button', 'data-do': 'export', 'data-value': 'svg', title: 'Export what shows as an SVG picture' },
          'SVG',
        ),
      ),
    ),
    element('p', { id: 'says', class: 'quiet' }),
    element(
      'div',
      { id: 'columns' },
      element('main', { id: 'main', 'aria-busy': 'true' }),
      element('aside', { id: 'details', 'aria-labelledby': 'details-title', hidden: true }),
    ),
    legend(),
    element('div', { id: 'live', role: 'status', 'aria-live': 'polite', class: 'unseen' }),
  );
}

function legend(): Element {
  const one = (kind: string, sample: string, says: string): Element =>
    element('li', {}, element('span', { class: `sample cell ${kind}`, 'aria-hidden': 'true' }, sample), says);
  return element(
    'footer',
    { class: 'legend' },
    element(
      'ul',
      { 'aria-label': 'What the cells mean' },
      one('allowed', 'tcp/443', 'gets through'),
      one('one-way', '⇢ udp/53', 'one-way: no answer comes back'),
      one('maybe', '? tcp/22', 'not known'),
      one('denied', '·', 'nothing'),
    ),
    element('p', { class: 'quiet keys' }, 'Arrow keys step, Enter explains, Space opens those that fare alike, Escape closes.'),
  );
}

export function mainMarkup<P>(matrix: Matrix<P>, { filter, open, shows, selection }: PageState): Markup[] {
  const { meshes, alone, tooMany } = matrix;
  const body = meshes.map((mesh) => {
    const shown = shownRows(mesh, open, filter);
    if (shows === 'matrix') return grid(mesh, shown, meshes.length > 1);
    const from = selection?.is === 'host' ? selection.id : selection?.is === 'cell' ? selection.from : null;
    return element(
      'section',
      { class: 'mesh drawn' },
      meshes.length > 1 && element('h2', {}, `Mesh of ${mesh.name}`),
      picture(mesh, shown.rows, from),
    );
  });
  const notes = [
    ...(alone.length > 0 ? [`Alone, joined with nobody: ${alone.slice(0, 20).join(', ')}${alone.length > 20 ? ' …' : ''}.`] : []),
    ...(tooMany > 0 ? [`A mesh of ${tooMany} members is too large to be drawn. Export it, or ask by “Trace a Packet…”.`] : []),
  ];
  if (meshes.length === 0 && notes.length === 0) return [element('p', { class: 'empty' }, EMPTY)];
  return [...body, ...notes.map((note) => element('p', { class: 'quiet' }, note))];
}

const EMPTY = 'No WireGuard config of this workspace is joined with another. Open a folder that holds the configs of several hosts.';

/** What the view asks, and how much there is. */
export function viewSentence(matrix: Matrix<unknown> | null, { view }: PageState): string {
  const hosts = matrix?.meshes.reduce((sum, { members }) => sum + members.length, 0) ?? 0;
  const count = hosts > 0 ? ` ${hosts} members in ${matrix?.meshes.length === 1 ? 'one mesh' : `${matrix?.meshes.length} meshes`}.` : '';
  return `${viewSays[view]}${count}`;
}
