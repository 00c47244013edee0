// Rulesets that do no more with packets of one source than to accept or to drop them, by a few rules, as most do: what comes through is read
// off these, one after the other. The same as carry.ts says of it, which takes apart thousands of destinations at once.
import type { Chain } from '../../nftables/ruleset/state.ts';
import { common, type ServiceNumbers, united, without } from '../matrix/service-set.ts';
import { noneKnown, zero } from '../walk/bits.ts';
import { deviceChains, hookOrder } from '../walk/hooks.ts';
import type { Registers } from '../walk/packet.ts';
import { hooksOn, interfaceBits, seenByConntrack } from '../walk/walk.ts';
import { placesFor } from './carrier.ts';
import type { Effect, Place } from './effects.ts';
import type { ClassOutcomes } from './filter.ts';
import { NOTHING, type OutcomeId, type Outcomes } from './outcome.ts';
import { atomOf, type Program } from './program.ts';
import { leavesOut } from './program-change.ts';
import { type AddressNumber, isWithin, type Ranges } from './ranges.ts';
import { firstFrom, type RuleIndex, ruleIndex } from './rule-index.ts';
import { type Rules, rulesOfChain } from './rules.ts';
import { SOURCE } from './symbolic.ts';
import type { Bench } from './workshop.ts';

/** A chain on the way, as packets come to it. */
interface Stage {
  readonly rules: Rules;
  readonly index: RuleIndex | null;
  readonly registers: Registers;
  readonly place: Place;
  readonly isAccept: boolean;
}

export interface ShortWay {
  readonly stages: readonly Stage[];
  /** All services that begin the way. */
  readonly universe: ServiceNumbers;
}

/** Destinations that a ruleset tells apart, by their atoms, ascending. */
type Classes = readonly number[];

/** null where packets of the situation may meet more than chains of filters, in one order that is known. */
export function shortWayOf(program: Program, bench: Bench): ShortWay | null {
  const { state, version, translates, protocols } = program;
  const { situation, first } = bench;
  const { way, iif, oif } = situation;
  if (translates || (way !== 'output' && deviceChains(state, 'ingress', iif).length > 0)) return null;
  if (way !== 'input' && deviceChains(state, 'egress', oif).length > 0) return null;
  const segments = bench.segments(protocols);
  const [some] = segments.list;
  const stages: Stage[] = [];
  let registers = first;
  for (const hook of some ? hooksOn[way] : []) {
    if (hook === 'input') registers = bench.changed('input', registers, (before) => ({ ...before, oif: zero }));
    if (hook === 'forward')
      registers = bench.changed(`forward ${oif ?? ''}`, registers, (before) => ({ ...before, oif: interfaceBits(oif) }));
    if (hook === 'postrouting' && way === 'output')
      registers = bench.changed('sent', registers, (before) => ({ ...before, iif: noneKnown }));
    const { orders, unknown } = hookOrder(state, hook, version);
    const [only] = orders;
    if (!only || orders.length > 1 || unknown.length > 0) return null;
    for (const stop of only) {
      if (stop.kind === 'nat') return null;
      if (stop.kind === 'conntrack') {
        if (some) registers = bench.changed('conntrack', registers, (before) => seenByConntrack(some.packet, before));
        continue;
      }
      const rules = rulesIn(program, stop.chain);
      if (!rules) return null;
      const isAccept = stop.chain.base?.policy === 'accept';
      stages.push({ rules, index: ruleIndex(rules, version), registers, place: bench.place(hook, segments), isAccept });
    }
  }
  return { stages, universe: segments.universe };
}

function rulesIn({ scopes }: Program, chain: Chain): Rules | null {
  const table = scopes.get(`${chain.family} ${chain.table}`);
  return table && chain.unknown.length === 0 && chain.base?.policy != null ? rulesOfChain(chain, table) : null;
}

/** More classes than this are not told apart one by one. */
const MOST_APART = 64;
/** A rule that is about more classes than this is carried out for all at once. */
const MOST_NAMED = 8;

/** What has become of the services to one class of destinations; the first is that of all others. */
interface Fate {
  readonly one: number;
  accepted: ServiceNumbers;
  left: ServiceNumbers;
}

