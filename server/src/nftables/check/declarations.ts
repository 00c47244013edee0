// What a file makes, by name: tables, chains, sets, maps and objects, each as far as other statements depend on it.
import { equalData } from '../../text/equal.ts';
import { headWidth, none } from '../../text/statement.ts';
import { type StatementFact, statementFacts } from '../statement-facts.ts';
import type { Expression, NftablesStatement, NftablesTree } from '../tree.ts';
import { newestVersion } from '../vocabulary/versions.ts';
import type { Checker } from './checker.ts';
import { type Kind, kindOf, typeNamed } from './kinds.ts';

export interface TableDeclaration {
  readonly kind: 'table';
  readonly family: string;
}

export interface ChainDeclaration {
  readonly kind: 'chain';
  readonly family: string;
  readonly table: string;
  readonly name: string;
  /** Null for a chain that only others jump to, and where the file does not say. */
  readonly base: { readonly type: string | null; readonly hook: string | null } | null;
}

export interface SetDeclaration {
  readonly kind: 'set' | 'map';
  /** Null where it has no type. */
  readonly keys: Kind | null;
  readonly data: Kind | null;
  /** What its keys stand for where that is no value: `verdict`, `counter` … */
  readonly dataWord: string | null;
  readonly flags: readonly string[];
  readonly autoMerge: boolean;
}

export interface ObjectDeclaration {
  readonly kind: 'object';
  readonly object: string;
}

/** The file takes chains, sets or tables away, so that a name may be made twice. */
export interface Removal {
  readonly kind: 'removal';
}

/** The first statement that names a table which the file does not make. */
export interface Mention {
  readonly kind: 'mention';
  readonly statement: NftablesStatement;
}

/** What a variable stands for; spans of the value are into the text. */
export interface Definition {
  readonly kind: 'definition';
  readonly value: Expression | null;
  readonly text: string;
}

export type Declaration = TableDeclaration | ChainDeclaration | SetDeclaration | ObjectDeclaration | Mention | Removal;

export interface Declarations {
  readonly byKey: ReadonlyMap<string, Declaration>;
  /** Whether names may come from elsewhere: it includes files, or renames. */
  readonly open: boolean;
  /** Whether it says of itself that it is loaded alone: by `flush ruleset`, or by nft in its first line. */
  readonly whole: boolean;
}

/** Sets and maps share their names; so do no others. */
export function keyOf(kind: string, family: string, table: string, name: string): string {
  return `${kind === 'map' ? 'set' : kind} ${family} ${table} ${name}`;
}

export function tableKey(family: string, table: string): string {
  return `table ${family} ${table}`;
}

export const REMOVAL = 'removal';

export function mentionKey(family: string, table: string): string {
  return `mention ${family} ${table}`;
}

type ObjectFact = Extract<StatementFact, { kind: 'object' }>;

interface Reading {
  readonly text: string;
  readonly into: Map<string, Declaration>;
  readonly mentions: Map<string, Mention>;
  open: boolean;
  whole: boolean;
}

