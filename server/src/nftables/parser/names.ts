// Reads the names of things: `inet filter input` in a command, `input` in a block.
import type { Span } from '../../text/span.ts';
import { Token } from '../../text/token.ts';
import { quoted } from '../../text/words.ts';
import { Lexeme } from '../lexer.ts';
import type { Reference } from '../tree.ts';
import { reserved } from '../vocabulary/reserved.ts';
import { families, familyByName } from '../vocabulary/structure.ts';
import { bump, type Cursor, here, isWord, on, problem, unexpected, want, word } from './cursor.ts';

/** Whether the scanner gives the parser a string here, keywords included: a word, and what looks like an address or a time. */
export function onString(c: Cursor): boolean {
  switch (c.kind) {
    case Lexeme.Word:
    case Lexeme.Address4:
    case Lexeme.Address6:
    case Lexeme.Mac:
    case Lexeme.Time:
    case Lexeme.ClassId:
      return true;
    default:
      return false;
  }
}

/** Whether a string stands here that is none of nft's own words (parser_bison.y, STRING). */
export function onFreeString(c: Cursor): boolean {
  return onString(c) && !(on(c, Lexeme.Word) && reserved.has(word(c)));
}

/** A name, without quotation marks and none of nft's own words. Where one of these stands it is told, and taken all the same. */
export function parseName(c: Cursor, token: Token, expected: string): Span | null {
  const at = here(c);
  if (onString(c)) {
    if (on(c, Lexeme.Word) && reserved.has(word(c)))
      problem(c, at.start, at.end, `“${word(c)}” is a word of nft’s own and cannot be a name; ${expected}`);
    bump(c, token);
    return at;
  }
  if (on(c, Lexeme.Quoted)) {
    const name = c.text.slice(c.start + 1, c.end - 1);
    const plain = /^[A-Za-z_.][\w/.-]*$/.test(name) && !reserved.has(name);
    problem(
      c,
      at.start,
      at.end,
      `nft takes no quotation marks around a name; ${plain ? `write ${quoted(name)} without them` : expected}`,
      plain ? { suggest: [name] } : {},
    );
    bump(c, token);
    return at;
  }
  unexpected(c, expected);
  return null;
}

export function parseFamily(c: Cursor): Span | null {
  want(c, families);
  if (!on(c, Lexeme.Word) || !familyByName.has(word(c))) return null;
  const at = here(c);
  bump(c, Token.Keyword);
  return at;
}

const tableName = 'the name of a table belongs here';

/** `[family] table`. */
export function parseTableReference(c: Cursor, token: Token): Reference {
  return { family: parseFamily(c), table: parseName(c, token, tableName), name: null };
}

/** `[family] table name`. */
export function parseReference(c: Cursor, token: Token, nameToken: Token = token): Reference {
  const family = parseFamily(c);
  const table = parseName(c, token, tableName);
  if (!table) return { family, table, name: null };
  if (on(c, Lexeme.LeftBrace)) {
    // what stands in a table stands here outside of one
    unexpected(c, 'outside of a table its name belongs before that of the thing, as in “chain inet filter input”; is a “{” missing above?');
    return { family, table: null, name: table };
  }
  return { family, table, name: parseName(c, nameToken, 'the table was named; now the name of the thing in it belongs here') };
}

/** `[family] table name`, or a handle in the name's place; of a table, `[family] table` or a handle. */
export function parseReferenceOrHandle(c: Cursor, tableOnly: boolean): Reference {
  const family = parseFamily(c);
  if (tableOnly && isWord(c, 'handle')) {
    parseHandle(c);
    return { family, table: null, name: null };
  }
  const table = parseName(c, Token.Reference, tableName);
  if (tableOnly || !table) return { family, table, name: null };
  if (isWord(c, 'handle')) {
    parseHandle(c);
    return { family, table, name: null };
  }
  return { family, table, name: parseName(c, Token.Reference, 'a name, or “handle” and its number, belongs here') };
}

/** `handle N`, `position N`, `index N`. */
export function parseHandle(c: Cursor): void {
  bump(c, Token.Keyword);
  parseNumber(c);
}

/** A number written out: no variable, no name. */
export function parseNumber(c: Cursor, expected = 'a number belongs here'): boolean {
  if (on(c, Lexeme.Number)) {
    bump(c, Token.Number);
    return true;
  }
  unexpected(c, expected);
  return false;
}
