// A ruleset for one version of IP, ready to be looked at for many packets at once: which addresses, ports and protocols it can tell apart.
import type { Intervals } from '../../net/intervals.ts';
import type { ChainRule, RulesetState } from '../../nftables/ruleset/state.ts';
import { scopesOf } from '../walk/chain.ts';
import type { Range } from '../walk/constants.ts';
import type { KeyShape } from '../walk/lookup.ts';
import type { TableScope } from '../walk/scope.ts';
import { type Step, stepsOf } from '../walk/steps.ts';
import type { AddressNumber } from './ranges.ts';
import { protocolGroups } from './segments.ts';

export interface Program {
  readonly state: RulesetState;
  readonly version: 4 | 6;
  readonly scopes: ReadonlyMap<string, TableScope>;
  /** Each is the first address that some rule may tell from the one before it; ascending. */
  readonly cuts: readonly AddressNumber[];
  /** Protocols that no rule tells apart. */
  readonly protocols: readonly (readonly number[])[];
}

type Programs = Record<4 | 6, Program | null>;
const kept = new WeakMap<RulesetState, Programs>();

export function programOf(state: RulesetState, version: 4 | 6): Program {
  const programs = kept.get(state) ?? { 4: null, 6: null };
  kept.set(state, programs);
  const program = programs[version] ?? read(state, version);
  programs[version] = program;
  return program;
}

function read(state: RulesetState, version: 4 | 6): Program {
  const scopes = scopesOf(state.tables);
  const cuts = new Set<AddressNumber>();
  const protocols = new Map<string, Intervals<number>>();
  for (const table of state.tables) {
    const scope = scopes.get(`${table.family} ${table.name}`);
    if (!scope) continue;
    for (const { rules } of table.chains) {
      for (const rule of rules) {
        const named = namedIn(rule, scope);
        for (const cut of version === 4 ? named.v4 : named.v6) cuts.add(cut);
        for (const range of named.protocols) protocols.set(`${range[0]?.from}-${range[0]?.to}`, range);
      }
    }
  }
  return {
    state,
    version,
    scopes,
    cuts: [...cuts].sort((a, b) => (a < b ? -1 : 1)),
    protocols: protocolGroups([...protocols.values()]),
  };
}

/** How many cuts are at or below the address: addresses of one number fare alike. */
export function atomOf(cuts: readonly AddressNumber[], address: AddressNumber): number {
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((cuts[middle] as AddressNumber) <= address) low = middle + 1;
    else high = middle;
  }
  return low;
}

interface Named {
  readonly v4: readonly number[];
  readonly v6: readonly bigint[];
  readonly protocols: readonly Intervals<number>[];
}

const namedBy = new WeakMap<readonly Step[], Named>();

/** The numbers that a rule compares addresses and protocols with. */
function namedIn(rule: ChainRule, scope: TableScope): Named {
  const steps = stepsOf(rule, scope);
  let named = namedBy.get(steps);
  if (!named) {
    const v4: number[] = [];
    const v6: bigint[] = [];
    const protocols: Intervals<number>[] = [];
    const take = ({ types }: KeyShape, box: readonly (Range | null)[]): void => {
      for (const [i, range] of box.entries()) {
        if (!range) continue;
        if (types[i] === 'ipv4_addr') v4.push(Number(range.from), Number(range.to) + 1);
        else if (types[i] === 'ipv6_addr') v6.push(range.from, range.to + 1n);
        else if (types[i] === 'inet_proto') protocols.push([{ from: Number(range.from), to: Number(range.to) }]);
      }
    };
    const walk = (some: readonly Step[]): void => {
      for (const step of some) {
        if (step.kind === 'test' && step.shape) for (const box of step.shape.boxes) take(step.shape.look, box);
        else if (step.kind === 'choice') for (const { box } of step.choices.elements) take(step.choices.look, box);
        else if (step.kind === 'block') step.rules.forEach(walk);
      }
    };
    walk(steps);
    named = { v4, v6, protocols };
    namedBy.set(steps, named);
  }
  return named;
}
