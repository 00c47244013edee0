// What a host's ruleset lets through on one of the three ways, for any source and destination.
import { joined } from '../../net/intervals.ts';
import type { RulesetState } from '../../nftables/ruleset/state.ts';
import { type ServiceNumbers, serviceDomain } from '../matrix/service-set.ts';
import type { ConnectionState } from '../walk/packet.ts';
import type { Way } from '../walk/walk.ts';
import { type Carrier, newCarrier, redraw } from './carrier.ts';
import { carry } from './carry.ts';
import type { FlowSet } from './flow-sets.ts';
import type { Lines } from './lines.ts';
import { NOTHING, type OutcomeId, type Outcomes } from './outcome.ts';
import { atomOf, type Program, programOf } from './program.ts';
import type { AddressNumber } from './ranges.ts';
import { shortWayOf, throughShortWay } from './short-way.ts';
import type { Direction, Translating } from './symbolic.ts';
import type { Translation } from './translation.ts';
import type { Bench, Workshop } from './workshop.ts';

/** Which packets are looked at, and where. */
export interface FilterQuestion {
  readonly version: 4 | 6;
  readonly way: Way;
  /** null where it is not known, or there is none. */
  readonly iif: string | null;
  readonly oif: string | null;
  readonly direction: Direction;
  /** What conntrack makes of them: those of each state are other services. */
  readonly states: readonly (ConnectionState | null)[];
  /** The port at the other end. */
  readonly port: number | null;
  readonly translating: Translating | null;
}

/** What gets through from one source. */
export interface FilterRow {
  readonly asSent: ClassOutcomes;
  /** What comes out as something else. */
  readonly changes: readonly ChangedRow[];
}

export interface ChangedRow {
  readonly translation: Translation;
  readonly outcomes: ClassOutcomes;
}

/** An outcome for each class of destinations. */
export interface ClassOutcomes {
  /** Of all classes but those below. */
  readonly base: OutcomeId;
  /** Ascending, and the outcome of each. */
  readonly classes: readonly number[];
  readonly outcomes: readonly OutcomeId[];
}

export function outcomeOfClass({ base, classes, outcomes }: ClassOutcomes, one: number): OutcomeId {
  let low = 0;
  let high = classes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((classes[middle] as number) < one) low = middle + 1;
    else high = middle;
  }
  return classes[low] === one ? (outcomes[low] as OutcomeId) : base;
}

export interface Filter {
  readonly program: Program;
  /** The class of each of the destinations that the filter was made for. */
  readonly classes: Int32Array;
  row(source: AddressNumber): FilterRow;
}

/** The filter for packets to some of `destinations`, ascending. */
export function filterOf(
  state: RulesetState,
  question: FilterQuestion,
  destinations: readonly AddressNumber[],
  workshop: Workshop,
): Filter {
  const { states, ...rest } = question;
  const program = programOf(state, question.version);
  const { cuts } = program;
  const atoms: number[] = [];
  const classes = new Int32Array(destinations.length);
  for (let first = 0; first < destinations.length; ) {
    const atom = atomOf(cuts, destinations[first] as AddressNumber);
    const cut = cuts[atom];
    const next = cut === undefined ? destinations.length : firstFrom(destinations, cut, first + 1);
    classes.fill(atoms.length, first, next);
    atoms.push(atom);
    first = next;
  }
  const rows = states.map((one) => rowsOf(program, workshop.bench({ ...rest, state: one }), atoms, workshop));
  return {
    program,
    classes,
    row(source) {
      const from = atomOf(cuts, source);
      const [only] = rows;
      if (only && rows.length === 1) return only(from, source);
      return rows.map((row) => row(from, source)).reduce((a, b) => together(a, b, workshop));
    },
  };
}

/** The place of the first address from `start` on that is not below `least`. */
function firstFrom(sorted: readonly AddressNumber[], least: AddressNumber, start: number): number {
  let low = start;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as AddressNumber) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** By the atom of an address. */
type Rows = (source: number, address: AddressNumber) => FilterRow;

const keptRows = new WeakMap<Program, Map<Bench, { readonly classes: string; readonly rows: Rows }>>();

/** The rows of one situation, which is part of several questions. */
function rowsOf(program: Program, bench: Bench, atoms: readonly number[], workshop: Workshop): Rows {
  let byBench = keptRows.get(program);
  if (!byBench) {
    byBench = new Map();
    keptRows.set(program, byBench);
  }
  const key = atoms.join(' ');
  const known = byBench.get(bench);
  if (known?.classes === key) return known.rows;
  let carrier: Carrier | null = null;
  const short = shortWayOf(program, bench);
  let misses = 0;
  const made = new Map<number, FilterRow>();
  const rows: Rows = (source, address) => {
    let row = made.get(source);
    if (!row) {
      const read = short && misses < MOST_MISSES ? throughShortWay(short, program, bench, atoms, address, workshop.outcomes) : null;
      if (read) row = { asSent: read, changes: none };
      else {
        misses++;
        carrier ??= newCarrier(program, bench, atoms);
        row = carriedRow(carrier, source, address, workshop);
      }
      made.set(source, row);
    }
    return row;
  };
  byBench.set(bench, { classes: key, rows });
  return rows;
}

