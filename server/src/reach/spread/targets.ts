// The addresses that packets are sent to: each host's own, those of peers without files, and what lies behind hosts.
import type { Host, MeshModel } from '../../mesh/model.ts';
import { type Address, firstOf, lastOf, masked, type Prefix } from '../../net/address.ts';
import type { Interval } from '../../net/address-set.ts';
import { atomOf, programOf } from '../filter/program.ts';
import { type AddressNumber, type Ranges, rangesOf } from '../filter/ranges.ts';
import type { Member } from '../matrix/members.ts';
import type { Station } from './network.ts';

/** Addresses that fare alike. */
export interface Target {
  /** Its place among those of its version, which are sorted by address. */
  readonly index: number;
  /** The place of whose they are among the members. */
  readonly member: number;
  readonly address: Address;
  readonly ranges: Ranges;
  /** The station that has it, and the name of its interface; null where none here does. */
  readonly at: { readonly station: number; readonly name: string } | null;
}

export type Targets = Readonly<Record<4 | 6, readonly Target[]>>;

/** `cutsIn` gives where addresses between two ends begin to fare otherwise. */
export function targetsOf(
  members: readonly Member[],
  stationOf: (host: Host) => number,
  cutsIn: (version: 4 | 6, range: Interval<AddressNumber>) => readonly AddressNumber[],
): Targets {
  const targets: Record<4 | 6, Omit<Target, 'index'>[]> = { 4: [], 6: [] };
  for (const [member, one] of members.entries()) {
    if (one.kind === 'host') {
      const station = stationOf(one.host);
      const seen = new Set<AddressNumber>();
      for (const node of one.host.interfaces) {
        for (const address of node.addresses) {
          if (seen.has(address.value)) continue;
          seen.add(address.value);
          targets[address.version].push({
            member,
            address,
            ranges: rangesOf([{ from: address.value, to: address.value }]),
            at: { station, name: node.name },
          });
        }
      }
      continue;
    }
    for (const version of [4, 6] as const) {
      const all: readonly Interval<AddressNumber>[] = version === 4 ? one.addresses.v4 : one.addresses.v6;
      for (const range of all) {
        for (const piece of piecesOf(range, cutsIn(version, range), version))
          if (!isLoopback(version, piece.from))
            targets[version].push({ member, address: addressOf(version, piece.from), ranges: rangesOf([piece]), at: null });
      }
    }
  }
  return { 4: sorted(targets[4]), 6: sorted(targets[6]) };
}

function sorted(targets: readonly Omit<Target, 'index'>[]): readonly Target[] {
  return [...targets]
    .sort((a, b) => (a.address.value < b.address.value ? -1 : a.address.value > b.address.value ? 1 : 0))
    .map((target, index) => ({ ...target, index }));
}

/** Which no host takes in (route.c, ip_route_input_slow; ip6_input.c, ip6_rcv_core). */
function isLoopback(version: 4 | 6, value: AddressNumber): boolean {
  return version === 4 ? Math.floor(Number(value) / 2 ** 24) === 127 : value === 1n;
}

export function addressOf(version: 4 | 6, value: AddressNumber): Address {
  return version === 4 ? { version, value: Number(value) } : { version, value: BigInt(value) };
}

/** A range cut at each of the sorted numbers in it. */
export function piecesOf(
  range: Interval<AddressNumber>,
  cuts: readonly AddressNumber[],
  version: 4 | 6,
): readonly Interval<AddressNumber>[] {
  const previous = (number: AddressNumber): AddressNumber => (version === 4 ? Number(number) - 1 : BigInt(number) - 1n);
  const pieces: Interval<AddressNumber>[] = [];
  let { from } = range;
  for (const cut of cuts) {
    if (cut <= from || cut > range.to) continue;
    pieces.push({ from, to: previous(cut) });
    from = cut;
  }
  pieces.push({ from, to: range.to });
  return pieces;
}

/** Whether two lists of targets are of the same members, and cut alike. */
export function sameTargets(a: Targets, b: Targets): boolean {
  return ([4, 6] as const).every(
    (version) =>
      a[version].length === b[version].length &&
      a[version].every((one, i) => {
        const other = b[version][i] as Target;
        return (
          one.member === other.member &&
          one.ranges.key === other.ranges.key &&
          one.at?.station === other.at?.station &&
          one.at?.name === other.at?.name
        );
      }),
  );
}

/** Where some host's files, or rules, tell addresses of a range apart. */
export function cutsIn(
  model: MeshModel,
  stations: readonly (Station | undefined)[],
  version: 4 | 6,
  { from, to }: Interval<AddressNumber>,
): readonly AddressNumber[] {
  if (from === to) return [];
  const cuts = new Set<AddressNumber>();
  const take = (all: readonly AddressNumber[]): void => {
    for (let i = atomOf(all, from); i < all.length && (all[i] as AddressNumber) <= to; i++) cuts.add(all[i] as AddressNumber);
  };
  const around = (first: Address, last: Address): void => {
    if (first.version !== version) return;
    const behind = last.version === 4 ? last.value + 1 : last.value + 1n;
    for (const cut of [first.value, behind]) if (cut > from && cut <= to) cuts.add(cut);
  };
  const prefix = (one: Prefix): void => around(firstOf(one), lastOf(one));
  for (const { addresses, networks, peers, mesh } of model.links.interfaces) {
    for (const address of addresses) around(address, address);
    networks.forEach(prefix);
    // what others say lies behind a host, and what is stated to
    for (const { facts } of peers) for (const { value } of facts.allowedIps) prefix(masked(value));
    for (const { routes } of mesh.policyHosts) routes.forEach(prefix);
  }
  for (const station of stations) {
    if (!station) continue;
    take(station.place.routeCuts(version));
    if (station.state) take(programOf(station.state, version).cuts);
  }
  return [...cuts].sort((a, b) => (a < b ? -1 : 1));
}
