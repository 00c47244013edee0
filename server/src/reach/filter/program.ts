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
import { namedAddresses } from './named-addresses.ts';
import { changedRules } from './program-change.ts';
import { type AddressNumber, addressRanges, isWithin, type Ranges } from './ranges.ts';
import { indexAfter } from './rule-index.ts';
import { rulesOfChain } from './rules.ts';
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
  /** What it was read from; null where that is counted again in no time, and once a ruleset after an edit has taken it over. */
  census: Census | null;
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

/** The counts of fewer rules than this are not kept: most rulesets of a mesh are short, and one at a time is edited. */
const FEW = 64;

function read(state: RulesetState, version: 4 | 6): Program {
  const census = censusOf(state, version);
  const program = programFrom(state, version, scopesOf(state.tables), census, null);
  if (isShort(state)) program.census = null;
  return program;
}

function isShort({ tables }: RulesetState): boolean {
  let rules = 0;
  for (const { chains } of tables) for (const chain of chains) rules += chain.rules.length;
  return rules < FEW;
}

function censusOf({ tables }: RulesetState, version: 4 | 6): Census {
  const scopes = scopesOf(tables);
  const census = newCensus();
  for (const table of tables) {
    const scope = scopes.get(`${table.family} ${table.name}`);
    for (const chain of scope ? table.chains : []) {
      const rules = rulesOfChain(chain, scope as TableScope);
      for (let i = 0; i < rules.length; i++) countSteps(census, rules.steps(i), version, 1);
    }
  }
  return census;
}

/** Reads what an edit has changed of a ruleset, where its chains are those it had; all the rest is taken over from before. */
export function programAfter(was: RulesetState, state: RulesetState): void {
  for (const version of [4, 6] as const) {
    const before = kept.get(was)?.[version];
    if (!before || kept.get(state)?.[version]) continue;
    const census = before.census ?? (isShort(was) ? censusOf(was, version) : null);
    const program = census && derived(before, census, state);
    if (program) kept.set(state, { ...(kept.get(state) ?? { 4: null, 6: null }), [version]: program });
  }
}

function derived(before: Program, census: Census, state: RulesetState): Program | null {
  const { version } = before;
  const scopes = scopesOf(state.tables);
  const old = before.state.tables;
  const changes: { readonly rule: ChainRule; readonly scope: TableScope; readonly by: 1 | -1 }[] = [];
  if (old.length !== state.tables.length) return null;
  for (const [i, table] of state.tables.entries()) {
    const was = old[i];
    const [oldScope, scope] = [before.scopes, scopes].map((all) => all.get(`${table.family} ${table.name}`));
    if (!was || !oldScope || !scope || was.family !== table.family || was.name !== table.name || was.chains.length !== table.chains.length)
      return null;
    for (const [k, chain] of table.chains.entries()) {
      const other = was.chains[k];
      if (other?.name !== chain.name) return null;
      const { head, tail } = changedRules(other.rules, oldScope, chain.rules, scope);
      for (const rule of other.rules.slice(head, other.rules.length - tail)) changes.push({ rule, scope: oldScope, by: -1 });
      for (const rule of chain.rules.slice(head, chain.rules.length - tail)) changes.push({ rule, scope, by: 1 });
      indexAfter(rulesOfChain(other, oldScope), rulesOfChain(chain, scope), version, head, tail);
    }
  }
  before.census = null;
  const moves = census.moves;
  // what goes and comes again does not move
  for (const by of [1, -1] as const)
    for (const { rule, scope, by: way } of changes) if (way === by) countSteps(census, stepsOf(rule, scope), version, by);
  return programFrom(state, version, scopes, census, census.moves === moves ? before : null);
}

/** `like` has all that follows from the same census. */
function programFrom(state: RulesetState, version: 4 | 6, scopes: Program['scopes'], census: Census, like: Program | null): Program {
  if (like) return { ...like, state, scopes, census };
  const cuts = [...census.cuts.keys()].sort((a, b) => (a < b ? -1 : 1));
  return {
    state,
    version,
    scopes,
    census,
    cuts,
    protocols: protocolGroups(all(census.protocols)),
    services: all(census.services),
    openingPorts: all(census.openingPorts),
    hasNotrack: census.notrack > 0,
    translates: census.translates > 0,
    classOf: classesOf(cuts, all(census.sets)),
  };
}

