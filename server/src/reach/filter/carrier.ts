// What it takes to carry flows through a ruleset in one situation, for any source: its effects as numbers, and what was computed of them.

import type { ServiceNumbers } from '../matrix/service-set.ts';
import type { Registers } from '../walk/packet.ts';
import type { Step } from '../walk/steps.ts';
import { type Effect, effectsOf } from './effects.ts';
import type { FlatEffect } from './flat-effects.ts';
import { type FlowSets, newFlowSets } from './flow-sets.ts';
import { type Lines, linesOf } from './lines.ts';
import type { OutcomeId } from './outcome.ts';
import { atomOf, type Program } from './program.ts';
import type { Ranges } from './ranges.ts';
import type { Rules } from './rules.ts';
import type { Bench, Segments } from './workshop.ts';

/** The effects from the one at `start` on. */
export interface Effects {
  readonly list: readonly FlatEffect[];
  readonly start: number;
  /** Where there are many: the places of those that one source alone meets, by its atom, and of all the others. */
  readonly bySource: BySource | null;
}

interface BySource {
  readonly alone: ReadonlyMap<number, readonly number[]>;
  readonly others: readonly number[];
}

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
  readonly flat: Map<Rules, Map<string, Flat>>;
  readonly atoms: Map<Ranges, readonly number[]>;
  /** By the bits of what is allowed and possible. */
  readonly outcomes: Map<string, OutcomeId>;
}

interface Flat {
  readonly list: readonly FlatEffect[];
  readonly bySource: BySource | null;
  /** For each rule from the first on the effect that is its own or behind it, up to one that takes all that is left. */
  readonly starts: readonly number[];
}

export function newCarrier(program: Program, bench: Bench, classes: readonly number[]): Carrier {
  const segments = bench.segments(program.protocols);
  const told = segments.list.map(({ services }) => services);
  const { lines } = segments;
  return {
    program,
    bench,
    segments,
    classes,
    lines,
    sets: newFlowSets(classes.length, lines.words),
    isStale: false,
    told,
    flat: new Map(),
    atoms: new Map(),
    outcomes: new Map(),
  };
}

/** Draws the lines anew, with all that rules tell apart. */
export function redraw(carrier: Carrier): void {
  carrier.lines = linesOf(carrier.told);
  carrier.sets = newFlowSets(carrier.classes.length, carrier.lines.words);
  carrier.flat.clear();
  carrier.outcomes.clear();
  carrier.isStale = false;
}

/** What the rules from one on do, in order. */
export function effectsFrom(carrier: Carrier, hook: string, rules: Rules, rule: number, registers: Registers): Effects {
  if (rule >= rules.length) return nothing;
  const whole = flat(carrier, hook, rules, 0, registers);
  const start = whole.starts[rule];
  // flows that begin behind a rule that takes all the others
  if (start !== undefined) return { list: whole.list, start, bySource: whole.bySource };
  const { list, bySource } = flat(carrier, hook, rules, rule, registers);
  return { list, start: 0, bySource };
}

const nothing: Effects = { list: [], start: 0, bySource: null };

function flat(carrier: Carrier, hook: string, rules: Rules, from: number, registers: Registers): Flat {
  const key = `${hook} ${from} ${carrier.bench.numberOf(registers)}`;
  const known = carrier.flat.get(rules) ?? new Map<string, Flat>();
  carrier.flat.set(rules, known);
  let found = known.get(key);
  if (!found) {
    found = flattened(carrier, hook, rules, from, registers);
    known.set(key, found);
  }
  return found;
}

function flattened(carrier: Carrier, hook: string, rules: Rules, from: number, registers: Registers): Flat {
  const list: FlatEffect[] = [];
  const starts: number[] = [];
  for (let rule = from; rule < rules.length; rule++) {
    starts.push(list.length);
    for (const effect of effectsIn(carrier, hook, rules.steps(rule), 0, registers)) addFlat(carrier, effect, rule, list);
    const last = list[list.length - 1];
    // nothing comes behind a rule that takes all of them
    if (last?.isTotal && last.sources === null && last.rule === rule) break;
  }
  return { list, starts, bySource: list.length < MANY ? null : sortedBySource(list) };
}

