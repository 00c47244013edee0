// Analyses files that are only in memory.
import { diskFactsOf, withoutMark } from '../../scripts/generate/disk-marks.ts';
import { type Analysis, type AnalysisOptions, shownFindings } from '../../server/src/analysis/analysis.ts';
import { fixesOf } from '../../server/src/analysis/fixes.ts';
import { type ParsedFile, parsedFile, type ReadOptions } from '../../server/src/analysis/parsed-file.ts';
import { languageOfPath, languageOfText } from '../../server/src/analysis/recognise.ts';
import { analyseWhole } from '../../server/src/analysis/whole.ts';
import type { ShownFinding } from '../../server/src/rules/rule.ts';
import { applyEdits, type Fix } from '../../server/src/text/edit.ts';
import { sourceFile } from '../../server/src/text/source-file.ts';

export type TextFiles = Readonly<Record<string, string>>;

const FOLDER = 'file:///mesh/';

/** What stands before a path with a colon says how the disk sees the file. */
export function uriOf(path: string): string {
  return FOLDER + withoutMark(path);
}

export function pathOf(uri: string): string {
  return uri.slice(FOLDER.length);
}

export function analysed(files: TextFiles, options: ReadOptions & AnalysisOptions = {}): Analysis {
  const parsed = new Map<string, ParsedFile>();
  for (const path of Object.keys(files).sort()) {
    const text = files[path] ?? '';
    const byPath = languageOfPath(`/${path}`);
    const language = byPath === 'maybe' || byPath === null ? languageOfText(text) : byPath;
    if (!language) throw new Error(`${path} is neither WireGuard nor nftables by its name or text`);
    const disk = diskFactsOf(path, text, language);
    parsed.set(uriOf(path), { ...parsedFile(sourceFile(uriOf(path), 1, language, text), undefined, null, options), disk });
  }
  return analyseWhole(parsed, options);
}

/** All findings of all files. */
export function findingsIn(analysis: Analysis): readonly ShownFinding[] {
  return [...analysis.files.keys()].flatMap((uri) => shownFindings(analysis, uri));
}

export function fixesIn(analysis: Analysis, finding: ShownFinding): readonly Fix[] {
  return fixesOf(analysis, finding, { keyPath: '/etc/wireguard' });
}

/** The files after a fix's edits. What it moves to other files is left out: the edits take it out of these. */
export function fixed(files: TextFiles, fix: Fix): TextFiles {
  const result: Record<string, string> = { ...files };
  for (const path of Object.keys(files)) {
    const edits = fix.edits.filter(({ uri }) => uri === uriOf(path));
    if (edits.length > 0) result[path] = applyEdits(files[path] ?? '', edits);
  }
  return result;
}

/** A finding in a line, for messages of failing tests. */
export function told(finding: ShownFinding, analysis: Analysis): string {
  const text = analysis.files.get(finding.uri)?.source.text ?? '';
  const line = text.slice(0, finding.span.start).split('\n').length;
  return `${pathOf(finding.uri)}:${line} ${finding.severity} ${finding.rule}: ${finding.message}`;
}
