// Reads what stands in a chain's block: what makes it a base chain, its settings, and its rules.
import type { Span } from '../../text/span.ts';
import { Token } from '../../text/token.ts';
import { Lexeme } from '../lexer.ts';
import type { Expression, NftablesSyntax, Priority } from '../tree.ts';
import { baseChainWords, chainFlags } from '../vocabulary/phrases.ts';
import { reserved } from '../vocabulary/reserved.ts';
import { chainTypes, chainWords, hooks, policies, priorities } from '../vocabulary/structure.ts';
import { parseComment } from './actions.ts';
import {
  bump,
  type Cursor,
  closeBrace,
  endOf,
  here,
  isWord,
  kindBehind,
  on,
  problem,
  skipNewlines,
  skipRest,
  unexpected,
  want,
  word,
} from './cursor.ts';
import { parseVariable } from './expressions.ts';
import { onFreeString, parseNumber } from './names.ts';
import { parseRuleStatements } from './rules.ts';

export function parseChainStatement(c: Cursor): NftablesSyntax {
  want(c, chainWords);
  if (on(c, Lexeme.Word)) {
    switch (word(c)) {
      case 'type':
        return parseBaseChain(c);
      case 'policy':
        return parsePolicy(c);
      case 'flags':
        bump(c, Token.Keyword);
        want(c, chainFlags);
        if (isWord(c, 'offload')) bump(c, Token.Constant);
        else unexpected(c, 'a chain has one flag, offload', ['offload']);
        return { kind: 'option', name: 'flags', values: [] };
      case 'devices':
        if (kindBehind(c) === Lexeme.Equals) return { kind: 'option', name: 'devices', values: [parseDevices(c)] };
        break;
      case 'comment':
        parseComment(c);
        return { kind: 'option', name: 'comment', values: [] };
    }
  }
  return { kind: 'rule', command: 'add', at: null, statements: parseRuleStatements(c) };
}

function parsePolicy(c: Cursor): NftablesSyntax {
  bump(c, Token.Keyword);
  want(c, policies);
  const start = c.start - c.base;
  if (on(c, Lexeme.Dollar)) return { kind: 'policy', policy: parseVariable(c) };
  if (isWord(c, 'accept') || isWord(c, 'drop')) bump(c, Token.Verdict);
  else unexpected(c, 'the policy is accept or drop', ['accept', 'drop']);
  return { kind: 'policy', policy: { kind: 'literal', start, end: endOf(c, start), literal: 'word' } };
}

const hookWord = baseChainWords.filter(({ name }) => name === 'hook');
const priorityWord = baseChainWords.filter(({ name }) => name !== 'hook');

const typeNames = chainTypes.map(({ name }) => name);
const hookNames = hooks.map(({ name }) => name);

/** `type filter hook forward priority filter`, with devices for ingress and egress. */
function parseBaseChain(c: Cursor): NftablesSyntax {
  bump(c, Token.Keyword);
  let type: Span | null = null;
  let hook: Span | null = null;
  let priority: Priority | null = null;
  let devices: Expression | null = null;
  want(c, chainTypes);
  if (on(c, Lexeme.Word) && typeNames.includes(word(c))) {
    type = here(c);
    bump(c, Token.Constant);
  } else unexpected(c, 'a chain’s type is filter, nat or route', typeNames);
  want(c, hookWord);
  if (isWord(c, 'hook')) bump(c, Token.Keyword);
  else unexpected(c, '“hook” and one of its names belong here', ['hook']);
  want(c, hooks);
  hook = parseHook(c);
  if (isWord(c, 'device')) {
    bump(c, Token.Keyword);
    devices = parseDevice(c);
  } else if (isWord(c, 'devices')) devices = parseDevices(c);
  want(c, priorityWord);
  if (isWord(c, 'priority')) priority = parsePriority(c);
  else unexpected(c, '“priority” and a number or name belong here', ['priority']);
  if (isWord(c, 'policy')) unexpected(c, '“;” belongs before the policy');
  if (c.problems.length > 0) skipRest(c);
  return { kind: 'base-chain', type, hook, priority, devices };
}

