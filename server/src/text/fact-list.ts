// The facts of a file's statements in document order, and the way back from a place among them to the text.
import type { Place } from './origin.ts';
import type { Span } from './span.ts';
import { headWidth, type Statement } from './statement.ts';

/** What one statement says, without where; and where the items of it stand, relative to the statement. */
export interface StatementFacts<F> {
  readonly fact: F;
  /** An item is an index into it; 0 is the whole. */
  readonly places: readonly Span[];
}

export interface FactList<F> {
  readonly facts: readonly F[];
  /** The statement of each fact, null for the end of a block. */
  readonly statements: readonly (Statement<unknown, StatementFacts<F> | null> | null)[];
  /** Where each begins in the file. */
  readonly offsets: readonly number[];
}

/** Gathers the facts of a tree; with `end`, that fact stands behind the statements of every block. */
export function factList<S, F>(
  root: Statement<S, StatementFacts<F> | null>,
  factsOf: (statement: Statement<S, StatementFacts<F> | null>, offset: number) => StatementFacts<F> | null,
  end: F | null,
): FactList<F> {
  const facts: F[] = [];
  const statements: (Statement<unknown, StatementFacts<F> | null> | null)[] = [];
  const offsets: number[] = [];
  const walk = (parent: Statement<S, StatementFacts<F> | null>, start: number): void => {
    let offset = start;
    for (const statement of parent.body) {
      const own = statement.facts === undefined ? factsOf(statement, offset) : statement.facts;
      if (own !== null) {
        facts.push(own.fact);
        statements.push(statement);
        offsets.push(offset);
      }
      if (statement.body.length > 0) {
        walk(statement, offset + headWidth(statement));
        if (own !== null && end !== null) {
          facts.push(end);
          statements.push(null);
          offsets.push(offset + statement.width);
        }
      }
      offset += statement.width;
    }
  };
  walk(root, headWidth(root));
  return { facts, statements, offsets };
}

/** The span in the file of a place; null where there is no such statement any more. */
export function spanOf(list: FactList<unknown>, place: Place): Span | null {
  const statement = list.statements[place.statement];
  const offset = list.offsets[place.statement];
  if (!statement?.facts || offset === undefined) return null;
  const span = statement.facts.places[place.item] ?? statement.facts.places[0];
  return span ? { start: span.start + offset, end: span.end + offset } : null;
}
