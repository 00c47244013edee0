// Takes a packet through the rules of one base chain: jump, goto, return, verdict maps. Where a match is not known, both ways are
// gone, and what they leave behind is joined, so that a chain costs no more than its rules.
import type { Chain } from '../../nftables/ruleset/state.ts';
import type { Origin } from '../../text/origin.ts';
import { noneKnown } from './bits.ts';
import type { Here, MasqueradeAs } from './operands.ts';
import { joined, type Packet, type Registers } from './packet.ts';
import { type TableScope, tableScope } from './scope.ts';
import { type Going, type Step, stepsOf } from './steps.ts';

/** A statement that decided something, or that led to where it was decided. */
export interface Decision extends Origin {
  readonly chain: string;
  /** accept, drop, jump, goto, return, dnat … */
  readonly verdict: string;
  /** Whether the packet surely came this way. */
  readonly sure: boolean;
}

/** What one walk keeps: what it may still do, what it met, and what it could not tell. */
export interface Walker {
  readonly packet: Packet;
  readonly version: 4 | 6;
  readonly trace: Decision[];
  readonly reasons: Map<string, Origin>;
  readonly scopes: ReadonlyMap<string, TableScope>;
  readonly masqueradeAs: MasqueradeAs | undefined;
  steps: number;
  /** Whether nothing was doubtful up to where the walker is. */
  sure: boolean;
}

/** More than any ruleset has on one packet's way; jumps that double with every level end here. */
export const MOST_STEPS = 1_000_000;
/** nft_validate: NFT_JUMP_STACK_SIZE. */
const MOST_JUMPS = 16;

/** How a packet may leave a chain: each with what is then known of it, null where it cannot. */
export interface Ends {
  /** The end of the chain, or a return. */
  readonly end: Registers | null;
  readonly accept: Registers | null;
  /** By a translation, after which no other nat chain sees it. */
  readonly bound: Registers | null;
  readonly drop: boolean;
  readonly other: boolean;
}

type Ways = { -readonly [K in keyof Ends]: Ends[K] };

function noWay(): Ways {
  return { end: null, accept: null, bound: null, drop: false, other: false };
}

interface Place {
  readonly hook: string;
  readonly chain: Chain;
  readonly table: TableScope;
  readonly depth: number;
}

export function note(walker: Walker, origin: Origin): void {
  walker.reasons.set(`${origin.uri} ${origin.statement}`, origin);
}

export function throughBaseChain(walker: Walker, chain: Chain, hook: string, registers: Registers): Ends {
  const table = walker.scopes.get(`${chain.family} ${chain.table}`);
  if (!table) return { ...noWay(), end: registers };
  return throughChain(walker, { hook, chain, table, depth: 0 }, registers);
}

function throughChain(walker: Walker, place: Place, registers: Registers): Ends {
  const ways = noWay();
  const { chain } = place;
  let at: Registers | null = registers;
  if (chain.unknown.length > 0) {
    for (const origin of chain.unknown) note(walker, origin);
    return everyWay(registers);
  }
  for (const rule of chain.rules) {
    if (!at) break;
    at = throughRule(walker, { ...place, origin: rule }, stepsOf(rule, place.table), at, ways);
  }
  ways.end = joined(ways.end, at);
  return ways;
}

/** What rules that are not known may leave of a packet: any verdict, any mark. */
function everyWay(registers: Registers): Ends & { readonly end: Registers } {
  const any = { ...registers, mark: noneKnown, ctMark: noneKnown };
  return { end: any, accept: any, bound: any, drop: true, other: true };
}

interface RulePlace extends Place {
  readonly origin: Origin;
}

