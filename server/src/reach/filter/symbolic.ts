// A packet of which some fields stand for all values they may have: what rules look at in place of numbers.

import type { Address } from '../../net/address.ts';
import type { Bits } from '../walk/bits.ts';
import { exactly } from '../walk/bits.ts';
import type { MasqueradeAs } from '../walk/operands.ts';
import type { ConnectionState, Packet, Registers } from '../walk/packet.ts';
import { type Route, registersOf, type Way } from '../walk/walk.ts';

/** Known by what they are, not by what they hold: nothing of them is known. */
export const SOURCE: Bits = { value: 0n, known: 0n };
export const DESTINATION: Bits = { value: 0n, known: 0n };
/** The port of the service: where an opening packet goes to, and where an answer comes from. */
export const PORT: Bits = { value: 0n, known: 0n };
export const TYPE: Bits = { value: 0n, known: 0n };

/** To where the service is; back from it through a host that saw the connection open; or back through one that did not. */
export type Direction = 'opening' | 'answer' | 'stray';

/** All that is the same of every packet that is looked at together. */
export interface Situation {
  readonly version: 4 | 6;
  readonly way: Way;
  /** null where it is not known, or there is none. */
  readonly iif: string | null;
  readonly oif: string | null;
  readonly direction: Direction;
  /** null where it is not known. */
  readonly state: ConnectionState | null;
  /** The port at the other end; null where it is not known. */
  readonly port: number | null;
  /** What it takes to follow packets that rules change; null where they do not. */
  readonly translating: Translating | null;
}

/** What a host makes of packets whose addresses rules change. */
export interface Translating {
  /** Another one for another host, or for other routes. */
  readonly key: string;
  readonly masqueradeAs: MasqueradeAs;
  /** Where it redirects to; null where that is not known. */
  readonly redirectTo: Address | null;
  /** null where it is not known. */
  routeOf(destination: Address): Route | null;
}

export function situationKey({ version, way, iif, oif, direction, state, port, translating }: Situation): string {
  return `${version} ${way} ${iif ?? ''}/${oif ?? ''} ${direction} ${state} ${port} ${translating?.key ?? ''}`;
}

const SYN = 2;
const SYN_ACK = 18;
const TCP = 6;
const ICMP = 1;
const ICMPV6 = 58;

/** A packet of the protocol; its addresses and the service's port stand for all there are. */
export function symbolicPacket({ version, iif, oif, direction, state, port }: Situation, protocol: number): Packet {
  const nobody = version === 4 ? ({ version, value: 0 } as const) : ({ version, value: 0n } as const);
  return {
    source: nobody,
    destination: nobody,
    protocol,
    sourcePort: direction === 'opening' ? port : null,
    destinationPort: direction === 'opening' ? null : port,
    tcpFlags: protocol === TCP ? (direction === 'opening' ? SYN : SYN_ACK) : null,
    icmpType: null,
    icmpCode: protocol === ICMP || protocol === ICMPV6 ? 0 : null,
    iif,
    oif,
    mark: 0,
    state,
    // what opened the connection was not translated, or nothing is known of the answer anyway
    translation: null,
    linkLayer: false,
  };
}

export function symbolicRegisters(situation: Situation): Registers {
  const plain = registersOf(symbolicPacket(situation, 0), situation.way);
  const sourcePort = situation.direction === 'opening' ? plain.sourcePort : PORT;
  const destinationPort = situation.direction === 'opening' ? PORT : plain.destinationPort;
  return {
    ...plain,
    source: SOURCE,
    destination: DESTINATION,
    sourcePort,
    destinationPort,
    icmpType: TYPE,
    firstSource: SOURCE,
    firstDestination: DESTINATION,
    firstSourcePort: sourcePort,
    firstDestinationPort: destinationPort,
  };
}

const symbols: ReadonlyMap<Bits, string> = new Map([
  [SOURCE, 'source'],
  [DESTINATION, 'destination'],
  [PORT, 'port'],
  [TYPE, 'type'],
]);

/** One object for equal registers. */
export function canonicalRegisters(known: Map<string, Registers>, registers: Registers): Registers {
  const key = Object.values(registers)
    .map((bits: Bits) => symbols.get(bits) ?? `${bits.value}/${bits.known === allKnown ? '' : bits.known}`)
    .join(' ');
  const found = known.get(key);
  if (found) return found;
  known.set(key, registers);
  return registers;
}

const allKnown = exactly(0n).known;
