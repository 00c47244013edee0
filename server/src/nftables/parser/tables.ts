// Reads what stands in a table's block: its settings, and the heads of chains, sets, maps and objects.
import { Token } from '../../text/token.ts';
import { Lexeme } from '../lexer.ts';
import { type Expression, type ObjectKind, Place, type Reference } from '../tree.ts';
import { tableFlags, tableWords } from '../vocabulary/structure.ts';
import { parseComment } from './actions.ts';
import { type Head, leaf } from './blocks.ts';
import { bump, type Cursor, endOf, on, skipRest, unexpected, want, word, wordBehind } from './cursor.ts';
import { parseName } from './names.ts';
import { blockHead, takeCtKind } from './objects.ts';
import { beginsRule, guessBlock, takeRules } from './recovery.ts';

export function parseTableStatement(c: Cursor): Head {
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
      const object: ObjectKind = name;
      bump(c, Token.Keyword);
      const ctKind = object === 'ct' ? takeCtKind(c) : null;
      const at: Reference = { family: null, table: null, name: parseName(c, Token.Definition, `the name of the ${object} belongs here`) };
      if (!on(c, Lexeme.LeftBrace)) unexpected(c, '“{” belongs here, and what it holds');
      return blockHead(object, ctKind, 'add', at);
    }
    case 'flags':
      bump(c, Token.Keyword);
      return leaf({ kind: 'option', name, values: parseTableFlags(c) });
    case 'comment':
      parseComment(c);
      return leaf({ kind: 'option', name, values: [] });
  }
  unexpected(
    c,
    'a table holds chain, set, map and other blocks; rules belong in a chain',
    tableWords.map((row) => row.name),
  );
  const meant = guessBlock(c, Place.Table);
  if (meant) return meant;
  if (on(c, Lexeme.Word) && beginsRule(name, wordBehind(c))) takeRules(c);
  else skipRest(c);
  return leaf({ kind: 'unknown' });
}

const flagNames = tableFlags.map(({ name }) => name);

function parseTableFlags(c: Cursor): readonly Expression[] {
  const values: Expression[] = [];
  for (;;) {
    want(c, tableFlags);
    const start = c.start - c.base;
    if (!on(c, Lexeme.Word) || !flagNames.includes(word(c))) {
      unexpected(c, `a table’s flags are ${flagNames.join(', ')}`, flagNames);
      return values;
    }
    bump(c, Token.Constant);
    values.push({ kind: 'literal', start, end: endOf(c, start), literal: 'word' });
    if (!on(c, Lexeme.Comma)) return values;
    bump(c, Token.Punctuation);
  }
}
