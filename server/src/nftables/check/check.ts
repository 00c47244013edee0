// Checks a ruleset as nft’s evaluation does. What it found in a statement is kept with the statement, and holds while all it asked for is the same.
import { equalData } from '../../text/equal.ts';
import type { Span } from '../../text/span.ts';
import { headWidth, none, type SyntaxProblem } from '../../text/statement.ts';
import { quoted } from '../../text/words.ts';
import { statementFacts } from '../statement-facts.ts';
import type { Named } from '../statement-text.ts';
import type { NftablesStatement, NftablesTree } from '../tree.ts';
import { type NftVersion, newestVersion } from '../vocabulary/versions.ts';
import { checkBaseChain, checkBlockHolds, checkPolicy, checkSetElements, checkSetType } from './blocks.ts';
import { ask, type Checker, definitionOf, say, type Uses } from './checker.ts';
import {
  baseOf,
  type ChainDeclaration,
  type Declaration,
  type Declarations,
  type Definition,
  declarationsOf,
  keyOf,
  mentionKey,
  objectKind,
  REMOVAL,
  type SetDeclaration,
  setOf,
} from './declarations.ts';
import { MAX_JUMPS, troublesOf } from './graph.ts';
import { checkVersion } from './newer.ts';
import { checkObject, checkVariable, declared, knowsTable, namesOf, undefinedName } from './references.ts';
import { checkRule } from './rule.ts';
import { defined, definitionIn, forgotten, namesIn, nothingDefined, type Scope } from './scope.ts';

/** A problem with its place in the file. */
export interface Placed {
  readonly problem: SyntaxProblem;
  /** Where its statement begins. */
  readonly offset: number;
}

export interface Checked {
  readonly declarations: Declarations;
  readonly problems: readonly Placed[];
}

/** What a statement stands in. */
interface Around {
  readonly family: string;
  readonly table: string | null;
  readonly chain: ChainDeclaration | null;
  readonly set: SetDeclaration | null;
}

interface Result extends Around {
  readonly version: NftVersion;
  /** While these are the same objects, all it asked for is the same. */
  declarations: Declarations;
  scope: Scope;
  /** What it asked for, where it is no block; null for nothing. */
  readonly uses: Uses | null;
  readonly volatile: boolean;
  /** Relative to the statement. */
  readonly problems: readonly Placed[];
  readonly jumps: readonly string[];
}

/** Of blocks, with all they hold. */
const blocks = new WeakMap<NftablesStatement, Result>();
const definitions = new WeakMap<NftablesStatement, Definition>();

interface Walk {
  readonly text: string;
  readonly version: NftVersion;
  readonly declarations: Declarations;
  /** The variables seen here. */
  scope: Scope;
  readonly problems: Placed[];
  /** By the key of a chain: those it jumps to. */
  readonly jumps: Map<string, Set<string>>;
  /** By the key of a chain: where it is made. */
  readonly chains: Map<string, number>;
  readonly names: Map<string, Span>;
}

/** Checks a file for a version of nft; `old`: what was found before the edit. */
export function checkRuleset(tree: NftablesTree, text: string, version: NftVersion = newestVersion, old?: Checked): Checked {
  const declarations = declarationsOf(tree, text, old?.declarations);
  const walk: Walk = {
    text,
    version,
    declarations,
    scope: nothingDefined,
    problems: [],
    jumps: new Map(),
    chains: new Map(),
    names: new Map(),
  };
  let offset = headWidth(tree.root);
  for (const statement of tree.root.body) {
    walkFileStatement(walk, statement, offset);
    offset += statement.width;
  }
  tellGraph(walk);
  walk.problems.sort((a, b) => a.offset + a.problem.start - (b.offset + b.problem.start));
  return { declarations, problems: walk.problems };
}

const nowhere: Around = { family: 'ip', table: null, chain: null, set: null };

