// How findings are printed. The JSON is a promise to whoever reads it; its shape changes only by additions.
import type { Severity } from '../rules/rule.ts';
import { counted } from '../text/words.ts';

interface Place {
  /** From 1. */
  readonly line: number;
  /** UTF-16 units, from 1. */
  readonly column: number;
}

export interface ReportedFinding {
  readonly rule: string;
  readonly severity: Severity;
  readonly refusedBy: string | null;
  readonly failsAt?: 'up' | 'hook' | 'machine';
  /** Relative to the working folder, with slashes. */
  readonly path: string;
  readonly start: Place;
  readonly end: Place;
  readonly message: string;
  readonly fixes: readonly { readonly title: string; readonly safety: 'safe' | 'review' }[];
}

export function printJson(files: number, findings: readonly ReportedFinding[]): string {
  return `${JSON.stringify({ files, findings }, null, 2)}\n`;
}

/** For people: by file, a finding a line, with its rule and its first fix. */
export function printPretty(files: number, findings: readonly ReportedFinding[]): string {
  const lines: string[] = [];
  let path = '';
  for (const finding of findings) {
    if (finding.path !== path) {
      if (path) lines.push('');
      path = finding.path;
      lines.push(path);
    }
    lines.push(`  ${finding.start.line}:${finding.start.column}  ${finding.severity}  ${finding.message}  [${finding.rule}]`);
    const fix = finding.fixes[0];
    if (fix) lines.push(`         fix: ${fix.title}`);
  }
  const count = (severity: Severity): number => findings.filter((finding) => finding.severity === severity).length;
  const parts = [
    counted(count('error'), 'error'),
    counted(count('warning'), 'warning'),
    `${counted(count('info'), 'piece')} of information`,
  ];
  if (lines.length > 0) lines.push('');
  lines.push(`${counted(files, 'file')} checked: ${findings.length === 0 ? 'nothing found' : parts.join(', ')}.`);
  return `${lines.join('\n')}\n`;
}
