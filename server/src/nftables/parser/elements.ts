// Reads lists in braces: `{ element, element, … }` of sets, maps and verdict maps, with at most one new line between two words.
import type { Span } from '../../text/span.ts';
import { Token } from '../../text/token.ts';
import { Lexeme } from '../lexer.ts';
import type { Element, Expression } from '../tree.ts';
import { elementWords } from '../vocabulary/phrases.ts';
import { reserved } from '../vocabulary/reserved.ts';
import { bareMeta, selectorByName } from '../vocabulary/selectors.ts';
import { verdictByName, verdicts } from '../vocabulary/statements.ts';
import { parseComment, parseStatefulStatement } from './actions.ts';
import { behindNewlines, bump, type Cursor, endOf, here, isWord, on, problem, unexpected, want, word, wordBehind } from './cursor.ts';
import { beginsOperand, missing, parseExpression } from './expressions.ts';
import { onFreeString } from './names.ts';
import { parseVerdict } from './verdicts.ts';

/** `definition`: the braces may be empty; `verdicts`: every key has a verdict. */
export type ListKind = 'elements' | 'verdicts' | 'definition';

const neverClosed = 'this “{” is never closed; add “}” behind the last element';

/** The current word is the brace. */
export function parseSetLiteral(c: Cursor, kind: ListKind = 'elements'): Expression {
  const start = c.start - c.base;
  const open = here(c);
  bump(c, Token.Punctuation);
  const elements: Element[] = [];
  c.depth++;
  // whether an element must follow: behind the brace and behind a comma
  let expecting = true;
  for (;;) {
    if (leavesList(c, expecting)) {
      problem(c, open.start, open.end, neverClosed);
      break;
    }
    takeLineBreaks(c);
    if (on(c, Lexeme.RightBrace)) {
      if (elements.length === 0) emptyBraces(c, open, kind);
      bump(c, Token.Punctuation);
      break;
    }
    if (on(c, Lexeme.End)) {
      problem(c, open.start, open.end, neverClosed);
      break;
    }
    if (on(c, Lexeme.Comma)) {
      // two commas behind an element are one to nft
      if (elements.length === 0)
        problem(c, c.start - c.base, c.end - c.base, 'there is no element before this comma; remove it', { suggest: [''] });
      bump(c, Token.Punctuation);
      continue;
    }
    const before = c.at;
    elements.push(parseElement(c, kind));
    if (c.at === before && !endsElement(c)) bump(c, Token.Unknown);
    if (!endsElement(c)) skipElement(c);
    expecting = false;
    if (leavesList(c, expecting)) continue;
    takeLineBreaks(c);
    if (on(c, Lexeme.Comma)) {
      bump(c, Token.Punctuation);
      expecting = true;
    } else if (!on(c, Lexeme.RightBrace) && !on(c, Lexeme.End)) unexpected(c, 'elements are separated by commas; add one before it');
  }
  c.depth--;
  return { kind: 'set', start, end: endOf(c, start), elements: elements.slice() };
}

/** Only a definition may be empty, and then both braces stand on one line (parser_bison.y, initializer_expr). */
function emptyBraces(c: Cursor, open: Span, kind: ListKind): void {
  const end = c.end - c.base;
  if (kind !== 'definition') problem(c, open.start, end, 'nft takes no empty braces here; write an element, or remove the line');
  else if (c.text.slice(c.base + open.start, c.end).includes('\n'))
    problem(c, open.start, end, 'nft takes the braces of an empty definition only on one line: {}', { suggest: ['{}'] });
}

/** Takes new lines. Only one may stand between two words, but a line that holds nothing but a comment is none to nft. */
function takeLineBreaks(c: Cursor): void {
  for (let lines = 0; on(c, Lexeme.Newline); ) {
    const start = c.at;
    const commentAlone = lines > 0 && holdsComment(c.text, start, c.start);
    if (!commentAlone && ++lines === 2) {
      problem(c, start - c.base, c.end - c.base, 'nft takes no empty line between braces; remove it, or begin it with “#”', {
        suggest: [''],
      });
    }
    bump(c, Token.Newline);
  }
}

function holdsComment(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (text.charCodeAt(i) === 35) return true;
  return false;
}

function endsElement(c: Cursor): boolean {
  return on(c, Lexeme.Comma) || on(c, Lexeme.RightBrace) || on(c, Lexeme.Newline) || on(c, Lexeme.End);
}

const blockWords = new Set(['chain', 'table', 'set', 'map', 'include', 'define', 'type', 'policy', 'elements', 'flags', 'flowtable']);

