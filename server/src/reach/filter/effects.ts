// What a rule does with packets that come to it, by where they go to and come from: the rule's steps carried out for all at once.
import { joined } from '../../net/intervals.ts';
import { type ServiceNumbers, serviceDomain } from '../matrix/service-set.ts';
import { commonProtocols } from '../walk/looks.ts';
import type { Here } from '../walk/operands.ts';
import type { Registers } from '../walk/packet.ts';
import type { Choices, Going, Step } from '../walk/steps.ts';
import { anything, type Box, commonBox, commonBoxes, doubted, elementBox, outside } from './boxes.ts';
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
  /** Those whose packets have one of the protocols; null for all. */
  readonly ofProtocols: (protocols: readonly number[] | null) => readonly Segment[];
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

const none: readonly Effect[] = [];

/** What the steps from the one at `start` on do with packets that have these registers, in order. */
export function effectsOf(steps: readonly Step[], start: number, registers: Registers, place: Place): readonly Effect[] {
  return plainEffects(steps, start, registers, place) ?? allEffects(steps, start, registers, place);
}

/**
 * The same where each of some tests holds in one box, and behind them stands a verdict that meets all segments alike, or one alone: as most
 * rules are. Null where it is not so.
 */
function plainEffects(steps: readonly Step[], start: number, registers: Registers, place: Place): readonly Effect[] | null {
  const { segments } = place;
  const { version } = place.situation;
  const first = segments[0];
  if (!first) return none;
  let box: Box | null = anything;
  let protocols: readonly number[] | null = null;
  let isAlike = true;
  let end = start;
  // what does not hang on the protocol is asked before all else: it leaves nothing of most rules
  for (; end < steps.length; end++) {
    const step = steps[end] as Step;
    if (step.kind !== 'test') break;
    if (step.shape) protocols = commonProtocols(protocols, step.shape.look.protocols);
    if (!isShared(step)) {
      isAlike = false;
      continue;
    }
    const boxes = place.sharedBoxes(step, registers, first);
    if (boxes.length > 1) return null;
    const only = boxes[0];
    box = only ? commonBox(box, only, version) : null;
    if (!box) return none;
  }
  const then = steps[end];
  const act = then?.kind === 'going' ? actOf(then.going) : null;
  if (!act) return null;
  if (isAlike && protocols === null) return [effectIn(box, end, act, null)];
  const met = place.ofProtocols(protocols);
  const segment = met[0];
  if (!segment || met.length > 1 || segments.length < 2) return null;
  for (let index = start; index < end; index++) {
    const step = steps[index] as Step & { readonly kind: 'test' };
    if (isShared(step)) continue;
    const boxes = place.segmentBoxes(step, registers, segment);
    if (boxes.length > 1) return null;
    const only = boxes[0];
    box = only ? commonBox(box, only, version) : null;
    if (!box) return none;
  }
  const services = box.values ? servicesWith(segment, box.values) : segment.services;
  return services.length === 0 ? none : [effectIn(box, end, act, services)];
}

function effectIn({ sources, destinations, sure }: Box, step: number, act: Act, services: ServiceNumbers | null): Effect {
  return { sources, destinations, services, sure, step, act };
}

function allEffects(steps: readonly Step[], start: number, registers: Registers, place: Place): readonly Effect[] {
  const looking: Looking = { steps, registers, place, choices: new Map(), drafts: new Map() };
  const { segments } = place;
  const [first] = segments;
  if (!first) return none;
  let common: readonly Box[] = [anything];
  let end = start;
  let protocols: readonly number[] | null = null;
  for (; steps[end]?.kind === 'test'; end++) {
    const step = steps[end] as Step & { readonly kind: 'test' };
    if (step.shape) protocols = commonProtocols(protocols, step.shape.look.protocols);
    if (isShared(step)) common = commonBoxes(common, place.sharedBoxes(step, registers, first), place.situation.version);
    if (common.length === 0) return none;
  }
  for (const segment of place.ofProtocols(protocols)) inSegment(looking, start, end, common, segment);
  const drafts = [...looking.drafts.values()];
  // by the order of the steps, whatever segment met them first
  if (drafts.length > 1) drafts.sort((a, b) => a.step - b.step || a.item - b.item);
  return drafts.map(({ step, sources, destinations, sure, act, services }) => {
    const [only] = services;
    const whole = services.length === segments.length && services.every((one, i) => one === segments[i]?.services);
    const all = whole ? null : only && services.length === 1 ? only : joined(services.flat(), serviceDomain);
    return { sources, destinations, services: all, sure, step, act };
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

const acts: Readonly<Record<'accept' | 'drop' | 'return' | 'anything', Act>> = {
  accept: { do: 'accept' },
  drop: { do: 'drop' },
  return: { do: 'return' },
  anything: { do: 'anything' },
};

/** null for continue. */
function actOf({ verdict, target }: Going): Act | null {
  switch (verdict) {
    case 'continue':
      return null;
    case 'accept':
    case 'drop':
    case 'return':
      return acts[verdict];
    case 'jump':
    case 'goto':
      return target === null ? acts.anything : { do: verdict, target };
    default:
      return acts.anything;
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
