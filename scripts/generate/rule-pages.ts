// The rules' pages in docs/rules, from the rules themselves: what each says, why, and its examples, which tests prove.
import { shownFindings } from '../../server/src/analysis/analysis.ts';
import { fixesOf } from '../../server/src/analysis/fixes.ts';
import { type ParsedFile, parsedFile } from '../../server/src/analysis/parsed-file.ts';
import { languageOfPath, languageOfText } from '../../server/src/analysis/recognise.ts';
import { analyseWhole } from '../../server/src/analysis/whole.ts';
import type { DiskFacts } from '../../server/src/mesh/file.ts';
import { rules } from '../../server/src/rules/registry.ts';
import type { Example, Rule } from '../../server/src/rules/rule.ts';
import type { Fix } from '../../server/src/text/edit.ts';
import { type Language, sourceFile } from '../../server/src/text/source-file.ts';
import { diskFactsOf, markWords, withoutMark } from './disk-marks.ts';

/** A page for each rule and a list of all, by their paths in docs/rules. */
export function rulePages(): ReadonlyMap<string, string> {
  const pages = new Map([['README.md', list()]]);
  for (const rule of rules) pages.set(`${rule.id}.md`, page(rule));
  return pages;
}

const severityWords: Readonly<Record<Rule['severity'], string>> = {
  error: 'error',
  warning: 'warning',
  info: 'information',
  hint: 'hint',
};

function list(): string {
  const lines = [
    '# Rules',
    '',
    `${rules.length} rules. An *error* is what the real tool refuses, or takes without meaning what is written; a *warning* is access wider than meant, or a link that cannot work; *information* depends on what cannot be seen here. A page's examples are tests: the bad one gives the finding, the good one none.`,
    '',
    '| rule | | what it finds | quick fix |',
    '|---|---|---|---|',
    ...rules.map((rule) => {
      const fix = fixesIn(rule).length > 0 ? 'yes' : '';
      return `| [${rule.id}](${rule.id}.md) | ${severityWords[rule.severity]} | ${cell(rule.docs.summary)} | ${fix} |`;
    }),
  ];
  return `${lines.join('\n')}\n`;
}

function page(rule: Rule): string {
  const { summary, why, examples } = rule.docs;
  const parts = [`# ${rule.id}`, summary, `Severity: ${severityWords[rule.severity]}.`, why];
  examples.forEach((example, i) => {
    const { targets, nftVersion } = example;
    parts.push(
      `## ${examples.length > 1 ? `Example ${i + 1}` : 'Example'}`,
      ...(targets ? [`For ${targets.join(', ')}.`] : []),
      `Bad${nftVersion ? `, for nft ${nftVersion}` : ''}:`,
      ...fences(rule, example.bad),
    );
    parts.push('Good:', ...fences(rule, example.good));
  });
  const fixes = fixesIn(rule);
  parts.push('## Quick fix');
  if (fixes.length === 0) parts.push('None.');
  else {
    const shown = fixes.map(({ title, safety }) => `- ${title}${safety === 'review' ? ' (to be reviewed)' : ''}`);
    parts.push(`For the ${examples.length > 1 ? 'examples' : 'example'} above:`, shown.join('\n'));
    if (fixes.some(({ safety }) => safety === 'review')) {
      parts.push('A fix *to be reviewed* can change who reaches whom, or needs something done on the hosts.');
    }
  }
  parts.push('[All rules](../README.md)');
  return `${parts.join('\n\n')}\n`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/\s+/g, ' ');
}

interface ExampleFile {
  /** Null where the example is one file and names none. */
  readonly path: string | null;
  readonly disk: DiskFacts | null;
  readonly language: Language;
  readonly text: string;
}

function filesOf(rule: Rule, text: string): readonly ExampleFile[] {
  const parts = text.split(/^-- (\S+) --\n/m);
  if (parts.length === 1) return [{ path: null, disk: null, language: rule.id.startsWith('nftables/') ? 'nftables' : 'wireguard', text }];
  const files: ExampleFile[] = [];
  for (let i = 1; i + 1 < parts.length; i += 2) {
    const path = parts[i] as string;
    const content = parts[i + 1] as string;
    const byPath = languageOfPath(`/${path}`);
    const language = byPath === 'maybe' || byPath === null ? (languageOfText(content) ?? 'wireguard') : byPath;
    files.push({ path, disk: diskFactsOf(path, content, language), language, text: content });
  }
  return files;
}

/** The word behind a code fence for the files of a language. */
function fenceOf(language: Language): string {
  return language === 'policy' ? 'jsonc' : language.startsWith('network') ? 'ini' : language;
}

function fences(rule: Rule, text: string): readonly string[] {
  return filesOf(rule, text).flatMap(({ path, language, text: content }) => {
    // a carriage return that is the point of an example must be seen
    const visible = content.replaceAll('\r', '␍').replace(/\n*$/, '\n');
    const fence = `\`\`\`${fenceOf(language)}\n${visible}\`\`\``;
    if (path === null) return [fence];
    return [`\`${withoutMark(path)}\`${markWords(path)}`, fence];
  });
}

/** What the light bulb offers in the rule's bad examples. */
function fixesIn(rule: Rule): readonly Fix[] {
  const fixes = rule.docs.examples.flatMap((example) => fixesOfExample(rule, example));
  return [...new Map(fixes.map((fix) => [fix.title, fix])).values()];
}

function fixesOfExample(rule: Rule, example: Example): readonly Fix[] {
  const files = new Map<string, ParsedFile>();
  const read = {
    ...(example.wgVersion ? { wgVersion: example.wgVersion } : {}),
    ...(example.nftVersion ? { nftVersion: example.nftVersion } : {}),
  };
  for (const { path, disk, language, text } of filesOf(rule, example.bad)) {
    const uri = `file:///example/${path?.replace(/^\w+:/, '') ?? (language === 'nftables' ? 'nftables.conf' : 'wg0.conf')}`;
    files.set(uri, { ...parsedFile(sourceFile(uri, 1, language, text), undefined, null, read), disk });
  }
  const analysis = analyseWhole(files, { targets: example.targets ?? [] });
  const findings = [...files.keys()].flatMap((uri) => shownFindings(analysis, uri)).filter((finding) => finding.rule === rule.id);
  return findings.flatMap((finding) => fixesOf(analysis, finding, { keyPath: '/etc/wireguard' }));
}
