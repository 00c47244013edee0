// Checks a ruleset as nft’s evaluation does. What it found in a statement is kept with the statement, and holds while all it asked for is the same.
import type { Span } from '../../text/span.ts';
import { headWidth, none } from '../../text/statement.ts';
import type { Shape } from '../shape.ts';
import { statementFacts } from '../statement-facts.ts';
import type { Named } from '../statement-text.ts';
import type { NftablesStatement, NftablesTree } from '../tree.ts';
import { type NftVersion, newestVersion } from '../vocabulary/versions.ts';
import { type Block, eachToLookAt, seesTheSame, sightOf, type Telling } from './block.ts';
import type { Checker, Reads } from './checker.ts';
import { type ChainDeclaration, type Declarations, type Definition, declarationsOf, keyOf } from './declarations.ts';
import { MAX_JUMPS, troublesOf } from './graph.ts';
import { type Around, holds, isSameAround, lookup, type Placed, type Result, type Sight } from './result.ts';
import { defined, forgotten, namesIn, nothingDefined, type Scope } from './scope.ts';
import { resultIn, shapeIn, share, sharedResult } from './shared.ts';
import { checkOne } from './statement.ts';

export interface Checked {
  readonly declarations: Declarations;
  readonly problems: readonly Placed[];
  /** By name: what was looked at in each block. */
  readonly blocks: ReadonlyMap<string, Block>;
}

/** Of blocks, with all they hold. */
const ofBlocks = new WeakMap<NftablesStatement, Result>();
const definitions = new WeakMap<NftablesStatement, Definition>();

interface Walk extends Sight {
  readonly text: string;
  scope: Scope;
  step: number;
  /** Of the last statement that said nothing but what is sound, and asked for nothing: it holds for all that are like that beside it. */
  sound: Result | null;
  /** Of the last command. */
  around: Around;
  readonly names: Checker['names'];
  readonly lookup: Checker['lookup'];
  readonly livesOf: Checker['livesOf'];
  /** What was looked at in each block before the edit, and what is now. */
  readonly before: ReadonlyMap<string, Block> | undefined;
  readonly blocks: Map<string, Block>;
  readonly problems: Placed[];
  /** By the key of a chain: those it jumps to. */
  readonly jumps: Map<string, Set<string>>;
  /** By the key of a chain: where it is made. */
  readonly chains: Map<string, number>;
  readonly places: Map<string, Span>;
}

/** Checks a file for a version of nft; `old`: what was found before the edit. */
export function checkRuleset(tree: NftablesTree, text: string, version: NftVersion = newestVersion, old?: Checked): Checked {
  const { declarations, steps } = declarationsOf(tree, text, old?.declarations);
  const walk = walkOf(text, version, declarations, old?.blocks);
  let offset = headWidth(tree.root);
  for (const [i, statement] of tree.root.body.entries()) {
    walk.step = steps[i] as number;
    walkFileStatement(walk, statement, offset);
    offset += statement.width;
  }
  tellGraph(walk);
  walk.problems.sort((a, b) => a.offset + a.problem.start - (b.offset + b.problem.start));
  return { declarations, problems: walk.problems, blocks: walk.blocks };
}

function walkOf(text: string, version: NftVersion, declarations: Declarations, before: Walk['before']): Walk {
  const walk: Walk = {
    text,
    version,
    declarations,
    scope: nothingDefined,
    step: 0,
    sound: null,
    around: nowhere,
    lookup: (key) => lookup(walk, key),
    livesOf: (key) => declarations.byKey.get(key),
    names: (prefix) => {
      const keys = prefix === '$' ? namesIn(walk.scope) : [...walk.declarations.byKey.keys()].filter((key) => lookup(walk, key));
      return keys.filter((key) => key.startsWith(prefix)).map((key) => (prefix === '$' ? key : key.slice(prefix.length)));
    },
    before,
    blocks: new Map(),
    problems: [],
    jumps: new Map(),
    chains: new Map(),
    places: new Map(),
  };
  return walk;
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
  const result = resultOf(walk, statement, offset, aroundOf(walk, family, table, chain));
  take(walk, offset, result);
  if (result.jumps.length > 0 && table !== null && at?.name)
    addJumps(walk, keyOf('chain', family, table, at.name), family, table, result.jumps);
}

/** What a command’s statement stands in: the same object while the next command is about the same. */
function aroundOf(walk: Walk, family: string, table: string | null, chain: ChainDeclaration | null): Around {
  const last = walk.around;
  if (last.chain === chain && last.table === table && last.family === family) return last;
  walk.around = { family, table, chain, set: null };
  return walk.around;
}

function chainOf(walk: Walk, family: string, table: string | null, name: string | null): ChainDeclaration | null {
  if (table === null || name === null) return null;
  const found = lookup(walk, keyOf('chain', family, table, name));
  return found?.kind === 'chain' ? found : null;
}

