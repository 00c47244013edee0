// Whether one host reaches an address with one service, and by which lines: honest, with an answer; or taken by somebody.
import type { Host, MeshModel } from '../../mesh/model.ts';
import { type Address, addressText } from '../../net/address.ts';
import { exchange } from './exchange.ts';
import { hostOrigin } from './origins.ts';
import type { End, Hop, Sent, Travelled } from './progress.ts';
import { sourceFor } from './source.ts';
import { travelTaken } from './travel.ts';

export type View = 'access' | 'blast-radius';

export interface Question {
  readonly from: Host;
  /** null for the address that it would send from. */
  readonly source: Address | null;
  readonly to: Address;
  readonly protocol: number;
  /** null where the protocol has none. */
  readonly port: number | null;
  readonly view: View;
  /** Of protocols with ports; left out, one that Linux takes for connections it opens. */
  readonly sourcePort?: number;
}

export interface Answer {
  readonly answer: 'yes' | 'no' | 'unknown';
  readonly hops: readonly Hop[];
  /** Of access that is given: whether no answer comes back; null where that is not known, or there is none to wait for. */
  readonly oneWay: boolean | null;
  readonly witness: Sent | null;
  /** Where it ends, and as what, if it comes through. */
  readonly end: End | null;
}

/** Of the ports that Linux takes for connections it opens. */
const EPHEMERAL = 49152;

export function why(model: MeshModel, { from, source, to, protocol, port, view, sourcePort = EPHEMERAL }: Question): Answer {
  const chosen = source ?? sourceFor(from, to);
  const own = chosen ?? sourceOf(from, to);
  if (!own) {
    const says = `${from.name} has no address to send to ${addressText(to)} from`;
    return { answer: 'no', hops: [{ at: hostOrigin(from), says }], oneWay: null, witness: null, end: null };
  }
  const isIcmp = protocol === 1 || protocol === 58;
  const sent: Sent = {
    source: own,
    // by a way that no file tells it has an address that no file tells
    ...(chosen || view === 'blast-radius' ? {} : { sourceKnown: false }),
    destination: to,
    protocol,
    sourcePort: port === null ? null : sourcePort,
    destinationPort: port,
    tcpFlags: protocol === 6 ? 2 : null,
    icmpType: protocol === 1 ? 8 : protocol === 58 ? 128 : null,
    icmpCode: isIcmp ? 0 : null,
    state: 'new',
  };
  if (view === 'blast-radius') return { ...shown(travelTaken(model, from, sent)), oneWay: null, witness: sent };
  const { there, back, oneWay } = exchange(model, from, sent);
  const reply = back?.hops.map(({ at, says }) => ({ at, says: `answer: ${says}` })) ?? [];
  return { ...shown(there), hops: [...there.hops, ...reply], oneWay, witness: sent };
}

function shown({ answer, hops, end }: Travelled): Pick<Answer, 'answer' | 'hops' | 'end'> {
  return { answer, hops, end };
}

/** The one that it sends from by its routes, else its first address of the version. */
export function sourceOf(host: Host, to: Address): Address | null {
  return sourceFor(host, to) ?? firstAddress(host, to.version);
}

/** The first one of a version that its files name. */
export function firstAddress({ interfaces }: Host, version: 4 | 6): Address | null {
  for (const { addresses } of interfaces) for (const address of addresses) if (address.version === version) return address;
  return null;
}
