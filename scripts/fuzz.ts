// `npm run fuzz [nftables|wireguard|mesh|reach|all] [-- OPTION…]`: broken files and random edits through the parsers and the rules, and who
// reaches whom beside packets sent one by one. Prints what was
// tried and the slowest; ends with status 1 and how to see it again where something does not hold.
import { parseArgs } from 'node:util';
import { fuzzEdits } from './fuzz/edits.ts';
import { FuzzFailure } from './fuzz/failure.ts';
import { fuzzMeshEdits } from './fuzz/mesh-edits.ts';
import { fuzzMutations } from './fuzz/mutations.ts';
import { fuzzReach } from './fuzz/reach.ts';
import { meshes, type Subject, subjects } from './fuzz/samples.ts';
import { fuzzShapes } from './fuzz/shapes.ts';

const usage = `usage: npm run fuzz [nftables|wireguard|mesh|reach|all] [-- OPTION…]
  --count N      mutations (100000); the steps of edit series and the cases of repeated rules are a tenth of it, those of edits in a
                 mesh a hundredth; of reach the cells of each shape of mesh, edits and rulesets a hundredth of it
  --seed S       the first seed (by default from the clock)
  --edits        only edit series, N steps`;

interface Options {
  readonly subject: Subject | 'mesh' | 'reach';
  readonly count: number;
  readonly seed: number;
  readonly edits: boolean;
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
      },
    });
    const subject = ([...subjects, 'mesh', 'reach'] as const).find((name) => name === (positionals[0] ?? 'all'));
    const count = Number(values.count);
    const seed = Number(values.seed);
    if (!subject || positionals.length > 1 || !Number.isInteger(count) || count < 1 || !Number.isInteger(seed) || seed < 0) return usage;
    return { subject, count, seed, edits: values.edits };
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n${usage}`;
  }
}

function rulesetTexts(): readonly string[] {
  return meshes('nftables').flatMap(({ samples }) => samples.filter(({ language }) => language === 'nftables').map(({ text }) => text));
}

function run({ subject, count, seed, edits }: Options): void {
  console.log(`fuzz ${subject}, seed ${seed}`);
  const started = performance.now();
  if (subject !== 'mesh' && subject !== 'reach') runFiles(subject, count, seed, edits);
  if (subject === 'mesh' || subject === 'all') {
    const { steps, series, changes } = fuzzMeshEdits(edits ? count : Math.ceil(count / 100), seed);
    console.log(`${steps} edits in ${series} meshes: each found what is found afresh; the findings of a file changed ${changes} times`);
  }
  if (subject === 'reach') fuzzReach(count, seed, (line) => console.log(line));
  console.log(`${((performance.now() - started) / 1000).toFixed(1)} s`);
}

function runFiles(subject: Subject, count: number, seed: number, edits: boolean): void {
  if (!edits) {
    const report = fuzzMutations(subject, count, seed);
    const { ms, uri, characters, seed: at } = report.slowest;
    console.log(
      `${report.mutations} mutations: no throw, lossless, every span in its text, steps within their budget; ${report.findings} findings, ${report.fixes} fixes`,
    );
    console.log(`slowest: ${ms.toFixed(1)} ms for ${characters} characters of ${uri} (--seed ${at} --count 1)`);
  }
  const report = fuzzEdits(subject, edits ? count : Math.ceil(count / 10), seed);
  const { ms, uri, seed: at } = report.slowest;
  console.log(`${report.steps} edits in ${report.series} series: each the same as read afresh`);
  console.log(`slowest: ${ms.toFixed(1)} ms in ${uri} (--edits --seed ${at} --count 25)`);
  if (!edits && (subject === 'nftables' || subject === 'all')) {
    const shapes = fuzzShapes(rulesetTexts(), Math.ceil(count / 10), seed);
    console.log(
      `${shapes.cases} rulesets of repeated rules: ${shapes.read} read and ${shapes.checked} checked as another of their shape, each as by itself`,
    );
  }
}

const options = readOptions(process.argv.slice(2));
if (typeof options === 'string') {
  console.error(options);
  process.exitCode = 2;
} else {
  try {
    run(options);
  } catch (error) {
    if (!(error instanceof FuzzFailure)) throw error;
    console.error(`FAILED  ${error.message}`);
    process.exitCode = 1;
  }
}