function walkFileStatement(walk: Walk, statement: NftablesStatement, offset: number): void {
  const { syntax } = statement;
  switch (syntax.kind) {
    case 'blank':
    case 'close':
    case 'unknown':
    case 'include':
      return;
    case 'definition':
      take(walk, offset, resultOf(walk, statement, offset, nowhere));
      define(walk, statement, offset);
      return;
  }
  const fact = statementFacts(statement, walk.text, offset)?.fact;
  const at: Named | null = fact && 'at' in fact ? fact.at : null;
  const family = at?.family ?? 'ip';
  const table = at?.table ?? null;
  if (syntax.kind === 'object' && syntax.object === 'table') {
    take(walk, offset, resultOf(walk, statement, offset, { ...nowhere, family, table }));
    if (table !== null && statement.body.length > 0) walkTable(walk, statement, offset, family, table);
    return;
  }
  if (syntax.kind === 'object') {
    walkObject(walk, statement, offset, family, table, at?.name ?? null);
    return;
  }
  const chain = syntax.kind === 'rule' ? chainOf(walk, family, table, at?.name ?? null) : null;
  const result = resultOf(walk, statement, offset, { family, table, chain, set: null });
  take(walk, offset, result);
  if (result.jumps.length > 0 && table !== null && at?.name)
    addJumps(walk, keyOf('chain', family, table, at.name), family, table, result.jumps);
}

function chainOf(walk: Walk, family: string, table: string | null, name: string | null): ChainDeclaration | null {
  if (table === null || name === null) return null;
  const found = walk.declarations.byKey.get(keyOf('chain', family, table, name));
  return found?.kind === 'chain' ? found : null;
}

function walkTable(walk: Walk, statement: NftablesStatement, start: number, family: string, table: string): void {
  const around = walk.scope;
  let offset = start + headWidth(statement);
  for (const child of statement.body) {
    if (child.syntax.kind === 'object') {
      const fact = statementFacts(child, walk.text, offset)?.fact;
      walkObject(walk, child, offset, family, table, fact?.kind === 'object' ? fact.at.name : null);
    } else if (child.syntax.kind === 'definition') {
      take(walk, offset, resultOf(walk, child, offset, { ...nowhere, family, table }));
      define(walk, child, offset);
    }
    offset += child.width;
  }
  walk.scope = around;
}

/** A chain, set or object with its block: what is in it is kept as one. */
function walkObject(
  walk: Walk,
  statement: NftablesStatement,
  offset: number,
  family: string,
  table: string | null,
  name: string | null,
): void {
  const { syntax } = statement;
  if (syntax.kind !== 'object') return;
  const chain = syntax.object === 'chain' ? chainOf(walk, family, table, name) : null;
  const declaration = table === null || name === null ? undefined : walk.declarations.byKey.get(keyOf('set', family, table, name));
  const set = (syntax.object === 'set' || syntax.object === 'map') && declaration && 'keys' in declaration ? declaration : null;
  const around: Around = { family, table, chain, set };
  const known = blocks.get(statement);
  let result: Result;
  if (known && sameAround(walk, known, around) && known.declarations === walk.declarations && known.scope === walk.scope) result = known;
  else {
    result = blockResult(walk, statement, offset, around);
    blocks.set(statement, result);
  }
  take(walk, offset, result);
  if (table === null || name === null || syntax.object !== 'chain') return;
  const key = keyOf('chain', family, table, name);
  if (!walk.chains.has(key) && syntax.at.name) {
    walk.chains.set(key, offset);
    walk.names.set(key, syntax.at.name);
  }
  if (result.jumps.length > 0) addJumps(walk, key, family, table, result.jumps);
}

function addJumps(walk: Walk, key: string, family: string, table: string, names: readonly string[]): void {
  let jumps = walk.jumps.get(key);
  if (!jumps) {
    jumps = new Set();
    walk.jumps.set(key, jumps);
  }
  for (const name of names) jumps.add(keyOf('chain', family, table, name));
}

function take(walk: Walk, offset: number, result: Result): void {
  for (const placed of result.problems) walk.problems.push({ problem: placed.problem, offset: offset + placed.offset });
}

function lookup(walk: Walk, key: string): Declaration | Definition | undefined {
  if (!key.startsWith('$')) return walk.declarations.byKey.get(key);
  return definitionIn(walk.scope, key);
}

