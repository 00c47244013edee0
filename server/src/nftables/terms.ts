// What a rule says, part by part, with its words read and without where they stand: what rules and the reach of packets are read from.
import { type Address, type Prefix, parseAddress, prefixOf } from '../net/address.ts';
import { copied, type Span } from '../text/span.ts';
import type { Element, Expression, RuleStatement, Verdict } from './tree.ts';
import { bareMeta } from './vocabulary/selectors.ts';

/** A value as written. `item` is its place among those of its statement's facts. */
export type Value =
  | { readonly is: 'address'; readonly address: Address; readonly item: number }
  | { readonly is: 'prefix'; readonly prefix: Prefix; readonly item: number }
  | { readonly is: 'number'; readonly number: number; readonly item: number }
  /** A name or symbolic constant, or a string without its quotation marks: `ssh`, `established`, `wg0`, `wg*`. */
  | { readonly is: 'word'; readonly word: string; readonly item: number }
  | { readonly is: 'range'; readonly from: Value; readonly to: Value; readonly item: number }
  /** `syn,ack`: flags. */
  | { readonly is: 'list'; readonly items: readonly Value[] }
  | { readonly is: 'concatenation'; readonly parts: readonly Value[] }
  | { readonly is: 'set'; readonly elements: readonly ElementValue[] }
  /** `@name`. */
  | { readonly is: 'reference'; readonly name: string; readonly item: number }
  /** `$name`. */
  | { readonly is: 'variable'; readonly name: string; readonly item: number }
  | { readonly is: 'unknown' };

export interface ElementValue {
  readonly key: Value;
  readonly data: Value | Decision | null;
}

/** What a verdict statement, or a verdict map's data, decides. */
export interface Decision {
  readonly is: 'decision';
  readonly verdict: string;
  /** The chain of jump and goto; null where it has no name or a variable says it. */
  readonly target: string | null;
  readonly item: number;
}

export type Term =
  | {
      readonly kind: 'match';
      /** As `ip saddr`, `meta iifname`, `ct state`; of a concatenation each. Null where it is computed or of another form. */
      readonly keys: readonly (string | null)[];
      readonly operator: string;
      readonly value: Value;
      readonly masked: boolean;
      readonly item: number;
    }
  | { readonly kind: 'vmap'; readonly keys: readonly (string | null)[]; readonly map: Value; readonly item: number }
  | { readonly kind: 'decision'; readonly decision: Decision }
  /** counter, log, limit, snat …; `set` is the set that add, update or delete changes. `computed`: it looks at the packet, and breaks where that fails. */
  | { readonly kind: 'action'; readonly name: string; readonly set: string | null; readonly computed: boolean; readonly item: number }
  | { readonly kind: 'assignment'; readonly item: number }
  | { readonly kind: 'unknown' };

/** Where terms are read from; `places` gets a span for each item. */
export interface TermSource {
  readonly text: string;
  /** Of the statement, in `text`. */
  readonly offset: number;
  readonly places: Span[];
}

const unknown: Value = { is: 'unknown' };

function textOf({ text, offset }: TermSource, span: Span): string {
  return copied(text, offset + span.start, offset + span.end);
}

function itemOf({ places }: TermSource, { start, end }: Span): number {
  return places.push({ start, end }) - 1;
}

export function termsOf(source: TermSource, statements: readonly RuleStatement[]): readonly Term[] {
  const terms: Term[] = [];
  for (const statement of statements) {
    const term = termOf(source, statement);
    if (term) terms.push(term);
  }
  return terms;
}

function termOf(source: TermSource, statement: RuleStatement): Term | null {
  switch (statement.kind) {
    case 'comment':
      return null;
    case 'verdict':
      return { kind: 'decision', decision: decisionOf(source, statement) };
    case 'match':
      return {
        kind: 'match',
        keys: keysOf(source, statement.left),
        operator: statement.operator,
        item: itemOf(source, statement),
        value: readValue(source, statement.right),
        masked: statement.mask !== null,
      };
    case 'vmap':
      return {
        kind: 'vmap',
        keys: keysOf(source, statement.left),
        item: itemOf(source, statement),
        map: readValue(source, statement.right),
      };
    case 'nat':
      return {
        kind: 'action',
        name: statement.name,
        set: null,
        computed: [statement.address, statement.port].some((value) => value?.kind === 'map' || value?.kind === 'concatenation'),
        item: itemOf(source, statement),
      };
    case 'action':
      return {
        kind: 'action',
        name: statement.name,
        set: changedSet(source, statement.name, statement.values),
        computed: false,
        item: itemOf(source, statement),
      };
    case 'assignment':
      return { kind: 'assignment', item: itemOf(source, statement) };
    case 'unknown':
      return { kind: 'unknown' };
  }
}

