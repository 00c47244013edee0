// What one member reaches, and who reaches it, counted and in a few words.

import type { AccessMatrix } from '../../reach/matrix/matrix.ts';
import type { Member } from '../../reach/matrix/members.ts';
import { common, hasNoServices, type ServiceSet, united } from '../../reach/matrix/service-set.ts';
import { serviceSetText } from '../../reach/matrix/service-text.ts';
import { counted, listed } from '../../text/words.ts';

export interface Reach {
  readonly to: Member;
  readonly services: ServiceSet;
}

export interface Reaches {
  /** Surely. */
  readonly allowed: readonly Reach[];
  /** Perhaps, and not surely anything. */
  readonly unknown: readonly Reach[];
}

/** The row of a member. */
export function reachesOf(matrix: AccessMatrix, from: number): Reaches {
  return collected(matrix, (other) => matrix.cell(from, other), from);
}

/** The column of a member: `to` is who reaches it. */
export function reachedBy(matrix: AccessMatrix, to: number): Reaches {
  return collected(matrix, (other) => matrix.cell(other, to), to);
}

function collected({ members }: AccessMatrix, cellOf: (other: number) => ReturnType<AccessMatrix['cell']>, self: number): Reaches {
  const allowed: Reach[] = [];
  const unknown: Reach[] = [];
  for (const [other, member] of members.entries()) {
    if (other === self) continue;
    const cell = cellOf(other);
    if (!hasNoServices(cell.allowed)) allowed.push({ to: member, services: cell.allowed });
    else if (!hasNoServices(cell.unknown)) unknown.push({ to: member, services: cell.unknown });
  }
  return { allowed, unknown };
}

/** More services of one host are told as “any” or not counted. */
const MOST_COUNTED = 1000;

/** How many services a set holds, those of both versions of IP once; null where they are too many to be meant one by one. */
export function serviceCount({ v4, v6 }: ServiceSet): number | null {
  let count = 0;
  for (const { from, to } of common(united(v4, v6), [{ from: 0, to: 256 * 65536 }])) count += to - from + 1;
  return count > MOST_COUNTED ? null : count;
}

/** So long may what one host is reached with be to stand in a line of others. */
const SHORT = 36;

/** `nothing`, `app tcp/443`, `4 hosts, 11 services`, `11 hosts, 3 of them with many services`. */
export function reachesText({ allowed }: Reaches, view: AccessMatrix['view']): string {
  if (allowed.length === 0) return 'nothing';
  const texts = allowed.map(({ to, services }) => `${to.name} ${serviceSetText(services, view)}`);
  const named = texts.join(' and ');
  if (texts.length <= 2 && named.length <= SHORT * texts.length) return named;
  const counts = allowed.map(({ services }) => serviceCount(services));
  const many = allowed.filter((_, i) => counts[i] === null);
  const hosts = counted(allowed.length, 'host');
  const most = many.every(({ services }) => isAny(services, view)) ? 'any service' : 'most services';
  if (many.length === allowed.length) return `${hosts}, ${most}`;
  if (many.length > 0) return `${hosts}, ${many.length} of them with ${most}`;
  const sum = counts.reduce<number>((total, count) => total + (count ?? 0), 0);
  return `${hosts}, ${counted(sum, 'service')}`;
}

function isAny(services: ServiceSet, view: AccessMatrix['view']): boolean {
  return serviceSetText(services, view) === 'any service';
}

/** `nobody`, `hub`, `5 hosts`. */
export function reachedText({ allowed }: Reaches): string {
  if (allowed.length === 0) return 'nobody';
  return allowed.length <= 2
    ? listed(
        allowed.map(({ to }) => to.name),
        'and',
      )
    : counted(allowed.length, 'host');
}
