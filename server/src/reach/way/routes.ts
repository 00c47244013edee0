// A host's routes: its connected networks, what wg-quick makes of AllowedIPs, and what hooks add, in the order in which they come about
// (wg-quick(8) and its linux.bash; ip-route(8), ip-rule(8); fib_frontend.c, fib6_rules.c).
import type { Host, MeshInterface } from '../../mesh/model.ts';
import { type Address, isHost, lastOf, masked, type Prefix, prefixHolds, prefixId, prefixOf, sameAddress } from '../../net/address.ts';
import type { Origin } from '../../text/origin.ts';
import { deviceOf, ownInterface } from './cryptokey.ts';
import { isScript, type Running, running } from './hook-commands.ts';
import { ipIsHarmless, type WrittenRoute, writtenRoute, writtenRule } from './hook-routes.ts';

export type WayOut =
  | { readonly to: 'here'; readonly node: MeshInterface }
  /** `source` is the address that the route itself names for those who have none. */
  | { readonly to: 'interface'; readonly node: MeshInterface; readonly source: Address | null; readonly at: Origin | null }
  /** Into a network behind it that a file states; by a device that the file may name. */
  | { readonly to: 'beyond'; readonly device: string | null; readonly at: Origin | null }
  /** To none of its WireGuard interfaces: into a LAN, the outside, or nowhere. */
  | { readonly to: 'elsewhere' }
  /** A route throws it away. */
  | { readonly to: 'nowhere'; readonly at: Origin | null }
  | { readonly to: 'unknown'; readonly at: Origin };

/** Who asks for a way: rules may tell senders apart. */
export interface Asking {
  /** null for a packet of this host whose source the route chooses. */
  readonly source?: Address | null;
  /** null for a packet of this host. */
  readonly iif?: string | null;
}

interface Row {
  readonly prefix: Prefix;
  readonly metric: number;
  readonly node: MeshInterface | null;
  readonly device: string | null;
  readonly throwsAway: boolean;
  readonly source: Address | null;
  readonly at: Origin | null;
}

interface Table {
  readonly rows: Map<number | string, Row[]>;
  readonly lengths: Readonly<Record<4 | 6, Set<number>>>;
}

interface Rule {
  readonly priority: number;
  readonly not: boolean;
  readonly from: Prefix | null;
  readonly to: Prefix | null;
  readonly iif: string | null;
  readonly fwmark: number | null;
  readonly table: string;
  readonly suppress: number | null;
}

interface Routing {
  readonly tables: Map<string, Table>;
  /** By priority. */
  readonly rules: Readonly<Record<4 | 6, Rule[]>>;
  /** What makes them unknown; null where nothing does. */
  unknown: Origin | null;
}

const kept = new WeakMap<Host, readonly Routing[]>();

/** Where the host sends what is for `destination`. */
export function wayOut(host: Host, destination: Address, asking: Asking = {}): WayOut {
  const own = ownInterface(host, destination);
  if (own) return { to: 'here', node: own };
  const special = broadcastAt(host, destination);
  if (special) return { to: 'unknown', at: special };
  let found: WayOut | null = null;
  for (const routing of routingsOf(host)) {
    if (routing.unknown) return { to: 'unknown', at: routing.unknown };
    const way = lookedUp(routing, destination, asking);
    if (found && !sameWay(found, way)) {
      const at = 'at' in way && way.at ? way.at : 'at' in found ? found.at : null;
      return { to: 'unknown', at: at ?? originOf(host.interfaces[0] as MeshInterface) };
    }
    found = way;
  }
  return found ?? { to: 'elsewhere' };
}

function routingsOf(host: Host): readonly Routing[] {
  let routings = kept.get(host);
  if (!routings) {
    routings = orders(host.interfaces).map((order) => routingOf(order));
    kept.set(host, routings);
  }
  return routings;
}

