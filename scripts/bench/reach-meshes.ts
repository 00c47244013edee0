// Meshes for `bench reach`: their shapes and sizes are those of people who would wait for an answer.
import { configText, type Files, ports, spokeRules, table } from '../reach/workloads.ts';
import { hostName, ipv4, randomKey } from './mesh-names.ts';
import type { Random } from './random.ts';

export const HUB_RULES = 'hub/etc/nftables.conf';
export const spokeRulesPath = (spoke: number): string => `${hostName(spoke)}/etc/nftables.conf`;

const forward = 'type filter hook forward priority filter; policy drop;';
const answers = ['ct state established,related accept', 'ct state invalid drop'];
const over = 'iifname "wg0" oifname "wg0"';

/** The configs of a hub and its spokes; each spoke sends all of the mesh by the hub. */
function hubAndSpokes(random: Random, spokes: number): Record<string, string> {
  const keys = Array.from({ length: spokes + 1 }, () => randomKey(random));
  const hub = keys[0] as string;
  const peers = Array.from({ length: spokes }, (_, i) => ({ key: keys[i + 1] as string, allowed: [`${ipv4(i + 1)}/32`], endpoint: null }));
  const files: Record<string, string> = {
    'hub/etc/wireguard/wg0.conf': configText(hub, [`${ipv4(0)}/16`], ['ListenPort = 51820'], peers),
  };
  const toHub = { key: hub, allowed: ['10.10.0.0/16'], endpoint: '203.0.113.1:51820' };
  for (let i = 1; i <= spokes; i++)
    files[`${hostName(i)}/etc/wireguard/wg0.conf`] = configText(keys[i] as string, [`${ipv4(i)}/32`], [], [toHub]);
  return files;
}

const hubRules = (rules: readonly string[], sets: readonly string[] = []): string =>
  table({ forward: [forward, ...answers, ...rules] }, sets);

const listOf = <T>(count: number, make: () => T): readonly T[] => Array.from({ length: count }, make);

/** One rule for a pair of hosts. */
export function pairRule(random: Random, spokes: number): string {
  const [from, to] = [ipv4(1 + random.int(spokes)), ipv4(1 + random.int(spokes))];
  return `${over} ip saddr ${from} ip daddr ${to} ${random.pick(['tcp', 'udp'])} dport ${random.pick(ports)} accept`;
}

/** A hub with half of the rules, and spokes that have five each. */
export function mesh(random: Random, spokes: number): Files {
  const files = hubAndSpokes(random, spokes);
  files[HUB_RULES] = hubRules(listOf(5 * spokes, () => pairRule(random, spokes)));
  for (let i = 1; i <= spokes; i++) files[spokeRulesPath(i)] = spokeRules(random, spokes, 4);
  return files;
}

export function hostToHost(random: Random, spokes: number, rules: number): Files {
  return { ...hubAndSpokes(random, spokes), [HUB_RULES]: hubRules(listOf(rules, () => pairRule(random, spokes))) };
}

/** Ten roles as sets of addresses, and rules between them. */
export function roles(random: Random, spokes: number, rules: number): Files {
  const members = listOf(10, () => listOf(spokes / 10, () => ipv4(1 + random.int(spokes))));
  const sets = members.map((addresses, i) => `set role${i} { type ipv4_addr; elements = { ${[...new Set(addresses)].join(', ')} }; }`);
  const rule = (): string =>
    `${over} ip saddr @role${random.int(10)} ip daddr @role${random.int(10)} tcp dport ${random.pick(ports)} accept`;
  return { ...hubAndSpokes(random, spokes), [HUB_RULES]: hubRules(listOf(rules, rule), sets) };
}

/** What nobody writes: prefixes of any length at any place, and 500 bounds of ports. */
export function adversarial(random: Random, spokes: number, rules: number): Files {
  const bounds = listOf(500, () => 1 + random.int(65534));
  const prefix = (): string => {
    const length = 18 + random.int(15);
    const address = (10 * 2 ** 24 + 10 * 2 ** 16 + random.int(Math.min(65536, spokes * 2))) >>> 0;
    const first = (address >>> (32 - length)) * 2 ** (32 - length);
    return `${[first >>> 24, (first >>> 16) & 255, (first >>> 8) & 255, first & 255].join('.')}/${length}`;
  };
  const rule = (): string => {
    const [a, b] = [random.pick(bounds), random.pick(bounds)];
    return `ip saddr ${prefix()} ip daddr ${prefix()} tcp dport ${Math.min(a, b)}-${Math.max(a, b)} ${random.pick(['accept', 'drop'])}`;
  };
  return { ...hubAndSpokes(random, spokes), [HUB_RULES]: hubRules(listOf(rules, rule)) };
}
