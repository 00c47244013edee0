// A ruleset for one version of IP, ready to be looked at for many packets at once: which addresses, ports and protocols it can tell apart.
import type { Intervals } from '../../net/intervals.ts';
import type { ChainRule, RulesetState } from '../../nftables/ruleset/state.ts';
import { portProtocols } from '../services.ts';
import type { Bits } from '../walk/bits.ts';
import { scopesOf } from '../walk/chain.ts';
import type { Range } from '../walk/constants.ts';
import type { Look } from '../walk/looks.ts';
import type { TableScope } from '../walk/scope.ts';
import { type Step, stepsOf } from '../walk/steps.ts';
import type { AddressNumber } from './ranges.ts';
import { protocolGroups } from './segments.ts';
import { type Situation, symbolicPacket, symbolicRegisters } from './symbolic.ts';

export interface Program {
  readonly state: RulesetState;
  readonly version: 4 | 6;
  readonly scopes: ReadonlyMap<string, TableScope>;
  /** Each is the first address that some rule may tell from the one before it; ascending. */
  readonly cuts: readonly AddressNumber[];
  /** Protocols that no rule tells apart. */
  readonly protocols: readonly (readonly number[])[];
  /** Ports that rules compare the port with from which a connection is opened. */
  readonly openingPorts: readonly Range[];
  /** Whether rules keep packets from conntrack. */
  readonly hasNotrack: boolean;
  /** Whether rules change where packets come from or go to. */
  readonly translates: boolean;
  /** A number that is equal for addresses that stand in the same sets of all rules. */
  classOf(address: AddressNumber): number;
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
  const sets = new Map<string, readonly Range[]>();
  const openingPorts: Range[] = [];
  let hasNotrack = false;
  let translates = false;
  const protocols = new Map<string, Intervals<number>>();
  for (const table of state.tables) {
    const scope = scopes.get(`${table.family} ${table.name}`);
    if (!scope) continue;
    for (const { rules } of table.chains) {
      for (const rule of rules) {
        const named = namedIn(rule, scope);
        for (const { key, ranges } of named.sets[version]) {
          sets.set(key, ranges);
          for (const { from, to } of ranges) {
            cuts.add(version === 4 ? Number(from) : from);
            cuts.add(version === 4 ? Number(to) + 1 : to + 1n);
          }
        }
        openingPorts.push(...named.openingPorts);
        hasNotrack ||= named.hasNotrack;
        translates ||= named.translates;
        for (const range of named.protocols) protocols.set(`${range[0]?.from}-${range[0]?.to}`, range);
      }
    }
  }
  const sorted = [...cuts].sort((a, b) => (a < b ? -1 : 1));
  return {
    state,
    version,
    scopes,
    cuts: sorted,
    protocols: protocolGroups([...protocols.values()]),
    openingPorts,
    hasNotrack,
    translates,
    classOf: classesOf(version, sorted, [...sets.values()]),
  };
}

