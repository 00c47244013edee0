// The ways of packets through a ruleset's filter chains, as far as the ruleset alone tells them.
import type { NftablesFacts } from '../../nftables/facts.ts';
import { type Box, everything, intersectedBox, isEmptyBox, State } from '../../reach/box.ts';
import { type ReadChain, readChains, withTrait } from '../../reach/chains.ts';
import { type Arm, type Reading, Trait } from '../../reach/reading.ts';
import { none } from '../../text/statement.ts';
import type { Hook } from './host-filter.ts';

/** A way through a rule, with what may take it. */
export interface Passing {
  readonly statement: number;
  readonly reading: Reading;
  readonly arm: Arm;
  readonly boxes: readonly Box[];
  readonly hook: Hook;
}

/** How a chain is reached from the hooks: what may come to it. Null where that is not known. */
interface Entrance {
  readonly hook: Hook;
  readonly boxes: readonly Box[];
}

const MOST_ENTRANCES = 16;

const entrances = new WeakMap<NftablesFacts, ReadonlyMap<ReadChain, readonly Entrance[]>>();

/** By chain, from where packets of input and forward come to it. */
function entrancesOf(facts: NftablesFacts): ReadonlyMap<ReadChain, readonly Entrance[]> {
  let result = entrances.get(facts);
  if (!result) {
    result = entrancesIn(readChains(facts));
    entrances.set(facts, result);
  }
  return result;
}

function entrancesIn(chains: readonly ReadChain[]): ReadonlyMap<ReadChain, readonly Entrance[]> {
  const found = new Map<ReadChain, Entrance[]>();
  const byName = new Map(chains.map((read) => [nameOf(read.chain.family, read.chain.table, read.chain.name), read]));
  const open: ReadChain[] = [];
  for (const read of chains) {
    const hook = read.chain.base?.hook;
    if ((hook === 'input' || hook === 'forward') && read.chain.base?.type === 'filter') {
      found.set(read, [{ hook, boxes: [everything] }]);
      open.push(read);
    }
  }
  for (let steps = 0; steps < chains.length * MOST_ENTRANCES && open.length > 0; steps++) {
    const read = open.shift() as ReadChain;
    for (const index of withTrait(read, Trait.jumps)) {
      for (const { outcome, target, may } of (read.readings[index] as Reading).arms) {
        if (outcome !== 'jump' && outcome !== 'goto') continue;
        const next = byName.get(nameOf(read.chain.family, read.chain.table, target ?? ''));
        if (!next || next === read || next.chain.base) continue;
        const known = found.get(next) ?? [];
        if (known.length >= MOST_ENTRANCES) continue;
        for (const { hook, boxes } of found.get(read) ?? []) {
          const narrowed = both(may, boxes);
          if (narrowed.length > 0 && narrowed.length <= MOST_ENTRANCES) known.push({ hook, boxes: narrowed });
        }
        found.set(next, known);
        open.push(next);
      }
    }
  }
  return found;
}

function nameOf(family: string, table: string, name: string): string {
  return `${family} ${table} ${name}`;
}

function both(a: readonly Box[], b: readonly Box[]): readonly Box[] {
  const result: Box[] = [];
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j < b.length; j++) {
      const box = intersectedBox(a[i] as Box, b[j] as Box);
      if (!isEmptyBox(box)) result.push(box);
    }
  }
  return result.length === 0 ? none : result;
}

/** The ways that may let a packet of input or forward through that opens a connection: those through wide rules, and all of them. */
interface Passings {
  readonly wide: readonly Passing[];
  /** As many as somebody asked for until now: there are as many as rules, and mostly the first thousands answer. */
  readonly all: Passing[];
  readonly rest: Iterator<Passing>;
}

const known = new WeakMap<NftablesFacts, Passings>();

function passingsOf(facts: NftablesFacts): Passings {
  let found = known.get(facts);
  if (!found) {
    found = {
      wide: [...collected(facts, (read) => withTrait(read, Trait.wide))],
      all: [],
      rest: collected(facts, ({ readings }) => readings.keys()),
    };
    known.set(facts, found);
  }
  return found;
}

/** The ways through wide rules; kept with the facts, whoever's ruleset it is. */
export function widePassings(facts: NftablesFacts): readonly Passing[] {
  return passingsOf(facts).wide;
}

/** One of all ways, counted from 0; undefined behind the last one. */
export function passingAt(facts: NftablesFacts, index: number): Passing | undefined {
  const { all, rest } = passingsOf(facts);
  while (all.length <= index) {
    const next = rest.next();
    if (next.done) return undefined;
    all.push(next.value);
  }
  return all[index];
}

function* collected(facts: NftablesFacts, some: (read: ReadChain) => Iterable<number>): Generator<Passing, undefined> {
  for (const [read, ways] of entrancesOf(facts)) {
    for (const i of some(read)) {
      const reading = read.readings[i] as Reading;
      for (const arm of reading.arms) {
        if (arm.outcome !== 'accept') continue;
        for (const { hook, boxes } of ways) {
          const passing = opening(read.chain.base ? arm.may : both(arm.may, boxes));
          if (passing.length > 0) yield { statement: read.chain.rules[i] as number, reading, arm, boxes: passing, hook };
        }
      }
    }
  }
  return undefined;
}

/** The boxes of packets that open a connection. */
function opening(boxes: readonly Box[]): readonly Box[] {
  const opens = ({ states }: Box): boolean => (states & State.new) !== 0;
  return boxes.every(opens) ? boxes : boxes.filter(opens);
}

/** Whether what a chain at a hook decides can be read through: no arm is unknown in it or behind it. */
export function isReadable(facts: NftablesFacts): boolean {
  return [...entrancesOf(facts).keys()].every(({ traits }) => (traits & Trait.unknown) === 0);
}
