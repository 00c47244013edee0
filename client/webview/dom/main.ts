// The page's only script: draws what the extension sends, and tells it what a person asks for.
import type { Details, FromPage, Link, Location, Matrix, Problem, Selection, ToPage, Traced, View } from '../data.ts';
import { detailsMarkup, detailsSentence } from '../details.ts';
import { frame, mainMarkup, viewSentence } from '../page.ts';
import { firstState, type PageState, stateFrom, stepped, toggled } from '../state.ts';
import { fill, nodeOf } from './mount.ts';

declare function acquireVsCodeApi(): {
  postMessage(message: FromPage): void;
  getState(): unknown;
  setState(state: PageState): void;
};

/** What tells a cell, or a name, of the matrix from the others, however often it is drawn anew. */
type Key = { readonly from: string; readonly to: string } | { readonly host: string };

const editor = acquireVsCodeApi();
let state = stateFrom(editor.getState() ?? firstState);
let matrix: Matrix<Link> | null = null;
let details: Details | null = null;
let traced: Traced<Link> | Problem | null = null;
/** Where the focus goes back to. */
let cameFrom: Key | null = null;
let focusDetails = false;

document.body.appendChild(nodeOf(frame()));
const main = byId('main');
const aside = byId('details');
const live = byId('live');
const filter = byId('filter') as HTMLInputElement;
filter.value = state.filter;

function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(id);
  return found;
}

function set(change: Partial<PageState>): void {
  state = { ...state, ...change };
  editor.setState(state);
}

function announce(text: string): void {
  live.textContent = text;
}

/** Draws the matrix or the picture anew; the cell, or host, that has the focus keeps it. */
function drawMain(): void {
  const active = document.activeElement instanceof Element && main.contains(document.activeElement) ? keyOf(document.activeElement) : null;
  const scrolls = [...main.querySelectorAll('.scroll')].map(({ scrollLeft, scrollTop }) => ({ scrollLeft, scrollTop }));
  for (const button of document.querySelectorAll('[aria-pressed]')) {
    const { do: act, value } = (button as HTMLElement).dataset;
    button.setAttribute('aria-pressed', String(act === 'view' ? value === state.view : value === state.shows));
  }
  document.body.classList.toggle('taken', state.view === 'blast-radius');
  byId('says').textContent = viewSentence(matrix, state);
  if (!matrix) return;
  fill(main, ...mainMarkup(matrix, state));
  main.querySelectorAll('.scroll').forEach((one, i) => {
    one.scrollLeft = scrolls[i]?.scrollLeft ?? 0;
    one.scrollTop = scrolls[i]?.scrollTop ?? 0;
  });
  for (const table of main.querySelectorAll('table'))
    (table.querySelector('td[data-from], th') as HTMLElement | null)?.setAttribute('tabindex', '0');
  markSelected();
  if (active) focusOn(elementWith(active));
}

function markSelected(): void {
  for (const one of main.querySelectorAll('.selected')) one.classList.remove('selected');
  const { selection } = state;
  if (selection?.is === 'cell') elementWith({ from: selection.from, to: selection.to })?.classList.add('selected');
}

function keyOf(element: Element): Key | null {
  const { from, to, host, toggle, node } = (element as HTMLElement).dataset;
  if (from !== undefined && to !== undefined) return { from, to };
  const id = host ?? toggle ?? node;
  return id === undefined ? null : { host: id };
}

function elementWith(key: Key): HTMLElement | SVGElement | null {
  const wanted = (element: Element): boolean => {
    const own = keyOf(element);
    if (!own) return false;
    return 'from' in key ? 'from' in own && own.from === key.from && own.to === key.to : 'host' in own && own.host === key.host;
  };
  const found = [...main.querySelectorAll('[data-from], th, [data-node]')].find(wanted);
  return found instanceof HTMLElement || found instanceof SVGElement ? found : null;
}

function focusOn(element: HTMLElement | SVGElement | null | undefined): void {
  if (!element) return;
  const table = element.closest('table');
  for (const one of table?.querySelectorAll('[tabindex="0"]') ?? []) one.setAttribute('tabindex', '-1');
  element.setAttribute('tabindex', '0');
  element.focus();
}

function drawDetails(): void {
  aside.hidden = details === null;
  document.body.classList.toggle('with-details', details !== null);
  if (!details) {
    aside.replaceChildren();
    return;
  }
  const typed =
    document.getElementById('service') instanceof HTMLInputElement ? (document.getElementById('service') as HTMLInputElement).value : '';
  const { activeElement } = document;
  const held = activeElement instanceof HTMLElement ? focusables().indexOf(activeElement) : -1;
  fill(aside, detailsMarkup(details, state.view, { service: typed, traced }));
  // drawn anew, what had the focus keeps it
  if (focusDetails) document.getElementById('details-title')?.focus();
  else if (held >= 0) (focusables()[held] ?? document.getElementById('details-title'))?.focus();
  focusDetails = false;
}

/** What in the details can have the focus, in its order. */
function focusables(): readonly HTMLElement[] {
  return [...aside.querySelectorAll<HTMLElement>('#details-title, a, button, input, [tabindex]')];
}

/** Whether details are of what is chosen now: an answer may come when they are closed, or others are asked for. */
function isChosen(of: Details): boolean {
  const { selection } = state;
  if (!selection) return false;
  return of.is !== 'explanation' || (selection.is === 'cell' && selection.from === of.fromId && selection.to === of.toId);
}

function select(selection: Selection): void {
  set({ selection });
  traced = null;
  markSelected();
  editor.postMessage({ type: 'select', view: state.view, selection });
  if (state.shows === 'picture') drawMain();
}