/** Fewer than this are looked through one by one. */
const MANY = 48;

function sortedBySource(list: readonly FlatEffect[]): BySource {
  const alone = new Map<number, number[]>();
  const others: number[] = [];
  for (const [place, { sources }] of list.entries()) {
    const [first, last] = sources ?? [];
    if (first === undefined || first !== last || sources?.length !== 2) {
      others.push(place);
      continue;
    }
    const own = alone.get(first);
    if (own) own.push(place);
    else alone.set(first, [place]);
  }
  return { alone, others };
}

/** What a rule does from a step on. */
export function effectsBehind(carrier: Carrier, hook: string, rules: Rules, rule: number, step: number, registers: Registers): Effects {
  const list: FlatEffect[] = [];
  for (const effect of effectsIn(carrier, hook, rules.steps(rule), step, registers)) addFlat(carrier, effect, rule, list);
  return { list, start: 0, bySource: null };
}

function effectsIn(
  { bench, segments }: Carrier,
  hook: string,
  steps: readonly Step[],
  start: number,
  registers: Registers,
): readonly Effect[] {
  const known = bench.effects.get(steps) ?? new Map<string, readonly Effect[]>();
  bench.effects.set(steps, known);
  const key = `${hook} ${start} ${bench.numberOf(registers)} ${segments.number}`;
  let effects = known.get(key);
  if (!effects) {
    effects = effectsOf(steps, start, registers, bench.place(hook, segments));
    known.set(key, effects);
  }
  return effects;
}

const final: ReadonlySet<string> = new Set(['accept', 'drop', 'other', 'return', 'goto', 'bind']);

function addFlat(carrier: Carrier, { sources, destinations, services, sure, step, act }: Effect, rule: number, list: FlatEffect[]): void {
  const { classes } = carrier;
  const targets = destinations && classRanges(atomRanges(carrier, destinations), classes);
  if (targets?.length === 0) return;
  const isAll = targets === null || (targets.length === 2 && targets[0] === 0 && targets[1] === classes.length - 1);
  const bits = services && bitsOf(carrier, services);
  list.push({
    sources: sources && atomRanges(carrier, sources),
    destinations: isAll ? null : targets,
    services: bits,
    sure,
    act,
    rule,
    step,
    isTotal: sure && isAll && bits === null && final.has(act.do),
  });
}

function bitsOf(carrier: Carrier, services: ServiceNumbers): Uint32Array {
  const bits = carrier.lines.bits(services);
  if (bits) return bits;
  carrier.told.push(services);
  carrier.isStale = true;
  return carrier.lines.all;
}

function atomRanges({ program, atoms }: Carrier, ranges: Ranges): readonly number[] {
  let found = atoms.get(ranges);
  if (!found) {
    const made: number[] = [];
    for (const { from, to } of ranges.ranges) made.push(atomOf(program.cuts, from), atomOf(program.cuts, to));
    found = made;
    atoms.set(ranges, made);
  }
  return found;
}

/** The classes whose atoms lie in the ranges. */
function classRanges(atoms: readonly number[], classes: readonly number[]): readonly number[] {
  const result: number[] = [];
  for (let i = 0; i < atoms.length; i += 2) {
    const first = firstAtLeast(classes, atoms[i] as number);
    const last = firstAtLeast(classes, (atoms[i + 1] as number) + 1) - 1;
    if (first > last) continue;
    // ranges of neighbouring classes are one
    if (result.length > 0 && (result[result.length - 1] as number) + 1 === first) result[result.length - 1] = last;
    else result.push(first, last);
  }
  return result;
}

function firstAtLeast(sorted: readonly number[], least: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
