// What nft’s evaluation would refuse in one statement, by what it is.
import { equalData } from '../../text/equal.ts';
import type { Span } from '../../text/span.ts';
import { quoted } from '../../text/words.ts';
import type { NftablesStatement } from '../tree.ts';
import { baseOf, setOf } from './block-says.ts';
import { checkBaseChain, checkBlockHolds, checkPolicy, checkSetElements, checkSetType } from './blocks.ts';
import { ask, type Checker, definitionOf, noteUse, say, textBetween } from './checker.ts';
import { mentionKey, objectKind, REMOVAL } from './declarations.ts';
import { checkVersion } from './newer.ts';
import { checkObject, checkVariable, declared, knowsTable, namesOf, undefinedName } from './references.ts';
import type { Around } from './result.ts';
import { checkRule } from './rule.ts';

/** Checks what a statement says without what it holds. */
export function checkOne(k: Checker, statement: NftablesStatement, around: Around): void {
  const { syntax } = statement;
  checkVersion(k, statement);
  if (k.problem !== null) return;
  switch (syntax.kind) {
    case 'object':
      checkMade(k, statement, around);
      return;
    case 'rule': {
      if (syntax.at) {
        if (toldMissingTable(k, statement, syntax.at.table)) return;
        if (syntax.at.name && k.table !== null && !around.chain && knowsTable(k)) {
          undefinedName(k, 'chain', syntax.at.name, textBetween(k, syntax.at.name.start, syntax.at.name.end), namesOf(k, 'chain'));
          return;
        }
      }
      checkRule(k, syntax.statements);
      if (syntax.command === 'replace') toldHandle(k, syntax.at?.name ?? null);
      return;
    }
    case 'elements':
      if (syntax.at) {
        if (toldMissingTable(k, statement, syntax.at.table)) return;
        const name = syntax.at.name && textBetween(k, syntax.at.name.start, syntax.at.name.end);
        const set = name ? declared(k, 'set', name) : null;
        if (!set && syntax.at.name && name) undefinedName(k, 'set or map', syntax.at.name, name, namesOf(k, 'set'));
        // what is taken away needs no data, and no interval
        checkSetElements(
          k,
          set && syntax.command !== 'add' && syntax.command !== 'create' ? { ...set, flags: ['interval'], autoMerge: true } : set,
          syntax.elements,
        );
      } else checkSetElements(k, around.set, syntax.elements);
      return;
    case 'set-type':
      checkSetType(k, syntax);
      return;
    case 'base-chain':
      checkBaseChain(k, syntax);
      return;
    case 'policy':
      checkPolicy(k, syntax);
      return;
    case 'definition':
      checkDefinition(k, statement);
      return;
    case 'command':
      if (syntax.command === 'destroy' || (syntax.command === 'list' && syntax.object === 'table')) return;
      if (toldMissingTable(k, statement, syntax.at.table)) return;
      if (syntax.object === 'rule') toldHandle(k, syntax.at.table);
      else if (syntax.at.name && k.table !== null) checkNamed(k, syntax.object, syntax.at.name);
      return;
    case 'option':
      if (k.chain) for (const value of syntax.values) if (value.kind === 'variable') checkVariable(k, value);
  }
}

/** What a command names: a chain, set or object that must be there. */
function checkNamed(k: Checker, object: string, name: Span): void {
  switch (object) {
    case 'chain': {
      const text = textBetween(k, name.start, name.end);
      if (!declared(k, 'chain', text)) undefinedName(k, 'chain', name, text, namesOf(k, 'chain'));
      return;
    }
    case 'set':
    case 'map':
    case 'element': {
      const text = textBetween(k, name.start, name.end);
      if (!declared(k, 'set', text)) undefinedName(k, 'set or map', name, text, namesOf(k, 'set'));
      return;
    }
    case 'counter':
    case 'quota':
    case 'limit':
    case 'secmark':
    case 'synproxy':
    case 'flowtable':
      checkObject(k, object, name);
  }
}

