// What one statement of a ruleset says, without where it stands.
import { type Address, parseAddress } from '../net/address.ts';
import { copied, type Span } from '../text/span.ts';
import { headWidth } from '../text/statement.ts';
import { Token, tokenClass, tokenEnd } from '../text/token.ts';
import { codeOf, type RuleCode } from './rule-code.ts';
import { type Value as ReadValue, readValue, type Term, termsOf } from './terms.ts';
import type { Expression, NftablesStatement, NftablesStatementFacts, NftablesSyntax, Reference, RuleStatement, Verdict } from './tree.ts';
import { type Target, targetsOf, type Value, type ValueReader, valueAt } from './value.ts';

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

/** Before or behind which rule a command puts its own: by the kernel's handle (`position` is its old name), or counted from 0. */
export interface RulePosition {
  readonly by: 'handle' | 'index';
  readonly number: number;
}

export interface RuleFact {
  readonly kind: 'rule';
  readonly command: string;
  /** Of a rule that a command adds; null for one in a chain's block. */
  readonly at: Named | null;
  readonly position: RulePosition | null;
  readonly addresses: readonly AddressMention[];
  /** The verdict it ends with. */
  readonly verdict: string | null;
  /** Whether every packet that comes to it meets its verdict. */
  readonly always: boolean;
  /** The chains its verdicts go to, those of its nameless chains included. */
  readonly targets: readonly Target[];
  /** Whether its verdict goes to a chain that is written in its place. */
  readonly nameless: boolean;
  /** All that it does, in order. */
  readonly code: readonly RuleCode[];
  readonly comment: string | null;
  readonly terms: readonly Term[];
}

export type StatementFact = Uses & Said;

type Said =
  | {
      readonly kind: 'object';
      readonly object: string;
      /** Of a `ct` object: helper, timeout or expectation. */
      readonly ct: string | null;
      readonly command: string;
      readonly at: Named;
      /** Whether statements of its own follow, up to the end of its block. */
      readonly block: boolean;
    }
  | {
      readonly kind: 'base-chain';
      readonly type: string | null;
      readonly hook: string | null;
      readonly priority: { readonly base: Value; readonly offset: number } | null;
      readonly devices: Value | null;
    }
  | { readonly kind: 'policy'; readonly policy: Value }
  | RuleFact
  | {
      readonly kind: 'elements';
      readonly command: string;
      readonly at: Named | null;
      readonly elements: Value;
      readonly addresses: readonly AddressMention[];
      /** The elements with their words read. */
      readonly read: ReadValue;
    }
  | {
      readonly kind: 'definition';
      readonly command: string;
      readonly name: string | null;
      readonly value: Value | null;
      readonly addresses: readonly AddressMention[];
      /** The value with its words read. */
      readonly read: ReadValue | null;
    }
  /** The datatypes of a set's keys and data; null for one that its expression alone tells. */
  | { readonly kind: 'set-type'; readonly keys: readonly (string | null)[]; readonly data: readonly (string | null)[] | null }
  /** A setting of what its block makes, with the words that stand for it. */
  | { readonly kind: 'option'; readonly name: string; readonly words: readonly string[]; readonly block: boolean }
  | { readonly kind: 'include'; readonly path: string | null }
  | {
      readonly kind: 'command';
      readonly command: string;
      readonly object: string;
      readonly at: Named;
      /** All of its words, for what is not told by a name: a handle, a new name. */
      readonly words: readonly string[];
    }
  /** `#!/usr/sbin/nft -f`: the file is run by itself. */
  | { readonly kind: 'script' }
  /** What could not be read. */
  | { readonly kind: 'unread' }
  /** A block ends. */
  | { readonly kind: 'end' };

/** Names that a statement uses, with their signs: `$variable`, `@set`, `>chain`; `?` where a part of it could not be read. */
export interface Uses {
  readonly uses?: readonly string[];
}

export const endOfBlock: StatementFact = { kind: 'end' };

/** The facts of a statement, null where it says nothing that counts; `offset` is the statement's in `text`. */
export function statementFacts(statement: NftablesStatement, text: string, offset: number): NftablesStatementFacts | null {
  if (statement.facts === undefined) {
    const facts = extract(statement, text, offset);
    const uses = facts ? usesOf(text.slice(offset, offset + headWidth(statement)), facts.fact) : [];
    statement.facts = facts && uses.length > 0 ? { ...facts, fact: { ...facts.fact, uses } } : facts;
  }
  return statement.facts;
}

