// For which sources two states of a ruleset may differ: after an edit of one rule, for those alone that the rule names.
import type { Chain, Table } from '../../nftables/ruleset/state.ts';
import { equalData } from '../../text/equal.ts';
import type { Range } from '../walk/constants.ts';
import type { Shape } from '../walk/match.ts';
import { type Step, stepsOf } from '../walk/steps.ts';
import type { Program } from './program.ts';
import { addressRanges, commonRanges, otherRanges, type Ranges, rangesOf, unitedRanges } from './ranges.ts';
import { type Situation, SOURCE, symbolicPacket, symbolicRegisters } from './symbolic.ts';

/** null for all sources. */
export type ChangedSources = Ranges | null;

/** By the one now and the one before, neither of which is held by the other. */
const kept = new WeakMap<Program, WeakMap<Program, { readonly changed: ChangedSources }>>();

export function changedSources(before: Program, now: Program): ChangedSources {
  const known = kept.get(now) ?? new WeakMap<Program, { readonly changed: ChangedSources }>();
  kept.set(now, known);
  let found = known.get(before);
  if (!found) {
    found = { changed: compared(before, now) };
    known.set(before, found);
  }
  return found.changed;
}

function compared(before: Program, now: Program): ChangedSources {
  const [old, tables] = [before.state.tables, now.state.tables];
  const isKnown = [before, now].every(({ state }) => state.unknown.length === 0);
  if (!isKnown || before.hasNotrack !== now.hasNotrack || before.translates !== now.translates || old.length !== tables.length) return null;
  let changed: Ranges = rangesOf([]);
  for (const [i, table] of tables.entries()) {
    const was = old[i] as Table;
    if (was.family !== table.family || was.name !== table.name || !equalData(was.flags, table.flags)) return null;
    if (was.chains.length !== table.chains.length) return null;
    for (const [k, chain] of table.chains.entries()) {
      const sources = inChain(before, was.chains[k] as Chain, now, chain);
      if (sources === null) return null;
      changed = unitedRanges(changed, sources, now.version);
    }
  }
  return changed;
}

function inChain(before: Program, was: Chain, now: Program, chain: Chain): ChangedSources {
  if (was.name !== chain.name || was.unknown.length + chain.unknown.length > 0 || !sameBase(was, chain)) return null;
  const [oldScope, scope] = [before, now].map(({ scopes }) => scopes.get(`${chain.family} ${chain.table}`));
  if (!oldScope || !scope) return null;
  const [a, b] = [was.rules, chain.rules];
  const least = Math.min(a.length, b.length);
  const stepsIn = (rules: Chain['rules'], index: number, of: typeof scope): readonly Step[] => {
    const rule = rules[index];
    return rule ? stepsOf(rule, of) : [];
  };
  let head = 0;
  while (head < least && stepsIn(a, head, oldScope) === stepsIn(b, head, scope)) head++;
  let tail = 0;
  while (tail < least - head && stepsIn(a, a.length - 1 - tail, oldScope) === stepsIn(b, b.length - 1 - tail, scope)) tail++;
  let changed: Ranges = rangesOf([]);
  for (const [rules, of] of [
    [a, oldScope],
    [b, scope],
  ] as const) {
    for (let i = head; i < rules.length - tail; i++) {
      const sources = sourcesNamed(stepsIn(rules, i, of), now.version);
      if (sources === null) return null;
      changed = unitedRanges(changed, sources, now.version);
    }
  }
  return changed;
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

/** The sources that a rule may say anything of. */
function sourcesNamed(steps: readonly Step[], version: 4 | 6): ChangedSources {
  let sources: ChangedSources = null;
  for (const step of steps) {
    if (step.kind !== 'test') break;
    if (!step.shape || step.shape.look.byProtocol) continue;
    const named = namedIn(step.shape, version);
    if (named) sources = sources ? commonRanges(sources, named, version) : named;
  }
  return sources;
}

function namedIn({ look, boxes, open, negated }: Shape, version: 4 | 6): Ranges | null {
  const situation: Situation = {
    version,
    way: 'forward',
    iif: null,
    oif: null,
    direction: 'opening',
    state: 'new',
    port: null,
    translating: null,
  };
  const registers = symbolicRegisters(situation);
  const { parts, breaks } = look.see({ packet: symbolicPacket(situation, 6), version, hook: 'forward', registers });
  // of packets of the other version it says nothing
  if (breaks === true) return rangesOf([]);
  const part = parts.indexOf(SOURCE);
  const ranges = boxes.map((box) => box[part] ?? null);
  if (part < 0 || open || ranges.includes(null) || (negated && parts.length > 1)) return null;
  const all = addressRanges(ranges as readonly Range[], version);
  return negated ? otherRanges(all, version) : all;
}
