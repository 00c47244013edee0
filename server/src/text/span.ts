// A stretch of text in UTF-16 units. In a tree it is relative to its statement, elsewhere to the file; the name says which.

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** `span` moved right by `offset` units. */
export function shifted(span: Span, offset: number): Span {
  return offset === 0 ? span : { start: span.start + offset, end: span.end + offset };
}

/** Whether `offset` lies in `span`, its end included (a cursor right behind a word is on the word). */
export function touches(span: Span, offset: number): boolean {
  return span.start <= offset && offset <= span.end;
}

/** V8 copies slices of fewer units, and lets longer ones point into the parent string. */
const COPIED = 12;

/**
 * The characters of a span as a string of their own.
 * A short text kept in a fact would otherwise keep a whole old version of its file alive. Put together from pieces that are copied.
 */
export function copied(text: string, start: number, end: number): string {
  let result = text.slice(start, Math.min(end, start + COPIED));
  for (let i = start + COPIED; i < end; i += COPIED) result += text.slice(i, Math.min(end, i + COPIED));
  return result;
}

/** The same for whole statements, of which there may be many: as fast as V8 allows, for the price of one unit more. */
export function ownCopy(text: string, start: number, end: number): string {
  // two strings joined are made one, apart from their parents, as soon as a part of them is asked for
  return ` ${text.slice(start, end)}`.slice(1);
}
