// What cells and ways are called, on the page, in pictures and by screen readers.
import type { Cell, View, WayKind } from './data.ts';

export const viewNames: Readonly<Record<View, string>> = { access: 'Access', 'blast-radius': 'Blast radius' };

export const viewSays: Readonly<Record<View, string>> = {
  access: 'What each host reaches while nobody has taken it over: by its own routes and rules, with answers coming back.',
  'blast-radius': 'What each host reaches once somebody has taken it over: past its own rules, and as everybody that others take it for.',
};

/** What stands in a cell. */
export function cellText({ state, allowed, oneWay, unknown }: Cell): string {
  if (state === 'maybe') return `? ${unknown}`;
  if (state === 'one-way') return `⇢ ${oneWay}`;
  return allowed;
}

/** What else of a cell is to be known: a part of it has no answer, or more may get through. */
export function cellNotes({ state, oneWay, unknown }: Cell): readonly string[] {
  if (state === 'maybe') return [];
  return [...(state === 'allowed' && oneWay ? ['part of it one-way'] : []), ...(unknown ? ['perhaps more'] : [])];
}

/** All of it, in a sentence without an end. */
export function cellSentence(from: string, to: string, cell: Cell | 'self' | null): string {
  if (cell === 'self') return `${from}: itself`;
  if (!cell) return `${from} to ${to}: nothing`;
  const { state, allowed, oneWay, unknown } = cell;
  const parts = [
    ...(allowed && state !== 'one-way' ? [allowed] : []),
    ...(oneWay ? [`${oneWay} one-way, no answer comes back`] : []),
    ...(unknown ? [`not known: ${unknown}`] : []),
  ];
  return `${from} to ${to}: ${parts.join('; ')}`;
}

export const wayNames: Readonly<Record<WayKind, string>> = {
  allowed: 'Gets through',
  'one-way': 'One-way: no answer comes back',
  'answer-unknown': 'Gets through; whether an answer comes back is not known',
  maybe: 'Not known',
  denied: 'Does not get through',
};

export const roleNames: Readonly<Record<string, string>> = {
  hub: 'hub',
  spoke: 'spoke',
  'exit-gateway': 'exit gateway',
  'subnet-router': 'subnet router',
  'mesh-node': 'mesh node',
  network: 'network',
};
