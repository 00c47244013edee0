// The hosts, links and targets of a model, ready for packets to spread through. What an edit leaves as it was is taken from the network
// before it: hosts, interfaces and links keep their numbers.
import type { Host, MeshInterface, MeshModel, Ruleset } from '../../mesh/model.ts';
import type { Address } from '../../net/address.ts';
import type { RulesetState } from '../../nftables/ruleset/state.ts';
import type { PeerFacts } from '../../wireguard/peer-facts.ts';
import { atomOf, programAfter } from '../filter/program.ts';
import type { AddressNumber } from '../filter/ranges.ts';
import { type Member, membersOf } from '../matrix/members.ts';
import { isForeign } from '../way/behind.ts';
import { deviceOf, entryFor } from '../way/cryptokey.ts';
import { flushesRuleset } from '../way/martians.ts';
import { isOfFilesAlone, stateOf } from '../way/ruleset.ts';
import { forwarding } from '../way/settings.ts';
import { mayTranslate } from '../way/through.ts';
import { type Exits, exitsOf, type LinkTo } from './exits.ts';
import { type HostPlace, hostPlace } from './host-place.ts';
import { isChangedByHooks, type LinkPlace, takenFrom } from './links.ts';
import { holds, type Sources } from './sources.ts';
import { cutsIn, sameTargets, type Target, type Targets, targetsOf } from './targets.ts';
import { directVia, type Via } from './via.ts';

export interface Station {
  readonly number: number;
  readonly host: Host;
  readonly place: HostPlace;
  /** Another one after every edit that makes it another place. */
  readonly placeNumber: number;
  readonly state: RulesetState | null;
  /** The files of its ruleset, where it is what these say, and they read no others; else null. */
  readonly files: readonly Ruleset[] | null;
  /** Those of its interfaces. */
  readonly nodes: readonly number[];
}

export interface NodePlace {
  readonly number: number;
  readonly station: number;
  readonly node: MeshInterface;
  /** Whether hooks give its peers other AllowedIPs than the file does. */
  readonly isChanged: boolean;
  readonly links: ReadonlyMap<PeerFacts, LinkPlace>;
}

/** Numbers by what is the same after an edit. */
interface Numbers {
  readonly stations: Map<string, number>;
  readonly nodes: Map<string, number>;
  readonly links: Map<string, number>;
  /** How many places of hosts there have been. */
  readonly places: { count: number };
}

export interface Network {
  readonly model: MeshModel;
  readonly numbers: Numbers;
  readonly members: readonly Member[];
  readonly targets: Targets;
  /** The way without hosts on it. */
  readonly direct: Via;
  /** By their numbers. */
  readonly stations: readonly (Station | undefined)[];
  readonly nodes: readonly (NodePlace | undefined)[];
  readonly links: readonly (LinkPlace | undefined)[];
  /** Whether some interface has a key that no file tells: it may be anybody. */
  readonly hasNameless: boolean;
  /** What has been computed, for the network after this one. */
  readonly kept: Kept;
  /** Where a peer with a public key is known by that alone. */
  strangers(publicKey: string): readonly LinkPlace[];
  stationOf(host: Host): number;
  /** A station's own address as a target. */
  targetAt(address: Address, member: number): Target | null;
  /** All targets that an address is one of. */
  targetsHolding(address: Address): readonly Target[];
  /** The targets that a station has itself. */
  own(station: number, version: 4 | 6): readonly Target[];
  /** Where a station hands on to; `iif` is null for what it sends itself. */
  exits(station: number, iif: string | null, sources: Sources): Exits;
  forwards(station: number, version: 4 | 6, name: string): 'on' | 'off' | 'unknown';
  mayTranslate(station: number, hook: 'prerouting' | 'output'): boolean;
  /** Whether a target may lie behind any host, since no file says whose it is. */
  isForeign(station: number, target: Target): boolean;
}

interface KeptExits {
  readonly station: number;
  readonly exits: Exits;
}

interface AllExits {
  /** By station, where they hang on no sender. */
  readonly plain: Readonly<Record<4 | 6, (Exits | undefined)[]>>;
  /** By version, station and who asks. */
  readonly bySender: Map<string, KeptExits>;
}

const noExits = (): AllExits => ({ plain: { 4: [], 6: [] }, bySender: new Map() });

