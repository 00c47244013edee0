// Sets and maps: whether a packet's value is in one, and what belongs to it there.
import { elementsOf } from '../../nftables/ruleset/elements.ts';
import type { Value, VerdictValue } from '../../nftables/value.ts';
import { type Bits, both, isIn, type Truth } from './bits.ts';
import { constantRange } from './constant-range.ts';
import { constantOf, type Range } from './constants.ts';
import { mayChange, plain, type Scope } from './scope.ts';

/** What an element leads to, with what its words can name. */
export interface Data {
  readonly value: Value | VerdictValue;
  readonly scope: Scope;
}

interface Element {
  /** One for each part of a key; null where it is not known here. */
  readonly key: readonly (Range | null)[];
  readonly data: Data | null;
}

export interface Lookup {
  readonly elements: readonly Element[];
  /** What `*` leads to, which is all that no other element is. */
  readonly rest: Element | null;
  /** Whether there may be elements that are not known here, or some of these may be gone. */
  readonly open: boolean;
}

/** The type and width of each part of a key. */
export interface KeyShape {
  readonly types: readonly string[];
  readonly widths: readonly number[];
}

const unknownLookup: Lookup = { elements: [], rest: null, open: true };

export function lookupOf(value: Value, shape: KeyShape, scope: Scope): Lookup {
  const found = plain(value, scope);
  if (!found) return unknownLookup;
  if (found.value.kind === 'reference') return namedLookup(found.value.name, shape, found.scope);
  if (found.value.kind !== 'set') return unknownLookup;
  const elements: Element[] = [];
  let rest: Element | null = null;
  let open = false;
  const read = (key: Value, data: Data | null, inside: Scope): void => {
    const at = plain(key, inside);
    if (!at) open = true;
    else if (at.value.kind === 'set') {
      for (const element of at.value.elements) read(element.key, element.data ? { value: element.data, scope: at.scope } : data, at.scope);
    } else if (at.value.kind === 'text' && at.value.literal === 'star') rest = { key: [], data };
    else {
      const parts = at.value.kind === 'concatenation' ? at.value.parts : [at.value];
      if (parts.length !== shape.types.length) open = true;
      else
        elements.push({
          key: parts.map((part, i) => constantRange(part, shape.types[i] as string, shape.widths[i] as number, at.scope)),
          data,
        });
    }
  };
  read(found.value, null, found.scope);
  return { elements, rest, open };
}

function namedLookup(name: string, { types }: KeyShape, scope: Scope): Lookup {
  const set = scope.sets.get(name);
  const held = set && elementsOf(set).elements;
  if (!set || !held) return unknownLookup;
  const elements: Element[] = [];
  let rest: Element | null = null;
  let open = mayChange(set, scope);
  for (const { key, data, variables } of held) {
    const leadsTo = data && { value: data, scope: { ...scope, variables } };
    if (key.length === 0) rest = { key: [], data: leadsTo };
    else if (key.length !== types.length) open = true;
    else elements.push({ key: key.map((part, i) => ('name' in part ? constantOf(part.name, types[i] as string) : part)), data: leadsTo });
  }
  return { elements, rest, open };
}

export interface Found {
  /** What it may lead to. */
  readonly data: readonly (Data | null)[];
  /** Whether it may be in none. */
  readonly mayMiss: boolean;
  /** Whether it may lead to something that is not known here. */
  readonly open: boolean;
}

export function find({ elements, rest, open }: Lookup, parts: readonly Bits[], { widths }: KeyShape): Found {
  const data: (Data | null)[] = [];
  for (const element of elements) {
    const hit = holds(element, parts, widths);
    if (hit === false) continue;
    data.push(element.data);
    if (hit && !open) return { data, mayMiss: false, open };
  }
  if (rest) data.push(rest.data);
  return { data, mayMiss: rest === null || open, open };
}

function holds({ key }: Element, parts: readonly Bits[], widths: readonly number[]): Truth {
  let result: Truth = true;
  for (const [i, range] of key.entries()) {
    const part = range && isIn(parts[i] as Bits, range.from, range.to, widths[i] as number);
    result = both(result, part);
    if (result === false) return false;
  }
  return result;
}

export function isMember(lookup: Lookup, parts: readonly Bits[], shape: KeyShape): Truth {
  const { data, mayMiss, open } = find(lookup, parts, shape);
  if (data.length === 0) return open ? null : false;
  return mayMiss || open ? null : true;
}
