// The hosts, links and targets of a model, ready for packets to spread through.
import type { Host, MeshInterface, MeshModel } from '../../mesh/model.ts';
import type { Address } from '../../net/address.ts';
import type { Interval } from '../../net/address-set.ts';
import { programOf } from '../filter/program.ts';
import type { AddressNumber } from '../filter/ranges.ts';
import { type Member, membersOf } from '../matrix/members.ts';
import { entryFor } from '../way/cryptokey.ts';
import { stateOf } from '../way/ruleset.ts';
import { mayTranslate } from '../way/through.ts';
import { countUpTo, type HostPlace, hostPlace } from './host-place.ts';
import { type LinkPlace, type Links, linksOf } from './links.ts';
import { holds, type Sources } from './sources.ts';
import { type Target, type Targets, targetsOf } from './targets.ts';

/** Where a host hands a packet on to. */
export type Exit =
  | { readonly to: 'link'; readonly node: MeshInterface; readonly link: LinkPlace | null }
  | { readonly to: 'beyond'; readonly device: string | null }
  | { readonly to: 'here' | 'elsewhere' | 'nowhere' | 'unknown' };

export interface Network {
  readonly model: MeshModel;
  readonly members: readonly Member[];
  readonly targets: Targets;
  readonly links: Links;
  place(host: Host): HostPlace;
  /** A host's own address as a target. */
  targetAt(address: Address, member: number): Target | null;
  /** All targets that an address is one of. */
  targetsHolding(address: Address): readonly Target[];
  /** The targets that a host has itself. */
  own(host: Host, version: 4 | 6): readonly Target[];
  /** By target; `iif` is null for what the host sends itself. */
  exits(host: Host, iif: MeshInterface | null, sources: Sources): (target: Target) => Exit;
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
  const exits = new Map<Host, Map<string, (Exit | undefined)[]>>();
  const translates = new Map<string, Map<Host, boolean>>();
  return {
    model,
    members,
    targets,
    links,
    place,
    targetAt: ({ version, value }, member) => ownAt[version].get(value)?.find((target) => target.member === member) ?? null,
    targetsHolding: ({ version, value }) => targets[version].filter(({ ranges }) => holds(ranges, value)),
    own: (host, version) => own[version].get(host) ?? none,
    exits(host, iif, { version, first }) {
      const at = place(host);
      const asker = at.asksForSender ? `${iif?.uri ?? ''} ${countUpTo(at.routeCuts[version], first.value)}` : '';
      const byAsker = exits.get(host) ?? new Map<string, (Exit | undefined)[]>();
      exits.set(host, byAsker);
      const key = `${version} ${asker}`;
      const known = byAsker.get(key) ?? [];
      byAsker.set(key, known);
      return (target) => {
        let exit = known[target.index];
        if (!exit) {
          exit = exitFor(at, links, target, first, iif);
          known[target.index] = exit;
        }
        return exit;
      };
    },
    mayTranslate(host, hook) {
      const known = translates.get(hook) ?? new Map<Host, boolean>();
      translates.set(hook, known);
      const answer = known.get(host) ?? mayTranslate(model, host, hook);
      known.set(host, answer);
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

const plain: Readonly<Record<'here' | 'elsewhere' | 'nowhere' | 'unknown', Exit>> = {
  here: { to: 'here' },
  elsewhere: { to: 'elsewhere' },
  nowhere: { to: 'nowhere' },
  unknown: { to: 'unknown' },
};

function exitFor(at: HostPlace, links: Links, { address }: Target, source: Sources['first'], iif: MeshInterface | null): Exit {
  const way = at.way(address, source, iif);
  switch (way.to) {
    case 'interface': {
      const entry = entryFor(way.node, address);
      return { to: 'link', node: way.node, link: (entry && links.at(way.node).get(entry.peer)) ?? null };
    }
    case 'beyond':
      return { to: 'beyond', device: way.device };
    default:
      return plain[way.to];
  }
}

/** Where some host's files, or rules, tell addresses of a range apart. */
function cutsIn(
  model: MeshModel,
  place: (host: Host) => HostPlace,
  version: 4 | 6,
  { from, to }: Interval<AddressNumber>,
): readonly AddressNumber[] {
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
