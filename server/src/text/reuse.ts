// What of an old tree may stand in the new one: the statements that an edit did not touch and that begin where they began.
import { headWidth, type Statement } from './statement.ts';

/** `start..oldEnd` of the old text became `start..newEnd` of the new one. */
export interface Damage {
  readonly start: number;
  readonly oldEnd: number;
  readonly newEnd: number;
}

interface Level<S, F> {
  readonly body: readonly Statement<S, F>[];
  index: number;
  /** Of `body[index]`, in the old text. */
  offset: number;
}

/** Hands out old statements. Positions must be asked for in ascending order. */
export interface Reuse<S, F> {
  /**
   * Puts the old statements that begin at `position` of the new text, were read in the same kind of place and are untouched into
   * `into`, one behind the other as far as they go in their block. Returns where they end; `position` where there is none.
   */
  take(position: number, place: number, into: Statement<S, F>[]): number;
}

export function reuseOf<S, F>(root: Statement<S, F>, damage: Damage): Reuse<S, F> {
  const { start, oldEnd, newEnd } = damage;
  const stack: Level<S, F>[] = [{ body: root.body, index: 0, offset: headWidth(root) }];

  function seek(target: number): Statement<S, F> | undefined {
    for (;;) {
      const level = stack[stack.length - 1];
      if (!level) return undefined;
      const statement = level.body[level.index];
      if (!statement) {
        stack.pop();
        const parent = stack[stack.length - 1];
        const done = parent?.body[parent.index];
        if (parent && done) {
          parent.offset += done.width;
          parent.index++;
        }
      } else if (level.offset === target) {
        return statement;
      } else if (level.offset > target) {
        return undefined;
      } else if (level.offset + statement.width <= target) {
        level.offset += statement.width;
        level.index++;
      } else {
        const inner = level.offset + headWidth(statement);
        if (statement.body.length === 0 || target < inner) return undefined;
        stack.push({ body: statement.body, index: 0, offset: inner });
      }
    }
  }

  return {
    take(position, place, into) {
      const behind = position >= newEnd;
      if (!behind && position >= start) return position;
      const shift = behind ? newEnd - oldEnd : 0;
      const first = seek(position - shift);
      const level = stack[stack.length - 1];
      if (!first || !level) return position;
      // behind the damage everything is untouched, before it what ends before it and does not look any further
      let { index, offset } = level;
      for (let next = level.body[index]; next && next.place === place && next.width > 0; next = level.body[index]) {
        const end = offset + next.width;
        if (!behind && (end + next.reach > start || !next.closed)) break;
        into.push(next);
        offset = end;
        index++;
      }
      level.index = index;
      level.offset = offset;
      return offset + shift;
    },
  };
}
