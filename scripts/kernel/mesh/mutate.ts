// What people do to a mesh that was sound: prefixes too wide, keys that differ, routes by hand. Each may or may not break something;
// which, the kernel says.
import { masked, parsePrefix, prefixText } from '../../../server/src/net/address.ts';
import { underlay } from '../../../test/kernel/support/mesh.ts';
import { presharedKey } from '../../../test/support/keys.ts';
import type { Random } from '../../bench/random.ts';
import {
  addressIn,
  backOf,
  chance,
  interfacesOf,
  lanOf,
  network,
  type Plan,
  type PlanHost,
  type PlanInterface,
  type PlanPeer,
  single,
} from './plan.ts';

export function mutate(random: Random, plan: Plan): void {
  lans(random, plan);
  for (const node of interfacesOf(plan)) for (const peer of node.peers) allowed(random, plan, node, peer);
  for (const node of interfacesOf(plan)) {
    for (const peer of node.peers) {
      const back = backOf(node, peer);
      // each link once
      if (back && node.host.number < peer.to.host.number) link(random, node, peer, back);
    }
  }
  ports(random, plan);
  for (const one of plan.hosts) {
    forwarding(random, plan, one);
    apart(one);
    for (const node of one.interfaces) {
      if (chance(random, 6))
        node.addresses = [
          ...node.addresses,
          `${addressIn(plan.versions[0] ?? 4, 1, 100 + one.number)}/${plan.versions[0] === 6 ? 128 : 32}`,
        ];
      routes(random, plan, node);
      if (chance(random, 4))
        node.hooks = [
          ...node.hooks,
          `PostUp = sysctl -q -w net.ipv4.conf.${random.pick(['all', '%i'])}.rp_filter=${random.pick([1, 1, 2, 0])}`,
        ];
    }
  }
}

function lans(random: Random, plan: Plan): void {
  if (!chance(random, 35)) return;
  const router = random.pick(plan.hosts);
  router.lan = true;
  plan.stated = chance(random, 85);
  // a hook may say it as well
  if (chance(random, 25)) {
    const node = random.pick(router.interfaces);
    node.hooks = [
      ...node.hooks,
      ...plan.versions.map((version) => `PostUp = ip -${version} route replace ${lanOf(version, router)} dev lan0`),
    ];
    plan.stated = chance(random, 50);
  }
  plan.unknowable ||= !plan.stated;
  const behind = plan.versions.map((version) => lanOf(version, router));
  const own = new Set(router.interfaces.flatMap(({ addresses }) => addresses.map(single)));
  // whoever sends to its address sends there, and so does most often whoever sends to the network
  for (const node of interfacesOf(plan)) {
    if (node.host === router) continue;
    for (const peer of node.peers)
      if (
        peer.allowed.some((one) => own.has(one)) ||
        (peer.allowed.length > 1 && chance(random, 50)) ||
        (node.peers.length === 1 && chance(random, 80))
      )
        peer.allowed = [...peer.allowed, ...behind];
  }
}

function allowed(random: Random, plan: Plan, node: PlanInterface, peer: PlanPeer): void {
  const version = random.pick(plan.versions);
  const add = (...more: readonly string[]): void => {
    peer.allowed = [...peer.allowed, ...more];
  };
  if (chance(random, 8)) {
    // too wide
    const lengths = version === 4 ? [28, 24, 16, 30] : [124, 64, 48, 126];
    const base = addressIn(version, 1, peer.to.host.number + 1);
    add(`${base}/${random.pick(lengths)}`);
  }
  // another's, who loses it where he is written before
  if (chance(random, 6)) add(...random.pick(node.peers).allowed.slice(0, 1));
  if (chance(random, 4)) add(`${addressIn(version, random.pick([1, 2]), 60 + random.int(8))}/${version === 4 ? 32 : 128}`);
  if (chance(random, 4) && peer.allowed.length > 1) peer.allowed = random.shuffle(peer.allowed).slice(1);
  if (chance(random, 2)) peer.again = random.shuffle(peer.allowed).slice(0, random.int(3));
  peer.allowed = [...new Set(peer.allowed)];
}

function link(random: Random, node: PlanInterface, peer: PlanPeer, back: PlanPeer): void {
  const calls = (from: PlanPeer): void => {
    const [v4, v6] = underlay(from.to.host.number + 1);
    from.endpoint = chance(random, 85) ? `${v4}:${from.to.port ?? 51820}` : `[${v6}]:${from.to.port ?? 51820}`;
    from.keepalive = chance(random, 60);
  };
  // whoever has more peers is called
  const [ours, theirs] = node.peers.length <= peer.to.peers.length ? [peer, back] : [back, peer];
  calls(ours);
  if (chance(random, 25)) calls(theirs);
  if (chance(random, 4)) ours.endpoint = null;
  if (chance(random, 4) && ours.endpoint) ours.endpoint = ours.endpoint.replace(/\d+$/, '51999');
  if (!chance(random, 25)) return;
  const key = presharedKey();
  ours.presharedKey = key;
  theirs.presharedKey = random.pick([key, key, key, key, key, null, presharedKey()]);
}

