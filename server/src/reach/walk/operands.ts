// What a rule looks at: where a selector's value comes from, what packet must be there for it, and what is not known of it
// (nft(8), PAYLOAD EXPRESSIONS, META EXPRESSIONS, CONNTRACK EXPRESSIONS; payload.c, payload_gen_dependency).
import type { Address } from '../../net/address.ts';
import { type Bits, exactly, noneKnown, numberIn, type Truth, zero } from './bits.ts';
import { ctStates, orUnknown, type Packet, type Registers } from './packet.ts';

/** Where a packet is looked at. */
export interface Here {
  readonly packet: Packet;
  readonly version: 4 | 6;
  readonly hook: string;
  readonly registers: Registers;
  readonly masqueradeAs?: MasqueradeAs | undefined;
}

/**
 * The address that an interface, by its number (`interfaceNumber`), masquerades packets for a destination with; null where it is not known.
 * A destination that is null may be any.
 */
export type MasqueradeAs = (oif: bigint, destination: bigint | null, version: 4 | 6) => Address | null;

export interface Seen {
  readonly bits: Bits;
  /** Whether there is no such thing, which ends the rule whatever it is compared with. */
  readonly breaks: Truth;
}

export interface Operand {
  /** A datatype's name. */
  readonly type: string;
  readonly width: number;
  /** Whether what is seen hangs on the packet's protocol. */
  readonly byProtocol: boolean;
  /** The protocols whose packets have such a thing; null for all. */
  readonly protocols: readonly number[] | null;
  readonly see: (here: Here) => Seen;
}

export const nothingSeen: Seen = { bits: noneKnown, breaks: true };

function seen(bits: Bits): Seen {
  return { bits, breaks: false };
}

const TCP = [6];
const UDP = [17];
const ICMP = [1];
const ICMPV6 = [58];

interface Needs {
  readonly version?: 4 | 6;
  readonly protocols?: readonly number[];
  readonly byProtocol?: boolean;
}

/** A value that is there only in packets of a version and protocol: nft puts the test before the look. */
function operand(type: string, width: number, read: (here: Here) => Bits | Seen, needs: Needs = {}): Operand {
  const { version, protocols, byProtocol = protocols !== undefined } = needs;
  return {
    type,
    width,
    byProtocol,
    protocols: protocols ?? null,
    see: (here) => {
      if (version !== undefined && here.version !== version) return nothingSeen;
      if (protocols && !protocols.includes(here.packet.protocol)) return nothingSeen;
      const value = read(here);
      return 'known' in value ? seen(value) : value;
    },
  };
}

const unknown = (): Bits => noneKnown;

/** Conntrack keys but for the state are there only with an entry (nft_ct.c, nft_ct_get_eval). */
function tracked(type: string, width: number, read: (here: Here) => Bits, needs: Needs = {}): Operand {
  return operand(
    type,
    width,
    (here) => {
      const has = numberIn(here.registers.tracked, 1);
      return { bits: read(here), breaks: has === null ? null : has === 0n };
    },
    needs,
  );
}

/** Known of the first packet of a connection alone. */
function ofNew(read: (here: Here) => Bits): (here: Here) => Bits {
  return (here) => (numberIn(here.registers.ctState, 7) === ctStates.new ? read(here) : noneKnown);
}

const portProtocols: Readonly<Record<string, readonly number[]>> = { tcp: TCP, udp: UDP, dccp: [33], sctp: [132], udplite: [136] };
const portsKnown = new Set(Object.values(portProtocols).flat());

/** Of these conntrack keeps ports, of ICMP an identifier in their place; of UDP-Lite newer kernels keep none. */
const flowPorts = new Set([6, 17, 33, 132]);

function flowPort(bits: (here: Here) => Bits): (here: Here) => Bits {
  return ofNew((here) => (flowPorts.has(here.packet.protocol) ? bits(here) : noneKnown));
}

/** nf_conntrack_common.h, ip_conntrack_status: of a connection's first packet these are not set. */
const unsetInNew = 0x1n | 0x2n | 0x4n | 0x8n | 0x200n;

function status({ registers: r }: Here): Bits {
  const of = (bits: Bits, at: bigint): Bits => ({ value: (bits.value & 1n) << at, known: (bits.known & 1n) << at });
  const snat = of(r.snat, 4n);
  const dnat = of(r.dnat, 5n);
  return { value: snat.value | dnat.value, known: unsetInNew | snat.known | dnat.known };
}

