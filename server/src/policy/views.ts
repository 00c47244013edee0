// The two ways to ask who reaches whom.

export interface ViewRow {
  readonly name: string;
  /** What it asks, in a sentence. */
  readonly says: string;
}

export const viewRows = [
  { name: 'access', says: 'What an honest host can do: its own routes and rules count, and an answer must come back.' },
  {
    name: 'blast-radius',
    says: 'What a host can do once somebody has taken it over: its own routes and rules no longer count, it sends as every address that is taken from it, and needs no answer.',
  },
] as const satisfies readonly ViewRow[];

export type View = (typeof viewRows)[number]['name'];

export const views = ['access', 'blast-radius'] as const satisfies readonly View[];

export function viewNamed(name: string): View | null {
  return views.find((view) => view === name) ?? null;
}