function sameAround({ version }: Walk, result: Result, { family, table, chain, set }: Around): boolean {
  if (result.volatile || result.chain !== chain || result.set !== set || result.version !== version) return false;
  return result.family === family && result.table === table;
}

/** Whether what was found still holds. */
function holds(walk: Walk, result: Result, around: Around): boolean {
  if (!sameAround(walk, result, around)) return false;
  const { declarations, scope } = walk;
  if (result.declarations === declarations && result.scope === scope) return true;
  if (result.declarations.open !== declarations.open || result.declarations.whole !== declarations.whole) return false;
  if (result.uses) for (const [key, value] of result.uses) if (lookup(walk, key) !== value) return false;
  result.declarations = declarations;
  result.scope = scope;
  return true;
}

/** What is found in one statement without what it holds. */
function resultOf(walk: Walk, statement: NftablesStatement, offset: number, around: Around): Result {
  const known = statement.checked as Result | undefined;
  if (known && holds(walk, known, around)) return known;
  const k = checkerFor(walk, statement, offset, around);
  if (statement.problems.length === 0) checkOne(k, statement, around);
  const problems = k.problems.map((problem) => ({ problem, offset: 0 }));
  const result = made(k, walk, around, problems);
  statement.checked = result;
  return result;
}

function made(k: Checker, { declarations, scope, version }: Walk, around: Around, problems: readonly Placed[]): Result {
  return {
    ...around,
    version,
    declarations,
    scope,
    uses: k.uses.size > 0 ? k.uses : null,
    volatile: k.volatile,
    problems: problems.length > 0 ? problems : none,
    jumps: k.jumps.length > 0 ? k.jumps : none,
  };
}

function checkerFor(walk: Walk, statement: NftablesStatement, offset: number, around: Around): Checker {
  return {
    text: walk.text.slice(offset, offset + statement.width),
    at: null,
    depth: 0,
    ...around,
    open: walk.declarations.open,
    whole: walk.declarations.whole,
    version: walk.version,
    lookup: (key) => lookup(walk, key),
    names: (prefix) => {
      const keys = prefix === '$' ? namesIn(walk.scope) : [...walk.declarations.byKey.keys()];
      return keys.filter((key) => key.startsWith(prefix)).map((key) => (prefix === '$' ? key : key.slice(prefix.length)));
    },
    uses: new Map(),
    volatile: false,
    problems: [],
    jumps: [],
  };
}

function blockResult(walk: Walk, statement: NftablesStatement, start: number, around: Around): Result {
  const outer = checkerFor(walk, statement, start, around);
  if (statement.problems.length === 0) checkOne(outer, statement, around);
  const problems: Placed[] = outer.problems.map((problem) => ({ problem, offset: 0 }));
  const scope = walk.scope;
  const jumps = new Set(outer.jumps);
  let offset = start + headWidth(statement);
  for (const child of statement.body) {
    switch (child.syntax.kind) {
      case 'blank':
      case 'close':
      case 'include':
      case 'unknown':
        break;
      default: {
        const result = resultOf(walk, child, offset, around);
        for (const { problem } of result.problems) problems.push({ problem, offset: offset - start });
        if (result.volatile) outer.volatile = true;
        for (const jump of result.jumps) jumps.add(jump);
        if (child.syntax.kind === 'definition') define(walk, child, offset);
      }
    }
    offset += child.width;
  }
  walk.scope = scope;
  outer.jumps.splice(0, outer.jumps.length, ...jumps);
  return made(outer, walk, around, problems);
}

/** Takes a definition into the innermost block. */
function define(walk: Walk, statement: NftablesStatement, offset: number): void {
  const { syntax } = statement;
  if (syntax.kind !== 'definition' || !syntax.name) return;
  const key = `$${walk.text.slice(offset + syntax.name.start, offset + syntax.name.end)}`;
  if (syntax.command === 'undefine') {
    walk.scope = forgotten(walk.scope, key);
    return;
  }
  let definition = definitions.get(statement);
  if (!definition) {
    definition = { kind: 'definition', value: syntax.value, text: walk.text.slice(offset, offset + statement.width) };
    definitions.set(statement, definition);
  }
  walk.scope = defined(walk.scope, key, definition);
}