/** All prefixes that the host's routes and rules name: addresses between their ends go the same way. */
export function routedPrefixes(host: Host): readonly Prefix[] {
  return routingsOf(host).flatMap(({ tables, rules }) => [
    ...[...tables.values()].flatMap(({ rows }) => [...rows.values()].flatMap(([first]) => first?.prefix ?? [])),
    ...[...rules[4], ...rules[6]].flatMap(({ from, to }) => [from, to].filter((prefix) => prefix !== null)),
  ]);
}

/** Whether the way hangs on who asks. */
export function asksForSender(host: Host): boolean {
  return routingsOf(host).some(({ rules }) => [...rules[4], ...rules[6]].some(({ from, iif }) => iif !== null || (from?.length ?? 0) > 0));
}

/** The [Interface] of a config. */
export function originOf(node: MeshInterface): Origin {
  return { uri: node.uri, ...(node.own.at ?? { statement: 0, item: 0 }) };
}

export function hostOrigin({ interfaces }: Host): Origin | null {
  const [first] = interfaces;
  return first ? originOf(first) : null;
}

function sameWay(a: WayOut, b: WayOut): boolean {
  if (a.to === 'interface' && b.to === 'interface') return a.node === b.node && sameSource(a.source, b.source);
  return a.to === b.to;
}

function sameSource(a: Address | null, b: Address | null): boolean {
  return a === b || (a !== null && b !== null && sameAddress(a, b));
}

/** Of IPv4 the last address of a network is everybody's, and the kernel takes it for its own (fib_frontend.c, fib_add_ifaddr); so is any multicast. */
function broadcastAt({ interfaces }: Host, address: Address): Origin | null {
  for (const node of interfaces) {
    if (node.networks.some((network) => isBroadcast(network, address)) || isMulticast(address)) return originOf(node);
  }
  return null;
}

export function isBroadcast(network: Prefix, address: Address): boolean {
  if (network.version !== address.version) return false;
  // the subnet-router anycast address of whoever forwards (RFC 4291, 2.6.1)
  if (address.version === 6) return network.length < 127 && network.first === address.value;
  return network.length < 31 && (sameAddress(lastOf(network), address) || network.first === address.value);
}

function isMulticast(address: Address): boolean {
  return address.version === 4 ? address.value >= 0xe0000000 : address.value >> 120n === 0xffn;
}

/** The orders in which interfaces may come up, where it may count: no file says it. */
function orders(interfaces: readonly MeshInterface[]): readonly (readonly MeshInterface[])[] {
  if (interfaces.length < 2) return [interfaces];
  // of many the first and the last show what hangs on it
  return [interfaces, [...interfaces].reverse()];
}

function routingOf(order: readonly MeshInterface[]): Routing {
  const base = (): Rule[] => [rule(32766, 'main'), rule(32767, 'default')];
  const routing: Routing = { tables: new Map(), rules: { 4: base(), 6: base() }, unknown: null };
  const names = new Map(order.map((node) => [node.name, node]));
  for (const { policy } of order.slice(0, 1)) {
    for (const prefix of policy?.routes ?? [])
      put(routing, 'main', {
        prefix,
        metric: connectedMetric(prefix),
        node: null,
        device: null,
        throwsAway: false,
        source: null,
        at: null,
      });
  }
  for (const node of order) bringUp(routing, node, names);
  return routing;
}

function rule(priority: number, table: string): Rule {
  return { priority, not: false, from: null, to: null, iif: null, fwmark: null, table, suppress: null };
}

/** The metrics that the kernel gives to networks of addresses, and that iproute2 gives to routes. */
function connectedMetric({ version }: Prefix): number {
  return version === 4 ? 0 : 256;
}

function addedMetric({ version }: Prefix): number {
  return version === 4 ? 0 : 1024;
}

function tableIn({ tables }: Routing, name: string): Table {
  let table = tables.get(name);
  if (!table) {
    table = { rows: new Map(), lengths: { 4: new Set(), 6: new Set() } };
    tables.set(name, table);
  }
  return table;
}

