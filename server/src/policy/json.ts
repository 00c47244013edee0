// The nodes of a JSON text as the readers of its parts need them, and what they note down while they read.
import { getNodeValue, type Node } from 'jsonc-parser';
import type { Place } from '../text/origin.ts';
import type { Span } from '../text/span.ts';

export interface Property {
  readonly name: string;
  readonly key: Node;
  readonly value: Node | undefined;
}

export interface PolicyProblem extends Span {
  readonly message: string;
}

/** A host's or group's name where it stands. */
export interface PolicyNameUse {
  readonly name: string;
  /** In the file, without quotation marks. */
  readonly span: Span;
  /** What it makes; null where it only uses the name. */
  readonly makes: 'host' | 'group' | null;
}

/** What a file holds besides what it says: problems, and where things stand. */
export interface Notes {
  readonly problems: PolicyProblem[];
  /** By statement, then by item; item 0 is the whole. */
  readonly places: Span[][];
  readonly names: PolicyNameUse[];
}

export function spanOf(node: Node): Span {
  return { start: node.offset, end: node.offset + node.length };
}

export function tell({ problems }: Notes, { start, end }: Span, message: string): void {
  problems.push({ start, end, message });
}

export function propertiesOf(node: Node | undefined): readonly Property[] {
  if (node?.type !== 'object') return [];
  return (node.children ?? []).flatMap((property) => {
    const [key, value] = property.children ?? [];
    return key && typeof key.value === 'string' ? [{ name: key.value, key, value }] : [];
  });
}

export interface Text {
  readonly text: string;
  /** With its quotation marks. */
  readonly span: Span;
  /** What is between them; null where a character is written by an escape, so that places in it are not those in the file. */
  readonly inside: Span | null;
}

/** A text, or (unless only `one` may be) a list of texts. */
export function textsOf(node: Node, one: boolean, notes: Notes): readonly Text[] {
  const items = node.type === 'array' && !one ? (node.children ?? []) : [node];
  return items.flatMap((item) => {
    const text = textOf(item);
    if (text) return [text];
    tell(notes, spanOf(item), 'A text must stand here.');
    return [];
  });
}

export function textOf(node: Node): Text | null {
  const value: unknown = getNodeValue(node);
  if (typeof value !== 'string') return null;
  const span = spanOf(node);
  const inside = { start: span.start + 1, end: span.end - 1 };
  return { text: value, span, inside: inside.end - inside.start === value.length ? inside : null };
}

/** Opens the next statement, of which this is the whole. */
export function statementAt({ places }: Notes, whole: Span): Place {
  places.push([whole]);
  return { statement: places.length - 1, item: 0 };
}

/** The next item of the statement that was opened last. */
export function itemAt({ places }: Notes, span: Span): Place {
  const items = places.at(-1) ?? [];
  items.push(span);
  return { statement: places.length - 1, item: items.length - 1 };
}
