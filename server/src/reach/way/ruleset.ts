// What a host's kernel holds of nft once it is up: its ruleset files, then what the hooks of its interfaces load and add.
import { hookFilePlaces, hookStatements } from '../../mesh/hook-rulesets.ts';
import { iptablesRule } from '../../mesh/hooks.ts';
import type { Host, MeshInterface, MeshModel, Ruleset } from '../../mesh/model.ts';
import { factsOf } from '../../nftables/facts.ts';
import { rulesetState } from '../../nftables/ruleset/ruleset.ts';
import type { Included, RulesetState } from '../../nftables/ruleset/state.ts';
import type { Origin } from '../../text/origin.ts';
import { isScript, type Running, running } from './hook-commands.ts';

export interface HostRuleset {
  readonly state: RulesetState;
  /** Where a statement stands that the walk tells: one of a hook is a command of its line. */
  readonly place: (origin: Origin) => Origin;
}

const kept = new WeakMap<MeshModel, Map<Host, HostRuleset | null>>();

/** null where the host has none. */
export function rulesetOf(model: MeshModel, host: Host): HostRuleset | null {
  const all = kept.get(model) ?? new Map<Host, HostRuleset | null>();
  kept.set(model, all);
  let found = all.get(host);
  if (found === undefined) {
    found = carriedOut(model, host);
    all.set(host, found);
  }
  return found;
}

/** The same without its places. */
export function stateOf(model: MeshModel, host: Host): RulesetState | null {
  return rulesetOf(model, host)?.state ?? null;
}

function same(origin: Origin): Origin {
  return origin;
}

function carriedOut(model: MeshModel, host: Host): HostRuleset | null {
  const hooks = hooksOf(host);
  const all = model.rulesetsOf.get(host) ?? [];
  const [only] = all;
  // as nearly all hosts have it
  if (hooks === noHooks && only && all.length === 1 && !model.parts.has(only.uri))
    return { state: rulesetState(only, model.included), place: same };
  const loaded = new Set(hooks.files);
  const files = all.filter(({ uri }) => !model.parts.has(uri) && !loaded.has(uri));
  const unknown = hooks.unknown;
  if (hooks.nodes.length === 0) {
    if (files.length === 0 && unknown.length === 0) return null;
    return { state: withUnknown(joinedStates(files.map((file) => rulesetState(file, model.included))), unknown), place: same };
  }
  const [node] = hooks.nodes;
  // what one of several files, or of several interfaces, makes first is not written
  if (!node || files.length > 1 || hooks.nodes.length > 1) {
    const state = joinedStates(files.map((file) => rulesetState(file, model.included)));
    return { state: withUnknown(state, [...unknown, ...hooks.commands]), place: same };
  }
  return inOrder(model, files[0] ?? null, node, unknown);
}

/** Whether a host's ruleset is what its ruleset files say: no hook of its interfaces loads another, or changes it. */
export function isOfFilesAlone(host: Host): boolean {
  const { nodes, unknown } = hooksOf(host);
  return nodes.length + unknown.length === 0;
}

interface Hooks {
  /** Interfaces whose hooks speak to nft. */
  readonly nodes: readonly MeshInterface[];
  readonly commands: readonly Origin[];
  /** The places of files that they load. */
  readonly files: readonly string[];
  /** What changes the firewall in a way that is not followed here. */
  readonly unknown: readonly Origin[];
}

const noHooks: Hooks = { nodes: [], commands: [], files: [], unknown: [] };

function hooksOf({ interfaces }: Host): Hooks {
  if (interfaces.every(({ own }) => own.hooks.length === 0)) return noHooks;
  const nodes = new Set<MeshInterface>();
  const commands: Origin[] = [];
  const files: string[] = [];
  const unknown: Origin[] = [];
  for (const node of interfaces) {
    for (const run of [...running(node, 'PreUp'), ...running(node, 'PostUp')]) {
      const { command, origin, sure } = run;
      if (command.does === 'nft' || command.does === 'nft-file') {
        if (!sure || (command.does === 'nft' && command.dynamic)) unknown.push(origin);
        nodes.add(node);
        commands.push(origin);
        if (command.does === 'nft-file') files.push(...hookFilePlaces(node.uri, command.path.replaceAll('%i', node.name)));
      } else if (isScript(run) || isOtherFirewall(run, interfaces)) unknown.push(origin);
    }
  }
  return { nodes: [...nodes], commands, files, unknown };
}

/** Whether it drops, or changes, what comes through the mesh: iptables' rules are not followed, but those that only accept change nothing. */
function isOtherFirewall({ command }: Running, interfaces: readonly MeshInterface[]): boolean {
  if (command.does !== 'other' || !/^ip6?tables/.test(command.program)) return false;
  const rule = iptablesRule(command);
  if (!rule || (rule.action !== 'append' && rule.action !== 'insert')) return true;
  if (rule.table === 'filter' && rule.target === 'ACCEPT') return false;
  // what leaves by another interface is none of the mesh's
  const elsewhere =
    rule.out !== null && /^[\w.-]+$/.test(rule.out) && !interfaces.some(({ name }) => name === rule.out) && !/%i/.test(rule.out);
  return !(rule.table === 'nat' && rule.target === 'MASQUERADE' && elsewhere);
}

/** Several files one beside the other. Which is loaded first is not written: where two make one table, what it holds is not known. */
function joinedStates(states: readonly RulesetState[]): RulesetState {
  if (states.length === 1) return states[0] as RulesetState;
  const tables = new Map<string, RulesetState['tables'][number]>();
  const unknown: Origin[] = states.flatMap((state) => state.unknown);
  for (const table of states.flatMap((state) => state.tables)) {
    const key = `${table.family} ${table.name}`;
    if (tables.has(key)) unknown.push(table.at);
    else tables.set(key, table);
  }
  return { tables: [...tables.values()], unknown };
}

function withUnknown(state: RulesetState, unknown: readonly Origin[]): RulesetState {
  return unknown.length === 0 ? state : { ...state, unknown: [...state.unknown, ...unknown] };
}

const BOOT = '\0boot';

/** The file as it is loaded at boot, before the network (nftables.service), and then one interface's hooks. */
function inOrder(model: MeshModel, file: Ruleset | null, node: MeshInterface, unknown: readonly Origin[]): HostRuleset {
  // its own name, since its statements are not those of the config
  const uri = `${node.uri}\0hooks`;
  const { facts, origins } = hookStatements(node.uri, node.name, node.facts);
  const statements = file ? [{ kind: 'include', path: BOOT } as const, ...facts.statements] : facts.statements;
  const included: Included = (from, path) => {
    if (from === uri && path === BOOT) return file && [file];
    return model.included(from === uri ? node.uri : from, path);
  };
  const state = rulesetState({ uri, facts: factsOf(statements) }, included);
  const first = file ? 1 : 0;
  const place = (origin: Origin): Origin =>
    origin.uri === uri ? (origins[origin.statement - first] ?? { ...origin, uri: node.uri }) : origin;
  // a command about what nobody has made fails, and the interface does not come up
  const missing = state.tables.flatMap((table) => [
    ...(table.made ? [] : [table.at]),
    ...table.chains.flatMap(({ at, base }) => (base === null && at.uri === uri ? [at] : [])),
  ]);
  return { state: withUnknown(state, [...unknown, ...missing.map(place)]), place };
}
