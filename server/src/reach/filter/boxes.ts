// Of which packets a comparison holds: boxes of sources, destinations and ports (or ICMP types).
import { complemented, type Intervals, intersected, joined, portDomain } from '../../net/intervals.ts';
import { type Bits, isIn, type Truth } from '../walk/bits.ts';
import type { Range } from '../walk/constants.ts';
import type { Look } from '../walk/looks.ts';
import type { Shape } from '../walk/match.ts';
import type { Here } from '../walk/operands.ts';
import { namedAddresses } from './named-addresses.ts';
import { addressRanges, commonRanges, domains, otherRanges, type Ranges } from './ranges.ts';
import type { Segment } from './segments.ts';
import { DESTINATION, PORT, SOURCE, TYPE } from './symbolic.ts';

/** A side that is null holds everything. */
export interface Box {
  readonly sources: Ranges | null;
  readonly destinations: Ranges | null;
  readonly values: Intervals<number> | null;
  /** Whether it surely holds in there; else it may. */
  readonly sure: boolean;
}

export const anything: Box = { sources: null, destinations: null, values: null, sure: true };
const perhapsAnything: Box = { ...anything, sure: false };

export function commonBox(a: Box, b: Box, version: 4 | 6): Box | null {
  if (a === anything) return b;
  if (b === anything) return a;
  const sources = a.sources && b.sources ? commonRanges(a.sources, b.sources, version) : (a.sources ?? b.sources);
  const destinations =
    a.destinations && b.destinations ? commonRanges(a.destinations, b.destinations, version) : (a.destinations ?? b.destinations);
  const values = a.values && b.values ? intersected(a.values, b.values, portDomain) : (a.values ?? b.values);
  if (sources?.ranges.length === 0 || destinations?.ranges.length === 0 || values?.length === 0) return null;
  return { sources, destinations, values, sure: a.sure && b.sure };
}

/** More boxes than this are told by one that may hold anything. */
const MOST_BOXES = 65536;

export function commonBoxes(a: readonly Box[], b: readonly Box[], version: 4 | 6): readonly Box[] {
  if (b.length === 1 && b[0] === anything) return a;
  if (a.length === 1 && a[0] === anything) return b;
  if (a.length * b.length > MOST_BOXES) return a.map((box) => ({ ...box, sure: false }));
  const result: Box[] = [];
  for (const one of a) {
    for (const other of b) {
      const both = commonBox(one, other, version);
      if (both) result.push(both);
    }
  }
  return result;
}

export function doubted(boxes: readonly Box[]): readonly Box[] {
  return boxes.map((box) => (box.sure ? { ...box, sure: false } : box));
}

const allOf = [anything];
const perhapsAll = [perhapsAnything];
const none: readonly Box[] = [];

/** Where a comparison holds, of the packets of a segment; all of them where it hangs on nothing that differs among them. */
export function boxesOf(
  { test, shape }: { readonly test: (here: Here) => Truth; readonly shape: Shape | null },
  here: Here,
  segment: Segment,
): readonly Box[] {
  const alone = shape && ofAddressAlone(shape, here);
  if (alone) return alone;
  const truth = test(here);
  if (truth !== null) return truth ? allOf : none;
  if (!shape || shape.open) return perhapsAll;
  const { parts, breaks } = shape.look.see(here);
  if (breaks === true) return none;
  const boxes =
    breaks === null ? doubted(memberBoxes(shape, parts, here.version, segment)) : memberBoxes(shape, parts, here.version, segment);
  return boxes;
}

/** Of a comparison with a source or a destination alone, the commonest of all: of it nothing is known before. Null where it is another one. */
function ofAddressAlone(shape: Shape, here: Here): readonly Box[] | null {
  const { look, open, negated } = shape;
  if (open || look.types.length > 1) return null;
  const { parts, breaks } = look.see(here);
  const [only] = parts;
  if (breaks !== false || (only !== SOURCE && only !== DESTINATION)) return null;
  const named = namedAddresses(shape, here.version);
  return named && boxesWith(negated ? otherRanges(named, here.version) : named, only, here.version);
}

function boxesWith(addresses: Ranges, side: Bits, version: 4 | 6): readonly Box[] {
  const [first] = addresses.ranges;
  if (!first) return none;
  const [all] = domains[version].all;
  if (first.from === all?.from && first.to === all.to) return allOf;
  const [sources, destinations] = side === SOURCE ? [addresses, null] : [null, addresses];
  return [{ sources, destinations, values: null, sure: true }];
}

function memberBoxes(shape: Shape, parts: readonly Bits[], version: 4 | 6, segment: Segment): readonly Box[] {
  const { look, boxes, negated } = shape;
  const found = boxes.flatMap((box) => elementBox(box, parts, look, version, segment) ?? []);
  return negated ? outside(found, version) : merged(found, version);
}

