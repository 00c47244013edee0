// Carries a ruleset's statements out in order, as nft and the kernel do with a file (nft(8); parser_bison.y, base_cmd).
import type { Origin } from '../../text/origin.ts';
import type { RuleFact } from '../rule-facts.ts';
import type { StatementFact } from '../statement-facts.ts';
import type { Named } from '../statement-text.ts';
import type { Target, Value } from '../value.ts';
import { priorityValue } from '../vocabulary/structure.ts';
import { numberOf } from './number.ts';
import type {
  BaseChain,
  Chain,
  ChainRule,
  ElementChange,
  Flowtable,
  Included,
  NamedObject,
  NamedSet,
  RulesetFile,
  RulesetState,
  Table,
} from './state.ts';
import { defined, textOf, type Variables, wordsOf } from './variables.ts';

/** How many files nft reads one within the other, the first included (scanner.l, MAX_INCLUDE_DEPTH; measured, 1.0.6). */
export const INCLUDE_DEPTH = 16;

/** More files than any ruleset has: two files that include each other several times would double with each level. */
const MOST_FILES = 4096;

type Building<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer U)[] ? U[] : T[K] };
type ChainBuilding = Building<Omit<Chain, 'base'>> & { base: Building<BaseChain> | null };
interface TableBuilding extends Building<Omit<Table, 'chains' | 'sets' | 'objects' | 'flowtables'>> {
  readonly chains: ByName<ChainBuilding>;
  readonly sets: ByName<Building<NamedSet>>;
  readonly objects: ByName<Building<NamedObject>>;
  readonly flowtables: ByName<Building<Flowtable>>;
}

/** Of most kinds of things most tables have none. */
class ByName<T> {
  #made: Map<string, T> | null = null;

  get(name: string): T | undefined {
    return this.#made?.get(name);
  }

  set(name: string, one: T): void {
    this.#made ??= new Map();
    this.#made.set(name, one);
  }

  delete(name: string): void {
    this.#made?.delete(name);
  }

  all(): readonly T[] {
    return this.#made ? [...this.#made.values()] : nothing;
  }
}

const nothing: readonly never[] = [];

/** The block that statements stand in, and the variables as they were before it. */
interface Block {
  readonly kind: string;
  readonly table: TableBuilding | null;
  readonly chain: ChainBuilding | null;
  readonly set: Building<NamedSet> | null;
  readonly made: { comment: string | null } | null;
  readonly flowtable: Building<Flowtable> | null;
  readonly outside: Variables | null;
}

interface Machine {
  readonly tables: Map<string, TableBuilding>;
  readonly unknown: Origin[];
  readonly blocks: Block[];
  readonly included: Included;
  /** The files that are being read, outermost first. */
  readonly reading: string[];
  variables: Variables | null;
  files: number;
}

export function execute(file: RulesetFile, included: Included): RulesetState {
  const m: Machine = { tables: new Map(), unknown: [], blocks: [], included, reading: [], variables: null, files: 0 };
  readFile(m, file);
  return {
    tables: [...m.tables.values()].map((table) => ({
      ...table,
      chains: table.chains.all(),
      sets: table.sets.all(),
      objects: table.objects.all(),
      flowtables: table.flowtables.all(),
    })),
    unknown: m.unknown,
  };
}

function readFile(m: Machine, { uri, facts }: RulesetFile): void {
  const depth = m.blocks.length;
  m.reading.push(uri);
  m.files++;
  carryOutAll(m, uri, facts.statements);
  // what a file leaves open ends with it
  while (m.blocks.length > depth) endBlock(m);
  m.reading.pop();
}

/** By itself: a long loop is compiled while it runs, and what comes behind it would be compiled before it has ever run. */
function carryOutAll(m: Machine, uri: string, statements: readonly StatementFact[]): void {
  for (let statement = 0; statement < statements.length; statement++)
    carryOut(m, statements[statement] as StatementFact, { uri, statement, item: 0 });
}

