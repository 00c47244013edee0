// What outlives an edit: what rules do in a situation hangs on the rules alone, and most of them stay as they are.

import { common, type ServiceNumbers, united } from '../matrix/service-set.ts';
import type { Shape } from '../walk/match.ts';
import type { Here } from '../walk/operands.ts';
import type { Registers } from '../walk/packet.ts';
import type { Step } from '../walk/steps.ts';
import { type Box, boxesOf } from './boxes.ts';
import { type Effect, effectsOf, type Place } from './effects.ts';
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
  /** What a rule does from a step on; computed once. */
  effectsFrom(steps: readonly Step[], start: number, registers: Registers, place: Place): readonly Effect[];
  place(hook: string, segments: Segments): Place;
  /** Sets to carry flows in, one row after the other. */
  flowSets(classes: number, words: number): FlowSets;
  /**
   * Between services that stand in different segments, in different ones of `told`, or in ones that others were drawn for: most rulesets
   * of a mesh tell the same few apart.
   */
  lines(segments: Segments, told: readonly ServiceNumbers[]): Lines;
}

/** Most rules are looked at in one place, and a few in some. */
interface KnownEffects {
  readonly start: number;
  readonly registers: Registers;
  readonly place: Place;
  readonly found: readonly Effect[];
  readonly next: KnownEffects | undefined;
}

export interface Workshop {
  readonly outcomes: Outcomes;
  bench(situation: Situation): Bench;
}

export function newWorkshop(): Workshop {
  const benches = new Map<string, Bench>();
  const told: Told = new Map();
  return {
    outcomes: newOutcomes(),
    bench(situation) {
      const key = situationKey(situation);
      let bench = benches.get(key);
      if (!bench) {
        bench = newBench(situation, told);
        benches.set(key, bench);
      }
      return bench;
    },
  };
}

/** More services than this are drawn in lines by themselves. */
const MOST_SHARED = 48;
/** From so many on that have been told apart lines are begun anew. */
const MOST_TOLD = 96;

/** Services that some ruleset tells apart, by their keys: in other situations, and on other hosts, they are told apart soon as well. */
type Told = Map<string, ServiceNumbers>;

/** The lines that rulesets share, and the keys of the services that they were drawn for. */
interface SharedLines {
  readonly keys: ReadonlySet<string>;
  readonly lines: Lines;
}

function newBench(situation: Situation, everywhere: Told): Bench {
  const known = new Map<string, Registers>();
  const numbers = new Map<Registers, number>();
  const changes = new Map<string, Map<Registers, Registers>>();
  const segments = new Map<readonly (readonly number[])[], Segments>();
  const places = new Map<string, Place[]>();
  const lines = new Map<number, SharedLines>();
  const sets = new Map<number, FlowSets>();
  const effects = new WeakMap<readonly Step[], KnownEffects>();
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
    effectsFrom(steps, start, registers, place) {
      const known = effects.get(steps);
      for (let one = known; one; one = one.next)
        if (one.start === start && one.registers === registers && one.place === place) return one.found;
      const found = effectsOf(steps, start, registers, place);
      effects.set(steps, { start, registers, place, found, next: known });
      return found;
    },
    flowSets(classes, words) {
      let found = sets.get(words);
      if (!found || found.blockOf.length < classes) {
        found = newFlowSets(classes, words);
        sets.set(words, found);
      }
      return found;
    },
    lines({ list, universe, number }, told) {
      const draw = (all: Iterable<ServiceNumbers>): Lines =>
        // services of other situations are none here
        linesOf([...list.map(({ services }) => services), ...[...all].map((one) => common(one, universe)).filter((one) => one.length > 0)]);
      if (told.length > MOST_SHARED) return draw(told);
      let shared = lines.get(number);
      if (!shared || told.some((one) => !shared?.keys.has(servicesKey(one)))) {
        if (everywhere.size > MOST_TOLD) everywhere.clear();
        for (const one of told) everywhere.set(servicesKey(one), one);
        shared = { keys: new Set(everywhere.keys()), lines: draw(everywhere.values()) };
        lines.set(number, shared);
      }
      return shared.lines;
    },
    place(hook, { list, number }) {
      const ofHook = places.get(hook) ?? [];
      places.set(hook, ofHook);
      let place = ofHook[number];
      if (!place) {
        place = {
          situation,
          segments: list,
          ofProtocols: segmentsByProtocols(list),
          hook,
          canonical,
          numberOf,
          sharedBoxes: sharedBoxes(situation, hook),
          segmentBoxes: segmentBoxes(situation, hook),
        };
        ofHook[number] = place;
      }
      return place;
    },
  };
}

function servicesKey(services: ServiceNumbers): string {
  return services.map(({ from, to }) => `${from}-${to}`).join(' ');
}

/** Each selector names its protocols in one list. */
function segmentsByProtocols(list: readonly Segment[]): Place['ofProtocols'] {
  const known = new Map<readonly number[], readonly Segment[]>();
  return (protocols) => {
    if (protocols === null) return list;
    let found = known.get(protocols);
    if (!found) {
      found = list.filter(({ packet }) => protocols.includes(packet.protocol));
      // those that several selectors have in common are made anew each time
      if (known.size < MOST_PROTOCOLS) known.set(protocols, found);
    }
    return found;
  };
}

const MOST_PROTOCOLS = 64;

/** Thousands of rules ask the same of a packet's interfaces, and hundreds the same of its addresses. */
function sharedBoxes({ version }: Situation, hook: string): Place['sharedBoxes'] {
  const ofRegisters = new Map<Registers, WeakMap<Shape, readonly Box[]>>();
  return (test, registers, segment) => {
    const { shape } = test;
    if (!shape) return boxesOf(test, { packet: segment.packet, version, hook, registers }, segment);
    let known = ofRegisters.get(registers);
    if (!known) {
      known = new WeakMap();
      ofRegisters.set(registers, known);
    }
    let boxes = known.get(shape);
    if (!boxes) {
      boxes = boxesOf(test, { packet: segment.packet, version, hook, registers }, segment);
      known.set(shape, boxes);
    }
    return boxes;
  };
}

/** Hundreds ask for the same port. */
function segmentBoxes({ version, translating }: Situation, hook: string): Place['segmentBoxes'] {
  const ofSegment = new WeakMap<Segment, Map<Registers, WeakMap<Shape, readonly Box[]>>>();
  const hereFor = ({ packet }: Segment, registers: Registers): Here => ({
    packet,
    version,
    hook,
    registers,
    masqueradeAs: translating?.masqueradeAs,
  });
  return (test, registers, segment) => {
    const { shape } = test;
    if (!shape) return boxesOf(test, hereFor(segment, registers), segment);
    let ofRegisters = ofSegment.get(segment);
    if (!ofRegisters) {
      ofRegisters = new Map();
      ofSegment.set(segment, ofRegisters);
    }
    let known = ofRegisters.get(registers);
    if (!known) {
      known = new WeakMap();
      ofRegisters.set(registers, known);
    }
    let boxes = known.get(shape);
    if (!boxes) {
      boxes = boxesOf(test, hereFor(segment, registers), segment);
      known.set(shape, boxes);
    }
    return boxes;
  };
}
