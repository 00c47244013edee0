// What the walker says of packets beside what the kernel did with them.
import { type Address, addressText } from '../../server/src/net/address.ts';
import type { RulesetState } from '../../server/src/nftables/ruleset/state.ts';
import { numberIn } from '../../server/src/reach/walk/bits.ts';
import { openingState } from '../../server/src/reach/walk/conntrack.ts';
import type { Packet, Translated } from '../../server/src/reach/walk/packet.ts';
import { type Walk, type Way, walk } from '../../server/src/reach/walk/walk.ts';
import type { End, SentPacket } from '../../test/kernel/support/packets.ts';
import { addressOf, routeOf } from './network.ts';

export interface Compared {
  readonly packet: SentPacket;
  /** Whether it is the answer to the packet. */
  readonly isAnswer: boolean;
  readonly walked: Walk;
  readonly end: string;
  /** What is wrong; null where nothing is. */
  readonly wrong: string | null;
}

export function compare(state: RulesetState, packet: SentPacket, end: End): readonly Compared[] {
  const first = packetOf(packet);
  const walked = walk(wayOf(first, packet.from), state, first, { routeOf });
  const compared: Compared[] = [{ packet, isAnswer: false, walked, end: end.to, wrong: wrongIn(walked, end.to, first, end.bytes) }];
  if (end.answerTo === null) return compared;
  const answer = answerOf(first, walked, end);
  const back = walk(wayOf(answer, end.to), state, answer, { routeOf });
  compared.push({ packet, isAnswer: true, walked: back, end: end.answerTo, wrong: wrongIn(back, end.answerTo, answer, '') });
  return compared;
}

function wayOf({ destination }: Packet, from: string): Way {
  if (from === '') return 'output';
  return routeOf(destination).to === 'here' ? 'input' : 'forward';
}

function outTo(destination: Address): string | null {
  const route = routeOf(destination);
  return route.to === 'interface' ? route.name : null;
}

export function packetOf(sent: SentPacket): Packet {
  const { protocol, tcpFlags, icmpType, icmpCode } = sent;
  const destination = addressOf(sent.destination);
  return {
    source: addressOf(sent.source),
    destination,
    protocol,
    sourcePort: sent.destinationPort === null ? null : sent.sourcePort,
    destinationPort: sent.destinationPort,
    tcpFlags,
    icmpType,
    icmpCode,
    iif: sent.from === '' ? null : sent.from,
    oif: outTo(destination),
    mark: 0,
    state: openingState(sent),
    ttl: 64,
    dscp: sent.dscp,
    linkLayer: false,
    ...(sent.extension === undefined ? {} : { nextHeader: sent.extension }),
  };
}

function wrongIn({ verdict, after }: Walk, to: string, packet: Packet, bytes: string): string | null {
  if (verdict === 'accept' && to === '') return 'we say accept, and the kernel dropped it';
  if (verdict === 'drop' && to !== '') return `we say drop, and it came to ${to}`;
  if (verdict === 'other') return 'we say that it goes another way';
  if (verdict !== 'accept' || !after || to === 'local' || bytes === '') return null;
  const seen = endsOf(bytes);
  const width = packet.source.version === 4 ? 32 : 128;
  for (const name of ['source', 'destination'] as const) {
    const ours = numberIn(after[name], width);
    if (ours !== null && ours !== BigInt(seen[name].value)) return `its ${name} became ${addressText(seen[name])}`;
  }
  const dscp = numberIn(after.dscp, 6);
  if (dscp !== null && Number(dscp) !== seen.dscp) return `its dscp became ${seen.dscp}`;
  // behind an extension header the ports stand elsewhere
  if (packet.destinationPort === null || packet.nextHeader !== undefined) return null;
  for (const name of ['sourcePort', 'destinationPort'] as const) {
    const ours = numberIn(after[name], 16);
    if (ours !== null && Number(ours) !== seen[name]) return `its ${name} became ${seen[name]}`;
  }
  return null;
}

interface Ends {
  readonly source: Address;
  readonly destination: Address;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly dscp: number;
}

function endsOf(hex: string): Ends {
  const bytes = Buffer.from(hex, 'hex');
  if ((bytes[0] as number) >> 4 === 4) {
    return {
      source: { version: 4, value: bytes.readUInt32BE(12) },
      destination: { version: 4, value: bytes.readUInt32BE(16) },
      sourcePort: bytes.readUInt16BE(20),
      destinationPort: bytes.readUInt16BE(22),
      dscp: (bytes[1] as number) >> 2,
    };
  }
  const at = (offset: number): Address => ({ version: 6, value: BigInt(`0x${bytes.toString('hex', offset, offset + 16)}`) });
  return {
    source: at(8),
    destination: at(24),
    sourcePort: bytes.readUInt16BE(40),
    destinationPort: bytes.readUInt16BE(42),
    dscp: (bytes.readUInt16BE(0) >> 6) & 63,
  };
}

/** The answer as the helper makes it, from the packet as it came out. */
function answerOf(first: Packet, walked: Walk, end: End): Packet {
  const seen = endsOf(end.bytes);
  const hasPorts = first.destinationPort !== null;
  const tcpFlags = first.tcpFlags === null ? null : 0x12;
  const icmpType = first.protocol === 1 ? 0 : first.protocol === 58 ? 129 : null;
  const changed = (now: Address, then: Address, nowPort: number, thenPort: number | null): Translated | null =>
    now.value === then.value && (!hasPorts || nowPort === thenPort) ? null : { address: then, port: hasPorts ? thenPort : null };
  const isTracked = walked.after && numberIn(walked.after.tracked, 1);
  return {
    ...first,
    source: seen.destination,
    destination: seen.source,
    sourcePort: hasPorts ? seen.destinationPort : null,
    destinationPort: hasPorts ? seen.sourcePort : null,
    tcpFlags,
    icmpType,
    iif: end.to,
    oif: outTo(seen.source),
    mark: 0,
    state: stateOfAnswer(isTracked, { protocol: first.protocol, tcpFlags, icmpType }),
    translation: {
      destination: changed(seen.source, first.source, seen.sourcePort, first.sourcePort),
      source: changed(seen.destination, first.destination, seen.destinationPort, first.destinationPort),
    },
    dscp: seen.dscp,
  };
}

function stateOfAnswer(isTracked: bigint | null | undefined, opening: Parameters<typeof openingState>[0]): Packet['state'] {
  if (isTracked === 1n) return 'established';
  return isTracked === 0n ? openingState(opening) : null;
}
