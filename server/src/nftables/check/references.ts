// Names in statements: whether what they name is there, and of the kind that is needed.
import type { Span } from '../../text/span.ts';
import { nearest, quoted } from '../../text/words.ts';
import { ask, type Checker, definitionOf, say, textOf } from './checker.ts';
import { type Declaration, keyOf, type SetDeclaration, tableKey, variableKey } from './declarations.ts';

interface Kinds {
  readonly set: SetDeclaration;
  readonly chain: Extract<Declaration, { kind: 'chain' }>;
}

/** What the file declares by this name in the statement's table; null where it does not. */
export function declared<K extends keyof Kinds>(k: Checker, kind: K, name: string): Kinds[K] | null {
  if (k.table === null) return null;
  return (ask(k, keyOf(kind, k.family, k.table, name)) as Kinds[K] | undefined) ?? null;
}

/** Whether the file makes the table around, and all names of the file stand in it: else a name may be known elsewhere. */
export function knowsTable(k: Checker): boolean {
  return !k.open && k.table !== null && ask(k, tableKey(k.family, k.table)) !== undefined;
}

/** Says that nothing of this name is there, where the file makes its table. */
export function undefinedName(k: Checker, kind: string, span: Span, name: string, known: readonly string[]): void {
  if (!knowsTable(k)) return;
  const lives = k.table === null ? undefined : k.livesOf(keyOf(kind === 'set or map' ? 'set' : kind, k.family, k.table, name));
  if (lives) {
    const gone = lives.some(({ to }) => to < k.step);
    const why = gone
      ? 'is taken away above; make it again before this'
      : 'is made only further down, and nft carries out one command after the other; move it above this';
    say(k, 'undefined-name', span, `the ${kind} ${quoted(name)} ${why}`);
    return;
  }
  const suggest = nearest(name, known);
  const meant =
    suggest.length > 0
      ? `did you mean ${suggest.map(quoted).join(' or ')}?`
      : `make it in ${k.family} ${quoted(k.table ?? '')}, or correct the name`;
  say(k, 'undefined-name', span, `there is no ${kind} ${quoted(name)} in this table; ${meant}`, { suggest });
}

/** The set or map that `@name` at `span` stands for; told where there is none. */
export function setAt(k: Checker, span: Span): SetDeclaration | null {
  const name = textOf(k, span).slice(1).trim();
  const found = declared(k, 'set', name);
  if (!found) undefinedName(k, 'set or map', { start: span.start + 1, end: span.end }, name, namesOf(k, 'set'));
  return found;
}

/** The names that are known of a kind, for “did you mean”; only asked for where one is missing. */
export function namesOf(k: Checker, kind: string): readonly string[] {
  const prefix = keyOf(kind, k.family, k.table ?? '', '');
  k.volatile = true;
  return k.names(prefix);
}

export function checkObject(k: Checker, kind: string, span: Span): void {
  if (k.table === null) return;
  const name = textOf(k, span).replace(/^"(.*)"$/s, '$1');
  if (ask(k, keyOf(kind, k.family, k.table, name)) === undefined) undefinedName(k, kind, span, name, namesOf(k, kind));
}

export function checkChain(k: Checker, span: Span): void {
  const name = textOf(k, span);
  if (k.table === null) return;
  const chain = declared(k, 'chain', name);
  if (!chain) {
    undefinedName(k, 'chain', span, name, namesOf(k, 'chain'));
    return;
  }
  if (chain.base)
    say(
      k,
      'wrong-place',
      span,
      `${quoted(name)} is a base chain, which the kernel calls at its hook; only a chain without a hook can be jumped to`,
    );
  else {
    k.jumps ??= [];
    k.jumps.push(name);
  }
}

/** Says that the variable at `span` is not defined, where that can be told from the file. */
export function checkVariable(k: Checker, span: Span): void {
  if (definitionOf(k, span) || k.open) return;
  const name = textOf(k, { start: span.start + 1, end: span.end }).trim();
  // if the file around defined it as well, its definition here would be one too many
  if (ask(k, variableKey(name))) {
    const mend = 'nft reads from the top; define it above this, or correct the name';
    say(k, 'undefined-name', span, `${quoted(`$${name}`)} is not defined at this place, but elsewhere in the file; ${mend}`);
    return;
  }
  k.volatile = true;
  const suggest = nearest(
    name,
    k.names('$').map((key) => key.slice(1)),
  );
  if (suggest.length > 0 || k.whole || k.names('$').length > 0) {
    const meant =
      suggest.length > 0 ? `did you mean ${suggest.map((one) => quoted(`$${one}`)).join(' or ')}?` : `add “define ${name} = …” above`;
    say(k, 'undefined-name', span, `the variable ${quoted(`$${name}`)} is not defined here; ${meant}`, {
      suggest: suggest.map((one) => `$${one}`),
    });
  } else
    say(
      k,
      'undefined-name',
      span,
      `this file does not define ${quoted(`$${name}`)}; nft refuses it unless the file that includes it does`,
      {
        failsAt: 'machine',
      },
    );
}
