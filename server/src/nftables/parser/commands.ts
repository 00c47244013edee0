// Reads the commands of a ruleset file: what makes a thing, what takes it away, what asks (parser_bison.y, base_cmd).
import { Token } from '../../text/token.ts';
import { Lexeme } from '../lexer.ts';
import type { NftablesSyntax, ObjectKind, Reference } from '../tree.ts';
import { Place } from '../tree.ts';
import { reserved } from '../vocabulary/reserved.ts';
import type { Row } from '../vocabulary/row.ts';
import { commandByName, commands, familyByName, objectWords, preprocessor } from '../vocabulary/structure.ts';
import { type Head, leaf } from './blocks.ts';
import { atEnd, bump, type Cursor, isWord, on, skipRest, unexpected, want, word, wordBehind } from './cursor.ts';
import { beginsOperand, parseElements, parseExpression } from './expressions.ts';
import { parseFamily, parseHandle, parseName, parseReference, parseReferenceOrHandle, parseTableReference } from './names.ts';
import { parseObjectRest, takeCtKind } from './objects.ts';
import { guessBlock } from './recovery.ts';
import { parseRuleStatements } from './rules.ts';

const fileStarts: readonly Row[] = [
  { name: 'table', says: 'What holds chains, sets and maps of one family' },
  { name: 'flush ruleset', says: 'Empty everything first, so that loading the file twice gives the same' },
  ...preprocessor,
  ...commands,
];

const firstWords: readonly string[] = [...commandByName.keys(), ...objectWords, 'include', 'define'];

/** Makes a thing of its kind or takes one away; without a word before it, adds. */
export function parseCommand(c: Cursor): Head {
  want(c, fileStarts);
  if (!on(c, Lexeme.Word)) {
    if (on(c, Lexeme.RightBrace)) return leaf({ kind: 'unknown' });
    unexpected(c, 'a table, a command, define or include belongs here');
    skipRest(c);
    return leaf({ kind: 'unknown' });
  }
  const name = word(c);
  const command = commandByName.get(name);
  if (!command) {
    if (objectWords.has(name)) return parseMade(c, 'add');
    return parseImplicitRule(c, name);
  }
  bump(c, Token.Keyword);
  if (name === 'add' || name === 'create' || name === 'insert' || name === 'replace') return parseMade(c, name);
  if ((name === 'delete' || name === 'destroy') && isWord(c, 'element')) return parseMade(c, name);
  return leaf(parseOtherCommand(c, name, command.objects));
}

/** What cannot be read: a block all the same where the line opens one. */
function unread(c: Cursor): Head {
  const meant = guessBlock(c, Place.File);
  if (meant) return meant;
  skipRest(c);
  return leaf({ kind: 'unknown' });
}

/** A rule without its words: `inet filter input accept`, or `filter input accept` in family ip. */
function parseImplicitRule(c: Cursor, name: string): Head {
  if (opensTable(c) || (!familyByName.has(name) && !looksLikeRule(c, name))) {
    unexpected(c, 'a table, a command (add, delete, flush …), define or include belongs here', firstWords);
    return unread(c);
  }
  return leaf(parseRule(c, 'add'));
}

