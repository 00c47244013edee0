// What the hooks of an interface do to its host: packet filters, routes, settings. The one place that knows the form of hook commands.
import type { Place } from '../text/origin.ts';
import type { HookCommand } from '../wireguard/hook-commands.ts';
import type { MeshInterface } from './model.ts';

export interface HookRun {
  readonly event: string;
  readonly command: HookCommand;
  /** Of the command in its hook. */
  readonly at: Place;
  /** Whether it is the hook's only command. */
  readonly alone: boolean;
}

/** One rule or policy of iptables(8). */
export interface IptablesRule {
  readonly program: string;
  readonly table: string;
  readonly action: 'append' | 'insert' | 'delete' | 'policy' | 'flush';
  readonly chain: string;
  readonly target: string | null;
  readonly out: string | null;
  /** The whole but for the action, to compare what is added with what is taken away. */
  readonly rest: readonly string[];
}

/** Programs whose effects we know, or which have none that lasts. Behind any other may be anything. */
const KNOWN = new Set(
  'iptables ip6tables nft ip sysctl wg echo true false sleep logger date test [ resolvectl resolvconf ping printf systemctl modprobe'.split(
    ' ',
  ),
);

/** All commands of the hooks, in the order in which they stand. */
export function hookRuns(node: MeshInterface): readonly HookRun[] {
  return node.own.hooks.flatMap(({ value, at }) =>
    value.commands.map((command, index) => ({
      event: value.event,
      command,
      at: { statement: at.statement, item: index + 1 },
      alone: value.commands.length === 1,
    })),
  );
}

export function isUp(event: string): boolean {
  return event === 'PreUp' || event === 'PostUp';
}

/** Whether a command may do anything: a script, a firewall's front end, a file of rules, a word that bash makes. */
export function mayDoAnything(command: HookCommand): boolean {
  if (command.does === 'nft') return command.dynamic;
  if (command.does === 'nft-file') return true;
  return command.does === 'other' && !KNOWN.has(command.program.replace(/-(?:nft|legacy)$/, ''));
}

export function argumentsOf(command: HookCommand, program: string): readonly string[] | null {
  return command.does === 'other' && command.program === program ? command.words : null;
}

/** The text that nft reads, its options left out. */
export function nftText(command: HookCommand): string | null {
  return command.does === 'nft' ? command.text : null;
}

const ACTIONS: Readonly<Record<string, IptablesRule['action']>> = {
  '-A': 'append',
  '--append': 'append',
  '-I': 'insert',
  '--insert': 'insert',
  '-D': 'delete',
  '--delete': 'delete',
  '-P': 'policy',
  '--policy': 'policy',
  '-F': 'flush',
  '--flush': 'flush',
};

export function iptablesRule(command: HookCommand): IptablesRule | null {
  const program = command.does === 'other' && /^ip6?tables(?:-nft|-legacy)?$/.test(command.program) ? command.program : null;
  if (!program || command.does !== 'other') return null;
  let table = 'filter';
  let action: IptablesRule['action'] | null = null;
  let chain = '';
  let target: string | null = null;
  let out: string | null = null;
  const rest: string[] = [];
  const { words } = command;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    const next = words[i + 1] ?? '';
    const found = ACTIONS[word];
    if (found) {
      action = found;
      chain = next;
      i++;
      // a rule's number, for an insertion
      if (/^\d+$/.test(words[i + 1] ?? '')) i++;
      else if (found === 'policy') target = words[++i] ?? null;
    } else if (word === '-t' || word === '--table') {
      table = next;
      i++;
    } else if (word === '-w' || word === '--wait') continue;
    else {
      rest.push(word);
      if (word === '-j' || word === '--jump') target = next;
      if (word === '-o' || word === '--out-interface') out = (words[i - 1] === '!' ? '!' : '') + next;
    }
  }
  return action && { program, table, action, chain, target, out, rest };
}

/** `ip rule …` and `ip route …`: the object and the words from the verb on. */
export function ipWords(
  command: HookCommand,
): { readonly object: 'rule' | 'route'; readonly words: readonly string[]; readonly options: readonly string[] } | null {
  const words = argumentsOf(command, 'ip');
  if (!words) return null;
  const first = words.findIndex((word) => !word.startsWith('-'));
  const object = /^ru(l|le)?$/.test(words[first] ?? '') ? 'rule' : /^r(o|ou|out|oute)?$/.test(words[first] ?? '') ? 'route' : null;
  return object && { object, words: words.slice(first + 1), options: words.slice(0, first) };
}

/** Whether packets that leave the host are dropped, as far as the hooks tell; null where a script may do anything. */
export function killSwitch(node: MeshInterface): readonly HookRun[] | null {
  const ups = hookRuns(node).filter(({ event }) => isUp(event));
  const found = ups.filter(({ command }) => {
    const rule = iptablesRule(command);
    if (rule) return rule.chain === 'OUTPUT' && rule.action !== 'delete' && /^(DROP|REJECT)$/.test(rule.target ?? '');
    return /\bhook\s+output\b/.test(nftText(command) ?? '');
  });
  if (found.length === 0 && ups.some(({ command }) => mayDoAnything(command))) return null;
  return found;
}
