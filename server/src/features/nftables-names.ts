// Every name of a ruleset where it is made and where it is used: variables, tables, chains, sets and maps, objects.
import type { NftablesStatement, NftablesTree, ObjectKind, Reference } from '../nftables/tree.ts';
import type { Span } from '../text/span.ts';
import { headWidth } from '../text/statement.ts';
import { Token, tokenClass, tokenEnd } from '../text/token.ts';

export interface NameUse {
  readonly kind: 'variable' | 'table' | 'chain' | 'set' | 'object';
  /** `family table` of what is in one; '' elsewhere. */
  readonly table: string;
  readonly name: string;
  /** Of the name alone, in the file. */
  readonly span: Span;
  readonly made: boolean;
}

export function namesIn(tree: NftablesTree, text: string): readonly NameUse[] {
  const names: NameUse[] = [];
  walk(tree.root, 0, '', text, names);
  return names;
}

export function sameName(a: NameUse, b: NameUse): boolean {
  return a.kind === b.kind && a.table === b.table && a.name === b.name;
}

/** Sets, maps and flowtables are all used as `@name`. */
function kindOf(object: string): NameUse['kind'] | null {
  if (object === 'table' || object === 'chain') return object;
  if (object === 'rule') return 'chain';
  if (object === 'set' || object === 'map' || object === 'element' || object === 'flowtable') return 'set';
  return (['counter', 'quota', 'limit', 'ct', 'secmark', 'synproxy', 'tunnel'] as readonly string[]).includes(object) ? 'object' : null;
}

function walk(statement: NftablesStatement, offset: number, table: string, text: string, into: NameUse[]): void {
  const { syntax } = statement;
  let inner = table;
  const shifted = (span: Span): Span => ({ start: offset + span.start, end: offset + span.end });
  const said = (span: Span | null): string => (span ? text.slice(offset + span.start, offset + span.end) : '');
  const add = (kind: NameUse['kind'], of: string, span: Span, made: boolean): void => {
    const name = said(span).replace(/^"|"$/g, '');
    if (name) into.push({ kind, table: of, name, span: shifted(span), made });
  };
  const subject = (at: Reference, object: ObjectKind | string, made: boolean): string => {
    const of = at.table ? `${said(at.family) || 'ip'} ${said(at.table)}` : table;
    if (at.table) add('table', '', at.table, made && object === 'table');
    const kind = kindOf(object);
    if (at.name && kind && kind !== 'table') add(kind, of, at.name, made && object !== 'rule' && object !== 'element');
    return of;
  };
  switch (syntax.kind) {
    case 'definition':
      if (syntax.name) add('variable', '', syntax.name, syntax.command !== 'undefine');
      break;
    case 'object': {
      const of = subject(syntax.at, syntax.object, true);
      inner = syntax.object === 'table' ? of : of || table;
      break;
    }
    case 'rule':
      if (syntax.at) inner = subject(syntax.at, 'rule', false);
      break;
    case 'elements':
      if (syntax.at) inner = subject(syntax.at, 'element', false);
      break;
    case 'command':
      subject(syntax.at, syntax.object, false);
      break;
  }
  uses(statement, offset, inner, text, into);
  let at = offset + headWidth(statement);
  for (const child of statement.body) {
    walk(child, at, inner, text, into);
    at += child.width;
  }
}

/** The names that a statement's own tokens use: `$x`, `@x`, `jump x`. What it is about itself is told by its syntax. */
function uses(statement: NftablesStatement, offset: number, table: string, text: string, into: NameUse[]): void {
  const told = new Set(
    into.filter(({ span }) => span.start >= offset && span.end <= offset + statement.width).map(({ span }) => span.start),
  );
  let start = offset;
  let before = '';
  for (const packed of statement.head) {
    const end = offset + tokenEnd(packed);
    const token = tokenClass(packed);
    const word = text.slice(start, end);
    if (token === Token.Variable && word !== '$' && !told.has(start)) {
      const sign = word.startsWith('$') ? 1 : 0;
      into.push({ kind: 'variable', table: '', name: word.slice(sign), span: { start: start + sign, end }, made: false });
    } else if (token === Token.Reference && !told.has(start)) {
      const sign = word.startsWith('@') ? 1 : 0;
      const name = word.slice(sign).replace(/^"|"$/g, '');
      const kind = sign || before === '@' ? 'set' : /^(?:jump|goto)$/.test(before) ? 'chain' : 'object';
      if (name) into.push({ kind, table, name, span: { start: start + sign, end }, made: false });
    }
    if (word.trim() !== '') before = word;
    start = end;
  }
}