function checkOne(k: Checker, statement: NftablesStatement, around: Around): void {
  const { syntax } = statement;
  checkVersion(k, statement);
  if (k.problems.length > 0) return;
  switch (syntax.kind) {
    case 'object':
      checkMade(k, statement, around);
      return;
    case 'rule': {
      if (syntax.at) {
        if (toldMissingTable(k, statement, syntax.at.table)) return;
        if (syntax.at.name && k.table !== null && !around.chain && knowsTable(k)) {
          undefinedName(k, 'chain', syntax.at.name, k.text.slice(syntax.at.name.start, syntax.at.name.end), namesOf(k, 'chain'));
          return;
        }
      }
      checkRule(k, syntax.statements);
      if (syntax.command === 'replace') toldHandle(k, syntax.at?.name ?? null);
      return;
    }
    case 'elements':
      if (syntax.at) {
        if (toldMissingTable(k, statement, syntax.at.table)) return;
        const name = syntax.at.name && k.text.slice(syntax.at.name.start, syntax.at.name.end);
        const set = name ? declared(k, 'set', name) : null;
        if (!set && syntax.at.name && name) undefinedName(k, 'set or map', syntax.at.name, name, namesOf(k, 'set'));
        // what is taken away needs no data, and no interval
        checkSetElements(
          k,
          set && syntax.command !== 'add' && syntax.command !== 'create' ? { ...set, flags: ['interval'], autoMerge: true } : set,
          syntax.elements,
        );
      } else checkSetElements(k, around.set, syntax.elements);
      return;
    case 'set-type':
      checkSetType(k, syntax);
      return;
    case 'base-chain':
      checkBaseChain(k, syntax);
      return;
    case 'policy':
      checkPolicy(k, syntax);
      return;
    case 'definition':
      checkDefinition(k, statement);
      return;
    case 'command':
      if (syntax.command === 'destroy' || (syntax.command === 'list' && syntax.object === 'table')) return;
      if (toldMissingTable(k, statement, syntax.at.table)) return;
      if (syntax.object === 'rule') toldHandle(k, syntax.at.table);
      else if (syntax.at.name && k.table !== null) checkNamed(k, syntax.object, syntax.at.name);
      return;
    case 'option':
      if (k.chain) for (const value of syntax.values) if (value.kind === 'variable') checkVariable(k, value);
  }
}

/** What a command names: a chain, set or object that must be there. */
function checkNamed(k: Checker, object: string, name: Span): void {
  switch (object) {
    case 'chain': {
      const text = k.text.slice(name.start, name.end);
      if (!declared(k, 'chain', text)) undefinedName(k, 'chain', name, text, namesOf(k, 'chain'));
      return;
    }
    case 'set':
    case 'map':
    case 'element': {
      const text = k.text.slice(name.start, name.end);
      if (!declared(k, 'set', text)) undefinedName(k, 'set or map', name, text, namesOf(k, 'set'));
      return;
    }
    case 'counter':
    case 'quota':
    case 'limit':
    case 'secmark':
    case 'synproxy':
    case 'flowtable':
      checkObject(k, object, name);
  }
}

/** A table that this file does not make must be loaded already: told where it is named first. */
function toldMissingTable(k: Checker, statement: NftablesStatement, table: Span | null): boolean {
  if (!table || k.table === null || k.open) return false;
  const key = mentionKey(k.family, k.table);
  const mention = k.lookup(key);
  if (mention === undefined) {
    // asked for, so that a table that goes is noticed
    k.uses.set(key, undefined);
    return false;
  }
  k.uses.set(key, mention);
  if (mention.kind !== 'mention' || mention.statement !== statement) return false;
  const name = `${k.family} ${quoted(k.table)}`;
  say(
    k,
    'depends-on-machine',
    table,
    `this file does not make the table ${name}; nft refuses it unless the table is loaded already. “table ${k.family} ${k.table}” above makes it where it is missing`,
    {
      failsAt: 'machine',
    },
  );
  return true;
}

