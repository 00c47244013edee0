// What the rules on a mesh host's firewall share: its tunnels, its filter chains, and what they accept of packets that open a connection.
import { knownAddresses, meshesOf } from '../../mesh/addresses.ts';
import type { Host, MeshInterface, MeshModel, Ruleset } from '../../mesh/model.ts';
import { isHost, masked, type Prefix } from '../../net/address.ts';
import { type AddressSet, addressSet } from '../../net/address-set.ts';
import type { NftablesFacts } from '../../nftables/facts.ts';
import type { OwnChain as Chain } from '../../nftables/ruleset/alone.ts';
import { type Box, everything, intersectedBox, isEmptyBox, State } from '../../reach/box.ts';
import { type ReadChain, readChains, withTrait } from '../../reach/chains.ts';
import { type Interfaces, interfacesHold } from '../../reach/interfaces.ts';
import { type Arm, type Outcome, type Reading, Trait } from '../../reach/reading.ts';

export type Hook = 'input' | 'forward';

/** A base chain that filters at a hook of the IP families. */
export function isFilterAt(chain: Chain, hook: string): boolean {
  return chain.base?.hook === hook && chain.base.type === 'filter' && IP_FAMILIES.has(chain.family);
}

const IP_FAMILIES = new Set(['ip', 'ip6', 'inet']);

export interface HostChain {
  readonly ruleset: Ruleset;
  readonly read: ReadChain;
}

/** The filter chains of a host at a hook, in all its rulesets. */
export function filtersAt(host: Host, model: MeshModel, hook: Hook): readonly HostChain[] {
  return (model.rulesetsOf.get(host) ?? []).flatMap((ruleset) =>
    readChains(ruleset.facts).flatMap((read) => (isFilterAt(read.chain, hook) ? [{ ruleset, read }] : [])),
  );
}

/** Whether it lets nothing through that no rule decides: policy drop, or a rule that drops everything. */
export function isClosed(read: ReadChain): boolean {
  const { chain, readings } = read;
  return chain.base?.policy === 'drop' || withTrait(read, Trait.closes).some((index) => dropsEverything(readings[index] as Reading));
}

export function dropsEverything({ always, arms }: Reading): boolean {
  const outcome = arms[0]?.outcome;
  return always && (outcome === 'drop' || outcome === 'reject');
}

const sighted = new WeakMap<NftablesFacts, boolean>();

/** Whether the host's whole firewall is in the files that are here: no includes, and no hook of an interface runs a firewall tool. */
export function seesWholeFirewall(host: Host, model: MeshModel): boolean {
  for (const { own } of host.interfaces) {
    for (const { value } of own.hooks) {
      if (value.commands.some((command) => command.does === 'other' && FIREWALL_TOOLS.test(command.program))) return false;
    }
  }
  return (model.rulesetsOf.get(host) ?? []).every(({ facts }) => {
    let sees = sighted.get(facts);
    if (sees === undefined) {
      sees = facts.statements.every(({ kind }) => kind !== 'include');
      sighted.set(facts, sees);
    }
    return sees;
  });
}

/** What may change the rules while an interface comes up; a script of one's own may as well. */
const FIREWALL_TOOLS = /^(nft|ip6?tables(-\w+)?|ufw|firewall-cmd|bash|sh|\$.*|.*\.(sh|nft))$/;

/** What the host's tunnels are called. A config that lies apart from any `etc/` may have any name on its host. */
export function tunnelNames(host: Host): readonly string[] {
  return host.interfaces.map(({ name }) => name);
}

/** Whether a box's interface may be a tunnel of the host. */
export function mayBeTunnel(host: Host, interfaces: Interfaces): boolean {
  return (
    host.interfaces.some(({ name }) => interfacesHold(interfaces, name)) || (interfaces.only?.some((name) => /^wg/.test(name)) ?? false)
  );
}

/** Whether it is surely a tunnel of the host. */
export function isTunnelOnly(host: Host, { only }: Interfaces): boolean {
  return only !== null && only.length > 0 && only.every((name) => host.interfaces.some((node) => node.name === name));
}

const ofHosts = new WeakMap<Host, AddressSet>();

/** The addresses of the meshes that a host is in: the networks of their interfaces, and what their peers have alone. */
export function meshAddresses(host: Host): AddressSet {
  let result = ofHosts.get(host);
  if (!result) {
    const prefixes: Prefix[] = [];
    for (const mesh of meshesOf(host)) {
      prefixes.push(...knownAddresses(mesh).networks);
      for (const node of mesh.interfaces)
        for (const { facts } of node.peers)
          for (const { value } of facts.allowedIps) if (isHost(masked(value))) prefixes.push(masked(value));
    }
    result = addressSet(prefixes);
    ofHosts.set(host, result);
  }
  return result;
}

