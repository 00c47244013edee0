// What a rule does with packets that come to it, by where they go to and come from: the rule's steps carried out for all at once.
import { joined } from '../../net/intervals.ts';
import type { Here } from '../walk/operands.ts';
import type { Registers } from '../walk/packet.ts';
import type { Choices, Going, Step } from '../walk/steps.ts';
import { anything, type Box, boxesOf, commonBoxes, doubted, elementBox, outside } from './boxes.ts';
import type { Ranges } from './ranges.ts';
import { type Segment, servicesWith } from './segments.ts';
import { type ServiceNumbers, serviceDomain } from './service-set.ts';
import type { Situation } from './symbolic.ts';

/** What becomes of packets. */
export type Act =
  | { readonly do: 'accept' | 'drop' | 'other' | 'return' }
  | { readonly do: 'jump' | 'goto'; readonly target: string }
  /** To the rules of a chain without a name. */
  | { readonly do: 'block'; readonly rules: readonly (readonly Step[])[]; readonly returns: boolean }
  /** They go on, with the rule's next step, as other packets than they were. */
  | { readonly do: 'write'; readonly registers: Registers; readonly next: number }
  /** They leave the chain translated, past all others of its kind. */
  | { readonly do: 'bind'; readonly registers: Registers }
  /** Anything may become of them; what goes on does so with the rule's next step. */
  | { readonly do: 'anything'; readonly next: number };

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
}

/** What is the same in all segments, by step: of a choice a box for each element. */
interface Shared {
  readonly tests: Map<number, readonly Box[]>;
  readonly choices: Map<number, readonly (Box | null)[]>;
}

type Emit = (step: number, item: number, of: readonly Box[], act: Act) => void;

interface Draft {
  readonly sources: Ranges | null;
  readonly destinations: Ranges | null;
  readonly sure: boolean;
  readonly act: Act;
  /** The services of all segments that meet it. */
  readonly services: ServiceNumbers[];
}

/** What the steps from the one at `start` on do with packets that have these registers, in order. */
export function effectsOf(steps: readonly Step[], start: number, registers: Registers, place: Place): readonly Effect[] {
  const drafts = new Map<string, Draft>();
  const shared: Shared = { tests: new Map(), choices: new Map() };
  for (const segment of place.segments) inSegment(steps, start, registers, place, segment, shared, drafts);
  const all = place.segments.length;
  // by the order of the steps, whatever segment met them first
  const ordered = [...drafts]
    .map(([key, draft]) => ({ order: orderOf(key), draft }))
    .sort((a, b) => a.order[0] - b.order[0] || a.order[1] - b.order[1]);
  return ordered.map(({ order: [step], draft: { sources, destinations, sure, act, services } }) => {
    const whole = services.length === all && services.every((one, i) => one === place.segments[i]?.services);
    return { sources, destinations, sure, step, act, services: whole ? null : joined(services.flat(), serviceDomain) };
  });
}

/** A draft's key begins with its step and its number there. */
function orderOf(key: string): readonly [number, number] {
  const [step = '0', item = '0'] = key.split(' ', 2);
  return [Number(step), Number(item)];
}

function inSegment(
  steps: readonly Step[],
  start: number,
  registers: Registers,
  place: Place,
  segment: Segment,
  shared: Shared,
  drafts: Map<string, Draft>,
): void {
  const { version } = place.situation;
  const here: Here = { packet: segment.packet, version, hook: place.hook, registers };
  let boxes: readonly Box[] = [anything];
  const emit: Emit = (step, item, of, act) => {
    for (const { sources, destinations, values, sure } of of) {
      const services = values ? servicesWith(segment, values) : segment.services;
      if (services.length === 0) continue;
      const key = `${step} ${item} ${sure} ${sources?.key ?? '*'}|${destinations?.key ?? '*'}|${act.do === 'write' || act.do === 'bind' ? place.numberOf(act.registers) : ''}`;
      const draft = drafts.get(key);
      if (draft) draft.services.push(services);
      else drafts.set(key, { sources, destinations, sure, act, services: [services] });
    }
  };
  for (let index = start; index < steps.length && boxes.length > 0; index++) {
    const step = steps[index] as Step;
    switch (step.kind) {
      case 'test': {
        const isShared = step.shape !== null && !step.shape.look.byProtocol;
        const found = (isShared ? shared.tests.get(index) : undefined) ?? boxesOf(step, here, segment);
        if (isShared) shared.tests.set(index, found);
        boxes = commonBoxes(boxes, found, version);
        break;
      }
      case 'write': {
        const { registers: written, breaks } = step.write(here);
        const next = place.canonical(written);
        if (breaks === true) return;
        if (next === registers && breaks === false) break;
        emit(index, 0, breaks === null ? doubted(boxes) : boxes, { do: 'write', registers: next, next: index + 1 });
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
        emit(index, 0, boxes, { do: 'anything', next: index + 1 });
        return;
      case 'block':
        emit(index, 0, boxes, { do: 'block', rules: step.rules, returns: step.returns });
        return;
      case 'going': {
        const act = actOf(step.going, index + 1);
        if (!act) break;
        emit(index, 0, boxes, act);
        return;
      }
      case 'choice':
        if (!choose(step.choices, index, here, segment, boxes, shared, emit)) return;
        break;
    }
  }
}

/** null for continue. */
function actOf({ verdict, target }: Going, next: number): Act | null {
  switch (verdict) {
    case 'continue':
      return null;
    case 'accept':
    case 'drop':
    case 'return':
      return { do: verdict };
    case 'jump':
    case 'goto':
      return target === null ? { do: 'anything', next } : { do: verdict, target };
    default:
      return { do: 'anything', next };
  }
}

/** Whether a packet may go on behind the verdict map. */
function choose(
  { look, elements, rest, open }: Choices,
  index: number,
  here: Here,
  segment: Segment,
  boxes: readonly Box[],
  { choices }: Shared,
  emit: Emit,
): boolean {
  const { parts, breaks } = look.see(here);
  if (breaks === true) return false;
  const { version } = here;
  const found = choices.get(index) ?? elements.map(({ box }) => elementBox(box, parts, look, version, segment));
  if (!look.byProtocol) choices.set(index, found);
  const doubtful = open || breaks === null;
  const lead = (item: number, region: readonly Box[], going: Going | null): void => {
    const act: Act | null = going ? actOf(going, index + 1) : { do: 'anything', next: index + 1 };
    if (act) emit(index, item, doubtful ? doubted(region) : region, act);
  };
  for (const [item, box] of found.entries()) if (box) lead(item, commonBoxes(boxes, [box], version), elements[item]?.going ?? null);
  if (rest) {
    const inside = found.flatMap((box) => box ?? []);
    lead(elements.length, commonBoxes(boxes, outside(inside, version), version), rest.going);
  }
  if (open) emit(index, elements.length + 1, doubted(boxes), { do: 'anything', next: index + 1 });
  return true;
}
