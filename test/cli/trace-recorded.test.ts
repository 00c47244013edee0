// meshwarden trace beside recorded verdicts of the kernel: other people's data, read where it lies.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { addressOf, routeOf } from '../../scripts/kernel/network.ts';
import { traceCommand } from '../../server/src/cli/trace.ts';

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
  readonly raw: boolean;
  readonly kernel_accept: boolean;
}

const flags = ['fin', 'syn', 'rst', 'psh', 'ack', 'urg', 'ecn', 'cwr'];

/** What hangs on earlier packets, or on a checksum’s bytes: it is said of these alone that it is not known. */
const unknowable = /^(?:limit|quota|dynamic set|numgen|th dport without l4proto|add element with timeout)/;

/** A row as somebody asks it; an answer to a packet that came through before is established. */
function lineOf(row: Row, before: readonly Row[]): string {
  const route = routeOf(addressOf(row.dst));
  const isIcmp = row.proto.startsWith('icmp');
  const { sport = 40000, flags: bits } = row.opts;
  const answers = before.some((one) => one.kernel_accept && one.src === row.dst && one.dport === sport && one.opts.sport === row.dport);
  return JSON.stringify({
    hook: 'forward',
    iif: row.iif,
    oif: route.to === 'interface' ? route.name : '',
    src: row.src,
    dst: row.dst,
    proto: row.proto,
    sport: isIcmp ? 0 : sport,
    dport: isIcmp ? 0 : row.dport,
    ...(answers ? { ct: 'established' } : {}),
    ...(bits === undefined ? {} : { tcpFlags: flags.filter((_, i) => (bits >> i) & 1) }),
  });
}

test('trace says what the kernel did', { skip }, async () => {
  // of headers that were crafted by hand a line says nothing
  const rows: readonly Row[] = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line): Row => JSON.parse(line))
    .filter(({ raw }) => !raw);
  const folder = await mkdtemp(path.join(tmpdir(), 'meshwarden-recorded-'));
  try {
    for (const ruleset of new Set(rows.map((row) => row.ruleset))) {
      const of = rows.filter((row) => row.ruleset === ruleset);
      writeFileSync(path.join(folder, 'ruleset.nft'), ruleset);
      let out = '';
      const collect = {
        write: (text: string) => {
          out += text;
        },
      };
      const lines = of.map((row, i) => lineOf(row, of.slice(0, i))).join('\n');
      assert.equal(
        await traceCommand.run(['ruleset.nft', '--batch', '-'], {
          input: Readable.from([lines]),
          folder,
          out: collect,
          err: process.stderr,
        }),
        0,
      );
      const verdicts = out
        .trim()
        .split('\n')
        .map((line): string => JSON.parse(line).verdict);
      assert.equal(verdicts.length, of.length);
      for (const [i, row] of of.entries()) {
        if (verdicts[i] === 'unknown') assert.match(row.case, unknowable);
        else assert.equal(verdicts[i], row.kernel_accept ? 'accept' : 'drop', `${row.case}, packet ${i + 1}`);
      }
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