/** One element of a set as a box; null where it surely holds nothing. */
export function elementBox(
  element: readonly (Range | null)[],
  parts: readonly Bits[],
  look: Look,
  version: 4 | 6,
  segment: Segment,
): Box | null {
  let box: Box | null = anything;
  for (const [i, range] of element.entries()) {
    if (!box) return null;
    const bits = parts[i];
    const side = range && bits ? sideOf(range, bits, look.widths[i] ?? 0, version, segment) : null;
    if (side === 'none') return null;
    box = side ? commonBox(box, side, version) : { ...box, sure: false };
  }
  return box;
}

/** null where it is not known. */
function sideOf(range: Range, bits: Bits, width: number, version: 4 | 6, { values, type }: Segment): Box | 'none' | null {
  if (bits === SOURCE) return { ...anything, sources: addressRanges([range], version) };
  if (bits === DESTINATION) return { ...anything, destinations: addressRanges([range], version) };
  if ((bits === PORT && values === 'port') || (bits === TYPE && values === 'type'))
    return { ...anything, values: [{ from: Number(range.from), to: Number(range.to) }] };
  if (bits === TYPE && type !== null) return range.from <= BigInt(type) && BigInt(type) <= range.to ? anything : 'none';
  const truth = isIn(bits, range.from, range.to, width);
  return truth === null ? null : truth ? anything : 'none';
}

/** Boxes that differ in one side alone, put together: a set of a thousand addresses is one box. */
function merged(boxes: readonly Box[], version: 4 | 6): readonly Box[] {
  if (boxes.length < 2) return boxes;
  const by = (key: (box: Box) => string, join: (group: readonly Box[]) => Box, of: readonly Box[]): readonly Box[] => {
    const groups = new Map<string, Box[]>();
    for (const box of of) {
      const text = key(box);
      const group = groups.get(text);
      if (group) group.push(box);
      else groups.set(text, [box]);
    }
    return [...groups.values()].flatMap((group) => (group.length < 2 ? group : [join(group)]));
  };
  const addresses =
    (side: 'sources' | 'destinations') =>
    (group: readonly Box[]): Box => {
      const [first] = group;
      const all = group.flatMap((box) => box[side]?.ranges ?? []);
      return { ...(first ?? anything), [side]: group.some((box) => box[side] === null) ? null : unionOf(all, version) };
    };
  const valuesText = ({ values }: Box): string => (values ? values.map(({ from, to }) => `${from}-${to}`).join(' ') : '*');
  const keyOf = ({ sources, destinations, sure }: Box, ...sides: readonly string[]): string =>
    `${sides.includes('s') ? (sources?.key ?? '*') : ''}|${sides.includes('d') ? (destinations?.key ?? '*') : ''}|${sure}`;
  const ofPorts = by(
    (box) => keyOf(box, 's', 'd'),
    (group) => ({
      ...(group[0] ?? anything),
      values: group.some(({ values }) => values === null)
        ? null
        : joined(
            group.flatMap(({ values }) => values ?? []),
            portDomain,
          ),
    }),
    boxes,
  );
  const ofTargets = by((box) => `${keyOf(box, 's')}|${valuesText(box)}`, addresses('destinations'), ofPorts);
  return by((box) => `${keyOf(box, 'd')}|${valuesText(box)}`, addresses('sources'), ofTargets);
}

function unionOf(ranges: Intervals<number | bigint>, version: 4 | 6): Ranges {
  return addressRanges(
    ranges.map(({ from, to }) => ({ from: BigInt(from), to: BigInt(to) })),
    version,
  );
}

/** A complement of more boxes than this is not told. */
const MOST_LEFT_OUT = 32;

/** What is in none of the boxes; what is in one that may hold is perhaps outside. */
export function outside(boxes: readonly Box[], version: 4 | 6): readonly Box[] {
  const united = merged(boxes, version);
  if (united.length > MOST_LEFT_OUT) return perhapsAll;
  let rest: readonly Box[] = allOf;
  for (const box of united) rest = rest.flatMap((one) => without(one, box, version));
  const doubtful = doubted(united.filter(({ sure }) => !sure));
  return [...rest, ...doubtful];
}

function without(one: Box, box: Box, version: 4 | 6): readonly Box[] {
  const result: Box[] = [];
  const add = (side: Box): void => {
    const both = commonBox(one, side, version);
    if (both) result.push(both);
  };
  if (box.sources) add({ ...anything, sources: otherRanges(box.sources, version) });
  const { sources, destinations, values } = box;
  if (destinations) add({ ...anything, sources, destinations: otherRanges(destinations, version) });
  if (values) add({ ...anything, sources, destinations, values: complemented(values, portDomain) });
  return result;
}
