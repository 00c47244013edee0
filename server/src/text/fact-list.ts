// The facts of a file's statements in document order, kept from edit to edit, and the way back from a place among them to the text.
import { equalData } from './equal.ts';
import type { Place } from './origin.ts';
import type { Span } from './span.ts';
import { headWidth, type Statement } from './statement.ts';

/** What one statement says, without where; and where the items of it stand, relative to the statement. */
export interface StatementFacts<F> {
  readonly fact: F;
  /** An item is an index into it; 0 is the whole. */
  readonly places: readonly Span[];
}

export type FactStatement<F> = Statement<unknown, StatementFacts<F> | null>;

export interface FactList<F> {
  readonly root: FactStatement<F>;
  /** The facts in order; behind the statements of a block that has facts stands the fact of its end. */
  readonly facts: readonly F[];
  /** What is new in it since the list before the edit; null where there was none. */
  readonly change: Change<F> | null;
  /** Where each stands; made when somebody asks, and then kept from edit to edit. */
  located: Located<F> | null;
}

/** From which of the old facts on, and how many of them are replaced by `added`. */
export interface Change<F> {
  readonly at: number;
  readonly removed: number;
  readonly added: readonly F[];
}

interface Located<F> {
  readonly statements: readonly (FactStatement<F> | null)[];
  readonly offsets: Uint32Array;
}

/** How facts are read from one language's statements. */
export interface FactReader<F> {
  readonly of: (statement: FactStatement<F>, offset: number) => StatementFacts<F> | null;
  /** The fact that stands for the end of a block. */
  readonly end: F;
}

/** The facts of a tree. With the list of the tree before an edit, what did not change is taken from there, to the very array. */
export function factList<F>(root: FactStatement<F>, reader: FactReader<F>, old?: FactList<F>): FactList<F> {
  if (!old) {
    const facts: F[] = [];
    gather(root.body, headWidth(root), reader, facts);
    return { root, facts, change: null, located: null };
  }
  const found: Difference<F> = difference(old.root, root, 0, headWidth(root), reader, []);
  const { at, removed, added } = found;
  let same = added.length === removed;
  for (let i = 0; i < added.length; i++) {
    const before = i < removed ? old.facts[at + i] : undefined;
    if (before !== undefined && equalData(before, added[i])) added[i] = before;
    else same = false;
  }
  const facts = same ? old.facts : old.facts.slice(0, at).concat(added, old.facts.slice(at + removed));
  return {
    root,
    facts,
    change: { at, removed, added },
    located: old.located && relocated(old.located, found, root.width - old.root.width),
  };
}

function gather<F>(body: readonly FactStatement<F>[], start: number, reader: FactReader<F>, into: F[]): void {
  let offset = start;
  for (let i = 0; i < body.length; i++) {
    const statement = body[i] as FactStatement<F>;
    const own = reader.of(statement, offset);
    if (own) into.push(own.fact);
    if (statement.body.length > 0) {
      gather(statement.body, offset + headWidth(statement), reader, into);
      if (own) into.push(reader.end);
    }
    offset += statement.width;
  }
}

/** How many facts a statement that was gathered before has, those nested in it included. */
function countFacts<F>(statement: FactStatement<F>): number {
  const own = statement.facts ? 1 : 0;
  if (statement.body.length === 0) return own;
  let count = own * 2;
  for (const child of statement.body) count += countFacts(child);
  return count;
}

/** A block that holds what changed. */
interface Around<F> {
  /** The number of its fact. */
  readonly at: number;
  readonly statement: FactStatement<F>;
  /** How far what it holds has moved in it. */
  readonly moved: number;
}

interface Difference<F> extends Change<F> {
  readonly added: F[];
  /** The statements whose facts are new, and where the first begins. */
  readonly body: readonly FactStatement<F>[];
  readonly offset: number;
  /** The blocks around, outermost first. */
  readonly around: readonly Around<F>[];
}