/** A table that this file does not make must be loaded already: told where it is named first. */
function toldMissingTable(k: Checker, statement: NftablesStatement, table: Span | null): boolean {
  if (!table || k.table === null || k.open) return false;
  const key = mentionKey(k.family, k.table);
  const mention = k.lookup(key);
  if (mention === undefined) {
    // asked for, so that a table that goes is noticed
    noteUse(k, key, undefined);
    return false;
  }
  noteUse(k, key, mention);
  if (mention.kind !== 'mention' || mention.statement !== statement) return false;
  const name = `${k.family} ${quoted(k.table)}`;
  const again = `“table ${k.family} ${k.table}”`;
  if (mention.table === 'elsewhere')
    say(
      k,
      'depends-on-machine',
      table,
      `this file does not make the table ${name}; nft refuses it unless the table is loaded already. ${again} above makes it where it is missing`,
      { failsAt: 'machine' },
    );
  else
    say(
      k,
      'undefined-name',
      table,
      mention.table === 'below'
        ? `the table ${name} is made only further down, and nft carries out one command after the other; move it above this`
        : `the table ${name} is gone here: it is taken away above; ${again} before this makes it again`,
    );
  return true;
}

function toldHandle(k: Checker, at: Span | null): void {
  if (at && !k.open)
    say(k, 'depends-on-machine', at, 'the kernel gives handles as it loads rules, so this names a rule that no file can know', {
      failsAt: 'machine',
    });
}

function checkDefinition(k: Checker, { syntax }: NftablesStatement): void {
  if (syntax.kind !== 'definition' || !syntax.name) return;
  const name = textBetween(k, syntax.name.start, syntax.name.end);
  const before = definitionOf(k, { start: syntax.name.start - 1, end: syntax.name.end });
  if (syntax.command === 'define' && before) {
    const mend = 'give it another name, or write “redefine” where it is meant to change';
    say(k, 'duplicate-name', syntax.name, `${quoted(`$${name}`)} is defined above already; ${mend}`);
    return;
  }
  if (syntax.value) eachVariable(syntax.value, (span) => checkVariable(k, span));
}

function eachVariable(value: unknown, visit: (span: Span) => void): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const one of value) eachVariable(one, visit);
    return;
  }
  const node = value as { readonly kind?: string } & Span;
  if (node.kind === 'variable') visit(node);
  else if (node.kind !== 'literal') for (const inner of Object.values(node)) eachVariable(inner, visit);
}

function checkMade(k: Checker, statement: NftablesStatement, around: Around): void {
  const { syntax } = statement;
  if (syntax.kind !== 'object' || syntax.object === 'table') return;
  if (syntax.at.table && toldMissingTable(k, statement, syntax.at.table)) return;
  const { name } = syntax.at;
  if (!name || k.table === null) return;
  const kind = objectKind(syntax.object, textBetween(k, 0, k.text.length), 0, statement);
  checkBlockHolds(k, statement, kind, name);
  if (k.problem !== null || !statement.body.length) return;
  if (ask(k, REMOVAL)) return;
  const shown = quoted(textBetween(k, name.start, name.end));
  const { set, chain } = around;
  if (set && (kind === 'set' || kind === 'map')) {
    const own = setOf(statement, textBetween(k, 0, k.text.length), 0, kind, k.family);
    if (set.kind !== kind) say(k, 'duplicate-name', name, `${shown} is a ${set.kind} already; sets and maps of a table share their names`);
    else if (!equalData(own.keys, set.keys) || !equalData(own.data, set.data) || own.dataWord !== set.dataWord)
      say(k, 'duplicate-name', name, `the ${kind} ${shown} is declared above already, and holds something else; give it another name`);
  } else if (chain?.base) {
    const own = baseOf(statement, textBetween(k, 0, k.text.length), 0);
    if (own && (own.hook !== chain.base.hook || own.type !== chain.base.type))
      say(
        k,
        'duplicate-name',
        name,
        `the chain ${shown} is of type ${chain.base.type} at ${chain.base.hook} already; give this one another name`,
      );
  }
}