function ports(name: string): [string, Operand][] {
  const protocols = portProtocols[name] as readonly number[];
  return [
    [`${name} sport`, operand('inet_service', 16, ({ registers }) => registers.sourcePort, { protocols })],
    [`${name} dport`, operand('inet_service', 16, ({ registers }) => registers.destinationPort, { protocols })],
  ];
}

/** The port's place in any transport header; other protocols have something else there. */
function anyPort(read: (registers: Registers) => Bits): (here: Here) => Bits {
  return ({ packet, registers }) => (portsKnown.has(packet.protocol) ? read(registers) : noneKnown);
}

const linkAddress = (here: Here): Seen =>
  // without a link-layer header iiftype is not Ethernet's, which nft asks for first
  here.packet.linkLayer === false ? nothingSeen : { bits: noneKnown, breaks: null };

const v4 = { version: 4 } as const;
const v6 = { version: 6 } as const;
const icmp4 = { version: 4, protocols: ICMP } as const;
const icmp6 = { version: 6, protocols: ICMPV6 } as const;

const operands: ReadonlyMap<string, Operand> = new Map<string, Operand>([
  ['meta nfproto', operand('nf_proto', 8, ({ version }) => exactly(version === 4 ? 2n : 10n))],
  ['meta protocol', operand('ether_type', 16, ({ version }) => exactly(version === 4 ? 0x0800n : 0x86ddn))],
  ['meta l4proto', operand('inet_proto', 8, ({ packet }) => exactly(BigInt(packet.protocol)), { byProtocol: true })],
  ['meta mark', operand('mark', 32, ({ registers }) => registers.mark)],
  ['meta iifname', operand('ifname', 128, ({ registers }) => registers.iif)],
  ['meta oifname', operand('ifname', 128, ({ registers }) => registers.oif)],
  ['meta iif', operand('iface_index', 128, ({ registers }) => registers.iif)],
  ['meta oif', operand('iface_index', 128, ({ registers }) => registers.oif)],
  // ip_forward takes only what was sent to this host's link address; where there are none, all is taken to be (tun.c, wireguard receive.c)
  ['meta pkttype', operand('pkt_type', 8, ({ hook, packet }) => (hook === 'forward' || packet.linkLayer === false ? zero : noneKnown))],
  // a packet on its way through has no socket here (nft_meta.c, nft_meta_get_eval_skugid)
  ['meta skuid', operand('uid', 32, ({ hook }) => (hook === 'forward' ? nothingSeen : { bits: noneKnown, breaks: null }))],
  ['meta skgid', operand('gid', 32, ({ hook }) => (hook === 'forward' ? nothingSeen : { bits: noneKnown, breaks: null }))],
  ['ip saddr', operand('ipv4_addr', 32, ({ registers }) => registers.source, v4)],
  ['ip daddr', operand('ipv4_addr', 32, ({ registers }) => registers.destination, v4)],
  ['ip protocol', operand('inet_proto', 8, ({ packet }) => exactly(BigInt(packet.protocol)), { ...v4, byProtocol: true })],
  ['ip ttl', operand('integer', 8, ({ registers }) => registers.ttl, v4)],
  ['ip dscp', operand('dscp', 6, ({ registers }) => registers.dscp, v4)],
  ['ip version', operand('integer', 4, () => exactly(4n), v4)],
  ['ip hdrlength', operand('integer', 4, () => exactly(5n), v4)],
  ['ip6 saddr', operand('ipv6_addr', 128, ({ registers }) => registers.source, v6)],
  ['ip6 daddr', operand('ipv6_addr', 128, ({ registers }) => registers.destination, v6)],
  [
    'ip6 nexthdr',
    operand('inet_proto', 8, ({ packet }) => exactly(BigInt(packet.nextHeader ?? packet.protocol)), { ...v6, byProtocol: true }),
  ],
  ['ip6 hoplimit', operand('integer', 8, ({ registers }) => registers.ttl, v6)],
  ['ip6 dscp', operand('dscp', 6, ({ registers }) => registers.dscp, v6)],
  ['ip6 version', operand('integer', 4, () => exactly(6n), v6)],
  ...Object.keys(portProtocols).flatMap(ports),
  [
    'th sport',
    operand(
      'inet_service',
      16,
      anyPort(({ sourcePort }) => sourcePort),
      { byProtocol: true },
    ),
  ],
  [
    'th dport',
    operand(
      'inet_service',
      16,
      anyPort(({ destinationPort }) => destinationPort),
      { byProtocol: true },
    ),
  ],
  ['tcp flags', operand('tcp_flag', 8, ({ packet }) => orUnknown(packet.tcpFlags), { protocols: TCP })],
  ['icmp type', operand('icmp_type', 8, ({ registers }) => registers.icmpType, icmp4)],
  ['icmp code', operand('icmp_code', 8, ({ packet }) => orUnknown(packet.icmpCode), icmp4)],
  ['icmpv6 type', operand('icmpv6_type', 8, ({ registers }) => registers.icmpType, icmp6)],
  ['icmpv6 code', operand('icmpv6_code', 8, ({ packet }) => orUnknown(packet.icmpCode), icmp6)],
  ['ether saddr', operand('ether_addr', 48, linkAddress)],
  ['ether daddr', operand('ether_addr', 48, linkAddress)],
  ['ether type', operand('ether_type', 16, linkAddress)],
  ['ct state', operand('ct_state', 32, ({ registers }) => registers.ctState)],
  ['ct mark', tracked('mark', 32, ({ registers }) => registers.ctMark)],
  ['ct status', tracked('ct_status', 32, ofNew(status))],
  [
    'ct direction',
    tracked(
      'ct_dir',
      8,
      ofNew(() => zero),
    ),
  ],
  ['ct l3proto', tracked('nf_proto', 8, ({ version }) => exactly(version === 4 ? 2n : 10n))],
  ['ct protocol', tracked('inet_proto', 8, ({ packet }) => exactly(BigInt(packet.protocol)), { byProtocol: true })],
  [
    'ct original ip saddr',
    tracked(
      'ipv4_addr',
      32,
      ofNew(({ registers }) => registers.firstSource),
      v4,
    ),
  ],
  [
    'ct original ip daddr',
    tracked(
      'ipv4_addr',
      32,
      ofNew(({ registers }) => registers.firstDestination),
      v4,
    ),
  ],
  [
    'ct original ip6 saddr',
    tracked(
      'ipv6_addr',
      128,
      ofNew(({ registers }) => registers.firstSource),
      v6,
    ),
  ],
  [
    'ct original ip6 daddr',
    tracked(
      'ipv6_addr',
      128,
      ofNew(({ registers }) => registers.firstDestination),
      v6,
    ),
  ],
  [
    'ct original proto-src',
    tracked(
      'inet_service',
      16,
      flowPort(({ registers }) => registers.firstSourcePort),
      { byProtocol: true },
    ),
  ],
  [
    'ct original proto-dst',
    tracked(
      'inet_service',
      16,
      flowPort(({ registers }) => registers.firstDestinationPort),
      { byProtocol: true },
    ),
  ],
  [
    'ct reply ip saddr',
    tracked(
      'ipv4_addr',
      32,
      ofNew(({ registers }) => registers.destination),
      v4,
    ),
  ],
  [
    'ct reply ip daddr',
    tracked(
      'ipv4_addr',
      32,
      ofNew(({ registers }) => registers.source),
      v4,
    ),
  ],
  [
    'ct reply ip6 saddr',
    tracked(
      'ipv6_addr',
      128,
      ofNew(({ registers }) => registers.destination),
      v6,
    ),
  ],
  [
    'ct reply ip6 daddr',
    tracked(
      'ipv6_addr',
      128,
      ofNew(({ registers }) => registers.source),
      v6,
    ),
  ],
]);

/** What is known of a header alone, where no field of it is. */
const headers: Readonly<Record<string, Needs>> = {
  ip: v4,
  ip6: v6,
  tcp: { protocols: TCP },
  udp: { protocols: UDP },
  udplite: { protocols: [136] },
  dccp: { protocols: [33] },
  sctp: { protocols: [132] },
  icmp: icmp4,
  icmpv6: icmp6,
  igmp: { version: 4, protocols: [2] },
  ah: { protocols: [51] },
  esp: { protocols: [50] },
  comp: { protocols: [108] },
};

/** What a selector sees; of one that is not read here, no more than the packets that have its header. */
export function operandOf(words: string): Operand {
  const known = operands.get(words);
  if (known) return known;
  const needs = headers[words.slice(0, words.indexOf(' '))] ?? {};
  const plain = operand('unknown', 128, unknown, needs);
  return { ...plain, see: (here) => (plain.see(here).breaks === true ? nothingSeen : { bits: noneKnown, breaks: null }) };
}

/** The protocols that a selector may look at otherwise than at the rest. */
export const specialProtocols: ReadonlySet<number> = new Set([
  ...portsKnown,
  ...Object.values(headers).flatMap(({ protocols }) => protocols ?? []),
]);
