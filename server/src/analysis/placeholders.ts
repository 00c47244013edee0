// Templates: what is to be filled in is told once for the file, not as a mistake on each line.
import type { Span } from '../text/span.ts';
import { isTemplateName, placeholderIn } from '../wireguard/dialects/template.ts';
import { type LocatedProblem, type ParsedFile, problemsOf } from './parsed-file.ts';

const RULE = 'wireguard/placeholders';

/** The problems to tell of a file: those the parser told, but for what lines with something to be filled in would cause. */
export function toldProblems(file: ParsedFile): readonly LocatedProblem[] {
  const problems = problemsOf(file);
  const { language, text, uri } = file.source;
  if (language !== 'wireguard') return problems;
  const template = isTemplateName(uri);
  if (problems.length === 0 && !template) return problems;
  const kept: LocatedProblem[] = [];
  let first: Span | null = null;
  let refused: { readonly by: string; readonly at: Span } | null = null;
  for (const located of problems) {
    const { start, line } = lineAt(text, located.span.start);
    const placeholder = placeholderIn(line);
    if (!placeholder) {
      kept.push(located);
      continue;
    }
    const at = { start: start + placeholder.start, end: start + placeholder.end };
    const { refusedBy: by, failsAt } = located.problem;
    first ??= at;
    // what is refused only as the interface comes up is not what the tool stops at
    if (by && !failsAt) refused ??= { by, at };
  }
  if (template) {
    const at = first ?? firstIn(text);
    const message = 'A template: what is to be filled in is not checked. The rest is, as far as it can be read.';
    return at ? [problem(at, { message, severity: 'hint' }), ...kept] : kept;
  }
  if (!first) return problems;
  const message = `What stands here is to be filled in before the file is used${refused ? `: as it is, ${refused.by} refuses it` : ''}. Lines like this one are not checked; a template is better named so, as in wg0.conf.j2`;
  return [
    problem(refused?.at ?? first, { message, severity: 'info', ...(refused ? { refusedBy: refused.by } : { failsAt: 'up' }) }),
    ...kept,
  ];
}

function problem(span: Span, told: Omit<LocatedProblem['problem'], 'start' | 'end' | 'rule'>): LocatedProblem {
  return { problem: { ...span, rule: RULE, ...told }, span };
}

function lineAt(text: string, offset: number): { readonly start: number; readonly line: string } {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const newline = text.indexOf('\n', offset);
  return { start, line: text.slice(start, newline < 0 ? text.length : newline) };
}

/** Where something is to be filled in outside of comments. */
function firstIn(text: string): Span | null {
  for (const { index, 0: line } of text.matchAll(/^[ \t]*[^#\s].*$/gm)) {
    const placeholder = placeholderIn(line);
    if (placeholder) return { start: index + placeholder.start, end: index + placeholder.end };
  }
  return null;
}
