// A host's ruleset as packets of one kind meet it, by the interfaces they come and leave by.
import type { Host } from '../../mesh/model.ts';
import type { Address } from '../../net/address.ts';
import type { RulesetState } from '../../nftables/ruleset/state.ts';
import { acceptsAtOnce } from '../filter/at-once.ts';
import { type ChangedRow, type ClassOutcomes, type Filter, type FilterRow, filterOf, outcomeOfClass } from '../filter/filter.ts';
import { EVERYTHING, NOTHING, type OutcomeId, type Outcomes, UNKNOWN } from '../filter/outcome.ts';
import { type Program, programOf } from '../filter/program.ts';
import { changedBoxes, changedSources } from '../filter/program-change.ts';
import type { AddressNumber, Ranges } from '../filter/ranges.ts';
import { firstFrom } from '../filter/rule-index.ts';
import type { Direction, Translating } from '../filter/symbolic.ts';
import type { Translation } from '../filter/translation.ts';
import type { Bench, Workshop } from '../filter/workshop.ts';
import { deviceChains, type Hook, hasNoChain, hookOrder } from '../walk/hooks.ts';
import type { ConnectionState } from '../walk/packet.ts';
import { hooksOn, type Way } from '../walk/walk.ts';
import { otherDevices } from '../way/device-names.ts';
import { holds, partsOf, type Sources } from './sources.ts';
import type { Target } from './targets.ts';

/** Which packets are looked at. */
export interface Traffic {
  readonly version: 4 | 6;
  readonly direction: Direction;
  readonly states: readonly (ConnectionState | null)[];
  /** The port at the end that opens the connection; null where it is not known. */
  readonly port: number | null;
}

/** What a host makes of packets that rules send elsewhere. */
export type TranslatingAt = (iif: string | null) => Translating;

/** Outcomes by the index of a target. */
export interface ByTarget {
  at(index: number): OutcomeId;
  /** What gets through to all targets but `others`; null where nobody has looked for these. */
  readonly base: OutcomeId | null;
  /** The targets to which something else gets through than to the rest, ascending. */
  readonly others: readonly number[];
}

/** What gets through of the sources of one class. */
export interface Passing extends ByTarget {
  /** Whether everything does. */
  readonly isOpen: boolean;
  /** What comes out as something else. */
  readonly changes: readonly ChangedPassing[];
}

export interface ChangedPassing extends ByTarget {
  readonly translation: Translation;
}

export interface HostFilters {
  readonly program: Program;
  /** What has been computed: few, so that they are looked for one by one. */
  readonly tables: readonly Table[];
  /** Sources that the ruleset does not tell apart. */
  parts(sources: Sources): readonly Sources[];
  /** A name that is undefined is one of a device that no file names. */
  passing(way: Way, iif: string | null | undefined, oif: string | null | undefined, source: Address): Passing;
}

