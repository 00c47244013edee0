// What a set holds after all that was added and taken away: keys as numbers or names, intervals joined where the kernel joins them.
import { type Address, hostBits, lastOf, parseAddress, prefixOf } from '../../net/address.ts';
import type { Value, VerdictValue } from '../value.ts';
import { numberOf } from './number.ts';
import type { ElementChange, NamedSet } from './state.ts';
import { resolved, type Variables } from './variables.ts';

/** One part of a key: all numbers from `from` to `to`, or a name that this machine's tables or the kernel turn into one. */
export type KeyPart = { readonly from: bigint; readonly to: bigint } | { readonly name: string };

export interface SetElement {
  /** Its parts, one each of the set's datatypes; none of `*`, which is all that no other element is. */
  readonly key: readonly KeyPart[];
  readonly data: Value | VerdictValue | null;
  readonly variables: Variables | null;
}

export interface SetElements {
  /** null where something in it is not known here. */
  readonly elements: readonly SetElement[] | null;
  /** How many the kernel holds; null where that is not known here. */
  readonly count: number | null;
}

const unknown: SetElements = { elements: null, count: null };
const kept = new WeakMap<NamedSet, SetElements>();

export function elementsOf(set: NamedSet): SetElements {
  let result = kept.get(set);
  if (!result) {
    result = carriedOut(set);
    kept.set(set, result);
  }
  return result;
}

function carriedOut(set: NamedSet): SetElements {
  const isInterval = set.flags.includes('interval');
  const joins = isInterval && set.autoMerge && set.keys.length === 1 && set.kind === 'set';
  let held = new Map<string, SetElement>();
  for (const change of set.changes) {
    const elements = read(change, set.keys);
    if (!elements) return unknown;
    const takesAway = change.command === 'delete' || change.command === 'destroy';
    if (takesAway && joins) held = without(held, elements);
    else if (takesAway) for (const element of elements) held.delete(keyText(element.key));
    else {
      // what is there already stays as it is
      for (const element of elements) {
        const key = keyText(element.key);
        if (!held.has(key)) held.set(key, element);
      }
      if (joins) held = joined(held);
    }
  }
  const elements = [...held.values()];
  const sure = !hasMixedNames(elements, set.keys.length) && !(isInterval && !joins && set.keys.length === 1 && overlap(elements));
  return { elements, count: sure ? elements.length : null };
}

function keyText(key: readonly KeyPart[]): string {
  return key.map((part) => ('name' in part ? `"${part.name}"` : `${part.from}-${part.to}`)).join(' . ');
}

/** The elements of one statement; null where a variable or host name in it is not known here. */
function read({ elements, variables }: ElementChange, keys: readonly (string | null)[]): readonly SetElement[] | null {
  const into: SetElement[] = [];
  return readValue(elements, null, variables, keys, into) ? into : null;
}

function readValue(
  value: Value,
  data: SetElement['data'],
  variables: Variables | null,
  keys: readonly (string | null)[],
  into: SetElement[],
): boolean {
  const found = resolved(value, variables);
  if (!found) return false;
  if (found.value.kind === 'set')
    return found.value.elements.every((element) => readValue(element.key, element.data ?? data, found.variables, keys, into));
  if (found.value.kind === 'text' && found.value.literal === 'star') {
    into.push({ key: [], data, variables: found.variables });
    return true;
  }
  const parts = found.value.kind === 'concatenation' ? found.value.parts : [found.value];
  const key: KeyPart[] = [];
  for (const [i, part] of parts.entries()) {
    const read = readPart(part, found.variables, keys[i] ?? null);
    if (!read) return false;
    key.push(read);
  }
  into.push({ key, data, variables: found.variables });
  return true;
}

function readPart(value: Value, variables: Variables | null, type: string | null): KeyPart | null {
  const found = resolved(value, variables);
  if (!found) return null;
  switch (found.value.kind) {
    case 'text':
      return readText(found.value.text, type);
    case 'prefix': {
      const base = readPart(found.value.base, found.variables, type);
      const length = resolved(found.value.length, found.variables);
      return base && length?.value.kind === 'text' ? prefixPart(found.value.base, found.variables, length.value.text) : null;
    }
    case 'range': {
      const from = readPart(found.value.from, found.variables, type);
      const to = readPart(found.value.to, found.variables, type);
      if (!from || !to) return null;
      if ('name' in from || 'name' in to) return { name: `${rangeEnd(from)}-${rangeEnd(to)}` };
      return { from: from.from, to: to.to };
    }
    default:
      return null;
  }
}

