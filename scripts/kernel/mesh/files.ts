// A plan as the files that people would have, and as hosts that can be brought up with them.
import { type Flow, listened, type MeshHost, type MeshJob, underlay } from '../../../test/kernel/support/mesh.ts';
import type { Random } from '../../bench/random.ts';
import type { RandomRuleset } from '../generate.ts';
import {
  addressIn,
  addressInLan,
  chance,
  interfacesOf,
  lanOf,
  type Plan,
  type PlanHost,
  type PlanInterface,
  type PlanPeer,
} from './plan.ts';
import { addressesOf } from './rules.ts';

function configText(node: PlanInterface): string {
  const lines = ['[Interface]', `PrivateKey = ${node.keys.privateKey}`, `Address = ${node.addresses.join(', ')}`];
  if (node.port !== null) lines.push(`ListenPort = ${node.port}`);
  if (node.table !== null) lines.push(`Table = ${node.table}`);
  lines.push(...node.hooks);
  for (const peer of node.peers) lines.push('', ...peerLines(peer));
  return `${lines.join('\n')}\n`;
}

function peerLines({ to, allowed, endpoint, presharedKey, keepalive, again }: PlanPeer): readonly string[] {
  const lines = [`# ${to.host.name}`, '[Peer]', `PublicKey = ${to.keys.publicKey}`];
  if (presharedKey) lines.push(`PresharedKey = ${presharedKey}`);
  if (endpoint) lines.push(`Endpoint = ${endpoint}`);
  if (allowed.length > 0) lines.push(`AllowedIPs = ${allowed.join(', ')}`);
  if (keepalive) lines.push('PersistentKeepalive = 25');
  if (again) {
    lines.push('', '[Peer]', `PublicKey = ${to.keys.publicKey}`);
    if (again.length > 0) lines.push(`AllowedIPs = ${again.join(', ')}`);
  }
  return lines;
}

export function rulesetText({ tables }: RandomRuleset): string {
  const lines = ['#!/usr/sbin/nft -f', 'flush ruleset', ''];
  for (const { family, name, sets, chains } of tables) {
    lines.push(`table ${family} ${name} {`, ...sets.map((set) => `\t${set}`));
    // a chain is declared before a rule goes to it
    for (const chain of [...chains].reverse()) {
      lines.push(`\tchain ${chain.name} {`);
      if (chain.base) lines.push(`\t\t${chain.base}`);
      lines.push(...chain.rules.map((rule) => `\t\t${rule}`), '\t}');
    }
    lines.push('}');
  }
  return `${lines.join('\n')}\n`;
}

function filesOf(host: PlanHost): Readonly<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const node of host.interfaces) files[`etc/wireguard/${node.name}.conf`] = configText(node);
  if (host.ruleset) files['etc/nftables.conf'] = rulesetText(host.ruleset);
  return files;
}

/** Path → text of the whole mesh, as a workspace holds it. */
export function workspaceOf(plan: Plan): Readonly<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const host of plan.hosts) for (const [path, text] of Object.entries(filesOf(host))) files[`${host.name}/${path}`] = text;
  const routers = plan.hosts.filter(({ lan }) => lan);
  if (plan.stated && routers.length > 0) {
    const hosts = routers.map((host) => [host.name, { folder: host.name, routes: plan.versions.map((version) => lanOf(version, host)) }]);
    files['meshwarden.jsonc'] = `${JSON.stringify({ hosts: Object.fromEntries(hosts) }, null, 2)}\n`;
  }
  return files;
}

export function jobOf(plan: Plan, flows: readonly Flow[]): MeshJob {
  const hosts = plan.hosts.map((host): MeshHost => {
    const [v4, v6] = underlay(host.number + 1);
    return {
      name: host.name,
      files: filesOf(host),
      underlay: [`${v4}/24`, `${v6}/64`],
      lan: host.lan ? plan.versions.map((version) => `${addressInLan(version, host, 1)}/${version === 4 ? 24 : 64}`) : null,
      sysctl: { 'net.ipv4.ip_forward': host.forwards ? 1 : 0, 'net.ipv6.conf.all.forwarding': host.forwards ? 1 : 0 },
      up: host.interfaces.map(({ name }) => name),
    };
  });
  const lans = plan.hosts
    .filter(({ lan }) => lan)
    .map((host) => ({
      name: `behind ${host.name}`,
      of: host.name,
      underlay: plan.versions.map((version) => `${addressInLan(version, host, 10)}/${version === 4 ? 24 : 64}`),
      gateways: plan.versions.map((version) => addressInLan(version, host, 1)),
    }));
  return { hosts, lans, flows };
}

/** Packets that often meet what the files say: from whoever, as whoever, to whom there is and sometimes to nobody. */
export function randomFlows(random: Random, plan: Plan, count: number): readonly Flow[] {
  const flows: Flow[] = [];
  const all = addressesOf(plan);
  const lans = plan.hosts.filter(({ lan }) => lan);
  while (flows.length < count) {
    const version = random.pick(plan.versions);
    const of = all.filter((address) => address.includes(':') === (version === 6));
    const from = random.pick(plan.hosts);
    const own = interfacesOf({ ...plan, hosts: [from] })
      .flatMap(({ addresses }) => addresses.map((one) => one.replace(/\/.*/, '')))
      .filter((one) => of.includes(one));
    const taken = chance(random, 50);
    const behind = lans.length > 0 && chance(random, 15);
    const to = behind
      ? addressInLan(version, random.pick(lans), 10)
      : chance(random, 4)
        ? addressIn(version, random.pick([1, 2]), 60 + random.int(8))
        : random.pick(of);
    const others = [
      ...of,
      ...of,
      addressIn(version, random.pick([1, 2]), 60 + random.int(8)),
      ...lans.map((one) => addressInLan(version, one, 10)),
    ];
    const source = taken
      ? own.length > 0 && chance(random, 40)
        ? random.pick(own)
        : random.pick(others)
      : chance(random, 50)
        ? null
        : own.length > 0 && chance(random, 70)
          ? random.pick(own)
          : random.pick(others);
    const protocol = random.pick([6, 6, 6, 6, 6, 17, 17, 17, version === 4 ? 1 : 58, 89]);
    if (own.includes(to) && (taken || !chance(random, 10))) continue;
    flows.push({ from: from.name, taken, source, to, protocol, port: protocol === 6 || protocol === 17 ? random.pick(listened) : 0 });
  }
  return flows;
}
