// One rule, read: which packets it matches, and what it then does with them.

import { isOneAddress } from '../net/address-algebra.ts';
import { lieWithin, portDomain } from '../net/intervals.ts';
import type { StatementFact } from '../nftables/statement-facts.ts';
import type { Decision, Term, Value } from '../nftables/terms.ts';
import { equalData } from '../text/equal.ts';
import { anyState, type Box, type Sides as BoxSides, everything, intersectedBox, isEmptyBox, State } from './box.ts';
import type { Names } from './names.ts';
import { holdsEveryPort } from './services.ts';
import { keySides, mapElements, matchSides, type Sides } from './values.ts';

export type RuleFact = Extract<StatementFact, { readonly kind: 'rule' }>;

/** What is decided. `none`: the rule only counts, logs or changes something; `unknown`: what it does cannot be read. */
export type Outcome =
  | 'accept'
  | 'drop'
  | 'reject'
  | 'jump'
  | 'goto'
  | 'return'
  | 'continue'
  | 'queue'
  | 'nat'
  | 'elsewhere'
  | 'none'
  | 'unknown';

/** One way through a rule: a plain rule has one, a verdict map one for each element. */
export interface Arm {
  /** Outside these boxes it matches no packet. */
  readonly may: readonly Box[];
  /** In these it matches every packet. The same list as `may` where the reading is exact. */
  readonly must: readonly Box[];
  readonly outcome: Outcome;
  /** The chain of jump and goto. */
  readonly target: string | null;
  /** Of the verdict among the statement's places. */
  readonly item: number;
}

/** What a rule may have that others ask for: bits, so that a chain of ten thousand is passed over at once. */
export const Trait = {
  /** It may lead to another chain. */
  jumps: 1,
  /** What it does cannot be read. */
  unknown: 2,
  /** It is not narrow: what it accepts may be wider than a port of one source. */
  wide: 4,
  logs: 8,
  /** A bare `tcp flags syn`. */
  synBit: 16,
  /** `iif` or `oif`, which are numbers. */
  byIndex: 32,
  /** It ends the chain for every packet. */
  closes: 64,
  /** It accepts answers: packets of connections that are there. */
  answers: 128,
  /** It accepts a TCP port. */
  opens: 256,
} as const;

export interface Reading {
  readonly traits: number;
  /** The names of interfaces that it compares with, joined by spaces. */
  readonly interfaceNames: string;
  readonly fact: RuleFact;
  readonly arms: readonly Arm[];
  /** Whether every packet that comes to it takes the same arm. */
  readonly always: boolean;
  /** What it may match, by all its arms. */
  readonly matches: readonly Box[];
  /** What surely goes no further in this chain. */
  readonly decides: readonly Box[];
}

/** Whether the rules behind it in its chain see no packet of it: the end of this base chain, or of this chain alone. */
export function leaves(outcome: Outcome): boolean {
  switch (outcome) {
    case 'accept':
    case 'drop':
    case 'reject':
    case 'return':
    case 'goto':
    // nat sets the connection's addresses and ends the chain (nf_nat_core.c, nf_nat_setup_info gives NF_ACCEPT)
    case 'nat':
    case 'queue':
    case 'elsewhere':
      return true;
    default:
      return false;
  }
}

interface Memo {
  readonly space: string;
  /** Null where the rule uses no names. */
  readonly names: Names | null;
  readonly reading: Reading;
}

const memo = new WeakMap<RuleFact, Memo>();

let count = 0;
/** How many rules have been read since the program began: what an edit costs, for tests. */
export function readingsMade(): number {
  return count;
}

/** The reading of a rule in a table; kept while the rule says the same, and the names that it uses. */
export function readingOf(fact: RuleFact, family: string, table: string, names: Names): Reading {
  const old = memo.get(fact);
  if (old && (old.names === null || old.names === names) && old.space.length === family.length + table.length + 1) {
    const { space } = old;
    if (space.startsWith(family) && space.endsWith(table)) return old.reading;
  }
  count++;
  const space = `${family} ${table}`;
  const reading = read(fact, space, names);
  memo.set(fact, { space, names: usesNames(fact) ? names : null, reading });
  return reading;
}

function usesNames({ terms }: RuleFact): boolean {
  return terms.some((term) => {
    const value = term.kind === 'match' ? term.value : term.kind === 'vmap' ? term.map : null;
    return value !== null && mentionsName(value);
  });
}

function mentionsName(value: Value | Decision): boolean {
  switch (value.is) {
    case 'reference':
    case 'variable':
      return true;
    case 'range':
      return mentionsName(value.from) || mentionsName(value.to);
    case 'list':
      return value.items.some(mentionsName);
    case 'concatenation':
      return value.parts.some(mentionsName);
    case 'set':
      return value.elements.some(({ key, data }) => mentionsName(key) || (data !== null && mentionsName(data)));
    default:
      return false;
  }
}

/** More boxes than this are told by fewer: what may match becomes wider, what surely matches nothing. */
const MOST_BOXES = 1024;

interface Reached {
  may: readonly Box[];
  must: readonly Box[];
}

