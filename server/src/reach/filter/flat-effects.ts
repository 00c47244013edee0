// Effects as numbers: sources and destinations by the atoms that a ruleset tells apart, services as bits.
import type { Act } from './effects.ts';
import { activate, blockAlone, type FlowSet, type FlowSets } from './flow-sets.ts';

export interface FlatEffect {
  /** First and last atom of each range; null where all sources meet it. */
  readonly sources: readonly number[] | null;
  /** First and last destination class of each range; null for all. */
  readonly destinations: readonly number[] | null;
  /** null for all services. */
  readonly services: Uint32Array | null;
  readonly sure: boolean;
  readonly act: Act;
  /** The place of its rule, and the rule's step. */
  readonly rule: number;
  readonly step: number;
  /** Whether nothing is left behind it of a source that meets it. */
  readonly isTotal: boolean;
}

export function meetsSource({ sources }: FlatEffect, source: number): boolean {
  if (sources === null) return true;
  for (let i = 0; i < sources.length; i += 2) if ((sources[i] as number) <= source && source <= (sources[i + 1] as number)) return true;
  return false;
}

/** Moves what the effect meets out of `from` into `into`; where it is not sure, it stays in both. */
export function moveInto(sets: FlowSets, effect: FlatEffect, from: FlowSet, into: FlowSet): void {
  const { destinations } = effect;
  if (destinations === null) {
    // neither set gets a block that is not active in `from`
    const { active } = from;
    for (let i = 0; i < active.length; i++) moveBlock(sets, effect, from, into, active[i] as number);
    return;
  }
  for (let i = 0; i < destinations.length; i += 2) {
    const last = destinations[i + 1] as number;
    for (let one = destinations[i] as number; one <= last; one++) {
      const before = sets.blockOf[one] as number;
      if (!from.isActive[before] || !holds(sets, effect, from, before)) continue;
      moveBlock(sets, effect, from, into, blockAlone(sets, one));
    }
  }
}

function holds({ words }: FlowSets, { services }: FlatEffect, { bits }: FlowSet, block: number): boolean {
  const start = block * words;
  for (let w = 0; w < words; w++) if (((bits[start + w] as number) & (services === null ? -1 : (services[w] as number))) !== 0) return true;
  return false;
}

function moveBlock({ words }: FlowSets, { services, sure }: FlatEffect, from: FlowSet, into: FlowSet, block: number): void {
  const start = block * words;
  let any = 0;
  for (let w = 0; w < words; w++) {
    const at = start + w;
    const bits = from.bits[at] as number;
    const hit = services === null ? bits : bits & (services[w] as number);
    if (hit === 0) continue;
    any |= hit;
    into.bits[at] = (into.bits[at] as number) | hit;
    if (sure) from.bits[at] = bits & ~hit;
  }
  if (any !== 0) activate(into, block);
}
