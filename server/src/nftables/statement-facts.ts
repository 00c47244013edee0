// What one statement of a ruleset says, without where it stands.
import { ownCopy, type Span } from '../text/span.ts';
import { headWidth } from '../text/statement.ts';
import { type DefinitionFact, DefinitionFacts, type ElementsFact, ElementsFacts } from './list-facts.ts';
import { type RuleFact, RuleFacts } from './rule-facts.ts';
import { contentOf, type Named, namedAt, usesOf, wordAt, wordsOf } from './statement-text.ts';
import type { Expression, NftablesStatement, NftablesStatementFacts } from './tree.ts';
import { type Value, valueAt } from './value.ts';

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
  | ElementsFact
  | DefinitionFact
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

/**
 * The facts of a statement, null where it says nothing that counts; `offset` is the statement's in `text`. What is read later is read from a part
 * of `text`, and keeps it in memory; with `apart` from a copy of its own, as it must be where texts come and go and the statement stays.
 */
export function statementFacts(statement: NftablesStatement, text: string, offset: number, apart = true): NftablesStatementFacts | null {
  if (statement.facts === undefined) statement.facts = extract(statement, text, offset, apart);
  return statement.facts;
}

function extract(statement: NftablesStatement, text: string, offset: number, apart: boolean): NftablesStatementFacts | null {
  const { syntax } = statement;
  if (syntax.kind === 'close' || (syntax.kind === 'blank' && !text.startsWith('#!', offset))) return null;
  const end = offset + (statement.body.length > 0 ? headWidth(statement) : statement.width);
  const own = apart ? ownCopy(text, offset, end) : text.slice(offset, end);
  // nearly all statements of a large file: no closures are made for them
  if (syntax.kind === 'rule') return new RuleFacts(own, syntax);
  if (syntax.kind === 'blank' && !/^#!.*\bnft\b/.test(own)) return null;
  if (syntax.kind === 'elements') return new ElementsFacts(own, syntax);
  if (syntax.kind === 'definition') return new DefinitionFacts(own, syntax);
  const brace = statement.body.length > 0 ? own.indexOf('{') : -1;
  const whole = contentOf(brace < 0 ? own : own.slice(0, brace));
  const just = (said: StatementFact, ...places: readonly (Span | null)[]): NftablesStatementFacts => {
    const uses = usesOf(own, said.kind === 'unread');
    return { fact: uses.length > 0 ? { ...said, uses } : said, places: [whole, ...places.map((place) => place ?? whole)] };
  };
  const at = (span: Span | null): string | null => wordAt(own, span);
  const value = (expression: Expression): Value => valueAt({ text: own, offset: 0 }, expression);
  const block = statement.body.length > 0;
  switch (syntax.kind) {
    case 'object': {
      const name = syntax.object === 'table' ? syntax.at.table : syntax.at.name;
      const ct =
        syntax.object === 'ct' ? (/\bct\s+(helper|timeout|expectation)\b/.exec(wordsOf(statement, own).join(' '))?.[1] ?? null) : null;
      return just({ kind: 'object', object: syntax.object, ct, command: syntax.command, at: namedAt(own, syntax.at), block }, name);
    }
    case 'base-chain': {
      const priority = syntax.priority && { base: value(syntax.priority.base), offset: syntax.priority.offset };
      const devices = syntax.devices && value(syntax.devices);
      return just({ kind: 'base-chain', type: at(syntax.type), hook: at(syntax.hook), priority, devices }, syntax.hook);
    }
    case 'policy':
      return just({ kind: 'policy', policy: value(syntax.policy) }, syntax.policy);
    case 'set-type':
      return just({
        kind: 'set-type',
        keys: syntax.keys.map((key) => datatypeOf(key, own)),
        data: syntax.dataWord ? [at(syntax.dataWord)] : (syntax.data?.map((part) => datatypeOf(part, own)) ?? null),
      });
    case 'option':
      return just({ kind: 'option', name: syntax.name, words: wordsOf(statement, own), block });
    case 'include':
      return just({ kind: 'include', path: at(syntax.path) }, syntax.path);
    case 'command':
      return just({
        kind: 'command',
        command: syntax.command,
        object: syntax.object,
        at: namedAt(own, syntax.at),
        words: wordsOf(statement, own),
      });
    case 'blank':
      return just({ kind: 'script' });
    case 'unknown':
      return just({ kind: 'unread' });
    default:
      return null;
  }
}

/** The datatype that a part of a set's type names, or that its example has. */
function datatypeOf(part: Expression, text: string): string | null {
  if (part.kind === 'literal') return wordAt(text, part);
  return part.kind === 'selector' ? (part.field?.type ?? null) : null;
}
