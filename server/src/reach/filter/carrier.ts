// What it takes to carry flows through a ruleset in one situation, for any source: its effects as numbers, and what was computed of them.

import type { ServiceNumbers } from '../matrix/service-set.ts';
import type { Registers } from '../walk/packet.ts';
import type { Effect, Place } from './effects.ts';
import type { FlatEffect } from './flat-effects.ts';
import type { FlowSets } from './flow-sets.ts';
import type { Lines } from './lines.ts';
import { atomOf, type Program } from './program.ts';
import type { AddressNumber, Ranges } from './ranges.ts';
import { firstFrom, type RuleIndex, ruleIndex } from './rule-index.ts';
import type { Rules } from './rules.ts';
import { SOURCE } from './symbolic.ts';
import type { Bench, Segments } from './workshop.ts';

/** Effects in the order in which flows of one source meet them. */
export type Effects = () => FlatEffect | null;

export interface Carrier {
  readonly program: Program;
  readonly bench: Bench;
  readonly segments: Segments;
  /** The atom of each destination class, ascending. */
  readonly classes: readonly number[];
  /** Drawn anew where a rule tells services apart that none has so far; then what was carried meanwhile is worth nothing. */
  lines: Lines;
  sets: FlowSets;
  isStale: boolean;
  readonly told: ServiceNumbers[];
  readonly flat: Map<Rules, Map<Place, Flat[]>>;
  readonly atoms: Map<Ranges, readonly number[]>;
}

/** What rules do with flows that are alike, by the place of the rule; looked at when some flow comes to it. */
type Flat = (readonly FlatEffect[] | undefined)[];

export function newCarrier(program: Program, bench: Bench, classes: readonly number[]): Carrier {
  const segments = bench.segments(program.protocols);
  // most of what is asked ends before a rule that names a service
  const lines = bench.lines(segments, []);
  return {
    program,
    bench,
    segments,
    classes,
    lines,
    sets: bench.flowSets(classes.length, lines.words),
    isStale: false,
    told: [],
    flat: new Map(),
    atoms: new Map(),
  };
}

/** Draws the lines anew, with all that rules tell apart. */
export function redraw(carrier: Carrier): void {
  carrier.lines = carrier.bench.lines(carrier.segments, carrier.told);
  carrier.sets = carrier.bench.flowSets(carrier.classes.length, carrier.lines.words);
  carrier.flat.clear();
  carrier.isStale = false;
}

/** What the rules from one on do with flows of a source, in order. */
export function effectsFrom(
  carrier: Carrier,
  hook: string,
  rules: Rules,
  rule: number,
  registers: Registers,
  source: AddressNumber,
): Effects {
  const place = carrier.bench.place(hook, carrier.segments);
  const flat = flatOf(carrier, rules, place, registers);
  const places = placesFor(rules, registers.source === SOURCE ? ruleIndex(rules, carrier.program.version) : null, rule, source);
  let list: readonly FlatEffect[] = [];
  let next = 0;
  return () => {
    while (next >= list.length) {
      const at = places();
      if (at < 0) return null;
      let own = flat[at];
      if (!own) {
        own = flattened(carrier, place, rules, at, 0, registers);
        flat[at] = own;
      }
      list = own;
      next = 0;
    }
    return list[next++] ?? null;
  };
}

function flatOf({ flat, bench }: Carrier, rules: Rules, place: Place, registers: Registers): Flat {
  let byPlace = flat.get(rules);
  if (!byPlace) {
    byPlace = new Map();
    flat.set(rules, byPlace);
  }
  let byRegisters = byPlace.get(place);
  if (!byRegisters) {
    byRegisters = [];
    byPlace.set(place, byRegisters);
  }
  const number = bench.numberOf(registers);
  byRegisters[number] ??= [];
  return byRegisters[number];
}