export function parseHook(c: Cursor): Span | null {
  if (on(c, Lexeme.Word) && hookNames.includes(word(c))) {
    const at = here(c);
    bump(c, Token.Constant);
    return at;
  }
  unexpected(c, `a hook belongs here: ${hookNames.join(', ')}`, hookNames);
  return null;
}

/** One device: its name, or a variable. */
function parseDevice(c: Cursor): Expression {
  const start = c.start - c.base;
  if (on(c, Lexeme.Dollar)) return parseVariable(c);
  const quoted = on(c, Lexeme.Quoted);
  const wildcard = on(c, Lexeme.Wildcard);
  if (quoted || wildcard || onFreeString(c)) bump(c, quoted || wildcard ? Token.String : Token.Constant);
  else unexpected(c, 'the name of a device belongs here');
  return { kind: 'literal', start, end: endOf(c, start), literal: quoted ? 'string' : wildcard ? 'wildcard' : 'word' };
}

/** `devices = { a, b }`, `devices = $x`; a new line may stand behind a comma alone. The current word is “devices”. */
export function parseDevices(c: Cursor): Expression {
  bump(c, Token.Keyword);
  if (on(c, Lexeme.Equals)) bump(c, Token.Operator);
  else unexpected(c, '“=” and the devices in braces belong here');
  if (on(c, Lexeme.Dollar)) return parseVariable(c);
  const start = c.start - c.base;
  const elements: { start: number; end: number; key: Expression; data: null }[] = [];
  if (!on(c, Lexeme.LeftBrace)) {
    unexpected(c, 'devices belong here in braces');
    return { kind: 'missing', start, end: start };
  }
  bump(c, Token.Punctuation);
  noNewLine(c);
  while (c.problems.length === 0 || on(c, Lexeme.Word)) {
    const from = c.start - c.base;
    const key = parseDevice(c);
    elements.push({ start: from, end: endOf(c, from), key, data: null });
    noNewLine(c);
    if (!on(c, Lexeme.Comma)) break;
    while (on(c, Lexeme.Comma)) {
      bump(c, Token.Punctuation);
      if (on(c, Lexeme.Newline)) bump(c, Token.Newline);
    }
    if (on(c, Lexeme.RightBrace)) break;
  }
  closeBrace(c, 'devices are separated by commas, and “}” stands behind the last');
  return { kind: 'set', start, end: endOf(c, start), elements };
}

/** Says that a new line may not stand here where one does, and passes over it. */
function noNewLine(c: Cursor): void {
  if (!on(c, Lexeme.Newline)) return;
  problem(
    c,
    c.start - c.base,
    c.end - c.base,
    'among devices nft takes a new line only behind a comma; put the braces and the devices on one line',
    {
      suggest: [' '],
    },
  );
  skipNewlines(c);
}

/** `priority N`, `priority NAME + N`. The current word is “priority”. */
export function parsePriority(c: Cursor): Priority | null {
  bump(c, Token.Keyword);
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
    base = { kind: 'literal', start, end: endOf(c, start), literal: 'number' };
  } else if (on(c, Lexeme.Dollar) && sign > 0) base = parseVariable(c);
  else if (on(c, Lexeme.Word) && sign > 0 && !reserved.has(word(c))) {
    bump(c, Token.Constant);
    base = { kind: 'literal', start, end: endOf(c, start), literal: 'word' };
  } else {
    unexpected(c, 'a number, or a name such as filter, belongs here');
    return null;
  }
  let offset = 0;
  if ((on(c, Lexeme.Plus) || on(c, Lexeme.Minus)) && base.kind === 'literal' && base.literal === 'word') {
    const negative = on(c, Lexeme.Minus);
    bump(c, Token.Operator);
    if (on(c, Lexeme.Number)) offset = Number(word(c)) * (negative ? -1 : 1);
    parseNumber(c);
  }
  return { start, end: endOf(c, start), base, offset };
}
