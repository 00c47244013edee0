// What a rule does, statement by statement, as plain data without where it stands: what an evaluator of packets carries out.
import { ownCopy } from '../text/span.ts';
import type { Expression, RuleStatement, Verdict } from './tree.ts';
import { type Target, type Value, type ValueReader, valueAt, verdictOf, written } from './value.ts';

export interface VerdictCode {
  readonly do: 'verdict';
  readonly verdict: string;
  /** Of jump and goto to a chain with a name. */
  readonly target: Target | null;
  /** Of `jump { … }`: the rules of a chain without a name. */
  readonly block: readonly (readonly RuleCode[])[] | null;
}

export type RuleCode =
  | VerdictCode
  | { readonly do: 'match'; readonly left: Value; readonly operator: string; readonly right: Value; readonly mask: Value | null }
  | { readonly do: 'vmap'; readonly left: Value; readonly right: Value }
  | { readonly do: 'assignment'; readonly left: Value; readonly value: Value }
  /** `form`: the words before the address; `flags`: those behind address and port. */
  | {
      readonly do: 'nat';
      readonly name: string;
      readonly form: string;
      readonly address: Value | null;
      readonly port: Value | null;
      readonly flags: string;
    }
  | { readonly do: 'action'; readonly name: string; readonly words: string; readonly values: readonly Value[] }
  /** What could not be read. */
  | { readonly do: 'unknown' };

/** Whether what a statement does hangs on nothing but its own words: it compares with none but these, or its verdict leads nowhere. */
export function isPlain(code: RuleCode): boolean {
  if (code.do === 'match') return code.left.kind === 'selector' && code.mask === null && isWords(code.right);
  return code.do === 'verdict' && code.target === null && code.block === null;
}

function isWords(value: Value): boolean {
  switch (value.kind) {
    case 'text':
      return true;
    case 'list':
      return value.items.every(({ kind }) => kind === 'text');
    case 'set':
      return value.elements.every(({ key, data }) => key.kind === 'text' && data === null);
    default:
      return false;
  }
}

/** Whether a rule is one of those few words that stand in most chains, as `ct state established accept`: one list for all of them. */
export function isCommonplace(code: readonly RuleCode[]): boolean {
  return code.length <= 2 && code.every(isPlain);
}

/** One object for all plain statements that are written alike, since thousands of rules say the same but for an address or a port. By their text. */
const plain = new Map<string, RuleCode>();
const MOST_PLAIN = 16384;
/** Longer ones are hardly written twice. */
const LONGEST = 64;

/** Rules of two statements at most, by the first and the second; they are held by whoever has them. */
const commonplace = new WeakMap<RuleCode, WeakMap<RuleCode, readonly RuleCode[]>>();
const missing: RuleCode = { do: 'unknown' };

export function codeOf(reader: ValueReader, statements: readonly RuleStatement[]): readonly RuleCode[] {
  // an array that grows is longer than what it holds, and this one stays
  const code = new Array<RuleCode>(statements.length);
  let length = 0;
  for (let i = 0; i < statements.length; i++) {
    const statement = statements[i] as RuleStatement;
    if (statement.kind === 'match' || statement.kind === 'verdict') code[length++] = sharedCode(reader, statement);
    else if (statement.kind !== 'comment') code[length++] = codeOfStatement(reader, statement);
  }
  code.length = length;
  return isCommonplace(code) ? sharedRule(code) : code;
}

function sharedCode(reader: ValueReader, statement: RuleStatement & { readonly kind: 'match' | 'verdict' }): RuleCode {
  const { text, offset } = reader;
  const start = offset + statement.start;
  const end = offset + statement.end;
  if (end - start > LONGEST) return codeOfStatement(reader, statement);
  const known = plain.get(text.slice(start, end));
  if (known && isReadAs(known, statement)) return known;
  const code = codeOfStatement(reader, statement);
  if (!isPlain(code)) return code;
  if (plain.size >= MOST_PLAIN) plain.clear();
  // not to hold the text of the whole file
  plain.set(ownCopy(text, start, end), code);
  return code;
}

function sharedRule(code: readonly RuleCode[]): readonly RuleCode[] {
  const [first = missing, second = missing] = code;
  let bySecond = commonplace.get(first);
  if (!bySecond) {
    bySecond = new WeakMap();
    commonplace.set(first, bySecond);
  }
  const known = bySecond.get(second);
  if (known) return known;
  const shared = code.slice();
  bySecond.set(second, shared);
  return shared;
}

/** What was read of the words alone is the same wherever they stand, unless what stands before or behind them leads to another reading. */
function isReadAs(code: RuleCode, statement: RuleStatement & { readonly kind: 'match' | 'verdict' }): boolean {
  if (statement.kind === 'verdict')
    return code.do === 'verdict' && code.verdict === statement.verdict && !statement.target && !statement.block;
  if (code.do !== 'match' || code.operator !== statement.operator) return false;
  return statement.left.kind === 'selector' && statement.mask === null && hasWords(statement.right, code.right);
}

function hasWords(expression: Expression, value: Value): boolean {
  switch (value.kind) {
    case 'text':
      return expression.kind === 'literal' && expression.literal === value.literal;
    case 'list':
      return expression.kind === 'list' && haveWords(expression.items, value.items);
    case 'set': {
      if (expression.kind !== 'set' || expression.elements.some(({ data }) => data !== null)) return false;
      return haveWords(
        expression.elements.map(({ key }) => key),
        value.elements.map(({ key }) => key),
      );
    }
    default:
      return false;
  }
}

function haveWords(expressions: readonly Expression[], values: readonly Value[]): boolean {
  return expressions.length === values.length && values.every((value, i) => hasWords(expressions[i] as Expression, value));
}

function codeOfStatement(reader: ValueReader, statement: Exclude<RuleStatement, { kind: 'comment' }>): RuleCode {
  switch (statement.kind) {
    case 'verdict':
      return verdictCode(reader, statement);
    case 'match':
      return {
        do: 'match',
        left: valueAt(reader, statement.left),
        operator: statement.operator,
        right: valueAt(reader, statement.right),
        mask: statement.mask && valueAt(reader, statement.mask),
      };
    case 'vmap':
      return { do: 'vmap', left: valueAt(reader, statement.left), right: valueAt(reader, statement.right) };
    case 'assignment':
      return { do: 'assignment', left: valueAt(reader, statement.left), value: valueAt(reader, statement.value) };
    case 'nat': {
      const { name, address, port, start, end } = statement;
      const first = address ?? port;
      const last = port ?? address;
      return {
        do: 'nat',
        name,
        form: written(reader, { start, end: first?.start ?? end }),
        address: address && valueAt(reader, address),
        port: port && valueAt(reader, port),
        flags: last ? written(reader, { start: last.end, end }) : '',
      };
    }
    case 'action':
      return {
        do: 'action',
        name: statement.name,
        words: written(reader, statement),
        values: statement.values.map((value) => valueAt(reader, value)),
      };
    case 'unknown':
      return { do: 'unknown' };
  }
}

function verdictCode(reader: ValueReader, verdict: Verdict): VerdictCode {
  const { verdict: word, target } = verdictOf(reader, verdict);
  return { do: 'verdict', verdict: word, target, block: verdict.block?.map((rule) => codeOf(reader, rule)) ?? null };
}
