// Reads a ruleset's statements and blocks. An error costs its own statement; a lost brace its own block, since a line that can
// only stand outside closes what is open.
import { none } from '../../text/statement.ts';
import { Token } from '../../text/token.ts';
import { advance, Lexeme } from '../lexer.ts';
import {
  type Expression,
  type NftablesStatement,
  type NftablesSyntax,
  type ObjectKind,
  Place,
  type Priority,
  type Reference,
} from '../tree.ts';
import { datatypeByName, datatypes } from '../vocabulary/datatypes.ts';
import type { Row } from '../vocabulary/row.ts';
import {
  chainTypes,
  chainWords,
  commandByName,
  commands,
  families,
  familyByName,
  hooks,
  policies,
  preprocessor,
  priorities,
  setFlags,
  setWords,
  tableFlags,
  tableWords,
} from '../vocabulary/structure.ts';
import { parseLimit, parseQuota, parseSynproxy } from './actions.ts';
import {
  atEnd,
  begin,
  behind,
  bump,
  type Cursor,
  fillGap,
  found,
  here,
  isWord,
  on,
  problem,
  separator,
  since,
  skipRest,
  unexpected,
  want,
  word,
} from './cursor.ts';
import { beginsOperand, missing, parseExpression, parseMapOrSet, parseSetLiteral, parseVariable } from './expressions.ts';
import { parseRuleStatements } from './rules.ts';

/** What the head of a statement was read as; a block's body follows. */
interface Head {
  readonly syntax: NftablesSyntax;
  /** The kind of block that its brace opens; null where it opens none. */
  readonly block: Place | null;
}

function leaf(syntax: NftablesSyntax): Head {
  return { syntax, block: null };
}

/** Reads the statements of a block, up to the brace that closes it (which is read as a statement of its own) or what cannot stand in it. */
export function parseBody(c: Cursor, place: Place): NftablesStatement[] {
  const body: NftablesStatement[] = [];
  for (;;) {
    const next = c.reuse?.take(c.at, place, body) ?? c.at;
    if (next > c.at) {
      c.at = next;
      resume(c);
      if (body[body.length - 1]?.syntax.kind === 'close') return body;
    }
    if (on(c, Lexeme.End)) {
      // what is left is blank, or a comment without a newline
      if (c.at < c.limit) body.push(trailing(c, place));
      return body;
    }
    if (on(c, Lexeme.RightBrace) && place !== Place.File) {
      body.push(parseClose(c, place));
      return body;
    }
    if (place !== Place.File && beginsOutside(c, place)) return body;
    body.push(parseStatement(c, place));
  }
}

/** Looks at the word behind what was taken whole. */
function resume(c: Cursor): void {
  c.kind = Lexeme.Unknown;
  c.end = c.at;
  c.start = c.at;
  c.lastWord = c.at;
  advance(c);
}

function statement(c: Cursor, place: Place, syntax: NftablesSyntax, closed: boolean): NftablesStatement {
  return {
    width: c.at - c.base,
    head: c.tokens,
    body: none,
    place,
    closed,
    problems: c.problems.length > 0 ? c.problems : none,
    troubled: c.problems.length > 0,
    syntax,
    facts: undefined,
  };
}

/** Space and comment before the end of the text. nft refuses a comment that no newline ends (measured, 1.0.6 and 1.1.3). */
function trailing(c: Cursor, place: Place): NftablesStatement {
  begin(c);
  const comment = c.text.indexOf('#', c.at);
  fillGap(c, c.limit);
  if (comment >= 0)
    problem(c, comment - c.base, c.limit - c.base, 'nft wants a new line behind the last comment; add one at the end of the file');
  return statement(c, place, { kind: 'blank' }, false);
}

function parseClose(c: Cursor, place: Place): NftablesStatement {
  begin(c);
  bump(c, Token.Punctuation);
  const closed = separator(c);
  // a set or object in braces needs a separator as well; only the end of the file does without
  if (!closed && !on(c, Lexeme.End)) {
    const start = c.start - c.base;
    problem(c, Math.max(0, start - 1), start + Math.max(1, c.end - c.start), `${found(c)}: a new line or “;” belongs behind “}”`);
  }
  return statement(c, place, { kind: 'close' }, closed);
}

