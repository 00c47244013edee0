// The variables that a statement sees: what the file, its table and its block define above it. The same definitions one behind the other give
// the same object, so that whoever keeps by identity knows that nothing changed.
import type { Definition } from './declarations.ts';

export interface Scope {
  readonly outer: Scope | null;
  /** With its `$`. */
  readonly name: string;
  /** Null where it is forgotten from here on. */
  readonly definition: Definition | null;
  /** What follows directly, by what it defines. */
  readonly inner: WeakMap<Definition, Scope>;
}

/** The file’s beginning. */
export const nothingDefined: Scope = { outer: null, name: '', definition: null, inner: new WeakMap() };

export function defined(outer: Scope, name: string, definition: Definition): Scope {
  let scope = outer.inner.get(definition);
  if (!scope) {
    scope = { outer, name, definition, inner: new WeakMap() };
    outer.inner.set(definition, scope);
  }
  return scope;
}

export function forgotten(outer: Scope, name: string): Scope {
  return { outer, name, definition: null, inner: new WeakMap() };
}

export function definitionIn(scope: Scope, name: string): Definition | undefined {
  for (let at: Scope | null = scope; at; at = at.outer) if (at.name === name) return at.definition ?? undefined;
  return undefined;
}

export function namesIn(scope: Scope): readonly string[] {
  const names = new Set<string>();
  for (let at: Scope | null = scope; at; at = at.outer) if (at.definition) names.add(at.name);
  return [...names].reverse();
}