function carryOut(m: Machine, fact: StatementFact, at: Origin): void {
  const block = m.blocks[m.blocks.length - 1];
  switch (fact.kind) {
    case 'object':
      makeObject(m, fact, at);
      break;
    case 'end':
      endBlock(m);
      break;
    case 'base-chain':
      if (block?.chain) makeBase(m, block.chain, fact, at);
      break;
    case 'policy':
      if (block?.chain) setPolicy(m, block.chain, fact.policy, at);
      break;
    case 'option':
      setOption(m, block, fact.name, fact.words);
      // the settings of a tunnel may be blocks
      if (fact.block) m.blocks.push(blockOf('option', m.variables));
      break;
    case 'set-type':
      if (block?.set && block.set.keys.length === 0) {
        block.set.keys = [...fact.keys];
        block.set.data = fact.data && [...fact.data];
      }
      break;
    case 'rule':
      // in a set's block it says what every element carries
      if (fact.at || block?.chain) addRule(m, fact, fact.at ? chainAt(m, fact.at, at) : (block?.chain ?? null), at);
      break;
    case 'elements': {
      const set = fact.at ? setNamed(m, fact.at) : block?.set;
      const change: ElementChange = { command: fact.command, elements: fact.elements, variables: m.variables, at };
      if (set) set.changes.push(change);
      else if (fact.at) assumedSet(m, fact.at, at)?.changes.push(change);
      break;
    }
    case 'definition':
      if (fact.name !== null) m.variables = defined(m.variables, fact.name, fact.command === 'undefine' ? null : fact.value);
      break;
    case 'include':
      includeFiles(m, fact.path, at);
      break;
    case 'command':
      carryOutCommand(m, fact, at);
      break;
  }
}

function blockOf(kind: string, outside: Variables | null, parts: Partial<Block> = {}): Block {
  return { kind, table: null, chain: null, set: null, made: null, flowtable: null, ...parts, outside };
}

function endBlock(m: Machine): void {
  const ended = m.blocks.pop();
  if (ended) m.variables = ended.outside;
}

function includeFiles(m: Machine, path: string | null, at: Origin): void {
  const files = path === null ? null : m.included(at.uri, path);
  if (!files) {
    m.unknown.push(at);
    return;
  }
  for (const file of files) {
    if (m.reading.includes(file.uri) || m.reading.length >= INCLUDE_DEPTH || m.files > MOST_FILES) m.unknown.push(at);
    else readFile(m, file);
  }
}

function tableKey(family: string, name: string): string {
  return `${family} ${name}`;
}

/** The table that a reference means: the one written, else that of the block around. */
function tableOf(m: Machine, reference: Named): TableBuilding | null {
  if (reference.table === null) return m.blocks.findLast(({ kind }) => kind === 'table')?.table ?? null;
  return m.tables.get(tableKey(reference.family ?? 'ip', reference.table)) ?? null;
}

/** The same; a table that nothing made is taken to be there before. */
function tableAt(m: Machine, reference: Named, at: Origin): TableBuilding | null {
  const found = tableOf(m, reference);
  if (found || reference.table === null) return found;
  const table: TableBuilding = {
    family: reference.family ?? 'ip',
    name: reference.table,
    at,
    made: false,
    flags: [],
    comment: null,
    chains: new ByName(),
    sets: new ByName(),
    objects: new ByName(),
    flowtables: new ByName(),
  };
  m.tables.set(tableKey(table.family, table.name), table);
  return table;
}

function chainAt(m: Machine, reference: Named, at: Origin): ChainBuilding | null {
  const table = tableAt(m, reference, at);
  if (!table || reference.name === null) return null;
  let chain = table.chains.get(reference.name);
  if (!chain) {
    chain = { family: table.family, table: table.name, name: reference.name, at, comment: null, base: null, rules: [], unknown: [] };
    table.chains.set(reference.name, chain);
  }
  return chain;
}

function setNamed(m: Machine, reference: Named): Building<NamedSet> | undefined {
  return reference.name === null ? undefined : tableOf(m, reference)?.sets.get(reference.name);
}

function newSet(kind: NamedSet['kind'], table: TableBuilding, name: string, at: Origin): Building<NamedSet> {
  const set: Building<NamedSet> = {
    kind,
    family: table.family,
    table: table.name,
    name,
    at,
    comment: null,
    keys: [],
    data: null,
    flags: [],
    autoMerge: false,
    size: null,
    changes: [],
  };
  table.sets.set(name, set);
  return set;
}

/** A set that elements are put into and that no statement here makes. */
function assumedSet(m: Machine, reference: Named, at: Origin): Building<NamedSet> | null {
  const table = tableAt(m, reference, at);
  return table && reference.name !== null ? newSet('set', table, reference.name, at) : null;
}

