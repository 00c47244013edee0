// Reads a rule: statements one after another, up to its separator.
import { Token } from '../../text/token.ts';
import { Lexeme } from '../lexer.ts';
import type { Expression, RuleStatement } from '../tree.ts';
import { datatypeByName } from '../vocabulary/datatypes.ts';
import { bareMeta, selectorByName, selectorStarts } from '../vocabulary/selectors.ts';
import { betweenWords, operators, statementByName, statements, verdictByName, verdicts } from '../vocabulary/statements.ts';
import { parseAction } from './actions.ts';
import { atEnd, behind, bump, type Cursor, isWord, on, since, skipRest, unexpected, want, word } from './cursor.ts';
import { beginsOperand, missing, parseExpression, parseList, parseMapOrSet, parseSetLiteral, wantValue } from './expressions.ts';
import { parseVerdict } from './verdicts.ts';

const starts = [...selectorStarts, ...statements, ...verdicts];
const startNames = starts.map(({ name }) => name);

/** Reads statements up to the separator or brace behind them. What cannot be read is taken as unknown, to the end of the rule. */
export function parseRuleStatements(c: Cursor): readonly RuleStatement[] {
  const result: RuleStatement[] = [];
  while (!atEnd(c)) {
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
    result.push({ kind: 'unknown', ...since(c, start) });
  }
  if (on(c, Lexeme.End)) want(c, starts);
  if (c.problems.length > 0 && !atEnd(c)) skipRest(c);
  return result;
}

/** One statement; null where the current word begins none. */
export function parseRuleStatement(c: Cursor): RuleStatement | null {
  const start = c.start - c.base;
  if (on(c, Lexeme.Word)) {
    const name = word(c);
    if (verdictByName.has(name)) return parseVerdict(c);
    if (name === 'comment') {
      bump(c, Token.Keyword);
      if (on(c, Lexeme.Quoted) || on(c, Lexeme.Word)) bump(c, Token.String);
      else unexpected(c, 'a comment belongs in quotation marks');
      return { kind: 'comment', ...since(c, start) };
    }
    if (name === 'tunnel' && selectorByName.get('tunnel')?.fieldByName.has(behind(c).word)) return parseMatch(c);
    const action = parseAction(c, name);
    if (action) return action;
    return selectorByName.has(name) || bareMeta.has(name) ? parseMatch(c) : null;
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

function parseMatch(c: Cursor): RuleStatement {
  const start = c.start - c.base;
  const left = parseExpression(c, 'left');
  if (left.kind === 'selector' && left.field === null && left.selector.fields.length > 0 && c.problems.length > 0) {
    skipRest(c);
    return { kind: 'unknown', ...since(c, start) };
  }
  if (isWord(c, 'vmap')) {
    bump(c, Token.Keyword);
    const right = parseMapOrSet(c, 'a verdict map in braces, or @ and its name, belongs behind “vmap”');
    return { kind: 'vmap', ...since(c, start), left, right };
  }
  if (isWord(c, 'set') && left.kind !== 'concatenation') {
    bump(c, Token.Keyword);
    const type = datatypeOf(left);
    wantValue(c, type);
    if (on(c, Lexeme.LeftBrace)) unexpected(c, 'one value belongs behind “set”');
    const value = beginsOperand(c) ? parseList(c, 'value') : missing(c);
    if (value.kind === 'missing') unexpected(c, 'the new value belongs behind “set”');
    return { kind: 'assignment', ...since(c, start), left, value };
  }
  let operator = '';
  if (on(c, Lexeme.Relation) || (on(c, Lexeme.Word) && /^(eq|ne|lt|gt|le|ge|not)$/.test(word(c)))) {
    operator = word(c);
    bump(c, Token.Operator);
  } else {
    want(c, operators);
    want(c, betweenWords);
  }
  const right = parseRight(c, datatypeOf(left), operator);
  let mask: Expression | null = null;
  if (on(c, Lexeme.Slash)) {
    bump(c, Token.Operator);
    if (beginsOperand(c)) mask = parseList(c, 'right');
    else unexpected(c, 'the mask belongs behind the slash, as in “tcp flags syn / syn,ack”');
  }
  return { kind: 'match', ...since(c, start), left, operator, right, mask };
}

/** What a selector is compared with. A word that begins another statement is taken as one: then the value is missing. */
function parseRight(c: Cursor, datatype: string | null, operator: string): Expression {
  wantValue(c, datatype);
  if (on(c, Lexeme.LeftBrace)) return parseSetLiteral(c);
  if (on(c, Lexeme.Word)) {
    const name = word(c);
    const constant = datatype !== null && datatypeByName.get(datatype)?.constants.some((row) => row.name === name);
    if (!constant && (verdictByName.has(name) || (statementByName.has(name) && operator === '' && name !== 'last' && name !== 'add'))) {
      unexpected(c, 'what to compare with belongs before it');
      return missing(c);
    }
  }
  if (!beginsOperand(c)) {
    unexpected(c, 'what to compare with belongs here');
    return missing(c);
  }
  return parseList(c, 'right');
}
