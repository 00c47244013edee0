// The packet that stands for a service, and the one that answers it.
import type { Address } from '../../net/address.ts';
import { portProtocols } from '../services.ts';
import { openingState } from '../walk/conntrack.ts';
import type { Sent } from '../way/travel.ts';
import { type ServiceNumber, serviceProtocol, serviceValue } from './service-set.ts';

/** Of the ports that Linux takes for connections it opens. */
export const EPHEMERAL = 49152;

const SYN = 2;
const SYN_ACK = 18;
const TCP = 6;
const ICMP = 1;
const ICMPV6 = 58;

const ports: ReadonlySet<number> = new Set(portProtocols);

/** The first packet of a connection, or an ICMP message by itself. */
export function openingPacket(source: Address, destination: Address, service: ServiceNumber, sourcePort = EPHEMERAL): Sent {
  const protocol = serviceProtocol(service);
  const value = serviceValue(service);
  const isIcmp = protocol === ICMP || protocol === ICMPV6;
  return {
    source,
    destination,
    protocol,
    sourcePort: ports.has(protocol) ? sourcePort : null,
    destinationPort: ports.has(protocol) ? value : null,
    tcpFlags: protocol === TCP ? SYN : null,
    icmpType: isIcmp ? value : null,
    icmpCode: isIcmp ? 0 : null,
    state: isIcmp ? openingState({ protocol, tcpFlags: null, icmpType: value }) : 'new',
  };
}

/** The type that answers a request (nf_conntrack_proto_icmp.c, invmap; nf_conntrack_proto_icmpv6.c, invmap). */
const answers: Readonly<Record<string, number>> = { '1 8': 0, '1 13': 14, '1 15': 16, '1 17': 18, '58 128': 129, '58 139': 140 };

/** The ICMP type that answers one; null where none does. */
export function answeringType(protocol: number, type: number): number | null {
  return answers[`${protocol} ${type}`] ?? null;
}

/** Null where nothing answers. */
export function answeringPacket(sent: Sent): Sent | null {
  const { protocol, icmpType } = sent;
  const type = icmpType === null ? null : answeringType(protocol, icmpType);
  if (icmpType !== null && type === null) return null;
  return {
    ...sent,
    source: sent.destination,
    destination: sent.source,
    sourcePort: sent.destinationPort,
    destinationPort: sent.sourcePort,
    tcpFlags: protocol === TCP ? SYN_ACK : null,
    icmpType: type,
    state: 'established',
  };
}
