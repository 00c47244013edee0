// Reads what decides: accept, drop, jump CHAIN and the rest, in a rule or as the data of a verdict map.
import type { Span } from '../../text/span.ts';
import { Token } from '../../text/token.ts';
import { Lexeme } from '../lexer.ts';
import type { Expression, RuleStatement, Verdict } from '../tree.ts';
import { bump, type Cursor, endOf, here, MAX_DEPTH, on, problem, skipNewlines, unexpected, word } from './cursor.ts';
import { parseVariable } from './expressions.ts';
import { parseName } from './names.ts';
import { parseRuleStatements } from './rules.ts';

/** The current word is the verdict. `inRule`: a chain without a name may follow `jump`; in a verdict map it may not. */
export function parseVerdict(c: Cursor, inRule: boolean): Verdict {
  const start = c.start - c.base;
  const verdict = word(c);
  bump(c, Token.Verdict);
  let target: Expression | null = null;
  let block: (readonly RuleStatement[])[] | null = null;
  if (verdict === 'jump' || verdict === 'goto') {
    if (on(c, Lexeme.Dollar)) target = parseVariable(c);
    else if (on(c, Lexeme.LeftBrace)) {
      if (!inRule) unexpected(c, 'in a verdict map the chain needs a name');
      block = parseBlock(c);
    } else {
      const at: Span | null = parseName(c, Token.Reference, `the name of a chain belongs behind “${verdict}”`);
      if (at) target = { kind: 'literal', start: at.start, end: at.end, literal: 'word' };
    }
  }
  return { kind: 'verdict', start, end: endOf(c, start), verdict, target, block };
}

/** `{ rule; rule; }`: a chain without a name. */
function parseBlock(c: Cursor): (readonly RuleStatement[])[] {
  const open = here(c);
  bump(c, Token.Punctuation);
  const rules: (readonly RuleStatement[])[] = [];
  if (++c.depth > MAX_DEPTH) {
    problem(c, open.start, open.end, 'chains are nested deeper here than nft takes; give them names');
    c.depth--;
    return rules;
  }
  for (;;) {
    while (on(c, Lexeme.Newline) || on(c, Lexeme.Semicolon)) {
      skipNewlines(c);
      if (on(c, Lexeme.Semicolon)) bump(c, Token.Punctuation);
    }
    if (on(c, Lexeme.RightBrace)) {
      bump(c, Token.Punctuation);
      break;
    }
    if (on(c, Lexeme.End)) {
      problem(c, open.start, open.end, 'this “{” is never closed; add “}” behind its last rule');
      break;
    }
    if (beginsBlock(c)) {
      problem(c, open.start, open.end, 'this “{” is never closed; add “}” behind its last rule');
      break;
    }
    const before = c.at;
    rules.push(parseRuleStatements(c));
    if (c.at === before) bump(c, Token.Unknown);
    if (on(c, Lexeme.RightBrace))
      problem(c, c.start - c.base, c.end - c.base, 'nft wants a new line or “;” before this “}”', { suggest: ['; }'] });
  }
  c.depth--;
  return rules;
}

const blockWords = new Set(['table', 'chain', 'type', 'policy', 'include', 'define']);

/** Whether the current word begins what cannot stand among the rules of a chain without a name. */
function beginsBlock(c: Cursor): boolean {
  if (!on(c, Lexeme.Word) || !blockWords.has(word(c))) return false;
  c.reach = Math.max(c.reach, c.end + 1);
  return true;
}
