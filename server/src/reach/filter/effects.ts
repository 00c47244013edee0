// What a rule does with packets that come to it, by where they go to and come from: the rule's steps carried out for all at once.
import { joined } from '../../net/intervals.ts';
import { type ServiceNumbers, serviceDomain } from '../matrix/service-set.ts';
import { commonProtocols } from '../walk/looks.ts';
import type { Here } from '../walk/operands.ts';
import type { Registers } from '../walk/packet.ts';
import type { Choices, Going, Step } from '../walk/steps.ts';
import { anything, type Box, commonBoxes, doubted, elementBox, outside } from './boxes.ts';
import type { Ranges } from './ranges.ts';
import { type Segment, servicesWith } from './segments.ts';
import type { Situation } from './symbolic.ts';

/** What becomes of packets. */
export type Act =
  | { readonly do: 'accept' | 'drop' | 'other' | 'return' }
  | { readonly do: 'jump' | 'goto'; readonly target: string }
  /** To the rules of a chain without a name. */
  | { readonly do: 'block'; readonly rules: readonly (readonly Step[])[]; readonly returns: boolean }
  /** They go on, with the rule's next step, as other packets than they were. */
  | { readonly do: 'write'; readonly registers: Registers }
  /** They leave the chain translated, past all others of its kind. */
  | { readonly do: 'bind'; readonly registers: Registers }
  /** Anything may become of them; what goes on does so with the rule's next step. */
  | { readonly do: 'anything' };

/** A side that is null holds everything. */
export interface Effect {
  readonly sources: Ranges | null;
  readonly destinations: Ranges | null;
  readonly services: ServiceNumbers | null;
  /** Whether it surely happens to all of them; else it may. */
  readonly sure: boolean;
  /** The rule's step that does it. */
  readonly step: number;
  readonly act: Act;
}

/** Where the rules of a hook are looked at. */
export interface Place {
  readonly situation: Situation;
  readonly segments: readonly Segment[];
  readonly hook: string;
  /** One object for equal registers. */
  readonly canonical: (registers: Registers) => Registers;
  /** A number of that object. */
  readonly numberOf: (registers: Registers) => number;
  /** `boxesOf` a test that does not hang on the protocol, computed once. */
  readonly sharedBoxes: (test: Step & { readonly kind: 'test' }, registers: Registers, segment: Segment) => readonly Box[];
  /** The same of one that does, for each segment. */
  readonly segmentBoxes: (test: Step & { readonly kind: 'test' }, registers: Registers, segment: Segment) => readonly Box[];
}

type Emit = (step: number, item: number, of: readonly Box[], act: Act) => void;

interface Draft {
  readonly step: number;
  readonly item: number;
  readonly sources: Ranges | null;
  readonly destinations: Ranges | null;
  readonly sure: boolean;
  readonly act: Act;
  /** The services of all segments that meet it. */
  readonly services: ServiceNumbers[];
}

/** One rule, looked at in one place. */
interface Looking {
  readonly steps: readonly Step[];
  readonly registers: Registers;
  readonly place: Place;
  /** Of a choice a box for each element, by step: the same in all segments. */
  readonly choices: Map<number, readonly (Box | null)[]>;
  readonly drafts: Map<string, Draft>;
}

/** What the steps from the one at `start` on do with packets that have these registers, in order. */
export function effectsOf(steps: readonly Step[], start: number, registers: Registers, place: Place): readonly Effect[] {
  const looking: Looking = { steps, registers, place, choices: new Map(), drafts: new Map() };
  const { segments } = place;
  const [first] = segments;
  if (!first) return [];
  // what does not hang on the protocol is asked once, and before all else: it leaves nothing of most rules
  let common: readonly Box[] = [anything];
  let end = start;
  let protocols: readonly number[] | null = null;
  let isAlike = true;
  for (; steps[end]?.kind === 'test'; end++) {
    const step = steps[end] as Step & { readonly kind: 'test' };
    if (step.shape) protocols = commonProtocols(protocols, step.shape.look.protocols);
    if (!isShared(step)) {
      isAlike = false;
      continue;
    }
    common = commonBoxes(common, place.sharedBoxes(step, registers, first), place.situation.version);
    if (common.length === 0) return [];
  }
  const then = steps[end];
  const act = then?.kind === 'going' ? actOf(then.going) : null;
  // nothing in the rule hangs on the protocol
  if (act && isAlike && protocols === null)
    return common.map(({ sources, destinations, sure }) => ({ sources, destinations, sure, step: end, act, services: null }));
  const met = protocols === null ? segments : segments.filter(({ packet }) => protocols.includes(packet.protocol));
  const [only, ...others] = met;
  if (act && only && others.length === 0 && segments.length > 1) return inOne(looking, start, end, common, only, act);
  for (const segment of met) inSegment(looking, start, end, common, segment);
  const drafts = [...looking.drafts.values()];
  // by the order of the steps, whatever segment met them first
  if (drafts.length > 1) drafts.sort((a, b) => a.step - b.step || a.item - b.item);
  return drafts.map(({ step, sources, destinations, sure, act, services }) => {
    const [only] = services;
    const whole = services.length === segments.length && services.every((one, i) => one === segments[i]?.services);
    const all = whole ? null : only && services.length === 1 ? only : joined(services.flat(), serviceDomain);
    return { sources, destinations, sure, step, act, services: all };
  });
}

