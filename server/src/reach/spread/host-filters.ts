// A host's ruleset as packets of one kind meet it, by the interfaces they come and leave by.

import type { Host } from '../../mesh/model.ts';
import type { Address } from '../../net/address.ts';
import type { RulesetState } from '../../nftables/ruleset/state.ts';
import { type Filter, type FilterRow, filterOf } from '../filter/filter.ts';
import { type OutcomeId, UNKNOWN } from '../filter/outcome.ts';
import { type Program, programOf } from '../filter/program.ts';
import type { AddressNumber } from '../filter/ranges.ts';
import type { Direction, Translating } from '../filter/symbolic.ts';
import type { Translation } from '../filter/translation.ts';
import type { Workshop } from '../filter/workshop.ts';
import type { ConnectionState } from '../walk/packet.ts';
import type { Way } from '../walk/walk.ts';
import { otherDevices } from '../way/device-names.ts';
import { partsOf, type Sources } from './sources.ts';
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

/** What gets through of the sources of one class, for each target. */
export interface Passing {
  at(target: Target): OutcomeId;
  /** What comes out as something else. */
  readonly changes: readonly ChangedPassing[];
}

export interface ChangedPassing {
  readonly translation: Translation;
  at(target: Target): OutcomeId;
}

export interface HostFilters {
  readonly program: Program;
  /** Sources that the ruleset does not tell apart. */
  parts(sources: Sources): readonly Sources[];
  /** A name that is undefined is one of a device that no file names. */
  passing(way: Way, iif: string | null | undefined, oif: string | null | undefined, source: Address): Passing;
}

/** `targets` are all there are, `own` those that are the host's. */
export function hostFilters(
  state: RulesetState,
  traffic: Traffic,
  host: Host,
  targets: readonly Target[],
  own: readonly Target[],
  translatingAt: TranslatingAt,
  workshop: Workshop,
): HostFilters {
  const names = host.interfaces.map(({ name }) => name);
  const program = programOf(state, traffic.version);
  const filters = new Map<string, Table>();
  const table = (way: Way, iif: string | null, oif: string | null): Table => {
    const key = `${way} ${iif ?? ''}/${oif ?? ''}`;
    let found = filters.get(key);
    if (!found) {
      const asked = way === 'input' ? own : targets;
      const addresses = asked.map(({ address }) => address.value);
      found = newTable(
        filterOf(state, { ...traffic, way, iif, oif, translating: program.translates ? translatingAt(iif) : null }, addresses, workshop),
        asked,
      );
      filters.set(key, found);
    }
    return found;
  };
  const { outcomes } = workshop;
  return {
    program,
    parts: (sources) =>
      sources.isOne ? [sources] : partsOf(sources, program.cuts, (first) => program.classOf(first.value)).map((part) => part.sources),
    passing(way, iif, oif, source) {
      if (iif !== undefined && oif !== undefined) return table(way, iif, oif).passing(source.value);
      // every name counts that a rule asks for, and one that none asks for
      const others = otherDevices(state, names);
      const [ins, outs] = [iif === undefined ? others : [iif], oif === undefined ? others : [oif]];
      const all = ins.flatMap((one) => outs.map((other) => table(way, one, other).passing(source.value)));
      const changes = all.flatMap((one) =>
        one.changes.map((change): ChangedPassing => ({ ...change, at: (target) => outcomes.both(change.at(target), UNKNOWN) })),
      );
      return {
        changes: all.length === 1 ? (all[0] as Passing).changes : changes,
        at: (target) => all.slice(1).reduce((sum, one) => outcomes.oneOf(sum, one.at(target)), (all[0] as Passing).at(target)),
      };
    },
  };
}

interface Table {
  passing(source: AddressNumber): Passing;
}

function newTable(filter: Filter, targets: readonly Target[]): Table {
  const classes: number[] = [];
  for (const { index, address } of targets) classes[index] = filter.classOf(address.value);
  const known = new Map<number, Passing>();
  return {
    passing(source) {
      const key = filter.program.classOf(source);
      let passing = known.get(key);
      if (!passing) {
        passing = passingIn(filter.row(source), classes);
        known.set(key, passing);
      }
      return passing;
    },
  };
}

function passingIn({ asSent, changes }: FilterRow, classes: readonly number[]): Passing {
  const of =
    (outcomes: Int32Array) =>
    ({ index }: Target): OutcomeId =>
      outcomes[classes[index] as number] as OutcomeId;
  return { at: of(asSent), changes: changes.map(({ translation, outcomes }) => ({ translation, at: of(outcomes) })) };
}
