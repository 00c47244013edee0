// A ruleset as sorted lines, once from our state and once from `nft -j list ruleset`, to compare word for word. What nft 1.0.6 does
// not put into its JSON cannot be compared: the devices of a chain, the flag `dynamic`, the names of a table's flags, nameless chains.
import { elementsOf } from '../../server/src/nftables/ruleset/elements.ts';
import type { BaseChain, ChainRule, NamedSet, RulesetState } from '../../server/src/nftables/ruleset/state.ts';
import type { NftObject } from './support/nft.ts';

/** `?` stands for what is not known without the machine. */
export const UNKNOWN = '?';

export function linesOfState({ tables }: RulesetState): readonly string[] {
  const lines: string[] = [];
  for (const table of tables) {
    const at = `${table.family} ${table.name}`;
    lines.push(`table ${at} ${table.flags.length > 0 ? 'with flags' : ''}`);
    for (const chain of table.chains) {
      lines.push(`chain ${at} ${chain.name} ${chain.base ? baseLine(chain.base) : ''}`);
      for (const [i, rule] of chain.rules.entries()) lines.push(`rule ${at} ${chain.name} ${i} ${ruleLine(rule)}`);
    }
    for (const set of table.sets) lines.push(`${set.kind} ${at} ${set.name} ${setLine(set)}`);
    for (const { kind, name } of table.objects) lines.push(`${kind} ${at} ${name}`);
    for (const { name, hook, priority, devices } of table.flowtables)
      lines.push(`flowtable ${at} ${name} hook ${hook} prio ${priority} devices ${sorted(devices ?? [UNKNOWN])}`);
  }
  return lines.sort();
}

function sorted(words: readonly string[]): string {
  return [...words].sort().join(',');
}

function baseLine({ type, hook, priority, policy }: BaseChain): string {
  return `${type} hook ${hook} prio ${priority ?? UNKNOWN} policy ${policy ?? UNKNOWN}`;
}

function ruleLine({ fact, targets }: ChainRule): string {
  // the list shows nothing of a chain without a name
  const verdict = fact.nameless ? 'none' : verdictLine(fact.verdict);
  const names = fact.nameless ? [] : targets.map((name) => name ?? UNKNOWN);
  return `verdict ${verdict} targets ${sorted(names)} comment ${fact.comment ?? ''}`;
}

function verdictLine(verdict: string | null): string {
  return verdict !== null && /^(accept|drop|continue|return|jump|goto)$/.test(verdict) ? verdict : 'none';
}

function setLine(set: NamedSet): string {
  const types = set.keys.map((key) => key ?? UNKNOWN).join('.');
  const data = set.data ? set.data.map((one) => one ?? UNKNOWN).join('.') : '';
  return `type ${types} data ${data} flags ${sorted(set.flags.filter((flag) => flag !== 'dynamic'))} size ${sizeLine(set.size)} count ${elementsOf(set).count ?? UNKNOWN}`;
}

/** nft gives a set that rules add to 65535 where nothing is written (evaluate.c, stmt_evaluate_set). */
function sizeLine(size: number | null | undefined): string {
  return size === 65535 ? '' : `${size ?? ''}`;
}

type Json = Readonly<Record<string, unknown>>;

/** What all objects of libnftables-json(5) have, and what some have. */
interface Listed {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  readonly chain: string;
  readonly flags?: unknown;
  readonly type?: unknown;
  readonly map?: unknown;
  readonly elem?: unknown;
  readonly size?: number;
  readonly hook?: string;
  readonly prio?: number;
  readonly policy?: string;
  readonly dev?: unknown;
  readonly expr?: readonly Json[];
  readonly comment?: string;
}

export function linesOfList(objects: readonly NftObject[]): readonly string[] {
  const lines: string[] = [];
  const rules = new Map<string, number>();
  for (const object of objects) {
    const [kind = ''] = Object.keys(object);
    const value = object[kind] as Listed;
    const at = kind === 'table' ? `${value.family} ${value.name}` : `${value.family} ${value.table}`;
    switch (kind) {
      case 'table':
        lines.push(`table ${at} ${value.flags === undefined ? '' : 'with flags'}`);
        break;
      case 'chain':
        lines.push(
          `chain ${at} ${value.name} ${value.type ? `${value.type} hook ${value.hook} prio ${value.prio} policy ${value.policy}` : ''}`,
        );
        break;
      case 'rule': {
        const chain = `${at} ${value.chain}`;
        const i = rules.get(chain) ?? 0;
        rules.set(chain, i + 1);
        lines.push(`rule ${chain} ${i} ${listedRule(value)}`);
        break;
      }
      case 'set':
      case 'map': {
        const types = words(value.type).join('.');
        const data = words(value.map).join('.').replaceAll(' . ', '.');
        const count = Array.isArray(value.elem) ? value.elem.length : 0;
        lines.push(
          `${kind} ${at} ${value.name} type ${types} data ${data} flags ${sorted(words(value.flags))} size ${sizeLine(value.size)} count ${count}`,
        );
        break;
      }
      case 'flowtable':
        lines.push(`flowtable ${at} ${value.name} hook ${value.hook} prio ${value.prio} devices ${sorted(words(value.dev))}`);
        break;
      default:
        lines.push(`${kind} ${at} ${value.name}`);
    }
  }
  return lines.sort();
}

function words(value: unknown): readonly string[] {
  return value === undefined ? [] : Array.isArray(value) ? value.map(String) : [String(value)];
}

function listedRule({ expr = [], comment }: Listed): string {
  const targets: string[] = [];
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(walk);
    else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) {
        const target = key === 'jump' || key === 'goto' ? (inner as { readonly target?: unknown } | null)?.target : undefined;
        if (typeof target === 'string') targets.push(target);
        else walk(inner);
      }
    }
  };
  walk(expr);
  const [verdict = null] = Object.keys(expr[expr.length - 1] ?? {});
  return `verdict ${verdictLine(verdict)} targets ${sorted(targets)} comment ${comment ?? ''}`;
}

/** The lines of each that the other does not have; what we do not know is no disagreement. */
export function differences(ours: readonly string[], theirs: readonly string[]): readonly string[] {
  const left = new Set(theirs);
  const result: string[] = [];
  for (const line of ours) {
    if (left.delete(line)) continue;
    const known = line.split(UNKNOWN).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    const match = known.length > 1 ? [...left].find((other) => new RegExp(`^${known.join('\\S*')}$`).test(other)) : undefined;
    if (match === undefined) result.push(`+ ${line}`);
    else left.delete(match);
  }
  return [...result, ...[...left].map((line) => `- ${line}`)];
}
