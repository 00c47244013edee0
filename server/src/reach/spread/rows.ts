// What comes from one member to all targets, as it is gathered while packets spread.
import { NOTHING, type OutcomeId, type Outcomes } from '../filter/outcome.ts';
import type { Sources } from './sources.ts';
import type { Spreading, Trail } from './spread.ts';
import type { Via } from './via.ts';

/** From all of some sources alike. */
export interface RowPart {
  readonly sources: Sources;
  /** By target. */
  readonly outcomes: Int32Array;
  /** The numbers of the ways that they come by. */
  readonly vias: Int32Array;
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

export const emptyRow: Row = { parts: [], shares: new Map(), isMoved: false };

export interface Gathering {
  /** Begins a part of the row: what is told from now on of all these sources belongs to it. */
  begin(sources: Sources): void;
  readonly arrived: Spreading['arrived'];
  readonly moved: Spreading['moved'];
  row(): Row;
}

export function gathering(targets: number, outcomes: Outcomes): Gathering {
  const parts: RowPart[] = [];
  const shares = new Map<number, Share[]>();
  let isMoved = false;
  return {
    moved() {
      isMoved = true;
    },
    begin(sources) {
      parts.push({ sources, outcomes: new Int32Array(targets), vias: new Int32Array(targets) });
    },
    arrived(index, now, outcome, via: Via, trail) {
      const sources = trail?.sources ?? now;
      const part = parts[parts.length - 1];
      if (part?.sources === sources && !trail) {
        const before = part.outcomes[index] as OutcomeId;
        part.outcomes[index] = before === NOTHING ? outcome : outcomes.either(before, outcome);
        part.vias[index] = via.number;
        return;
      }
      const list = shares.get(index) ?? [];
      shares.set(index, list);
      const key = shareKey(sources, trail);
      const same = list.findIndex((share) => shareKey(share.sources, share.trail) === key);
      const old = list[same];
      if (old)
        list[same] = { sources, outcome: outcomes.either(old.outcome, outcome), trail: trail && joinedTrail(trail, old.trail, outcomes) };
      else list.push({ sources, outcome, trail });
    },
    row: () => ({ parts, shares, isMoved }),
  };
}

function joinedTrail(trail: Trail, before: Trail | null, { either }: Outcomes): Trail {
  if (!before || trail.outcome === null || before.outcome === null) return trail;
  return { ...trail, outcome: either(trail.outcome, before.outcome) };
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
  const shares = new Map(row.shares);
  for (const index of some) shares.delete(index);
  for (const [index, share] of by.shares) shares.set(index, share);
  return { parts, shares, isMoved: row.isMoved || by.isMoved };
}

function emptyPart({ sources, outcomes }: RowPart): RowPart {
  return { sources, outcomes: new Int32Array(outcomes.length), vias: new Int32Array(outcomes.length) };
}

/** The same part where nothing differs. */
export function patchedPart(part: RowPart, by: RowPart, some: readonly number[]): RowPart {
  if (some.every((index) => part.outcomes[index] === by.outcomes[index] && part.vias[index] === by.vias[index])) return part;
  const outcomes = part.outcomes.slice();
  const vias = part.vias.slice();
  for (const index of some) {
    outcomes[index] = by.outcomes[index] as number;
    vias[index] = by.vias[index] as number;
  }
  return { sources: part.sources, outcomes, vias };
}
