// Reads a rule: statements one after another, up to its separator.
import { Token } from '../../text/token.ts';
import { Lexeme } from '../lexer.ts';
import type { Expression, RuleStatement } from '../tree.ts';
import { datatypeByName } from '../vocabulary/datatypes.ts';
import { bareMeta, selectorByName, selectorStarts } from '../vocabulary/selectors.ts';
import { betweenWords, operators, statementByName, statements, verdictByName, verdicts } from '../vocabulary/statements.ts';
import { parseAction, parseComment } from './actions.ts';
import { atEnd, bump, type Cursor, endOf, isWord, on, problem, skipRest, unexpected, want, word } from './cursor.ts';
import { parseSetLiteral } from './elements.ts';
import {
  beginsOperand,
  missing,
  parseCompared,
  parseExpression,
  parseMapOrSet,
  parseStatementValue,
  parseUnopenedList,
  wantValue,
} from './expressions.ts';
import { unopenedListAhead } from './recovery.ts';
import { parseVerdict } from './verdicts.ts';

const starts = [...selectorStarts, ...statements, ...verdicts];
const startNames = starts.map(({ name }) => name);

const VERDICT = 1;
const ACTION = 2;
const SELECTOR = 4;

/** What a word can begin. */
const rolesOf = new Map<string, number>();
for (const [words, role] of [
  [verdictByName.keys(), VERDICT],
  [statementByName.keys(), ACTION],
  // the old `set add key @s`, and `ct count`
  [['set', 'ct'], ACTION],
  [selectorByName.keys(), SELECTOR],
  [bareMeta.keys(), SELECTOR],
] as const)
  for (const name of words) rolesOf.set(name, (rolesOf.get(name) ?? 0) | role);

const relations = new Set(['eq', 'ne', 'lt', 'gt', 'le', 'ge', 'not']);

/** Reads statements up to the separator or brace behind them. What cannot be read is taken as unknown, to the end of the rule. */
export function parseRuleStatements(c: Cursor): readonly RuleStatement[] {
  const result: RuleStatement[] = [];
  while (!atEnd(c)) {
    if (isWord(c, 'comment')) {
      if (result.length === 0) unexpected(c, 'a rule has something to do before its comment');
      const start = c.start - c.base;
      parseComment(c);
      result.push({ kind: 'comment', start, end: endOf(c, start) });
      if (!atEnd(c)) unexpected(c, 'a comment is the last thing in a rule; move it to the end');
      continue;
    }
    const statement = parseRuleStatement(c);
    if (statement) {
      result.push(statement);
      continue;
    }
    const start = c.start - c.base;
    unexpected(
      c,
      'a rule goes on with what to match (ip, tcp, ct …), what to do (counter, log …) or a verdict (accept, drop …)',
      startNames,
    );
    skipRest(c);
    result.push({ kind: 'unknown', start, end: endOf(c, start) });
  }
  if (on(c, Lexeme.End)) want(c, starts);
  if (c.problems.length > 0 && !atEnd(c)) skipRest(c);
  // an array that grew is longer than what it holds, and this one stays
  return result.slice();
}

/** One statement; null where the current word begins none. A comment is none: it belongs to the rule. */
export function parseRuleStatement(c: Cursor): RuleStatement | null {
  if (on(c, Lexeme.Word)) {
    const name = word(c);
    const roles = rolesOf.get(name) ?? 0;
    if (roles & VERDICT) return parseVerdict(c, true);
    const action = roles & ACTION ? parseAction(c, name) : null;
    return action ?? (roles & SELECTOR ? parseMatch(c) : null);
  }
  if (on(c, Lexeme.At) || on(c, Lexeme.LeftParen) || on(c, Lexeme.Number)) return parseMatch(c);
  return null;
}

/** The datatype of the values that an expression is compared with. */
export function datatypeOf(expression: Expression): string | null {
  if (expression.kind === 'selector') return expression.field?.type ?? null;
  if (expression.kind === 'binary') return datatypeOf(expression.left);
  return null;
}