function all<T>(counted: ReadonlyMap<string, Counted<T>>): readonly T[] {
  const found = new Array<T>(counted.size);
  let length = 0;
  counted.forEach(({ one }) => {
    found[length++] = one;
  });
  return found;
}

interface Counted<T> {
  readonly one: T;
  count: number;
}

/** How many rules name what. */
interface Census {
  /** Thousands of rules compare with the same. */
  readonly shapes: Map<Shape, number>;
  readonly sets: Map<string, Counted<Intervals<AddressNumber>>>;
  readonly cuts: Map<AddressNumber, number>;
  readonly protocols: Map<string, Counted<Intervals<number>>>;
  readonly services: Map<string, Counted<ServiceNumbers>>;
  readonly openingPorts: Map<string, Counted<Range>>;
  notrack: number;
  translates: number;
  /** How often something has come that was not there, or gone. */
  moves: number;
}

function newCensus(): Census {
  return {
    shapes: new Map(),
    sets: new Map(),
    cuts: new Map(),
    protocols: new Map(),
    services: new Map(),
    openingPorts: new Map(),
    notrack: 0,
    translates: 0,
    moves: 0,
  };
}

function countSteps(census: Census, steps: readonly Step[], version: 4 | 6, by: 1 | -1): void {
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i] as Step;
    switch (step.kind) {
      case 'test':
        if (step.shape) countShape(census, step.shape, version, by);
        break;
      case 'choice':
        // what leads elsewhere stands by itself
        for (const { box } of step.choices.elements) countNamed(census, namedInBoxes(step.choices.look, [box]), version, by);
        break;
      case 'block':
        for (const inner of step.rules) countSteps(census, inner, version, by);
        break;
      case 'write':
        if (step.isNotrack) census.notrack += by;
        if (step.isAddress) census.translates += by;
        if (step.isNotrack || step.isAddress) census.moves++;
        break;
      case 'nat':
        census.translates += by;
        census.moves++;
        break;
    }
  }
}

function countShape(census: Census, shape: Shape, version: 4 | 6, by: 1 | -1): void {
  const { shapes } = census;
  const count = (shapes.get(shape) ?? 0) + by;
  if (count === 0) shapes.delete(shape);
  else shapes.set(shape, count);
  if (count === (by === 1 ? 1 : 0)) countNamed(census, namedInShape(shape), version, by);
}

function countNamed(census: Census, named: Named, version: 4 | 6, by: 1 | -1): void {
  if (named === nothing) return;
  const sets = named.sets[version];
  for (let i = 0; i < sets.length; i++) {
    const { key, one } = sets[i] as Keyed<Intervals<AddressNumber>>;
    if (!counts(census, census.sets, key, one, by)) continue;
    for (const { from, to } of one) {
      countCut(census, from, by);
      countCut(census, typeof to === 'number' ? to + 1 : to + 1n, by);
    }
  }
  countAll(census, census.protocols, named.protocols, by);
  countAll(census, census.services, named.services, by);
  countAll(census, census.openingPorts, named.openingPorts, by);
}

function countAll<T>(census: Census, all: Map<string, Counted<T>>, named: readonly Keyed<T>[], by: 1 | -1): void {
  for (let i = 0; i < named.length; i++) {
    const { key, one } = named[i] as Keyed<T>;
    counts(census, all, key, one, by);
  }
}

function countCut({ cuts }: Census, cut: AddressNumber, by: 1 | -1): void {
  const count = (cuts.get(cut) ?? 0) + by;
  if (count === 0) cuts.delete(cut);
  else cuts.set(cut, count);
}

/** Whether it has come, or gone, altogether. */
function counts<T>(census: Census, all: Map<string, Counted<T>>, key: string, one: T, by: 1 | -1): boolean {
  const known = all.get(key);
  if (!known) {
    all.set(key, { one, count: by });
    census.moves++;
    return true;
  }
  known.count += by;
  if (known.count > 0) return false;
  all.delete(key);
  census.moves++;
  return true;
}

/** So many sets have a bit each. */
const MOST_BITS = 24;