/** By the text alone, comments and strings left out: rather a name too many than one that is called unused. */
function usesOf(text: string, fact: StatementFact): readonly string[] {
  const unread = fact.kind === 'unread' || (fact.kind === 'rule' && fact.terms.some(({ kind }) => kind === 'unknown'));
  if (!/[$@]|jump|goto/.test(text)) return unread ? ['?'] : [];
  const bare = text.replace(/"[^"\n]*"|#.*/g, (part) => (part.startsWith('#') ? '' : part));
  const found = new Set<string>();
  for (const [, sign = '', name = ''] of bare.matchAll(/([$@])[ \t]*([A-Za-z_][\w./-]*)/g))
    found.add(copied(sign + name, 0, name.length + 1));
  for (const [, name = ''] of bare.matchAll(/\b(?:jump|goto)[ \t]+"?([A-Za-z_][\w./-]*)/g)) found.add(`>${copied(name, 0, name.length)}`);
  if (unread) found.add('?');
  return [...found];
}

function extract(statement: NftablesStatement, text: string, offset: number): NftablesStatementFacts | null {
  const { syntax } = statement;
  // nearly all statements of a large file: no closures are made for them
  if (syntax.kind === 'rule') return ruleFacts(statement, syntax, text, offset);
  if (syntax.kind === 'close') return null;
  if (syntax.kind === 'blank' && !/^#!.*\bnft\b/.test(text.slice(offset, offset + statement.width))) return null;
  const at = (span: Span | null): string | null => wordAt(span, text, offset);
  const named = (reference: Reference): Named => ({ family: at(reference.family), table: at(reference.table), name: at(reference.name) });
  const whole = contentSpan(statement, text, offset);
  const just = (fact: StatementFact, ...places: readonly (Span | null)[]): NftablesStatementFacts => ({
    fact,
    places: [whole, ...places.map((place) => place ?? whole)],
  });
  const reader: ValueReader = { text, offset };
  const value = (expression: Expression): Value => valueAt(reader, expression);
  const block = statement.body.length > 0;
  switch (syntax.kind) {
    case 'object': {
      const name = syntax.object === 'table' ? syntax.at.table : syntax.at.name;
      const ct =
        syntax.object === 'ct' ? (/\bct\s+(helper|timeout|expectation)\b/.exec(wordsOf(statement, reader).join(' '))?.[1] ?? null) : null;
      return just({ kind: 'object', object: syntax.object, ct, command: syntax.command, at: named(syntax.at), block }, name);
    }
    case 'base-chain': {
      const priority = syntax.priority && { base: value(syntax.priority.base), offset: syntax.priority.offset };
      const devices = syntax.devices && value(syntax.devices);
      return just({ kind: 'base-chain', type: at(syntax.type), hook: at(syntax.hook), priority, devices }, syntax.hook);
    }
    case 'policy':
      return just({ kind: 'policy', policy: value(syntax.policy) }, syntax.policy);
    case 'elements': {
      const found = new Mentions(text, offset, whole);
      found.expression(syntax.elements);
      return {
        fact: {
          kind: 'elements',
          command: syntax.command,
          at: syntax.at ? named(syntax.at) : null,
          elements: value(syntax.elements),
          addresses: found.mentions,
          read: readValue({ text, offset, places: found.places }, syntax.elements),
        },
        places: found.places,
      };
    }
    case 'definition': {
      const found = new Mentions(text, offset, whole);
      if (syntax.value) found.expression(syntax.value);
      return {
        fact: {
          kind: 'definition',
          command: syntax.command,
          name: at(syntax.name),
          value: syntax.value && value(syntax.value),
          addresses: found.mentions,
          read: syntax.value ? readValue({ text, offset, places: found.places }, syntax.value) : null,
        },
        places: found.places,
      };
    }
    case 'set-type':
      return just({
        kind: 'set-type',
        keys: syntax.keys.map((key) => datatypeOf(key, reader)),
        data: syntax.dataWord ? [at(syntax.dataWord)] : (syntax.data?.map((part) => datatypeOf(part, reader)) ?? null),
      });
    case 'option':
      return just({ kind: 'option', name: syntax.name, words: wordsOf(statement, reader), block });
    case 'include':
      return just({ kind: 'include', path: at(syntax.path) }, syntax.path);
    case 'command':
      return just({
        kind: 'command',
        command: syntax.command,
        object: syntax.object,
        at: named(syntax.at),
        words: wordsOf(statement, reader),
      });
    case 'blank':
      return just({ kind: 'script' });
    case 'unknown':
      return just({ kind: 'unread' });
    default:
      return null;
  }
}

function ruleFacts(
  statement: NftablesStatement,
  { command, at, statements }: NftablesSyntax & { readonly kind: 'rule' },
  text: string,
  offset: number,
): NftablesStatementFacts {
  const found = new Mentions(text, offset, contentSpan(statement, text, offset));
  let verdict: string | null = null;
  let always = true;
  let targets = false;
  let nameless = false;
  let comment: string | null = null;
  for (const part of statements) {
    found.statement(part);
    switch (part.kind) {
      case 'verdict':
        verdict = part.verdict;
        targets ||= part.target !== null || part.block !== null;
        nameless ||= part.block !== null;
        break;
      case 'nat':
        verdict = part.name;
        break;
      case 'vmap':
        verdict = 'vmap';
        always = false;
        targets = true;
        break;
      case 'action':
        if (part.name === 'reject') verdict = 'reject';
        else if (!DECIDE_NOTHING.has(part.name)) always = false;
        break;
      case 'comment':
        comment = commentText(part, text, offset);
        break;
      case 'match':
      case 'unknown':
        always = false;
        break;
    }
  }
  const reader: ValueReader = { text, offset };
  return {
    fact: {
      kind: 'rule',
      command,
      at: at && { family: wordAt(at.family, text, offset), table: wordAt(at.table, text, offset), name: wordAt(at.name, text, offset) },
      position: at && positionBehind(at, reader),
      addresses: found.mentions,
      verdict,
      always,
      targets: targets ? targetsOf(reader, statements) : noTargets,
      nameless,
      code: codeOf(reader, statements),
      comment,
      terms: termsOf({ text, offset, places: found.places }, statements),
    },
    places: found.places,
  };
}

const noTargets: readonly Target[] = [];

/** Statements that let every packet go on to the next. */
const DECIDE_NOTHING: ReadonlySet<string> = new Set(['counter', 'log', 'last', 'notrack']);

function wordAt(span: Span | null, text: string, offset: number): string | null {
  return span && copied(text, offset + span.start, offset + span.end).replace(/^"(.*)"$/s, '$1');
}

function commentText({ start, end }: Span, text: string, offset: number): string | null {
  return /^comment\s+"?([^"]*)"?$/.exec(copied(text, offset + start, offset + end))?.[1] ?? null;
}

/** The words of a statement's head, without space, comments, separators and the brace of its block; strings without their marks. */
function wordsOf(statement: NftablesStatement, { text, offset }: ValueReader): readonly string[] {
  const words: string[] = [];
  let start = 0;
  for (const packed of statement.head) {
    const end = tokenEnd(packed);
    const token = tokenClass(packed);
    if (token !== Token.Space && token !== Token.Newline && token !== Token.Comment && token !== Token.Punctuation)
      words.push(copied(text, offset + start, offset + end).replace(/^"(.*)"$/s, '$1'));
    start = end;
  }
  return words;
}

/** `handle 4`, `position 4` or `index 2` behind the chain's name. */
function positionBehind({ name }: Reference, { text, offset }: ValueReader): RulePosition | null {
  if (!name) return null;
  const from = offset + name.end;
  const found = /^\s+(handle|position|index)\s+(\w+)/.exec(text.slice(from, from + 60));
  if (!found?.[1] || !found[2]) return null;
  return { by: found[1] === 'index' ? 'index' : 'handle', number: Number(found[2]) };
}

/** The datatype that a part of a set's type names, or that its example has. */
function datatypeOf(part: Expression, { text, offset }: ValueReader): string | null {
  if (part.kind === 'literal') return copied(text, offset + part.start, offset + part.end);
  return part.kind === 'selector' ? (part.field?.type ?? null) : null;
}

const SEMICOLON = 59;

function isBlank(unit: number): boolean {
  return unit === 32 || (unit >= 9 && unit <= 13);
}

/** The statement without the spaces and separators around it. */
function contentSpan(statement: NftablesStatement, text: string, offset: number): Span {
  let start = offset;
  let end = offset + statement.width;
  if (statement.body.length > 0) {
    const brace = text.indexOf('{', start);
    if (brace >= 0 && brace < end) end = brace;
  }
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && (isBlank(text.charCodeAt(end - 1)) || text.charCodeAt(end - 1) === SEMICOLON)) end--;
  return { start: start - offset, end: end - offset };
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
    this.places.push(span);
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
