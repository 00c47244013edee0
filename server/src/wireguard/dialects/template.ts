// Configs that a program fills in before wg reads them: Jinja, ERB, shell variables, <words in angles>.
import type { Span } from '../../text/span.ts';

/** Names of files that are templates whatever stands in them: `wg0.conf.j2`. */
const TEMPLATE_NAME = /\.(?:j2|jinja2?|tmpl|tpl|tftpl|template|erb|epp|mustache|hbs|in)$/i;

export function isTemplateName(path: string): boolean {
  return TEMPLATE_NAME.test(path);
}

/** What controls a template and leaves no text behind: {% … %}, {# … #}, <% … %>, and a {{ … }} that runs over lines. */
const CONTROL = /\{%[\s\S]*?%\}|(?<!\$)\{#[\s\S]*?#\}|<%(?!=)[\s\S]*?%>|\{\{(?:(?!\}\})[\s\S])*\n(?:(?!\}\})[\s\S])*\}\}/g;

export function hasControl(text: string): boolean {
  return text.includes('{%') || text.includes('{#') || text.includes('<%') || text.includes('{{');
}

/** `text` with what controls the template as blanks, every line break where it was: as long, and read as the file that comes of it. */
export function withoutControl(text: string): string {
  return text.replace(CONTROL, (control) => control.replace(/[^\r\n]/g, ' '));
}

const FILLED_IN = /\{\{.*?(?:\}\}|$)|\{%.*?(?:%\}|$)|\{#.*?(?:#\}|$)|<%.*?(?:%>|$)/;
/** The end of one that began on a line above. */
const FILLED_IN_ABOVE = /^.*?(?:\}\}|%\}|#\}|%>)/;
const WORD = /<[A-Za-z_][^<>\n]*>|\$\{?[A-Za-z_]\w*\}?|__[A-Z][A-Z0-9_]*__|%%?[A-Z][A-Z0-9_]*%%?/;
const HOOK = /^[ \t]*P(?:re|ost)(?:Up|Down)[ \t]*=/i;

/** Where something to be filled in stands first in a line; null where nothing does. In a hook `$x` and `<x` are the shell's. */
export function placeholderIn(line: string): Span | null {
  const found = FILLED_IN.exec(line) ?? FILLED_IN_ABOVE.exec(line) ?? (HOOK.test(line) ? null : WORD.exec(line));
  return found && { start: found.index, end: found.index + found[0].trimEnd().length };
}
