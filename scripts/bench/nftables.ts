// The nftables bench: how long we take to read and check a ruleset beside the time that nft takes only to parse it, both in this run.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { installPeers } from './install.ts';
import { type NftFigures, nftAbsent, nftFigures } from './nft-figures.ts';
import type { OwnFigures } from './own-figures.ts';
import { type RulesetKind, rulesetKinds, rulesetText } from './rulesets.ts';
import { figure, table } from './table.ts';

const usage = `usage: npm run bench nftables [-- OPTION…]
  --rules N,N      how many rules (1000,10000,50000)`;

/** Ours may take less than this share of nft's parse-only time, with this many rules and more. */
const bound = 0.5;
const boundFrom = 10_000;
const nftRounds = 5;

interface Row {
  readonly kind: RulesetKind;
  readonly rules: number;
  readonly bytes: number;
  readonly own: OwnFigures;
  readonly nft: NftFigures | null;
}

export async function run(args: readonly string[]): Promise<number> {
  const sizes = sizesOf(args);
  if (!sizes) {
    console.error(usage);
    return 2;
  }
  const absent = nftAbsent();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'meshwarden-bench-'));
  try {
    const load = os.loadavg().map(figure).join(' ');
    console.log(`${os.cpus().length} × ${os.cpus()[0]?.model ?? 'unknown processor'}, Node ${process.versions.node}, load ${load}`);
    const rows: Row[] = [];
    for (const rules of sizes) {
      for (const kind of rulesetKinds) {
        process.stdout.write(`${kind} ${rules} … `);
        const text = rulesetText(kind, rules);
        const file = path.join(folder, `${kind}-${rules}.nft`);
        writeFileSync(file, text);
        const nft = absent === null ? await nftFigures(file, text, nftRounds) : null;
        rows.push({ kind, rules, bytes: Buffer.byteLength(text), own: inNode('own-figures.ts', file) as OwnFigures, nft });
      }
    }
    const peers = await installPeers();
    console.log(`\n\n${report(rows)}\n`);
    console.log(peers === undefined ? cssLine(rows, inNode('css-rate.ts') as number) : `Absent: vscode-css-languageservice: ${peers}`);
    if (absent !== null) {
      console.log(`NOT CHECKED  the bound needs nft’s figures of the same run: ${absent}`);
      return 2;
    }
    const verdicts = rows.filter(({ rules }) => rules >= boundFrom).map(verdict);
    console.log(verdicts.map(({ line }) => line).join('\n'));
    return verdicts.every(({ holds }) => holds) ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function sizesOf(args: readonly string[]): readonly number[] | null {
  if (args.length === 0) return [1000, 10_000, 50_000];
  if (args.length !== 2 || args[0] !== '--rules') return null;
  const sizes = (args[1] as string).split(',').map(Number);
  return sizes.every((size) => Number.isInteger(size) && size >= 100) ? sizes : null;
}

/** Runs a file of this folder in a Node of its own, and reads the JSON that it prints. */
function inNode(name: string, ...args: readonly string[]): unknown {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--expose-gc', path.join(import.meta.dirname, name), ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (status !== 0) throw new Error(`${name}: ${stderr}`);
  return JSON.parse(stdout);
}

const none = Number.NaN;
const megabytes = (bytes: number): string => figure(bytes / 1024 / 1024);

function report(rows: readonly Row[]): string {
  const heads = [
    'ruleset',
    'rules',
    'MB',
    'nft parse',
    'cold',
    'parse',
    'checked',
    'checked/nft',
    'cold/nft',
    'nft peak',
    'heap',
    'heap/peak',
  ];
  const cells = rows.map(({ kind, rules, bytes, own, nft }) => [
    kind,
    String(rules),
    megabytes(bytes),
    figure(nft?.parseOnly ?? none),
    figure(own.cold),
    figure(own.parse),
    figure(own.checked),
    figure(nft ? own.checked / nft.parseOnly : none),
    figure(nft ? own.cold / nft.parseOnly : none),
    megabytes(nft?.peak ?? none),
    megabytes(own.heap),
    figure(nft ? own.heap / nft.peak : none),
  ]);
  return (
    `${table(heads, cells)}\n` +
    'All times are of the processor. nft parse: ms that `nft -c` takes for the file with a syntax error as its last line, less the start of\n' +
    'its process; the best of five. cold: ms to read and check it the first time. parse, checked: ms to parse it, and to read it with all facts and checks; the median of\n' +
    'nine after three to warm up. nft peak: MB resident at most. heap: MB that stay in use for the file with all that was read from it.'
  );
}

function verdict({ kind, rules, own, nft }: Row): { readonly line: string; readonly holds: boolean } {
  const ratio = nft ? own.checked / nft.parseOnly : none;
  const holds = ratio < bound;
  const memory = nft ? `, heap ${figure(own.heap / nft.peak)} × nft’s peak` : '';
  return {
    line: `${holds ? 'PASS' : 'FAIL'}  ${kind}, ${rules} rules: ${figure(ratio)} × nft’s parse-only time; less than ${bound} allowed${memory}`,
    holds,
  };
}

function cssLine(rows: readonly Row[], rate: number): string {
  const largest = rows.reduce((a, b) => (b.bytes > a.bytes ? b : a));
  const own = largest.bytes / (largest.own.parse / 1000);
  return `parse: ${megabytes(own)} MB/s, ${figure(own / rate)} × vscode-css-languageservice (${megabytes(rate)} MB/s)`;
}
