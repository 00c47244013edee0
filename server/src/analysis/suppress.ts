// `# meshwarden: allow RULE -- REASON`: a finding that somebody looked at and means to keep. On its line, or on a line of its own above.
import { roleNamed, roles } from '../policy/roles.ts';
import { ruleById } from '../rules/registry.ts';
import { NO_STATEMENT, type ShownFinding } from '../rules/rule.ts';
import { positionAt } from '../text/lines.ts';
import type { SourceFile } from '../text/source-file.ts';
import type { Span } from '../text/span.ts';
import { listed, nearest, quoted } from '../text/words.ts';
import { levelOf, type WorkspaceLevels } from './levels.ts';

/** The rules whose findings this file makes. */
export const DIRECTIVE = 'meshwarden/directive';
export const UNUSED = 'meshwarden/unused-allow';

interface Allow extends Span {
  readonly rule: string;
  /** The line it speaks of, from 0. */
  readonly line: number;
}

interface Directives {
  readonly allows: readonly Allow[];
  readonly faults: readonly (Span & { readonly message: string; readonly suggest: readonly string[] })[];
}

const none: Directives = { allows: [], faults: [] };
const read = new WeakMap<SourceFile, Directives>();

/** The findings that stay, and what is wrong with the comments themselves. */
export function withoutAllowed(source: SourceFile, findings: readonly ShownFinding[], levels: WorkspaceLevels): readonly ShownFinding[] {
  const { allows, faults } = directivesOf(source);
  if (allows.length === 0 && faults.length === 0) return findings;
  const used = new Set<Allow>();
  const kept = findings.filter(({ rule, span }) => {
    const line = positionAt(source.lines, span.start).line;
    const allowed = allows.filter((allow) => allow.rule === rule && allow.line === line);
    for (const allow of allowed) used.add(allow);
    return allowed.length === 0;
  });
  const told = faults.map((fault) => finding(DIRECTIVE, source.uri, fault, fault.message, fault.suggest));
  for (const allow of allows) {
    // a rule that is off finds nothing anywhere: that says nothing of this comment
    if (used.has(allow) || levelOf(levels, source.uri, allow.rule) === 'off') continue;
    const message = `There is no ${allow.rule} here to allow: remove this comment, or the next real finding on the line goes unseen.`;
    told.push(finding(UNUSED, source.uri, allow, message, []));
  }
  return [...kept, ...told];
}

function finding(rule: string, uri: string, span: Span, message: string, suggest: readonly string[]): ShownFinding {
  const severity = ruleById.get(rule)?.severity ?? 'warning';
  return {
    rule,
    severity,
    uri,
    statement: NO_STATEMENT,
    item: 0,
    span: { start: span.start, end: span.end },
    message,
    related: [],
    refusedBy: null,
    failsAt: null,
    suggest,
  };
}

const WORD = /meshwarden:/gi;
const COMMENT = /^#+\s*meshwarden:\s*(.*?)\s*$/i;
const ALLOW = /^allow\s+([a-z0-9]+\/[a-z0-9-]+)(?:\s+--\s*(.*))?$/i;

function directivesOf(source: SourceFile): Directives {
  if (!source.addressed || source.language === 'policy') return none;
  let found = read.get(source);
  if (!found) {
    found = directivesIn(source);
    read.set(source, found);
  }
  return found;
}

function directivesIn({ text, lines }: SourceFile): Directives {
  const allows: Allow[] = [];
  const faults: (Span & { message: string; suggest: readonly string[] })[] = [];
  for (const match of text.matchAll(WORD)) {
    const { line } = positionAt(lines, match.index);
    const start = lines[line] ?? 0;
    const newline = text.indexOf('\n', match.index);
    const end = newline < 0 ? text.length : newline;
    const hash = text.lastIndexOf('#', match.index);
    if (hash < start || text.slice(hash, match.index).replace(/[#\s]/g, '') !== '') continue;
    const comment = text.slice(hash, end).trimEnd();
    const span: Span = { start: hash, end: hash + comment.length };
    const said = COMMENT.exec(comment)?.[1] ?? '';
    const allow = ALLOW.exec(said);
    if (allow) {
      const rule = (allow[1] as string).toLowerCase();
      const at = hash + comment.indexOf(allow[1] as string);
      if (!ruleById.has(rule)) faults.push({ ...unknownRule(rule), start: at, end: at + rule.length });
      else if (!allow[2])
        faults.push({
          ...span,
          message: `Say why: “# meshwarden: allow ${rule} -- the reason”. Without one nothing is allowed.`,
          suggest: [],
        });
      else allows.push({ ...span, rule, line: text.slice(start, hash).trim() === '' ? lineBelow(text, lines, line) : line });
    } else if (/^role\b/i.test(said)) {
      const role = /^role\s*=\s*(\S*)$/i.exec(said)?.[1] ?? '';
      if (!roleNamed(role.toLowerCase()))
        faults.push({
          ...span,
          message: `A role is ${listed(roles.map(({ name }) => name))}: “# meshwarden: role = exit-gateway”.`,
          suggest: [],
        });
    } else
      faults.push({
        ...span,
        message: 'Mesh Warden knows “# meshwarden: allow RULE -- REASON” and “# meshwarden: role = ROLE” here.',
        suggest: [],
      });
  }
  return { allows, faults };
}

/** What to say of a rule's name that is none. */
export function unknownRule(rule: string): { readonly message: string; readonly suggest: readonly string[] } {
  const near = nearest(rule, ruleById.keys());
  return { message: `There is no rule ${quoted(rule)}${near.length > 0 ? `: did you mean ${listed(near)}?` : '.'}`, suggest: near };
}

/** The next line that is more than a comment: several of these may stand above one line. */
function lineBelow(text: string, lines: SourceFile['lines'], line: number): number {
  for (let next = line + 1; next < lines.length; next++) {
    const start = lines[next] ?? text.length;
    const newline = text.indexOf('\n', start);
    if (!/^\s*(#|$)/.test(text.slice(start, newline < 0 ? text.length : newline))) return next;
  }
  return line;
}
