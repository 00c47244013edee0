// `npm test [-- STAGE…]`: everything that can run on this machine, or the named stages alone. The last lines say what passed, failed and
// was skipped, and why. With CI set in the environment a skipped test is a failure.
import type { Result } from './test/stage.ts';
import { stages } from './test/stages.ts';
import { failures, summary } from './test/summary.ts';

const named = process.argv.slice(2);
const unknown = named.filter((name) => !stages.some((stage) => stage.name === name));
if (unknown.length > 0) {
  console.error(`no stage ${unknown.join(', ')}; there are: ${stages.map((stage) => stage.name).join(', ')}`);
  process.exit(2);
}
const { CI } = process.env;
const ci = Boolean(CI);

const results: Result[] = [];
for (const { name, run } of stages) {
  if (named.length > 0 && !named.includes(name)) continue;
  console.log(`${name} …`);
  const started = performance.now();
  const outcome = await run();
  results.push({ stage: name, ...outcome, seconds: (performance.now() - started) / 1000 });
}
console.log(`\n${summary(results, ci).join('\n')}`);
process.exitCode = failures(results, ci).length > 0 ? 1 : 0;