function toldHandle(k: Checker, at: Span | null): void {
  if (at && !k.open)
    say(k, 'depends-on-machine', at, 'the kernel gives handles as it loads rules, so this names a rule that no file can know', {
      failsAt: 'machine',
    });
}

function checkDefinition(k: Checker, { syntax }: NftablesStatement): void {
  if (syntax.kind !== 'definition' || !syntax.name) return;
  const name = k.text.slice(syntax.name.start, syntax.name.end);
  const before = definitionOf(k, { start: syntax.name.start - 1, end: syntax.name.end });
  if (syntax.command === 'define' && before) {
    const mend = 'give it another name, or write “redefine” where it is meant to change';
    say(k, 'duplicate-name', syntax.name, `${quoted(`$${name}`)} is defined above already; ${mend}`);
    return;
  }
  if (syntax.value) eachVariable(syntax.value, (span) => checkVariable(k, span));
}

function eachVariable(value: unknown, visit: (span: Span) => void): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const one of value) eachVariable(one, visit);
    return;
  }
  const node = value as { readonly kind?: string } & Span;
  if (node.kind === 'variable') visit(node);
  else if (node.kind !== 'literal') for (const inner of Object.values(node)) eachVariable(inner, visit);
}

function checkMade(k: Checker, statement: NftablesStatement, around: Around): void {
  const { syntax } = statement;
  if (syntax.kind !== 'object' || syntax.object === 'table') return;
  if (syntax.at.table && toldMissingTable(k, statement, syntax.at.table)) return;
  const { name } = syntax.at;
  if (!name || k.table === null) return;
  const kind = objectKind(syntax.object, k.text, 0, statement);
  checkBlockHolds(k, statement, kind, name);
  if (k.problems.length > 0 || !statement.body.length) return;
  if (ask(k, REMOVAL)) return;
  const shown = quoted(k.text.slice(name.start, name.end));
  const { set, chain } = around;
  if (set && (kind === 'set' || kind === 'map')) {
    const own = setOf(statement, k.text, 0, kind, k.family);
    if (set.kind !== kind) say(k, 'duplicate-name', name, `${shown} is a ${set.kind} already; sets and maps of a table share their names`);
    else if (!equalData(own.keys, set.keys) || !equalData(own.data, set.data) || own.dataWord !== set.dataWord)
      say(k, 'duplicate-name', name, `the ${kind} ${shown} is declared above already, and holds something else; give it another name`);
  } else if (chain?.base) {
    const own = baseOf(statement, k.text, 0);
    if (own && (own.hook !== chain.base.hook || own.type !== chain.base.type))
      say(
        k,
        'duplicate-name',
        name,
        `the chain ${shown} is of type ${chain.base.type} at ${chain.base.hook} already; give this one another name`,
      );
  }
}

/** Tells loops of jumps, and jumps that go too deep, where the chain is made. */
function tellGraph(walk: Walk): void {
  if (walk.jumps.size === 0) return;
  const chains = new Map<string, ChainDeclaration>();
  for (const [key, declaration] of walk.declarations.byKey) if (declaration.kind === 'chain') chains.set(key, declaration);
  for (const trouble of troublesOf({ jumps: walk.jumps }, chains)) {
    const offset = walk.chains.get(trouble.chain);
    const span = walk.names.get(trouble.chain);
    if (offset === undefined || !span) continue;
    const nameOf = (key: string): string => chains.get(key)?.name ?? '';
    const message =
      trouble.kind === 'loop'
        ? `chains jump in a circle here, and the kernel refuses that: ${[...trouble.way, trouble.chain].map(nameOf).join(' → ')}`
        : `from this chain ${trouble.depth} jumps lead on one behind the other, and the kernel takes ${MAX_JUMPS - 1}`;
    walk.problems.push({ problem: { start: span.start, end: span.end, rule: 'nftables/jumps', message, refusedBy: 'nft' }, offset });
  }
}
