// The hosts, links and targets of a model, ready for packets to spread through.
import type { Host, MeshInterface, MeshModel } from '../../mesh/model.ts';
import type { Address } from '../../net/address.ts';
import type { Interval } from '../../net/address-set.ts';
import { programOf } from '../filter/program.ts';
import type { AddressNumber } from '../filter/ranges.ts';
import { type Member, membersOf } from '../matrix/members.ts';
import { stateOf } from '../way/ruleset.ts';
import { mayTranslate } from '../way/through.ts';
import { type Exits, exitsOf } from './exits.ts';
import { countUpTo, type HostPlace, hostPlace } from './host-place.ts';
import { type Links, linksOf } from './links.ts';
import { holds, type Sources } from './sources.ts';
import { type Target, type Targets, targetsOf } from './targets.ts';
import { directVia, type Via } from './via.ts';

export interface Network {
  readonly model: MeshModel;
  readonly members: readonly Member[];
  readonly targets: Targets;
  readonly links: Links;
  /** The way without hosts on it. */
  readonly direct: Via;
  place(host: Host): HostPlace;
  /** A host's own address as a target. */
  targetAt(address: Address, member: number): Target | null;
  /** All targets that an address is one of. */
  targetsHolding(address: Address): readonly Target[];
  /** The targets that a host has itself. */
  own(host: Host, version: 4 | 6): readonly Target[];
  /** Where a host hands on to; `iif` is null for what it sends itself. */
  exits(host: Host, iif: MeshInterface | null, sources: Sources): Exits;
  mayTranslate(host: Host, hook: 'prerouting' | 'output'): boolean;
}

export function networkOf(model: MeshModel): Network {
  const members = membersOf(model);
  const places = new Map<Host, HostPlace>();
  const place = (host: Host): HostPlace => {
    let found = places.get(host);
    if (!found) {
      found = hostPlace(host);
      places.set(host, found);
    }
    return found;
  };
  const links = linksOf(model);
  const targets = targetsOf(members, (version, range) => cutsIn(model, place, version, range));
  const own = { 4: ownTargets(targets[4]), 6: ownTargets(targets[6]) };
  const ownAt = { 4: byAddress(targets[4]), 6: byAddress(targets[6]) };
  const exits = { 4: new Map<Host, Map<string, Exits>>(), 6: new Map<Host, Map<string, Exits>>() };
  const translates = { prerouting: new Map<Host, boolean>(), output: new Map<Host, boolean>() };
  return {
    model,
    members,
    targets,
    links,
    direct: directVia(),
    place,
    targetAt: ({ version, value }, member) => ownAt[version].get(value)?.find((target) => target.member === member) ?? null,
    targetsHolding: ({ version, value }) => targets[version].filter(({ ranges }) => holds(ranges, value)),
    own: (host, version) => own[version].get(host) ?? none,
    exits(host, iif, { version, first }) {
      const at = place(host);
      const asker = at.asksForSender ? `${iif?.uri ?? ''} ${countUpTo(at.routeCuts[version], first.value)}` : '';
      let byAsker = exits[version].get(host);
      if (!byAsker) {
        byAsker = new Map();
        exits[version].set(host, byAsker);
      }
      let found = byAsker.get(asker);
      if (!found) {
        found = exitsOf(at, links, targets[version], first, iif);
        byAsker.set(asker, found);
      }
      return found;
    },
    mayTranslate(host, hook) {
      const answer = translates[hook].get(host) ?? mayTranslate(model, host, hook);
      translates[hook].set(host, answer);
      return answer;
    },
  };
}

const none: readonly Target[] = [];

function ownTargets(targets: readonly Target[]): ReadonlyMap<Host, readonly Target[]> {
  const own = new Map<Host, Target[]>();
  for (const target of targets) {
    if (!target.node) continue;
    const list = own.get(target.node.host);
    if (list) list.push(target);
    else own.set(target.node.host, [target]);
  }
  return own;
}

function byAddress(targets: readonly Target[]): ReadonlyMap<AddressNumber, readonly Target[]> {
  const found = new Map<AddressNumber, Target[]>();
  for (const target of targets) {
    if (!target.node) continue;
    const list = found.get(target.address.value);
    if (list) list.push(target);
    else found.set(target.address.value, [target]);
  }
  return found;
}

/** Where some host's files, or rules, tell addresses of a range apart. */
function cutsIn(
  model: MeshModel,
  place: (host: Host) => HostPlace,
  version: 4 | 6,
  { from, to }: Interval<AddressNumber>,
): readonly AddressNumber[] {
  if (from === to) return [];
  const cuts = new Set<AddressNumber>();
  const take = (all: readonly AddressNumber[]): void => {
    for (let i = countUpTo(all, from); i < all.length && (all[i] as AddressNumber) <= to; i++) cuts.add(all[i] as AddressNumber);
  };
  for (const host of model.links.hosts) {
    const { routeCuts } = place(host);
    take(routeCuts[version]);
    const state = stateOf(model, host);
    if (state) take(programOf(state, version).cuts);
  }
  return [...cuts].sort((a, b) => (a < b ? -1 : 1));
}
