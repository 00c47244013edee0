// What one statement of a ruleset says, without where it stands.
import { type Address, parseAddress } from '../net/address.ts';
import { copied, type Span } from '../text/span.ts';
import type { Expression, NftablesStatement, NftablesStatementFacts, Reference, RuleStatement, Verdict } from './tree.ts';

/** A single address somebody wrote out: an item of its statement's facts. */
export interface AddressMention {
  readonly address: Address;
  readonly item: number;
  /** Which end of a packet it is compared with; null where it is neither or stands in a set. */
  readonly side: 'source' | 'destination' | null;
}

export interface Named {
  readonly family: string | null;
  readonly table: string | null;
  readonly name: string | null;
}

export type StatementFact =
  | { readonly kind: 'object'; readonly object: string; readonly command: string; readonly at: Named; readonly block: boolean }
  | { readonly kind: 'base-chain'; readonly type: string | null; readonly hook: string | null; readonly priority: string | null }
  | { readonly kind: 'policy'; readonly policy: string | null }
  | {
      readonly kind: 'rule';
      readonly command: string;
      /** Of a rule that a command adds; null for one in a chain's block. */
      readonly at: Named | null;
      readonly addresses: readonly AddressMention[];
      /** The verdict it ends with. */
      readonly verdict: string | null;
      /** Whether every packet that comes to it meets its verdict. */
      readonly always: boolean;
    }
  | { readonly kind: 'elements'; readonly command: string; readonly at: Named | null; readonly addresses: readonly AddressMention[] }
  | { readonly kind: 'definition'; readonly command: string; readonly name: string | null; readonly addresses: readonly AddressMention[] }
  | { readonly kind: 'include'; readonly path: string | null }
  | { readonly kind: 'command'; readonly command: string; readonly object: string; readonly at: Named }
  /** A block ends. */
  | { readonly kind: 'end' };

export const endOfBlock: StatementFact = { kind: 'end' };

/** The facts of a statement, null where it says nothing that counts; `offset` is the statement's in `text`. */
export function statementFacts(statement: NftablesStatement, text: string, offset: number): NftablesStatementFacts | null {
  if (statement.facts === undefined) statement.facts = extract(statement, text, offset);
  return statement.facts;
}

function extract(statement: NftablesStatement, text: string, offset: number): NftablesStatementFacts | null {
  const { syntax } = statement;
  const at = (span: Span | null): string | null =>
    span ? copied(text, offset + span.start, offset + span.end).replace(/^"(.*)"$/s, '$1') : null;
  const named = (reference: Reference): Named => ({ family: at(reference.family), table: at(reference.table), name: at(reference.name) });
  const whole = contentSpan(statement, text, offset);
  const just = (fact: StatementFact, ...places: readonly (Span | null)[]): NftablesStatementFacts => ({
    fact,
    places: [whole, ...places.map((place) => place ?? whole)],
  });
  switch (syntax.kind) {
    case 'object': {
      const name = syntax.object === 'table' ? syntax.at.table : syntax.at.name;
      return just({ kind: 'object', object: syntax.object, command: syntax.command, at: named(syntax.at), block: syntax.block }, name);
    }
    case 'base-chain':
      return just({ kind: 'base-chain', type: at(syntax.type), hook: at(syntax.hook), priority: at(syntax.priority) }, syntax.hook);
    case 'policy':
      return just({ kind: 'policy', policy: syntax.policy.kind === 'literal' ? at(syntax.policy) : null }, syntax.policy);
    case 'rule': {
      const found = new Mentions(text, offset, whole);
      for (const part of syntax.statements) found.statement(part);
      const { verdict, always } = outcome(syntax.statements);
      return {
        fact: {
          kind: 'rule',
          command: syntax.command,
          at: syntax.at ? named(syntax.at) : null,
          addresses: found.mentions,
          verdict,
          always,
        },
        places: found.places,
      };
    }
    case 'elements': {
      const found = new Mentions(text, offset, whole);
      found.expression(syntax.elements);
      return {
        fact: { kind: 'elements', command: syntax.command, at: syntax.at ? named(syntax.at) : null, addresses: found.mentions },
        places: found.places,
      };
    }
    case 'definition': {
      const found = new Mentions(text, offset, whole);
      if (syntax.value) found.expression(syntax.value);
      return {
        fact: { kind: 'definition', command: syntax.command, name: at(syntax.name), addresses: found.mentions },
        places: found.places,
      };
    }
    case 'include':
      return just({ kind: 'include', path: at(syntax.path) }, syntax.path);
    case 'command':
      return just({ kind: 'command', command: syntax.command, object: syntax.object, at: named(syntax.at) });
    default:
      return null;
  }
}

