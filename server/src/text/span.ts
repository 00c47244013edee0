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

/**
 * The characters of a span as a string of their own.
 * V8 lets `slice` of 13 units and more point into the parent string; a short text kept in a fact would then keep a whole
 * old version of its file alive. This copies.
 */
export function copied(text: string, start: number, end: number): string {
  if (end - start < 13) return text.slice(start, end);
  const units: number[] = [];
  for (let i = start; i < end; i++) units.push(text.charCodeAt(i));
  let result = '';
  for (let i = 0; i < units.length; i += 4096) result += String.fromCharCode(...units.slice(i, i + 4096));
  return result;
}

/** The same for whole statements, of which there may be many: as fast as V8 allows, for the price of one unit more. */
export function ownCopy(text: string, start: number, end: number): string {
  // two strings joined are made one, apart from their parents, as soon as a part of them is asked for
  return ` ${text.slice(start, end)}`.slice(1);
}