/** A ruleset that is not to be read so for so many sources is not to be for others. */
const MOST_MISSES = 8;

const none: readonly never[] = [];

/** Of two that look at other services. */
function together(a: FilterRow, b: FilterRow, { outcomes }: Workshop): FilterRow {
  const classes = [...new Set([...a.asSent.classes, ...b.asSent.classes])].sort((x, y) => x - y);
  const of = classes.map((one) => outcomes.either(outcomeOfClass(a.asSent, one), outcomeOfClass(b.asSent, one)));
  return {
    asSent: { base: outcomes.either(a.asSent.base, b.asSent.base), classes, outcomes: of },
    changes: [...a.changes, ...b.changes],
  };
}

function carriedRow(carrier: Carrier, source: number, address: AddressNumber, workshop: Workshop): FilterRow {
  let carried = carry(carrier, source, address);
  while (carrier.isStale) {
    redraw(carrier);
    carried = carry(carrier, source, address);
  }
  const { accepted, dropped, other, changes } = carried;
  return {
    asSent: outcomesOf(carrier, accepted, [dropped, other, ...changes.map(({ set }) => set)], other, workshop),
    changes: changes.map(({ translation, set }) => {
      const others = changes.flatMap((one) => (one.set === set ? [] : [one.set]));
      return { translation, outcomes: outcomesOf(carrier, set, [accepted, dropped, other, ...others], null, workshop) };
    }),
  };
}

/** What is in `set` is possible, and so is what is in `perhaps`; what is in none of `others` is allowed. */
function outcomesOf(
  carrier: Carrier,
  set: FlowSet,
  others: readonly FlowSet[],
  perhaps: FlowSet | null,
  { outcomes }: Workshop,
): ClassOutcomes {
  const { sets, lines } = carrier;
  const { words } = lines;
  const ids: OutcomeId[] = [];
  const allowed: number[] = [];
  const possible: number[] = [];
  for (let block = 0; block < sets.blocks; block++) {
    let any = 0;
    let isSure = true;
    for (let word = 0; word < words; word++) {
      const at = block * words + word;
      const through = set.bits[at] ?? 0;
      let elsewhere = 0;
      for (let i = 0; i < others.length; i++) elsewhere |= others[i]?.bits[at] ?? 0;
      const surely = through & ~elsewhere;
      const perhapsToo = through | (perhaps?.bits[at] ?? 0);
      allowed[word] = surely;
      possible[word] = perhapsToo;
      any |= perhapsToo;
      isSure &&= surely === perhapsToo;
    }
    ids.push(any === 0 ? NOTHING : idOf(allowed, possible, isSure, lines, outcomes));
  }
  const base = ids[0] ?? NOTHING;
  const of = (one: number): OutcomeId => ids[sets.blockOf[one] as number] ?? NOTHING;
  let count = 0;
  for (const one of sets.alone) if (of(one) !== base) count++;
  if (count === 0) return { base, classes: none, outcomes: none };
  // no longer than what it holds: there are as many of these as sources
  const classes = new Array<number>(count);
  for (const one of sets.alone) if (of(one) !== base) classes[--count] = one;
  classes.sort((a, b) => a - b);
  return { base, classes, outcomes: classes.map(of) };
}

function idOf(
  allowed: readonly number[],
  possible: readonly number[],
  isSure: boolean,
  { atoms, outcomes: known }: Lines,
  outcomes: Outcomes,
): OutcomeId {
  // mostly one word, of which nothing is doubtful
  const [only] = possible;
  const key = !isSure
    ? `${allowed.join(' ')}|${possible.join(' ')}`
    : only !== undefined && possible.length === 1
      ? only
      : possible.join(' ');
  let id = known.get(key);
  if (id === undefined) {
    id = outcomes.id(servicesIn(allowed, atoms), servicesIn(possible, atoms));
    known.set(key, id);
  }
  return id;
}

function servicesIn(bits: readonly number[], atoms: readonly ServiceNumbers[]): ServiceNumbers {
  return joined(
    atoms.flatMap((services, atom) => (((bits[atom >>> 5] as number) >>> (atom & 31)) & 1 ? services : [])),
    serviceDomain,
  );
}
