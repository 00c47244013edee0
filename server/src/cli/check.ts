// meshwarden check: reads files, analyses them together, prints what was found.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Analysis, analyse, shownFindings } from '../analysis/analysis.ts';
import { fixesOf } from '../analysis/fixes.ts';
import { wantedPlaces } from '../analysis/includes.ts';
import { type ParsedFile, parsedFile, type ReadOptions } from '../analysis/parsed-file.ts';
import { FILE_LIMIT, languageOfPath, languageOfText, looksBinary, POLICY_NAME } from '../analysis/recognise.ts';
import { fileFacts, findFiles, nodeHost, readText } from '../host/node.ts';
import type { NftVersion } from '../nftables/vocabulary/versions.ts';
import type { Severity } from '../rules/rule.ts';
import { positionAt } from '../text/lines.ts';
import { type Language, sourceFile } from '../text/source-file.ts';
import type { Target } from '../wireguard/targets/target.ts';
import type { WgVersion } from '../wireguard/version.ts';
import { printJson, printPretty, type ReportedFinding } from './report.ts';

export const formats = ['pretty', 'json'] as const;
export const failLevels = ['error', 'warning', 'info', 'never'] as const;

export interface CheckOptions {
  readonly paths: readonly string[];
  readonly format: (typeof formats)[number];
  readonly failOn: (typeof failLevels)[number];
  readonly wgVersion: WgVersion;
  readonly targets: readonly Target[];
  readonly nftVersion: NftVersion;
}

interface Output {
  write(text: string): unknown;
}

const rank: Readonly<Record<Severity, number>> = { error: 3, warning: 2, info: 1, hint: 0 };
const least: Readonly<Record<CheckOptions['failOn'], number>> = { error: 3, warning: 2, info: 1, never: 4 };

/** Checks `paths`, which are relative to `folder`. Returns the exit status. */
export async function check(options: CheckOptions, folder: string, out: Output, err: Output): Promise<number> {
  const gathered = await gather(options.paths, folder, { wgVersion: options.wgVersion, nftVersion: options.nftVersion });
  for (const trouble of gathered.troubles) err.write(`meshwarden: ${trouble}\n`);
  const analysis = analyse(new Map([...gathered.files, ...gathered.included]), undefined, { targets: options.targets });
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

export interface Gathered {
  readonly files: ReadonlyMap<string, ParsedFile>;
  /** Read because others include them: they count, and nothing is told of them. */
  readonly included: ReadonlyMap<string, ParsedFile>;
  readonly troubles: readonly string[];
}

/** The files of ours among `paths`, which are relative to `folder`. */
export async function gather(paths: readonly string[], folder: string, options: ReadOptions): Promise<Gathered> {
  const troubles: string[] = [];
  const found = new Map<string, ParsedFile>();
  for (const given of paths) {
    const full = path.resolve(folder, given);
    const info = await stat(full).catch(() => null);
    if (info) await addPolicyAbove(info.isDirectory() ? full : path.dirname(full));
    if (!info) troubles.push(`${given}: there is no such file or folder`);
    else if (info.isDirectory()) for (const file of await findFiles(full)) await add(file, false);
    else await add(full, true);
  }

  /** The workspace file of the folder or the nearest one above it, as far as its repository goes. */
  async function addPolicyAbove(from: string): Promise<void> {
    for (let at = from; ; at = path.dirname(at)) {
      const file = path.join(at, POLICY_NAME);
      if (await stat(file).catch(() => null)) return add(file, false);
      if ((await stat(path.join(at, '.git')).catch(() => null)) || path.dirname(at) === at) return;
    }
  }

  /** `named`: the file was named itself, so it must be one of ours. */
  async function add(file: string, named: boolean): Promise<void> {
    const uri = pathToFileURL(file).href;
    if (found.has(uri)) return;
    const shown = path.relative(folder, file) || file;
    const byPath = languageOfPath(file.split(path.sep).join('/'));
    const answer = await readText(file, byPath === 'public-key' ? 4096 : FILE_LIMIT);
    if ('problem' in answer) {
      // a key file that cannot be read, or a large .conf of somebody else's, is no trouble of ours
      if (named || byPath === 'wireguard' || byPath === 'nftables' || byPath === 'policy')
        troubles.push(`${shown}: ${answer.problem === 'too-large' ? `it is too large to be a config (${answer.detail})` : answer.detail}`);
      return;
    }
    const language: Language | null =
      byPath === 'maybe' || byPath === null ? (languageOfText(answer.text) ?? (named ? guessed(answer.text) : null)) : byPath;
    if (!language) {
      if (named) troubles.push(`${shown}: it is neither a WireGuard config nor an nftables ruleset`);
      return;
    }
    if (looksBinary(answer.text)) {
      if (language !== 'public-key') troubles.push(`${shown}: it is no text, it holds NUL bytes`);
      return;
    }
    const disk = language === 'wireguard' ? await fileFacts(file) : null;
    found.set(uri, { ...parsedFile(sourceFile(uri, 0, language, answer.text), undefined, null, options), disk });
  }

  const included = new Map<string, ParsedFile>();
  const folders = [pathToFileURL(folder).href];
  const waiting = [...found.values()];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    for (const { place, pattern } of wantedPlaces(next, folders)) {
      for (const uri of pattern ? await nodeHost.glob(place) : [place]) {
        const answer = found.has(uri) || included.has(uri) ? null : await nodeHost.read(uri, FILE_LIMIT);
        if (!answer || 'problem' in answer || looksBinary(answer.text)) continue;
        const file = parsedFile(sourceFile(uri, 0, 'nftables', answer.text), undefined, null, options);
        included.set(uri, file);
        waiting.push(file);
      }
    }
  }
  return { files: new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1))), included, troubles };
}

/** A file that was named although its name says nothing: a table or a command in it makes it nftables. */
function guessed(text: string): Language | null {
  return /^\s*(table|add|flush|define|include|delete|chain)\b/m.test(text) ? 'nftables' : null;
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
