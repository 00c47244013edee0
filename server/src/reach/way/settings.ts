// The kernel's settings that hooks make, as far as packets hang on them: forwarding, and whether a source must lie the way it comes from
// (ip-sysctl of the kernel's documentation; devinet.c, addrconf.c). What no hook sets is not known here.
import type { Host, MeshInterface } from '../../mesh/model.ts';
import type { Role } from '../../policy/roles.ts';
import type { Origin } from '../../text/origin.ts';
import { isScript, orders, running } from './hook-commands.ts';

export interface Setting {
  readonly value: number;
  readonly at: Origin;
}

/** `net.ipv4.conf.NAME.KEY` by NAME, as they are once all interfaces are up. */
interface Settings {
  readonly values: ReadonlyMap<string, Setting>;
  /** A script that may set anything. */
  readonly script: Origin | null;
}

const kept = new WeakMap<Host, readonly Settings[]>();

function settingsOf(host: Host): readonly Settings[] {
  let found = kept.get(host);
  if (!found) {
    const { interfaces } = host;
    found = interfaces.every(({ own }) => own.hooks.length === 0) ? nothingSet : orders(interfaces).map(carriedOut);
    kept.set(host, found);
  }
  return found;
}

/** As most hosts have it. */
const nothingSet: readonly Settings[] = [{ values: new Map(), script: null }];

/** Settings that a new device takes from `default`, and that setting `all` gives to every device. */
const SPREADS = 'ip4.forwarding';

function carriedOut(order: readonly MeshInterface[]): Settings {
  const values = new Map<string, Setting>();
  const devices: string[] = [];
  let script: Origin | null = null;
  const set = (key: string, name: string, setting: Setting): void => {
    values.set(`${key} ${name}`, setting);
    if (key === SPREADS && name === 'all') for (const each of ['default', ...devices]) values.set(`${key} ${each}`, setting);
  };
  for (const node of order) {
    for (const event of ['PreUp', 'PostUp'] as const) {
      if (event === 'PostUp') {
        devices.push(node.name);
        for (const key of [SPREADS, 'ip4.rp_filter']) {
          const given = values.get(`${key} default`);
          if (given) values.set(`${key} ${node.name}`, given);
        }
      }
      for (const run of running(node, event)) {
        if (isScript(run)) script ??= run.origin;
        if (run.command.does !== 'sysctl') continue;
        for (const assignment of run.command.assignments) {
          const read = readAssignment(assignment, node.name);
          if (!read) continue;
          if (run.sure) set(read.key, read.name, { value: read.value, at: run.origin });
          else script ??= run.origin;
        }
      }
    }
  }
  return { values, script };
}

function readAssignment(assignment: string, own: string): { readonly key: string; readonly name: string; readonly value: number } | null {
  const [, written = '', text = ''] = /^\s*([^=\s]+)\s*=\s*(\d+)\s*$/.exec(assignment) ?? [];
  const name = written.replaceAll('/', '.').replaceAll('%i', own);
  if (text === '') return null;
  const value = Number(text);
  if (name === 'net.ipv4.ip_forward') return { key: SPREADS, name: 'all', value };
  const [, version, device, key] = /^net\.ipv([46])\.conf\.(.+)\.(forwarding|rp_filter)$/.exec(name) ?? [];
  return device ? { key: `ip${version}.${key}`, name: device, value } : null;
}

export interface Forwarding {
  readonly is: 'on' | 'off' | 'unknown';
  /** null where it is assumed. */
  readonly at: Origin | null;
}

/**
 * Whether the host hands on what comes in by `node`. Where no hook says so it is assumed of a host with several peers, since nothing else
 * would reach them, unless its role is stated.
 */
export function forwarding(host: Host, version: 4 | 6, node: MeshInterface): Forwarding {
  // of IPv6 there is one switch for all (ip6_output.c, ip6_forward)
  const key = version === 4 ? `${SPREADS} ${node.name}` : 'ip6.forwarding all';
  const found = agreed(host, key);
  if (found === 'unknown') return { is: 'unknown', at: scriptOf(host) };
  if (found) return { is: found.value === 0 ? 'off' : 'on', at: found.at };
  const stated = host.interfaces.flatMap(({ statedRole, policy }) => (policy?.routes.length ? 'subnet-router' : (statedRole ?? [])));
  if (stated.some((role) => !silent.has(role))) return { is: 'on', at: null };
  if (stated.length > 0) return { is: 'off', at: null };
  const several = host.interfaces.reduce((sum, { peers }) => sum + peers.length, 0) >= 2;
  return { is: several ? 'on' : 'unknown', at: null };
}

/** Roles of hosts that hand on nothing. */
const silent: ReadonlySet<Role> = new Set(['spoke', 'mesh-node']);

const notStrict = { is: false, at: null };

/** Whether packets must come in by the way that leads to their source; null where a hook leaves it open. Where none says so, they need not. */
export function isStrict(host: Host, node: MeshInterface): { readonly is: boolean | null; readonly at: Origin | null } {
  if (settingsOf(host) === nothingSet) return notStrict;
  const [all, own] = [agreed(host, 'ip4.rp_filter all'), agreed(host, `ip4.rp_filter ${node.name}`)];
  if (all === 'unknown' || own === 'unknown') return { is: null, at: scriptOf(host) };
  // the greater of both counts (IN_DEV_RPFILTER), and 2 asks only that there is some way
  const value = Math.max(all?.value ?? 0, own?.value ?? 0);
  return { is: value === 1, at: (own && own.value === value ? own : all)?.at ?? null };
}

/** null where nothing sets it. */
function agreed(host: Host, key: string): Setting | 'unknown' | null {
  const settings = settingsOf(host);
  const alone = settings.length === 1 ? settings[0] : undefined;
  if (alone) return alone.values.get(key) ?? (alone.script ? 'unknown' : null);
  const all = settings.map(({ values, script }) => values.get(key) ?? (script ? 'unknown' : null));
  const [first = null, ...others] = all;
  const value = (setting: Setting | 'unknown' | null): number | string | null =>
    setting !== null && setting !== 'unknown' ? setting.value : setting;
  return others.every((other) => value(other) === value(first)) ? first : 'unknown';
}

function scriptOf(host: Host): Origin | null {
  return settingsOf(host).find(({ script }) => script)?.script ?? null;
}
