// The packet that stands for a service, and the one that answers it.
import type { Address } from '../../net/address.ts';
import { portProtocols } from '../services.ts';
import { answeringType, openingState } from '../walk/conntrack.ts';
import type { Sent } from '../way/progress.ts';
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
