// What the check of one statement goes by: its text, what is declared around it, and what was found so far.
import type { Span } from '../../text/span.ts';
import type { SyntaxProblem } from '../../text/statement.ts';
import type { Literal } from '../tree.ts';
import type { NftVersion } from '../vocabulary/versions.ts';
import type { ChainDeclaration, Declaration, Definition, Life } from './declarations.ts';
import type { ValueType } from './kinds.ts';
import { fitsAtOnce, literalWrong, type Wrong } from './literals.ts';

/** Looks a declaration up by its key (declarations.ts, keyOf), or a variable by `$name`. */
export type Lookup = (key: string) => Declaration | Definition | undefined;

/** What a statement asked for, and got: while the answers are the same objects, so is what the check found. */
export type Uses = Map<string, Declaration | Definition | undefined>;

/** A value of which was asked only whether it fits its type. */
export interface Asked extends Span {
  readonly literal: Literal;
  readonly type: ValueType;
}

/** What a check read of a statement’s own text: another of the same shape is no different where it says the same there. */
export interface Reads {
  /** Read as it is: where each stretch begins and ends. */
  readonly stretches: number[];
  readonly asked: Asked[];
}

export interface Checker {
  /** Of the statement, or of the definition whose value is being looked at; spans are into it. Read by `textOf` alone, so that it is known what was. */
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
  /** When what is declared by a key is there; asked for a message. */
  readonly livesOf: (key: string) => readonly Life[] | undefined;
  /** At which step the statement is carried out. */
  readonly step: number;
  /** The names declared with this beginning of a key. */
  readonly names: (prefix: string) => readonly string[];
  /** Null while it asked for nothing. */
  uses: Uses | null;
  /** Set where a message lists names: then it must be made anew each time. */
  volatile: boolean;
  /** The first; nft stops there too. */
  problem: SyntaxProblem | null;
  /** The chains it jumps to; null for none. */
  jumps: string[] | null;
  /** Null where nobody asks. */
  readonly reads: Reads | null;
}

export type Detail = Partial<Pick<SyntaxProblem, 'suggest' | 'failsAt'>>;

/** Adds a problem that nft's evaluation would tell; only the first of a statement counts, since nft stops there too. */
export function say(k: Checker, rule: string, span: Span, message: string, detail: Detail = {}): void {
  if (k.problem !== null) return;
  // a fix belongs where the wrong word stands, and that is another statement
  const { suggest, failsAt } = detail;
  const place = k.at ?? span;
  k.problem = {
    start: place.start,
    end: Math.max(place.end, place.start + 1),
    rule: `nftables/${rule}`,
    message,
    refusedBy: 'nft',
    ...(failsAt ? { failsAt } : {}),
    ...(suggest && suggest.length > 0 && !k.at ? { suggest } : {}),
  };
}

export function textOf(k: Checker, span: Span): string {
  return textBetween(k, span.start, span.end);
}

export function textBetween(k: Checker, start: number, end: number): string {
  // the text of a definition is the definition’s own
  if (k.reads && k.at === null) k.reads.stretches.push(start, end);
  return k.text.slice(start, end);
}

/** What is wrong with a literal where a value of this type belongs; null where nothing is. */
export function wrongLiteral(k: Checker, { start, end, literal }: Span & { readonly literal: Literal }, type: ValueType): Wrong | null {
  if (k.reads && k.at === null) k.reads.asked.push({ start, end, literal, type });
  if (fitsAtOnce(literal, type, k.text, start, end)) return null;
  return literalWrong(literal, k.text.slice(start, end), type);
}

export function ask(k: Checker, key: string): Declaration | Definition | undefined {
  const found = k.lookup(key);
  noteUse(k, key, found);
  return found;
}

export function noteUse(k: Checker, key: string, found: Declaration | Definition | undefined): void {
  k.uses ??= new Map();
  k.uses.set(key, found);
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