const familyBox: Readonly<Record<string, Box>> = {
  ip: intersectedBox(everything, { sources: { v4: everything.sources.v4, v6: [] } }),
  ip6: intersectedBox(everything, { sources: { v4: [], v6: everything.sources.v6 } }),
};

function read(fact: RuleFact, space: string, names: Names): Reading {
  const family = space.slice(0, space.indexOf(' '));
  const first = [familyBox[family] ?? everything];
  let reached: Reached = { may: first, must: first };
  const arms: Arm[] = [];
  let narrowed = false;
  const arm = ({ may, must }: Reached, outcome: Outcome, target: string | null, item: number): void => {
    arms.push({ may, must, outcome, target, item });
  };
  // matches of different sides, as nearly all of a rule are, narrow a box at once
  let open: OpenSides | null = null;
  const waiting: Sides[] = [];
  const settle = (): void => {
    if (open) reached = narrow(reached, exactly(open));
    open = null;
    for (let i = 0; i < waiting.length; i++) reached = narrow(reached, waiting[i] as Sides);
    waiting.length = 0;
  };
  for (const term of fact.terms) {
    if (term.kind === 'match') {
      narrowed = true;
      const sides = matchSides(term.keys, term.operator, term.masked, term.value, names, space);
      const only = sides.may[0];
      if (only && sides.may.length === 1 && sides.may === sides.must) {
        open ??= { iif: undefined, oif: undefined, sources: undefined, destinations: undefined, services: undefined, states: undefined };
        if (putSides(open, only)) continue;
      }
      // each of many makes a box of its own, for which all others had better be there
      if (sides.may === sides.must && open) {
        waiting.push(sides);
        continue;
      }
      settle();
      reached = narrow(reached, sides);
      continue;
    }
    settle();
    switch (term.kind) {
      case 'decision':
        arm(reached, outcomeOf(term.decision), term.decision.target, term.decision.item);
        return reading(fact, arms, !narrowed);
      case 'vmap':
        mapArms(term, reached, names, space, arm);
        // what no element holds goes on with the next term
        reached = { may: reached.may, must: [] };
        narrowed = true;
        break;
      case 'action': {
        const outcome = actionOutcome(term.name);
        if (outcome === 'none') break;
        if (outcome === 'stops') {
          narrowed = true;
          reached = { may: reached.may, must: [] };
          break;
        }
        arm(term.computed ? { may: reached.may, must: [] } : reached, outcome, null, term.item);
        return reading(fact, arms, !narrowed && !term.computed);
      }
      case 'assignment':
        // a field that the packet does not have breaks the rule (facts/nftables.md)
        narrowed = true;
        reached = { may: reached.may, must: [] };
        break;
      case 'unknown':
        arm({ may: reached.may, must: [] }, 'unknown', null, 0);
        return reading(fact, arms, false);
    }
  }
  settle();
  if (arms.length === 0) arm(reached, 'none', null, 0);
  return reading(fact, arms, !narrowed);
}

type OpenSides = { -readonly [S in keyof Box]: Box[S] | undefined };

/** Adds sides to others; false, and nothing is added, where one of them is there already. */
function putSides(open: OpenSides, { iif, oif, sources, destinations, services, states }: BoxSides): boolean {
  if ((iif && open.iif) || (oif && open.oif) || (sources && open.sources) || (destinations && open.destinations)) return false;
  if ((services && open.services) || (states !== undefined && open.states !== undefined)) return false;
  if (iif) open.iif = iif;
  if (oif) open.oif = oif;
  if (sources) open.sources = sources;
  if (destinations) open.destinations = destinations;
  if (services) open.services = services;
  if (states !== undefined) open.states = states;
  return true;
}

function exactly(sides: BoxSides): Sides {
  const list = [sides];
  return { may: list, must: list };
}

function reading(fact: RuleFact, arms: readonly Arm[], always: boolean): Reading {
  const only = arms[0];
  return {
    traits: traitsOf(fact, arms, always),
    interfaceNames: interfaceNamesOf(fact),
    fact,
    arms,
    always,
    matches: arms.length === 1 && only ? only.may : arms.flatMap(({ may }) => may),
    decides:
      arms.length === 1 && only
        ? leaves(only.outcome)
          ? only.must
          : []
        : arms.flatMap(({ outcome, must }) => (leaves(outcome) ? must : [])),
  };
}

function traitsOf({ terms }: RuleFact, arms: readonly Arm[], always: boolean): number {
  let traits = 0;
  for (const term of terms) {
    if (term.kind === 'action' && term.name === 'log') traits |= Trait.logs;
    if (term.kind !== 'match' || term.keys.length !== 1) continue;
    const key = term.keys[0];
    if (key === 'tcp flags') traits |= Trait.synBit;
    if (key === 'meta iif' || key === 'meta oif') traits |= Trait.byIndex;
  }
  for (const arm of arms) {
    const { outcome } = arm;
    if (outcome === 'jump' || outcome === 'goto') traits |= Trait.jumps;
    if (outcome === 'unknown') traits |= Trait.unknown;
    if (outcome === 'accept') traits |= (opensPort(arm) ? Trait.opens : 0) | (answersPass(arm) ? Trait.answers : 0);
    if (!isNarrow(arm)) traits |= Trait.wide;
  }
  if (always && arms.some(({ outcome }) => leaves(outcome))) traits |= Trait.closes;
  return traits;
}