/** Sources that a rule can look at, and not change (parser_bison.y: `set` stands behind payload_expr, meta and ct alone). */
const fixed = new Set('rt rt0 rt2 srh hbh dst frag mh exthdr socket osf fib ipsec numgen jhash symhash tunnel'.split(' '));

function parseMatch(c: Cursor): RuleStatement {
  const start = c.start - c.base;
  const left = parseExpression(c, 'left');
  if (left.kind === 'selector' && left.field === null && left.selector.fields.length > 0 && c.problems.length > 0) {
    skipRest(c);
    return { kind: 'unknown', start, end: endOf(c, start) };
  }
  if (isWord(c, 'vmap')) {
    bump(c, Token.Keyword);
    const right = parseMapOrSet(c, 'a verdict map in braces, or @ and its name, belongs behind “vmap”', true);
    return { kind: 'vmap', start, end: endOf(c, start), left, right };
  }
  if (isWord(c, 'set')) {
    if (left.kind !== 'raw' && (left.kind !== 'selector' || fixed.has(left.selector.name)))
      unexpected(c, 'only fields of the packet, meta and ct can be set');
    bump(c, Token.Keyword);
    wantValue(c, datatypeOf(left));
    const value = beginsOperand(c) ? parseStatementValue(c) : missing(c);
    if (value.kind === 'missing') unexpected(c, 'the new value belongs behind “set”');
    return { kind: 'assignment', start, end: endOf(c, start), left, value };
  }
  let operator = '';
  if (on(c, Lexeme.Relation) || (on(c, Lexeme.Word) && relations.has(word(c)))) {
    operator = word(c);
    bump(c, Token.Operator);
  } else {
    want(c, operators);
    want(c, betweenWords);
  }
  const right = parseRight(c, datatypeOf(left), operator);
  const mask = on(c, Lexeme.Slash) ? parseMask(c, right) : null;
  return { kind: 'match', start, end: endOf(c, start), left, operator, right, mask };
}

/** `/ syn,ack` behind the values of `tcp flags`; nft takes only a list there. */
function parseMask(c: Cursor, right: Expression): Expression | null {
  const prefix = right.kind === 'literal' && (right.literal === 'address4' || right.literal === 'address6');
  bump(c, Token.Operator);
  if (!beginsOperand(c)) {
    unexpected(c, prefix ? 'the length of the prefix belongs here' : 'the mask belongs behind the slash, as in “tcp flags syn / syn,ack”');
    return null;
  }
  const mask = parseCompared(c);
  if (prefix) problem(c, mask.start, mask.end, 'the length of a prefix is a number written out, no variable and no netmask');
  else if (mask.kind !== 'list' && mask.kind !== 'missing')
    problem(
      c,
      mask.start,
      mask.end,
      'nft takes a mask only as a list here, as in “tcp flags syn / syn,ack”; for one bit write “tcp flags & syn == syn”',
    );
  return mask;
}

/** What a selector is compared with. A word that begins another statement is taken as one: then the value is missing. */
function parseRight(c: Cursor, datatype: string | null, operator: string): Expression {
  wantValue(c, datatype);
  if (on(c, Lexeme.LeftBrace)) return parseSetLiteral(c);
  if (on(c, Lexeme.Word)) {
    const name = word(c);
    const constant = datatype !== null && datatypeByName.get(datatype)?.constantByName.has(name);
    if (!constant && (verdictByName.has(name) || (statementByName.has(name) && operator === '' && name !== 'last' && name !== 'add'))) {
      unexpected(c, 'what to compare with belongs before it');
      return missing(c);
    }
  }
  if (on(c, Lexeme.Newline) && unopenedListAhead(c, c.end)) return parseUnopenedList(c, missing(c));
  if (!beginsOperand(c)) {
    unexpected(c, 'what to compare with belongs here');
    return missing(c);
  }
  return parseCompared(c);
}
