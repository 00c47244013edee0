// The numbers behind the words that nft knows for values of each datatype (nft describe TYPE).
import { parseAddress } from '../../net/address.ts';
import { numberOf } from '../../nftables/ruleset/number.ts';
import { icmpTypes, icmpv6Types, ports, protocols } from '../numbers.ts';

export interface Range {
  readonly from: bigint;
  readonly to: bigint;
}

const table = (rows: Readonly<Record<string, number>>): ReadonlyMap<string, number> => new Map(Object.entries(rows));

const words: Readonly<Record<string, ReadonlyMap<string, number>>> = {
  inet_proto: protocols,
  inet_service: ports,
  icmp_type: icmpTypes,
  icmpv6_type: icmpv6Types,
  nf_proto: table({ ipv4: 2, ipv6: 10 }),
  ether_type: table({ ip: 0x0800, arp: 0x0806, ip6: 0x86dd, vlan: 0x8100, '8021q': 0x8100, '8021ad': 0x88a8 }),
  icmp_code: table({
    'net-unreachable': 0,
    'host-unreachable': 1,
    'prot-unreachable': 2,
    'port-unreachable': 3,
    'frag-needed': 4,
    'net-prohibited': 9,
    'host-prohibited': 10,
    'admin-prohibited': 13,
  }),
  icmpv6_code: table({
    'no-route': 0,
    'admin-prohibited': 1,
    'addr-unreachable': 3,
    'port-unreachable': 4,
    'policy-fail': 5,
    'reject-route': 6,
  }),
  tcp_flag: table({ fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ecn: 64, cwr: 128 }),
  ct_state: table({ invalid: 1, established: 2, related: 4, new: 8, untracked: 64 }),
  ct_status: table({ expected: 1, 'seen-reply': 2, assured: 4, confirmed: 8, snat: 16, dnat: 32, dying: 512 }),
  ct_dir: table({ original: 0, reply: 1 }),
  pkt_type: table({ host: 0, unicast: 0, broadcast: 1, multicast: 2, other: 3 }),
  boolean: table({ exists: 1, missing: 0 }),
  ecn: table({ 'not-ect': 0, ect1: 1, ect0: 2, ce: 3 }),
  dscp: table({
    ...{ cs0: 0, cs1: 8, cs2: 16, cs3: 24, cs4: 32, cs5: 40, cs6: 48, cs7: 56, df: 0, be: 0, lephb: 1, va: 44, ef: 46 },
    ...{ af11: 10, af12: 12, af13: 14, af21: 18, af22: 20, af23: 22, af31: 26, af32: 28, af33: 30, af41: 34, af42: 36, af43: 38 },
  }),
};

/** Types whose values are sets of flags: written alone, one asks for a bit and not for the whole (evaluate.c, OP_IMPLICIT). */
export const bitmaskTypes: ReadonlySet<string> = new Set(['tcp_flag', 'ct_state', 'ct_status', 'ct_label', 'ct_event']);

/** Types of which a bare number is a value. */
const numeric = new Set([...Object.keys(words), 'integer', 'mark', 'uid', 'gid', 'realm']);

const NAME_BYTES = 16;

const encoder = new TextEncoder();

interface NameNumber {
  readonly number: bigint;
  readonly rest: bigint;
}

/** A mesh has few, and each is asked for with every packet. */
const nameNumbers = new Map<string, NameNumber>();
const MOST_NAMES = 4096;

/** A name, or its beginning, as the kernel compares it: 16 bytes, zeros behind the name; how many bits are behind it. */
function nameNumber(name: string): NameNumber {
  let known = nameNumbers.get(name);
  if (!known) {
    known = readName(name);
    if (nameNumbers.size >= MOST_NAMES) nameNumbers.clear();
    nameNumbers.set(name, known);
  }
  return known;
}

function readName(name: string): NameNumber {
  const bytes = encoder.encode(name).slice(0, NAME_BYTES);
  const rest = BigInt(8 * (NAME_BYTES - bytes.length));
  return { number: bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n) << rest, rest };
}

/** An interface's name as the kernel compares it; 0 where there is none. */
export function interfaceNumber(name: string): bigint {
  return nameNumber(name).number;
}

/** `wg*` is every name that begins so, `wg\\*` one with a star (nft(8), ifname). */
function nameRange(text: string): Range | null {
  const star = text.endsWith('*') && !text.endsWith('\\*');
  const { number, rest } = nameNumber(star ? text.slice(0, -1) : text.replace(/\\\*$/, '*'));
  // a name ends with a zero byte (linux/if.h, IFNAMSIZ)
  if (rest === 0n) return null;
  return { from: number, to: star ? number | ((1n << rest) - 1n) : number };
}

/** What a word stands for as a value of the type; null where that is not known here. */
export function constantOf(text: string, type: string): Range | null {
  if (type === 'ifname') return nameRange(text);
  // an index is of the interface that has the name when the rule is loaded: taken to be the one that has it later
  if (type === 'iface_index') return /^\d/.test(text) || text.includes('*') ? null : nameRange(text);
  if (type === 'ipv4_addr' || type === 'ipv6_addr') {
    const address = parseAddress(text.replace(/^\[(.*)\]$/, '$1'));
    if (!address || (address.version === 4) !== (type === 'ipv4_addr')) return null;
    return { from: BigInt(address.value), to: BigInt(address.value) };
  }
  const word = words[type]?.get(text);
  const number = word !== undefined ? BigInt(word) : numeric.has(type) ? numberOf(text) : null;
  return number === null || number < 0n ? null : { from: number, to: number };
}
