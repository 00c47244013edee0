// What a conformance run counts: of so many texts, in how many do we agree with the real tool, and in which not.
import { readFileSync } from 'node:fs';

export interface Measure {
  readonly name: string;
  readonly of: number;
  readonly agreed: number;
  /** The least share of `of`, from 0 to 1. */
  readonly floor: number;
  /** Where we do not agree: the row and what was said. */
  readonly misses: readonly string[];
  /** Rows that are not counted, each with its reason. */
  readonly deviations: readonly string[];
}

export function passes({ of, agreed, floor }: Measure): boolean {
  return agreed >= of * floor;
}

/** Reads one JSON value a line. */
export function readRows<Row>(file: string): readonly Row[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
}

/** Counts over `rows`: `miss` gives what is wrong with one, null where we agree. `known` are deviations by the row's id, with the reason. */
export function measure<Row extends { readonly id: string }>(
  name: string,
  floor: number,
  rows: readonly Row[],
  miss: (row: Row) => string | null,
  known: ReadonlyMap<string, string> = new Map(),
): Measure {
  const misses: string[] = [];
  const deviations: string[] = [];
  for (const row of rows) {
    const wrong = miss(row);
    if (wrong === null) continue;
    const reason = known.get(row.id);
    if (reason === undefined) misses.push(`${row.id}: ${wrong}`);
    else deviations.push(`${row.id}: ${reason}`);
  }
  const of = rows.length - deviations.length;
  return { name, of, agreed: of - misses.length, floor, misses, deviations };
}

/** The table that `npm run conformance` prints. */
export function tableOf(measures: readonly Measure[]): string {
  const width = Math.max(...measures.map(({ name }) => name.length));
  const rows = measures.map((one) => {
    const share = one.of === 0 ? '—' : `${((100 * one.agreed) / one.of).toFixed(2)} %`;
    const verdict = passes(one) ? 'ok' : 'FAILED';
    const known = one.deviations.length > 0 ? `, ${one.deviations.length} known` : '';
    return `${one.name.padEnd(width)}  ${`${one.agreed}/${one.of}`.padStart(11)}  ${share.padStart(9)}  ≥ ${100 * one.floor} %  ${verdict}${known}`;
  });
  return rows.join('\n');
}