const nothing: ServiceNumbers = [];
const none: readonly never[] = [];

/** What comes through from one source; null where some rule does more than to accept or to drop, or is about many destinations. */
export function throughShortWay(
  { stages, universe }: ShortWay,
  program: Program,
  bench: Bench,
  classes: Classes,
  source: AddressNumber,
  outcomes: Outcomes,
): ClassOutcomes | null {
  const rest: Fate = { one: -1, accepted: universe, left: nothing };
  const fates = [rest];
  for (const stage of stages) {
    for (const fate of fates) {
      fate.left = fate.accepted;
      fate.accepted = nothing;
    }
    if (!throughStage(stage, program, bench, classes, source, fates)) return null;
    if (stage.isAccept) for (const fate of fates) fate.accepted = united(fate.accepted, fate.left);
  }
  return outcomesOf(fates, outcomes);
}

function throughStage(
  { rules, index, registers, place }: Stage,
  { version, cuts }: Program,
  bench: Bench,
  classes: Classes,
  source: AddressNumber,
  fates: Fate[],
): boolean {
  const places = placesFor(rules, index, 0, source);
  for (let at = places(); at >= 0; at = places()) {
    const steps = rules.steps(at);
    if (index === null && leavesOut(steps, SOURCE, version, source)) continue;
    const effects = bench.effectsFrom(steps, 0, registers, place);
    for (let k = 0; k < effects.length; k++) {
      const effect = effects[k] as Effect;
      if (effect.sources !== null && !isWithin(effect.sources.ranges, source)) continue;
      if (!effect.sure || (effect.act.do !== 'accept' && effect.act.do !== 'drop')) return false;
      if (effect.destinations === null) {
        for (let i = 0; i < fates.length; i++) carryOut(effect, fates[i] as Fate);
        // nothing comes to the rules behind it
        if (effect.services === null) return true;
      } else if (!toSome(effect, effect.destinations, cuts, classes, fates)) return false;
    }
  }
  return true;
}

function carryOut({ services, act }: Effect, fate: Fate): void {
  const { left } = fate;
  if (left.length === 0) return;
  if (act.do === 'accept') fate.accepted = united(fate.accepted, services === null ? left : common(left, services));
  fate.left = services === null ? nothing : without(left, services);
}

/** An effect on some classes alone; false where these are too many. */
function toSome(effect: Effect, { ranges }: Ranges, cuts: Program['cuts'], classes: Classes, fates: Fate[]): boolean {
  for (let i = 0; i < ranges.length; i++) {
    const { from, to } = ranges[i] as Ranges['ranges'][number];
    const first = firstFrom(classes, atomOf(cuts, from));
    const last = firstFrom(classes, atomOf(cuts, to) + 1) - 1;
    if (first === 0 && last === classes.length - 1) {
      for (let k = 0; k < fates.length; k++) carryOut(effect, fates[k] as Fate);
      return true;
    }
    if (last - first >= MOST_NAMED || fates.length > MOST_APART) return false;
    for (let one = first; one <= last; one++) carryOut(effect, fateOf(one, fates));
  }
  return true;
}

function fateOf(one: number, fates: Fate[]): Fate {
  for (let i = 1; i < fates.length; i++) if (fates[i]?.one === one) return fates[i] as Fate;
  const { accepted, left } = fates[0] as Fate;
  const fate: Fate = { one, accepted, left };
  fates.push(fate);
  return fate;
}

function outcomesOf(fates: readonly Fate[], outcomes: Outcomes): ClassOutcomes {
  const [rest, ...apart] = fates;
  const base = outcomeOf(rest as Fate, outcomes);
  if (apart.length === 0) return { base, classes: none, outcomes: none };
  apart.sort((a, b) => a.one - b.one);
  const ids = apart.map((fate) => outcomeOf(fate, outcomes));
  const isOther = (_: unknown, i: number): boolean => ids[i] !== base;
  return { base, classes: apart.filter(isOther).map(({ one }) => one), outcomes: ids.filter(isOther) };
}

function outcomeOf({ accepted }: Fate, outcomes: Outcomes): OutcomeId {
  return accepted.length === 0 ? NOTHING : outcomes.id(accepted, accepted);
}
