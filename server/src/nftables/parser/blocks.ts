// Reads a ruleset's statements and blocks. An error costs its own statement; a lost brace its own block, since a line that can
// only stand outside closes what is open.
import { none, type SyntaxProblem } from '../../text/statement.ts';
import { Token, tokenClass, tokenEnd } from '../../text/token.ts';
import { advance, Lexeme } from '../lexer.ts';
import { type Expression, type NftablesStatement, type NftablesSyntax, Place } from '../tree.ts';
import { commandByName, objectWords } from '../vocabulary/structure.ts';
import { parseChainStatement } from './chains.ts';
import { parseCommand } from './commands.ts';
import {
  atEnd,
  begin,
  bump,
  type Cursor,
  fillGap,
  found,
  here,
  kindBehind,
  on,
  problem,
  separator,
  skipRest,
  takenTokens,
  unexpected,
  word,
  wordBehind,
} from './cursor.ts';
import { parseSetLiteral } from './elements.ts';
import { beginsOperand, parseCompared } from './expressions.ts';
import { parseName, parseNumber } from './names.ts';
import { parseObjectSetting } from './objects.ts';
import { blockBelow, bodyBelow, closesList } from './recovery.ts';
import { parseSetOption } from './sets.ts';
import { remember, takeKnown } from './shapes.ts';
import { parseTableStatement } from './tables.ts';

const BYTE_ORDER_MARK = 0xfeff;

/** What the head of a statement was read as; a block's body follows. */
export interface Head {
  readonly syntax: NftablesSyntax;
  /** The kind of block that its brace opens; null where it opens none. */
  readonly block: Place | null;
}

export function leaf(syntax: NftablesSyntax): Head {
  return { syntax, block: null };
}

