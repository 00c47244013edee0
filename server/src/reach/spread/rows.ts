// What comes from one member to all targets, as it is gathered while packets spread.
import { NOTHING, type OutcomeId, type Outcomes } from '../filter/outcome.ts';
import { firstFrom } from '../filter/rule-index.ts';
import type { Sources } from './sources.ts';
import type { Spreading, Trail } from './spread.ts';
import type { Via } from './via.ts';

/** From all of some sources alike: what comes to a few targets of thousands. */
export interface RowPart {
  readonly sources: Sources;
  /** Ascending. */
  readonly targets: readonly number[];
  /** What comes to each of them, which is not nothing. */
  readonly outcomes: readonly OutcomeId[];
  /** The number of the way that it comes by. */
  readonly vias: readonly number[];
}

/** Where a target stands in a part; -1 where nothing comes to it. */
export function placeIn({ targets }: RowPart, target: number): number {
  const at = firstFrom(targets, target);
  return targets[at] === target ? at : -1;
}

/** From some of them alone, or of what was sent elsewhere. */
export interface Share {
  readonly sources: Sources;
  readonly outcome: OutcomeId;
  readonly trail: Trail | null;
}

export interface Row {
  readonly parts: readonly RowPart[];
  /** By target, beside what the parts say. */
  readonly shares: ReadonlyMap<number, readonly Share[]>;
  /** Whether rules made other packets of some, whatever became of these. */
  readonly isMoved: boolean;
}

const noShares: Row['shares'] = new Map();

export const emptyRow: Row = { parts: [], shares: noShares, isMoved: false };

export interface Gathering {
  /** Begins a part of the row: what is told from now on of all these sources belongs to it. */
  begin(sources: Sources): void;
  readonly arrived: Spreading['arrived'];
  readonly moved: Spreading['moved'];
  row(): Row;
}

/** By target what has come so far, and by which way; all zero between two parts. */
interface Slate {
  readonly outcomes: Int32Array;
  readonly vias: Int32Array;
}

/** One that nobody writes on: a row comes after the other. */
let spare: Slate | null = null;

function slateOf(targets: number): Slate {
  const found = spare;
  spare = null;
  return found && found.outcomes.length >= targets ? found : { outcomes: new Int32Array(targets), vias: new Int32Array(targets) };
}

/** Packets to one of `targets` targets; what is gathered must be taken as a row at last. */
export function gathering(targets: number, outcomes: Outcomes): Gathering {
  const parts: RowPart[] = [];
  let shares: Map<number, Share[]> | null = null;
  const slate = slateOf(targets);
  let isMoved = false;
  let begun: Sources | null = null;
  let written: number[] = [];
  const end = (): void => {
    if (begun) parts.push(partFrom(slate, begun, written));
    written = [];
  };
  return {
    moved() {
      isMoved = true;
    },
    begin(sources) {
      end();
      begun = sources;
    },
    arrived(index, now, outcome, via: Via, trail) {
      const sources = trail?.sources ?? now;
      if (begun === sources && !trail) {
        const before = slate.outcomes[index] as OutcomeId;
        if (before === NOTHING) written.push(index);
        slate.outcomes[index] = outcomes.either(before, outcome);
        slate.vias[index] = via.number;
        return;
      }
      shares ??= new Map();
      const list = shares.get(index) ?? [];
      shares.set(index, list);
      const key = shareKey(sources, trail);
      const same = list.findIndex((share) => shareKey(share.sources, share.trail) === key);
      const old = list[same];
      if (old)
        list[same] = { sources, outcome: outcomes.either(old.outcome, outcome), trail: trail && joinedTrail(trail, old.trail, outcomes) };
      else list.push({ sources, outcome, trail });
    },
    row() {
      end();
      spare = slate;
      return { parts, shares: shares ?? noShares, isMoved };
    },
  };
}

/** Takes what is written from the slate. */
function partFrom({ outcomes, vias }: Slate, sources: Sources, written: number[]): RowPart {
  if (!written.every((index, i) => i === 0 || (written[i - 1] as number) < index)) written.sort((a, b) => a - b);
  const part: RowPart = {
    sources,
    targets: written,
    outcomes: written.map((index) => outcomes[index] as OutcomeId),
    vias: written.map((index) => vias[index] as number),
  };
  for (const index of written) outcomes[index] = NOTHING;
  return part;
}

function joinedTrail(trail: Trail, before: Trail | null, outcomes: Outcomes): Trail {
  if (!before || trail.outcome === null || before.outcome === null) return trail;
  return { ...trail, outcome: outcomes.either(trail.outcome, before.outcome) };
}

function shareKey({ ranges: { key } }: Sources, trail: Trail | null): string {
  return trail ? `${key}|${trail.target} ${trail.outcome === null}` : key;
}

/** A row with some targets, ascending, as another one has them. */
export function patchedRow(row: Row, by: Row, some: readonly number[]): Row {
  const isAlike =
    row.parts.length === by.parts.length && row.parts.every(({ sources }, i) => sources.ranges.key === by.parts[i]?.sources.ranges.key);
  const parts = isAlike
    ? row.parts.map((part, i) => patchedPart(part, by.parts[i] as RowPart, some))
    : // an address that it sends from to none of the others, or no longer
      [...row.parts.map((part) => patchedPart(part, emptyPart(part), some)), ...by.parts];
  return { parts, shares: patchedShares(row.shares, by.shares, some), isMoved: row.isMoved || by.isMoved };
}

function patchedShares(shares: Row['shares'], by: Row['shares'], some: readonly number[]): Row['shares'] {
  if (shares.size + by.size === 0) return noShares;
  const patched = new Map(shares);
  for (const index of some) patched.delete(index);
  for (const [index, share] of by) patched.set(index, share);
  return patched;
}

function emptyPart({ sources }: RowPart): RowPart {
  return { sources, targets: [], outcomes: [], vias: [] };
}

/** A part with some targets, ascending, as another one has them; the same part where nothing differs. */
export function patchedPart(part: RowPart, by: RowPart, some: readonly number[]): RowPart {
  if (some.every((index) => isAlikeAt(part, by, index))) return part;
  const targets: number[] = [];
  const outcomes: OutcomeId[] = [];
  const vias: number[] = [];
  const add = (from: RowPart, at: number): void => {
    targets.push(from.targets[at] as number);
    outcomes.push(from.outcomes[at] as OutcomeId);
    vias.push(from.vias[at] as number);
  };
  let at = 0;
  for (const index of some) {
    for (; at < part.targets.length && (part.targets[at] as number) < index; at++) add(part, at);
    if (part.targets[at] === index) at++;
    const place = placeIn(by, index);
    if (place >= 0) add(by, place);
  }
  for (; at < part.targets.length; at++) add(part, at);
  return { sources: part.sources, targets, outcomes, vias };
}

/** Whether the same comes to a target by the same way. */
export function isAlikeAt(a: RowPart, b: RowPart, target: number): boolean {
  const [one, other] = [placeIn(a, target), placeIn(b, target)];
  if (one < 0 || other < 0) return one === other;
  return a.outcomes[one] === b.outcomes[other] && a.vias[one] === b.vias[other];
}
