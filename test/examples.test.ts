// The two examples: the first shows each danger once, the second nothing. The table in examples.md says what is expected.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { meshwarden } from './support/command-line.ts';
import { exampleFiles } from './support/example-files.ts';
import { mended } from './support/mended.ts';
import { analysed, findingsIn } from './support/mesh-files.ts';

interface Row {
  readonly path: string;
  readonly line: number;
  readonly severity: string;
  readonly rule: string;
}

function shown({ path: file, line, severity, rule }: Row): string {
  return `${file}:${line} ${severity} ${rule}`;
}

const expected: readonly Row[] = readFileSync(path.join(import.meta.dirname, 'examples.md'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const cells = /^\| (examples\/\S+) \| (\d+) \| (\w+) \| (\S+) \|$/.exec(line);
    return cells ? [{ path: cells[1] ?? '', line: Number(cells[2]), severity: cells[3] ?? '', rule: cells[4] ?? '' }] : [];
  });

async function found(
  folder: string,
): Promise<{ readonly status: number | null; readonly files: number; readonly rows: readonly string[] }> {
  const { status, out } = await meshwarden(['check', folder, '--format', 'json']);
  const { files, findings } = JSON.parse(out) as {
    files: number;
    findings: { path: string; start: { line: number }; severity: string; rule: string }[];
  };
  return {
    status,
    files,
    rows: findings.map(({ path: file, start, severity, rule }) => shown({ path: file, line: start.line, severity, rule })).sort(),
  };
}

test('flat-mesh: each danger of the table, once', async () => {
  assert.ok(expected.length > 60, 'the table was not read');
  const { status, files, rows } = await found('examples/flat-mesh');
  assert.deepEqual(rows, expected.map(shown).sort());
  assert.equal(files, 13);
  assert.equal(status, 1);
});

test('flat-mesh shows every danger that an inherited mesh can have and the real tools still take', () => {
  assert.deepEqual([...new Set(expected.map(({ rule }) => rule))].sort(), [
    'mesh/allowed-ips-overlap',
    'mesh/flat-network',
    'mesh/impersonation',
    'nftables/policy-accept',
    'nftables/unknown-address',
    'wireguard/allowed-ips-too-broad',
    'wireguard/inline-private-key',
    'wireguard/missing-preshared-key',
    'wireguard/unmasked-host-bits',
  ]);
});

test('zero-trust-mesh: nothing, at any severity', async () => {
  const { status, files, rows } = await found('examples/zero-trust-mesh');
  assert.deepEqual(rows, []);
  assert.equal(files, 8);
  assert.equal(status, 0);
});

test('flat-mesh: the first fix of each finding, again and again, ends with what no fix can know', () => {
  const { files, rounds } = mended(exampleFiles('flat-mesh'), {}, 200);
  const analysis = analysed(files);
  const left = new Map<string, number>();
  for (const { rule } of findingsIn(analysis)) left.set(rule, (left.get(rule) ?? 0) + 1);
  // for what the clients need there is no evidence, and whom a forward chain should let through only people know
  assert.deepEqual(Object.fromEntries(left), { 'wireguard/allowed-ips-too-broad': 5, 'nftables/peer-without-rule': 4 });
  assert.ok(rounds > 30, `only ${rounds} fixes`);
});