/** All of it hangs on links alone but for the targets behind hosts, which rules may cut. */
interface Kept {
  readonly stationOf: (host: Host) => number;
  readonly strangers: ReadonlyMap<string, readonly LinkPlace[]>;
  readonly exits: AllExits;
  /** By the number of an interface. */
  readonly forwards: Readonly<Record<4 | 6, ('on' | 'off' | 'unknown' | undefined)[]>>;
  readonly foreign: Map<number, Map<Target, boolean>>;
  readonly linkTo: LinkTo;
  /** The stations of ruleset files. */
  readonly rulesetStations: ReadonlyMap<string, number>;
}

export function stationKey({ interfaces, name }: Host): string {
  return interfaces[0]?.uri ?? name;
}

function numberIn(numbers: Map<string, number>, key: string): number {
  let number = numbers.get(key);
  if (number === undefined) {
    number = numbers.size;
    numbers.set(key, number);
  }
  return number;
}

export function networkOf(model: MeshModel, old?: Network): Network {
  return (old && afterRules(model, old)) ?? madeNetwork(model, old);
}

/** The network where nothing but rules has changed; null where something else may have. */
function afterRules(model: MeshModel, old: Network): Network | null {
  const { rulesets, parts } = model;
  if (old.model.links !== model.links || old.model.rulesets.length !== rulesets.length || old.model.parts.size + parts.size > 0)
    return null;
  const changed = new Set<number>();
  for (const [i, { uri, facts }] of rulesets.entries()) {
    const was = old.model.rulesets[i];
    if (was?.uri !== uri) return null;
    const station = old.kept.rulesetStations.get(uri);
    if (was.facts !== facts && station !== undefined) changed.add(station);
  }
  for (const station of old.stations) if (station?.files === null) changed.add(station.number);
  const stations = [...old.stations];
  for (const number of changed) {
    const was = old.stations[number] as Station;
    const place = flushesRuleset(model, was.host) === was.place.flushes ? was.place : null;
    if (!place) return null;
    const state = stateOf(model, was.host);
    if (was.state && state && state !== was.state) programAfter(was.state, state);
    stations[number] = { ...was, state, files: filesOf(model, was.host) };
  }
  const { members, targets } = old;
  const hasRanges = ([4, 6] as const).some((version) => targets[version].some(({ at }) => at === null));
  const cut = hasRanges && targetsOf(members, old.stationOf, (version, range) => cutsIn(model, stations, version, range));
  const isSame = !cut || sameTargets(targets, cut);
  const kept = isSame ? old.kept : { ...old.kept, exits: noExits(), foreign: new Map() };
  return assembled({ ...partsOf(old), model, stations, targets: isSame ? targets : cut, kept });
}

/** The files of a host's ruleset, where they alone say what it is; else null. */
function filesOf(model: MeshModel, host: Host): readonly Ruleset[] | null {
  const files = model.rulesetsOf.get(host) ?? [];
  return isOfFilesAlone(host) && files.every(({ facts }) => !hasIncludes(facts)) ? files : null;
}

const including = new WeakMap<Ruleset['facts'], boolean>();

function hasIncludes(facts: Ruleset['facts']): boolean {
  let found = including.get(facts);
  if (found === undefined) {
    found = facts.statements.some(({ kind }) => kind === 'include');
    including.set(facts, found);
  }
  return found;
}

