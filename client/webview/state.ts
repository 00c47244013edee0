// What the page shows, kept by the editor when it is hidden or the window is loaded again.
import type { Selection, View } from './data.ts';

export interface PageState {
  readonly view: View;
  readonly filter: string;
  /** The ids of classes whose members stand one by one. */
  readonly open: readonly string[];
  readonly shows: 'matrix' | 'picture';
  readonly selection: Selection | null;
}

export const firstState: PageState = { view: 'blast-radius', filter: '', open: [], shows: 'matrix', selection: null };

/** What was kept, as far as it is what this version keeps. */
export function stateFrom(kept: unknown): PageState {
  if (typeof kept !== 'object' || kept === null) return firstState;
  const { view, filter, open, shows, selection } = kept as Readonly<Record<string, unknown>>;
  return {
    view: view === 'access' ? 'access' : 'blast-radius',
    filter: typeof filter === 'string' ? filter : '',
    open: Array.isArray(open) ? open.filter((id) => typeof id === 'string') : [],
    shows: shows === 'picture' ? 'picture' : 'matrix',
    selection: selectionFrom(selection),
  };
}

function selectionFrom(kept: unknown): Selection | null {
  if (typeof kept !== 'object' || kept === null) return null;
  const { is, from, to, id, falls } = kept as Readonly<Record<string, unknown>>;
  if (is === 'cell' && typeof from === 'string' && typeof to === 'string') return { is, from, to };
  return is === 'host' && typeof id === 'string' ? { is, id, falls: falls === true } : null;
}

export function toggled(open: readonly string[], id: string): readonly string[] {
  return open.includes(id) ? open.filter((one) => one !== id) : [...open, id];
}

/** Where a key takes the focus in a table; null where it does nothing. Row 0 and column 0 hold the names; their corner is left out. */
export function stepped(
  key: string,
  withControl: boolean,
  at: { readonly row: number; readonly column: number },
  rows: number,
  columns: number,
): { readonly row: number; readonly column: number } | null {
  const page = 10;
  const to = { ...at };
  switch (key) {
    case 'ArrowUp':
      to.row--;
      break;
    case 'ArrowDown':
      to.row++;
      break;
    case 'ArrowLeft':
      to.column--;
      break;
    case 'ArrowRight':
      to.column++;
      break;
    case 'PageUp':
      to.row -= page;
      break;
    case 'PageDown':
      to.row += page;
      break;
    case 'Home':
      to.column = 0;
      if (withControl) to.row = 0;
      break;
    case 'End':
      to.column = columns;
      if (withControl) to.row = rows;
      break;
    default:
      return null;
  }
  to.row = Math.min(rows, Math.max(0, to.row));
  to.column = Math.min(columns, Math.max(0, to.column));
  if (to.row === 0 && to.column === 0) return at.row === 0 ? { row: 0, column: 1 } : { row: Math.min(1, rows), column: 0 };
  return to;
}
