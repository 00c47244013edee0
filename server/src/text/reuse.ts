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
  /** The old statement that was read in the same kind of place, begins at `position` of the new text and is untouched. */
  take(position: number, place: number): Statement<S, F> | undefined;
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
    take(position, place) {
      let old = position;
      if (position >= newEnd) old = position - newEnd + oldEnd;
      else if (position >= start) return undefined;
      const statement = seek(old);
      if (!statement || statement.place !== place || statement.width === 0) return undefined;
      const end = old + statement.width;
      const untouched = old >= oldEnd || end < start || (end === start && statement.closed);
      return untouched ? statement : undefined;
    },
  };
}