/** The same where one segment alone meets tests and then a verdict: as most rules are. */
function inOne(
  { steps, registers, place }: Looking,
  start: number,
  end: number,
  common: readonly Box[],
  segment: Segment,
  act: Act,
): readonly Effect[] {
  let boxes = common;
  for (let index = start; index < end; index++) {
    const step = steps[index] as Step & { readonly kind: 'test' };
    if (!isShared(step)) boxes = commonBoxes(boxes, place.segmentBoxes(step, registers, segment), place.situation.version);
  }
  return boxes.flatMap(({ sources, destinations, values, sure }) => {
    const services = values ? servicesWith(segment, values) : segment.services;
    return services.length === 0 ? [] : [{ sources, destinations, sure, step: end, act, services }];
  });
}

function isShared({ shape }: Step & { readonly kind: 'test' }): boolean {
  return shape !== null && !shape.look.byProtocol;
}

/** `common` is what the tests up to `end` leave that are the same in all segments. */
function inSegment(looking: Looking, start: number, end: number, common: readonly Box[], segment: Segment): void {
  const { steps, registers, place, drafts } = looking;
  const { version } = place.situation;
  const { translating } = place.situation;
  const here: Here = { packet: segment.packet, version, hook: place.hook, registers, masqueradeAs: translating?.masqueradeAs };
  let boxes = common;
  const emit: Emit = (step, item, of, act) => {
    for (const { sources, destinations, values, sure } of of) {
      const services = values ? servicesWith(segment, values) : segment.services;
      if (services.length === 0) continue;
      const written = act.do === 'write' || act.do === 'bind' ? place.numberOf(act.registers) : '';
      const key = `${step} ${item} ${sure} ${sources?.key ?? '*'}|${destinations?.key ?? '*'}|${written}`;
      const draft = drafts.get(key);
      if (draft) draft.services.push(services);
      else drafts.set(key, { step, item, sources, destinations, sure, act, services: [services] });
    }
  };
  for (let index = start; index < steps.length && boxes.length > 0; index++) {
    const step = steps[index] as Step;
    switch (step.kind) {
      case 'test':
        if (index < end && isShared(step)) break;
        boxes = commonBoxes(boxes, place[isShared(step) ? 'sharedBoxes' : 'segmentBoxes'](step, registers, segment), version);
        break;
      case 'write': {
        const { registers: written, breaks } = step.write(here);
        const next = place.canonical(written);
        if (breaks === true) return;
        if (next === registers && breaks === false) break;
        emit(index, 0, breaks === null ? doubted(boxes) : boxes, { do: 'write', registers: next });
        return;
      }
      case 'nat': {
        if (step.isFor(here) === false) break;
        const { registers: written, breaks } = step.translate(here);
        if (breaks !== true) emit(index, 0, breaks === null ? doubted(boxes) : boxes, { do: 'bind', registers: place.canonical(written) });
        return;
      }
      case 'reject':
        emit(index, 0, boxes, { do: 'drop' });
        return;
      case 'other':
        emit(index, 0, boxes, { do: 'other' });
        return;
      case 'unknown':
        emit(index, 0, boxes, { do: 'anything' });
        return;
      case 'block':
        emit(index, 0, boxes, { do: 'block', rules: step.rules, returns: step.returns });
        return;
      case 'going': {
        const act = actOf(step.going);
        if (!act) break;
        emit(index, 0, boxes, act);
        return;
      }
      case 'choice':
        if (!choose(step.choices, index, here, segment, boxes, looking.choices, emit)) return;
        break;
    }
  }
}

/** null for continue. */
function actOf({ verdict, target }: Going): Act | null {
  switch (verdict) {
    case 'continue':
      return null;
    case 'accept':
    case 'drop':
    case 'return':
      return { do: verdict };
    case 'jump':
    case 'goto':
      return target === null ? { do: 'anything' } : { do: verdict, target };
    default:
      return { do: 'anything' };
  }
}

/** Whether a packet may go on behind the verdict map. */
function choose(
  { look, elements, rest, open }: Choices,
  index: number,
  here: Here,
  segment: Segment,
  boxes: readonly Box[],
  choices: Looking['choices'],
  emit: Emit,
): boolean {
  const { parts, breaks } = look.see(here);
  if (breaks === true) return false;
  const { version } = here;
  const found = choices.get(index) ?? elements.map(({ box }) => elementBox(box, parts, look, version, segment));
  if (!look.byProtocol) choices.set(index, found);
  const doubtful = open || breaks === null;
  const lead = (item: number, region: readonly Box[], going: Going | null): void => {
    const act: Act | null = going ? actOf(going) : { do: 'anything' };
    if (act) emit(index, item, doubtful ? doubted(region) : region, act);
  };
  for (const [item, box] of found.entries()) if (box) lead(item, commonBoxes(boxes, [box], version), elements[item]?.going ?? null);
  if (rest) {
    const inside = found.flatMap((box) => box ?? []);
    lead(elements.length, commonBoxes(boxes, outside(inside, version), version), rest.going);
  }
  if (open) emit(index, elements.length + 1, doubted(boxes), { do: 'anything' });
  return true;
}
