// Services that the rules of a situation tell apart, as bits: one for all services that stand in the same sets.
import { joined } from '../../net/intervals.ts';
import { type ServiceNumbers, serviceDomain } from '../matrix/service-set.ts';

export interface Lines {
  /** How many words of 32 bits a set takes. */
  readonly words: number;
  /** The services of each bit. */
  readonly atoms: readonly ServiceNumbers[];
  /** The bits of all of them. */
  readonly all: Uint32Array;
  /** What has become of sets of bits: outcomes, by what tells them apart. */
  readonly outcomes: Map<string | number, number>;
  /** The bits of a set; null where it cuts through an atom, and the lines must be drawn anew with it. */
  bits(services: ServiceNumbers): Uint32Array | null;
}

/** Draws lines between services so that each of `sets` is made of whole atoms. */
export function linesOf(sets: readonly ServiceNumbers[]): Lines {
  const ends: { readonly at: number; readonly set: number }[] = [];
  for (const [set, services] of sets.entries()) for (const { from, to } of services) ends.push({ at: from, set }, { at: to + 1, set });
  ends.sort((a, b) => a.at - b.at);
  // which sets a number stands in: a bit each, or a bigint where these are many
  const few = sets.length <= 30;
  let inside = 0;
  let insideMany = 0n;
  const atomOfKey = new Map<number | bigint, number>();
  const pieces: { from: number; to: number }[][] = [];
  const starts: number[] = [];
  const atomAt: number[] = [];
  for (let i = 0; i < ends.length; ) {
    const { at } = ends[i] as { readonly at: number };
    for (; i < ends.length && ends[i]?.at === at; i++) {
      const { set } = ends[i] as { readonly set: number };
      if (few) inside ^= 1 << set;
      else insideMany ^= 1n << BigInt(set);
    }
    const key = few ? inside : insideMany;
    const next = ends[i]?.at;
    starts.push(at);
    if (next === undefined || !key) {
      atomAt.push(-1);
      continue;
    }
    let atom = atomOfKey.get(key);
    if (atom === undefined) {
      atom = pieces.length;
      atomOfKey.set(key, atom);
      pieces.push([]);
    }
    pieces[atom]?.push({ from: at, to: next - 1 });
    atomAt.push(atom);
  }
  const atoms = pieces.map((piece) => joined(piece, serviceDomain));
  const words = Math.max(1, Math.ceil(atoms.length / 32));
  const all = new Uint32Array(words);
  for (let atom = 0; atom < atoms.length; atom++) setBit(all, atom);
  const known = new Map<string, Uint32Array | null>();
  const bySet = new WeakMap<ServiceNumbers, Uint32Array | null>();
  return {
    words,
    atoms,
    all,
    outcomes: new Map(),
    bits(services) {
      const found = bySet.get(services);
      if (found !== undefined) return found;
      let key = '';
      for (const { from, to } of services) key += `${from}-${to} `;
      let bits = known.get(key);
      if (bits === undefined) {
        bits = bitsOf(services, atoms, starts, atomAt, words);
        known.set(key, bits);
      }
      bySet.set(services, bits);
      return bits;
    },
  };
}

function setBit(bits: Uint32Array, atom: number): void {
  bits[atom >>> 5] = (bits[atom >>> 5] as number) | (1 << (atom & 31));
}

function bitsOf(
  services: ServiceNumbers,
  atoms: readonly ServiceNumbers[],
  starts: readonly number[],
  atomAt: readonly number[],
  words: number,
): Uint32Array | null {
  const bits = new Uint32Array(words);
  const pieces = new Map<number, number>();
  for (const { from, to } of services) {
    let i = indexAt(starts, from);
    // what is in no set at all is no service of the situation
    if (i < 0 || (starts[i] !== from && atomAt[i] !== -1)) return null;
    for (; i < starts.length && (starts[i] as number) <= to; i++) {
      const atom = atomAt[i] as number;
      if (atom < 0) continue;
      if ((starts[i + 1] as number) - 1 > to) return null;
      pieces.set(atom, (pieces.get(atom) ?? 0) + (starts[i + 1] as number) - (starts[i] as number));
    }
  }
  for (const [atom, size] of pieces) {
    const whole = (atoms[atom] ?? []).reduce((sum, { from, to }) => sum + to - from + 1, 0);
    if (size !== whole) return null;
    setBit(bits, atom);
  }
  return bits;
}

/** The last of the starts that is not behind the number; -1 where there is none. */
function indexAt(starts: readonly number[], number: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((starts[middle] as number) <= number) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