/** The places of the rules from one on that a source may meet, one after the other; then -1. */
export function placesFor(rules: Rules, index: RuleIndex | null, first: number, source: AddressNumber): () => number {
  if (!index) {
    let place = first;
    return () => (place < rules.length ? place++ : -1);
  }
  const { others } = index;
  const alone = index.alone.get(source) ?? none;
  let nextAlone = first === 0 ? 0 : firstFrom(alone, first);
  let nextOther = first === 0 ? 0 : firstFrom(others, first);
  return () => {
    const one = alone[nextAlone];
    const other = others[nextOther];
    if (other === undefined || (one !== undefined && one < other)) {
      nextAlone++;
      return one ?? -1;
    }
    nextOther++;
    return other;
  };
}

const none: readonly number[] = [];

/** What a rule does from a step on. */
export function effectsBehind(carrier: Carrier, hook: string, rules: Rules, rule: number, step: number, registers: Registers): Effects {
  const list = flattened(carrier, carrier.bench.place(hook, carrier.segments), rules, rule, step, registers);
  let next = 0;
  return () => list[next++] ?? null;
}

const nothing: readonly FlatEffect[] = [];

function flattened(carrier: Carrier, place: Place, rules: Rules, rule: number, step: number, registers: Registers): readonly FlatEffect[] {
  const effects = carrier.bench.effectsFrom(rules.steps(rule), step, registers, place);
  if (effects.length === 0) return nothing;
  const [only] = effects;
  if (only && effects.length === 1) {
    const flat = flatEffect(carrier, only, rule);
    return flat ? [flat] : nothing;
  }
  return effects.flatMap((effect) => flatEffect(carrier, effect, rule) ?? nothing);
}

const final: ReadonlySet<string> = new Set(['accept', 'drop', 'other', 'return', 'goto', 'bind']);

/** null where none of the destinations meets it. */
function flatEffect(carrier: Carrier, { sources, destinations, services, sure, step, act }: Effect, rule: number): FlatEffect | null {
  const { classes } = carrier;
  const targets = destinations && classRanges(atomRanges(carrier, destinations), classes);
  if (targets?.length === 0) return null;
  const isAll = targets === null || (targets.length === 2 && targets[0] === 0 && targets[1] === classes.length - 1);
  const bits = services && bitsOf(carrier, services);
  return {
    sources: sources && atomRanges(carrier, sources),
    destinations: isAll ? null : targets,
    services: bits,
    sure,
    act,
    rule,
    step,
    isTotal: sure && isAll && bits === null && final.has(act.do),
  };
}

function bitsOf(carrier: Carrier, services: ServiceNumbers): Uint32Array {
  const bits = carrier.lines.bits(services);
  if (bits) return bits;
  if (carrier.told.length === 0) carrier.told.push(...carrier.program.services);
  carrier.told.push(services);
  carrier.isStale = true;
  return carrier.lines.all;
}

function atomRanges({ program, atoms }: Carrier, ranges: Ranges): readonly number[] {
  let found = atoms.get(ranges);
  if (!found) {
    found = atomsOf(program.cuts, ranges);
    atoms.set(ranges, found);
  }
  return found;
}

function atomsOf(cuts: readonly AddressNumber[], { ranges }: Ranges): readonly number[] {
  const [only] = ranges;
  if (only && ranges.length === 1) return [atomOf(cuts, only.from), atomOf(cuts, only.to)];
  return ranges.flatMap(({ from, to }) => [atomOf(cuts, from), atomOf(cuts, to)]);
}

/** The classes whose atoms lie in the ranges. */
function classRanges(atoms: readonly number[], classes: readonly number[]): readonly number[] {
  if (atoms.length === 2) {
    const first = firstFrom(classes, atoms[0] as number);
    const last = firstFrom(classes, (atoms[1] as number) + 1) - 1;
    return first > last ? none : [first, last];
  }
  const result: number[] = [];
  for (let i = 0; i < atoms.length; i += 2) {
    const first = firstFrom(classes, atoms[i] as number);
    const last = firstFrom(classes, (atoms[i + 1] as number) + 1) - 1;
    if (first > last) continue;
    // ranges of neighbouring classes are one
    if (result.length > 0 && (result[result.length - 1] as number) + 1 === first) result[result.length - 1] = last;
    else result.push(first, last);
  }
  return result;
}
