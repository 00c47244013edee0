// For which packets two states of a ruleset may differ: after an edit of one rule, for those alone that the rule names.
import type { Interval } from '../../net/address-set.ts';
import { joined } from '../../net/intervals.ts';
import type { Chain, ChainRule, Table } from '../../nftables/ruleset/state.ts';
import { equalData } from '../../text/equal.ts';
import type { Bits } from '../walk/bits.ts';
import type { Range } from '../walk/constants.ts';
import type { Look } from '../walk/looks.ts';
import type { Shape } from '../walk/match.ts';
import { type TableScope, usesNames } from '../walk/scope.ts';
import { type Step, stepsOf } from '../walk/steps.ts';
import { seenByConntrack } from '../walk/walk.ts';
import { namedAddresses } from './named-addresses.ts';
import type { Program } from './program.ts';
import { type AddressNumber, addressRanges, commonRanges, domains, isWithin, otherRanges, type Ranges, rangesOf } from './ranges.ts';
import { DESTINATION, type Situation, SOURCE, symbolicPacket, symbolicRegisters } from './symbolic.ts';

/** Packets from these addresses to those, as they come to the host; null is any. */
export interface ChangedBox {
  readonly sources: Ranges | null;
  readonly destinations: Ranges | null;
}

/** null for all packets. */
export type ChangedBoxes = readonly ChangedBox[] | null;

/** By the one now and the one before, neither of which is held by the other. */
const kept = new WeakMap<Program, WeakMap<Program, { readonly boxes: ChangedBoxes }>>();

export function changedBoxes(before: Program, now: Program): ChangedBoxes {
  const known = kept.get(now) ?? new WeakMap<Program, { readonly boxes: ChangedBoxes }>();
  kept.set(now, known);
  let found = known.get(before);
  if (!found) {
    found = { boxes: compared(before, now) };
    known.set(before, found);
  }
  return found.boxes;
}

/** The sources of all of them; null for any. */
export function changedSources(boxes: ChangedBoxes, version: 4 | 6): Ranges | null {
  if (boxes === null) return null;
  const all: Interval<AddressNumber>[] = [];
  for (const { sources } of boxes) {
    if (sources === null) return null;
    all.push(...sources.ranges);
  }
  return rangesOf(joined(all, domains[version]));
}

/** Of more rules that differ nobody asks one by one what they say. */
const MOST_CHANGED = 256;

function compared(before: Program, now: Program): ChangedBoxes {
  const [old, tables] = [before.state.tables, now.state.tables];
  const isKnown = [before, now].every(({ state }) => state.unknown.length === 0);
  if (!isKnown || before.hasNotrack !== now.hasNotrack || before.translates !== now.translates || old.length !== tables.length) return null;
  const boxes: ChangedBox[] = [];
  for (const [i, table] of tables.entries()) {
    const was = old[i] as Table;
    if (was.family !== table.family || was.name !== table.name || !equalData(was.flags, table.flags)) return null;
    if (was.chains.length !== table.chains.length) return null;
    for (const [k, chain] of table.chains.entries()) {
      const found = inChain(before, was.chains[k] as Chain, now, chain);
      if (found === null) return null;
      boxes.push(...found);
    }
  }
  // rules that look where packets go may see what others have made of them
  return now.translates ? boxes.map(({ sources }) => ({ sources, destinations: null })) : boxes;
}

/** The rules that differ between two states of a chain: all but those that stand at its head and its tail in both. */
export function changedRules(
  a: readonly ChainRule[],
  before: TableScope,
  b: readonly ChainRule[],
  now: TableScope,
): { readonly head: number; readonly tail: number } {
  const least = Math.min(a.length, b.length);
  const isSameTable = before.table.family === now.table.family;
  const isSame = (one: ChainRule, other: ChainRule): boolean =>
    one === other || (isSameTable && one.fact === other.fact && !usesNames(one)) || stepsOf(one, before) === stepsOf(other, now);
  let head = 0;
  while (head < least && isSame(a[head] as ChainRule, b[head] as ChainRule)) head++;
  let tail = 0;
  while (tail < least - head && isSame(a[a.length - 1 - tail] as ChainRule, b[b.length - 1 - tail] as ChainRule)) tail++;
  return { head, tail };
}

function inChain(before: Program, was: Chain, now: Program, chain: Chain): ChangedBoxes {
  if (was.name !== chain.name || was.unknown.length + chain.unknown.length > 0 || !sameBase(was, chain)) return null;
  const [oldScope, scope] = [before, now].map(({ scopes }) => scopes.get(`${chain.family} ${chain.table}`));
  if (!oldScope || !scope) return null;
  const { head, tail } = changedRules(was.rules, oldScope, chain.rules, scope);
  if (was.rules.length + chain.rules.length - 2 * (head + tail) > MOST_CHANGED) return null;
  const boxes: ChangedBox[] = [];
  for (const [rules, of] of [
    [was.rules, oldScope],
    [chain.rules, scope],
  ] as const) {
    for (const rule of rules.slice(head, rules.length - tail)) {
      const box = boxNamed(stepsOf(rule, of), now.version);
      if (box === null) return null;
      if (box !== nothing) boxes.push(box);
    }
  }
  return boxes;
}

