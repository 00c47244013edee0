// `npm run kernel -- nftables [--seed S] [--rulesets N] [--packets M]`: the walker of packets against the real nft and Linux, in a private
// namespace. Status 1 where a definite answer differs, with the smallest ruleset, or where too much is unknown.
import { parseArgs } from 'node:util';
import { skipReason } from '../test/kernel/support/availability.ts';
import { compareRandom } from './kernel/nftables.ts';
import { linesOf, passes } from './kernel/report.ts';

const usage = `usage: npm run kernel -- nftables [--seed S] [--rulesets N] [--packets M]
  --seed S       the first ruleset's seed (by default from the clock)
  --rulesets N   2000
  --packets M    for each, 200`;

interface Options {
  readonly seed: number;
  readonly rulesets: number;
  readonly packets: number;
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
      },
    });
    const [seed, rulesets, packets] = [values.seed, values.rulesets, values.packets].map(Number) as [number, number, number];
    const sound = [seed, rulesets, packets].every((number) => Number.isInteger(number) && number >= 0);
    return positionals.length === 1 && positionals[0] === 'nftables' && sound && rulesets > 0 && packets > 0
      ? { seed, rulesets, packets }
      : usage;
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n${usage}`;
  }
}

const options = readOptions(process.argv.slice(2));
const absent = skipReason('nft', 'packets');
if (typeof options === 'string' || absent) {
  console.error(typeof options === 'string' ? options : absent);
  process.exitCode = 2;
} else {
  console.log(`nftables, seed ${options.seed}: ${options.rulesets} rulesets, ${options.packets} packets each`);
  const report = await compareRandom(options.seed, options.rulesets, options.packets);
  console.log(linesOf(report).join('\n'));
  if (!passes(report)) process.exitCode = 1;
}
