// Hosts that fare alike: whoever is put in the place of another of them changes nothing of who reaches whom. A person looks at classes of
// hosts, not at a thousand rows.

/** What `from` does to `to`, as a number: equal ones are the same, 0 is nothing. Of nobody to itself. */
export type Relation = (from: number, to: number) => number;

/**
 * The classes among 0 … `count` - 1, each in order, in the order of their first. `kinds` are never mixed. Yields between the rows, since
 * it looks at every pair.
 */
export function* alike(
  count: number,
  relation: Relation,
  kindOf: (one: number) => string,
): Generator<void, readonly (readonly number[])[], void> {
  const table = new Int32Array(count * count);
  for (let from = 0; from < count; from++) {
    for (let to = 0; to < count; to++) if (from !== to) table[from * count + to] = relation(from, to);
    yield;
  }
  const sums: Sums[] = [];
  /** By what two do to each other those who do it with somebody. */
  const mutual = new Map<number, number[]>();
  for (let one = 0; one < count; one++) {
    sums.push(sumsOf(table, count, one));
    for (const value of mutualValues(table, count, one)) (mutual.get(value) ?? mutual.set(value, []).get(value))?.push(one);
    yield;
  }
  const classOf = new Map<number, number[]>();
  for (const [value, candidates] of mutual) {
    const buckets = new Map<string, number[][]>();
    for (const one of candidates) {
      const { row, column } = sums[one] as Sums;
      // what two do to each other stands in the row of each at the other’s place: put at their own as well, and the two rows are equal
      const own = mixed(value, one);
      const key = `${kindOf(one)} ${(row + own) | 0} ${(column + own) | 0}`;
      const groups = buckets.get(key) ?? [];
      buckets.set(key, groups);
      const group = groups.find(([first = one]) => areTwins(table, count, first, one, value));
      if (group) group.push(one);
      else groups.push([one]);
      yield;
    }
    for (const groups of buckets.values())
      for (const group of groups) if (group.length > 1) for (const one of group) classOf.set(one, group);
  }
  const classes: (readonly number[])[] = [];
  for (let one = 0; one < count; one++) {
    const own = classOf.get(one) ?? [one];
    if (own[0] === one) classes.push(own);
  }
  return classes;
}

function mutualValues(table: Int32Array, count: number, one: number): ReadonlySet<number> {
  const found = new Set<number>();
  for (let other = 0; other < count; other++) {
    const value = table[one * count + other];
    if (other !== one && value !== undefined && value === table[other * count + one]) found.add(value);
  }
  return found;
}

interface Sums {
  readonly row: number;
  readonly column: number;
}

/** Equal for rows and columns that are equal. The other way round is looked at. */
function sumsOf(table: Int32Array, count: number, one: number): Sums {
  let row = 0;
  let column = 0;
  for (let other = 0; other < count; other++) {
    if (other === one) continue;
    row = (row + mixed(table[one * count + other] ?? 0, other)) | 0;
    column = (column + mixed(table[other * count + one] ?? 0, other)) | 0;
  }
  return { row, column };
}

function mixed(value: number, place: number): number {
  let hash = Math.imul(value + 1, 0x9e3779b1) ^ Math.imul(place + 1, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

function areTwins(table: Int32Array, count: number, a: number, b: number, mutual: number): boolean {
  if (table[a * count + b] !== mutual || table[b * count + a] !== mutual) return false;
  for (let other = 0; other < count; other++) {
    if (other === a || other === b) continue;
    if (table[a * count + other] !== table[b * count + other] || table[other * count + a] !== table[other * count + b]) return false;
  }
  return true;
}
