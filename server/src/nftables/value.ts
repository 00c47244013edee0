// A value as a statement writes it, as plain data: what facts keep of an expression once its text has gone.
import { copied, type Span } from '../text/span.ts';
import type { Element, Expression, Literal, RuleStatement, Verdict } from './tree.ts';
import { bareMeta } from './vocabulary/selectors.ts';

/** Where a verdict goes: the name of a chain, or the variable that holds it. */
export type Target = { readonly kind: 'chain'; readonly name: string } | { readonly kind: 'variable'; readonly name: string };

export interface VerdictValue {
  readonly kind: 'verdict';
  readonly verdict: string;
  /** Of jump and goto to a chain with a name. */
  readonly target: Target | null;
}

export interface ValueElement {
  readonly key: Value;
  readonly data: Value | VerdictValue | null;
}

export type Value =
  /** As written, without quotation marks. */
  | { readonly kind: 'text'; readonly literal: Literal; readonly text: string }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'prefix'; readonly base: Value; readonly length: Value }
  | { readonly kind: 'range'; readonly from: Value; readonly to: Value }
  | { readonly kind: 'concatenation'; readonly parts: readonly Value[] }
  | { readonly kind: 'list'; readonly items: readonly Value[] }
  | { readonly kind: 'set'; readonly elements: readonly ValueElement[] }
  /** `@name`. */
  | { readonly kind: 'reference'; readonly name: string }
  /** What a packet has there, in the words of the manual with single spaces: `meta iifname`, `ct original ip saddr`. */
  | { readonly kind: 'selector'; readonly words: string }
  /** `@th,16,16`. */
  | { readonly kind: 'raw'; readonly text: string }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Value; readonly right: Value }
  | { readonly kind: 'map'; readonly key: Value; readonly map: Value }
  /** What is missing. */
  | { readonly kind: 'other' };

const other: Value = { kind: 'other' };

/** Reads expressions of one statement, which begins at `offset` of `text`. */
export interface ValueReader {
  readonly text: string;
  readonly offset: number;
}

export function written({ text, offset }: ValueReader, span: Span): string {
  return copied(text, offset + span.start, offset + span.end);
}

export function valueAt(reader: ValueReader, expression: Expression): Value {
  switch (expression.kind) {
    case 'literal': {
      const text = written(reader, expression);
      const bare = expression.literal === 'string' ? text.replace(/^"(.*)"$/s, '$1') : text;
      return { kind: 'text', literal: expression.literal, text: bare };
    }
    case 'variable':
      return { kind: 'variable', name: variableName(reader, expression) };
    case 'prefix':
      return { kind: 'prefix', base: valueAt(reader, expression.base), length: valueAt(reader, expression.length) };
    case 'range':
      return { kind: 'range', from: valueAt(reader, expression.from), to: valueAt(reader, expression.to) };
    case 'concatenation':
      return { kind: 'concatenation', parts: expression.parts.map((part) => valueAt(reader, part)) };
    case 'list':
      return { kind: 'list', items: expression.items.map((item) => valueAt(reader, item)) };
    case 'set':
      return { kind: 'set', elements: expression.elements.map((element) => elementOf(reader, element)) };
    case 'reference':
      return { kind: 'reference', name: written(reader, expression).replace(/^@\s*/, '') };
    case 'selector':
      return { kind: 'selector', words: selectorWords(reader, expression) };
    case 'raw':
      return { kind: 'raw', text: written(reader, expression) };
    case 'binary':
      return {
        kind: 'binary',
        operator: written(reader, expression.operator),
        left: valueAt(reader, expression.left),
        right: valueAt(reader, expression.right),
      };
    case 'map':
      return { kind: 'map', key: valueAt(reader, expression.key), map: valueAt(reader, expression.map) };
    case 'missing':
      return other;
  }
}

/** The text counts and not the selector alone: `vxlan ip saddr` is another address than `ip saddr`. */
function selectorWords(reader: ValueReader, selector: Span): string {
  const words = written(reader, selector).replace(/\s+/g, ' ');
  return bareMeta.has(words) ? `meta ${words}` : words;
}

function elementOf(reader: ValueReader, { key, data }: Element): ValueElement {
  return {
    key: valueAt(reader, key),
    data: data === null ? null : data.kind === 'verdict' ? verdictOf(reader, data) : valueAt(reader, data),
  };
}

export function verdictOf(reader: ValueReader, { verdict, target }: Verdict): VerdictValue {
  return { kind: 'verdict', verdict, target: target ? targetOf(reader, target) : null };
}

function variableName(reader: ValueReader, span: Span): string {
  return written(reader, span).replace(/^\$\s*/, '');
}

function targetOf(reader: ValueReader, target: Expression): Target {
  return target.kind === 'variable'
    ? { kind: 'variable', name: variableName(reader, target) }
    : { kind: 'chain', name: written(reader, target) };
}

/** Where the verdicts of a rule go, in the order they stand, those in its own verdict maps and nameless chains included. */
export function targetsOf(reader: ValueReader, statements: readonly RuleStatement[]): readonly Target[] {
  let targets: Target[] | null = null;
  const take = (verdict: Verdict): void => {
    if (verdict.target) {
      targets ??= [];
      targets.push(targetOf(reader, verdict.target));
    }
    for (const rule of verdict.block ?? []) walk(rule);
  };
  const walk = (parts: readonly RuleStatement[]): void => {
    for (const part of parts) {
      if (part.kind === 'verdict') take(part);
      else if (part.kind === 'vmap' && part.right.kind === 'set') {
        for (const { data } of part.right.elements) if (data?.kind === 'verdict') take(data);
      }
    }
  };
  walk(statements);
  return targets ?? none;
}

const none: readonly Target[] = [];
