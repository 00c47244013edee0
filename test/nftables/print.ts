// A ruleset's tree on one line a statement, for tests to compare with: what was understood, with the words as they stand in the text.
import { parsedFile, problemsOf } from '../../server/src/analysis/parsed-file.ts';
import type { Element, Expression, NftablesStatement, Reference, RuleStatement, Verdict } from '../../server/src/nftables/tree.ts';
import { sourceFile } from '../../server/src/text/source-file.ts';
import type { Span } from '../../server/src/text/span.ts';
import { headWidth } from '../../server/src/text/statement.ts';

export function opened(text: string) {
  return parsedFile(sourceFile('file:///nftables.conf', 1, 'nftables', text));
}

interface Told {
  readonly rule: string;
  readonly text: string;
  readonly message: string;
  readonly start: number;
  readonly suggest: readonly string[];
  readonly failsAt: string | null;
}

/** The problems of a ruleset's text, with what they mark. */
export function problems(text: string): readonly Told[] {
  return allProblems(text).filter(({ rule }) => rule === 'nftables/syntax' || rule === 'nftables/line-endings');
}

/** Those, and what nft's evaluation would refuse. */
export function allProblems(text: string): readonly Told[] {
  return problemsOf(opened(text)).map(({ problem, span }) => ({
    rule: problem.rule,
    failsAt: problem.failsAt ?? null,
    text: text.slice(span.start, span.end),
    message: problem.message,
    start: span.start,
    suggest: problem.suggest ?? [],
  }));
}

/** A line a statement, what it holds indented; blank ones and closing braces left out. */
export function printed(text: string): readonly string[] {
  const lines: string[] = [];
  const root = opened(text).nftables?.root;
  const walk = (statement: NftablesStatement, offset: number, depth: number): void => {
    let at = offset + headWidth(statement);
    for (const child of statement.body) {
      const line = shown(child, text, at);
      if (line !== null) lines.push(`${'  '.repeat(depth)}${line}`);
      walk(child, at, depth + 1);
      at += child.width;
    }
  };
  if (root) walk(root, 0, 0);
  return lines;
}

/** The statements of a rule, as `[…] […]`. */
export function printedRule(rule: string): string {
  const [, , line = ''] = printed(`table inet t {\nchain c {\n${rule}\n}\n}\n`);
  return line.trim().replace(/^rule /, '');
}

function shown({ syntax }: NftablesStatement, text: string, offset: number): string | null {
  const word = (span: Span): string => text.slice(offset + span.start, offset + span.end);
  const words = (...spans: readonly (Span | null)[]): string => spans.map((span) => (span ? ` ${word(span)}` : '')).join('');
  const reference = (at: Reference | null): string => (at ? words(at.family, at.table, at.name) : '');

  const expression = (of: Expression): string => {
    switch (of.kind) {
      case 'literal':
        return of.literal === 'word' ? word(of) : `${of.literal}:${word(of)}`;
      case 'prefix':
        return `prefix(${expression(of.base)} ${expression(of.length)})`;
      case 'range':
        return `range(${expression(of.from)} ${expression(of.to)})`;
      case 'concatenation':
        return `concat(${of.parts.map(expression).join(' . ')})`;
      case 'list':
        return `list(${of.items.map(expression).join(', ')})`;
      case 'set':
        return `{${of.elements.map(element).join(', ')}}`;
      case 'selector': {
        const field = of.field ? `${of.field.name}:${of.field.type}` : '-';
        return `<${of.selector.name} ${field}${of.arguments.map((argument) => ` ${expression(argument)}`).join('')}>`;
      }
      case 'binary':
        return `(${expression(of.left)} ${word(of.operator)} ${expression(of.right)})`;
      case 'map':
        return `map(${expression(of.key)} ${expression(of.map)})`;
      case 'missing':
        return '?';
      default:
        return word(of);
    }
  };
  const element = ({ key, data }: Element): string =>
    data ? `${expression(key)}: ${data.kind === 'verdict' ? verdict(data) : expression(data)}` : expression(key);
  const verdict = ({ verdict: name, target, block }: Verdict): string =>
    `${name}${target ? ` ${expression(target)}` : ''}${block ? ` {${block.map((rule) => rule.map(statement).join(' ')).join('; ')}}` : ''}`;
  const statement = (of: RuleStatement): string => {
    switch (of.kind) {
      case 'verdict':
        return `[${verdict(of)}]`;
      case 'match':
        return `[${expression(of.left)} ${of.operator || '~'} ${expression(of.right)}${of.mask ? ` / ${expression(of.mask)}` : ''}]`;
      case 'vmap':
        return `[${expression(of.left)} vmap ${expression(of.right)}]`;
      case 'assignment':
        return `[${expression(of.left)} := ${expression(of.value)}]`;
      case 'nat':
        return `[${of.name}${of.address ? ` ${expression(of.address)}` : ''}${of.port ? ` port ${expression(of.port)}` : ''}]`;
      case 'action':
        return `[${of.name}${of.values.map((value) => ` ${expression(value)}`).join('')}]`;
      case 'comment':
        return '[comment]';
      default:
        return `[unknown ${word(of)}]`;
    }
  };

  switch (syntax.kind) {
    case 'blank':
    case 'close':
    case 'file':
      return null;
    case 'object':
      return `${syntax.command} ${syntax.object}${reference(syntax.at)}${syntax.block ? ' {}' : ''}`;
    case 'base-chain': {
      const { priority } = syntax;
      const base = priority ? `${expression(priority.base)}${priority.offset === 0 ? '' : ` ${priority.offset}`}` : '-';
      return `base${words(syntax.type, syntax.hook)} ${base}${syntax.devices ? ` ${expression(syntax.devices)}` : ''}`;
    }
    case 'policy':
      return `policy ${expression(syntax.policy)}`;
    case 'rule':
      return `${syntax.command === 'add' && !syntax.at ? 'rule' : `${syntax.command} rule${reference(syntax.at)}`} ${syntax.statements.map(statement).join(' ')}`;
    case 'elements':
      return `${syntax.command} elements${reference(syntax.at)} ${expression(syntax.elements)}`;
    case 'set-type': {
      const data = syntax.dataWord ? ` : ${word(syntax.dataWord)}` : syntax.data ? ` : ${syntax.data.map(expression).join(' . ')}` : '';
      return `type ${syntax.keys.map(expression).join(' . ')}${data}`;
    }
    case 'option':
      return `option ${syntax.name}${syntax.values.map((value) => ` ${expression(value)}`).join('')}`;
    case 'definition':
      return `${syntax.command}${words(syntax.name)}${syntax.value ? ` ${expression(syntax.value)}` : ''}`;
    case 'include':
      return `include${words(syntax.path)}`;
    case 'command':
      return `${syntax.command} ${syntax.object}${reference(syntax.at)}`.trim();
    default:
      return 'unknown';
  }
}
