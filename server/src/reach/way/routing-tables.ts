// A host's routing tables and the rules that lead to them, as the kernel holds them and looks routes up (ip-route(8), ip-rule(8);
// fib_rules.c, fib_semantics.c, ip6_fib.c).
import type { MeshInterface } from '../../mesh/model.ts';
import { type Address, type Prefix, prefixHolds, prefixId, prefixOf } from '../../net/address.ts';
import type { Origin } from '../../text/origin.ts';

export interface Row {
  readonly prefix: Prefix;
  readonly metric: number;
  readonly node: MeshInterface | null;
  readonly device: string | null;
  readonly throwsAway: boolean;
  readonly source: Address | null;
  readonly at: Origin | null;
}

export interface Table {
  readonly rows: Map<number | string, Row[]>;
  /** Of each version's prefixes, the longest first. */
  readonly lengths: Readonly<Record<4 | 6, number[]>>;
}

export interface Rule {
  readonly priority: number;
  readonly not: boolean;
  readonly from: Prefix | null;
  readonly to: Prefix | null;
  readonly iif: string | null;
  readonly fwmark: number | null;
  readonly table: string;
  readonly suppress: number | null;
}

export interface Routing {
  readonly tables: Map<string, Table>;
  /** By priority. */
  readonly rules: Readonly<Record<4 | 6, Rule[]>>;
  /** The marks that wg-quick gives to an interface's own packets, where the file gives none. */
  readonly marks: Map<MeshInterface, number>;
  /** What makes them unknown; null where nothing does. */
  unknown: Origin | null;
}

/** Who asks for a way: rules may tell senders apart. */
export interface Asking {
  /** null for a packet of this host whose source the route chooses. */
  readonly source?: Address | null;
  /** null for a packet of this host. */
  readonly iif?: string | null;
  /** Only WireGuard's own packets have one; 0 for none. */
  readonly mark?: number;
}

const [main, others] = [rule(32766, 'main'), rule(32767, 'default')];

export function emptyRouting(): Routing {
  return { tables: new Map(), rules: { 4: [main, others], 6: [main, others] }, marks: new Map(), unknown: null };
}

export function rule(priority: number, table: string): Rule {
  return { priority, not: false, from: null, to: null, iif: null, fwmark: null, table, suppress: null };
}

/** The metrics that the kernel gives to networks of addresses, and that iproute2 gives to routes. */
export function connectedMetric({ version }: Prefix): number {
  return version === 4 ? 0 : 256;
}

export function addedMetric({ version }: Prefix): number {
  return version === 4 ? 0 : 1024;
}

function tableIn({ tables }: Routing, name: string): Table {
  let table = tables.get(name);
  if (!table) {
    table = { rows: new Map(), lengths: { 4: [], 6: [] } };
    tables.set(name, table);
  }
  return table;
}

export function rowsAt(routing: Routing, table: string, prefix: Prefix): Row[] {
  const { rows, lengths } = tableIn(routing, table);
  const id = prefixId(prefix);
  let found = rows.get(id);
  if (!found) {
    found = [];
    rows.set(id, found);
    const known = lengths[prefix.version];
    if (!known.includes(prefix.length)) known.splice(known.filter((length) => length > prefix.length).length, 0, prefix.length);
  }
  return found;
}

/** By metric, and behind those of the same. */
export function put(routing: Routing, table: string, row: Row): void {
  const rows = rowsAt(routing, table, row.prefix);
  const at = rows.findIndex(({ metric }) => metric > row.metric);
  rows.splice(at < 0 ? rows.length : at, 0, row);
}

/** As `ip route add`: one that is there already is refused, and so is whatever brings it. */
export function add(routing: Routing, table: string, row: Row, at: Origin): void {
  if (rowsAt(routing, table, row.prefix).some(({ metric }) => metric === row.metric)) routing.unknown ??= at;
  else put(routing, table, row);
}

/** Without a priority a rule stands before all others but the first (fib_rules.c, fib_default_rule_pref). */
export function putRule({ rules }: Routing, version: 4 | 6, made: Rule): void {
  const list = rules[version];
  const priority = made.priority >= 0 ? made.priority : Math.max(1, (list[0]?.priority ?? 32766) - 1);
  // of equal ones the later stands behind
  const at = list.findIndex((other) => other.priority > priority);
  list.splice(at < 0 ? list.length : at, 0, { ...made, priority });
}

/** The route that a packet takes: none where there is none here, though main may have a default route that no file here tells. */
export function rowLookedUp(routing: Routing, destination: Address, { source = null, iif = null, mark = 0 }: Asking): Row | null {
  for (const one of routing.rules[destination.version]) {
    if (!applies(one, destination, source, iif, mark)) continue;
    const row = rowFor(routing.tables.get(one.table), destination);
    if (!row) {
      if (one.table === 'main' && one.suppress === null) return null;
      continue;
    }
    if (one.suppress === null || row.prefix.length > one.suppress) return row;
  }
  return null;
}

function applies(
  { not, from, to, iif: by, fwmark }: Rule,
  destination: Address,
  source: Address | null,
  iif: string | null,
  mark: number,
): boolean {
  // a packet whose source the route is to choose has none yet
  const fromHolds = !from || from.length === 0 || (source !== null && prefixHolds(from, source));
  const toHolds = !to || prefixHolds(to, destination);
  const byHolds = by === null || by === (iif ?? 'lo');
  const markHolds = fwmark === null || fwmark === mark;
  return (fromHolds && toHolds && byHolds && markHolds) !== not;
}

function rowFor(table: Table | undefined, destination: Address): Row | null {
  if (!table) return null;
  for (const length of table.lengths[destination.version]) {
    const row = table.rows.get(prefixId(prefixOf(destination, length)))?.[0];
    if (row) return row;
  }
  return null;
}
