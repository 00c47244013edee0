// Structural equality of plain readonly data, for keeping a fact's old object where a new one says the same.

/** The method of data that is made only when somebody asks, by which it says whether other data is the same. */
export const SAME_AS: unique symbol = Symbol('same as');

interface Comparable {
  readonly [SAME_AS]?: (other: unknown) => boolean;
}

/** Whether two values of plain data (objects, arrays, strings, numbers, bigints, booleans, null) are the same. */
export function equalData(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!equalData(a[i], b[i])) return false;
    return true;
  }
  if (Array.isArray(b)) return false;
  if ((a as Comparable)[SAME_AS]) return (a as Comparable)[SAME_AS]?.(b) === true;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  for (const key of keys) {
    if (!Object.hasOwn(b, key) || !equalData((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key])) return false;
  }
  return true;
}
