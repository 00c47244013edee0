// Reads the statements that change where a packet goes: snat, dnat, masquerade, redirect, tproxy (parser_bison.y, nat_stmt and its kin).
import { Token } from '../../text/token.ts';
import { Lexeme } from '../lexer.ts';
import type { Expression, RuleStatement } from '../tree.ts';
import { translationWords } from '../vocabulary/phrases.ts';
import { natFlags } from '../vocabulary/statements.ts';
import { atEnd, bump, type Cursor, endOf, isWord, on, unexpected, want, word, wordBehind } from './cursor.ts';
import { beginsOperand, missing, parseOperand, parseStatementValue } from './expressions.ts';

const targetWords = translationWords.filter(({ name }) => name === 'to');
const natFlagNames = new Set(natFlags.map(({ name }) => name));

export function parseNat(c: Cursor, name: string): RuleStatement {
  const start = c.start - c.base;
  bump(c, Token.Keyword);
  let address: Expression | null = null;
  let port: Expression | null = null;
  switch (name) {
    case 'masquerade':
      if (!isWord(c, 'to')) break;
      bump(c, Token.Keyword);
      if (on(c, Lexeme.Colon)) port = parsePort(c);
      else unexpected(c, '“:” and ports belong behind “to”, as in “masquerade to :1024-65535”: the address is the interface’s own');
      break;
    case 'redirect':
      if (isWord(c, 'to')) {
        bump(c, Token.Keyword);
        port = on(c, Lexeme.Colon) ? parsePort(c) : parseOperand(c, 'value', 'a port belongs here, as in “redirect to :8080”');
      } else if (on(c, Lexeme.Colon)) unexpected(c, '“to” belongs before the port, as in “redirect to :8080”');
      break;
    default:
      takeTarget(c, name);
      if (on(c, Lexeme.Colon)) port = parsePort(c);
      else if (natEnds(c)) unexpected(c, `an address belongs here, as in “${name} to 10.10.0.20”`);
      else {
        address = parseStatementValue(c);
        if (on(c, Lexeme.Colon)) port = parsePort(c);
      }
  }
  if (name !== 'tproxy') takeFlags(c, name === 'snat' || name === 'dnat');
  return { kind: 'nat', start, end: endOf(c, start), name, address, port };
}

/** `[ip|ip6] [prefix|interval | addr . port] [to]`; `ip saddr map …` begins with the same word. */
function takeTarget(c: Cursor, name: string): void {
  want(c, targetWords);
  const family = isWord(c, 'ip') || isWord(c, 'ip6');
  if (family && !/^(to|prefix|interval|addr)$/.test(wordBehind(c))) {
    if (name === 'tproxy') unexpected(c, '“to” belongs behind the family', ['to']);
    return;
  }
  if (family) bump(c, Token.Keyword);
  let must = family || name === 'tproxy';
  if (name !== 'tproxy') {
    if (isWord(c, 'prefix') || isWord(c, 'interval')) {
      bump(c, Token.Keyword);
      must = true;
    } else if (family && isWord(c, 'addr')) {
      bump(c, Token.Keyword);
      if (on(c, Lexeme.Dot)) bump(c, Token.Operator);
      else unexpected(c, '“. port to” belongs behind “addr”');
      if (isWord(c, 'port')) bump(c, Token.Keyword);
      else unexpected(c, '“port to” belongs behind “addr .”', ['port']);
    }
  }
  if (isWord(c, 'to')) {
    bump(c, Token.Keyword);
    if (isWord(c, 'to')) unexpected(c, '“to” is there already; an address belongs here');
  } else if (must) unexpected(c, '“to” and an address belong here', ['to']);
}

function parsePort(c: Cursor): Expression {
  bump(c, Token.Operator);
  if (beginsOperand(c)) return parseStatementValue(c);
  unexpected(c, 'a port belongs behind the colon');
  return missing(c);
}

function onFlag(c: Cursor): boolean {
  return on(c, Lexeme.Word) && natFlagNames.has(word(c));
}

/** Flags with commas between; behind snat and dnat these may also be left out. */
function takeFlags(c: Cursor, loose: boolean): void {
  want(c, natFlags);
  while (onFlag(c)) {
    bump(c, Token.Keyword);
    if (!on(c, Lexeme.Comma)) {
      if (loose) continue;
      return;
    }
    bump(c, Token.Punctuation);
    if (!onFlag(c)) unexpected(c, 'random, fully-random or persistent belongs behind the comma', natFlagNames);
  }
}

function natEnds(c: Cursor): boolean {
  return atEnd(c) || onFlag(c) || isWord(c, 'comment') || !beginsOperand(c);
}
