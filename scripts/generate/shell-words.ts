// The commands of a hook, coloured as the parser splits them (server/src/wireguard/shell.ts): what runs, what it is given, and what bash
// changes in it. All on one line.
import type { Rule } from './textmate.ts';

/** Where a word ends unless a quotation mark, a backslash or a bracket holds it together. `<(…)` is part of a word. */
const BREAK = '(?:[\\s;&|()]|[<>](?!\\())';

/** `#shell` colours a list of commands, up to the end of the line. */
export function shellRules(language: string): Readonly<Record<string, Rule>> {
  const scope = (name: string): string => `${name}.${language}`;
  const word = (begin: string, name: string): Rule => ({
    name: scope(name),
    begin,
    end: `(?=${BREAK})|$`,
    patterns: [{ include: '#shell-inside' }],
  });
  const escaped: Rule = { name: scope('constant.character.escape'), match: '\\\\.' };
  return {
    shell: {
      patterns: [
        { name: scope('comment.line.number-sign'), match: '(?<![^\\s;&|()])#.*$' },
        { name: scope('keyword.operator.list'), match: '&&|\\|\\||[;&|()]' },
        {
          begin: '(?=[^\\s;&|()])',
          end: '(?=[;&|()])|(?<=\\s)(?=#)|$',
          patterns: [
            { include: '#shell-redirection' },
            word(`\\G(?!${BREAK})`, 'entity.name.function.command'),
            word(`(?<=\\s)(?!${BREAK}|#)`, 'string.unquoted.argument'),
          ],
        },
      ],
    },
    'shell-redirection': {
      begin: '(?<![^\\s;&|()<>])[0-9]*[<>](?!\\()[<>&|]*[ \\t]*|(?<=[^\\s;&|()<>])[<>](?!\\()[<>&|]*[ \\t]*',
      beginCaptures: { 0: { name: scope('keyword.operator.redirect') } },
      end: `(?=${BREAK})|$`,
      patterns: [{ include: '#shell-inside' }],
    },
    'shell-inside': {
      patterns: [
        escaped,
        { begin: "'", end: "'|$" },
        { begin: '"', end: '"|$', patterns: [escaped, { include: '#shell-variable' }] },
        { include: '#shell-variable' },
        { begin: '[$<>]\\(', end: '\\)|$', patterns: [{ include: '#shell-brackets' }] },
        { begin: '`', end: '`|$' },
      ],
    },
    'shell-variable': {
      name: scope('variable.other.readwrite'),
      match: '%i|\\$(?:[A-Za-z_][0-9A-Za-z_]*|\\{[^}"]*\\}|[0-9@*#?$!-])',
    },
    'shell-brackets': {
      patterns: [
        { match: '\\\\.' },
        { begin: "'", end: "'|$" },
        { begin: '\\(', end: '\\)|$', patterns: [{ include: '#shell-brackets' }] },
      ],
    },
  };
}
