// What the check of one statement goes by: its text, what is declared around it, and what was found so far.
import type { Span } from '../../text/span.ts';
import type { SyntaxProblem } from '../../text/statement.ts';
import type { NftVersion } from '../vocabulary/versions.ts';
import type { ChainDeclaration, Declaration, Definition } from './declarations.ts';

/** Looks a declaration up by its key (declarations.ts, keyOf), or a variable by `$name`. */
export type Lookup = (key: string) => Declaration | Definition | undefined;

/** What a statement asked for, and got: while the answers are the same objects, so is what the check found. */
export type Uses = Map<string, Declaration | Definition | undefined>;

export interface Checker {
  /** Of the statement, or of the definition whose value is being looked at; spans are into it. */
  text: string;
  /** Where a variable is used whose value is being looked at: what is wrong in the value is told there. */
  at: Span | null;
  /** How many variables deep. */
  depth: number;
  readonly family: string;
  readonly table: string | null;
  /** The chain that a rule stands in, where the file says more of it than its name. */
  readonly chain: ChainDeclaration | null;
  /** Whether names may come from elsewhere: the file includes others. */
  readonly open: boolean;
  /** Whether the file says that it is loaded alone, so that no other can define its variables. */
  readonly whole: boolean;
  readonly version: NftVersion;
  readonly lookup: Lookup;
  /** The names declared with this beginning of a key. */
  readonly names: (prefix: string) => readonly string[];
  readonly uses: Uses;
  /** Set where a message lists names: then it must be made anew each time. */
  volatile: boolean;
  readonly problems: SyntaxProblem[];
  /** The chains it jumps to. */
  readonly jumps: string[];
}

export type Detail = Partial<Pick<SyntaxProblem, 'suggest' | 'failsAt'>>;

/** Adds a problem that nft's evaluation would tell; only the first of a statement counts, since nft stops there too. */
export function say(k: Checker, rule: string, span: Span, message: string, detail: Detail = {}): void {
  if (k.problems.length > 0) return;
  // a fix belongs where the wrong word stands, and that is another statement
  const { suggest, failsAt } = detail;
  const place = k.at ?? span;
  k.problems.push({
    start: place.start,
    end: Math.max(place.end, place.start + 1),
    rule: `nftables/${rule}`,
    message,
    refusedBy: 'nft',
    ...(failsAt ? { failsAt } : {}),
    ...(suggest && suggest.length > 0 && !k.at ? { suggest } : {}),
  });
}

export function textOf(k: Checker, span: Span): string {
  return k.text.slice(span.start, span.end);
}

export function ask(k: Checker, key: string): Declaration | Definition | undefined {
  const found = k.lookup(key);
  k.uses.set(key, found);
  return found;
}

const MAX_VARIABLES = 16;

/** The definition of the variable at `span`, a `$name`. */
export function definitionOf(k: Checker, span: Span): Definition | null {
  const name = textOf(k, { start: span.start + 1, end: span.end }).trim();
  const found = ask(k, `$${name}`);
  return found?.kind === 'definition' ? found : null;
}

/** Looks at what the variable at `span` stands for in its place; false where nothing is known of it. */
export function insideVariable(k: Checker, span: Span, look: (definition: Definition) => void): boolean {
  if (k.depth >= MAX_VARIABLES) return false;
  const definition = definitionOf(k, span);
  if (!definition?.value) return false;
  const { text, at } = k;
  k.text = definition.text;
  k.at = at ?? span;
  k.depth++;
  look(definition);
  k.depth--;
  k.text = text;
  k.at = at;
  return true;
}

/** The words of a statement's text, strings as one. */
export function wordsOf(text: string): readonly string[] {
  return text.match(/"[^"]*"|[^\s"]+/g) ?? [];
}