/** It accepts a port of TCP, which has answers. */
function opensPort({ may }: Arm): boolean {
  return may.some(
    ({ services, states }) =>
      (states & State.new) !== 0 && services.some(({ from, to, targets }) => from === 6 && to === 6 && !lieWithin(portDomain.all, targets)),
  );
}

/** Answers pass: by conntrack, by a rule for all, or by rules for source ports, as people write them without conntrack. */
function answersPass({ may }: Arm): boolean {
  return may.some(
    ({ states, sources, destinations, services, iif, oif }) =>
      ((states & State.established) !== 0 && states !== anyState) ||
      services.some((service) => !lieWithin(portDomain.all, service.sources)) ||
      (sources === everything.sources &&
        destinations === everything.destinations &&
        iif.only === null &&
        oif.only === null &&
        services.length === 1 &&
        services[0]?.to === 255),
  );
}

const interfaceKeys = new Set<string | null>(['meta iifname', 'meta oifname', 'meta iif', 'meta oif']);

function interfaceNamesOf({ terms }: RuleFact): string {
  const names: string[] = [];
  const walk = (value: Value): void => {
    if (value.is === 'word') names.push(value.word);
    else if (value.is === 'variable') names.push(`$${value.name}`);
    else if (value.is === 'set') for (const { key } of value.elements) walk(key);
  };
  for (const term of terms)
    if (term.kind === 'match' && term.keys.length === 1 && interfaceKeys.has(term.keys[0] ?? null)) walk(term.value);
  return names.join(' ');
}

/** Whether it accepts nothing wider than ports of one source by a named interface, or no packet that opens a connection. */
function isNarrow({ outcome, may }: Arm): boolean {
  if (outcome !== 'accept') return outcome !== 'unknown';
  return may.every(
    ({ sources, services, iif, states }) =>
      (states & State.new) === 0 || (isOneAddress(sources) && iif.only !== null && !holdsEveryPort(services)),
  );
}

function mapArms(
  term: Extract<Term, { kind: 'vmap' }>,
  reached: Reached,
  names: Names,
  space: string,
  arm: (reached: Reached, outcome: Outcome, target: string | null, item: number) => void,
): void {
  const map = mapElements(term.map, names, space);
  if (!map || map.elements.length > MOST_BOXES) {
    arm({ may: reached.may, must: [] }, 'unknown', null, term.item);
    return;
  }
  for (const { key, data } of map.elements) {
    const here = narrow(reached, keySides(term.keys, key, names, space));
    if (data?.is === 'decision') arm(here, outcomeOf(data), data.target, term.map.is === 'set' ? data.item : term.item);
    else arm({ may: here.may, must: [] }, 'unknown', null, term.item);
  }
  if (!map.complete) arm({ may: reached.may, must: [] }, 'unknown', null, term.item);
}

function narrow({ may, must }: Reached, sides: Sides): Reached {
  const nextMay = product(may, sides.may);
  if (may === must && sides.may === sides.must && nextMay) return { may: nextMay, must: nextMay };
  const nextMust = product(must, sides.must) ?? [];
  // `meta l4proto tcp th dport 22`: what is loose by itself may be exact together
  if (nextMay && equalData(nextMay, nextMust)) return { may: nextMay, must: nextMay };
  // too many to tell one by one: what was reached before holds them all
  return { may: nextMay ?? may, must: nextMust };
}

function product(boxes: readonly Box[], sides: readonly BoxSides[]): readonly Box[] | null {
  if (boxes.length * sides.length > MOST_BOXES) return null;
  const result: Box[] = [];
  for (let i = 0; i < boxes.length; i++) {
    for (let j = 0; j < sides.length; j++) {
      const both = intersectedBox(boxes[i] as Box, sides[j] as BoxSides);
      if (!isEmptyBox(both)) result.push(both);
    }
  }
  return result;
}

function outcomeOf({ verdict, target }: Decision): Outcome {
  switch (verdict) {
    case 'accept':
    case 'drop':
    case 'return':
    case 'continue':
      return verdict;
    case 'jump':
    case 'goto':
      return target === null ? 'unknown' : verdict;
    default:
      return 'unknown';
  }
}

/** `none` goes on; `stops` goes on for some packets, by what was before. */
function actionOutcome(name: string): Outcome | 'stops' {
  switch (name) {
    case 'reject':
    case 'queue':
      return name;
    case 'snat':
    case 'dnat':
    case 'masquerade':
    case 'redirect':
      return 'nat';
    case 'fwd':
    case 'tproxy':
    case 'synproxy':
      return 'elsewhere';
    case 'counter':
    case 'log':
    case 'last':
    case 'notrack':
    case 'dup':
      return 'none';
    default:
      return name.startsWith('ct ') && name !== 'ct count' ? 'none' : 'stops';
  }
}
