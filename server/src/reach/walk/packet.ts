// A packet on its way: what a caller says of it, and what the walker keeps of it from hook to hook.
import type { Address } from '../../net/address.ts';
import { type Bits, common, exactly, noneKnown } from './bits.ts';

export type ConnectionState = 'new' | 'established' | 'related' | 'invalid' | 'untracked';

/** The address and the port that a translation puts in place; null where it leaves one as it is. */
export interface Translated {
  readonly address: Address | null;
  readonly port: number | null;
}

/** One packet without IP options and not in fragments. Source and destination are of one version. */
export interface Packet {
  readonly source: Address;
  readonly destination: Address;
  /** False where no more is known of an address than its version. */
  readonly sourceKnown?: boolean;
  readonly destinationKnown?: boolean;
  /** The protocol above IP, by number. */
  readonly protocol: number;
  /** null where the protocol has none. */
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
  /** Of TCP: fin 1, syn 2, rst 4, psh 8, ack 16, urg 32, ecn 64, cwr 128; null is not known. */
  readonly tcpFlags: number | null;
  readonly icmpType: number | null;
  readonly icmpCode: number | null;
  /** The interface it comes in by; null for one that this host sends. */
  readonly iif: string | null;
  /** The interface it leaves by where nothing changes its destination; null for one that ends here. */
  readonly oif: string | null;
  readonly mark: number;
  /** What conntrack makes of it, an assumption; null is not known. A new one is the first of its connection. */
  readonly state: ConnectionState | null;
  /** Of an established packet: what its connection's translation does to it here; null for none. Left out, it is not known. */
  readonly translation?: { readonly source: Translated | null; readonly destination: Translated | null } | null;
  /** Of IPv6: the first header, where an extension stands before the transport header; left out, none does. */
  readonly nextHeader?: number;
  /** As it arrives; left out, they are not known. */
  readonly ttl?: number;
  readonly dscp?: number;
  /** Whether the interfaces have link-layer headers, as Ethernet has and WireGuard has not; left out, it is not known. */
  readonly linkLayer?: boolean;
}

/** What may change on the way. */
export interface Registers {
  readonly source: Bits;
  readonly destination: Bits;
  readonly sourcePort: Bits;
  readonly destinationPort: Bits;
  readonly icmpType: Bits;
  readonly mark: Bits;
  readonly ttl: Bits;
  readonly dscp: Bits;
  readonly iif: Bits;
  readonly oif: Bits;
  /** As `ct state` reads it: bits of `ctStates`. */
  readonly ctState: Bits;
  /** 1: conntrack has an entry for it. */
  readonly tracked: Bits;
  /** 1: a rule has kept it from conntrack. */
  readonly untracked: Bits;
  readonly ctMark: Bits;
  /** 1: its connection's source, destination is translated. */
  readonly snat: Bits;
  readonly dnat: Bits;
  /** As it was when conntrack first saw it. */
  readonly firstSource: Bits;
  readonly firstDestination: Bits;
  readonly firstSourcePort: Bits;
  readonly firstDestinationPort: Bits;
  /** 1: redirected to this host. */
  readonly redirected: Bits;
}

/** nf_conntrack_common.h and nf_tables.h: the bit of a state, as nft writes it. */
export const ctStates: Readonly<Record<ConnectionState, bigint>> = { invalid: 1n, established: 2n, related: 4n, new: 8n, untracked: 64n };

export function addressBits(address: Address): Bits {
  return exactly(BigInt(address.value));
}

export function orUnknown(value: number | null | undefined): Bits {
  return value === null || value === undefined ? noneKnown : exactly(BigInt(value));
}

/** What is known of a packet that went one of two ways; null is a way that it cannot have gone. */
export function joined(a: Registers | null, b: Registers | null): Registers | null {
  if (a === null || a === b) return b;
  if (b === null) return a;
  const result: Record<string, Bits> = {};
  for (const name of Object.keys(a) as (keyof Registers)[]) result[name] = common(a[name], b[name]);
  return result as unknown as Registers;
}
