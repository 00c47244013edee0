// What a statement of an nftables ruleset is. Spans are relative to the statement's start.

import type { StatementFacts } from '../text/fact-list.ts';
import type { Span } from '../text/span.ts';
import type { Statement, SyntaxTree } from '../text/statement.ts';
import type { StatementFact } from './statement-facts.ts';
import type { Field, Selector } from './vocabulary/selectors.ts';

/** The kind of block a statement stands in; `Statement.place`. */
export const Place = {
  File: 0,
  Table: 1,
  Chain: 2,
  Set: 3,
  Map: 4,
  Flowtable: 5,
  Counter: 6,
  Quota: 7,
  Limit: 8,
  Helper: 9,
  Timeout: 10,
  Expectation: 11,
  Secmark: 12,
  Synproxy: 13,
  Tunnel: 14,
  Erspan: 15,
  Vxlan: 16,
  Geneve: 17,
} as const;
export type Place = (typeof Place)[keyof typeof Place];

/** The block of an object; those of `ct` are told by the word behind it. */
export const blockOf: Partial<Record<ObjectKind, Place>> = {
  table: Place.Table,
  chain: Place.Chain,
  set: Place.Set,
  map: Place.Map,
  flowtable: Place.Flowtable,
  counter: Place.Counter,
  quota: Place.Quota,
  limit: Place.Limit,
  secmark: Place.Secmark,
  synproxy: Place.Synproxy,
  tunnel: Place.Tunnel,
};

export type Literal = 'number' | 'word' | 'string' | 'address4' | 'address6' | 'mac' | 'time' | 'wildcard' | 'star' | 'class';

export type Expression =
  | (Span & { readonly kind: 'literal'; readonly literal: Literal })
  /** `$name`; the span is of the whole. */
  | (Span & { readonly kind: 'variable' })
  /** `@name`. */
  | (Span & { readonly kind: 'reference' })
  | (Span & { readonly kind: 'prefix'; readonly base: Expression; readonly length: Expression })
  | (Span & { readonly kind: 'range'; readonly from: Expression; readonly to: Expression })
  | (Span & { readonly kind: 'concatenation'; readonly parts: readonly Expression[] })
  | (Span & { readonly kind: 'list'; readonly items: readonly Expression[] })
  | (Span & { readonly kind: 'set'; readonly elements: readonly Element[] })
  | (Span & {
      readonly kind: 'selector';
      readonly selector: Selector;
      readonly field: Field | null;
      readonly arguments: readonly Expression[];
    })
  /** `@th,16,16`. */
  | (Span & { readonly kind: 'raw' })
  | (Span & { readonly kind: 'binary'; readonly operator: Span; readonly left: Expression; readonly right: Expression })
  | (Span & { readonly kind: 'map'; readonly key: Expression; readonly map: Expression })
  | (Span & { readonly kind: 'missing' });

export interface Element extends Span {
  readonly key: Expression;
  readonly data: Expression | Verdict | null;
}

export interface Verdict extends Span {
  readonly kind: 'verdict';
  readonly verdict: string;
  /** The chain to go to. */
  readonly target: Expression | null;
  /** `jump { … }`: the rules of a chain without a name. */
  readonly block: readonly (readonly RuleStatement[])[] | null;
}

export type RuleStatement =
  | Verdict
  | (Span & {
      readonly kind: 'match';
      readonly left: Expression;
      readonly operator: string;
      readonly right: Expression;
      readonly mask: Expression | null;
    })
  | (Span & { readonly kind: 'vmap'; readonly left: Expression; readonly right: Expression })
  | (Span & { readonly kind: 'assignment'; readonly left: Expression; readonly value: Expression })
  /** snat, dnat, masquerade, redirect, tproxy. */
  | (Span & { readonly kind: 'nat'; readonly name: string; readonly address: Expression | null; readonly port: Expression | null })
  | (Span & { readonly kind: 'action'; readonly name: string; readonly values: readonly Expression[] })
  | (Span & { readonly kind: 'comment' })
  | (Span & { readonly kind: 'unknown' });

/** A name with the table it is in, where a command writes them: `inet filter input`. */
export interface Reference {
  readonly family: Span | null;
  readonly table: Span | null;
  readonly name: Span | null;
}

export type ObjectKind =
  | 'table'
  | 'chain'
  | 'rule'
  | 'set'
  | 'map'
  | 'element'
  | 'flowtable'
  | 'counter'
  | 'quota'
  | 'limit'
  | 'ct'
  | 'secmark'
  | 'synproxy'
  | 'tunnel';

export type NftablesSyntax =
  | { readonly kind: 'file' }
  | { readonly kind: 'blank' }
  /** The brace that ends a block. */
  | { readonly kind: 'close' }
  /** A thing that is made: at file level by a command or a table block, inside a table by its block. */
  | { readonly kind: 'object'; readonly object: ObjectKind; readonly command: string; readonly at: Reference; readonly block: boolean }
  | {
      readonly kind: 'base-chain';
      readonly type: Span | null;
      readonly hook: Span | null;
      readonly priority: Priority | null;
      readonly devices: Expression | null;
    }
  | { readonly kind: 'policy'; readonly policy: Expression }
  | { readonly kind: 'rule'; readonly command: string; readonly at: Reference | null; readonly statements: readonly RuleStatement[] }
  | { readonly kind: 'elements'; readonly command: string; readonly at: Reference | null; readonly elements: Expression }
  | {
      readonly kind: 'set-type';
      readonly keys: readonly Expression[];
      readonly data: readonly Expression[] | null;
      readonly dataWord: Span | null;
    }
  | { readonly kind: 'option'; readonly name: string; readonly values: readonly Expression[] }
  | { readonly kind: 'definition'; readonly command: string; readonly name: Span | null; readonly value: Expression | null }
  | { readonly kind: 'include'; readonly path: Span | null }
  /** delete, flush, list …: `at` where it names one. */
  | { readonly kind: 'command'; readonly command: string; readonly object: string; readonly at: Reference }
  | { readonly kind: 'unknown' };

export interface Priority extends Span {
  /** A name, a number or a variable, as written; then the number added. */
  readonly base: Expression;
  readonly offset: number;
}

export type NftablesStatementFacts = StatementFacts<StatementFact>;

export type NftablesStatement = Statement<NftablesSyntax, NftablesStatementFacts | null>;
export type NftablesTree = SyntaxTree<NftablesSyntax, NftablesStatementFacts | null>;