const changes = new Set(['add', 'update', 'delete', 'set', 'meter', 'flow']);

function changedSet(source: TermSource, name: string, values: readonly Expression[]): string | null {
  if (!changes.has(name)) return null;
  const reference = values.find(({ kind }) => kind === 'reference');
  return reference ? textOf(source, reference).replace(/^@\s*/, '') : null;
}

function decisionOf(source: TermSource, verdict: Verdict): Decision {
  const target = verdict.target?.kind === 'literal' ? textOf(source, verdict.target) : null;
  return { is: 'decision', verdict: verdict.verdict, target, item: itemOf(source, verdict) };
}

/** What is looked at. The text counts and not the selector alone: `vxlan ip saddr` is another address than `ip saddr`. */
function keysOf(source: TermSource, left: Expression): readonly (string | null)[] {
  if (left.kind === 'concatenation') return left.parts.map((part) => keyOf(source, part));
  return [keyOf(source, left)];
}

function keyOf(source: TermSource, expression: Expression): string | null {
  if (expression.kind !== 'selector') return null;
  const written = source.text.slice(source.offset + expression.start, source.offset + expression.end);
  let key = selectors.get(written);
  if (key === undefined) {
    const text = textOf(source, expression).replace(/\s+/g, ' ');
    key = bareMeta.has(text) ? `meta ${text}` : text;
    if (selectors.size >= MOST_SELECTORS) selectors.clear();
    selectors.set(copied(written, 0, written.length), key);
  }
  return key;
}

/** Selectors as they were written, in how many rules ever, and as they are called. */
const selectors = new Map<string, string>();
const MOST_SELECTORS = 1024;

export function readValue(source: TermSource, expression: Expression): Value {
  switch (expression.kind) {
    case 'literal': {
      const item = itemOf(source, expression);
      if (expression.literal === 'address4' || expression.literal === 'address6') {
        const address = parseAddress(source.text.slice(source.offset + expression.start, source.offset + expression.end));
        return address ? { is: 'address', address, item } : unknown;
      }
      const text = textOf(source, expression);
      switch (expression.literal) {
        case 'number': {
          const number = numberOf(text);
          return number === null ? unknown : { is: 'number', number, item };
        }
        case 'word':
        case 'wildcard':
        case 'star':
          return { is: 'word', word: text, item };
        case 'string':
          return { is: 'word', word: text.replace(/^"(.*)"$/s, '$1'), item };
        default:
          return unknown;
      }
    }
    case 'prefix': {
      const base = expression.base.kind === 'literal' ? parseAddress(textOf(source, expression.base)) : null;
      const length = numberOf(textOf(source, expression.length));
      if (!base || length === null || length > (base.version === 4 ? 32 : 128)) return unknown;
      return { is: 'prefix', prefix: prefixOf(base, length), item: itemOf(source, expression) };
    }
    case 'range':
      return {
        is: 'range',
        item: itemOf(source, expression),
        from: readValue(source, expression.from),
        to: readValue(source, expression.to),
      };
    case 'list':
      return { is: 'list', items: expression.items.map((part) => readValue(source, part)) };
    case 'concatenation':
      return { is: 'concatenation', parts: expression.parts.map((part) => readValue(source, part)) };
    case 'set':
      return { is: 'set', elements: expression.elements.map((element) => elementOf(source, element)) };
    case 'reference':
      return { is: 'reference', name: textOf(source, expression).replace(/^@\s*/, ''), item: itemOf(source, expression) };
    case 'variable':
      return { is: 'variable', name: textOf(source, expression).replace(/^\$\s*/, ''), item: itemOf(source, expression) };
    default:
      return unknown;
  }
}

function elementOf(source: TermSource, { key, data }: Element): ElementValue {
  return {
    key: readValue(source, key),
    data: data === null ? null : data.kind === 'verdict' ? decisionOf(source, data) : readValue(source, data),
  };
}

/** A number as nft reads it: decimal, 0x and, with a leading zero, octal (scanner.l, `numberstring`). */
function numberOf(text: string): number | null {
  const first = text.charCodeAt(0);
  if (text.length < 10 && first > ZERO && first <= NINE) return plainNumber(text);
  if (/^0x[0-9a-f]+$/i.test(text)) return Number(text);
  if (/^0[0-7]+$/.test(text)) return Number.parseInt(text, 8);
  return /^[0-9]+$/.test(text) ? Number(text) : null;
}

const ZERO = 48;
const NINE = 57;

/** A number of few decimal digits, as nearly all are. */
function plainNumber(text: string): number | null {
  let number = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < ZERO || unit > NINE) return null;
    number = number * 10 + unit - ZERO;
  }
  return number;
}
