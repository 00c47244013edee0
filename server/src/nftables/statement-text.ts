// The text of one statement: where its content is, its words, the names it uses.
import { copied, type Span } from '../text/span.ts';
import { Token, tokenClass, tokenEnd } from '../text/token.ts';
import type { NftablesStatement, Reference } from './tree.ts';

/** A name with the table it is in, as written. */
export interface Named {
  readonly family: string | null;
  readonly table: string | null;
  readonly name: string | null;
}

/** The word at `span` of a statement's text, a string without its marks. */
export function wordAt(text: string, span: Span | null): string | null {
  return span && copied(text, span.start, span.end).replace(/^"(.*)"$/s, '$1');
}

export function namedAt(text: string, { family, table, name }: Reference): Named {
  return { family: wordAt(text, family), table: wordAt(text, table), name: wordAt(text, name) };
}

/** The words of a statement's head, without space, comments, separators and the brace of its block; strings without their marks. */
export function wordsOf(statement: NftablesStatement, text: string): readonly string[] {
  const words: string[] = [];
  let start = 0;
  for (const packed of statement.head) {
    const end = tokenEnd(packed);
    const token = tokenClass(packed);
    if (token !== Token.Space && token !== Token.Newline && token !== Token.Comment && token !== Token.Punctuation)
      words.push(copied(text, start, end).replace(/^"(.*)"$/s, '$1'));
    start = end;
  }
  return words;
}

const SEMICOLON = 59;

function isBlank(unit: number): boolean {
  return unit === 32 || (unit >= 9 && unit <= 13);
}

/** `text`, a statement's or that of its head, without the spaces and separators around it. */
export function contentOf(text: string): Span {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && (isBlank(text.charCodeAt(end - 1)) || text.charCodeAt(end - 1) === SEMICOLON)) end--;
  return { start, end };
}

/** The names that a text uses, with their signs. By the text alone, comments and strings left out: rather a name too many than one that is called unused. */
export function usesOf(text: string, unread: boolean): readonly string[] {
  if (!/[$@]|jump|goto/.test(text)) return unread ? unreadAlone : nothingUsed;
  const bare = text.replace(/"[^"\n]*"|#.*/g, (part) => (part.startsWith('#') ? '' : part));
  const found = new Set<string>();
  for (const [, sign = '', name = ''] of bare.matchAll(/([$@])[ \t]*([A-Za-z_][\w./-]*)/g))
    found.add(copied(sign + name, 0, name.length + 1));
  for (const [, name = ''] of bare.matchAll(/\b(?:jump|goto)[ \t]+"?([A-Za-z_][\w./-]*)/g)) found.add(`>${copied(name, 0, name.length)}`);
  if (unread) found.add('?');
  return [...found];
}

const nothingUsed: readonly string[] = [];
const unreadAlone: readonly string[] = ['?'];
