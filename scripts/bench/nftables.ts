// The nftables bench: how long we take to read and check a ruleset beside the time that nft takes only to parse it, and what that costs of
// memory, both in this run.
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

/** Ours may take less than this share of nft's parse-only time, and no more memory than nft at its peak, with this many rules and more. */
const bound = 0.5;
const boundFrom = 10_000;
/** Not of varied rulesets, which are there to show what is gained where rules are alike. */
const bounded: ReadonlySet<RulesetKind> = new Set(['simple', 'mixed']);
const nftRounds = 5;

interface Row {
  readonly kind: RulesetKind;
  readonly rules: number;
  readonly bytes: number;
  readonly own: OwnFigures;
  /** Bytes that stay in use, for the file alone and with its mesh. */
  readonly heap: number;
  readonly meshHeap: number;
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
        const own = inNode('own-figures.ts', file) as OwnFigures;
        if (own.problems > 0) throw new Error(`${kind} ${rules}: ${own.problems} problems in a ruleset that nft takes`);
        const heap = inNode('own-heap.ts', file) as number;
        const meshHeap = inNode('own-heap.ts', file, 'mesh') as number;
        rows.push({ kind, rules, bytes: Buffer.byteLength(text), own, heap, meshHeap, nft });
      }
    }
    const peers = await installPeers();
    console.log(`\n\n${report(rows)}\n`);
    console.log(peers === undefined ? cssLines(rows, inNode('css-rate.ts') as number) : `Absent: vscode-css-languageservice: ${peers}`);
    console.log('Absent: tree-sitter grammars of nftables: the npm registry has none, neither as a parser to build nor as WebAssembly');
    if (absent !== null) {
      console.log(`NOT CHECKED  the bound needs nft’s figures of the same run: ${absent}`);
      return 2;
    }
    const verdicts = rows.filter(({ rules, kind }) => rules >= boundFrom && bounded.has(kind)).flatMap(verdictsOf);
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
    'parse',
    'checked',
    'checked/nft',
    'cold',
    'cold/nft',
    'in mesh',
    'nft peak',
    'heap',
    'heap/peak',
    'mesh heap',
  ];
  const cells = rows.map(({ kind, rules, bytes, own, heap, meshHeap, nft }) => [
    kind,
    String(rules),
    megabytes(bytes),
    figure(nft?.parseOnly ?? none),
    figure(own.parse),
    figure(own.checked),
    figure(nft ? own.checked / nft.parseOnly : none),
    figure(own.cold),
    figure(nft ? own.cold / nft.parseOnly : none),
    figure(own.inMesh),
    megabytes(nft?.peak ?? none),
    megabytes(heap),
    figure(nft ? heap / nft.peak : none),
    megabytes(meshHeap),
  ]);
  return (
    `${table(heads, cells)}\n` +
    'All times are of the processor, in ms. nft parse: what `nft -c` takes for the file with a syntax error as its last line, less the start of\n' +
    'its process; the best of five. parse: our tree. checked: the tree, the facts and all that nft would refuse. in mesh: the same, and the rules\n' +
    'about a host and its mesh. Each the median of nine after three to warm up; cold: checked, the first time in its process.\n' +
    'nft peak: MB resident at most. heap: MB that stay in use for a file that was read and checked; mesh heap: and with its mesh.'
  );
}

function verdictsOf({ kind, rules, own, heap, nft }: Row): readonly { readonly line: string; readonly holds: boolean }[] {
  const told = (ratio: number, holds: boolean, what: string): { readonly line: string; readonly holds: boolean } => ({
    line: `${holds ? 'PASS' : 'FAIL'}  ${kind}, ${rules} rules: ${figure(ratio)} × ${what}`,
    holds,
  });
  const time = nft ? own.checked / nft.parseOnly : none;
  const memory = nft ? heap / nft.peak : none;
  return [
    told(time, time < bound, `nft’s parse-only time; less than ${bound} allowed`),
    told(memory, memory <= 1, 'the memory of nft at its peak; 1 allowed'),
  ];
}

function cssLines(rows: readonly Row[], rate: number): string {
  const largest = Math.max(...rows.map(({ rules }) => rules));
  return rows
    .filter(({ rules }) => rules === largest)
    .map(({ kind, bytes, own }) => {
      const ours = bytes / (own.parse / 1000);
      return `${kind}: we parse ${megabytes(ours)} MB/s, ${figure(ours / rate)} × vscode-css-languageservice (${megabytes(rate)} MB/s)`;
    })
    .join('\n');
}
