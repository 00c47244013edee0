// What a hover on an address adds: what its host may reach, and who reaches it.
import type { AccessMatrix } from '../../reach/matrix/matrix.ts';
import { serviceSetText } from '../../reach/matrix/service-text.ts';
import { listed } from '../../text/words.ts';
import { code } from '../hover.ts';
import { type Reach, type Reaches, reachedBy, reachesOf } from './counts.ts';

const FIRST = 4;

/** Paragraphs about the member of that place: honest, and once it is taken where that is something else. */
export function reachParagraphs(access: AccessMatrix, taken: AccessMatrix, place: number): readonly string[] {
  const name = access.members[place]?.name;
  if (name === undefined) return [];
  const honest = namedReaches(reachesOf(access, place), access);
  const blast = namedReaches(reachesOf(taken, place), taken);
  const by = namedReaches(reachedBy(access, place), access);
  return [
    `${code(name)} may reach ${honest}.${blast === honest ? '' : ` Once it is taken over: ${blast}.`}`,
    `Reached by ${by === 'nothing' ? 'nobody' : by}.`,
  ];
}

/** The first few with their services, then how many more. */
function namedReaches({ allowed, unknown }: Reaches, { view }: AccessMatrix): string {
  const one = ({ to, services }: Reach): string => `${code(to.name)} ${serviceSetText(services, view)}`;
  const sure = allowed.length === 0 ? 'nothing' : listed(allowed.map(one), 'and', FIRST);
  const perhaps = unknown.map(({ to }) => code(to.name));
  return perhaps.length === 0 ? sure : `${sure}; perhaps ${listed(perhaps, 'and', FIRST)}`;
}
