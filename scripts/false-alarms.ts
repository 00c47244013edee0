// `npm run false-alarms FOLDER [-- --write]`: how often each rule speaks in other people's files that the real tools take. The folder holds
// wireguard/realworld.jsonl and nftables/realworld.jsonl; nothing of their text is kept. With --write the table goes into the docs.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { analyse, shownFindings } from '../server/src/analysis/analysis.ts';
import { parsedFile } from '../server/src/analysis/parsed-file.ts';
import { rules } from '../server/src/rules/registry.ts';
import type { Severity } from '../server/src/rules/rule.ts';
import { type Language, sourceFile } from '../server/src/text/source-file.ts';
import { readRows } from './conformance/measure.ts';
import { isTaken, type RulesetRow } from './conformance/nftables.ts';

interface ConfigRow {
  readonly id: string;
  readonly text: string;
  readonly 'tools_1.0.20260223': { readonly verdict: string };
}

const [folder, ...rest] = process.argv.slice(2);
if (folder === undefined || rest.some((arg) => arg !== '--write')) {
  console.error('usage: npm run false-alarms FOLDER [-- --write]');
  process.exit(2);
}

interface Count {
  files: number;
  findings: number;
  readonly severities: Set<Severity>;
}

/** Each file by itself, as one that was just opened. */
function count(language: Language, texts: readonly string[]): ReadonlyMap<string, Count> {
  const counts = new Map<string, Count>();
  for (const text of texts) {
    const uri = `file:///host/${language === 'nftables' ? 'nftables.conf' : 'wg0.conf'}`;
    const analysis = analyse(new Map([[uri, parsedFile(sourceFile(uri, 1, language, text))]]));
    const told = new Set<string>();
    for (const { rule, severity } of shownFindings(analysis, uri)) {
      const known = counts.get(rule) ?? { files: 0, findings: 0, severities: new Set<Severity>() };
      known.findings++;
      if (!told.has(rule)) known.files++;
      known.severities.add(severity);
      told.add(rule);
      counts.set(rule, known);
    }
  }
  return counts;
}

const configs = readRows<ConfigRow>(path.join(folder, 'wireguard/realworld.jsonl')).filter(
  (row) => row['tools_1.0.20260223'].verdict === 'accept',
);
const rulesets = readRows<RulesetRow>(path.join(folder, 'nftables/realworld.jsonl')).filter(isTaken);

function tableOf(title: string, of: number, counts: ReadonlyMap<string, Count>): string {
  const rows = rules.flatMap(({ id }) => {
    const found = counts.get(id);
    if (!found) return [];
    const share = (100 * found.files) / of;
    const severities = [...found.severities].sort().join(', ');
    return [{ share, line: `| ${id} | ${severities} | ${share.toFixed(0)} | ${((100 * found.findings) / of).toFixed(0)} |` }];
  });
  rows.sort((a, b) => b.share - a.share);
  return `## ${title}: ${of} files\n\n| rule | | files of 100 | findings of 100 files |\n|---|---|---|---|\n${rows.map(({ line }) => line).join('\n')}\n`;
}

const tables = [
  tableOf(
    'WireGuard configs that wg takes',
    configs.length,
    count(
      'wireguard',
      configs.map(({ text }) => text),
    ),
  ),
  tableOf(
    'Rulesets that nft takes',
    rulesets.length,
    count(
      'nftables',
      rulesets.map(({ text }) => text),
    ),
  ),
].join('\n');
console.log(tables);
if (rest.length > 0) {
  const page = path.resolve(import.meta.dirname, '../docs/false-alarms.md');
  const old = readFileSync(page, 'utf8');
  writeFileSync(page, `${old.slice(0, old.indexOf('\n## WireGuard configs'))}\n${tables}`);
}