/** Whoever is not called seldom says where it listens, and sometimes somebody forgets it. */
function ports(random: Random, plan: Plan): void {
  const nodes = interfacesOf(plan);
  for (const node of nodes) {
    const isCalled = nodes.some(({ peers }) => peers.some(({ to, endpoint }) => to === node && endpoint !== null));
    if (chance(random, isCalled ? 2 : 50)) node.port = null;
  }
}

const on: Readonly<Record<4 | 6, readonly string[]>> = {
  4: [
    'sysctl -w net.ipv4.ip_forward=1',
    'sysctl -q -w net.ipv4.conf.all.forwarding=1',
    'echo 1 > /proc/sys/net/ipv4/ip_forward',
    'sysctl -q -w net.ipv4.conf.%i.forwarding=1',
  ],
  6: ['sysctl -w net.ipv6.conf.all.forwarding=1', 'echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'],
};

/** Hosts with several peers nearly always say that they forward, others seldom; where nothing is said, the former do. */
function forwarding(random: Random, plan: Plan, one: PlanHost): void {
  const several = one.interfaces.reduce((sum, { peers }) => sum + peers.length, 0) >= 2;
  one.forwards = several || (one.lan && plan.stated) || chance(random, 30);
  for (const version of [4, 6] as const) {
    if (!chance(random, several ? 65 : 12)) continue;
    const node = random.pick(one.interfaces);
    const hook = chance(random, 90) ? random.pick(on[version]) : random.pick(on[version]).replace('=1', '=0').replace('echo 1', 'echo 0');
    const everywhere = hook.includes('%i') ? one.interfaces : [node];
    for (const each of everywhere)
      each.hooks = [...each.hooks, `${hook.includes('%i') || chance(random, 70) ? 'PostUp' : 'PreUp'} = ${hook}`];
  }
}

/** Tables other than main, and routes by hand. */
function routes(random: Random, plan: Plan, node: PlanInterface): void {
  const every = [...new Set(node.peers.flatMap((peer) => peer.allowed))];
  const all = every.filter((one) => !one.endsWith('/0'));
  // a table that is named gets every route, and one that is there already would be refused: so has main one to everywhere
  const isMain = (table: string): boolean =>
    table !== 'main' ||
    (every.length === all.length && !node.addresses.some((address) => all.map(maskedText).includes(maskedText(address))));
  if (chance(random, 6) && all.length > 0) {
    node.table = random.pick(['off', 'off', '123', 'main'].filter(isMain));
    const some = node.table === 'off' ? all.filter(() => chance(random, 80)) : [];
    node.hooks = [
      ...node.hooks,
      // a route that is there already is refused
      ...[...new Set(some.map(maskedText))]
        .map((prefix) => `PostUp = ip ${prefix.includes(':') ? '-6 ' : ''}route add ${prefix} dev %i`)
        .filter((hook) => !connected(node, hook)),
    ];
    if (node.table === '123' && chance(random, 60))
      node.hooks = [
        ...node.hooks,
        ...plan.versions.map(
          (version) =>
            `PostUp = ip -${version} rule add ${random.pick(['table 123', `to ${network(version, 1)} table 123`, `from ${network(version, 1)} lookup 123 priority 100`])}`,
        ),
      ];
    return;
  }
  if (chance(random, 3)) {
    const version = random.pick(plan.versions);
    const target = addressIn(version, 1, 1 + random.int(6));
    // one that is there already would not be added, whichever interface has brought it
    const { interfaces } = node.host;
    const prefixes = interfaces.flatMap(({ peers }) => peers.flatMap(({ allowed: own, again }) => [...own, ...(again ?? [])]));
    if (prefixes.includes(single(target)) || interfaces.some(({ hooks }) => hooks.some((hook) => hook.includes(` ${target}`)))) return;
    node.hooks = [
      ...node.hooks,
      `PostUp = ip ${version === 6 ? '-6 ' : ''}route ${random.pick(['replace', 'add blackhole', 'add unreachable'])} ${target}${random.pick(['', version === 4 ? '/32' : '/128'])}`.replace(
        /route (replace .*)$/,
        'route $1 dev %i',
      ),
    ];
  }
}

function maskedText(text: string): string {
  const written = parsePrefix(text);
  return written ? prefixText(masked(written)) : text;
}

/** A connected network has its route already, and another like it is refused. */
function connected(node: PlanInterface, hook: string): boolean {
  return node.addresses.some((address) => hook.includes(` ${maskedText(address)} `) && !address.includes(':'));
}

/** Takes away what would keep the second interface of a host from coming up: a route that the first one has. */
function apart({ interfaces }: PlanHost): void {
  const taken = new Set<string>();
  for (const node of interfaces) {
    const own = node.addresses.map(maskedText);
    for (const peer of node.peers)
      peer.allowed = peer.allowed.filter((one) => !taken.has(maskedText(one)) || own.includes(maskedText(one)));
    for (const one of [...own, ...node.peers.flatMap(({ allowed: prefixes, again }) => [...prefixes, ...(again ?? [])].map(maskedText))])
      taken.add(one);
  }
}
