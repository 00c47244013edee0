// A ruleset for one version of IP, ready to be looked at for many packets at once: which addresses, ports and protocols it can tell apart.
import type { Intervals } from '../../net/intervals.ts';
import type { ChainRule, RulesetState } from '../../nftables/ruleset/state.ts';
import { ICMP, ICMPV6, type ServiceNumbers, servicesOf } from '../matrix/service-set.ts';
import { portProtocols } from '../services.ts';
import type { Bits } from '../walk/bits.ts';
import { scopesOf } from '../walk/chain.ts';
import type { Range } from '../walk/constants.ts';
import type { Look } from '../walk/looks.ts';
import type { Shape } from '../walk/match.ts';
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
  /** Services that rules may tell from others. */
  readonly services: readonly ServiceNumbers[];
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
  const sets = new Map<string, Intervals<AddressNumber>>();
  const openingPorts: Range[] = [];
  let hasNotrack = false;
  let translates = false;
  const protocols = new Map<string, Intervals<number>>();
  const services = new Set<ServiceNumbers>();
  const seen = new Set<Named>();
  for (const table of state.tables) {
    const scope = scopes.get(`${table.family} ${table.name}`);
    if (!scope) continue;
    for (const { rules } of table.chains) {
      for (const rule of rules) {
        for (const named of namedIn(rule, scope)) {
          // thousands of rules compare with the same
          if (seen.has(named)) continue;
          seen.add(named);
          for (const { key, ranges } of named.sets[version]) {
            sets.set(key, ranges);
            for (const { from, to } of ranges) cuts.add(from).add(typeof to === 'number' ? to + 1 : to + 1n);
          }
          openingPorts.push(...named.openingPorts);
          hasNotrack ||= named.hasNotrack;
          translates ||= named.translates;
          for (const range of named.protocols) protocols.set(`${range[0]?.from}-${range[0]?.to}`, range);
          for (const one of named.services) services.add(one);
        }
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
    services: distinct(services),
    openingPorts,
    hasNotrack,
    translates,
    classOf: classesOf(sorted, [...sets.values()]),
  };
}

function distinct(services: Iterable<ServiceNumbers>): readonly ServiceNumbers[] {
  const byKey = new Map<string, ServiceNumbers>();
  for (const one of services) byKey.set(one.map(({ from, to }) => `${from}-${to}`).join(' '), one);
  return [...byKey.values()];
}

function classesOf(cuts: readonly AddressNumber[], sets: readonly Intervals<AddressNumber>[]): (address: AddressNumber) => number {
  const alone = new Map<number, number[]>();
  const spans: { readonly first: number; readonly last: number; readonly set: number }[] = [];
  for (const [set, ranges] of sets.entries()) {
    for (const { from, to } of ranges) {
      const first = atomOf(cuts, from);
      const last = atomOf(cuts, to);
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

/** What a comparison, or a rule, tells apart. */
interface Named {
  readonly sets: Readonly<Record<4 | 6, readonly NamedAddresses[]>>;
  readonly protocols: readonly Intervals<number>[];
  readonly services: readonly ServiceNumbers[];
  readonly openingPorts: readonly Range[];
  readonly hasNotrack: boolean;
  readonly translates: boolean;
}

interface NamedAddresses {
  /** Equal for equal sets. */
  readonly key: string;
  readonly ranges: Intervals<AddressNumber>;
}

const nothing: Named = { sets: { 4: [], 6: [] }, protocols: [], services: [], openingPorts: [], hasNotrack: false, translates: false };

const byRule = new WeakMap<readonly Step[], readonly Named[]>();

function namedIn(rule: ChainRule, scope: TableScope): readonly Named[] {
  const steps = stepsOf(rule, scope);
  let named = byRule.get(steps);
  if (!named) {
    const found: Named[] = [];
    inSteps(steps, found);
    named = found;
    byRule.set(steps, named);
  }
  return named;
}

function inSteps(steps: readonly Step[], into: Named[]): void {
  for (const step of steps) {
    switch (step.kind) {
      case 'test':
        if (step.shape) {
          const named = namedInShape(step.shape);
          if (named !== nothing) into.push(named);
        }
        break;
      case 'choice':
        // what leads elsewhere stands by itself
        into.push(...step.choices.elements.map(({ box }) => namedInBoxes(step.choices.look, [box])));
        break;
      case 'block':
        for (const inner of step.rules) inSteps(inner, into);
        break;
      case 'write':
        if (step.isNotrack || step.isAddress) into.push({ ...nothing, hasNotrack: step.isNotrack, translates: step.isAddress });
        break;
      case 'nat':
        into.push({ ...nothing, translates: true });
        break;
    }
  }
}

const byShape = new WeakMap<Shape, Named>();

function namedInShape(shape: Shape): Named {
  let named = byShape.get(shape);
  if (!named) {
    named = namedInBoxes(shape.look, shape.boxes);
    byShape.set(shape, named);
  }
  return named;
}

/** The numbers that addresses, ports and protocols are compared with. */
function namedInBoxes(look: Look, boxes: readonly (readonly (Range | null)[])[]): Named {
  const sets: Record<4 | 6, NamedAddresses[]> = { 4: [], 6: [] };
  const protocols: Intervals<number>[] = [];
  const services: ServiceNumbers[] = [];
  const openingPorts: Range[] = [];
  for (const [i, type] of look.types.entries()) {
    if (!told.has(type)) continue;
    const ranges = boxes.flatMap((box) => box[i] ?? []);
    // what is compared with nothing else stands together
    const groups = look.types.length === 1 ? [ranges] : ranges.map((range) => [range]);
    for (const group of groups) {
      if (group.length === 0) continue;
      const numbers = group.map(({ from, to }) => ({ from: Number(from), to: Number(to) }));
      switch (type) {
        case 'ipv4_addr':
          sets[4].push(namedSet(numbers));
          break;
        case 'ipv6_addr':
          sets[6].push(namedSet(group));
          break;
        case 'inet_proto':
          protocols.push(...numbers.map((range) => [range]));
          services.push(
            servicesOf(
              numbers.flatMap(({ from, to }) => Array.from({ length: Math.min(255, to) - from + 1 }, (_, k) => from + k)),
              null,
            ),
          );
          break;
        case 'icmp_type':
        case 'icmpv6_type':
          services.push(servicesOf([type === 'icmp_type' ? ICMP : ICMPV6], numbers));
          break;
        default:
          services.push(servicesOf(look.protocols ?? portProtocols, numbers));
          if (seesOpeningPort(look, i)) openingPorts.push(...group);
      }
    }
  }
  const isEmpty = sets[4].length + sets[6].length + protocols.length + services.length === 0;
  return isEmpty ? nothing : { ...nothing, sets, protocols, services, openingPorts };
}

/** The types of what rules tell packets apart by. */
const told: ReadonlySet<string> = new Set(['ipv4_addr', 'ipv6_addr', 'inet_proto', 'icmp_type', 'icmpv6_type', 'inet_service']);

function namedSet(ranges: Intervals<AddressNumber>): NamedAddresses {
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