/** `targets` are all there are, `own` those that are the host's; `before` are the filters of the same targets before an edit. */
export function hostFilters(
  state: RulesetState,
  traffic: Traffic,
  host: Host,
  targets: readonly Target[],
  own: readonly Target[],
  translatingAt: TranslatingAt,
  workshop: Workshop,
  before?: HostFilters,
): HostFilters {
  const program = programOf(state, traffic.version);
  const changed = before ? changedSources(changedBoxes(before.program, program), traffic.version) : null;
  const tables: Table[] = [];
  // what was computed of sources that nothing has changed for; the tables before are let go
  const kept =
    changed && before ? before.tables.map(({ way, iif, oif, known }) => ({ way, iif, oif, known: without(known, changed) })) : [];
  const table = (way: Way, iif: string | null, oif: string | null): Table => {
    let found = tableIn(tables, way, iif, oif);
    if (!found) {
      const translating = program.translates ? translatingAt(iif) : null;
      const asked = way === 'input' ? own : targets;
      const question = { ...traffic, way, iif, oif, translating };
      const known = tableIn(kept, way, iif, oif)?.known;
      found = { way, iif, oif, ...newTable(filterOf(state, question, addressesOf(asked), workshop), asked, known) };
      tables.push(found);
    }
    return found;
  };
  const free: Record<Way, boolean | null> = { output: null, input: null, forward: null };
  const isFree = (way: Way): boolean => {
    if (isOpen(program, way)) return true;
    return traffic.direction === 'answer' && benchesBy(workshop, traffic, way).every((bench) => acceptsAtOnce(program, bench));
  };
  return {
    program,
    tables,
    parts(sources) {
      if (sources.isOne) return [sources];
      return partsOf(sources, program.cuts, (first) => program.classOf(first.value)).map((part) => part.sources);
    },
    passing(way, iif, oif, source) {
      free[way] ??= isFree(way);
      if (free[way]) return everything;
      if (iif !== undefined && oif !== undefined) return table(way, iif, oif).passing(source);
      // every name counts that a rule asks for, and one that none asks for
      const others = otherDevices(
        state,
        host.interfaces.map(({ name }) => name),
      );
      const [ins, outs] = [iif === undefined ? others : [iif], oif === undefined ? others : [oif]];
      return oneOf(
        ins.flatMap((one) => outs.map((other) => table(way, one, other).passing(source))),
        workshop.outcomes,
      );
    },
  };
}

type Benches = Partial<Record<Way, readonly Bench[]>>;

const benchesKept = new WeakMap<Workshop, WeakMap<Traffic, Benches>>();

/** For packets of some traffic that come and leave by any device, as every host is asked about. */
function benchesBy(workshop: Workshop, traffic: Traffic, way: Way): readonly Bench[] {
  const ofWorkshop = benchesKept.get(workshop) ?? new WeakMap<Traffic, Benches>();
  benchesKept.set(workshop, ofWorkshop);
  const byWay = ofWorkshop.get(traffic) ?? {};
  ofWorkshop.set(traffic, byWay);
  byWay[way] ??= traffic.states.map((state) => workshop.bench({ ...traffic, way, iif: null, oif: null, translating: null, state }));
  return byWay[way];
}

const addressesKept = new WeakMap<readonly Target[], readonly AddressNumber[]>();

function addressesOf(targets: readonly Target[]): readonly AddressNumber[] {
  let addresses = addressesKept.get(targets);
  if (!addresses) {
    addresses = targets.map(({ address }) => address.value);
    addressesKept.set(targets, addresses);
  }
  return addresses;
}

/** What is known where it is one of several, and nobody knows which. */
export function oneOf(all: readonly Passing[], outcomes: Outcomes): Passing {
  const [first, ...rest] = all;
  if (!first || rest.length === 0) return first ?? nothing;
  return {
    isOpen: false,
    at: (index) => rest.reduce((sum, one) => outcomes.oneOf(sum, one.at(index)), first.at(index)),
    base: null,
    others: [],
    changes: all.flatMap(({ changes }) =>
      changes.map(
        (change): ChangedPassing => ({
          translation: change.translation,
          base: null,
          others: [],
          at: (index) => outcomes.both(change.at(index), UNKNOWN),
        }),
      ),
    ),
  };
}

const everything: Passing = { isOpen: true, at: () => EVERYTHING, base: EVERYTHING, others: [], changes: [] };

/** Whether nothing stands on the way. */
function isOpen({ state, version, translates }: Program, way: Way): boolean {
  if (translates) return false;
  const hooks = hooksOn[way];
  for (let i = 0; i < hooks.length; i++) if (!hasNoChain(hookOrder(state, hooks[i] as Hook, version))) return false;
  return deviceChains(state, 'ingress', null).length + deviceChains(state, 'egress', null).length === 0;
}

const nothing: Passing = { isOpen: false, at: () => NOTHING, base: NOTHING, others: [], changes: [] };

/** One way, by one pair of devices. */
interface Passage {
  readonly way: Way;
  readonly iif: string | null;
  readonly oif: string | null;
}

