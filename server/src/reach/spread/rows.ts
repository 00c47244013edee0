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
}

export const emptyRow: Row = { parts: [], shares: new Map() };

export interface Gathering {
  /** Begins a part of the row: what is told from now on of all these sources belongs to it. */
  begin(sources: Sources): void;
  readonly arrived: Spreading['arrived'];
  row(): Row;
}

export function gathering(targets: number, outcomes: Outcomes): Gathering {
  const parts: RowPart[] = [];
  const shares = new Map<number, Share[]>();
  return {
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
    row: () => ({ parts, shares }),
  };
}

function joinedTrail(trail: Trail, before: Trail | null, { either }: Outcomes): Trail {
  if (!before || trail.outcome === null || before.outcome === null) return trail;
  return { ...trail, outcome: either(trail.outcome, before.outcome) };
}

function shareKey({ ranges: { key } }: Sources, trail: Trail | null): string {
  return trail ? `${key}|${trail.target} ${trail.outcome === null}` : key;
}