function makeObject(m: Machine, fact: StatementFact & { readonly kind: 'object' }, at: Origin): void {
  const outside = m.variables;
  let block = blockOf(fact.object, outside);
  const table = tableAt(m, fact.at, at);
  const { name } = fact.at;
  if (fact.object === 'table') {
    if (table) {
      table.made = true;
      // nft sends a table's flags each time it is made, so that without any it wakes up (nf_tables_updtable)
      table.flags = [];
      block = blockOf('table', outside, { table, made: table });
    }
  } else if (table && name !== null) {
    switch (fact.object) {
      case 'chain': {
        const chain = chainAt(m, fact.at, at);
        block = blockOf('chain', outside, { chain, made: chain });
        break;
      }
      case 'set':
      case 'map': {
        const set = table.sets.get(name) ?? newSet(fact.object, table, name, at);
        block = blockOf(fact.object, outside, { set, made: set });
        break;
      }
      case 'flowtable': {
        let flowtable = table.flowtables.get(name);
        if (!flowtable) {
          flowtable = { family: table.family, table: table.name, name, at, comment: null, hook: null, priority: null, devices: null };
          table.flowtables.set(name, flowtable);
        }
        block = blockOf('flowtable', outside, { flowtable, made: flowtable });
        break;
      }
      default: {
        const kind = fact.object === 'ct' ? `ct ${fact.ct ?? ''}` : fact.object;
        const key = `${kind} ${name}`;
        const object = table.objects.get(key) ?? { kind, family: table.family, table: table.name, name, at, comment: null };
        table.objects.set(key, object);
        block = blockOf(fact.object, outside, { made: object });
      }
    }
  }
  if (fact.block) m.blocks.push(block);
}

function makeBase(m: Machine, chain: ChainBuilding, fact: StatementFact & { readonly kind: 'base-chain' }, at: Origin): void {
  const policy = chain.base ? { policy: chain.base.policy, policyAt: chain.base.policyAt } : { policy: 'accept', policyAt: null };
  chain.base = {
    type: fact.type,
    hook: fact.hook,
    priority: fact.priority && priorityOf(m, chain.family, fact.hook, fact.priority.base, fact.priority.offset),
    devices: fact.devices ? copy(wordsOf(fact.devices, m.variables)) : [],
    ...policy,
    at,
  };
}

function copy(words: readonly string[] | null): string[] | null {
  return words && [...words];
}

function priorityOf(m: Machine, family: string, hook: string | null, base: Value, offset: number): number | null {
  const text = textOf(base, m.variables);
  if (text === null) return null;
  const number = numberOf(text);
  const found = number !== null ? Number(number) : priorityValue(family, hook ?? '', text);
  return found === null ? null : found + offset;
}

function setPolicy(m: Machine, chain: ChainBuilding, policy: Value, at: Origin): void {
  if (!chain.base) return;
  chain.base.policy = textOf(policy, m.variables);
  chain.base.policyAt = at;
}

function setOption(m: Machine, block: Block | undefined, name: string, words: readonly string[]): void {
  if (!block) return;
  const last = words[words.length - 1] ?? '';
  const { table, set, flowtable, chain } = block;
  if (name === 'comment') {
    if (block.made) block.made.comment ??= last;
  } else if (set) {
    if (name === 'flags') set.flags = [...new Set([...set.flags, ...words.slice(1)])];
    else if (name === 'auto-merge') set.autoMerge = true;
    else if (name === 'size') set.size = Number(numberOf(last) ?? 0);
    // a set whose elements expire by default is one whose elements can (evaluate.c, set_evaluate)
    else if (name === 'timeout' && !set.flags.includes('timeout')) set.flags.push('timeout');
  } else if (table && name === 'flags') table.flags = words.slice(1);
  else if (flowtable) setFlowtable(m, flowtable, name, words);
  else if (chain?.base && name === 'devices') chain.base.devices = words.slice(1).filter((word) => word !== '=');
}

function setFlowtable(m: Machine, flowtable: Building<Flowtable>, name: string, words: readonly string[]): void {
  if (name === 'hook') {
    // hook ingress priority filter + 10
    const [, hook, , ...priority] = words;
    flowtable.hook = hook ?? null;
    const [base = '', sign, offset] = priority[0] === '-' ? [`-${priority[1]}`] : priority;
    const number = sign && offset ? Number(`${sign}${offset}`) : 0;
    const value: Value = base.startsWith('$') ? { kind: 'variable', name: base.slice(1) } : { kind: 'text', literal: 'word', text: base };
    flowtable.priority = priorityOf(m, flowtable.family, 'ingress', value, number);
  } else if (name === 'devices') {
    const devices = words.slice(1).filter((word) => word !== '=');
    const [only] = devices;
    flowtable.devices = only?.startsWith('$') ? copy(wordsOf({ kind: 'variable', name: only.slice(1) }, m.variables)) : devices;
  }
}