/** Whether what follows belongs to another statement, so that a closing brace must be missing. */
function leavesList(c: Cursor, expecting: boolean): boolean {
  if (on(c, Lexeme.Semicolon)) return true;
  const newLine = on(c, Lexeme.Newline);
  if (!newLine && (expecting || !on(c, Lexeme.Word))) return false;
  const next = newLine ? behindNewlines(c) : { kind: c.kind, word: word(c), next: wordBehind(c) };
  if (next.kind !== Lexeme.Word || next.next === '') return false;
  if (blockWords.has(next.word)) return true;
  if (expecting) return false;
  return (
    selectorByName.get(next.word)?.fieldByName.has(next.next) || (newLine && (verdictByName.has(next.word) || bareMeta.has(next.word)))
  );
}

/** Past a broken element, to the end of its line at the furthest. */
function skipElement(c: Cursor): void {
  unexpected(c, 'elements are separated by commas');
  let depth = 0;
  while (!on(c, Lexeme.End) && !on(c, Lexeme.Newline)) {
    if (depth === 0 && (on(c, Lexeme.Comma) || on(c, Lexeme.RightBrace) || on(c, Lexeme.Semicolon))) return;
    if (on(c, Lexeme.LeftBrace)) depth++;
    else if (on(c, Lexeme.RightBrace)) depth--;
    if (depth === 0 && on(c, Lexeme.Word) && verdictByName.has(word(c))) return;
    bump(c, Token.Unknown);
  }
}

/** `key [statements] [options [statements]] [: data]` (parser_bison.y, set_list_member_expr). */
function parseElement(c: Cursor, kind: ListKind): Element {
  const start = c.start - c.base;
  if (verdictAhead(c)) {
    // a lost brace: the verdict belongs to the rule around
    unexpected(c, 'an element belongs here; is a “}” missing before it?');
    return { start, end: endOf(c, start), key: missing(c), data: null };
  }
  let key: Expression;
  if (on(c, Lexeme.Star)) {
    bump(c, Token.Operator);
    key = { kind: 'literal', start, end: endOf(c, start), literal: 'star' };
  } else if (on(c, Lexeme.At)) {
    unexpected(c, 'an element belongs here; a set cannot hold another by its name');
    key = missing(c);
  } else key = parsePart(c);
  parseElementOptions(c);
  let data: Element['data'] = null;
  if (on(c, Lexeme.Colon)) {
    bump(c, Token.Operator);
    want(c, verdicts);
    if (verdictAhead(c)) data = parseVerdict(c, false);
    else if (kind === 'verdicts')
      unexpected(c, 'a verdict belongs behind the colon, such as accept, drop or “jump CHAIN”', verdictByName.keys());
    else if (beginsOperand(c)) data = parsePart(c);
    else unexpected(c, 'what the key stands for belongs behind the colon');
    if (on(c, Lexeme.Word) && reserved.has(word(c)) && elementWords.some(({ name }) => name === word(c)))
      unexpected(c, `“${word(c)}” belongs before the colon, behind the key`);
  } else if (kind === 'verdicts' && key.kind !== 'missing' && endsElement(c)) {
    unexpected(c, 'every key of a verdict map has a verdict: “KEY : accept”');
  }
  return { start, end: endOf(c, start), key, data };
}

function parsePart(c: Cursor): Expression {
  if (beginsOperand(c)) return parseExpression(c, 'right');
  unexpected(c, 'an element belongs here');
  return missing(c);
}

export function verdictAhead(c: Cursor): boolean {
  return on(c, Lexeme.Word) && verdictByName.has(word(c));
}

/** What may stand behind a key: `timeout 1h expires 30m comment "…"`, and statements that every element carries. */
export function parseElementOptions(c: Cursor): void {
  while (on(c, Lexeme.Word)) {
    const name = word(c);
    if (name === 'timeout' || name === 'expires') {
      bump(c, Token.Keyword);
      parseTime(c);
    } else if (name === 'comment') parseComment(c);
    else if (!parseStatefulStatement(c)) {
      want(c, elementWords);
      return;
    }
  }
  want(c, elementWords);
}

/** A time as nft's scanner knows one: with units. */
export function parseTime(c: Cursor): void {
  if (onFreeString(c)) {
    bump(c, Token.Number);
    return;
  }
  const unit = on(c, Lexeme.Number) ? [`${word(c)}s`] : [];
  if (unit.length > 0) problem(c, c.start - c.base, c.end - c.base, `a time has a unit: ${unit[0]}, or as in 1h30m`, { suggest: unit });
  else unexpected(c, 'a time belongs here, as in 1h30m');
  if (on(c, Lexeme.Number)) bump(c, Token.Number);
}

/** `timeout 1m expires 30s comment "…"` behind the key of an element that a rule adds. */
export function parseKeyOptions(c: Cursor): void {
  while (isWord(c, 'timeout') || isWord(c, 'expires') || isWord(c, 'comment')) {
    if (isWord(c, 'comment')) parseComment(c);
    else {
      bump(c, Token.Keyword);
      parseTime(c);
    }
  }
}
