// A map of records as a map of their views.

/** `source` with each value as `show` makes it, once and when it is asked for. */
export function shownMap<V, W>(source: ReadonlyMap<string, V>, show: (value: V) => W): ReadonlyMap<string, W> {
  return new ShownMap(source, show);
}

class ShownMap<V, W> implements ReadonlyMap<string, W> {
  readonly #source: ReadonlyMap<string, V>;
  readonly #show: (value: V) => W;

  constructor(source: ReadonlyMap<string, V>, show: (value: V) => W) {
    this.#source = source;
    this.#show = show;
  }

  get size(): number {
    return this.#source.size;
  }

  has(key: string): boolean {
    return this.#source.has(key);
  }

  get(key: string): W | undefined {
    const value = this.#source.get(key);
    return value === undefined ? undefined : this.#show(value);
  }

  forEach(visit: (value: W, key: string, map: ReadonlyMap<string, W>) => void): void {
    for (const [key, value] of this) visit(value, key, this);
  }

  *entries(): MapIterator<[string, W]> {
    for (const [key, value] of this.#source) yield [key, this.#show(value)];
  }

  keys(): MapIterator<string> {
    return this.#source.keys();
  }

  *values(): MapIterator<W> {
    for (const value of this.#source.values()) yield this.#show(value);
  }

  [Symbol.iterator](): MapIterator<[string, W]> {
    return this.entries();
  }
}