/** What may come out of a tunnel: cryptokey routing drops every other source (wireguard.com, "Cryptokey Routing"). */
export function arrivingFrom(node: MeshInterface): AddressSet {
  return addressSet(node.peers.flatMap(({ facts }) => facts.allowedIps.map(({ value }) => masked(value))));
}

/** A way through a rule, with what may take it. */
export interface Passing {
  readonly statement: number;
  readonly reading: Reading;
  readonly arm: Arm;
  readonly boxes: readonly Box[];
  readonly hook: Hook;
}

/** How a chain is reached from the hooks: what may come to it. Null where that is not known. */
interface Entrance {
  readonly hook: Hook;
  readonly boxes: readonly Box[];
}

const MOST_ENTRANCES = 16;

const entrances = new WeakMap<NftablesFacts, ReadonlyMap<ReadChain, readonly Entrance[]>>();

/** By chain, from where packets of input and forward come to it. */
function entrancesOf(facts: NftablesFacts): ReadonlyMap<ReadChain, readonly Entrance[]> {
  let result = entrances.get(facts);
  if (!result) {
    result = entrancesIn(readChains(facts));
    entrances.set(facts, result);
  }
  return result;
}

function entrancesIn(chains: readonly ReadChain[]): ReadonlyMap<ReadChain, readonly Entrance[]> {
  const found = new Map<ReadChain, Entrance[]>();
  const byName = new Map(chains.map((read) => [nameOf(read.chain.family, read.chain.table, read.chain.name), read]));
  const open: ReadChain[] = [];
  for (const read of chains) {
    const hook = read.chain.base?.hook;
    if ((hook === 'input' || hook === 'forward') && read.chain.base?.type === 'filter') {
      found.set(read, [{ hook, boxes: [everything] }]);
      open.push(read);
    }
  }
  for (let steps = 0; steps < chains.length * MOST_ENTRANCES && open.length > 0; steps++) {
    const read = open.shift() as ReadChain;
    for (const index of withTrait(read, Trait.jumps)) {
      for (const { outcome, target, may } of (read.readings[index] as Reading).arms) {
        if (outcome !== 'jump' && outcome !== 'goto') continue;
        const next = byName.get(nameOf(read.chain.family, read.chain.table, target ?? ''));
        if (!next || next === read || next.chain.base) continue;
        const known = found.get(next) ?? [];
        if (known.length >= MOST_ENTRANCES) continue;
        for (const { hook, boxes } of found.get(read) ?? []) {
          const narrowed = both(may, boxes);
          if (narrowed.length > 0 && narrowed.length <= MOST_ENTRANCES) known.push({ hook, boxes: narrowed });
        }
        found.set(next, known);
        open.push(next);
      }
    }
  }
  return found;
}

function nameOf(family: string, table: string, name: string): string {
  return `${family} ${table} ${name}`;
}

function both(a: readonly Box[], b: readonly Box[]): readonly Box[] {
  return a.flatMap((one) => b.map((other) => intersectedBox(one, other)).filter((box) => !isEmptyBox(box)));
}

/** Calls `visit` for each way that may let a packet of input or forward through that opens a connection; `narrow` rules only where asked. */
export function eachPassing(
  facts: NftablesFacts,
  visit: (passing: Passing) => void,
  narrowToo = false,
  outcomes: readonly Outcome[] = ['accept'],
): void {
  const reached = entrancesOf(facts);
  for (const [read, ways] of reached) {
    const some = narrowToo ? read.readings.keys() : withTrait(read, Trait.wide);
    for (const i of some) {
      const reading = read.readings[i] as Reading;
      for (const arm of reading.arms) {
        if (!outcomes.includes(arm.outcome)) continue;
        for (const { hook, boxes } of ways) {
          const passing = (read.chain.base ? arm.may : both(arm.may, boxes)).filter(({ states }) => (states & State.new) !== 0);
          if (passing.length > 0) visit({ statement: read.chain.rules[i] as number, reading, arm, boxes: passing, hook });
        }
      }
    }
  }
}

/** Whether what a chain at a hook decides can be read through: no arm is unknown in it or behind it. */
export function isReadable(facts: NftablesFacts): boolean {
  return [...entrancesOf(facts).keys()].every(({ traits }) => (traits & Trait.unknown) === 0);
}