function madeNetwork(model: MeshModel, old?: Network): Network {
  const numbers: Numbers = old?.numbers ?? { stations: new Map(), nodes: new Map(), links: new Map(), places: { count: 0 } };
  const isSameMesh = old?.model.links === model.links;
  const members = old && isSameMesh ? old.members : membersOf(model);
  // where addresses of nobody here lead hangs on what all others say
  const hasOthers = !isSameMesh && [...members, ...(old?.members ?? [])].some(({ kind }) => kind !== 'host');
  const mayKeep = !hasOthers || (old !== undefined && sameAddresses(old.model, model));
  const numberOf = new Map<Host, number>();
  const stations: (Station | undefined)[] = [];
  const nodes: (NodePlace | undefined)[] = [];
  const links: (LinkPlace | undefined)[] = [];
  for (const host of model.links.hosts) {
    const number = numberIn(numbers.stations, stationKey(host));
    const before = old?.stations[number];
    numberOf.set(host, number);
    const own: number[] = [];
    for (const node of host.interfaces) {
      const of = numberIn(numbers.nodes, node.uri);
      own.push(of);
      const made = new Map<PeerFacts, LinkPlace>();
      for (const { peer } of deviceOf(node).peers.values()) {
        const key = `${node.uri} ${peer.facts.publicKey?.value ?? node.peers.indexOf(peer)}`;
        const link: LinkPlace = {
          number: numberIn(numbers.links, key),
          from: of,
          peer,
          remote: peer.remote && numberIn(numbers.nodes, peer.remote.uri),
          takes: takenFrom(peer),
          isRemoteChanged: peer.remote !== null && isChangedByHooks(peer.remote),
        };
        made.set(peer.facts, link);
        links[link.number] = link;
      }
      nodes[of] = { number: of, station: number, node, isChanged: isChangedByHooks(node), links: made };
    }
    const flushes = flushesRuleset(model, host);
    const isKept = before && mayKeep && before.place.flushes === flushes && isSamePlace(before.host, host, hasOthers);
    const known = isKept ? before : undefined;
    const place = known?.place ?? hostPlace(host, flushes);
    const placeNumber = known?.placeNumber ?? numbers.places.count++;
    stations[number] = { number, host, place, placeNumber, state: stateOf(model, host), files: filesOf(model, host), nodes: own };
  }
  const stationOf = numbering(numberOf);
  const made = targetsOf(members, stationOf, (version, range) => cutsIn(model, stations, version, range));
  const targets = old && sameTargets(old.targets, made) ? old.targets : made;
  const isSameTargets = targets === old?.targets;
  const strangers = new Map<string, LinkPlace[]>();
  for (const link of links) {
    const key = link?.remote === null ? (link.peer.facts.publicKey?.value ?? null) : null;
    if (!link || key === null) continue;
    const list = strangers.get(key);
    if (list) list.push(link);
    else strangers.set(key, [link]);
  }
  const exits = noExits();
  if (old && isSameTargets) {
    const isAsItWas = (station: number): boolean => stations[station]?.place === old.stations[station]?.place;
    for (const version of [4, 6] as const)
      for (const [station, kept] of old.kept.exits.plain[version].entries())
        if (kept && isAsItWas(station)) exits.plain[version][station] = kept;
    for (const [key, kept] of old.kept.exits.bySender) if (isAsItWas(kept.station)) exits.bySender.set(key, kept);
  }
  const linkTo = linkerOf(nodes, numbers);
  const rulesetStations = new Map(
    [...model.rulesetsOf].flatMap(([host, files]) => files.map(({ uri }) => [uri, stationOf(host)] as const)),
  );
  return assembled({
    model,
    numbers,
    members,
    targets,
    direct: old?.direct ?? directVia(),
    stations,
    nodes,
    links,
    hasNameless: model.links.interfaces.some(({ publicKey }) => publicKey === null),
    kept: { stationOf, strangers, exits, forwards: { 4: [], 6: [] }, foreign: new Map(), linkTo, rulesetStations },
  });
}

/** By itself: what is kept over edits must not hold the model that it was made for. */
function linkerOf(nodes: readonly (NodePlace | undefined)[], numbers: Numbers): LinkTo {
  return ({ uri }, address) => {
    const place = nodes[numberIn(numbers.nodes, uri)] as NodePlace;
    const entry = entryFor(place.node, address);
    return { node: place.number, link: (entry && place.links.get(entry.peer.facts)?.number) ?? null };
  };
}

function numbering(numbers: ReadonlyMap<Host, number>): (host: Host) => number {
  return (host) => numbers.get(host) ?? -1;
}

type Parts = Pick<
  Network,
  'model' | 'numbers' | 'members' | 'targets' | 'direct' | 'stations' | 'nodes' | 'links' | 'hasNameless' | 'kept'
>;

function partsOf({ model, numbers, members, targets, direct, stations, nodes, links, hasNameless, kept }: Network): Parts {
  return { model, numbers, members, targets, direct, stations, nodes, links, hasNameless, kept };
}

interface ByAddress {
  readonly own: ReadonlyMap<number, readonly Target[]>;
  readonly ownAt: ReadonlyMap<AddressNumber, readonly Target[]>;
}

const byAddressKept = new WeakMap<readonly Target[], ByAddress>();

function indexed(targets: readonly Target[]): ByAddress {
  let found = byAddressKept.get(targets);
  if (!found) {
    found = { own: ownTargets(targets), ownAt: byAddress(targets) };
    byAddressKept.set(targets, found);
  }
  return found;
}

