// What `ip route …` and `ip rule …` in hooks say (ip-route(8), ip-rule(8)). What is not read here is null, and then nobody knows the routes.
import { ipWords } from '../../mesh/hooks.ts';
import { type Address, masked, type Prefix, parseAddress, parsePrefix } from '../../net/address.ts';
import type { HookCommand } from '../../wireguard/hook-commands.ts';

export type RouteChange = 'add' | 'replace' | 'append' | 'prepend' | 'delete';

export interface WrittenRoute {
  readonly change: RouteChange;
  readonly prefix: Prefix;
  /** Whether packets for it are thrown away: blackhole, unreachable, prohibit. */
  readonly throwsAway: boolean;
  readonly device: string | null;
  readonly via: Address | null;
  readonly source: Address | null;
  readonly metric: number | null;
  readonly table: string;
}

export interface WrittenRule {
  readonly version: 4 | 6;
  readonly not: boolean;
  readonly from: Prefix | null;
  readonly to: Prefix | null;
  readonly iif: string | null;
  readonly fwmark: number | null;
  readonly priority: number | null;
  readonly table: string;
  readonly suppress: number | null;
}

const routeVerbs: Readonly<Record<string, RouteChange>> = {
  a: 'add',
  add: 'add',
  replace: 'replace',
  append: 'append',
  prepend: 'prepend',
  del: 'delete',
  delete: 'delete',
};

const types: ReadonlySet<string> = new Set(['unicast', 'blackhole', 'unreachable', 'prohibit']);

/** `name` is the interface whose hook it is. */
export function writtenRoute(command: HookCommand, name: string): WrittenRoute | null {
  const ip = ipWords(command);
  if (ip?.object !== 'route') return null;
  const words = wordsOf(ip.words, name);
  const change = routeVerbs[words?.[0] ?? ''];
  if (!words || !change) return null;
  let version = versionIn(ip.options);
  if (version === undefined) return null;
  let i = 1;
  const type = types.has(words[i] ?? '') ? (words[i++] as string) : 'unicast';
  const target = words[i++];
  if (target === undefined) return null;
  const written = target === 'default' ? null : parsePrefix(target);
  if (target !== 'default' && !written) return null;
  version ??= written?.address.version ?? null;
  if (written && written.address.version !== version) return null;
  const route = {
    device: null as string | null,
    via: null as Address | null,
    source: null as Address | null,
    metric: null as number | null,
  };
  let table = 'main';
  for (; i < words.length; i++) {
    const word = words[i] as string;
    const value = words[i + 1] ?? '';
    switch (word) {
      case 'dev':
        route.device = value;
        break;
      case 'via': {
        const at = /^inet6?$/.test(value) ? words[++i + 1] : value;
        route.via = parseAddress(at ?? '');
        if (!route.via) return null;
        break;
      }
      case 'src':
        route.source = parseAddress(value);
        if (!route.source) return null;
        break;
      case 'metric':
      case 'preference':
      case 'priority': {
        const metric = numberIn(value);
        if (metric === null) return null;
        route.metric = metric;
        break;
      }
      case 'table':
        table = value;
        break;
      case 'scope':
      case 'proto':
      case 'protocol':
      case 'mtu':
      case 'advmss':
        break;
      case 'onlink':
        i--;
        break;
      default:
        return null;
    }
    i++;
  }
  version ??= route.via?.version ?? 4;
  const prefix = written ? masked(written) : everything[version];
  return { change, prefix, throwsAway: type !== 'unicast', ...route, table: tableName(table) };
}

const everything: Readonly<Record<4 | 6, Prefix>> = {
  4: { version: 4, first: 0, length: 0 },
  6: { version: 6, first: 0n, length: 0 },
};

export function writtenRule(command: HookCommand, name: string): WrittenRule | null {
  const ip = ipWords(command);
  if (ip?.object !== 'rule') return null;
  const words = wordsOf(ip.words, name);
  if (!words || !/^(?:a|add)$/.test(words[0] ?? '')) return null;
  const version = versionIn(ip.options);
  if (version === undefined) return null;
  const rule = { not: false, from: null as Prefix | null, to: null as Prefix | null, iif: null as string | null };
  const numbers = { fwmark: null as number | null, priority: null as number | null, suppress: null as number | null };
  let table = 'main';
  for (let i = 1; i < words.length; i++) {
    const word = words[i] as string;
    if (word === 'not') {
      rule.not = true;
      continue;
    }
    const value = words[++i] ?? '';
    switch (word) {
      case 'from':
      case 'to': {
        const written = parsePrefix(value);
        if (!written && !/^(?:all|any|default)$/.test(value)) return null;
        rule[word] = written && masked(written);
        break;
      }
      case 'iif':
      case 'dev':
        rule.iif = value;
        break;
      case 'fwmark':
        numbers.fwmark = numberIn(value);
        if (numbers.fwmark === null) return null;
        break;
      case 'pref':
      case 'priority':
      case 'preference':
      case 'order':
        numbers.priority = numberIn(value);
        if (numbers.priority === null) return null;
        break;
      case 'suppress_prefixlength':
      case 'sup_pl':
        numbers.suppress = numberIn(value);
        if (numbers.suppress === null) return null;
        break;
      case 'table':
      case 'lookup':
        table = value;
        break;
      default:
        return null;
    }
  }
  const of = version ?? rule.from?.version ?? rule.to?.version ?? 4;
  if ([rule.from, rule.to].some((prefix) => prefix && prefix.version !== of)) return null;
  return { version: of, ...rule, ...numbers, table: tableName(table) };
}

/** Whether an `ip` command changes no route, rule or address that packets hang on: a link's mtu, what is only shown. */
export function ipIsHarmless(command: HookCommand): boolean {
  if (command.does !== 'other' || command.program !== 'ip') return false;
  const words = command.words.filter((word) => !word.startsWith('-'));
  if (/^(?:show|list|ls|get|lst)$/.test(words[1] ?? 'show')) return true;
  return (
    /^l(?:i|in|ink)?$/.test(words[0] ?? '') &&
    words[1] === 'set' &&
    !words.some((word) => /^(?:down|name|netns|master|address|addrgenmode)$/.test(word))
  );
}

/** The words with the interface's name in them; null where bash makes them. */
function wordsOf(words: readonly string[], name: string): readonly string[] | null {
  if (words.some((word) => /[$`]/.test(word))) return null;
  return words.map((word) => word.replaceAll('%i', name));
}

/** null where it is not said; undefined where an option is not read here. */
function versionIn(options: readonly string[]): 4 | 6 | null | undefined {
  let version: 4 | 6 | null = null;
  for (const option of options) {
    if (option === '-4') version = 4;
    else if (option === '-6') version = 6;
    else if (!/^-(?:s|stat|statistics|o|oneline|br|brief|c|color)$/.test(option)) return undefined;
  }
  return version;
}

function numberIn(text: string): number | null {
  return /^(?:\d{1,10}|0x[0-9a-f]{1,8})$/i.test(text) ? Number(text) : null;
}

/** rt_tables(5), by the names that are always there. */
function tableName(text: string): string {
  if (text === '254') return 'main';
  if (text === '255') return 'local';
  return text === '253' ? 'default' : text;
}