/** The declarations of a file; `old` itself where nothing of them changed, and old ones where they say the same. */
export function declarationsOf(tree: NftablesTree, text: string, old?: Declarations): Declarations {
  const reading: Reading = { text, into: new Map(), mentions: new Map(), open: false, whole: /^#!.*\bnft\b/.test(text) };
  let offset = headWidth(tree.root);
  let lastTable = '';
  for (const statement of tree.root.body) {
    const { syntax } = statement;
    switch (syntax.kind) {
      case 'include':
        reading.open = true;
        break;
      case 'object': {
        const fact = statementFacts(statement, text, offset)?.fact as ObjectFact;
        if (fact.command !== 'delete' && fact.command !== 'destroy')
          readObject(reading, statement, offset, fact, fact.at.family ?? 'ip', fact.at.table);
        if (fact.object === 'table') break;
        mention(reading, statement, fact.at.family ?? 'ip', fact.at.table);
        break;
      }
      case 'rule':
      case 'elements':
      case 'command': {
        const fact = statementFacts(statement, text, offset)?.fact;
        if (fact?.kind !== 'rule' && fact?.kind !== 'elements' && fact?.kind !== 'command') break;
        if (fact.kind === 'command') {
          if (fact.command === 'rename') reading.open = true;
          if (fact.command === 'flush' && fact.object === 'ruleset') reading.whole = true;
          if (/^(delete|destroy)$/.test(fact.command)) reading.into.set(REMOVAL, { kind: 'removal' });
          if (fact.command === 'destroy' || (fact.object === 'table' && fact.command === 'list')) break;
        }
        if (!fact.at?.table) break;
        const key = `${fact.at.family} ${fact.at.table}`;
        if (key === lastTable) break;
        lastTable = key;
        mention(reading, statement, fact.at.family ?? 'ip', fact.at.table);
        break;
      }
    }
    offset += statement.width;
  }
  for (const [key, found] of reading.mentions) if (!reading.into.has(`table ${key}`)) reading.into.set(`mention ${key}`, found);
  return settled(reading, old);
}

function mention(reading: Reading, statement: NftablesStatement, family: string, table: string | null): void {
  if (table === null) return;
  const key = `${family} ${table}`;
  if (!reading.mentions.has(key)) reading.mentions.set(key, { kind: 'mention', statement });
}

function settled(reading: Reading, old: Declarations | undefined): Declarations {
  const { into, open, whole } = reading;
  if (!old) return { byKey: into, open, whole };
  let same = old.byKey.size === into.size && old.open === open && old.whole === whole;
  for (const [key, declaration] of into) {
    const before = old.byKey.get(key);
    if (before === undefined || !sameDeclaration(before, declaration)) same = false;
    else if (before !== declaration) into.set(key, before);
  }
  return same ? old : { byKey: into, open, whole };
}

function sameDeclaration(a: Declaration, b: Declaration): boolean {
  if (a === b) return true;
  if (a.kind === 'mention' || b.kind === 'mention') return a.kind === 'mention' && b.kind === 'mention' && a.statement === b.statement;
  return equalData(a, b);
}

function readObject(
  reading: Reading,
  statement: NftablesStatement,
  offset: number,
  fact: ObjectFact,
  family: string,
  table: string | null,
): void {
  const { name } = fact.at;
  if (table === null) return;
  if (fact.object === 'table') {
    reading.into.set(tableKey(family, table), { kind: 'table', family });
    readTable(reading, statement, offset, family, table);
    return;
  }
  if (name === null) return;
  switch (fact.object) {
    case 'chain': {
      const key = keyOf('chain', family, table, name);
      const before = reading.into.get(key);
      const base = (before?.kind === 'chain' ? before.base : null) ?? baseOf(statement, reading.text, offset);
      reading.into.set(key, { kind: 'chain', family, table, name, base });
      break;
    }
    case 'set':
    case 'map': {
      const key = keyOf('set', family, table, name);
      const before = reading.into.get(key);
      // a block that only adds elements says nothing of its type
      if (before && 'keys' in before && before.keys) break;
      reading.into.set(key, setOf(statement, reading.text, offset, fact.object, family));
      break;
    }
    default:
      reading.into.set(keyOf(objectKind(fact.object, reading.text, offset, statement), family, table, name), {
        kind: 'object',
        object: fact.object,
      });
  }
}

/** `ct helper`, `ct timeout` and `ct expectation` are kinds of their own. */
export function objectKind(object: string, text: string, offset: number, statement: NftablesStatement): string {
  if (object !== 'ct') return object;
  const head = text.slice(offset, offset + Math.min(statement.width, 200));
  return `ct ${/\bct\s+(helper|timeout|expectation)\b/.exec(head)?.[1] ?? ''}`;
}

function readTable(reading: Reading, statement: NftablesStatement, start: number, family: string, table: string): void {
  let offset = start + headWidth(statement);
  for (const child of statement.body) {
    if (child.syntax.kind === 'include') reading.open = true;
    else if (child.syntax.kind === 'object') {
      const fact = statementFacts(child, reading.text, offset)?.fact as ObjectFact;
      readObject(reading, child, offset, fact, family, table);
    }
    offset += child.width;
  }
}

type Base = ChainDeclaration['base'];
const bases = new WeakMap<NftablesStatement, { readonly base: Base }>();

/** What makes the chain of this block a base chain; null where nothing does. */
export function baseOf(chain: NftablesStatement, text: string, start: number): Base {
  const known = bases.get(chain);
  if (known) return known.base;
  let base: Base = null;
  let offset = start + headWidth(chain);
  for (const child of chain.body) {
    if (child.syntax.kind === 'base-chain') {
      const fact = statementFacts(child, text, offset)?.fact;
      if (fact?.kind === 'base-chain') base = { type: fact.type, hook: fact.hook };
    }
    offset += child.width;
  }
  bases.set(chain, { base });
  return base;
}

const sets = new WeakMap<NftablesStatement, { readonly family: string; readonly set: SetDeclaration }>();

/** What the block of a set or map says of it. */
export function setOf(block: NftablesStatement, text: string, start: number, kind: 'set' | 'map', family: string): SetDeclaration {
  const known = sets.get(block);
  if (known?.family === family) return known.set;
  let keys: Kind | null = null;
  let data: Kind | null = null;
  let dataWord: string | null = null;
  const flags: string[] = [];
  let autoMerge = false;
  let offset = start + headWidth(block);
  for (const child of block.body) {
    const { syntax } = child;
    const own = (span: { start: number; end: number }): string => text.slice(offset + span.start, offset + span.end);
    if (syntax.kind === 'set-type') {
      const of = (parts: readonly Expression[]): Kind =>
        parts.flatMap((part) => kindOfPart(part, text.slice(offset, offset + child.width), family));
      keys = of(syntax.keys);
      data = syntax.data && syntax.data.length > 0 ? of(syntax.data) : null;
      dataWord = syntax.dataWord ? own(syntax.dataWord) : null;
    } else if (syntax.kind === 'option' && syntax.name === 'flags') flags.push(...syntax.values.map(own));
    else if (syntax.kind === 'option' && syntax.name === 'auto-merge') autoMerge = true;
    else if (syntax.kind === 'include') keys ??= [null];
    offset += child.width;
  }
  const set: SetDeclaration = { kind, keys, data, dataWord, flags, autoMerge };
  sets.set(block, { family, set });
  return set;
}

function nothingDeclared(): undefined {
  return undefined;
}

function kindOfPart(part: Expression, text: string, family: string): Kind {
  if (part.kind === 'literal') return [typeNamed(text.slice(part.start, part.end))];
  const k: Checker = {
    text,
    at: null,
    depth: 0,
    family,
    table: null,
    chain: null,
    open: true,
    whole: false,
    version: newestVersion,
    lookup: nothingDeclared,
    names: () => none,
    uses: null,
    volatile: false,
    problem: null,
    jumps: null,
    reads: null,
  };
  return kindOf(k, part);
}
