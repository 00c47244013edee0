// What a file makes, by name: tables, chains, sets, maps and objects, each as far as other statements depend on it.
import { equalData } from '../../text/equal.ts';
import { headWidth } from '../../text/statement.ts';
import { type StatementFact, statementFacts } from '../statement-facts.ts';
import type { Expression, NftablesStatement, NftablesTree } from '../tree.ts';
import { familyByName } from '../vocabulary/structure.ts';
import { baseOf, setOf } from './block-says.ts';
import type { Kind } from './kinds.ts';

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

/** The first statement that names a table where none is there. */
export interface Mention {
  readonly kind: 'mention';
  readonly statement: NftablesStatement;
  /** The file makes it below, has taken it away above, or leaves it to what is loaded already. */
  readonly table: 'below' | 'gone' | 'elsewhere';
}

/** The file defines a variable of this name, somewhere outside of blocks. */
export interface Variable {
  readonly kind: 'variable';
}

/** What a variable stands for; spans of the value are into the text. */
export interface Definition {
  readonly kind: 'definition';
  readonly value: Expression | null;
  readonly text: string;
}

export type Declaration = TableDeclaration | ChainDeclaration | SetDeclaration | ObjectDeclaration | Mention | Removal | Variable;

/**
 * From when to when a thing is there: nft carries out one command after the other. The steps are those of commands that make or take away; a table’s
 * block is one command, whatever it makes.
 */
export interface Life {
  readonly from: number;
  /** The last step at which it is there. */
  readonly to: number;
  readonly declaration: Declaration;
}

export interface Declarations {
  /** In order; of most there is one. */
  readonly byKey: ReadonlyMap<string, readonly Life[]>;
  /** Whether names may come from elsewhere: it includes files, or renames. */
  readonly open: boolean;
  /** Whether it says of itself that it is loaded alone: by `flush ruleset`, or by nft in its first line. */
  readonly whole: boolean;
}

/** What is declared by this key at a step. */
export function declarationAt({ byKey }: Declarations, key: string, step: number): Declaration | undefined {
  const lives = byKey.get(key);
  if (lives) for (const { from, to, declaration } of lives) if (from <= step && step <= to) return declaration;
  return undefined;
}

/** Sets and maps share their names; so do no others. */
export function keyOf(kind: string, family: string, table: string, name: string): string {
  return `${kind === 'map' ? 'set' : kind} ${family} ${table} ${name}`;
}

export function tableKey(family: string, table: string): string {
  return `table ${family} ${table}`;
}

export function variableKey(name: string): string {
  return `variable ${name}`;
}

export const REMOVAL = 'removal';

export function mentionKey(family: string, table: string): string {
  return `mention ${family} ${table}`;
}

type ObjectFact = Extract<StatementFact, { kind: 'object' }>;

interface Reading {
  readonly text: string;
  readonly into: Map<string, Life[]>;
  /** By family and table. */
  readonly mentions: Map<string, { readonly statement: NftablesStatement; readonly step: number; readonly gone: boolean }[]>;
  /** The tables that were named since they were taken away, or ever. */
  readonly named: Set<string>;
  /** The families that are empty: `flush ruleset` was said. */
  readonly emptied: Set<string>;
  /** Which step the command is that is read. */
  step: number;
  open: boolean;
  whole: boolean;
}

export interface Order {
  readonly declarations: Declarations;
  /** At which step each statement of the file is carried out. */
  readonly steps: readonly number[];
}

const FOREVER = Number.POSITIVE_INFINITY;