const noTargets: readonly string[] = [];

function addRule(m: Machine, fact: RuleFact, chain: ChainBuilding | null, at: Origin): void {
  if (!chain) return;
  const targets = fact.targets.length === 0 ? noTargets : fact.targets.map((target) => targetName(m, target));
  const rule: ChainRule = { uri: at.uri, statement: at.statement, item: 0, fact, targets, variables: m.variables };
  const index = fact.position?.by === 'index' ? fact.position.number : null;
  if (fact.command === 'replace' || fact.position?.by === 'handle') chain.unknown.push(at);
  if (fact.command === 'replace') return;
  if (fact.command === 'insert') chain.rules.splice(index ?? 0, 0, rule);
  else if (index !== null) chain.rules.splice(index + 1, 0, rule);
  else chain.rules.push(rule);
}

function targetName(m: Machine, target: Target): string | null {
  return target.kind === 'chain' ? target.name : textOf(target, m.variables);
}

function carryOutCommand(m: Machine, fact: StatementFact & { readonly kind: 'command' }, at: Origin): void {
  const { command, object } = fact;
  if (command === 'rename') renameChain(m, fact);
  else if (command === 'flush') flush(m, object, fact.at);
  else if (command === 'import') m.unknown.push(at);
  else if (command === 'delete' || command === 'destroy') remove(m, fact, at);
}

function renameChain(m: Machine, { at, words }: StatementFact & { readonly kind: 'command' }): void {
  const table = tableOf(m, at);
  const chain = at.name === null ? undefined : table?.chains.get(at.name);
  const name = words[words.length - 1];
  if (!table || !chain || name === undefined || name === chain.name) return;
  table.chains.delete(chain.name);
  chain.name = name;
  table.chains.set(name, chain);
}

function flush(m: Machine, object: string, at: Named): void {
  if (object === 'ruleset') {
    for (const [key, { family }] of [...m.tables]) if (!at.family || at.family === family) m.tables.delete(key);
    return;
  }
  const table = tableOf(m, at);
  if (!table) return;
  if (object === 'table') {
    for (const chain of table.chains.all()) emptyChain(chain);
  } else if (object === 'chain') {
    const chain = at.name === null ? undefined : table.chains.get(at.name);
    if (chain) emptyChain(chain);
  } else if (object === 'set' || object === 'map') {
    const set = at.name === null ? undefined : table.sets.get(at.name);
    if (set) set.changes = [];
  }
}

function emptyChain(chain: ChainBuilding): void {
  chain.rules = [];
  chain.unknown = [];
}

function remove(m: Machine, { object, at: reference, words }: StatementFact & { readonly kind: 'command' }, at: Origin): void {
  const table = tableOf(m, reference);
  if (object === 'table') {
    if (reference.table === null) m.unknown.push(at);
    else m.tables.delete(tableKey(reference.family ?? 'ip', reference.table));
    return;
  }
  if (!table) return;
  if (object === 'rule') {
    const chain = /^(?:delete|destroy) rule (?:(?:ip6?|inet|arp|bridge|netdev) )?\S+ (\S+)/.exec(words.join(' '))?.[1];
    (table.chains.get(chain ?? '')?.unknown ?? m.unknown).push(at);
    return;
  }
  const { name } = reference;
  if (name === null) m.unknown.push(at);
  else if (object === 'chain') removeChain(table, name, words);
  else if (object === 'set' || object === 'map') table.sets.delete(name);
  else if (object === 'flowtable') table.flowtables.delete(name);
  else table.objects.delete(`${object === 'ct' ? `ct ${words[2] ?? ''}` : object} ${name}`);
}

/** With devices behind it, only these are taken away from the chain. */
function removeChain(table: TableBuilding, name: string, words: readonly string[]): void {
  const chain = table.chains.get(name);
  const devices = words.indexOf('devices');
  if (devices < 0) table.chains.delete(name);
  else if (chain?.base?.devices) {
    const gone = new Set(words.slice(devices + 1));
    chain.base.devices = chain.base.devices.filter((device) => !gone.has(device));
  }
}
