// What outlives an edit: what rules do in a situation hangs on the rules alone, and most of them stay as they are.

import { common, type ServiceNumbers, united } from '../matrix/service-set.ts';
import type { Shape } from '../walk/match.ts';
import type { Registers } from '../walk/packet.ts';
import type { Step } from '../walk/steps.ts';
import { type Box, boxesOf } from './boxes.ts';
import type { Effect, Place } from './effects.ts';
import { type FlowSets, newFlowSets } from './flow-sets.ts';
import { type Lines, linesOf } from './lines.ts';
import { newOutcomes, type Outcomes } from './outcome.ts';
import { type Segment, segmentsOf } from './segments.ts';
import { canonicalRegisters, type Situation, situationKey, symbolicRegisters } from './symbolic.ts';

export interface Segments {
  readonly list: readonly Segment[];
  /** All services of these. */
  readonly universe: ServiceNumbers;
  /** Of those that were made for it. */
  readonly number: number;
}

/** What was computed for one situation. */
export interface Bench {
  readonly situation: Situation;
  readonly first: Registers;
  /** One object for equal registers. */
  readonly canonical: (registers: Registers) => Registers;
  /** A number of that object. */
  readonly numberOf: (registers: Registers) => number;
  /** A change of registers that has a name, computed once. */
  changed(name: string, registers: Registers, by: (registers: Registers) => Registers): Registers;
  segments(protocols: readonly (readonly number[])[]): Segments;
  /** By what a rule's steps are looked at for. */
  readonly effects: WeakMap<readonly Step[], Map<string, readonly Effect[]>>;
  place(hook: string, segments: Segments): Place;
  /** Sets to carry flows in, one row after the other. */
  flowSets(classes: number, words: number): FlowSets;
  /** Between services that stand in different segments, or in different ones of `told`. */
  lines(segments: Segments, told: readonly ServiceNumbers[]): Lines;
}

export interface Workshop {
  readonly outcomes: Outcomes;
  bench(situation: Situation): Bench;
}

export function newWorkshop(): Workshop {
  const benches = new Map<string, Bench>();
  return {
    outcomes: newOutcomes(),
    bench(situation) {
      const key = situationKey(situation);
      let bench = benches.get(key);
      if (!bench) {
        bench = newBench(situation);
        benches.set(key, bench);
      }
      return bench;
    },
  };
}

/** Lines of so many rulesets are kept. */
const MOST_LINES = 1024;

function newBench(situation: Situation): Bench {
  const known = new Map<string, Registers>();
  const numbers = new Map<Registers, number>();
  const changes = new Map<string, Map<Registers, Registers>>();
  const segments = new Map<readonly (readonly number[])[], Segments>();
  const places = new Map<string, Place>();
  const lines = new Map<string, Lines>();
  const sets = new Map<number, FlowSets>();
  const canonical = (registers: Registers): Registers => canonicalRegisters(known, registers);
  const numberOf = (registers: Registers): number => {
    let number = numbers.get(registers);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(registers, number);
    }
    return number;
  };
  return {
    situation,
    first: canonical(symbolicRegisters(situation)),
    canonical,
    numberOf,
    changed(name, registers, by) {
      const made = changes.get(name) ?? new Map<Registers, Registers>();
      changes.set(name, made);
      let found = made.get(registers);
      if (!found) {
        found = canonical(by(registers));
        made.set(registers, found);
      }
      return found;
    },
    segments(protocols) {
      let found = segments.get(protocols);
      if (!found) {
        const list = segmentsOf(situation, protocols);
        found = { list, universe: list.reduce<ServiceNumbers>((sum, { services }) => united(sum, services), []), number: segments.size };
        segments.set(protocols, found);
      }
      return found;
    },
    effects: new WeakMap(),
    flowSets(classes, words) {
      let found = sets.get(words);
      if (!found || found.blockOf.length < classes) {
        found = newFlowSets(classes, words);
        sets.set(words, found);
      }
      return found;
    },
    lines({ list, universe, number }, told) {
      const key = `${number} ${told.map((one) => one.map(({ from, to }) => `${from}-${to}`).join(' ')).join('|')}`;
      let found = lines.get(key);
      if (!found) {
        const all = list.map(({ services }) => services);
        // services of other situations are none here
        found = linesOf([...all, ...told.map((one) => common(one, universe)).filter((one) => one.length > 0)]);
        if (lines.size >= MOST_LINES) lines.clear();
        lines.set(key, found);
      }
      return found;
    },
    place(hook, { list, number }) {
      const key = `${hook} ${number}`;
      let place = places.get(key);
      if (!place) {
        place = { situation, segments: list, hook, canonical, numberOf, sharedBoxes: sharedBoxes(situation, hook) };
        places.set(key, place);
      }
      return place;
    },
  };
}

/** Thousands of rules ask the same of a packet's interfaces, and hundreds the same of its addresses. */
function sharedBoxes({ version }: Situation, hook: string): Place['sharedBoxes'] {
  const ofRegisters = new Map<Registers, WeakMap<Shape, readonly Box[]>>();
  return (test, registers, segment) => {
    const look = (): readonly Box[] => boxesOf(test, { packet: segment.packet, version, hook, registers }, segment);
    const { shape } = test;
    if (!shape) return look();
    let known = ofRegisters.get(registers);
    if (!known) {
      known = new WeakMap();
      ofRegisters.set(registers, known);
    }
    let boxes = known.get(shape);
    if (!boxes) {
      boxes = look();
      known.set(shape, boxes);
    }
    return boxes;
  };
}
