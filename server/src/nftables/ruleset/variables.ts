// What `define` gives a name to, as it stands at one point of a ruleset. A list that only grows, so that a statement keeps what
// it saw however the file goes on. Scopes are nft's: file, table, chain; what a block defines ends with it.
import type { Value } from '../value.ts';

export interface Variables {
  readonly name: string;
  /** null where it was undefined again, or where its value cannot be read. */
  readonly value: Value | null;
  /** What its value could see. */
  readonly seen: Variables | null;
  readonly before: Variables | null;
  readonly length: number;
}

export function defined(variables: Variables | null, name: string, value: Value | null): Variables {
  return { name, value, seen: variables, before: variables, length: (variables?.length ?? 0) + 1 };
}

/** A value with what it can see. */
export interface Resolved {
  readonly value: Value;
  readonly variables: Variables | null;
}

function lookUp(variables: Variables | null, name: string): Variables | null {
  for (let at = variables; at; at = at.before) if (at.name === name) return at;
  return null;
}

/** The value behind a variable, and behind the variable that this one is, and so on; null where it is not known here. */
export function resolved(value: Value, variables: Variables | null): Resolved | null {
  let at: Resolved = { value, variables };
  while (at.value.kind === 'variable') {
    const found = lookUp(at.variables, at.value.name);
    if (!found?.value) return null;
    // what a definition sees is always shorter than what sees it, so this ends
    at = { value: found.value, variables: found.seen };
  }
  return at;
}

/** The word, number or string behind a value; null where it is none or not known here. */
export function textOf(value: Value, variables: Variables | null): string | null {
  const found = resolved(value, variables);
  return found?.value.kind === 'text' ? found.value.text : null;
}

/** The words of a list in braces or of one word, as devices are written. */
export function wordsOf(value: Value, variables: Variables | null): readonly string[] | null {
  const found = resolved(value, variables);
  if (!found) return null;
  if (found.value.kind === 'text') return [found.value.text];
  const items =
    found.value.kind === 'set' ? found.value.elements.map(({ key }) => key) : found.value.kind === 'list' ? found.value.items : null;
  if (!items) return null;
  const words: string[] = [];
  for (const item of items) {
    const inner = wordsOf(item, found.variables);
    if (!inner) return null;
    words.push(...inner);
  }
  return words;
}