const outsideChain = new Set(['chain', 'table', 'flowtable']);

/** Whether the current word begins what can only stand outside this block: then its closing brace was lost. */
function beginsOutside(c: Cursor, place: Place): boolean {
  if (!on(c, Lexeme.Word)) return false;
  const name = word(c);
  if (name === 'table') {
    const next = behind(c);
    return next.kind === Lexeme.Word;
  }
  if (place === Place.Table) return false;
  const next = behind(c);
  if (outsideChain.has(name)) return next.kind === Lexeme.Word;
  return (name === 'set' || name === 'map') && next.kind === Lexeme.Word && opensBlock(c);
}

/** Whether a brace stands behind the next word, as in `set NAME {`. */
function opensBlock(c: Cursor): boolean {
  return /^(?:set|map)[ \t]+[^\s{};]+[ \t]*\{/.test(c.text.slice(c.start, c.start + 300));
}

/** Reads one statement, with its block where it opens one. */
export function parseStatement(c: Cursor, place: Place): NftablesStatement {
  begin(c);
  if (on(c, Lexeme.Newline) || on(c, Lexeme.Semicolon)) {
    separator(c);
    return statement(c, place, { kind: 'blank' }, true);
  }
  const head = parseHead(c, place);
  if (head.block !== null && on(c, Lexeme.LeftBrace)) return parseBlock(c, place, head.syntax, head.block);
  const alone = standsAlone(head.syntax, place);
  if (!atEnd(c) && !alone) {
    unexpected(c, 'a new line or “;” belongs here');
    skipRest(c);
  }
  let closed = separator(c);
  if (!closed && on(c, Lexeme.RightBrace)) {
    if (place === Place.File) {
      if (c.at === c.base) {
        problem(c, c.start - c.base, c.end - c.base, 'this “}” closes nothing; remove it, or look for a “{” that is missing above');
        bump(c, Token.Unknown);
        closed = separator(c);
      }
    } else if (!alone) {
      problem(c, c.start - c.base, c.end - c.base, 'nft wants a new line or “;” before this “}”', { suggest: ['; }'] });
    }
  }
  if (!closed && on(c, Lexeme.End) && (head.syntax.kind === 'include' || head.syntax.kind === 'definition')) {
    problem(c, c.lastWord - c.base, c.at - c.base, 'nft wants a new line behind this; add one at the end of the file');
  }
  return statement(c, place, head.syntax, closed);
}

/** What needs no separator behind it (parser_bison.y: `elements = { … }`, `devices = { … }`, auto-merge). */
function standsAlone(syntax: NftablesSyntax, place: Place): boolean {
  return (
    place === Place.Object ||
    syntax.kind === 'elements' ||
    (syntax.kind === 'option' && (syntax.name === 'auto-merge' || syntax.name === 'devices' || syntax.name === 'counter'))
  );
}

function parseBlock(c: Cursor, place: Place, syntax: NftablesSyntax, block: Place): NftablesStatement {
  const open = here(c);
  bump(c, Token.Punctuation);
  // the rest of the line belongs to the head
  if (on(c, Lexeme.Newline)) bump(c, Token.Newline);
  const { base, tokens, problems } = c;
  const body = parseBody(c, block);
  if (body[body.length - 1]?.syntax.kind !== 'close' && problems.length === 0) {
    problems.push({
      ...open,
      rule: 'nftables/syntax',
      refusedBy: 'nft',
      message: 'this “{” is never closed; add “}” where its block ends',
    });
  }
  const result: NftablesStatement = {
    width: c.at - base,
    head: tokens,
    body,
    place,
    closed: body[body.length - 1]?.closed ?? false,
    problems: problems.length > 0 ? problems : none,
    troubled: problems.length > 0 || body.some((inner) => inner.troubled),
    syntax,
    facts: undefined,
  };
  return result;
}

function parseHead(c: Cursor, place: Place): Head {
  if (on(c, Lexeme.Word)) {
    const name = word(c);
    switch (name) {
      case 'include':
        return leaf(parseInclude(c));
      case 'define':
      case 'redefine':
      case 'undefine':
        return leaf(parseDefinition(c, name));
    }
  }
  switch (place) {
    case Place.File:
      return parseCommand(c);
    case Place.Table:
      return parseTableStatement(c);
    case Place.Chain:
      return leaf(parseChainStatement(c));
    case Place.Set:
    case Place.Map:
      return leaf(parseSetOption(c));
    default:
      return leaf(parseObjectOption(c));
  }
}

function parseInclude(c: Cursor): NftablesSyntax {
  bump(c, Token.Keyword);
  const path = here(c);
  if (on(c, Lexeme.Quoted)) {
    bump(c, Token.String);
    return { kind: 'include', path: { start: path.start + 1, end: path.end - 1 } };
  }
  unexpected(c, 'a path in quotation marks belongs behind “include”');
  return { kind: 'include', path: null };
}

function parseDefinition(c: Cursor, command: string): NftablesSyntax {
  bump(c, Token.Keyword);
  const name = here(c);
  if (!on(c, Lexeme.Word)) {
    unexpected(c, `a name belongs behind “${command}”`);
    return { kind: 'definition', command, name: null, value: null };
  }
  bump(c, Token.Definition);
  if (command === 'undefine') return { kind: 'definition', command, name, value: null };
  if (!on(c, Lexeme.Equals)) {
    unexpected(c, '“=” and a value belong here');
    return { kind: 'definition', command, name, value: null };
  }
  bump(c, Token.Operator);
  if (!beginsOperand(c)) {
    unexpected(c, 'a value belongs behind “=”');
    return { kind: 'definition', command, name, value: null };
  }
  const start = c.start - c.base;
  const items: Expression[] = [parseExpression(c, 'value')];
  while (on(c, Lexeme.Comma)) {
    bump(c, Token.Punctuation);
    if (!beginsOperand(c)) {
      unexpected(c, 'another value belongs behind the comma');
      break;
    }
    items.push(parseExpression(c, 'value'));
  }
  const first = items[0] as Expression;
  return { kind: 'definition', command, name, value: items.length === 1 ? first : { kind: 'list', ...since(c, start), items } };
}

const fileStarts: readonly Row[] = [
  { name: 'table', says: 'What holds chains, sets and maps of one family' },
  { name: 'flush ruleset', says: 'Empty everything first, so that loading the file twice gives the same' },
  ...preprocessor,
  ...commands,
];

const objectWords = new Set<string>([
  'table',
  'chain',
  'rule',
  'set',
  'map',
  'element',
  'flowtable',
  'counter',
  'quota',
  'limit',
  'ct',
  'secmark',
  'synproxy',
  'tunnel',
]);

/** Makes a thing of its kind or takes one away; without a word before it, adds. */
function parseCommand(c: Cursor): Head {
  want(c, fileStarts);
  if (!on(c, Lexeme.Word)) {
    if (on(c, Lexeme.RightBrace)) return leaf({ kind: 'unknown' });
    if (c.start === 0 && c.text.charCodeAt(0) === 0xfeff) {
      problem(c, 0, 1, 'the file begins with a byte order mark, which nft cannot read; save it as UTF-8 without it');
    } else unexpected(c, 'a table, a command, define or include belongs here');
    skipRest(c);
    return leaf({ kind: 'unknown' });
  }
  const name = word(c);
  const command = commandByName.get(name);
  if (!command) {
    if (objectWords.has(name)) return parseMade(c, 'add');
    // a rule without its words: `inet filter input accept`, or `filter input accept` in family ip
    if (familyByName.has(name) || behind(c).kind === Lexeme.Word) return parseImplicitRule(c, name);
    unexpected(c, 'a table, a command (add, delete, flush …), define or include belongs here', [
      ...commandByName.keys(),
      ...objectWords,
      'include',
      'define',
    ]);
    skipRest(c);
    return leaf({ kind: 'unknown' });
  }
  bump(c, Token.Keyword);
  if (name === 'add' || name === 'create' || name === 'insert' || name === 'replace') return parseMade(c, name);
  if ((name === 'delete' || name === 'destroy') && isWord(c, 'element')) return parseMade(c, name);
  return leaf(parseOtherCommand(c, name, command.objects));
}

function parseImplicitRule(c: Cursor, name: string): Head {
  const known = familyByName.has(name);
  const ahead = known ? null : behind(c);
  if (!known && ahead?.kind === Lexeme.Word && !looksLikeRule(c)) {
    unexpected(c, 'a table, a command (add, delete, flush …), define or include belongs here', [
      ...commandByName.keys(),
      ...objectWords,
      'include',
      'define',
    ]);
    skipRest(c);
    return leaf({ kind: 'unknown' });
  }
  const at = parseReference(c, Token.Reference);
  return leaf({ kind: 'rule', command: 'add', at, statements: parseRuleStatements(c) });
}

/** Whether three words follow one another on the line: a table, a chain and a rule. */
function looksLikeRule(c: Cursor): boolean {
  return /^[A-Za-z_.][\w/.-]*[ \t]+[A-Za-z_.][\w/.-]*[ \t]+[a-z@]/.test(c.text.slice(c.start, c.start + 300));
}

/** `[family] table [name]`. */
function parseReference(c: Cursor, token: Token, nameToken: Token = token, tableOnly = false): Reference {
  let family: Reference['family'] = null;
  want(c, families);
  if (on(c, Lexeme.Word) && familyByName.has(word(c)) && behind(c).kind !== Lexeme.LeftBrace) {
    family = here(c);
    bump(c, Token.Keyword);
  }
  const table = parseName(c, tableOnly ? nameToken : token, 'the name of a table belongs here');
  if (tableOnly || !table) return { family, table, name: null };
  return { family, table, name: parseName(c, nameToken, 'the table was named; now the name of the thing in it belongs here') };
}

function parseName(c: Cursor, token: Token, expected: string): { start: number; end: number } | null {
  const at = here(c);
  if (on(c, Lexeme.Word) || on(c, Lexeme.Quoted) || on(c, Lexeme.Star)) {
    bump(c, token);
    return at;
  }
  if (on(c, Lexeme.Dollar)) {
    const variable = parseVariable(c);
    return { start: variable.start, end: variable.end };
  }
  unexpected(c, expected);
  return null;
}

/** What is made: its kind, where, and its block or the rest of its line. */
function parseMade(c: Cursor, command: string): Head {
  const name = on(c, Lexeme.Word) ? word(c) : '';
  if (!objectWords.has(name)) {
    if (on(c, Lexeme.Word) && (command === 'add' || command === 'insert'))
      return leaf({ kind: 'rule', command, at: parseReference(c, Token.Reference), statements: parseRuleStatements(c) });
    unexpected(c, 'what to make belongs here: table, chain, rule, set, map, element …', objectWords);
    skipRest(c);
    return leaf({ kind: 'unknown' });
  }
  const object = name as ObjectKind;
  bump(c, Token.Keyword);
  switch (object) {
    case 'table': {
      const at = parseReference(c, Token.Definition, Token.Definition, true);
      return { syntax: { kind: 'object', object, command, at, block: on(c, Lexeme.LeftBrace) }, block: Place.Table };
    }
    case 'rule': {
      const at = parseReference(c, Token.Reference);
      while (isWord(c, 'position') || isWord(c, 'handle') || isWord(c, 'index')) {
        bump(c, Token.Keyword);
        if (on(c, Lexeme.Number)) bump(c, Token.Number);
        else if (on(c, Lexeme.Dollar)) parseVariable(c);
        else unexpected(c, 'a number belongs here');
      }
      return leaf({ kind: 'rule', command, at, statements: parseRuleStatements(c) });
    }
    case 'element': {
      const at = parseReference(c, Token.Reference);
      const elements = parseMapOrSet(c, 'elements belong here in braces');
      return leaf({ kind: 'elements', command, at, elements });
    }
    default:
      if (object === 'ct') takeCtKind(c);
      return parseObjectRest(c, object, command, parseReference(c, Token.Reference, Token.Definition));
  }
}

function takeCtKind(c: Cursor): void {
  if (isWord(c, 'helper') || isWord(c, 'timeout') || isWord(c, 'expectation')) bump(c, Token.Keyword);
  else unexpected(c, 'helper, timeout or expectation belongs behind “ct”', ['helper', 'timeout', 'expectation']);
}

/** Behind a thing's name: its block, or for objects their settings on the line. */
function parseObjectRest(c: Cursor, object: ObjectKind, command: string, at: Reference): Head {
  const syntax: NftablesSyntax = { kind: 'object', object, command, at, block: on(c, Lexeme.LeftBrace) };
  if (on(c, Lexeme.LeftBrace)) {
    const block = object === 'chain' ? Place.Chain : object === 'set' ? Place.Set : object === 'map' ? Place.Map : Place.Object;
    return { syntax, block };
  }
  if (!atEnd(c)) {
    switch (object) {
      case 'limit':
        parseLimit(c);
        break;
      case 'quota':
        parseQuota(c);
        break;
      case 'synproxy':
        parseSynproxy(c);
        break;
      case 'counter':
        while (isWord(c, 'packets') || isWord(c, 'bytes')) {
          bump(c, Token.Keyword);
          if (on(c, Lexeme.Number)) bump(c, Token.Number);
        }
        break;
      case 'secmark':
        if (on(c, Lexeme.Quoted)) bump(c, Token.String);
        break;
      default:
        unexpected(c, `the block of the ${object} belongs here, in braces`);
        skipRest(c);
    }
  }
  return leaf(syntax);
}

/** delete, flush, list and the others: words that name a thing, and nothing that is made. */
function parseOtherCommand(c: Cursor, command: string, objects: readonly string[]): NftablesSyntax {
  want(
    c,
    objects.map((name) => ({ name, says: '' })),
  );
  let object = '';
  const nothing: Reference = { family: null, table: null, name: null };
  if (command === 'describe') {
    while (!atEnd(c)) bump(c, Token.Selector);
    return { kind: 'command', command, object, at: nothing };
  }
  if (on(c, Lexeme.Word)) {
    object = word(c);
    if (!objects.includes(object)) {
      unexpected(c, `${command} takes ${objects.join(', ')}`, objects);
      skipRest(c);
      return { kind: 'command', command, object: '', at: nothing };
    }
    bump(c, Token.Keyword);
    if (object === 'ct') takeCtKind(c);
    if (object === 'flow' && (isWord(c, 'table') || isWord(c, 'tables'))) bump(c, Token.Keyword);
  } else if (command !== 'monitor') unexpected(c, `${command} takes ${objects.join(', ')}`);
  let at = nothing;
  if (object === 'table') at = parseReferenceOrHandle(c, true);
  else if (/^(chain|rule|set|map|element|flowtable|counter|quota|limit|ct|secmark|synproxy|tunnel|meter)$/.test(object) && !atEnd(c))
    at = parseReferenceOrHandle(c, false);
  // handles, new names, elements, formats
  while (!atEnd(c)) {
    if (on(c, Lexeme.LeftBrace)) {
      if (object === 'element') parseSetLiteral(c);
      else takeBraces(c);
    } else if (on(c, Lexeme.Dollar)) parseVariable(c);
    else bump(c, on(c, Lexeme.Number) ? Token.Number : on(c, Lexeme.Quoted) ? Token.String : Token.Reference);
  }
  return { kind: 'command', command, object, at };
}

/** A block behind a command that only removes, whatever it holds. */
function takeBraces(c: Cursor): void {
  let depth = 0;
  do {
    if (on(c, Lexeme.LeftBrace)) depth++;
    else if (on(c, Lexeme.RightBrace)) depth--;
    bump(c, on(c, Lexeme.Newline) ? Token.Newline : Token.Constant);
  } while (depth > 0 && !on(c, Lexeme.End));
}

function parseReferenceOrHandle(c: Cursor, tableOnly: boolean): Reference {
  if (isWord(c, 'handle')) return { family: null, table: null, name: null };
  let family: Reference['family'] = null;
  if (on(c, Lexeme.Word) && familyByName.has(word(c))) {
    family = here(c);
    bump(c, Token.Keyword);
  }
  if (isWord(c, 'handle') || atEnd(c)) return { family, table: null, name: null };
  const table = parseName(c, Token.Reference, 'the name of a table belongs here');
  if (tableOnly || isWord(c, 'handle') || atEnd(c)) return { family, table, name: null };
  return { family, table, name: parseName(c, Token.Reference, 'a name belongs here') };
}

function parseTableStatement(c: Cursor): Head {
  want(c, tableWords);
  const name = on(c, Lexeme.Word) ? word(c) : '';
  switch (name) {
    case 'chain':
    case 'set':
    case 'map':
    case 'flowtable':
    case 'counter':
    case 'quota':
    case 'limit':
    case 'secmark':
    case 'synproxy':
    case 'tunnel':
    case 'ct': {
      const object = name as ObjectKind;
      bump(c, Token.Keyword);
      if (object === 'ct') takeCtKind(c);
      const at: Reference = { family: null, table: null, name: parseName(c, Token.Definition, `the name of the ${object} belongs here`) };
      if (!on(c, Lexeme.LeftBrace)) unexpected(c, '“{” belongs here, and what it holds');
      return parseObjectRest(c, object, 'add', at);
    }
    case 'flags':
      bump(c, Token.Keyword);
      want(c, tableFlags);
      return leaf({ kind: 'option', name, values: takeWords(c) });
    case 'comment':
      bump(c, Token.Keyword);
      return leaf({ kind: 'option', name, values: takeWords(c) });
  }
  unexpected(
    c,
    'a table holds chain, set, map and other blocks; rules belong in a chain',
    tableWords.map((row) => row.name),
  );
  skipRest(c);
  return leaf({ kind: 'unknown' });
}

/** Words, numbers and strings up to the separator, with commas between. */
function takeWords(c: Cursor): readonly Expression[] {
  const values: Expression[] = [];
  while (!atEnd(c)) {
    const start = c.start - c.base;
    if (on(c, Lexeme.Comma)) bump(c, Token.Punctuation);
    else if (on(c, Lexeme.Dollar)) values.push(parseVariable(c));
    else if (on(c, Lexeme.LeftBrace)) values.push(parseSetLiteral(c));
    else if (beginsOperand(c)) {
      const token = on(c, Lexeme.Quoted) ? Token.String : on(c, Lexeme.Number) || on(c, Lexeme.Time) ? Token.Number : Token.Constant;
      bump(c, token);
      values.push({
        kind: 'literal',
        ...since(c, start),
        literal: token === Token.String ? 'string' : token === Token.Number ? 'number' : 'word',
      });
    } else if (on(c, Lexeme.Equals)) bump(c, Token.Operator);
    else {
      unexpected(c, 'a new line or “;” belongs here');
      skipRest(c);
      return values;
    }
  }
  return values;
}

function parseChainStatement(c: Cursor): NftablesSyntax {
  want(c, chainWords);
  if (on(c, Lexeme.Word)) {
    switch (word(c)) {
      case 'type':
        return parseBaseChain(c);
      case 'policy': {
        bump(c, Token.Keyword);
        want(c, policies);
        const start = c.start - c.base;
        if (on(c, Lexeme.Dollar)) return { kind: 'policy', policy: parseVariable(c) };
        if (isWord(c, 'accept') || isWord(c, 'drop')) bump(c, Token.Verdict);
        else unexpected(c, 'the policy is accept or drop', ['accept', 'drop']);
        return { kind: 'policy', policy: { kind: 'literal', ...since(c, start), literal: 'word' } };
      }
      case 'flags':
        bump(c, Token.Keyword);
        return { kind: 'option', name: 'flags', values: takeWords(c) };
      case 'devices':
        if (behind(c).kind === Lexeme.Equals) {
          bump(c, Token.Keyword);
          return { kind: 'option', name: 'devices', values: takeWords(c) };
        }
        break;
      case 'comment':
        bump(c, Token.Keyword);
        return { kind: 'option', name: 'comment', values: takeWords(c) };
    }
  }
  return { kind: 'rule', command: 'add', at: null, statements: parseRuleStatements(c) };
}

const typeNames = chainTypes.map(({ name }) => name);
const hookNames = hooks.map(({ name }) => name);

/** `type filter hook forward priority filter`, with devices for ingress and egress. */
function parseBaseChain(c: Cursor): NftablesSyntax {
  bump(c, Token.Keyword);
  let type: { start: number; end: number } | null = null;
  let hook: { start: number; end: number } | null = null;
  let priority: Priority | null = null;
  let devices: Expression | null = null;
  want(c, chainTypes);
  if (on(c, Lexeme.Word) && typeNames.includes(word(c))) {
    type = here(c);
    bump(c, Token.Constant);
  } else unexpected(c, 'a chain’s type is filter, nat or route', typeNames);
  want(c, [{ name: 'hook', says: 'Where in the packet’s way the kernel calls the chain' }]);
  if (isWord(c, 'hook')) bump(c, Token.Keyword);
  else unexpected(c, '“hook” and one of its names belong here', ['hook']);
  want(c, hooks);
  if (on(c, Lexeme.Word) && hookNames.includes(word(c))) {
    hook = here(c);
    bump(c, Token.Constant);
  } else unexpected(c, `a hook belongs here: ${hookNames.join(', ')}`, hookNames);
  if (isWord(c, 'device')) {
    bump(c, Token.Keyword);
    devices = beginsOperand(c) ? parseExpression(c, 'right') : missing(c);
  } else if (isWord(c, 'devices')) {
    bump(c, Token.Keyword);
    if (on(c, Lexeme.Equals)) bump(c, Token.Operator);
    devices = parseMapOrSet(c, 'devices belong here in braces');
  }
  want(c, [{ name: 'priority', says: 'Its place among the chains at the hook: lower numbers come first' }]);
  if (isWord(c, 'priority')) {
    bump(c, Token.Keyword);
    priority = parsePriority(c);
  } else unexpected(c, '“priority” and a number or name belong here', ['priority']);
  // `policy accept` may stand on the same line, without a semicolon before it
  if (c.problems.length > 0) skipRest(c);
  return { kind: 'base-chain', type, hook, priority, devices };
}

function parsePriority(c: Cursor): Priority | null {
  const start = c.start - c.base;
  want(c, priorities);
  let sign = 1;
  if (on(c, Lexeme.Minus)) {
    sign = -1;
    bump(c, Token.Operator);
  }
  let base: Expression;
  if (on(c, Lexeme.Number)) {
    bump(c, Token.Number);
    base = { kind: 'literal', ...since(c, start), literal: 'number' };
  } else if (on(c, Lexeme.Dollar) && sign > 0) base = parseVariable(c);
  else if (on(c, Lexeme.Word) && sign > 0) {
    bump(c, Token.Constant);
    base = { kind: 'literal', ...since(c, start), literal: 'word' };
  } else {
    unexpected(c, 'a number, or a name such as filter, belongs here');
    return null;
  }
  let offset = 0;
  if ((on(c, Lexeme.Plus) || on(c, Lexeme.Minus)) && base.kind === 'literal') {
    const negative = on(c, Lexeme.Minus);
    bump(c, Token.Operator);
    if (on(c, Lexeme.Number)) {
      offset = Number(word(c)) * (negative ? -1 : 1);
      bump(c, Token.Number);
    } else unexpected(c, 'a number belongs here');
  }
  return { ...since(c, start), base, offset };
}

function parseSetOption(c: Cursor): NftablesSyntax {
  want(c, setWords);
  const name = on(c, Lexeme.Word) ? word(c) : '';
  switch (name) {
    case 'type':
    case 'typeof':
      return parseSetType(c, name);
    case 'elements': {
      bump(c, Token.Keyword);
      if (on(c, Lexeme.Equals)) bump(c, Token.Operator);
      else unexpected(c, '“=” and the elements in braces belong here');
      const elements = parseMapOrSet(c, 'the elements belong here in braces');
      return { kind: 'elements', command: 'add', at: null, elements };
    }
    case 'flags':
      bump(c, Token.Keyword);
      want(c, setFlags);
      return { kind: 'option', name, values: takeWords(c) };
    case 'timeout':
    case 'gc-interval':
    case 'size':
    case 'policy':
    case 'comment':
      bump(c, Token.Keyword);
      return { kind: 'option', name, values: takeWords(c) };
    case 'auto-merge':
      bump(c, Token.Keyword);
      return { kind: 'option', name, values: [] };
    case 'counter':
    case 'limit':
    case 'quota':
    case 'last':
    case 'ct':
      return { kind: 'rule', command: 'add', at: null, statements: parseRuleStatements(c) };
  }
  unexpected(
    c,
    'a set holds type, flags, elements and its other settings',
    setWords.map((row) => row.name),
  );
  skipRest(c);
  return { kind: 'unknown' };
}

const dataWords: readonly Row[] = ['verdict', 'interval', 'counter', 'quota', 'limit', 'synproxy', 'secmark'].map((name) => ({
  name,
  says: 'What the keys stand for',
}));

/** `type ipv4_addr . inet_service : verdict`, `typeof ip saddr . tcp dport : meta mark`. */
function parseSetType(c: Cursor, name: 'type' | 'typeof'): NftablesSyntax {
  bump(c, Token.Keyword);
  const part = (): Expression => {
    const start = c.start - c.base;
    if (name === 'typeof') return beginsOperand(c) ? parseExpression(c, 'left') : missing(c);
    want(c, datatypes);
    if (on(c, Lexeme.Word) && datatypeByName.has(word(c))) bump(c, Token.Constant);
    else {
      unexpected(c, 'a datatype belongs here, such as ipv4_addr or inet_service', datatypeByName.keys());
      if (on(c, Lexeme.Word)) bump(c, Token.Unknown);
    }
    return { kind: 'literal', ...since(c, start), literal: 'word' };
  };
  const parts = (): readonly Expression[] => {
    const first = part();
    if (first.kind === 'concatenation') return first.parts;
    const result: Expression[] = [first];
    while (on(c, Lexeme.Dot)) {
      bump(c, Token.Operator);
      result.push(part());
    }
    return result;
  };
  const keys = parts();
  let data: readonly Expression[] | null = null;
  let dataWord: { start: number; end: number } | null = null;
  if (on(c, Lexeme.Colon)) {
    bump(c, Token.Operator);
    want(c, dataWords);
    if (isWord(c, 'interval')) bump(c, Token.Keyword);
    if (on(c, Lexeme.Word) && dataWords.some((row) => row.name === word(c))) {
      dataWord = here(c);
      bump(c, Token.Constant);
      data = [];
    } else if (isWord(c, 'ct') && /^(helper|timeout|expectation)$/.test(behind(c).word)) {
      dataWord = here(c);
      bump(c, Token.Keyword);
      bump(c, Token.Keyword);
      data = [];
    } else data = parts();
  }
  return { kind: 'set-type', keys, data, dataWord };
}

/** Settings of counters, limits, helpers, flowtables and other named objects. */
function parseObjectOption(c: Cursor): NftablesSyntax {
  const name = on(c, Lexeme.Word) ? word(c) : '';
  const values: Expression[] = [];
  const start = c.start - c.base;
  while (!atEnd(c)) {
    if (on(c, Lexeme.LeftBrace)) values.push(parseSetLiteral(c));
    else if (on(c, Lexeme.Dollar)) values.push(parseVariable(c));
    else {
      bump(
        c,
        on(c, Lexeme.Number) || on(c, Lexeme.Time)
          ? Token.Number
          : on(c, Lexeme.Quoted)
            ? Token.String
            : c.start - c.base === start
              ? Token.Keyword
              : Token.Constant,
      );
    }
  }
  return { kind: 'option', name, values };
}