/** Compares two versions of a block: kept statements are the same objects, so what is before and behind the change is found by identity. */
function difference<F>(
  old: FactStatement<F>,
  next: FactStatement<F>,
  first: number,
  start: number,
  reader: FactReader<F>,
  around: Around<F>[],
): Difference<F> {
  const least = Math.min(old.body.length, next.body.length);
  let at = first;
  let offset = start;
  let i = 0;
  for (; i < least; i++) {
    const statement = next.body[i] as FactStatement<F>;
    if (statement !== old.body[i]) break;
    at += statement.body.length === 0 ? (statement.facts ? 1 : 0) : countFacts(statement);
    offset += statement.width;
  }
  let j = 0;
  while (j < least - i && next.body[next.body.length - 1 - j] === old.body[old.body.length - 1 - j]) j++;
  const before = old.body.slice(i, old.body.length - j);
  const after = next.body.slice(i, next.body.length - j);
  const [was] = before;
  const [is] = after;
  if (before.length === 1 && after.length === 1 && was && is && was.body.length > 0 && is.body.length > 0) {
    const fact = reader.of(is, offset)?.fact;
    if (was.facts && fact !== undefined && equalData(was.facts.fact, fact)) {
      around.push({ at, statement: is, moved: headWidth(is) - headWidth(was) });
      return difference(was, is, at + 1, offset + headWidth(is), reader, around);
    }
  }
  let removed = 0;
  for (const statement of before) removed += countFacts(statement);
  const added: F[] = [];
  gather(after, offset, reader, added);
  return { at, removed, added, body: after, offset, around };
}

/** Where the facts stand after an edit, by where they stood: what is behind the change has moved by `shift`. */
function relocated<F>(old: Located<F>, { at, removed, body, offset, around }: Difference<F>, shift: number): Located<F> | null {
  if (around.some(({ moved }) => moved !== 0)) return null;
  const fresh: (FactStatement<F> | null)[] = [];
  const places: number[] = [];
  locate(body, offset, fresh, places);
  const rest = at + removed;
  const statements = old.statements.slice(0, at).concat(fresh, old.statements.slice(rest));
  for (const block of around) statements[block.at] = block.statement;
  const offsets = new Uint32Array(statements.length);
  offsets.set(old.offsets.subarray(0, at));
  offsets.set(places, at);
  for (let i = rest, j = at + places.length; i < old.offsets.length; i++, j++) offsets[j] = (old.offsets[i] as number) + shift;
  return { statements, offsets };
}

function located<F>(list: FactList<F>): Located<F> {
  if (!list.located) {
    const statements: (FactStatement<F> | null)[] = [];
    const offsets: number[] = [];
    locate(list.root.body, headWidth(list.root), statements, offsets);
    list.located = { statements, offsets: Uint32Array.from(offsets) };
  }
  return list.located;
}

function locate<F>(body: readonly FactStatement<F>[], start: number, statements: (FactStatement<F> | null)[], offsets: number[]): void {
  let offset = start;
  for (const statement of body) {
    if (statement.facts) {
      statements.push(statement);
      offsets.push(offset);
    }
    if (statement.body.length > 0) {
      locate(statement.body, offset + headWidth(statement), statements, offsets);
      if (statement.facts) {
        statements.push(null);
        offsets.push(offset + statement.width);
      }
    }
    offset += statement.width;
  }
}

/** Where the statement of a place begins in the file; null where there is none any more. */
export function offsetOf<F>(list: FactList<F>, statement: number): number | null {
  return located(list).offsets[statement] ?? null;
}

/** The span in the file of a place; null where there is no such statement any more. */
export function spanOf<F>(list: FactList<F>, place: Place): Span | null {
  const { statements, offsets } = located(list);
  const statement = statements[place.statement];
  const offset = offsets[place.statement];
  if (!statement?.facts || offset === undefined) return null;
  const span = statement.facts.places[place.item] ?? statement.facts.places[0];
  return span ? { start: span.start + offset, end: span.end + offset } : null;
}