/** The declarations of a file; `old` itself where nothing of them changed, and old ones where they say the same. */
export function declarationsOf(tree: NftablesTree, text: string, old?: Declarations): Order {
  const reading: Reading = {
    text,
    into: new Map(),
    mentions: new Map(),
    named: new Set(),
    emptied: new Set(),
    step: 0,
    open: false,
    whole: /^#!.*\bnft\b/.test(text),
  };
  const steps: number[] = [];
  let offset = headWidth(tree.root);
  let lastTable = '';
  for (const statement of tree.root.body) {
    const { syntax } = statement;
    let removes = false;
    switch (syntax.kind) {
      case 'include':
        reading.open = true;
        break;
      case 'object': {
        const fact = statementFacts(statement, text, offset)?.fact as ObjectFact;
        const family = fact.at.family ?? 'ip';
        removes = fact.command === 'delete' || fact.command === 'destroy';
        lastTable = '';
        if (!removes) reading.step++;
        if (fact.object !== 'table') mention(reading, statement, family, fact.at.table);
        if (!removes) readObject(reading, statement, offset, fact, family, fact.at.table);
        break;
      }
      case 'definition': {
        const name = syntax.name && text.slice(offset + syntax.name.start, offset + syntax.name.end);
        if (name && syntax.command === 'define') reading.into.set(variableKey(name), always({ kind: 'variable' }));
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
          removes = fact.command === 'delete' || fact.command === 'destroy' || (fact.command === 'flush' && fact.object === 'ruleset');
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
    steps.push(reading.step);
    if (removes) {
      remove(reading, statement, offset);
      lastTable = '';
    }
    offset += statement.width;
  }
  for (const [key, mentions] of reading.mentions) {
    const made = reading.into.has(`table ${key}`);
    const lives = mentions.map(({ statement, step, gone }): Life => {
      const table = gone ? 'gone' : made ? 'below' : 'elsewhere';
      return { from: step, to: step, declaration: { kind: 'mention', statement, table } };
    });
    reading.into.set(`mention ${key}`, lives);
  }
  return { declarations: settled(reading, old), steps };
}

function always(declaration: Declaration): Life[] {
  return [{ from: 0, to: FOREVER, declaration }];
}

function living(reading: Reading, key: string): Life | undefined {
  const lives = reading.into.get(key);
  const last = lives?.[lives.length - 1];
  return last?.to === FOREVER ? last : undefined;
}

/** Takes a declaration in, in place of the one that is there. */
function declare(reading: Reading, key: string, declaration: Declaration): void {
  const lives = reading.into.get(key);
  if (!lives) reading.into.set(key, [{ from: reading.step, to: FOREVER, declaration }]);
  else if (living(reading, key)) lives.push({ ...(lives.pop() as Life), declaration });
  else lives.push({ from: reading.step, to: FOREVER, declaration });
}

function end(reading: Reading, key: string): void {
  const lives = reading.into.get(key);
  const last = living(reading, key);
  if (lives && last) lives.splice(-1, 1, { ...last, to: reading.step });
}

/** Carries out what takes things away: what was made is there up to this command, and not behind it. */
function remove(reading: Reading, statement: NftablesStatement, offset: number): void {
  const fact = statementFacts(statement, reading.text, offset)?.fact;
  if (fact?.kind !== 'command' && fact?.kind !== 'object') return;
  const family = fact.at.family ?? 'ip';
  const { table, name } = fact.at;
  if (fact.command !== 'flush') reading.into.set(REMOVAL, always({ kind: 'removal' }));
  if (fact.command === 'flush') {
    const of = fact.at.family;
    reading.named.clear();
    for (const one of of === null ? familyByName.keys() : [of]) reading.emptied.add(one);
    for (const key of reading.into.keys()) if (of === null || key.split(' ')[1] === of) end(reading, key);
  } else if (table !== null && fact.object === 'table') {
    reading.named.delete(`${family} ${table}`);
    for (const key of reading.into.keys()) if (isOfTable(key, family, table)) end(reading, key);
  } else if (table !== null && name !== null) {
    // devices behind a chain’s name are taken away alone
    const devices = fact.kind === 'command' && fact.words.includes('devices');
    if (!devices) end(reading, keyOf(objectKind(fact.object, reading.text, offset, statement), family, table, name));
  }
  reading.step++;
}

function isOfTable(key: string, family: string, table: string): boolean {
  return key === tableKey(family, table) || key.includes(` ${family} ${table} `);
}

function mention(reading: Reading, statement: NftablesStatement, family: string, table: string | null): void {
  if (table === null) return;
  const key = `${family} ${table}`;
  if (reading.named.has(key) || living(reading, tableKey(family, table))) return;
  reading.named.add(key);
  const gone = reading.into.has(tableKey(family, table)) || reading.emptied.has(family);
  const mentions = reading.mentions.get(key) ?? [];
  mentions.push({ statement, step: reading.step, gone });
  reading.mentions.set(key, mentions);
}

function settled({ into, open, whole }: Reading, old: Declarations | undefined): Declarations {
  if (!old) return { byKey: into, open, whole };
  let same = old.byKey.size === into.size && old.open === open && old.whole === whole;
  for (const [key, lives] of into) {
    const before = old.byKey.get(key) ?? [];
    const kept = lives.map((life, i) => {
      const one = before[i];
      return one && sameDeclaration(one.declaration, life.declaration) ? { ...life, declaration: one.declaration } : life;
    });
    if (kept.length === before.length && kept.every((life, i) => isSameLife(life, before[i]))) into.set(key, before as Life[]);
    else {
      same = false;
      into.set(key, kept);
    }
  }
  return same ? old : { byKey: into, open, whole };
}

function isSameLife(a: Life, b: Life | undefined): boolean {
  return a.from === b?.from && a.to === b.to && a.declaration === b.declaration;
}

function sameDeclaration(a: Declaration, b: Declaration): boolean {
  if (a === b) return true;
  if (a.kind === 'mention' || b.kind === 'mention')
    return a.kind === 'mention' && b.kind === 'mention' && a.statement === b.statement && a.table === b.table;
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
    declare(reading, tableKey(family, table), { kind: 'table', family });
    readTable(reading, statement, offset, family, table);
    return;
  }
  if (name === null) return;
  switch (fact.object) {
    case 'chain': {
      const key = keyOf('chain', family, table, name);
      const before = living(reading, key)?.declaration;
      const base = (before?.kind === 'chain' ? before.base : null) ?? baseOf(statement, reading.text, offset);
      declare(reading, key, { kind: 'chain', family, table, name, base });
      break;
    }
    case 'set':
    case 'map': {
      const key = keyOf('set', family, table, name);
      const before = living(reading, key)?.declaration;
      // a block that only adds elements says nothing of its type
      if (before && 'keys' in before && before.keys) break;
      declare(reading, key, setOf(statement, reading.text, offset, fact.object, family));
      break;
    }
    default:
      declare(reading, keyOf(objectKind(fact.object, reading.text, offset, statement), family, table, name), {
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
