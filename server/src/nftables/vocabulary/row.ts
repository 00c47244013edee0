// The shape that every table of the vocabulary shares: a word, and what it means in a sentence.

export interface Row {
  readonly name: string;
  readonly says: string;
  /** The first version of nft that knows it, where 1.0.6 does not. */
  readonly since?: string;
}

/** Looks a word up among rows; words are as written, since nft tells case. */
export function byName<R extends Row>(rows: readonly R[]): ReadonlyMap<string, R> {
  return new Map(rows.map((row) => [row.name, row]));
}

export function rows(table: Readonly<Record<string, string>>): readonly Row[] {
  return Object.entries(table).map(([name, says]) => ({ name, says }));
}
