// Elements of concatenated interval sets: nft refuses those that overlap, so overlapping rectangles are cut into ones that do not.
import type { Interval } from '../net/address-set.ts';
import { type Domain, type Intervals, joined, portDomain } from '../net/intervals.ts';

/** From these addresses to those, on these ports; null for what has no ports. */
export interface Rectangle<N> {
  readonly from: Interval<N>;
  readonly to: Interval<N>;
  readonly ports: Intervals<number> | null;
  readonly labels: readonly string[];
}

/** The same packets in rectangles that do not overlap, sorted; neighbours that say the same are one. */
export function disjoint<N extends number | bigint>(rectangles: readonly Rectangle<N>[], domain: Domain<N>): readonly Rectangle<N>[] {
  const rows = atomsOf(
    rectangles.map(({ from }) => from),
    domain,
  );
  const columns = atomsOf(
    rectangles.map(({ to }) => to),
    domain,
  );
  const cells = new Map<number, { ports: Interval<number>[] | null; labels: Set<string> }>();
  for (const { from, to, ports, labels } of rectangles) {
    for (let row = indexOf(rows, from.from); row < rows.length && (rows[row] as Interval<N>).to <= from.to; row++) {
      for (let column = indexOf(columns, to.from); column < columns.length && (columns[column] as Interval<N>).to <= to.to; column++) {
        const key = row * columns.length + column;
        const cell = cells.get(key);
        if (!cell) cells.set(key, { ports: ports && [...ports], labels: new Set(labels) });
        else {
          cell.ports?.push(...(ports ?? []));
          for (const label of labels) cell.labels.add(label);
        }
      }
    }
  }
  const result: Rectangle<N>[] = [];
  for (const [key, { ports, labels }] of [...cells].sort(([a], [b]) => a - b)) {
    const one: Rectangle<N> = {
      from: rows[Math.floor(key / columns.length)] as Interval<N>,
      to: columns[key % columns.length] as Interval<N>,
      ports: ports && joined(ports, portDomain),
      labels: [...labels],
    };
    const last = result.at(-1);
    if (last && last.from === one.from && domain.next(last.to.to) === one.to.from && sameSays(last, one))
      result[result.length - 1] = { ...last, to: { from: last.to.from, to: one.to.to } };
    else result.push(one);
  }
  return stacked(result, domain);
}

/** Joins rows that lie one above the other and say the same. */
function stacked<N extends number | bigint>(rectangles: readonly Rectangle<N>[], domain: Domain<N>): readonly Rectangle<N>[] {
  const result: Rectangle<N>[] = [];
  const open = new Map<string, number>();
  for (const one of rectangles) {
    const key = `${one.to.from}-${one.to.to}`;
    const at = open.get(key);
    const above = at === undefined ? undefined : result[at];
    if (above && at !== undefined && domain.next(above.from.to) === one.from.from && sameSays(above, one))
      result[at] = { ...above, from: { from: above.from.from, to: one.from.to } };
    else {
      open.set(key, result.length);
      result.push(one);
    }
  }
  return result;
}

function sameSays<N>(a: Rectangle<N>, b: Rectangle<N>): boolean {
  const ports = (one: Rectangle<N>): string => one.ports?.map(({ from, to }) => `${from}-${to}`).join() ?? '';
  return ports(a) === ports(b) && a.labels.join('\n') === b.labels.join('\n');
}

/** The intervals that all borders of `intervals` cut each other into. */
function atomsOf<N extends number | bigint>(intervals: Intervals<N>, { next, previous }: Domain<N>): Intervals<N> {
  const starts = [...new Set(intervals.flatMap(({ from, to }) => [from, next(to)]))].sort((a, b) => (a < b ? -1 : 1));
  return starts.flatMap((from, i) => {
    const after = starts[i + 1];
    return after === undefined ? [] : [{ from, to: previous(after) }];
  });
}

function indexOf<N extends number | bigint>(atoms: Intervals<N>, from: N): number {
  let low = 0;
  let high = atoms.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((atoms[middle] as Interval<N>).from < from) low = middle + 1;
    else high = middle;
  }
  return low;
}
