// meshwarden check: reads files, analyses them together, prints what was found.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Analysis, shownFindings } from '../analysis/analysis.ts';
import { fixesOf } from '../analysis/fixes.ts';
import { analyseWhole } from '../analysis/whole.ts';
import { isVersion, type NftVersion, newestVersion, versions } from '../nftables/vocabulary/versions.ts';
import type { Severity } from '../rules/rule.ts';
import { positionAt } from '../text/lines.ts';
import { isTarget, type Target, targets } from '../wireguard/targets/target.ts';
import { isWgVersion, newestWgVersion, type WgVersion, wgVersions } from '../wireguard/version.ts';
import { type Command, type Format, formats, isOneOf, isWrong, oneOf, parsedArgs, type Surroundings, toldWrong } from './command.ts';
import { gather } from './gather.ts';
import { printJson, printPretty, type ReportedFinding } from './report.ts';

export const failLevels = ['error', 'warning', 'info', 'never'] as const;

interface CheckOptions {
  readonly paths: readonly string[];
  readonly format: Format;
  readonly failOn: (typeof failLevels)[number];
  readonly wgVersion: WgVersion;
  readonly targets: readonly Target[];
  readonly nftVersion: NftVersion;
}

const rank: Readonly<Record<Severity, number>> = { error: 3, warning: 2, info: 1, hint: 0 };
const least: Readonly<Record<CheckOptions['failOn'], number>> = { error: 3, warning: 2, info: 1, never: 4 };

export const checkCommand: Command = {
  name: 'check',
  usage: `  meshwarden check [PATH…]   check files and folders (default: this folder)
      --format pretty|json   how to print (default pretty)
      --fail-on LEVEL        the least severity that fails: error, warning, info or never (default warning)
      --wg-version VERSION   whose reading of WireGuard configs counts: ${wgVersions.join(', ')} (default the last)
      --targets APP,…        also tell what these refuse or drop of a config: ${targets.join(', ')}
      --nft-version VERSION  the version of nft that rulesets are written for (default ${newestVersion})
      ends with 0 when nothing is found at the level or above, with 1 when something is
`,
  run(args, around) {
    const options = optionsIn(args);
    return isWrong(options) ? toldWrong(around, options.wrong) : check(options, around);
  },
};

function optionsIn(args: readonly string[]): CheckOptions | { readonly wrong: string } {
  const text = { type: 'string' } as const;
  const parsed = parsedArgs({
    args: [...args],
    allowPositionals: true,
    options: { format: text, 'fail-on': text, 'wg-version': text, targets: text, 'nft-version': text },
  });
  if (isWrong(parsed)) return parsed;
  const {
    'fail-on': failOn = 'warning',
    'wg-version': wgVersion = newestWgVersion,
    'nft-version': nftVersion = newestVersion,
  } = parsed.values;
  const format = oneOf('format', formats, parsed.values.format);
  if (isWrong(format)) return format;
  if (!isOneOf(failLevels, failOn)) return { wrong: `--fail-on takes ${failLevels.join(', ')}, not “${failOn}”` };
  if (!isWgVersion(wgVersion)) return { wrong: `--wg-version takes ${wgVersions.join(', ')}, not “${wgVersion}”` };
  if (!isVersion(nftVersion)) return { wrong: `--nft-version takes ${versions.join(', ')}, not “${nftVersion}”` };
  const apps = (parsed.values.targets ?? '').split(',').filter(Boolean);
  const unknown = apps.find((app) => !isTarget(app));
  if (unknown !== undefined) return { wrong: `--targets takes ${targets.join(', ')} with commas between, not “${unknown}”` };
  const paths = parsed.positionals.length > 0 ? parsed.positionals : ['.'];
  return { paths, format, failOn, wgVersion, nftVersion, targets: apps.filter(isTarget) };
}

/** Checks `paths`, which are relative to the folder around. Returns the exit status. */
async function check(options: CheckOptions, { folder, out, err }: Surroundings): Promise<number> {
  const gathered = await gather(options.paths, folder, { wgVersion: options.wgVersion, nftVersion: options.nftVersion });
  for (const trouble of gathered.troubles) err.write(`meshwarden: ${trouble}\n`);
  const analysis = analyseWhole(new Map([...gathered.files, ...gathered.included]), { targets: options.targets });
  const findings = reported(analysis, gathered.files.keys(), folder);
  const files = [...gathered.files.values()].filter(
    ({ source: { language } }) => language !== 'public-key' && language !== 'policy',
  ).length;
  if (options.format === 'json') out.write(printJson(files, findings));
  else out.write(printPretty(files, findings));
  if (files === 0 && gathered.troubles.length === 0) err.write('meshwarden: there is no WireGuard config and no nftables ruleset here\n');
  if (gathered.troubles.length > 0) return 2;
  return findings.some(({ severity }) => rank[severity] >= least[options.failOn]) ? 1 : 0;
}

function reported(analysis: Analysis, uris: Iterable<string>, folder: string): readonly ReportedFinding[] {
  const result: ReportedFinding[] = [];
  for (const uri of uris) {
    const source = analysis.files.get(uri)?.source;
    if (!source) continue;
    for (const finding of shownFindings(analysis, uri)) {
      const start = positionAt(source.lines, finding.span.start);
      const end = positionAt(source.lines, finding.span.end);
      result.push({
        rule: finding.rule,
        severity: finding.severity,
        refusedBy: finding.refusedBy,
        ...(finding.failsAt ? { failsAt: finding.failsAt } : {}),
        path: path.relative(folder, fileURLToPath(uri)).split(path.sep).join('/'),
        start: { line: start.line + 1, column: start.character + 1 },
        end: { line: end.line + 1, column: end.character + 1 },
        message: finding.message,
        fixes: fixesOf(analysis, finding, { keyPath: '/etc/wireguard' }).map(({ title, safety }) => ({ title, safety })),
      });
    }
  }
  return result;
}
