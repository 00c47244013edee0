// What a host's ruleset lets through on one of the three ways, for any source and destination.
import { joined } from '../../net/intervals.ts';
import type { RulesetState } from '../../nftables/ruleset/state.ts';
import { type ServiceNumbers, serviceDomain } from '../matrix/service-set.ts';
import type { ConnectionState } from '../walk/packet.ts';
import type { Way } from '../walk/walk.ts';
import { type Carrier, newCarrier, redraw } from './carrier.ts';
import { carry } from './carry.ts';
import { NOTHING, type OutcomeId } from './outcome.ts';
import { atomOf, type Program, programOf } from './program.ts';
import type { AddressNumber } from './ranges.ts';
import type { Workshop } from './workshop.ts';

/** Which packets are looked at, and where. */
export interface FilterQuestion {
  readonly version: 4 | 6;
  readonly way: Way;
  /** null where it is not known, or there is none. */
  readonly iif: string | null;
  readonly oif: string | null;
  readonly direction: 'opening' | 'answer';
  /** What conntrack makes of them: those of each state are other services. */
  readonly states: readonly ConnectionState[];
  /** The port at the other end. */
  readonly port: number | null;
}

export interface Filter {
  readonly program: Program;
  /** The class of a destination among those that the filter was made for; -1 for others. */
  classOf(destination: AddressNumber): number;
  /** What gets through from a source, an `OutcomeId` for each class of destinations; the same array for sources that no rule tells apart. */
  row(source: AddressNumber): Int32Array;
}

/** The filter for packets to some of `destinations`. */
export function filterOf(
  state: RulesetState,
  question: FilterQuestion,
  destinations: readonly AddressNumber[],
  workshop: Workshop,
): Filter {
  const { states, ...rest } = question;
  const program = programOf(state, question.version);
  const { cuts } = program;
  const atoms = [...new Set(destinations.map((destination) => atomOf(cuts, destination)))].sort((a, b) => a - b);
  const classes = new Map(atoms.map((atom, i) => [atom, i]));
  const carriers = states.map((one) => newCarrier(program, workshop.bench({ ...rest, state: one }), atoms));
  const rows = new Map<number, Int32Array>();
  return {
    program,
    classOf: (destination) => classes.get(atomOf(cuts, destination)) ?? -1,
    row(source) {
      const atom = atomOf(cuts, source);
      let row = rows.get(atom);
      if (!row) {
        row = carriers
          .map((carrier) => carriedRow(carrier, atom, workshop))
          .reduce((a, b) => a.map((id, i) => workshop.outcomes.either(id, b[i] ?? NOTHING)));
        rows.set(atom, row);
      }
      return row;
    },
  };
}

function carriedRow(carrier: Carrier, source: number, { outcomes }: Workshop): Int32Array {
  let carried = carry(carrier, source);
  while (carrier.isStale) {
    redraw(carrier);
    carried = carry(carrier, source);
  }
  const { sets, lines, classes } = carrier;
  const { words } = lines;
  const ids: OutcomeId[] = [];
  const { accepted, changed, dropped } = carried;
  for (let block = 0; block < sets.blocks; block++) {
    const allowed: number[] = [];
    const possible: number[] = [];
    for (let at = block * words; at < (block + 1) * words; at++) {
      const through = accepted.bits[at] ?? 0;
      const others = changed.bits[at] ?? 0;
      allowed.push(through & ~(others | (dropped.bits[at] ?? 0)));
      possible.push(through | others);
    }
    const key = `${allowed.join(' ')}/${possible.join(' ')}`;
    let id = carrier.outcomes.get(key);
    if (id === undefined) {
      id = outcomes.id(servicesIn(allowed, lines.atoms), servicesIn(possible, lines.atoms));
      carrier.outcomes.set(key, id);
    }
    ids.push(id);
  }
  const row = new Int32Array(classes.length).fill(ids[0] ?? NOTHING);
  for (const one of sets.alone) row[one] = ids[sets.blockOf[one] as number] ?? NOTHING;
  return row;
}

function servicesIn(bits: readonly number[], atoms: readonly ServiceNumbers[]): ServiceNumbers {
  return joined(
    atoms.flatMap((services, atom) => (((bits[atom >>> 5] as number) >>> (atom & 31)) & 1 ? services : [])),
    serviceDomain,
  );
}