function assembled(parts: Parts): Network {
  const { model, targets, stations, nodes, kept } = parts;
  const { strangers, exits, forwards, foreign, linkTo } = kept;
  const index = { 4: indexed(targets[4]), 6: indexed(targets[6]) };
  const translates = new Map<string, boolean>();
  return {
    ...parts,
    strangers: (key) => strangers.get(key) ?? noLinks,
    stationOf: kept.stationOf,
    targetAt: ({ version, value }, member) => index[version].ownAt.get(value)?.find((target) => target.member === member) ?? null,
    targetsHolding: ({ version, value }) => targets[version].filter(({ ranges }) => holds(ranges, value)),
    own: (station, version) => index[version].own.get(station) ?? noTargets,
    exits(station, iif, sources) {
      const { place } = stations[station] as Station;
      const { version, first } = sources;
      if (!place.asksForSender) {
        const plain = exits.plain[version];
        plain[station] ??= exitsOf(place, linkTo, targets[version], first, iif);
        return plain[station];
      }
      const key = `${version} ${station} ${iif ?? ''} ${atomOf(place.routeCuts(version), first.value)}`;
      let found = exits.bySender.get(key);
      if (!found) {
        found = { station, exits: exitsOf(place, linkTo, targets[version], first, iif) };
        exits.bySender.set(key, found);
      }
      return found.exits;
    },
    forwards(station, version, name) {
      const { host, nodes: own } = stations[station] as Station;
      const answers = forwards[version];
      for (let i = 0; i < own.length; i++) {
        const number = own[i] as number;
        const { node } = nodes[number] as NodePlace;
        if (node.name !== name) continue;
        answers[number] ??= forwarding(host, version, node).is;
        return answers[number];
      }
      return 'off';
    },
    mayTranslate(station, hook) {
      const key = `${station} ${hook}`;
      const answer = translates.get(key) ?? mayTranslate(model, (stations[station] as Station).host, hook);
      translates.set(key, answer);
      return answer;
    },
    isForeign(station, target) {
      if (target.at) return false;
      const known = foreign.get(station) ?? new Map<Target, boolean>();
      foreign.set(station, known);
      const answer = known.get(target) ?? isForeign((stations[station] as Station).host, target.address);
      known.set(target, answer);
      return answer;
    },
  };
}

const noTargets: readonly Target[] = [];
const noLinks: readonly LinkPlace[] = [];

/** Whether nothing has changed that a host's own routes hang on; with `others`, what its peers say of it as well. */
function isSamePlace(before: Host, now: Host, others: boolean): boolean {
  if (before === now) return true;
  return (
    before.interfaces.length === now.interfaces.length &&
    now.interfaces.every((node, i) => {
      const old = before.interfaces[i];
      return (
        old !== undefined &&
        hasSameAddresses(old, node) &&
        old.name === node.name &&
        old.facts === node.facts &&
        old.publicKey === node.publicKey &&
        old.policy === node.policy &&
        (!others || node.peers.every(({ back, remote }, k) => back === old.peers[k]?.back && remote?.uri === old.peers[k]?.remote?.uri))
      );
    })
  );
}

function hasSameAddresses(a: MeshInterface, b: MeshInterface): boolean {
  return (
    a.uri === b.uri &&
    a.addresses.length === b.addresses.length &&
    a.addresses.every((address, k) => address.value === b.addresses[k]?.value && address.version === b.addresses[k]?.version) &&
    a.networks.length === b.networks.length &&
    a.networks.every((network, k) => network.first === b.networks[k]?.first && network.length === b.networks[k]?.length)
  );
}

/** Whether all hosts have the addresses they had, and the same is stated of what lies behind them. */
function sameAddresses(a: MeshModel, b: MeshModel): boolean {
  const [before, now] = [a.links.interfaces, b.links.interfaces];
  return (
    before.length === now.length &&
    now.every((node, i) => {
      const old = before[i] as MeshInterface;
      const [was, is] = [old.mesh.policyHosts, node.mesh.policyHosts];
      return hasSameAddresses(old, node) && was.length === is.length && was.every((one, k) => one === is[k]);
    })
  );
}

function ownTargets(targets: readonly Target[]): ReadonlyMap<number, readonly Target[]> {
  const own = new Map<number, Target[]>();
  for (const target of targets) {
    if (!target.at) continue;
    const list = own.get(target.at.station);
    if (list) list.push(target);
    else own.set(target.at.station, [target]);
  }
  return own;
}

function byAddress(targets: readonly Target[]): ReadonlyMap<AddressNumber, readonly Target[]> {
  const found = new Map<AddressNumber, Target[]>();
  for (const target of targets) {
    if (!target.at) continue;
    const list = found.get(target.address.value);
    if (list) list.push(target);
    else found.set(target.address.value, [target]);
  }
  return found;
}
