// Packets through the real Linux: random ones as bytes, injected into a private namespace, and what became of each. The devices are TUN
// devices, which behave as WireGuard's do (packets.py).
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Address, parseAddress } from '../../../server/src/net/address.ts';
import type { Namespace } from './namespace.ts';

/** Device → its addresses, and prefixes behind it. */
export const devices: Readonly<Record<string, readonly string[]>> = {
  wg0: ['10.0.0.1/24', 'fd00::1/64', 'route 10.9.0.0/24'],
  wg1: ['10.1.0.1/24', 'fd02::1/64'],
  lan0: ['192.168.1.1/24', 'fd01::1/64', 'route 172.16.0.0/16'],
};

export interface SentPacket {
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
  readonly tcpFlags: number | null;
  readonly icmpType: number | null;
  readonly icmpCode: number | null;
  readonly dscp: number;
  /** The device it arrives from; '' where this host sends it. */
  readonly from: string;
  /** Whether the other end answers, where it gets there. */
  readonly answered: boolean;
  /** Of IPv6: an options header that stands before the transport header, 0 (hop-by-hop) or 60 (destination). */
  readonly extension?: number;
}

export interface End {
  /** The device it left by; 'local' where it was delivered here; '' where it was lost. */
  readonly to: string;
  /** As it came out, in hexadecimal; a local one without its IPv6 header. */
  readonly bytes: string;
  /** Of its answer; null where there was none. */
  readonly answerTo: string | null;
}

export interface PacketJob {
  /** A ruleset; it is loaded over what was there, so it begins with `flush ruleset`. */
  readonly ruleset: string;
  readonly packets: readonly SentPacket[];
}

/** What nft said of a ruleset that it did not load, or each packet's end, in order. */
export type JobResult = { readonly load: string } | { readonly ends: readonly End[] };

/** Loads the rulesets one after the other and sends each its packets. Conntrack is empty before each. */
export async function sendPackets(namespace: Namespace, jobs: readonly PacketJob[]): Promise<readonly JobResult[]> {
  return namespace.exclusive(async () => {
    const lines = jobs.map(({ ruleset, packets }, index) => {
      const file = path.join(namespace.folder, `packets-${index}.nft`);
      writeFileSync(file, ruleset);
      return JSON.stringify({ ruleset: file, packets: packets.map((packet, i) => [packet.from, bytesOf(packet, i), packet.answered]) });
    });
    const file = path.join(namespace.folder, 'packets.jsonl');
    writeFileSync(file, `${lines.join('\n')}\n`);
    const helper = path.join(import.meta.dirname, 'packets.py');
    const { status, stdout, stderr } = await namespace.run(['python3', helper, JSON.stringify(devices), file], { seconds: 300 });
    if (status !== 0) throw new Error(`the packet helper ended with status ${status}: ${stderr.trim().split('\n').at(-1)}`);
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => readResult(JSON.parse(line)));
  });
}

function readResult(line: { load?: string; ends?: readonly (readonly [string, string, string | null])[] }): JobResult {
  if (line.load !== undefined) return { load: line.load };
  return { ends: (line.ends ?? []).map(([to, bytes, answerTo]) => ({ to, bytes, answerTo })) };
}

function addressOf(text: string): Address {
  const address = parseAddress(text);
  if (!address) throw new Error(`no address: ${text}`);
  return address;
}

function addressBytes(address: Address): Buffer {
  if (address.version === 4) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(address.value);
    return bytes;
  }
  return Buffer.from(address.value.toString(16).padStart(32, '0'), 'hex');
}

/** RFC 1071. */
function checksum(...parts: readonly Buffer[]): number {
  const all = Buffer.concat(parts);
  let sum = 0;
  for (let i = 0; i < all.length; i += 2) sum += ((all[i] as number) << 8) | (all[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** The packet in hexadecimal; its last eight bytes are `number`, by which the helper knows it again. */
export function bytesOf(packet: SentPacket, number: number): string {
  const source = addressOf(packet.source);
  const ends = Buffer.concat([addressBytes(source), addressBytes(addressOf(packet.destination))]);
  const marker = Buffer.alloc(8);
  marker.writeUInt32BE(0x6d657368);
  marker.writeUInt32BE(number, 4);
  const transport = transportOf(packet, ends, marker);
  const { extension } = packet;
  const body = extension === undefined ? transport : Buffer.concat([Buffer.from([packet.protocol, 0, 1, 4, 0, 0, 0, 0]), transport]);
  const next = extension ?? packet.protocol;
  if (source.version === 4) {
    const head = Buffer.alloc(20);
    head[0] = 0x45;
    head[1] = packet.dscp << 2;
    head.writeUInt16BE(20 + body.length, 2);
    head.writeUInt16BE((number + 1) & 0xffff, 4);
    head[8] = 64;
    head[9] = next;
    ends.copy(head, 12);
    head.writeUInt16BE(checksum(head), 10);
    return Buffer.concat([head, body]).toString('hex');
  }
  const head = Buffer.alloc(8);
  head.writeUInt32BE(0x60000000 + packet.dscp * 2 ** 22);
  head.writeUInt16BE(body.length, 4);
  head[6] = next;
  head[7] = 64;
  return Buffer.concat([head, ends, body]).toString('hex');
}

/** Where each transport header keeps its checksum; the others have none that Linux checks on the way. */
const checksumAt: Readonly<Record<number, number>> = { 1: 2, 6: 16, 17: 6, 58: 2 };
const headerLength: Readonly<Record<number, number>> = { 1: 8, 6: 20, 17: 8, 58: 8, 132: 12, 136: 8 };

function transportOf(packet: SentPacket, ends: Buffer, marker: Buffer): Buffer {
  const { protocol } = packet;
  const head = Buffer.alloc(headerLength[protocol] ?? 8);
  if (protocol === 1 || protocol === 58) {
    head[0] = packet.icmpType ?? 0;
    head[1] = packet.icmpCode ?? 0;
    // a ping's identifier, which conntrack tells flows apart by
    head.writeUInt16BE(packet.sourcePort ?? 0, 4);
    head[7] = 1;
  } else if (packet.sourcePort !== null) {
    head.writeUInt16BE(packet.sourcePort);
    head.writeUInt16BE(packet.destinationPort ?? 0, 2);
  }
  if (protocol === 6) {
    head.writeUInt32BE(0x01020304, 4);
    head[12] = 0x50;
    head[13] = packet.tcpFlags ?? 0;
    head.writeUInt16BE(0x2000, 14);
  }
  if (protocol === 17 || protocol === 136) head.writeUInt16BE(head.length + marker.length, 4);
  const at = checksumAt[protocol];
  if (at === undefined) return Buffer.concat([head, marker]);
  const pseudo = Buffer.alloc(4);
  pseudo.writeUInt16BE(protocol);
  pseudo.writeUInt16BE(head.length + marker.length, 2);
  const sum = protocol === 1 ? checksum(head, marker) : checksum(ends, pseudo, head, marker);
  head.writeUInt16BE(sum === 0 && protocol === 17 ? 0xffff : sum, at);
  return Buffer.concat([head, marker]);
}
