// What somebody reaches who takes one host after the other: the blast radius of a host, and of all that lies in it.

import type { AccessMatrix } from './matrix.ts';
import { commonServices, hasNoServices, type ServiceSet } from './service-set.ts';

export interface Taken {
  /** The place among the members. */
  readonly member: number;
  /** The members on the way, the first one taken first; the shortest way there is. */
  readonly way: readonly number[];
  /** What the last of them does to it. */
  readonly services: ServiceSet;
  /** Whether every step is surely there. */
  readonly sure: boolean;
}

/**
 * All that can be reached from `start` in a blast-radius matrix, nearest first, by taking every host on the way over through one of the
 * services in `through` (all of them where it is left out).
 */
export function takenFrom(matrix: AccessMatrix, start: number, through?: ServiceSet): readonly Taken[] {
  const found = new Map<number, Taken>();
  // what is sure first, so that a doubtful short way does not hide a sure long one
  for (const sure of [true, false]) spread(matrix, start, through, sure, found);
  return [...found.values()];
}

function spread(matrix: AccessMatrix, start: number, through: ServiceSet | undefined, sure: boolean, found: Map<number, Taken>): void {
  const queue: { readonly member: number; readonly way: readonly number[]; readonly sure: boolean }[] = [
    { member: start, way: [start], sure: true },
    ...[...found.values()].map(({ member, way }) => ({ member, way: [...way, member], sure: true })),
  ];
  for (const { member, way, sure: soFar } of queue) {
    for (const to of matrix.members.keys()) {
      if (to === start || found.has(to)) continue;
      const { allowed, unknown } = matrix.cell(member, to);
      const isSure = soFar && !hasNoServices(allowed);
      const services = isSure || sure ? allowed : hasNoServices(allowed) ? unknown : allowed;
      const useful = through ? commonServices(services, through) : services;
      if ((sure && !isSure) || hasNoServices(useful)) continue;
      found.set(to, { member: to, way, services: useful, sure: isSure });
      // networks and peers without files are where it ends: what they send is not known
      if (matrix.members[to]?.kind === 'host') queue.push({ member: to, way: [...way, to], sure: isSure });
    }
  }
}