function classesOf(cuts: readonly AddressNumber[], sets: readonly Intervals<AddressNumber>[]): (address: AddressNumber) => number {
  return sets.length <= MOST_BITS ? (address) => bitsOf(sets, address) : manyClasses(cuts, sets);
}

function bitsOf(sets: readonly Intervals<AddressNumber>[], address: AddressNumber): number {
  let bits = 0;
  for (let i = 0; i < sets.length; i++) if (isWithin(sets[i] as Intervals<AddressNumber>, address)) bits |= 1 << i;
  return bits;
}

function manyClasses(cuts: readonly AddressNumber[], sets: readonly Intervals<AddressNumber>[]): (address: AddressNumber) => number {
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

/** What a comparison tells apart. */
interface Named {
  readonly sets: Readonly<Record<4 | 6, readonly Keyed<Intervals<AddressNumber>>[]>>;
  readonly protocols: readonly Keyed<Intervals<number>>[];
  readonly services: readonly Keyed<ServiceNumbers>[];
  readonly openingPorts: readonly Keyed<Range>[];
}

interface Keyed<T> {
  /** Equal for equal ones. */
  readonly key: string;
  readonly one: T;
}

const nothing: Named = { sets: { 4: [], 6: [] }, protocols: [], services: [], openingPorts: [] };

const byShape = new WeakMap<Shape, Named>();

function namedInShape(shape: Shape): Named {
  let named = byShape.get(shape);
  if (!named) {
    named = addressesInShape(shape) ?? namedInBoxes(shape.look, shape.boxes);
    byShape.set(shape, named);
  }
  return named;
}

/** What a comparison of addresses alone tells apart, as thousands do; null where it is another one. */
function addressesInShape(shape: Shape): Named | null {
  const { types } = shape.look;
  const version = types.length > 1 ? null : types[0] === 'ipv4_addr' ? 4 : types[0] === 'ipv6_addr' ? 6 : null;
  const addresses = version && namedAddresses(shape, version);
  if (!addresses) return null;
  if (addresses.ranges.length === 0) return nothing;
  return { ...nothing, sets: { ...nothing.sets, [version]: [namedSet(addresses)] } };
}

/** The numbers that addresses, ports and protocols are compared with. */
function namedInBoxes(look: Look, boxes: readonly (readonly (Range | null)[])[]): Named {
  const sets: Record<4 | 6, Keyed<Intervals<AddressNumber>>[]> = { 4: [], 6: [] };
  const protocols: Keyed<Intervals<number>>[] = [];
  const services: Keyed<ServiceNumbers>[] = [];
  const openingPorts: Keyed<Range>[] = [];
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
          sets[4].push(namedSet(addressRanges(group, 4)));
          break;
        case 'ipv6_addr':
          sets[6].push(namedSet(addressRanges(group, 6)));
          break;
        case 'inet_proto':
          protocols.push(...numbers.map((range) => keyed([range])));
          services.push(
            keyed(
              servicesOf(
                numbers.flatMap(({ from, to }) => Array.from({ length: Math.min(255, to) - from + 1 }, (_, k) => from + k)),
                null,
              ),
            ),
          );
          break;
        case 'icmp_type':
        case 'icmpv6_type':
          services.push(keyed(servicesOf([type === 'icmp_type' ? ICMP : ICMPV6], numbers)));
          break;
        default:
          services.push(keyed(servicesOf(look.protocols ?? portProtocols, numbers)));
          if (seesOpeningPort(look, i)) openingPorts.push(...group.map((one) => ({ key: `${one.from}-${one.to}`, one })));
      }
    }
  }
  const isEmpty = sets[4].length + sets[6].length + protocols.length + services.length === 0;
  return isEmpty ? nothing : { sets, protocols, services, openingPorts };
}

/** The types of what rules tell packets apart by. */
const told: ReadonlySet<string> = new Set(['ipv4_addr', 'ipv6_addr', 'inet_proto', 'icmp_type', 'icmpv6_type', 'inet_service']);

function namedSet({ ranges, key }: Ranges): Keyed<Intervals<AddressNumber>> {
  return { key, one: ranges };
}

function keyed<N extends AddressNumber>(one: Intervals<N>): Keyed<Intervals<N>> {
  let key = '';
  for (const { from, to } of one) key += `${from}-${to} `;
  return { key, one };
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