function close(): void {
  details = null;
  set({ selection: null });
  editor.postMessage({ type: 'close' });
  drawDetails();
  if (state.shows === 'picture') drawMain();
  markSelected();
  if (cameFrom) focusOn(elementWith(cameFrom));
  cameFrom = null;
}

function show(view: View): void {
  set({ view });
  main.setAttribute('aria-busy', 'true');
  drawMain();
  editor.postMessage({ type: 'show', view });
  if (state.selection) select(state.selection);
}

/** What a click, or Enter, on something asks for. */
function act(target: Element, byKey: boolean): void {
  const doing = target.closest<HTMLElement>('[data-do]');
  if (doing?.tagName === 'BUTTON') {
    const { do: what, value, place, host } = doing.dataset;
    if (what === 'view' && (value === 'access' || value === 'blast-radius')) show(value);
    else if (what === 'shows') {
      set({ shows: value === 'picture' ? 'picture' : 'matrix' });
      drawMain();
    } else if (what === 'export') exportAs(value ?? '');
    else if (what === 'close') close();
    else if (what === 'open' && place) editor.postMessage({ type: 'open', place: JSON.parse(place) as Location });
    else if (what === 'falls' && host) {
      focusDetails = byKey;
      select({ is: 'host', id: host, falls: true });
    }
    return;
  }
  const place = target.closest('[data-from], th, [data-node]');
  const key = place && main.contains(place) ? keyOf(place) : null;
  if (!place || !key) return;
  const { toggle, host, node } = (place as HTMLElement).dataset;
  if (toggle !== undefined && (host === undefined || target.closest('[data-toggles]'))) {
    toggleClass(toggle, place);
    return;
  }
  focusDetails = byKey;
  cameFrom = key;
  if ('from' in key) select({ is: 'cell', ...key });
  else if (host !== undefined || node !== undefined) select({ is: 'host', id: key.host, falls: false });
}

function toggleClass(id: string, place: Element): void {
  const inPicture = place.hasAttribute('data-node');
  set({ open: toggled(state.open, id) });
  drawMain();
  announce(state.open.includes(id) ? 'One by one' : 'As one again');
  if (!inPicture) focusOn(elementWith({ host: id }));
}

function exportAs(value: string): void {
  const what = value === 'svg' ? (state.shows === 'picture' ? 'svg-picture' : 'svg-matrix') : value === 'csv' ? 'csv' : 'markdown';
  editor.postMessage({ type: 'export', what, view: state.view, open: state.open });
}

document.addEventListener('click', (event) => {
  if (event.target instanceof Element) act(event.target, event.detail === 0);
});

document.addEventListener('submit', (event) => {
  event.preventDefault();
  const { from, to } = (event.target as HTMLElement).dataset;
  const service = (byId('service') as HTMLInputElement).value.trim();
  if (from && to && service) editor.postMessage({ type: 'trace', view: state.view, from, to, service });
});

filter.addEventListener('input', () => {
  set({ filter: filter.value });
  drawMain();
  announce(`${main.querySelectorAll('tbody tr').length} rows`);
});

document.addEventListener('keydown', (event) => {
  const target = event.target instanceof Element ? event.target : null;
  if (event.key === 'Escape') {
    if (details) close();
    else if (target === filter && filter.value) {
      filter.value = '';
      set({ filter: '' });
      drawMain();
    }
    return;
  }
  const inText = target instanceof HTMLInputElement;
  if (event.key === '/' && !inText) {
    event.preventDefault();
    filter.focus();
    return;
  }
  const cell = target?.closest<HTMLTableCellElement>('td, th');
  const node = target?.closest('[data-node]');
  if (!cell && !node) return;
  if (event.key === 'Enter' || event.key === ' ') {
    event.preventDefault();
    const { toggle } = cell?.dataset ?? {};
    if (cell && toggle && event.key === ' ') toggleClass(toggle, cell);
    else act((cell ?? node) as Element, true);
    return;
  }
  const table = cell?.closest('table');
  const row = cell?.closest('tr');
  if (!cell || !table || !row) return;
  const at = { row: row.rowIndex, column: cell.cellIndex };
  const to = stepped(event.key, event.ctrlKey || event.metaKey, at, table.rows.length - 1, row.cells.length - 1);
  if (!to) return;
  event.preventDefault();
  focusOn(table.rows[to.row]?.cells[to.column]);
});

window.addEventListener('message', ({ data }: MessageEvent<ToPage>) => {
  switch (data.type) {
    case 'busy':
      main.setAttribute('aria-busy', 'true');
      break;
    case 'matrix':
      main.setAttribute('aria-busy', 'false');
      if (!data.matrix) {
        fill(main, { tag: 'p', attributes: { class: 'empty' }, children: ['The server does not run: nothing is known.'] });
        break;
      }
      if (data.matrix.view !== state.view) break;
      matrix = data.matrix;
      drawMain();
      break;
    case 'details':
      if (!isChosen(data.details)) break;
      details = data.details;
      drawDetails();
      announce(detailsSentence(details));
      break;
    case 'traced':
      if (details?.is !== 'explanation' || details.fromId !== data.from || details.toId !== data.to) break;
      traced = data.traced;
      drawDetails();
      announce('problem' in traced ? traced.problem : `${traced.service}: ${traced.answer}`);
      byId('service').focus();
      break;
    case 'go':
      set({ view: data.view, selection: data.selection });
      show(data.view);
      break;
  }
});

drawMain();
show(state.view);
