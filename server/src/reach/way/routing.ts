// How a host's routes come about: its connected networks, what wg-quick makes of AllowedIPs, and what hooks add, in the order in which
// wg-quick does it (wg-quick(8) and its linux.bash; fib_frontend.c; addrconf.c).
import type { Host, MeshInterface } from '../../mesh/model.ts';
import { type Address, isHost, masked, type Prefix, prefixHolds, prefixWithin, sameAddress } from '../../net/address.ts';
import type { Origin } from '../../text/origin.ts';
import { deviceOf, failsAt } from './cryptokey.ts';
import { isScript, orders, type Running, running } from './hook-commands.ts';
import { ipIsHarmless, type WrittenRoute, writtenRoute, writtenRule } from './hook-routes.ts';
import { originOf } from './origins.ts';
import {
  add,
  addedMetric,
  connectedMetric,
  emptyRouting,
  put,
  putRule,
  type Routing,
  type Row,
  rowLookedUp,
  rowsAt,
  rule,
} from './routing-tables.ts';

const kept = new WeakMap<Host, readonly Routing[]>();

/** One, or one for each order in which interfaces may come up. */
export function routingsOf(host: Host): readonly Routing[] {
  let routings = kept.get(host);
  if (!routings) {
    routings = orders(host.interfaces).map(routingOf);
    kept.set(host, routings);
  }
  return routings;
}

function routingOf(order: readonly MeshInterface[]): Routing {
  const routing = emptyRouting();
  const names = new Map(order.map((node) => [node.name, node]));
  for (const policy of new Set(order.map((node) => node.policy))) {
    for (const prefix of policy?.routes ?? []) {
      const metric = connectedMetric(prefix);
      put(routing, 'main', { prefix, metric, node: null, device: null, throwsAway: false, source: null, at: null });
    }
  }
  for (const node of order) bringUp(routing, node, names);
  return routing;
}

function bringUp(routing: Routing, node: MeshInterface, names: ReadonlyMap<string, MeshInterface>): void {
  for (const run of running(node, 'PreUp')) runHook(routing, node, run, names);
  for (const { value, at } of node.own.addresses) connect(routing, node, masked(value), value.address, { uri: node.uri, ...at });
  for (const address of node.addresses) {
    // of another file
    if (node.own.addresses.some(({ value }) => sameAddress(value.address, address))) continue;
    const network = node.networks.find((one) => prefixHolds(one, address));
    if (network) connect(routing, node, network, address, originOf(node));
  }
  const device = deviceOf(node);
  routing.unknown ??= device.changedAt ?? failsAt(node, device);
  allowedIps(routing, node);
  for (const run of running(node, 'PostUp')) runHook(routing, node, run, names);
}

function connect(routing: Routing, node: MeshInterface, prefix: Prefix, source: Address, at: Origin): void {
  if (isHost(prefix) || rowsAt(routing, 'main', prefix).some((row) => row.node === node)) return;
  // a network's IPv6 route names no source: that is chosen among all addresses
  const named = prefix.version === 4 ? source : null;
  put(routing, 'main', { prefix, metric: connectedMetric(prefix), node, device: node.name, throwsAway: false, source: named, at });
}

/** wg-quick, linux.bash, add_route and add_default. */
function allowedIps(routing: Routing, node: MeshInterface): void {
  const table = tableOf(node);
  if (table === 'off') return;
  const entries = [...deviceOf(node).entries.values()].sort((a, b) => b.length - a.length);
  for (const { prefix, at } of entries) {
    const row: Row = { prefix, metric: addedMetric(prefix), node, device: node.name, throwsAway: false, source: null, at };
    // beside a default route of the network it is in, of which no file tells, a second one is refused
    if (table === 'main' && prefix.length === 0) routing.unknown ??= at;
    else if (table !== 'auto') add(routing, table, row, at);
    else if (prefix.length === 0) addDefault(routing, node, row, at);
    // what lies in a network that is connected already is left out
    else if (!node.networks.some((network) => prefixWithin(prefix, network))) add(routing, 'main', row, at);
  }
}

