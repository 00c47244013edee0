// What conntrack makes of a packet that belongs to no connection it knows.
import type { ConnectionState } from './packet.ts';

const FIN = 1;
const SYN = 2;
const RST = 4;
const ACK = 16;
const URG = 32;

/** Flags that TCP may have together, but for ecn, cwr and psh, which go with any (nf_conntrack_proto_tcp.c, tcp_valid_flags). */
const validFlags = new Set([SYN, SYN | URG, SYN | ACK, RST, RST | ACK, FIN | ACK, FIN | ACK | URG, ACK, ACK | URG]);

/** ICMP requests (nf_conntrack_proto_icmp.c, valid_new). */
const icmpRequests = new Set([8, 13, 15, 17]);
/** Echo and node information (nf_conntrack_proto_icmpv6.c, valid_new). */
const icmpv6Requests = new Set([128, 139]);
/** Neighbour discovery and multicast listening are kept from conntrack (nf_conntrack_proto_icmpv6.c, noct_valid_new). */
const untrackedTypes = new Set([130, 131, 132, 133, 134, 135, 136, 143]);

interface Opening {
  readonly protocol: number;
  readonly tcpFlags: number | null;
  readonly icmpType: number | null;
}

/** The state of a packet that opens a connection, or seems to; null where its flags or type are not known. */
export function openingState({ protocol, tcpFlags, icmpType }: Opening): ConnectionState | null {
  switch (protocol) {
    case 6: {
      if (tcpFlags === null) return null;
      const flags = tcpFlags & 0x37;
      if (!validFlags.has(flags)) return 'invalid';
      // a stray ACK is taken for a connection that is there already, unless nf_conntrack_tcp_loose is 0 (tcp_new)
      return flags & (RST | FIN) || (flags & SYN && flags & ACK) ? 'invalid' : 'new';
    }
    case 1:
      return icmpType === null ? null : icmpRequests.has(icmpType) ? 'new' : 'invalid';
    case 58:
      if (icmpType === null) return null;
      if (isUntracked(protocol, icmpType)) return 'untracked';
      return icmpv6Requests.has(icmpType) ? 'new' : 'invalid';
    // DCCP and SCTP have openings of their own kind, and newer kernels do not track UDP-Lite
    case 33:
    case 132:
    case 136:
      return null;
    default:
      return 'new';
  }
}

export function isUntracked(protocol: number, icmpType: number | null): boolean {
  return protocol === 58 && icmpType !== null && untrackedTypes.has(icmpType);
}

/** The type that answers a request (nf_conntrack_proto_icmp.c, invmap; nf_conntrack_proto_icmpv6.c, invmap). */
const answers: Readonly<Record<string, number>> = { '1 8': 0, '1 13': 14, '1 15': 16, '1 17': 18, '58 128': 129, '58 139': 140 };

/** The ICMP type that answers one; null where none does. */
export function answeringType(protocol: number, type: number): number | null {
  return answers[`${protocol} ${type}`] ?? null;
}
