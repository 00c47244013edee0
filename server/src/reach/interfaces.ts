// Sets of interface names as rules write them: names, and beginnings of names (`wg*`), some of them left out.

/** What is in `only` and not in `except`. A `*` at the end stands for any rest. */
export interface Interfaces {
  /** Null is every interface. */
  readonly only: readonly string[] | null;
  readonly except: readonly string[];
}

export const anyInterface: Interfaces = { only: null, except: [] };

/** A name as nft reads it: `wg\*` is a literal star, which no beginning is (nft(8), ifname). */
export function interfacePattern(word: string): string {
  return word.endsWith('\\*') ? `${word.slice(0, -2)}*\u0000` : word;
}

/** Whether every name that `inner` stands for is one of `outer`'s. */
export function patternHolds(outer: string, inner: string): boolean {
  return outer === inner || (outer.endsWith('*') && inner.startsWith(outer.slice(0, -1)));
}

function overlap(a: string, b: string): boolean {
  return patternHolds(a, b) || patternHolds(b, a);
}

export function interfacesHold({ only, except }: Interfaces, name: string): boolean {
  return (only === null || only.some((pattern) => patternHolds(pattern, name))) && !except.some((pattern) => patternHolds(pattern, name));
}

export function intersectedInterfaces(a: Interfaces, b: Interfaces): Interfaces {
  if (a === anyInterface || a === b) return b;
  if (b === anyInterface) return a;
  const except = a.except.length === 0 ? b.except : b.except.length === 0 ? a.except : [...a.except, ...b.except];
  if (a.only === null || b.only === null) return { only: a.only ?? b.only, except };
  const only: string[] = [];
  for (const one of a.only) {
    for (const other of b.only) {
      if (patternHolds(one, other)) only.push(other);
      else if (patternHolds(other, one)) only.push(one);
    }
  }
  return { only, except };
}

/** Whether surely no interface is meant. */
export function noInterface({ only, except }: Interfaces): boolean {
  return only?.every((name) => except.some((pattern) => patternHolds(pattern, name))) ?? false;
}

/** Whether `inner` surely lies in `outer`. */
export function interfacesWithin(inner: Interfaces, outer: Interfaces): boolean {
  if (inner === outer || outer === anyInterface) return true;
  const { only } = outer;
  if (only !== null && !inner.only?.every((name) => only.some((pattern) => patternHolds(pattern, name)))) return false;
  return outer.except.every(
    (left) =>
      inner.except.some((pattern) => patternHolds(pattern, left)) ||
      (inner.only !== null && !inner.only.some((name) => overlap(name, left))),
  );
}
