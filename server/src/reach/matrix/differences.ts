// What an edit changes: who gains and who loses what, and as whom somebody may send all of a sudden.
import { intersectedAddresses, noAddress, otherAddresses, unitedAddresses } from '../../net/address-algebra.ts';
import { type AddressSet, noAddresses } from '../../net/address-set.ts';
import { emptyCell, type Reached } from './cell.ts';
import type { AccessMatrix } from './matrix.ts';
import type { Member } from './members.ts';
import { sendsAs } from './sends-as.ts';
import { hasNoServices, type ServiceSet, withoutServices, withServices } from './service-set.ts';

export interface Difference {
  readonly from: Member;
  readonly to: Member;
  /** Surely allowed now, and not before; the other way round. */
  readonly gained: ServiceSet;
  readonly lost: ServiceSet;
  /** Perhaps allowed now, and surely not before; the other way round. */
  readonly mayGain: ServiceSet;
  readonly mayLose: ServiceSet;
}

export interface SenderDifference {
  readonly member: Member;
  /** Addresses that some next hop takes from it now, and none did; the other way round. */
  readonly gained: AddressSet;
  readonly lost: AddressSet;
}

export interface Differences {
  readonly cells: readonly Difference[];
  readonly senders: readonly SenderDifference[];
}

/** Of two matrices of one view. A host that is in one of them alone reaches nobody in the other. */
export function differences(before: AccessMatrix, after: AccessMatrix): Differences {
  const steps = comparing(before, after);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** The same a few cells at a time: whoever drives it may stop, or do other things, between two. */
export function* comparing(before: AccessMatrix, after: AccessMatrix): Generator<void, Differences, void> {
  const cells: Difference[] = [];
  const senders: SenderDifference[] = [];
  const compare = (from: Member, to: Member, a: Reached, b: Reached): void => {
    if (a === b) return;
    const difference: Difference = {
      from,
      to,
      gained: withoutServices(b.allowed, a.allowed),
      lost: withoutServices(a.allowed, b.allowed),
      mayGain: withoutServices(b.unknown, withServices(a.allowed, a.unknown)),
      mayLose: withoutServices(a.unknown, withServices(b.allowed, b.unknown)),
    };
    const { gained, lost, mayGain, mayLose } = difference;
    if (![gained, lost, mayGain, mayLose].every(hasNoServices)) cells.push(difference);
  };
  const pairs = after.pairsSince(before);
  // rules have no say in as whom somebody may send
  const isSameMesh = before.model.links === after.model.links;
  const old = placesOf(pairs && isSameMesh ? [] : before.members);
  const now = placesOf(pairs && isSameMesh ? [] : after.members);
  const all = new Map(pairs && isSameMesh ? [] : [...before.members, ...after.members].map((member) => [member.key, member]));
  if (pairs) {
    for (const [from, to] of pairs) {
      yield;
      compare(after.members[from] as Member, after.members[to] as Member, before.reach(from, to), after.reach(from, to));
    }
  } else {
    for (const [fromKey, from] of all)
      for (const [toKey, to] of all) {
        yield;
        compare(from, to, reachAt(before, old, fromKey, toKey), reachAt(after, now, fromKey, toKey));
      }
  }
  if (isSameMesh) return { cells, senders };
  for (const [key, member] of all) {
    const [a, b] = [sendersAt(before, old, key), sendersAt(after, now, key)];
    const gained = intersectedAddresses(b, otherAddresses(a));
    const lost = intersectedAddresses(a, otherAddresses(b));
    if (!noAddress(gained) || !noAddress(lost)) senders.push({ member, gained, lost });
  }
  return { cells, senders };
}

type Places = ReadonlyMap<string, number>;

function placesOf(members: readonly Member[]): Places {
  return new Map(members.map(({ key }, place) => [key, place]));
}

function reachAt(matrix: AccessMatrix, places: Places, from: string, to: string): Reached {
  const row = places.get(from);
  const column = places.get(to);
  return row === undefined || column === undefined ? emptyCell : matrix.reach(row, column);
}

function sendersAt({ members }: AccessMatrix, places: Places, key: string): AddressSet {
  const member = members[places.get(key) ?? -1];
  return member ? sendsAs(member).reduce((sum, { addresses }) => unitedAddresses(sum, addresses), noAddresses) : noAddresses;
}