function sameBase({ base: a }: Chain, { base: b }: Chain): boolean {
  if (a === null || b === null) return a === b;
  return (
    a.type === b.type &&
    a.hook === b.hook &&
    a.priority === b.priority &&
    a.policy === b.policy &&
    equalData(a.devices ?? null, b.devices ?? null)
  );
}

const nothing: ChangedBox = { sources: rangesOf([]), destinations: rangesOf([]) };

/** The packets that a rule may say anything of; null for all. */
function boxNamed(steps: readonly Step[], version: 4 | 6): ChangedBox | null {
  const sources = addressesNamed(steps, SOURCE, version);
  const destinations = addressesNamed(steps, DESTINATION, version);
  if (sources?.ranges.length === 0 || destinations?.ranges.length === 0) return nothing;
  return sources || destinations ? { sources, destinations } : null;
}

/** The sources, or destinations, that a rule may say anything of; null for any. */
export function addressesNamed(steps: readonly Step[], side: Bits, version: 4 | 6): Ranges | null {
  let addresses: Ranges | null = null;
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i] as Step;
    if (step.kind !== 'test') break;
    if (!step.shape || step.shape.look.byProtocol) continue;
    const named = namedIn(step.shape, side, version);
    if (named) addresses = addresses ? commonRanges(addresses, named, version) : named;
  }
  return addresses;
}

/** Whether a rule's comparisons surely leave a source, or a destination, out. */
export function leavesOut(steps: readonly Step[], side: Bits, version: 4 | 6, address: AddressNumber): boolean {
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i] as Step;
    if (step.kind !== 'test') break;
    if (!step.shape || step.shape.look.byProtocol) continue;
    const named = namedIn(step.shape, side, version);
    if (named && !isWithin(named.ranges, address)) return true;
  }
  return false;
}

const opening: Situation = {
  version: 4,
  way: 'forward',
  iif: null,
  oif: null,
  direction: 'opening',
  state: 'new',
  port: null,
  translating: null,
};

/** What is looked at may be known of some of these packets alone. */
const situations: readonly Situation[] = [opening, { ...opening, direction: 'answer', state: 'established' }];

/** By version and side. */
const namedKept = new WeakMap<Shape, (Ranges | null | undefined)[]>();

function namedIn(shape: Shape, side: Bits, version: 4 | 6): Ranges | null {
  let known = namedKept.get(shape);
  if (!known) {
    known = [];
    namedKept.set(shape, known);
  }
  const key = (version === 4 ? 0 : 2) + (side === SOURCE ? 0 : 1);
  let named = known[key];
  if (named === undefined) {
    named = readNamed(shape, side, version);
    known[key] = named;
  }
  return named;
}

const never = rangesOf([]);

function readNamed(shape: Shape, side: Bits, version: 4 | 6): Ranges | null {
  const { look, boxes, open, negated } = shape;
  const { isNever, parts } = seenBy(look, version);
  // of packets of the other version it says nothing
  if (isNever) return never;
  const part = parts.indexOf(side);
  if (part < 0) return null;
  if (parts.length === 1 && !open) {
    const named = namedAddresses(shape, version);
    return named && negated ? otherRanges(named, version) : named;
  }
  const ranges = boxes.map((box) => box[part] ?? null);
  if (open || ranges.includes(null) || (negated && look.types.length > 1)) return null;
  const all = addressRanges(ranges as readonly Range[], version);
  return negated ? otherRanges(all, version) : all;
}

interface Seen {
  /** Whether no packet of the version has it. */
  readonly isNever: boolean;
  /** What each part is of all packets; null where it is not the same of all. */
  readonly parts: readonly (Bits | null)[];
}

const seenKept: Readonly<Record<4 | 6, WeakMap<Look, Seen>>> = { 4: new WeakMap(), 6: new WeakMap() };

/** Thousands of shapes look at a source. */
function seenBy(look: Look, version: 4 | 6): Seen {
  let seen = seenKept[version].get(look);
  if (!seen) {
    const all = situations.flatMap((one) => {
      const situation = { ...one, version };
      const packet = symbolicPacket(situation, 6);
      const registers = symbolicRegisters(situation);
      // what conntrack knows is there once it has looked
      return [registers, seenByConntrack(packet, registers)].map((those) =>
        look.see({ packet, version, hook: 'forward', registers: those }),
      );
    });
    const sights = all.filter(({ breaks }) => breaks !== true);
    const isNever = sights.length === 0;
    const parts = look.types.map((_, i) => {
      const bits = sights.map((sight) => sight.parts[i]);
      return bits[0] && bits.every((one) => one === bits[0]) ? bits[0] : null;
    });
    seen = { isNever, parts };
    seenKept[version].set(look, seen);
  }
  return seen;
}