/** `auto`, `off`, or the table's name or number. systemd-networkd makes no routes unless it is told to. */
function tableOf({ own, facts }: MeshInterface): string {
  const written = own.table ?? (facts.dialect === 'networkd' ? 'off' : 'auto');
  const word = written.toLowerCase();
  return word === '254' ? 'main' : word === 'auto' || word === 'off' ? word : written;
}

/** wg-quick's mark, and its table, for what leaves by the default route (linux.bash, add_default). */
const DEFAULT_TABLE = 51820;

function addDefault(routing: Routing, node: MeshInterface, row: Row, at: Origin): void {
  const { version } = row.prefix;
  const mark = defaultMark(routing, node);
  const table = String(mark);
  routing.marks.set(node, mark);
  add(routing, table, row, at);
  putRule(routing, version, { ...rule(-1, table), not: true, fwmark: mark });
  putRule(routing, version, { ...rule(-1, 'main'), suppress: 0 });
}

function defaultMark({ tables }: Routing, node: MeshInterface): number {
  const written = node.own.fwmark?.value;
  if (written) return written;
  for (let table = DEFAULT_TABLE; ; table++) {
    const rows = [...(tables.get(String(table))?.rows.values() ?? [])].flat();
    // the other version's is in the same
    if (rows.every((row) => row.node === node)) return table;
  }
}

/** Whether wg-quick leads all that has no better route through the interface, in a table of its own. */
export function isDefaultRoute(node: MeshInterface, version: 4 | 6): boolean {
  return tableOf(node) === 'auto' && deviceOf(node).lengths[version].includes(0);
}

function runHook(routing: Routing, node: MeshInterface, run: Running, names: ReadonlyMap<string, MeshInterface>): void {
  const { command, origin, sure } = run;
  const unknown = (): void => {
    routing.unknown ??= origin;
  };
  if (isScript(run)) return unknown();
  if (command.does !== 'other' || command.program !== 'ip' || ipIsHarmless(command)) return;
  if (!sure) return unknown();
  const made = writtenRule(command, node.name);
  if (made) return putRule(routing, made.version, { ...made, priority: made.priority ?? -1 });
  const route = writtenRoute(command, node.name);
  if (!route || !carryOut(routing, node, route, origin, names)) unknown();
}

/** Whether the change is one that surely succeeds, and is followed here. */
function carryOut(
  routing: Routing,
  node: MeshInterface,
  { change, prefix, device, via, source, metric, table, throwsAway }: WrittenRoute,
  at: Origin,
  names: ReadonlyMap<string, MeshInterface>,
): boolean {
  const through = via ? rowLookedUp(routing, via, {}) : null;
  const by = device ?? through?.device ?? null;
  // behind a gateway that is none of ours, or nobody knows behind which
  if (!by && !throwsAway && change !== 'delete' && (!via || through)) return false;
  const of = by === null ? null : (names.get(by) ?? null);
  // an interface that is not up yet has no routes
  if (of && of !== node && !isUpIn(routing, of)) return false;
  const row: Row = { prefix, metric: metric ?? addedMetric(prefix), node: of, device: by, throwsAway, source, at };
  const rows = rowsAt(routing, table, prefix);
  switch (change) {
    case 'add':
      if (rows.some((other) => other.metric === row.metric)) return false;
      break;
    case 'replace': {
      const old = rows.findIndex((other) => other.metric === row.metric);
      if (old >= 0) {
        rows[old] = row;
        return true;
      }
      break;
    }
    case 'append':
      break;
    case 'prepend':
      rows.unshift(row);
      return rows[1] === undefined || rows[1].metric >= row.metric;
    case 'delete': {
      const old = rows.findIndex((other) => (by === null || other.device === by) && (metric === null || other.metric === metric));
      if (old >= 0) rows.splice(old, 1);
      return old >= 0;
    }
  }
  put(routing, table, row);
  return true;
}

function isUpIn({ tables }: Routing, node: MeshInterface): boolean {
  for (const { rows } of tables.values()) for (const list of rows.values()) if (list.some((row) => row.node === node)) return true;
  return false;
}