/** The statement without the spaces and separators around it. */
function contentSpan(statement: NftablesStatement, text: string, offset: number): Span {
  let start = offset;
  let end = offset + statement.width;
  if (statement.body.length > 0) {
    const brace = text.indexOf('{', start);
    if (brace >= 0 && brace < end) end = brace;
  }
  while (start < end && /\s/.test(text[start] as string)) start++;
  while (end > start && /[\s;]/.test(text[end - 1] as string)) end--;
  return { start: start - offset, end: end - offset };
}

function outcome(statements: readonly RuleStatement[]): { verdict: string | null; always: boolean } {
  let verdict: string | null = null;
  let always = true;
  for (const part of statements) {
    if (part.kind === 'verdict') verdict = part.verdict;
    else if (part.kind === 'action' && part.name === 'reject') verdict = 'reject';
    else if (part.kind === 'nat') verdict = part.name;
    else if (part.kind === 'vmap') {
      verdict = 'vmap';
      always = false;
    } else if (
      part.kind === 'match' ||
      part.kind === 'unknown' ||
      (part.kind === 'action' && !/^(counter|log|last|notrack)$/.test(part.name))
    )
      always = false;
  }
  return { verdict, always };
}

function sideOf(left: Expression): AddressMention['side'] {
  const field = left.kind === 'selector' ? left.field?.name : undefined;
  return field === 'saddr' ? 'source' : field === 'daddr' ? 'destination' : null;
}

/** Gathers the addresses that stand alone: not the ends of a range, not a prefix of more than one. */
class Mentions {
  readonly mentions: AddressMention[] = [];
  readonly places: Span[];
  #side: AddressMention['side'] = null;
  readonly #text: string;
  readonly #offset: number;

  constructor(text: string, offset: number, whole: Span) {
    this.#text = text;
    this.#offset = offset;
    this.places = [whole];
  }

  #add(span: Span, address: Span = span): void {
    const parsed = parseAddress(this.#text.slice(this.#offset + address.start, this.#offset + address.end));
    if (!parsed) return;
    this.mentions.push({ address: parsed, item: this.places.length, side: this.#side });
    this.places.push({ start: span.start, end: span.end });
  }

  expression(expression: Expression | Verdict): void {
    switch (expression.kind) {
      case 'literal':
        if (expression.literal === 'address4' || expression.literal === 'address6') this.#add(expression);
        break;
      case 'prefix': {
        const length = this.#text.slice(this.#offset + expression.length.start, this.#offset + expression.length.end);
        if (expression.base.kind === 'literal' && length === (expression.base.literal === 'address6' ? '128' : '32'))
          this.#add(expression, expression.base);
        break;
      }
      case 'concatenation':
        for (const part of expression.parts) this.expression(part);
        break;
      case 'list':
        for (const item of expression.items) this.expression(item);
        break;
      case 'set':
        for (const element of expression.elements) {
          this.expression(element.key);
          if (element.data) this.expression(element.data);
        }
        break;
      case 'map':
        this.expression(expression.key);
        this.expression(expression.map);
        break;
      case 'verdict':
        this.statement(expression);
        break;
    }
  }

  statement(part: RuleStatement): void {
    switch (part.kind) {
      case 'match':
        this.#side = part.operator === '!=' ? null : sideOf(part.left);
        this.expression(part.right);
        this.#side = null;
        break;
      case 'vmap':
        this.expression(part.right);
        break;
      case 'assignment':
        this.expression(part.value);
        break;
      case 'nat':
        if (part.address) this.expression(part.address);
        break;
      case 'action':
        for (const value of part.values) this.expression(value);
        break;
      case 'verdict':
        for (const rule of part.block ?? []) for (const inner of rule) this.statement(inner);
        break;
    }
  }
}
