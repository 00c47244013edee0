// What many pairs of hosts have in common at one line: one finding there, with the first of them as its witness.
import type { RelatedPlace, Report } from '../rule.ts';

/** More are counted, and not explained: each takes a walk through the mesh. */
export const MOST_EXPLAINED = 200;
/** More are counted, and not named. */
const MOST_NAMED = 4;

interface Group {
  readonly first: Report;
  readonly others: string[];
}

export interface Groups {
  /** `pair` names what the report is about in a few words, for the line's other findings. */
  add(report: Report, pair: string): void;
  reports(): readonly Report[];
}

export function groups(): Groups {
  const byPlace = new Map<string, Group>();
  return {
    add(report, pair) {
      const key = `${report.uri} ${report.at.statement} ${report.at.item}`;
      const group = byPlace.get(key);
      if (group) group.others.push(pair);
      else byPlace.set(key, { first: report, others: [] });
    },
    reports: () =>
      [...byPlace.values()].map(({ first, others }) => {
        if (others.length === 0) return first;
        const named = others.slice(0, MOST_NAMED).join('; ');
        const more = others.length > MOST_NAMED ? `; and ${others.length - MOST_NAMED} more` : '';
        return { ...first, message: `${first.message} Likewise ${named}${more}.` };
      }),
  };
}

/** Each place once, in order. */
export function distinctPlaces(places: readonly RelatedPlace[]): readonly RelatedPlace[] {
  const seen = new Set<string>();
  return places.filter(({ uri, statement, item, message }) => {
    const key = `${uri} ${statement} ${item} ${message}`;
    return !seen.has(key) && seen.add(key);
  });
}
