// Rulesets of a few lines, as most hosts of a mesh have them for what comes to themselves: what one source may send to one address is read
// off the rules, one after the other. The same as carry.ts says of it, which takes apart thousands of destinations at once.

import type { Chain } from '../../nftables/ruleset/state.ts';
import { common, type ServiceNumbers, united, without } from '../matrix/service-set.ts';
import { zero } from '../walk/bits.ts';
import { deviceChains, hookOrder } from '../walk/hooks.ts';
import type { Registers } from '../walk/packet.ts';
import { hooksOn, seenByConntrack } from '../walk/walk.ts';
import type { Program } from './program.ts';
import { leavesOut } from './program-change.ts';
import { type AddressNumber, isWithin } from './ranges.ts';
import { rulesOfChain } from './rules.ts';
import { SOURCE } from './symbolic.ts';
import type { Bench, Segments } from './workshop.ts';

/** Longer chains are carried through all at once. */
const MOST_RULES = 16;

/** Whether packets of the situation meet nothing on their way but a few rules for which one address is like the other. */
export function isShortWay({ state, version, translates }: Program, { situation }: Bench): boolean {
  if (situation.way !== 'input' || translates || deviceChains(state, 'ingress', situation.iif).length > 0) return false;
  for (const hook of hooksOn.input) {
    const { orders, unknown } = hookOrder(state, hook, version);
    const [only] = orders;
    if (!only || orders.length > 1 || unknown.length > 0) return false;
    for (const stop of only) {
      if (stop.kind === 'nat') return false;
      if (stop.kind === 'chain' && !isShort(stop.chain)) return false;
    }
  }
  return true;
}

function isShort({ base, rules, unknown }: Chain): boolean {
  return rules.length <= MOST_RULES && unknown.length === 0 && base?.policy != null;
}

/** The services that come through; null where some rule does more than to accept or to drop. */
export function throughShortWay(program: Program, bench: Bench, source: AddressNumber, destination: AddressNumber): ServiceNumbers | null {
  const { state, version, protocols } = program;
  const segments = bench.segments(protocols);
  const [some] = segments.list;
  if (!some) return segments.universe;
  let alive: ServiceNumbers = segments.universe;
  let registers = bench.first;
  for (const hook of hooksOn.input) {
    if (hook === 'input') registers = bench.changed('input', registers, (before) => ({ ...before, oif: zero }));
    for (const stop of hookOrder(state, hook, version).orders[0] ?? []) {
      if (stop.kind === 'conntrack') registers = bench.changed('conntrack', registers, (before) => seenByConntrack(some.packet, before));
      else if (stop.kind === 'chain') {
        const accepted = throughChain(program, bench, segments, hook, stop.chain, registers, source, destination, alive);
        if (accepted === null) return null;
        alive = accepted;
      }
    }
  }
  return alive;
}

function throughChain(
  { scopes, version }: Program,
  bench: Bench,
  segments: Segments,
  hook: string,
  chain: Chain,
  registers: Registers,
  source: AddressNumber,
  destination: AddressNumber,
  alive: ServiceNumbers,
): ServiceNumbers | null {
  const table = scopes.get(`${chain.family} ${chain.table}`);
  if (!table) return null;
  const rules = rulesOfChain(chain, table);
  const place = bench.place(hook, segments);
  let left = alive;
  let accepted: ServiceNumbers = nothing;
  for (let i = 0; i < rules.length && left.length > 0; i++) {
    const steps = rules.steps(i);
    if (leavesOut(steps, SOURCE, version, source)) continue;
    const effects = bench.effectsFrom(steps, 0, registers, place);
    for (let k = 0; k < effects.length; k++) {
      const { sources, destinations, services, sure, act } = effects[k] as (typeof effects)[number];
      if (sources !== null && !isWithin(sources.ranges, source)) continue;
      if (destinations !== null && !isWithin(destinations.ranges, destination)) continue;
      if (!sure || (act.do !== 'accept' && act.do !== 'drop')) return null;
      if (act.do === 'accept') accepted = united(accepted, services === null ? left : common(left, services));
      left = services === null ? nothing : without(left, services);
    }
  }
  return chain.base?.policy === 'accept' ? united(accepted, left) : accepted;
}

const nothing: ServiceNumbers = [];
