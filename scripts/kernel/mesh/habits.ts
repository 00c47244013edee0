// What else people write in the files of a mesh: rules in hooks, rulesets in parts, keys in files, roles in comments.

import { keyPair } from '../../../test/support/keys.ts';
import type { Random } from '../../bench/random.ts';
import type { RandomTable } from '../generate.ts';
import { tablesText } from './files.ts';
import { addressIn, backOf, chance, type Plan, type PlanHost, type PlanInterface } from './plan.ts';

export function habits(random: Random, plan: Plan): void {
  for (const host of plan.hosts) {
    if (host.ruleset && chance(random, 10)) host.includes = true;
    if (chance(random, 12)) hookRules(random, host);
    const several = host.interfaces.reduce((sum, { peers }) => sum + peers.length, 0) >= 2;
    // a role is stated where it is true
    if (!several && !host.lan && !saysForwarding(host) && chance(random, 6)) {
      host.role = random.pick(['spoke', 'mesh-node']);
      host.forwards = false;
    } else if (several && host.forwards && chance(random, 6)) host.role = 'hub';
    for (const node of host.interfaces) {
      if (chance(random, 5)) node.keyInFile = true;
      if (chance(random, 4)) node.fwmark = random.pick(['0x1f', '51820', 'off']);
      // where the two differ nobody could tell from the files
      for (const peer of node.peers)
        if (peer.presharedKey && peer.presharedKey === backOf(node, peer)?.presharedKey && chance(random, 15)) peer.keyInFile = true;
      if (chance(random, 3)) stranger(random, plan, node);
    }
  }
}

function saysForwarding({ interfaces }: PlanHost): boolean {
  return interfaces.some(({ hooks }) => hooks.some((hook) => /forward/.test(hook)));
}

/** Rules that one interface's hooks bring: in a table of their own, in the ruleset's, or from a file. */
function hookRules(random: Random, host: PlanHost): void {
  const node = random.pick(host.interfaces);
  const hook = random.pick(['forward', 'input', 'forward']);
  const rule = (): string =>
    `${random.pick(['iifname %i', 'oifname %i', 'iifname %i oifname %i', ''])} ${random.pick(['tcp dport 443', 'tcp dport { 22, 80 }', 'udp dport 53', 'meta l4proto icmp', 'ct state established'])} ${random.pick(['accept', 'accept', 'drop'])}`
      .replace(hook === 'input' ? 'oifname %i' : '\0', '')
      .replace(/ {2,}/g, ' ')
      .trim();
  const own = host.ruleset?.tables.find(({ family, chains }) => family === 'inet' && chains.some(({ name }) => name === hook));
  const add = (...lines: readonly string[]): void => {
    node.hooks = [...node.hooks, ...lines];
  };
  if (own && chance(random, 50)) {
    add(
      ...Array.from(
        { length: 1 + random.int(2) },
        () => `PostUp = nft ${random.pick(['add', 'insert'])} rule inet ${own.name} ${hook} ${rule()}`,
      ),
    );
    return;
  }
  const policy = hook === 'input' ? 'accept' : random.pick(['accept', 'drop']);
  const base = `type filter hook ${hook} priority 5; policy ${policy};`;
  if (chance(random, 40)) {
    const table: RandomTable = {
      family: 'inet',
      name: 'hooked',
      sets: [],
      chains: [{ name: hook, base, rules: [rule(), rule()].map((one) => one.replaceAll('%i', `"${node.name}"`)) }],
    };
    host.files['etc/nftables/hooked.nft'] = tablesText([table]);
    add('PostUp = nft -f /etc/nftables/hooked.nft');
    return;
  }
  add(
    'PostUp = nft add table inet hooked',
    `PostUp = nft add chain inet hooked ${hook} '{ ${base} }'`,
    ...Array.from({ length: 1 + random.int(2) }, () => `PostUp = nft add rule inet hooked ${hook} ${rule()}`),
  );
}

/** A peer whose own files are not here. */
function stranger(random: Random, plan: Plan, node: PlanInterface): void {
  plan.unknowable = true;
  const host: PlanHost = {
    name: 'stranger',
    number: 90,
    interfaces: [],
    ruleset: null,
    lan: false,
    forwards: false,
    role: null,
    includes: false,
    files: {},
  };
  const to: PlanInterface = {
    name: 'wg0',
    host,
    keys: keyPair(),
    addresses: [],
    port: 51820,
    table: null,
    fwmark: null,
    keyInFile: false,
    hooks: [],
    peers: [],
  };
  const version = random.pick(plan.versions);
  const address = addressIn(version, 1, 70 + random.int(6));
  node.peers.push({
    to,
    allowed: [`${address}/${version === 4 ? 32 : 128}`],
    endpoint: null,
    presharedKey: null,
    keyInFile: false,
    keepalive: false,
    again: null,
  });
  // whoever has several peers is taken to forward where no file says whether it does
  const several = node.host.interfaces.reduce((sum, { peers }) => sum + peers.length, 0) >= 2;
  if (several && node.host.role === null) node.host.forwards = true;
}