function rowsAt(routing: Routing, table: string, prefix: Prefix): Row[] {
  const { rows, lengths } = tableIn(routing, table);
  const id = prefixId(prefix);
  let found = rows.get(id);
  if (!found) {
    found = [];
    rows.set(id, found);
    lengths[prefix.version].add(prefix.length);
  }
  return found;
}

/** By metric, and behind those of the same. */
function put(routing: Routing, table: string, row: Row): void {
  const rows = rowsAt(routing, table, row.prefix);
  const at = rows.findIndex(({ metric }) => metric > row.metric);
  rows.splice(at < 0 ? rows.length : at, 0, row);
}

/** As `ip route add`: one that is there already is refused, and so is whatever brings it. */
function add(routing: Routing, table: string, row: Row, at: Origin): void {
  if (rowsAt(routing, table, row.prefix).some(({ metric }) => metric === row.metric)) routing.unknown ??= at;
  else put(routing, table, row);
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
  const { changedAt } = deviceOf(node);
  if (changedAt) routing.unknown ??= changedAt;
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
    if (table !== 'auto') add(routing, table, row, at);
    else if (prefix.length === 0) addDefault(routing, node, row, at);
    // what lies in a network that is connected already is left out
    else if (!node.networks.some((network) => network.version === prefix.version && holds(network, prefix))) add(routing, 'main', row, at);
  }
}

function holds(outer: Prefix, inner: Prefix): boolean {
  if (outer.length > inner.length) return false;
  return inner.version === 4
    ? prefixHolds(outer, { version: 4, value: inner.first })
    : prefixHolds(outer, { version: 6, value: inner.first });
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

/** Without a priority a rule stands before all others but the first (fib_rules.c, fib_default_rule_pref). */
function putRule({ rules }: Routing, version: 4 | 6, made: Rule): void {
  const list = rules[version];
  const priority = made.priority >= 0 ? made.priority : Math.max(1, (list[0]?.priority ?? 32766) - 1);
  // of equal ones the later stands behind
  const at = list.findIndex((other) => other.priority > priority);
  list.splice(at < 0 ? list.length : at, 0, { ...made, priority });
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
  const through = via ? lookedUp(routing, via, {}) : null;
  const by = device ?? (through?.to === 'interface' ? through.node.name : null);
  if (!by && !throwsAway && change !== 'delete') {
    // behind a gateway that is none of ours
    if (!through || through.to !== 'elsewhere') return false;
  }
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

function lookedUp(routing: Routing, destination: Address, { source = null, iif = null }: Asking): WayOut {
  for (const one of routing.rules[destination.version]) {
    if (!applies(one, destination, source, iif)) continue;
    const row = rowFor(routing.tables.get(one.table), destination);
    // of main there may be a default route that no file here tells
    if (!row) {
      if (one.table === 'main' && one.suppress === null) return { to: 'elsewhere' };
      continue;
    }
    if (one.suppress !== null && row.prefix.length <= one.suppress) continue;
    if (row.throwsAway) return { to: 'nowhere', at: row.at };
    if (row.node) return { to: 'interface', node: row.node, source: row.source, at: row.at };
    return { to: 'beyond', device: row.device, at: row.at };
  }
  return { to: 'elsewhere' };
}

function applies({ not, from, to, iif: by, fwmark }: Rule, destination: Address, source: Address | null, iif: string | null): boolean {
  // a packet whose source the route is to choose has none yet
  const fromHolds = !from || from.length === 0 || (source !== null && prefixHolds(from, source));
  const toHolds = !to || prefixHolds(to, destination);
  const byHolds = by === null || by === (iif ?? 'lo');
  // packets are not marked, but for WireGuard's own
  const markHolds = fwmark === null || fwmark === 0;
  return (fromHolds && toHolds && byHolds && markHolds) !== not;
}

function rowFor(table: Table | undefined, destination: Address): Row | null {
  if (!table) return null;
  for (const length of [...table.lengths[destination.version]].sort((a, b) => b - a)) {
    const row = table.rows.get(prefixId(prefixOf(destination, length)))?.[0];
    if (row) return row;
  }
  return null;
}