function classesOf(
  version: 4 | 6,
  cuts: readonly AddressNumber[],
  sets: readonly (readonly Range[])[],
): (address: AddressNumber) => number {
  const alone = new Map<number, number[]>();
  const spans: { readonly first: number; readonly last: number; readonly set: number }[] = [];
  for (const [set, ranges] of sets.entries()) {
    for (const { from, to } of ranges) {
      const first = atomOf(cuts, version === 4 ? Number(from) : from);
      const last = atomOf(cuts, version === 4 ? Number(to) : to);
      if (first !== last) spans.push({ first, last, set });
      else {
        const list = alone.get(first);
        if (list) list.push(set);
        else alone.set(first, [set]);
      }
    }
  }
  const classes = new Map<string, number>();
  const ofAtom: number[] = [];
  return (address) => {
    const atom = atomOf(cuts, address);
    let found = ofAtom[atom];
    if (found === undefined) {
      const own = [...(alone.get(atom) ?? [])];
      for (const { first, last, set } of spans) if (first <= atom && atom <= last) own.push(set);
      const key = own.sort((a, b) => a - b).join(' ');
      found = classes.get(key) ?? classes.size;
      classes.set(key, found);
      ofAtom[atom] = found;
    }
    return found;
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

interface NamedAddresses {
  /** Equal for equal sets. */
  readonly key: string;
  readonly ranges: readonly Range[];
}

interface Named {
  readonly sets: Readonly<Record<4 | 6, readonly NamedAddresses[]>>;
  readonly protocols: readonly Intervals<number>[];
  readonly openingPorts: readonly Range[];
  readonly hasNotrack: boolean;
  readonly translates: boolean;
}

const namedBy = new WeakMap<readonly Step[], Named>();

/** The numbers that a rule compares addresses and protocols with. */
function namedIn(rule: ChainRule, scope: TableScope): Named {
  const steps = stepsOf(rule, scope);
  let named = namedBy.get(steps);
  if (!named) {
    const sets: Record<4 | 6, NamedAddresses[]> = { 4: [], 6: [] };
    const protocols: Intervals<number>[] = [];
    const openingPorts: Range[] = [];
    let hasNotrack = false;
    let translates = false;
    const take = (look: Look, boxes: readonly (readonly (Range | null)[])[]): void => {
      for (const [i, type] of look.types.entries()) {
        const ranges = boxes.flatMap((box) => box[i] ?? []);
        const version = type === 'ipv4_addr' ? 4 : type === 'ipv6_addr' ? 6 : null;
        // what is compared with nothing else stands together
        if (version)
          for (const one of look.types.length === 1 ? [ranges] : ranges.map((range) => [range])) sets[version].push(namedSet(one));
        else if (type === 'inet_proto') for (const { from, to } of ranges) protocols.push([{ from: Number(from), to: Number(to) }]);
        else if (type === 'inet_service' && seesOpeningPort(look, i)) openingPorts.push(...ranges);
      }
    };
    const walk = (some: readonly Step[]): void => {
      for (const step of some) {
        if (step.kind === 'test' && step.shape) take(step.shape.look, step.shape.boxes);
        else if (step.kind === 'choice') for (const { box } of step.choices.elements) take(step.choices.look, [box]);
        else if (step.kind === 'block') step.rules.forEach(walk);
        else if (step.kind === 'write') {
          hasNotrack ||= step.isNotrack;
          translates ||= step.isAddress;
        } else if (step.kind === 'nat') translates = true;
      }
    };
    walk(steps);
    named = { sets, protocols, openingPorts, hasNotrack, translates };
    namedBy.set(steps, named);
  }
  return named;
}

function namedSet(ranges: readonly Range[]): NamedAddresses {
  return { key: ranges.map(({ from, to }) => `${from}-${to}`).join(' '), ranges };
}

const OPENING_PORT: Bits = { value: 0n, known: 0n };

const openingParts = new WeakMap<Look, readonly boolean[]>();

/** Whether a part of what is looked at is the port that a connection is opened from. */
function seesOpeningPort(look: Look, part: number): boolean {
  let parts = openingParts.get(look);
  if (!parts) {
    const registers = { ...symbolicRegisters(probe), sourcePort: OPENING_PORT, firstSourcePort: OPENING_PORT };
    const seen = portProtocols.map((protocol) => {
      const packet = symbolicPacket(probe, protocol);
      return look.see({ packet, version: 4, hook: 'forward', registers }).parts;
    });
    parts = look.types.map((_, i) => seen.some((one) => one[i] === OPENING_PORT));
    openingParts.set(look, parts);
  }
  return parts[part] ?? false;
}

const probe: Situation = {
  version: 4,
  way: 'forward',
  iif: null,
  oif: null,
  direction: 'opening',
  state: 'new',
  port: null,
  translating: null,
};
