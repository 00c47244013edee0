// Reads what stands in a set's or map's block: its type, its settings, its elements.
import type { Span } from '../../text/span.ts';
import { Token } from '../../text/token.ts';
import { Lexeme } from '../lexer.ts';
import { type Expression, type NftablesSyntax, Place, type RuleStatement } from '../tree.ts';
import { datatypeByName, datatypes } from '../vocabulary/datatypes.ts';
import { mapData } from '../vocabulary/phrases.ts';
import type { Row } from '../vocabulary/row.ts';
import { setFlags, setPolicies, setWords } from '../vocabulary/structure.ts';
import { parseComment, parseStatefulStatement } from './actions.ts';
import { bump, type Cursor, endOf, here, isWord, on, skipRest, unexpected, want, word, wordBehind } from './cursor.ts';
import { parseTime } from './elements.ts';
import { parseElements, parseOperand } from './expressions.ts';
import { parseNumber } from './names.ts';

export function parseSetOption(c: Cursor, place: Place): NftablesSyntax {
  want(c, setWords);
  const name = on(c, Lexeme.Word) ? word(c) : '';
  const option = (values: readonly Expression[] = []): NftablesSyntax => ({ kind: 'option', name, values });
  switch (name) {
    case 'type':
    case 'typeof':
      return parseSetType(c, name, place);
    case 'elements': {
      bump(c, Token.Keyword);
      if (on(c, Lexeme.Equals)) bump(c, Token.Operator);
      else unexpected(c, '“=” and the elements in braces belong here');
      return { kind: 'elements', command: 'add', at: null, elements: parseElements(c, 'the elements belong here in braces') };
    }
    case 'flags':
      bump(c, Token.Keyword);
      return option(parseSetFlags(c));
    case 'timeout':
    case 'gc-interval':
      bump(c, Token.Keyword);
      parseTime(c);
      return option();
    case 'size':
      bump(c, Token.Keyword);
      parseNumber(c);
      return option();
    case 'policy': {
      bump(c, Token.Keyword);
      want(c, setPolicies);
      if (isWord(c, 'performance') || isWord(c, 'memory')) bump(c, Token.Constant);
      else unexpected(c, 'a set’s policy is performance or memory', ['performance', 'memory']);
      return option();
    }
    case 'comment':
      parseComment(c);
      return option();
    case 'auto-merge':
      bump(c, Token.Keyword);
      return option();
  }
  if (on(c, Lexeme.Equals)) {
    unexpected(c, '“elements” belongs before it', ['elements']);
    bump(c, Token.Operator);
    return { kind: 'elements', command: 'add', at: null, elements: parseElements(c, 'the elements belong here in braces') };
  }
  const statements: RuleStatement[] = [];
  for (let statement = parseStatefulStatement(c); statement; statement = parseStatefulStatement(c)) statements.push(statement);
  if (statements.length > 0) return { kind: 'rule', command: 'add', at: null, statements };
  unexpected(
    c,
    'a set holds type, flags, elements and its other settings',
    setWords.map((row) => row.name),
  );
  skipRest(c);
  return { kind: 'unknown' };
}

const flagNames = setFlags.map(({ name }) => name);

function parseSetFlags(c: Cursor): readonly Expression[] {
  const values: Expression[] = [];
  for (;;) {
    want(c, setFlags);
    const start = c.start - c.base;
    if (!on(c, Lexeme.Word) || !flagNames.includes(word(c))) {
      unexpected(c, `a set’s flags are ${flagNames.join(', ')}`, flagNames);
      return values;
    }
    bump(c, Token.Constant);
    values.push({ kind: 'literal', start, end: endOf(c, start), literal: 'word' });
    if (!on(c, Lexeme.Comma)) return values;
    bump(c, Token.Punctuation);
  }
}

const dataWords: readonly Row[] = [
  { name: 'verdict', says: 'The keys stand for verdicts: a verdict map' },
  { name: 'interval', says: 'The keys stand for ranges' },
  { name: 'queue', says: 'The keys stand for the numbers of queues' },
  ...mapData,
];

/** `type ipv4_addr . inet_service : verdict`, `typeof ip saddr . tcp dport : meta mark`. */
function parseSetType(c: Cursor, name: 'type' | 'typeof', place: Place): NftablesSyntax {
  bump(c, Token.Keyword);
  const parts = name === 'type' ? parseDatatypes : parseExamples;
  const keys = parts(c);
  let data: readonly Expression[] | null = null;
  let dataWord: Span | null = null;
  if (on(c, Lexeme.Colon)) {
    if (place === Place.Set) unexpected(c, 'a set has no data behind its keys; make it a map');
    bump(c, Token.Operator);
    want(c, dataWords);
    if (isWord(c, 'interval')) bump(c, Token.Keyword);
    if (on(c, Lexeme.Word) && dataWords.some((row) => row.name === word(c))) {
      dataWord = here(c);
      bump(c, Token.Constant);
      data = [];
    } else if (name === 'typeof' && isWord(c, 'ct') && /^(helper|timeout|expectation)$/.test(wordBehind(c))) {
      dataWord = here(c);
      bump(c, Token.Keyword);
      bump(c, Token.Keyword);
      data = [];
    } else data = parts(c);
  } else if (place === Place.Map) unexpected(c, '“:” and what the keys stand for belong here, as in “type ipv4_addr : verdict”');
  return { kind: 'set-type', keys, data, dataWord };
}

function parseDatatypes(c: Cursor): readonly Expression[] {
  const result: Expression[] = [];
  for (;;) {
    want(c, datatypes);
    const start = c.start - c.base;
    if (on(c, Lexeme.Word) && datatypeByName.has(word(c))) bump(c, Token.Constant);
    else {
      unexpected(c, 'a datatype belongs here, such as ipv4_addr or inet_service', datatypeByName.keys());
      if (on(c, Lexeme.Word)) bump(c, Token.Unknown);
    }
    result.push({ kind: 'literal', start, end: endOf(c, start), literal: 'word' });
    if (!on(c, Lexeme.Dot)) return result;
    bump(c, Token.Operator);
  }
}

/** Expressions whose types are meant. */
function parseExamples(c: Cursor): readonly Expression[] {
  const value = parseOperand(c, 'left', 'an expression belongs here, such as “ip saddr”');
  return value.kind === 'concatenation' ? value.parts : [value];
}
