// One host of a matrix: as whom it may send, and what falls with it, host after host.
import type { AccessMatrix } from '../../reach/matrix/matrix.ts';
import { sendsAs } from '../../reach/matrix/sends-as.ts';
import { serviceSetText } from '../../reach/matrix/service-text.ts';
import { takenFrom } from '../../reach/matrix/taken.ts';
import type { PlaceOf } from './explain.ts';
import { senderText } from './sender-text.ts';
import { addressesText, memberId, roleOf, shownNames, whereWritten } from './who.ts';

export interface ShownTaken {
  readonly id: string;
  readonly name: string;
  /** The names of those that are taken before it, after the host itself. */
  readonly through: readonly string[];
  readonly services: string;
  /** Whether every step is surely there. */
  readonly sure: boolean;
}

export interface ShownHost<P> {
  readonly id: string;
  readonly name: string;
  readonly role: string | null;
  readonly addresses: string;
  readonly place: P | null;
  /** By next hop: who takes what from it, by which entry. */
  readonly sendsAs: readonly { readonly at: string; readonly says: string; readonly addresses: string; readonly place: P | null }[];
  /** Nearest first; null where it was not asked for. */
  readonly falls: readonly ShownTaken[] | null;
}

/** `matrix` of the blast radius, computed as a whole where `falls` is asked for. */
export function shownHost<P>(matrix: AccessMatrix, at: number, falls: boolean, place: PlaceOf<P>): ShownHost<P> | null {
  const { members, model, view } = matrix;
  const member = members[at];
  if (!member) return null;
  const names = shownNames(members);
  const nameOf = (one: number): string => names[one] ?? '';
  const where = whereWritten(member);
  return {
    id: memberId(member),
    name: nameOf(at),
    role: roleOf(member),
    addresses: addressesText(member),
    place: where && place(where),
    sendsAs: sendsAs(member).map((one) => ({
      at: `${one.at.host.name} ${one.at.name}`,
      says: senderText(model, members, member.addresses, [one]),
      addresses: addressesText(one),
      place: place({ uri: one.at.uri, ...one.entry.facts.at }),
    })),
    falls: falls
      ? takenFrom(matrix, at).map(({ member: to, way, services, sure }) => ({
          id: memberId(members[to] ?? member),
          name: nameOf(to),
          through: way.slice(1).map(nameOf),
          services: serviceSetText(services, view),
          sure,
        }))
      : null,
  };
}
