// The addresses that a comparison names, read once for all who ask: which parts of packets a ruleset tells apart, whom a rule is about, and
// which packets meet it.
import type { Range } from '../walk/constants.ts';
import type { Shape } from '../walk/match.ts';
import { addressRanges, type Ranges } from './ranges.ts';

const kept: Readonly<Record<4 | 6, WeakMap<Shape, Ranges>>> = { 4: new WeakMap(), 6: new WeakMap() };

/** Of a comparison that looks at one thing: all that it is compared with, as addresses; null where some of it is not known here. */
export function namedAddresses(shape: Shape, version: 4 | 6): Ranges | null {
  let found = kept[version].get(shape);
  if (!found) {
    const named: Range[] = [];
    for (let i = 0; i < shape.boxes.length; i++) {
      const range = shape.boxes[i]?.[0];
      if (!range) return null;
      named.push(range);
    }
    found = addressRanges(named, version);
    kept[version].set(shape, found);
  }
  return found;
}
