// `npm run kernel -- nftables [--seed S] [--rulesets N] [--packets M]`: the walker of packets against the real nft and Linux.
// `npm run kernel -- mesh [--seed S] [--meshes N] [--flows M]`: the engine against whole meshes of real WireGuard and nft.
// Both in private namespaces. Status 1 where a definite answer differs, with the smallest input, or where too much is unknown.
import { parseArgs } from 'node:util';
import { skipReason } from '../test/kernel/support/availability.ts';
import { linesOf as meshLines, passes as meshPasses } from './kernel/mesh/report.ts';
import { compareMeshes } from './kernel/mesh/run.ts';
import { compareRandom } from './kernel/nftables.ts';
import { linesOf, passes } from './kernel/report.ts';

const usage = `usage: npm run kernel -- nftables [--seed S] [--rulesets N] [--packets M]
       npm run kernel -- mesh [--seed S] [--meshes N] [--flows M]
  --seed S       the first ruleset’s or mesh’s seed (by default from the clock)
  --rulesets N   2000
  --packets M    for each, 200
  --meshes N     300
  --flows M      for each, 100`;

interface Options {
  readonly what: 'nftables' | 'mesh';
  readonly seed: number;
  readonly count: number;
  readonly each: number;
}

function readOptions(args: readonly string[]): Options | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
        rulesets: { type: 'string', default: '2000' },
        packets: { type: 'string', default: '200' },
        meshes: { type: 'string', default: '300' },
        flows: { type: 'string', default: '100' },
      },
    });
    const [what, ...more] = positionals;
    if ((what !== 'nftables' && what !== 'mesh') || more.length > 0) return usage;
    const [count, each] = what === 'mesh' ? [values.meshes, values.flows] : [values.rulesets, values.packets];
    const options: Options = { what, seed: Number(values.seed), count: Number(count), each: Number(each) };
    const sound = [options.seed, options.count, options.each].every((number) => Number.isInteger(number) && number >= 0);
    return sound && options.count > 0 && options.each > 0 ? options : usage;
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n${usage}`;
  }
}

async function run({ what, seed, count, each }: Options): Promise<boolean> {
  if (what === 'nftables') {
    console.log(`nftables, seed ${seed}: ${count} rulesets, ${each} packets each`);
    const report = await compareRandom(seed, count, each);
    console.log(linesOf(report).join('\n'));
    return passes(report);
  }
  console.log(`mesh, seed ${seed}: ${count} meshes, ${each} flows each`);
  const report = await compareMeshes(seed, count, each, (line) => console.error(line));
  console.log(meshLines(report).join('\n'));
  return meshPasses(report);
}

const options = readOptions(process.argv.slice(2));
const absent =
  typeof options === 'string' ? false : options.what === 'mesh' ? skipReason('nft', 'wg', 'packets') : skipReason('nft', 'packets');
if (typeof options === 'string' || absent) {
  console.error(typeof options === 'string' ? options : absent);
  process.exitCode = 2;
} else if (!(await run(options))) process.exitCode = 1;