/** Reads the statements of a block, up to the brace that closes it (which is read as a statement of its own) or what cannot stand in it. */
export function parseBody(c: Cursor, place: Place): NftablesStatement[] {
  const body: NftablesStatement[] = [];
  for (;;) {
    const kept = c.reuse?.take(c.at, place, body) ?? c.at;
    if (kept > c.at) {
      c.at = kept;
      resume(c);
      if (body[body.length - 1]?.syntax.kind === 'close') return body;
      // where lines were taken out, what is behind them follows at once
      continue;
    }
    const known = takeKnown(c, place, body);
    if (known > c.at) {
      c.at = known;
      resume(c);
      continue;
    }
    if (on(c, Lexeme.End)) {
      // what is left is blank, or a comment without a newline
      if (c.at < c.limit) body.push(trailing(c, place));
      return body;
    }
    if (on(c, Lexeme.RightBrace) && place !== Place.File && !(place === Place.Chain && closesList(c))) {
      const close = parseClose(c, place);
      body.push(close);
      if (close.syntax.kind === 'close') return body;
      continue;
    }
    if (place !== Place.File && beginsOutside(c, place)) return body;
    const start = c.at;
    const next = parseStatement(c, place);
    remember(c, next, start);
    body.push(next);
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
    head: takenTokens(c),
    body: none,
    place,
    closed,
    reach: Math.max(0, c.reach - c.at),
    problems: c.problems.length > 0 ? c.problems : none,
    troubled: c.problems.length > 0,
    syntax,
    facts: undefined,
    checked: undefined,
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

/** The brace that ends a block; of a table not where another of its blocks follows: then there is a brace too many. */
function parseClose(c: Cursor, place: Place): NftablesStatement {
  begin(c);
  const extra = place === Place.Table && blockBelow(c, c.end);
  if (extra)
    problem(c, c.start - c.base, c.end - c.base, 'this “}” is one too many, or a “{” is missing above; the table goes on behind it', {
      suggest: [''],
    });
  bump(c, Token.Punctuation);
  const closed = separator(c);
  // a set or object in braces needs a separator as well; only the end of the file does without
  if (!closed && !on(c, Lexeme.End)) {
    const start = c.start - c.base;
    problem(c, Math.max(0, start - 1), start + Math.max(1, c.end - c.start), `${found(c)}: a new line or “;” belongs behind “}”`);
  }
  return statement(c, place, { kind: extra ? 'unknown' : 'close' }, closed);
}

/** Whether the current word begins what can only stand outside this block: then its closing brace was lost. */
function beginsOutside(c: Cursor, place: Place): boolean {
  if (!on(c, Lexeme.Word)) return false;
  const name = word(c);
  const command = commandByName.has(name);
  if (!command && !blockStarts.has(name)) return false;
  if (kindBehind(c) !== Lexeme.Word) return false;
  const next = wordBehind(c);
  if (command) return objectWords.has(next) || next === 'ruleset';
  if (name === 'table') return true;
  if (place === Place.Table) return false;
  return (name !== 'set' && name !== 'map') || opensBlock(c);
}

const blockStarts = new Set(['table', 'chain', 'flowtable', 'set', 'map']);

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
  if (c.start === 0 && c.text.charCodeAt(0) === BYTE_ORDER_MARK) {
    problem(c, 0, 1, 'the file begins with a byte order mark, which nft cannot read; save it as UTF-8 without it', { suggest: [''] });
    bump(c, Token.Unknown);
    // a mark is one only where the file begins: it is never kept
    return { ...statement(c, place, { kind: 'blank' }, true), place: -1 };
  }
  const head = parseHead(c, place);
  if (head.block !== null && (on(c, Lexeme.LeftBrace) || lacksBrace(c, place, head.syntax)))
    return parseBlock(c, place, head.syntax, head.block);
  if (place === Place.Chain && on(c, Lexeme.RightBrace) && closesList(c)) {
    unexpected(c, 'it closes no list; is a “{” missing before it?');
    bump(c, Token.Unknown);
    skipRest(c);
  }
  const alone = standsAlone(head.syntax, place);
  if (!atEnd(c) && (!alone || c.problems.length > 0 || c.at === c.base)) {
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

/** Whether what a block holds follows its head all the same: then its brace was lost. */
function lacksBrace(c: Cursor, place: Place, { kind }: NftablesSyntax): boolean {
  const follows = on(c, Lexeme.Newline) ? bodyBelow(c, place) : place === Place.Table && on(c, Lexeme.Word);
  if (kind !== 'object' || !follows) return false;
  unexpected(c, '“{” belongs here, and what it holds');
  return true;
}

/** What needs no separator behind it (parser_bison.y, set_block, flowtable_block, counter_block and its kin). */
function standsAlone(syntax: NftablesSyntax, place: Place): boolean {
  switch (place) {
    case Place.Set:
    case Place.Map:
      return syntax.kind === 'elements' || (syntax.kind === 'option' && syntax.name === 'auto-merge');
    case Place.Flowtable:
      return syntax.kind === 'option' && syntax.name === 'counter';
    case Place.Counter:
    case Place.Quota:
    case Place.Limit:
    case Place.Secmark:
    case Place.Synproxy:
      return syntax.kind === 'option';
    case Place.Helper:
    case Place.Timeout:
    case Place.Expectation:
    case Place.Tunnel:
      return syntax.kind === 'option' && syntax.name === 'comment';
    default:
      return false;
  }
}

function parseBlock(c: Cursor, place: Place, head: NftablesSyntax, block: Place): NftablesStatement {
  const brace = here(c);
  if (on(c, Lexeme.LeftBrace)) bump(c, Token.Punctuation);
  const syntax: NftablesSyntax = head.kind === 'object' ? { ...head, block: true } : head;
  // the rest of the line belongs to the head
  if (on(c, Lexeme.Newline)) bump(c, Token.Newline);
  const { base, at, reach } = c;
  const tokens = takenTokens(c);
  const problems: SyntaxProblem[] = [...c.problems];
  const body = parseBody(c, block);
  const last = body[body.length - 1];
  const ended = last?.syntax.kind === 'close';
  if (!ended && problems.length === 0) {
    const message = 'this “{” is never closed; add “}” where its block ends';
    problems.push({ ...brace, rule: 'nftables/syntax', refusedBy: 'nft', message });
  }
  const over = lookOver(body, at, base, problems);
  return {
    width: c.at - base,
    head: tokens,
    body,
    place,
    closed: ended && last.closed,
    // where no brace ends it, what follows does
    reach: ended ? Math.max(0, reach - c.at, over.ahead - c.at) : Number.POSITIVE_INFINITY,
    problems: problems.length > 0 ? problems : none,
    troubled: over.troubled || problems.length > 0,
    syntax,
    facts: undefined,
    checked: undefined,
  };
}

interface Overlook {
  readonly troubled: boolean;
  /** How far in the text its statements looked. */
  readonly ahead: number;
}

/** Looks over the statements of a block, the first at `start`: for problems, and for what may be said once and is said again. */
function lookOver(body: readonly NftablesStatement[], start: number, base: number, problems: SyntaxProblem[]): Overlook {
  let troubled = false;
  let ahead = 0;
  let said: Set<string> | undefined;
  let offset = start;
  for (const statement of body) {
    troubled ||= statement.troubled;
    const once = onceInBlock(statement);
    if (once !== null) {
      said ??= new Set();
      if (said.has(once)) {
        const [first] = statement.head;
        const indent = first !== undefined && tokenClass(first) === Token.Space ? tokenEnd(first) : 0;
        const at = offset - base + indent;
        const message = `a block says its ${once} once, and this one has said it above; remove one of them`;
        problems.push({ start: at, end: at + once.length, rule: 'nftables/syntax', message, refusedBy: 'nft' });
      }
      said.add(once);
    }
    offset += statement.width;
    if (statement.reach > 0) ahead = Math.max(ahead, offset + statement.reach);
  }
  return { troubled, ahead };
}

/** The word of a statement that its block may hold once (parser_bison.y, already_set). */
function onceInBlock({ syntax, place }: NftablesStatement): string | null {
  switch (syntax.kind) {
    case 'option':
      return syntax.name === 'comment' ? 'comment' : null;
    case 'policy':
      return 'policy';
    case 'set-type':
      return 'type';
    case 'elements':
      return place === Place.Set || place === Place.Map ? 'elements' : null;
    default:
      return null;
  }
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
      return leaf(parseSetOption(c, place));
    default:
      return parseObjectSetting(c, place);
  }
}

function parseInclude(c: Cursor): NftablesSyntax {
  bump(c, Token.Keyword);
  const path = here(c);
  if (on(c, Lexeme.Quoted)) {
    bump(c, Token.String);
    return { kind: 'include', path: { start: path.start + 1, end: path.end - 1 } };
  }
  const bare = /^'?([^\s;#"']+)'?/.exec(c.text.slice(c.start, Math.min(c.limit, c.start + 300)));
  if (bare?.[1] && !atEnd(c)) {
    const suggest = [`"${bare[1]}"`];
    problem(c, path.start, path.start + bare[0].length, 'a path in quotation marks belongs behind “include”', { suggest });
  } else unexpected(c, 'a path in quotation marks belongs behind “include”');
  return { kind: 'include', path: null };
}

function parseDefinition(c: Cursor, command: string): NftablesSyntax {
  bump(c, Token.Keyword);
  const name = parseName(c, Token.Definition, `a name belongs behind “${command}”`);
  if (command === 'undefine') return { kind: 'definition', command, name, value: null };
  if (on(c, Lexeme.Equals)) bump(c, Token.Operator);
  else unexpected(c, '“=” and a value belong here');
  return { kind: 'definition', command, name, value: parseDefined(c) };
}

/** A value, a list, a set (here it may be empty), or a negative number (parser_bison.y, initializer_expr). */
function parseDefined(c: Cursor): Expression | null {
  const start = c.start - c.base;
  if (on(c, Lexeme.LeftBrace)) return parseSetLiteral(c, 'definition');
  if (on(c, Lexeme.Minus)) {
    bump(c, Token.Operator);
    parseNumber(c, 'a number belongs behind the minus');
    return { kind: 'literal', start, end: c.at - c.base, literal: 'number' };
  }
  if (beginsOperand(c)) return parseCompared(c);
  unexpected(c, 'a value belongs behind “=”');
  return null;
}