/** What goes on to the next rule; what does not is put into `ways`. */
function throughRule(walker: Walker, place: RulePlace, steps: readonly Step[], registers: Registers, ways: Ways): Registers | null {
  /** What left the rule, and goes on behind it. */
  let past: Registers | null = null;
  let at: Registers | null = registers;
  for (const step of steps) {
    if (!at) break;
    if (++walker.steps > MOST_STEPS) {
      note(walker, place.origin);
      Object.assign(ways, everyWay(at));
      return null;
    }
    const { packet, version, masqueradeAs } = walker;
    const here: Here = { packet, version, hook: place.hook, registers: at, masqueradeAs };
    switch (step.kind) {
      case 'test': {
        const holds = step.test(here);
        if (holds === null) {
          note(walker, place.origin);
          walker.sure = false;
        }
        if (holds !== true) past = joined(past, at);
        if (holds === false) at = null;
        break;
      }
      case 'write': {
        const { registers: written, breaks } = step.write(here);
        if (breaks !== false) past = joined(past, at);
        if (breaks === null) {
          note(walker, place.origin);
          walker.sure = false;
        }
        at = breaks === true ? null : written;
        break;
      }
      case 'reject':
        decide(walker, place, 'reject');
        ways.drop = true;
        at = null;
        break;
      case 'other':
        decide(walker, place, 'other');
        ways.other = true;
        at = null;
        break;
      case 'nat': {
        if (step.isFor(here) === false) break;
        const { registers: translated, breaks } = step.translate(here);
        if (breaks !== false) past = joined(past, at);
        if (breaks === null) {
          note(walker, place.origin);
          walker.sure = false;
        }
        if (breaks !== true) {
          decide(walker, place, 'nat');
          ways.bound = joined(ways.bound, translated);
        }
        at = null;
        break;
      }
      case 'going':
        at = go(walker, place, step.going, at, ways);
        break;
      case 'choice': {
        const { goings, mayMiss, open, breaks } = step.choose(here);
        if (breaks !== false) past = joined(past, at);
        if (breaks === true) {
          at = null;
          break;
        }
        if (open || breaks === null || goings.length + (mayMiss ? 1 : 0) > 1) {
          note(walker, place.origin);
          walker.sure = false;
        }
        let after: Registers | null = mayMiss ? at : null;
        for (const going of goings) after = joined(after, go(walker, place, going, at, ways));
        if (open) {
          const every = everyWay(at);
          mix(ways, every);
          after = joined(after, every.end);
        }
        at = after;
        break;
      }
      case 'unknown':
        at = anything(walker, place, at, ways);
        break;
      case 'block': {
        const ends = throughBlock(walker, place, step.rules, at);
        mix(ways, { ...ends, end: step.returns ? null : ends.end });
        at = step.returns ? ends.end : null;
        break;
      }
    }
  }
  return joined(past, at);
}

function mix(ways: Ways, ends: Ends): void {
  ways.end = joined(ways.end, ends.end);
  ways.accept = joined(ways.accept, ends.accept);
  ways.bound = joined(ways.bound, ends.bound);
  ways.drop ||= ends.drop;
  ways.other ||= ends.other;
}

function decide(walker: Walker, { origin, chain }: RulePlace, verdict: string): void {
  const { uri, statement } = origin;
  walker.trace.push({ uri, statement, item: 0, chain: chain.name, verdict, sure: walker.sure });
}

/** Carries a verdict out: what goes on behind it in its rule. */
function go(walker: Walker, place: RulePlace, { verdict, target }: Going, at: Registers, ways: Ways): Registers | null {
  if (verdict === 'continue') return at;
  decide(walker, place, verdict);
  switch (verdict) {
    case 'accept':
      ways.accept = joined(ways.accept, at);
      return null;
    case 'drop':
      ways.drop = true;
      return null;
    case 'return':
      ways.end = joined(ways.end, at);
      return null;
    case 'jump':
    case 'goto': {
      const chain = target === null ? undefined : place.table.chains.get(target);
      if (!chain || place.depth >= MOST_JUMPS) return anything(walker, place, at, ways);
      const ends = throughChain(walker, { ...place, chain, depth: place.depth + 1 }, at);
      // goto leaves nothing to come back to (nf_tables_core.c, NFT_GOTO)
      mix(ways, { ...ends, end: verdict === 'goto' ? ends.end : null });
      return verdict === 'goto' ? null : ends.end;
    }
    default:
      return anything(walker, place, at, ways);
  }
}

function anything(walker: Walker, { origin }: RulePlace, at: Registers, ways: Ways): Registers {
  note(walker, origin);
  walker.sure = false;
  const every = everyWay(at);
  mix(ways, every);
  return every.end;
}

function throughBlock(walker: Walker, place: RulePlace, rules: readonly (readonly Step[])[], registers: Registers): Ends {
  const ways = noWay();
  let at: Registers | null = registers;
  for (const steps of rules) {
    if (!at) break;
    at = throughRule(walker, place, steps, at, ways);
  }
  ways.end = joined(ways.end, at);
  return ways;
}

type Tables = readonly TableScope['table'][];

const scopesKept = new WeakMap<Tables, ReadonlyMap<string, TableScope>>();

/** By family and name. */
export function scopesOf(tables: Tables): ReadonlyMap<string, TableScope> {
  let scopes = scopesKept.get(tables);
  if (!scopes) {
    scopes = new Map(tables.map((table) => [`${table.family} ${table.name}`, tableScope(table)]));
    scopesKept.set(tables, scopes);
  }
  return scopes;
}
