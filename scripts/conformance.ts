// `npm run conformance -- nftables|wireguard FOLDER [--misses]`: our verdicts beside the real tools', as a table. Status 1 where a share
// is below its floor.
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Measure, passes, tableOf } from './conformance/measure.ts';
import { nftablesMeasures } from './conformance/nftables.ts';
import { wireguardMeasures } from './conformance/wireguard.ts';
import { wireguardAppMeasures, wireguardDialectMeasures } from './conformance/wireguard-apps.ts';

const usage = `usage: npm run conformance -- nftables|wireguard FOLDER [--misses]
  FOLDER holds texts with the verdicts of the real tools, one JSON object a line.
  --misses  lists each text where we do not agree`;

const languages: Readonly<Record<string, (folder: string) => readonly Measure[]>> = {
  nftables: nftablesMeasures,
  wireguard: (folder) => [...wireguardMeasures(folder), ...wireguardAppMeasures(folder), ...wireguardDialectMeasures(folder)],
};

const { values, positionals } = parseArgs({ allowPositionals: true, options: { misses: { type: 'boolean', default: false } } });
const [language = '', folder = ''] = positionals;
const measures = languages[language];
if (!measures || !existsSync(folder)) {
  console.error(measures && folder !== '' ? `there is no folder ${folder}\n${usage}` : usage);
  process.exitCode = 2;
} else {
  const results = measures(folder);
  console.log(tableOf(results));
  for (const { name, misses, deviations } of results) {
    if (deviations.length > 0) console.log(`\n${name}, known deviations:\n  ${deviations.join('\n  ')}`);
    if (values.misses && misses.length > 0) console.log(`\n${name}, misses:\n  ${misses.join('\n  ')}`);
  }
  if (!results.every(passes)) process.exitCode = 1;
}
