// Whether one host reaches an address with one service, and by which lines: honest, with an answer; or taken by somebody.
import type { Host, MeshModel } from '../../mesh/model.ts';
import { type Address, addressText } from '../../net/address.ts';
import { ownInterface } from './cryptokey.ts';
import { type Hop, type Sent, travel, travelTaken } from './travel.ts';

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
}

export interface Answer {
  readonly answer: 'yes' | 'no' | 'unknown';
  readonly hops: readonly Hop[];
  /** Of access that is given: whether no answer comes back. */
  readonly oneWay: boolean | null;
  readonly witness: Sent | null;
}

/** Of the ports that Linux takes for connections it opens. */
const EPHEMERAL = 49152;

export function why(model: MeshModel, { from, source, to, protocol, port, view }: Question): Answer {
  const own = source ?? sourceOf(from, to);
  if (!own)
    return {
      answer: 'no',
      hops: [{ at: null, says: `${from.name} has no address to send to ${addressText(to)} from` }],
      oneWay: null,
      witness: null,
    };
  const isIcmp = protocol === 1 || protocol === 58;
  const sent: Sent = {
    source: own,
    destination: to,
    protocol,
    sourcePort: port === null ? null : EPHEMERAL,
    destinationPort: port,
    tcpFlags: protocol === 6 ? 2 : null,
    icmpType: protocol === 1 ? 8 : protocol === 58 ? 128 : null,
    icmpCode: isIcmp ? 0 : null,
    state: 'new',
  };
  if (view === 'blast-radius') return { ...travelTaken(model, from, sent), oneWay: null, witness: sent };
  const there = travel(model, from, sent);
  if (there.answer !== 'yes') return { ...there, oneWay: null, witness: sent };
  const target = model.links.hosts.find((host) => host !== from && ownInterface(host, to));
  if (!target) return { ...there, oneWay: null, witness: sent };
  const back = travel(model, target, {
    ...sent,
    source: to,
    destination: own,
    sourcePort: sent.destinationPort,
    destinationPort: sent.sourcePort,
    tcpFlags: protocol === 6 ? 18 : null,
    icmpType: protocol === 1 ? 0 : protocol === 58 ? 129 : null,
    state: 'established',
  });
  const reply = back.hops.map(({ at, says }) => ({ at, says: `answer: ${says}` }));
  return { answer: 'yes', hops: [...there.hops, ...reply], oneWay: back.answer === 'unknown' ? null : back.answer === 'no', witness: sent };
}

/** Its first address of the version. */
export function sourceOf(host: Host, to: Address): Address | null {
  return host.interfaces.flatMap(({ addresses }) => addresses).find(({ version }) => version === to.version) ?? null;
}
