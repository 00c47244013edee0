// `npm run fuzz [nftables|wireguard|mesh|reach|all] [-- OPTION…]`: broken files and random edits through the parsers and the rules, and who
// reaches whom beside packets sent one by one. Prints what was
// tried and the slowest; ends with status 1 and how to see it again where something does not hold.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { FuzzFailure } from './fuzz/failure.ts';
import { fuzzMeshEdits } from './fuzz/mesh-edits.ts';
import { joinedReports, type Part, piecesOf } from './fuzz/pieces.ts';
import { runPieces } from './fuzz/pool.ts';
import { fuzzReach } from './fuzz/reach.ts';
import { type Subject, subjects } from './fuzz/samples.ts';

const usage = `usage: npm run fuzz [nftables|wireguard|mesh|reach|all] [-- OPTION…]
  --count N      mutations (100000); the steps of edit series and the cases of repeated rules are a tenth of it, those of edits in a
                 mesh a hundredth; of reach the cells of each shape of mesh, edits and rulesets a hundredth of it
  --seed S       the first seed (by default from the clock)
  --edits        only edit series, N steps
  --threads T    how many threads break files (by default as many as there are processors)`;

interface Options {
  readonly subject: Subject | 'mesh' | 'reach';
  readonly count: number;
  readonly seed: number;
  readonly edits: boolean;
  readonly threads: number;
}

function readOptions(args: readonly string[]): Options | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        count: { type: 'string', default: '100000' },
        seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
        edits: { type: 'boolean', default: false },
        threads: { type: 'string', default: String(availableParallelism()) },
      },
    });
    const subject = ([...subjects, 'mesh', 'reach'] as const).find((name) => name === (positionals[0] ?? 'all'));
    const count = Number(values.count);
    const seed = Number(values.seed);
    const threads = Number(values.threads);
    if (!subject || positionals.length > 1 || !isAtLeast(count, 1) || !isAtLeast(seed, 0) || !isAtLeast(threads, 1)) return usage;
    return { subject, count, seed, edits: values.edits, threads };
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n${usage}`;
  }
}

function isAtLeast(number: number, least: number): boolean {
  return Number.isInteger(number) && number >= least;
}

async function run({ subject, count, seed, edits, threads }: Options): Promise<void> {
  console.log(`fuzz ${subject}, seed ${seed}`);
  const started = performance.now();
  if (subject !== 'mesh' && subject !== 'reach') {
    const parts: readonly (readonly [Part, number])[] = edits
      ? [['edits', count]]
      : [
          ['mutations', count],
          ['edits', Math.ceil(count / 10)],
          ...(subject === 'nftables' || subject === 'all' ? [['repeated rules', Math.ceil(count / 10)] as const] : []),
        ];
    for (const [part, cases] of parts) await runPart(part, subject, cases, seed, threads);
  }
  if (subject === 'mesh' || subject === 'all') {
    const { steps, series, changes } = fuzzMeshEdits(edits ? count : Math.ceil(count / 100), seed);
    console.log(`${steps} edits in ${series} meshes: each found what is found afresh; the findings of a file changed ${changes} times`);
  }
  if (subject === 'reach') fuzzReach(count, seed, (line) => console.log(line));
  console.log(`${((performance.now() - started) / 1000).toFixed(1)} s`);
}

const inWords: Readonly<Record<Part, (counts: Readonly<Record<string, number>>) => string>> = {
  mutations: ({ mutations, findings, fixes }) =>
    `${mutations} mutations: no throw, lossless, every span in its text, steps within their budget; ${findings} findings, ${fixes} fixes`,
  edits: ({ steps, series }) => `${steps} edits in ${series} series: each the same as read afresh`,
  'repeated rules': ({ cases, read, checked }) =>
    `${cases} rulesets of repeated rules: ${read} read and ${checked} checked as another of their shape, each as by itself`,
};

async function runPart(part: Part, subject: Subject, count: number, seed: number, threads: number): Promise<void> {
  const pieces = piecesOf(part, subject, count, seed);
  let done = 0;
  const reports = await runPieces(pieces, threads, (piece) => {
    done += piece.count;
    if (pieces.length > 1) console.log(`  ${part}: ${done} of ${count}`);
  });
  const { counts, slowest } = joinedReports(reports);
  console.log(inWords[part](counts));
  if (slowest) console.log(`slowest: ${slowest.ms.toFixed(1)} ms for ${slowest.what}`);
}

const options = readOptions(process.argv.slice(2));
if (typeof options === 'string') {
  console.error(options);
  process.exitCode = 2;
} else {
  try {
    await run(options);
  } catch (error) {
    if (!(error instanceof FuzzFailure)) throw error;
    console.error(`FAILED  ${error.message}`);
    process.exitCode = 1;
  }
}