function rangeEnd(part: KeyPart): string {
  return 'name' in part ? part.name : `${part.from}`;
}

function addressPart(first: Address, last: Address): KeyPart {
  return { from: BigInt(first.value), to: BigInt(last.value) };
}

function prefixPart(base: Value, variables: Variables | null, length: string): KeyPart | null {
  const found = resolved(base, variables);
  const address = found?.value.kind === 'text' ? parseAddress(found.value.text) : null;
  const bits = numberOf(length);
  if (!address || bits === null || bits < 0n || bits > BigInt(hostBits(address))) return null;
  const prefix = prefixOf(address, Number(bits));
  return addressPart({ version: prefix.version, value: prefix.first } as Address, lastOf(prefix));
}

function readText(text: string, type: string | null): KeyPart | null {
  const address = parseAddress(text.replace(/^\[(.*)\]$/, '$1'));
  if (address) return addressPart(address, address);
  // a name in an address's place is asked of the name server
  if (type === 'ipv4_addr' || type === 'ipv6_addr') return null;
  if (/^[0-9a-f]{1,2}(?::[0-9a-f]{1,2}){5}$/i.test(text)) {
    const value = text.split(':').reduce((sum, byte) => sum * 256n + BigInt(`0x${byte}`), 0n);
    return { from: value, to: value };
  }
  const number = type === 'ifname' || type === 'string' ? null : numberOf(text);
  return number === null ? { name: text } : { from: number, to: number };
}

/** Whether names stand beside numbers in one part, so that two keys written apart may be one. */
function hasMixedNames(elements: readonly SetElement[], parts: number): boolean {
  for (let i = 0; i < parts; i++) {
    let names = false;
    let numbers = false;
    for (const { key } of elements) {
      const part = key[i];
      if (part && 'name' in part) names = true;
      else if (part) numbers = true;
    }
    if (names && numbers) return true;
  }
  return false;
}

interface Numbers {
  from: bigint;
  to: bigint;
  readonly element: SetElement;
}

function sortedNumbers(elements: Iterable<SetElement>): Numbers[] {
  const numbers: Numbers[] = [];
  for (const element of elements) {
    const [part] = element.key;
    if (part && 'from' in part) numbers.push({ from: part.from, to: part.to, element });
  }
  return numbers.sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
}

/** Whether two intervals share a value: without auto-merge nft refuses that. */
function overlap(elements: readonly SetElement[]): boolean {
  const numbers = sortedNumbers(elements);
  return numbers.some(({ from }, i) => i > 0 && from <= (numbers[i - 1] as Numbers).to);
}

function held(elements: Iterable<SetElement>): Map<string, SetElement> {
  const result = new Map<string, SetElement>();
  for (const element of elements) result.set(keyText(element.key), element);
  return result;
}

/** With auto-merge, intervals that overlap or touch are one (nft(8), SETS; intervals.c, set_automerge). */
function joined(elements: Map<string, SetElement>): Map<string, SetElement> {
  const result: SetElement[] = [...elements.values()].filter(({ key: [part] }) => !part || 'name' in part);
  let last: Numbers | null = null;
  const put = ({ from, to, element }: Numbers): void => void result.push({ ...element, key: [{ from, to }] });
  for (const next of sortedNumbers(elements.values())) {
    if (last && next.from <= last.to + 1n) {
      if (next.to > last.to) last.to = next.to;
    } else {
      if (last) put(last);
      last = next;
    }
  }
  if (last) put(last);
  return held(result);
}

/** With auto-merge, a part of an interval may be taken away (intervals.c, setelem_delete). */
function without(elements: Map<string, SetElement>, gone: readonly SetElement[]): Map<string, SetElement> {
  let rest = [...elements.values()];
  for (const { key } of gone) {
    const [part] = key;
    if (!part || 'name' in part) rest = rest.filter((element) => keyText(element.key) !== keyText(key));
    else rest = rest.flatMap((element) => cut(element, part));
  }
  return held(rest);
}

function cut(element: SetElement, { from, to }: { readonly from: bigint; readonly to: bigint }): readonly SetElement[] {
  const [part] = element.key;
  if (!part || 'name' in part || part.to < from || part.from > to) return [element];
  const left: SetElement[] = part.from < from ? [{ ...element, key: [{ from: part.from, to: from - 1n }] }] : [];
  const right: SetElement[] = part.to > to ? [{ ...element, key: [{ from: to + 1n, to: part.to }] }] : [];
  return [...left, ...right];
}
