// What a rule does, statement by statement, as plain data without where it stands: what an evaluator of packets carries out.
import { ownCopy } from '../text/span.ts';
import type { RuleStatement, Verdict } from './tree.ts';
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

/**
 * Matches of one selector and one word, and verdicts that lead nowhere: one object for all that are written alike, since thousands of rules
 * say the same but for an address or a port. By their text.
 */
const plain = new Map<string, RuleCode>();
const MOST_PLAIN = 16384;

/** Whether what a statement does hangs on nothing but its own words. */
export function isPlain(code: RuleCode): boolean {
  if (code.do === 'match') return code.left.kind === 'selector' && code.right.kind === 'text' && code.mask === null;
  return code.do === 'verdict' && code.target === null && code.block === null;
}

export function codeOf(reader: ValueReader, statements: readonly RuleStatement[]): readonly RuleCode[] {
  const code: RuleCode[] = [];
  for (const statement of statements) {
    if (statement.kind === 'match' || statement.kind === 'verdict') code.push(sharedCode(reader, statement));
    else if (statement.kind !== 'comment') code.push(codeOfStatement(reader, statement));
  }
  return code;
}

function sharedCode(reader: ValueReader, statement: RuleStatement & { readonly kind: 'match' | 'verdict' }): RuleCode {
  const { text, offset } = reader;
  const [start, end] = [offset + statement.start, offset + statement.end];
  const known = plain.get(text.slice(start, end));
  if (known && isReadAs(known, statement)) return known;
  const code = codeOfStatement(reader, statement);
  if (!isPlain(code)) return code;
  if (plain.size >= MOST_PLAIN) plain.clear();
  // not to hold the text of the whole file
  plain.set(ownCopy(text, start, end), code);
  return code;
}

/** What was read of the words alone is the same wherever they stand, unless what stands before or behind them leads to another reading. */
function isReadAs(code: RuleCode, statement: RuleStatement & { readonly kind: 'match' | 'verdict' }): boolean {
  if (statement.kind === 'verdict')
    return code.do === 'verdict' && code.verdict === statement.verdict && !statement.target && !statement.block;
  const { left, right } = statement;
  return (
    code.do === 'match' &&
    code.right.kind === 'text' &&
    right.kind === 'literal' &&
    code.right.literal === right.literal &&
    left.kind === 'selector' &&
    code.operator === statement.operator &&
    statement.mask === null
  );
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