function walkTable(walk: Walk, statement: NftablesStatement, start: number, family: string, table: string): void {
  const around = walk.scope;
  let offset = start + headWidth(statement);
  for (const child of statement.body) {
    if (child.syntax.kind === 'object') {
      const fact = statementFacts(child, walk.text, offset)?.fact;
      walkObject(walk, child, offset, family, table, fact?.kind === 'object' ? fact.at.name : null);
    } else if (child.syntax.kind === 'definition' || child.syntax.kind === 'option') {
      take(walk, offset, resultOf(walk, child, offset, { ...nowhere, family, table }));
      if (child.syntax.kind === 'definition') define(walk, child, offset);
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
  const declaration = table === null || name === null ? undefined : lookup(walk, keyOf('set', family, table, name));
  const set = (syntax.object === 'set' || syntax.object === 'map') && declaration && 'keys' in declaration ? declaration : null;
  const around: Around = { family, table, chain, set };
  const known = ofBlocks.get(statement);
  const key = table === null || name === null ? null : keyOf(syntax.object, family, table, name);
  let result: Result;
  if (
    known &&
    isSameAround(walk, known, around) &&
    known.declarations === walk.declarations &&
    known.scope === walk.scope &&
    known.step === walk.step
  ) {
    result = known;
    const before = key === null ? undefined : walk.before?.get(key);
    if (key !== null && before?.statement === statement) walk.blocks.set(key, before);
  } else {
    result = blockResult(walk, statement, offset, around, key);
    ofBlocks.set(statement, result);
  }
  take(walk, offset, result);
  if (key === null || table === null || syntax.object !== 'chain') return;
  if (!walk.chains.has(key) && syntax.at.name) {
    walk.chains.set(key, offset);
    walk.places.set(key, syntax.at.name);
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

/** What is found in one statement without what it holds. */
function resultOf(walk: Walk, statement: NftablesStatement, offset: number, around: Around): Result {
  const known = resultIn(statement);
  if (known && holds(walk, known, around)) return known;
  const shape = shapeIn(statement);
  const result = (shape && sharedResult(walk, around, shape, walk.text, offset)) ?? checked(walk, statement, offset, around, shape);
  statement.checked = result;
  return result;
}

function checked(walk: Walk, statement: NftablesStatement, offset: number, around: Around, shape: Shape | null): Result {
  const reads: Reads | null = shape && { stretches: [], asked: [] };
  const k = checkerFor(walk, statement, offset, around, reads);
  if (statement.problems.length === 0) checkOne(k, statement, around);
  if (!shape && k.problem === null && k.uses === null && !k.volatile && k.jumps === null) {
    const { sound } = walk;
    if (sound && sound.around === around && sound.scope === walk.scope) return sound;
    walk.sound = made(k, walk, around, none, null);
    return walk.sound;
  }
  const result = made(k, walk, around, k.problem === null ? none : [{ problem: k.problem, offset: 0 }], shape);
  if (shape && reads) share(shape, result, reads, k.text);
  return result;
}

function made(
  { uses, volatile, jumps }: Checker,
  { declarations, scope, step, version }: Walk,
  around: Around,
  problems: readonly Placed[],
  shape: Shape | null,
): Result {
  return { kind: 'result', around, version, declarations, scope, step, uses, volatile, problems, jumps: jumps ?? none, shape };
}

function checkerFor(walk: Walk, statement: NftablesStatement, offset: number, around: Around, reads: Reads | null): Checker {
  return {
    text: walk.text.slice(offset, offset + statement.width),
    at: null,
    depth: 0,
    family: around.family,
    table: around.table,
    chain: around.chain,
    open: walk.declarations.open,
    whole: walk.declarations.whole,
    version: walk.version,
    lookup: walk.lookup,
    livesOf: walk.livesOf,
    step: walk.step,
    names: walk.names,
    uses: null,
    volatile: false,
    problem: null,
    jumps: null,
    reads,
  };
}

/** All that was found in a block and in what it holds. */
function blockResult(walk: Walk, statement: NftablesStatement, start: number, around: Around, key: string | null): Result {
  const outer = checkerFor(walk, statement, start, around, null);
  if (statement.problems.length === 0) checkOne(outer, statement, around);
  const problems: Placed[] = outer.problem === null ? [] : [{ problem: outer.problem, offset: 0 }];
  const scope = walk.scope;
  const jumps = new Set(outer.jumps);
  const head = headWidth(statement);
  const telling: Telling[] = [];
  const look = (child: NftablesStatement, offset: number): void => {
    const result = resultOf(walk, child, start + head + offset, around);
    const defines = child.syntax.kind === 'definition';
    if (!defines && result.problems.length === 0 && !result.volatile && result.jumps.length === 0) return;
    telling.push({ statement: child, offset });
    for (const { problem } of result.problems) problems.push({ problem, offset: head + offset });
    if (result.volatile) outer.volatile = true;
    for (const jump of result.jumps) jumps.add(jump);
    if (defines) define(walk, child, start + head + offset);
  };
  const before = key === null ? undefined : walk.before?.get(key);
  eachToLookAt(statement, before && seesTheSame(walk, before, around) ? before : null, look);
  walk.scope = scope;
  if (key !== null && !walk.blocks.has(key)) walk.blocks.set(key, { statement, around, sight: sightOf(walk), telling });
  outer.jumps = jumps.size > 0 ? [...jumps] : null;
  return made(outer, walk, around, problems, null);
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

/** Tells loops of jumps, and jumps that go too deep, where the chain is made. */
function tellGraph(walk: Walk): void {
  if (walk.jumps.size === 0) return;
  const chains = new Map<string, ChainDeclaration>();
  for (const [key, lives] of walk.declarations.byKey) {
    const declaration = lives[lives.length - 1]?.declaration;
    if (declaration?.kind === 'chain') chains.set(key, declaration);
  }
  for (const trouble of troublesOf({ jumps: walk.jumps }, chains)) {
    const offset = walk.chains.get(trouble.chain);
    const span = walk.places.get(trouble.chain);
    if (offset === undefined || !span) continue;
    const nameOf = (key: string): string => chains.get(key)?.name ?? '';
    const message =
      trouble.kind === 'loop'
        ? `chains jump in a circle here, and the kernel refuses that: ${[...trouble.way, trouble.chain].map(nameOf).join(' → ')}`
        : `from this chain ${trouble.depth} jumps lead on one behind the other, and the kernel takes ${MAX_JUMPS - 1}`;
    walk.problems.push({ problem: { start: span.start, end: span.end, rule: 'nftables/jumps', message, refusedBy: 'nft' }, offset });
  }
}
