// What a hook did stays behind when the interface is gone.
import { argumentsOf, type HookRun, hookRuns, iptablesRule, ipWords, isUp, mayDoAnything, nftText } from '../../mesh/hooks.ts';
import type { MeshInterface } from '../../mesh/model.ts';
import type { Fix } from '../../text/edit.ts';
import { hub } from '../example-mesh.ts';
import type { InterfaceRule } from '../rule.ts';
import { addToInterface } from './edits.ts';
import { FORWARDING } from './forwarding-on-spoke.ts';

const UP = 'PostUp = iptables -A FORWARD -i %i -p tcp --dport 443 -j ACCEPT\n';

export const hookNotUndone: InterfaceRule = {
  id: 'wireguard/hook-not-undone',
  severity: 'info',
  scope: 'interface',
  docs: {
    summary: 'What a hook does outlives the interface, and no PostDown or PreDown undoes it.',
    why: [
      'Routes, addresses and settings of the interface itself go with it. Rules of nft and iptables, routing rules, routes over other devices and global settings stay: after `wg-quick down` the way that was opened for the tunnel is still open, and the next `up` adds it a second time.',
      '',
      'Nothing is said where a hook runs a script, which may undo anything, and nothing of `ip_forward`: other services of the host may need it, and to switch it off with one tunnel breaks them.',
    ].join('\n'),
    examples: [{ bad: hub({ more: UP }), good: hub({ more: `${UP}PostDown = iptables -D FORWARD -i %i -p tcp --dport 443 -j ACCEPT\n` }) }],
  },

  check(node, _model, report) {
    for (const { run, what } of leftBehind(node)) {
      report({
        uri: node.uri,
        at: run.at,
        message: `${what} stays behind when the interface goes, and the next start adds it again: no PreDown or PostDown undoes it.`,
      });
    }
  },

  fix(finding, context): readonly Fix[] {
    const node = context.model.links.interfaceOf.get(finding.uri);
    const left = node && leftBehind(node).find(({ run }) => run.at.statement === finding.statement && run.at.item === finding.item);
    if (!left?.undo) return [];
    const line = `PostDown = ${left.undo}`;
    const edit = addToInterface(context, finding.uri, [line]);
    return edit ? [{ title: `Undo it: ${line}`, safety: 'safe', preferred: true, edits: [edit] }] : [];
  },
};

interface Left {
  readonly run: HookRun;
  readonly what: string;
  /** The command that undoes it; null where that cannot be told. */
  readonly undo: string | null;
}

function leftBehind(node: MeshInterface): readonly Left[] {
  const runs = hookRuns(node);
  const downs = runs.filter(({ event }) => !isUp(event));
  if (downs.some(({ command }) => mayDoAnything(command))) return [];
  const left: Left[] = [];
  const tables = new Set<string>();
  for (const run of runs) {
    if (!isUp(run.event)) continue;
    const found = iptablesLeft(run, downs) ?? nftLeft(run, downs, tables) ?? ipLeft(node, run, downs) ?? settingLeft(node, run, downs);
    if (found) left.push({ run, ...found });
  }
  return left;
}

type What = Omit<Left, 'run'> | null;

function iptablesLeft({ command }: HookRun, downs: readonly HookRun[]): What {
  const rule = iptablesRule(command);
  if (!rule || (rule.action !== 'append' && rule.action !== 'insert')) return null;
  const key = rule.rest.join(' ');
  const undone = downs.some(({ command: down }) => {
    const other = iptablesRule(down);
    if (other?.program !== rule.program || other.table !== rule.table) return false;
    return other.action === 'flush'
      ? !other.chain || other.chain === rule.chain
      : other.action === 'delete' && other.chain === rule.chain && (other.rest.join(' ') === key || other.rest.length === 0);
  });
  if (undone) return null;
  const table = rule.table === 'filter' ? [] : ['-t', rule.table];
  return { what: `This ${rule.program} rule`, undo: commandLine([rule.program, ...table, '-D', rule.chain, ...rule.rest]) };
}

/** A table is told once, where it is made or first added to. */
function nftLeft({ command }: HookRun, downs: readonly HookRun[], told: Set<string>): What {
  const text = nftText(command);
  if (!text) return null;
  const made =
    /(?:\b(?:add|create|insert)\s+|^\s*(?=table\s))(table|chain|rule|set|map|element)\s+(?:(ip6?|inet|arp|bridge|netdev)\s+)?([A-Za-z][\w./%-]*)/.exec(
      text,
    );
  if (!made) return null;
  const [, object, family = 'ip', table = ''] = made;
  const name = `${family} ${table}`;
  const undone = downs.some(({ command: down }) => {
    const other = nftText(down) ?? '';
    return /\b(delete|destroy|flush)\b/.test(other) && (other.includes(table) || /\bflush\s+ruleset\b/.test(other));
  });
  if (undone || told.has(name)) return null;
  told.add(name);
  return {
    what: `What is added to nft’s table ${name}`,
    undo: object === 'table' && !/[$`]/.test(table) ? `nft delete table ${name}` : null,
  };
}

function ipLeft(node: MeshInterface, { command }: HookRun, downs: readonly HookRun[]): What {
  const ip = ipWords(command);
  if (!ip || !/^(a|ad|add|replace|append)$/.test(ip.words[0] ?? '')) return null;
  const rest = ip.words.slice(1);
  const device = rest[rest.indexOf('dev') + 1];
  // routes over the interface go with it
  if (ip.object === 'route' && (device === '%i' || device === node.name)) return null;
  const undone = downs.some(({ command: down }) => {
    const other = ipWords(down);
    return (
      other?.object === ip.object &&
      (/^(f|fl|flush)/.test(other.words[0] ?? '') ||
        (/^(d|de|del|delete)$/.test(other.words[0] ?? '') &&
          (other.words.slice(1).join(' ') === rest.join(' ') || rest.join(' ').startsWith(other.words.slice(1).join(' ')))))
    );
  });
  if (undone) return null;
  return {
    what: `This ${ip.object === 'rule' ? 'routing rule' : 'route over another device'}`,
    undo: commandLine(['ip', ...ip.options, ip.object, 'del', ...rest]),
  };
}

function settingLeft(node: MeshInterface, { command }: HookRun, downs: readonly HookRun[]): What {
  if (command.does === 'sysctl') {
    const lasting = command.assignments.filter((one) => !FORWARDING.test(one) && !one.includes('%i') && !one.includes(`.${node.name}.`));
    const [first] = lasting;
    if (!first) return null;
    const name = first.slice(0, first.indexOf('='));
    const undone = downs.some(({ command: down }) => down.does === 'sysctl' && down.assignments.some((one) => one.startsWith(`${name}=`)));
    return undone ? null : { what: `The setting ${name}`, undo: null };
  }
  const words = argumentsOf(command, 'resolvconf');
  if (!words?.includes('-a')) return null;
  if (downs.some(({ command: down }) => argumentsOf(down, 'resolvconf')?.includes('-d'))) return null;
  return { what: 'The resolver', undo: commandLine(['resolvconf', '-d', words[words.indexOf('-a') + 1] ?? '']) };
}

/** Words as a command for bash; null where one may be a key or is made by bash itself. */
function commandLine(words: readonly string[]): string | null {
  if (words.some((word) => word === '' || /[$`'"\\*?<>|&;()\n]/.test(word))) return null;
  return words.map((word) => (/^[\w%@+=:,./!-]+$/.test(word) ? word : `'${word}'`)).join(' ');
}
