// The walker beside recorded verdicts of the kernel on known traps: other people's data, read where it lies.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { addressOf, routeOf } from '../../scripts/kernel/network.ts';
import { stateOf } from '../../scripts/kernel/ruleset.ts';
import { openingState } from '../../server/src/reach/walk/conntrack.ts';
import type { Packet } from '../../server/src/reach/walk/packet.ts';
import { walk } from '../../server/src/reach/walk/walk.ts';

const file = path.resolve(import.meta.dirname, '../../../shared/conformance/nftables/verdicts.jsonl');
const skip = existsSync(file) ? false : 'optional data: ../shared/conformance is not here';

interface Row {
  readonly case: string;
  readonly ruleset: string;
  readonly iif: string;
  readonly src: string;
  readonly dst: string;
  readonly proto: string;
  readonly dport: number;
  readonly opts: { readonly sport?: number; readonly flags?: number };
  /** Crafted: behind an extension header, or a later fragment. */
  readonly raw: boolean;
  readonly kernel_accept: boolean;
}

const rows: readonly Row[] = skip
  ? []
  : readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));

const protocols: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 };

/** The connections that the rows of one ruleset have opened so far: a packet the other way belongs to them. */
function packetOf(row: Row, before: readonly Row[]): Packet {
  const protocol = protocols[row.proto] ?? 0;
  const isIcmp = protocol === 1 || protocol === 58;
  const route = routeOf(addressOf(row.dst));
  const tcpFlags = protocol === 6 ? (row.opts.flags ?? 2) : null;
  const icmpType = protocol === 1 ? 8 : protocol === 58 ? 128 : null;
  const answers = before.some(
    (other) => other.kernel_accept && other.src === row.dst && other.dport === row.opts.sport && other.opts.sport === row.dport,
  );
  return {
    source: addressOf(row.src),
    destination: addressOf(row.dst),
    protocol,
    sourcePort: isIcmp ? null : (row.opts.sport ?? 40000),
    destinationPort: isIcmp ? null : row.dport,
    tcpFlags,
    icmpType,
    icmpCode: isIcmp ? 0 : null,
    iif: row.iif,
    oif: route.to === 'interface' ? route.name : null,
    mark: 0,
    state: answers ? 'established' : openingState({ protocol, tcpFlags, icmpType }),
    ttl: 64,
    dscp: 0,
    linkLayer: false,
    // the crafted packet of IPv6 has a hop-by-hop header
    ...(row.raw ? { nextHeader: 0 } : {}),
  };
}

/** What hangs on earlier packets, on a checksum's bytes, or on what the walker's packets have not: it says so of these alone. */
const unknowable = /^(?:limit|quota|dynamic set|numgen|th dport without l4proto|add element with timeout|non-first fragment)/;

describe('recorded verdicts of the kernel', { skip }, () => {
  for (const [index, row] of rows.entries()) {
    test(`${row.case}: ${row.iif} ${row.src} → ${row.dst} ${row.proto}/${row.dport}`, (t) => {
      if (row.raw && addressOf(row.src).version === 4) {
        t.diagnostic('a later fragment: the walker takes none');
        return;
      }
      const before = rows.slice(0, index).filter(({ ruleset }) => ruleset === row.ruleset);
      const { verdict } = walk('forward', stateOf(row.ruleset), packetOf(row, before), { routeOf });
      if (verdict === 'unknown') assert.match(row.case, unknowable);
      else assert.equal(verdict, row.kernel_accept ? 'accept' : 'drop');
    });
  }
});
