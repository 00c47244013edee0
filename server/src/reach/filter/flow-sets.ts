// Sets of (destination, service) of one source, while rules take them apart. Destinations that no rule has told apart so far stand in
// one block, which all sets share: what a rule says of one of them takes it out.

/** Per block as many words of bits as services take. */
export interface FlowSet {
  bits: Uint32Array;
  /** The blocks that may hold something. */
  readonly active: number[];
  readonly isActive: boolean[];
}

export interface FlowSets {
  readonly words: number;
  /** For each destination class its block. */
  readonly blockOf: Int32Array;
  blocks: number;
  /** The classes that have a block of their own. */
  readonly alone: number[];
  readonly used: FlowSet[];
  readonly free: FlowSet[];
}

export function newFlowSets(classes: number, words: number): FlowSets {
  return { words, blockOf: new Int32Array(classes), blocks: 1, alone: [], used: [], free: [] };
}

/** Everything begins anew: one block, no sets. */
export function reset(sets: FlowSets): void {
  const { alone, used } = sets;
  // counted loops here and below: they run for every row, and mostly before they are made fast
  for (let i = 0; i < alone.length; i++) sets.blockOf[alone[i] as number] = 0;
  alone.length = 0;
  for (let i = 0; i < used.length; i++) {
    const set = used[i] as FlowSet;
    set.bits.fill(0, 0, sets.blocks * sets.words);
    set.active.length = 0;
    set.isActive.length = 0;
    sets.free.push(set);
  }
  used.length = 0;
  sets.blocks = 1;
}

export function emptySet(sets: FlowSets): FlowSet {
  const set = sets.free.pop() ?? { bits: new Uint32Array(sets.words * 4), active: [], isActive: [] };
  grow(set, sets.blocks * sets.words);
  sets.used.push(set);
  return set;
}

/** Gives a set back that nobody looks at any more. */
export function release(sets: FlowSets, set: FlowSet): void {
  set.bits.fill(0, 0, sets.blocks * sets.words);
  set.active.length = 0;
  set.isActive.length = 0;
  const at = sets.used.lastIndexOf(set);
  if (at < 0) return;
  sets.used.splice(at, 1);
  sets.free.push(set);
}

function grow(set: FlowSet, words: number): void {
  if (set.bits.length >= words) return;
  const bits = new Uint32Array(Math.max(words, set.bits.length * 2));
  bits.set(set.bits);
  set.bits = bits;
}

/** The block that holds the class alone. */
export function blockAlone(sets: FlowSets, destination: number): number {
  const before = sets.blockOf[destination] as number;
  if (before !== 0) return before;
  const block = sets.blocks++;
  sets.blockOf[destination] = block;
  sets.alone.push(destination);
  const { words, used } = sets;
  for (let i = 0; i < used.length; i++) {
    const set = used[i] as FlowSet;
    grow(set, sets.blocks * words);
    if (!set.isActive[0]) continue;
    const { bits } = set;
    for (let w = 0; w < words; w++) bits[block * words + w] = bits[w] as number;
    activate(set, block);
  }
  return block;
}

export function activate(set: FlowSet, block: number): void {
  if (set.isActive[block]) return;
  set.isActive[block] = true;
  set.active.push(block);
}

/** Puts all of `from` into `into`. */
export function addAll(sets: FlowSets, into: FlowSet, from: FlowSet): void {
  const { words } = sets;
  const { active } = from;
  for (let k = 0; k < active.length; k++) {
    const block = active[k] as number;
    let any = 0;
    for (let i = block * words; i < (block + 1) * words; i++) {
      const bits = from.bits[i] as number;
      any |= bits;
      into.bits[i] = (into.bits[i] as number) | bits;
    }
    if (any !== 0) activate(into, block);
  }
}

export function isEmpty({ words }: FlowSets, { bits, active }: FlowSet): boolean {
  for (let k = 0; k < active.length; k++) {
    const block = active[k] as number;
    for (let i = block * words; i < (block + 1) * words; i++) if (bits[i] !== 0) return false;
  }
  return true;
}