export type Table = Passage & Rows;

function tableIn<T extends Passage>(tables: readonly T[], way: Way, iif: string | null, oif: string | null): T | undefined {
  for (let i = 0; i < tables.length; i++) {
    const one = tables[i] as T;
    if (one.way === way && one.iif === iif && one.oif === oif) return one;
  }
  return undefined;
}

/** What gets through by source. */
interface Rows {
  readonly known: ReadonlyMap<AddressNumber, Passing>;
  passing(source: Address): Passing;
}

function without(known: ReadonlyMap<AddressNumber, Passing>, some: Ranges): ReadonlyMap<AddressNumber, Passing> {
  return new Map([...known].filter(([source]) => !holds(some, source)));
}

function newTable(filter: Filter, targets: readonly Target[], before?: ReadonlyMap<AddressNumber, Passing>): Rows {
  let classes: Classes | null = null;
  const known = new Map<AddressNumber, Passing>(before ?? []);
  const byClass = new Map<number, Passing>();
  return {
    known,
    passing({ value }) {
      let passing = known.get(value);
      if (passing) return passing;
      const key = filter.program.classOf(value);
      passing = byClass.get(key);
      if (!passing) {
        classes ??= new Classes(filter, targets);
        passing = new PassingOfClasses(filter.row(value), classes);
        byClass.set(key, passing);
      }
      known.set(value, passing);
      return passing;
    },
  };
}

/** Which class each target is of. A class, as those below are: every host has some, and closures of thousands of hosts take their time. */
class Classes {
  readonly #classes: Int32Array;
  readonly #targets: readonly Target[];
  /** All targets there are stand at their index; a host's own are few. */
  readonly #isAll: boolean;

  constructor({ classes }: Filter, targets: readonly Target[]) {
    this.#classes = classes;
    this.#targets = targets;
    this.#isAll = targets[targets.length - 1]?.index === targets.length - 1;
  }

  of(index: number): number {
    return this.#classes[this.#isAll ? index : placeOf(this.#targets, index)] ?? -1;
  }

  /** The targets of some classes, ascending. */
  targetsOf(some: readonly number[]): readonly number[] {
    const found: number[] = [];
    for (let k = 0; k < some.length; k++) {
      const one = some[k] as number;
      // those of one class stand together, as their addresses do
      for (let i = firstFrom(this.#classes, one); this.#classes[i] === one; i++) found.push((this.#targets[i] as Target).index);
    }
    return found;
  }
}

function placeOf(targets: readonly Target[], index: number): number {
  for (let i = 0; i < targets.length; i++) if (targets[i]?.index === index) return i;
  return -1;
}

class OfClasses implements ByTarget {
  readonly #outcomes: ClassOutcomes;
  readonly #classes: Classes;
  readonly base: OutcomeId;
  readonly others: readonly number[];

  constructor(outcomes: ClassOutcomes, classes: Classes) {
    this.#outcomes = outcomes;
    this.#classes = classes;
    this.base = outcomes.base;
    this.others = outcomes.classes.length === 0 ? none : classes.targetsOf(outcomes.classes);
  }

  at(index: number): OutcomeId {
    return outcomeOfClass(this.#outcomes, this.#classes.of(index));
  }
}

const none: readonly never[] = [];

class PassingOfClasses extends OfClasses implements Passing {
  readonly isOpen = false;
  readonly changes: readonly ChangedPassing[];

  constructor({ asSent, changes }: FilterRow, classes: Classes) {
    super(asSent, classes);
    this.changes = changes.length === 0 ? none : changes.map((change) => new ChangedPassingOfClasses(change, classes));
  }
}

class ChangedPassingOfClasses extends OfClasses implements ChangedPassing {
  readonly translation: Translation;

  constructor({ translation, outcomes }: ChangedRow, classes: Classes) {
    super(outcomes, classes);
    this.translation = translation;
  }
}
