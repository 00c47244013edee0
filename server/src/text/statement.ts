// The tree both languages share: statements with a width, nested ones inside blocks. A statement that an edit did not touch is
// kept as the same object, with all that was computed from it.
import type { Span } from './span.ts';
import { tokenEnd } from './token.ts';

/** A mistake in the text of one statement; `start` and `end` are relative to the statement. */
export interface SyntaxProblem extends Span {
  readonly rule: string;
  readonly message: string;
  /** The real tool that refuses the file for this. */
  readonly refusedBy?: string;
  /** What fails only later: when the interface comes up, in a hook, or because of the machine it runs on. */
  readonly failsAt?: 'up' | 'hook' | 'machine';
  /** Where it is less than the rule's own. */
  readonly severity?: 'info' | 'hint';
  /** What may stand there instead, best first: each is a fix. */
  readonly suggest?: readonly string[];
}

export interface Statement<S = unknown, F = unknown> {
  /** UTF-16 units, from its indentation to its separator, nested statements included. */
  readonly width: number;
  /** Packed tokens before the body; all of them where there is none. */
  readonly head: readonly number[];
  readonly body: readonly Statement<S, F>[];
  /** Which kind of block it was read in: the same text means something else elsewhere. */
  readonly place: number;
  /** Whether it ended by its own separator, so that a word joined to its end cannot change it. */
  readonly closed: boolean;
  /** How many units behind its end were looked at to read it (for a brace or quotation mark that is not closed): an edit there may change it. */
  readonly reach: number;
  readonly problems: readonly SyntaxProblem[];
  /** Whether it or a nested one has problems. */
  readonly troubled: boolean;
  readonly syntax: S;
  /** Memo: what the statement says, without where. Filled by the language's facts on first use. */
  facts: F | undefined;
  /** Memo: what a check found in it, in the language’s own form. */
  checked?: unknown;
}

export interface SyntaxTree<S, F> {
  readonly root: Statement<S, F>;
}

export const none: readonly never[] = Object.freeze([]);

export function headWidth(statement: Statement): number {
  const last = statement.head[statement.head.length - 1];
  return last === undefined ? 0 : tokenEnd(last);
}

/** Calls `visit` for every statement in document order with its offset in the file; false from `visit` leaves out what it holds. */
export function eachStatement<S, F>(
  root: Statement<S, F>,
  visit: (statement: Statement<S, F>, offset: number) => boolean | undefined,
  offset = 0,
): void {
  if (visit(root, offset) === false) return;
  let at = offset + headWidth(root);
  for (const child of root.body) {
    if (child.body.length === 0) visit(child, at);
    else eachStatement(child, visit, at);
    at += child.width;
  }
}

export interface Located<S, F> {
  readonly statement: Statement<S, F>;
  /** In the file. */
  readonly offset: number;
}

/** The statements that hold `offset`, outermost first. At a border the later one counts, at the file's end the last. */
export function statementsAt<S, F>(root: Statement<S, F>, offset: number): Located<S, F>[] {
  const path: Located<S, F>[] = [{ statement: root, offset: 0 }];
  let parent = root;
  let at = headWidth(root);
  for (;;) {
    let next: Statement<S, F> | undefined;
    for (const child of parent.body) {
      if (offset < at + child.width || (offset === at + child.width && child === parent.body[parent.body.length - 1])) {
        next = child;
        break;
      }
      at += child.width;
    }
    if (!next || offset < at) return path;
    path.push({ statement: next, offset: at });
    parent = next;
    at += headWidth(next);
  }
}

/** Calls `visit` for every token of the tree with its offsets in the file. */
export function eachToken(root: Statement, visit: (packed: number, start: number, end: number) => void): void {
  eachStatement(root, (statement, offset) => {
    let start = offset;
    for (const packed of statement.head) {
      const end = offset + tokenEnd(packed);
      visit(packed, start, end);
      start = end;
    }
    return undefined;
  });
}