/** Whether a family or name and a brace stand here, as behind “table”. */
function opensTable(c: Cursor): boolean {
  return (
    /^[a-z_][\w.-]*(?:[ \t]+[\w.-]+){0,2}[ \t]*\{[ \t]*(?:#.*)?$/im.exec(c.text.slice(c.start, Math.min(c.limit, c.start + 300)))?.index ===
    0
  );
}

/** Whether three words follow one another on the line: a table, a chain and a rule. */
function looksLikeRule(c: Cursor, name: string): boolean {
  const match = /^[A-Za-z_.][\w/.-]*[ \t]+([A-Za-z_.][\w/.-]*)[ \t]+[a-z@]/.exec(c.text.slice(c.start, Math.min(c.limit, c.start + 300)));
  return !reserved.has(name) && match?.[1] !== undefined && !reserved.has(match[1]);
}

/** `[family] table chain [position|handle|index N] RULE`. */
function parseRule(c: Cursor, command: string): NftablesSyntax {
  const at = parseReference(c, Token.Reference);
  if (isWord(c, 'handle') || ((isWord(c, 'position') || isWord(c, 'index')) && command !== 'replace')) parseHandle(c);
  else if (command === 'replace') unexpected(c, '“handle” and the number of the rule to replace belong here', ['handle']);
  if (atEnd(c)) unexpected(c, 'the rule belongs here');
  return { kind: 'rule', command, at, statements: parseRuleStatements(c) };
}

const made: Readonly<Record<string, ReadonlySet<string>>> = {
  insert: new Set(['rule']),
  replace: new Set(['rule']),
  create: new Set([...objectWords].filter((name) => name !== 'rule')),
};

/** What is made: its kind, where, and its block or the rest of its line. */
function parseMade(c: Cursor, command: string): Head {
  const name = on(c, Lexeme.Word) ? word(c) : '';
  const may = made[command] ?? objectWords;
  if (!may.has(name)) {
    if (command === 'add' && (familyByName.has(name) || looksLikeRule(c, name))) return leaf(parseRule(c, command));
    unexpected(c, `what to ${command === 'add' || command === 'create' ? 'make' : command} belongs here: ${[...may].join(', ')}`, may);
    return unread(c);
  }
  const object = name as ObjectKind;
  bump(c, Token.Keyword);
  switch (object) {
    case 'table': {
      const at = parseTableReference(c, Token.Definition);
      return { syntax: { kind: 'object', object, command, at, block: on(c, Lexeme.LeftBrace) }, block: Place.Table };
    }
    case 'rule':
      return leaf(parseRule(c, command));
    case 'element': {
      const at = parseReference(c, Token.Reference);
      return leaf({ kind: 'elements', command, at, elements: parseElements(c, 'elements belong here in braces') });
    }
    default: {
      const ctKind = object === 'ct' ? takeCtKind(c) : null;
      return parseObjectRest(c, object, ctKind, command, parseReference(c, Token.Reference, Token.Definition));
    }
  }
}

const nothing: Reference = { family: null, table: null, name: null };

/** delete, flush, list and the others: words that name a thing, and nothing that is made. */
function parseOtherCommand(c: Cursor, command: string, objects: readonly string[]): NftablesSyntax {
  want(
    c,
    objects.map((name) => ({ name, says: '' })),
  );
  switch (command) {
    case 'describe':
      if (beginsOperand(c)) parseExpression(c, 'left');
      else unexpected(c, 'what to describe belongs here: an expression, or a datatype’s name');
      return { kind: 'command', command, object: '', at: nothing };
    case 'monitor':
      takeOne(c, ['new', 'destroy']);
      takeOne(c, ['tables', 'chains', 'sets', 'rules', 'elements', 'ruleset', 'trace']);
      takeFormat(c, false);
      return { kind: 'command', command, object: '', at: nothing };
    case 'import':
    case 'export':
      takeOne(c, ['ruleset']);
      takeFormat(c, true);
      return { kind: 'command', command, object: 'ruleset', at: nothing };
  }
  const object = on(c, Lexeme.Word) ? word(c) : '';
  if (!objects.includes(object)) {
    unexpected(c, `${command} takes ${objects.join(', ')}`, objects);
    skipRest(c);
    return { kind: 'command', command, object: '', at: nothing };
  }
  bump(c, Token.Keyword);
  return { kind: 'command', command, object, at: parseSubject(c, command, object) };
}

function takeOne(c: Cursor, names: readonly string[]): boolean {
  if (!on(c, Lexeme.Word) || !names.includes(word(c))) return false;
  bump(c, Token.Keyword);
  return true;
}

function takeFormat(c: Cursor, must: boolean): void {
  if (takeOne(c, ['vm'])) {
    if (!takeOne(c, ['json'])) unexpected(c, '“json” belongs behind “vm”', ['json']);
  } else if (!takeOne(c, ['json', 'xml']) && must) unexpected(c, 'a format belongs here: json, xml or “vm json”', ['json', 'xml', 'vm']);
}

/** What the command is about, behind the word that says what kind of thing it is. */
function parseSubject(c: Cursor, command: string, object: string): Reference {
  const removes = command === 'delete' || command === 'destroy';
  switch (object) {
    case 'ruleset':
      return { family: parseFamily(c), table: null, name: null };
    case 'tables':
    case 'chains':
    case 'meters':
      return { family: parseFamily(c), table: null, name: null };
    case 'hooks': {
      const family = parseFamily(c);
      if (isWord(c, 'device')) {
        bump(c, Token.Keyword);
        parseName(c, Token.Reference, 'the name of a device belongs here');
      }
      return { family, table: null, name: null };
    }
    case 'table':
      return removes ? parseReferenceOrHandle(c, true) : parseTableReference(c, Token.Reference);
    case 'rule': {
      const at = parseReference(c, Token.Reference);
      if (isWord(c, 'handle')) parseHandle(c);
      else unexpected(c, `a rule is named by its handle here, as in “${command} rule inet filter input handle 4”`, ['handle']);
      return { ...at, name: null };
    }
    case 'element': {
      const at = parseReference(c, Token.Reference);
      parseElements(c, 'elements belong here in braces');
      return at;
    }
    case 'rules':
      return parseResetRules(c);
    case 'ct':
      return parseCtSubject(c, command);
    case 'flow': {
      const many = command === 'list' && isWord(c, 'tables');
      if (many || isWord(c, 'table')) bump(c, Token.Keyword);
      else unexpected(c, '“table” belongs behind “flow”', ['table']);
      return many ? { family: parseFamily(c), table: null, name: null } : parseReference(c, Token.Reference);
    }
  }
  if (object.endsWith('s')) return parseAnyTable(c);
  if (!removes) {
    const at = parseReference(c, Token.Reference);
    if (command === 'rename') parseName(c, Token.Definition, 'the new name of the chain belongs here');
    return at;
  }
  const at = parseReferenceOrHandle(c, false);
  if (on(c, Lexeme.LeftBrace) && (object === 'chain' || object === 'flowtable')) takeBraces(c);
  return at;
}

/** Nothing, a family, or a table with or without the word. */
function parseAnyTable(c: Cursor): Reference {
  if (isWord(c, 'table')) {
    bump(c, Token.Keyword);
    return parseTableReference(c, Token.Reference);
  }
  const family = parseFamily(c);
  return { family, table: atEnd(c) ? null : parseName(c, Token.Reference, 'the name of a table belongs here'), name: null };
}

/** `reset rules [[table] [family] TABLE]`, `reset rules [chain] [family] TABLE CHAIN`. */
function parseResetRules(c: Cursor): Reference {
  if (isWord(c, 'chain')) {
    bump(c, Token.Keyword);
    return parseReference(c, Token.Reference);
  }
  const named = isWord(c, 'table');
  const at = parseAnyTable(c);
  return named || atEnd(c) ? at : { ...at, name: parseName(c, Token.Reference, 'the name of a chain belongs here') };
}

/** `ct helper [family] TABLE NAME`; `list ct helpers table TABLE`, `list ct timeout table TABLE`. */
function parseCtSubject(c: Cursor, command: string): Reference {
  const all = command === 'list' && (isWord(c, 'helpers') || wordBehind(c) === 'table');
  if (isWord(c, 'helpers') && all) bump(c, Token.Keyword);
  else takeCtKind(c);
  if (!all) return parseReference(c, Token.Reference);
  if (isWord(c, 'table')) bump(c, Token.Keyword);
  else unexpected(c, '“table” and its name belong here', ['table']);
  return parseTableReference(c, Token.Reference);
}

/** The block of a chain or flowtable whose devices are taken away, whatever it holds. */
function takeBraces(c: Cursor): void {
  let depth = 0;
  do {
    if (on(c, Lexeme.LeftBrace)) depth++;
    else if (on(c, Lexeme.RightBrace)) depth--;
    bump(c, on(c, Lexeme.Newline) ? Token.Newline : on(c, Lexeme.Number) ? Token.Number : Token.Constant);
  } while (depth > 0 && !on(c, Lexeme.End));
  if (depth > 0) unexpected(c, 'the “{” is never closed; add “}”');
}
