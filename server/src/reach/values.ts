// What a match compares with, as sides of a box: what surely matches, and what may.
import { type Address, firstOf, lastOf } from '../net/address.ts';
import {
  complemented,
  type Domain,
  type Intervals,
  joined,
  meet,
  portDomain,
  protocolDomain,
  v4Domain,
  v6Domain,
} from '../net/intervals.ts';
import type { ElementValue, Value } from '../nftables/terms.ts';
import { equalData } from '../text/equal.ts';
import { anyState, type Sides as BoxSides, State } from './box.ts';
import { interfacePattern } from './interfaces.ts';
import { type Atom, anySide, familyKey, headerOf, type Key, keys, transport } from './keys.ts';
import type { Names } from './names.ts';
import { icmpTypes, icmpv6Types, ports as portNumbers, protocols as protocolNumbers } from './numbers.ts';
import { intersectedServices, portProtocols, portServices, protocolServices } from './services.ts';

/** What one part of a rule matches: in each box of `must` every packet, outside the boxes of `may` none. The same list where it is exact. */
export interface Sides {
  readonly may: readonly BoxSides[];
  readonly must: readonly BoxSides[];
}

const noSide: readonly BoxSides[] = [];
export const unknownSides: Sides = { may: anySide, must: noSide };

/** More elements than this are told by their hull. */
const MOST_SIDES = 256;

/** The sides of `parts OPERATOR value` in a rule of `family`, which is `FAMILY TABLE`. The same where the same is compared with the same word, number, address or named set. */
export function matchSides(
  parts: readonly (string | null)[],
  operator: string,
  masked: boolean,
  value: Value,
  names: Names,
  family: string,
): Sides {
  const word = masked ? null : sameWord(value);
  if (word === null) return sidesOf(parts, operator, masked, value, names, family);
  const made = value.is === 'reference' ? named(names) : alone;
  // a part has no line break in it
  const key = parts.length === 1 && operator === '' ? (parts[0] ?? '') : `${operator}\n${parts.join('\n')}`;
  const place = value.is === 'reference' ? `${key}\n${family}` : key;
  let known = made.get(place);
  if (!known) {
    if (made.size >= MOST_KEPT) made.clear();
    known = new Map();
    made.set(place, known);
  }
  let sides = known.get(word);
  if (!sides) {
    if (known.size >= MOST_KEPT) known.clear();
    sides = sidesOf(parts, operator, masked, value, names, family);
    known.set(word, sides);
  }
  return sides;
}

type Made = Map<string, Map<string | number, Sides>>;

/** What words, numbers and IPv4 addresses were read as, by what is compared with them: in thousands of rules they are few. */
const alone: Made = new Map();
const MOST_KEPT = 4096;

/** What named sets were read as, while the names stand for the same. */
const byNames = new WeakMap<Names, Made>();

function named(names: Names): Made {
  let made = byNames.get(names);
  if (!made) {
    made = new Map();
    byNames.set(names, made);
  }
  return made;
}

/** What stands for the same wherever it is compared with the same; null for all else. */
function sameWord(value: Value): string | number | null {
  switch (value.is) {
    case 'word':
      return value.word;
    case 'number':
      return value.number;
    case 'address':
      // below 0, where no number is
      return value.address.version === 4 ? -1 - value.address.value : null;
    case 'reference':
      return value.name;
    default:
      return null;
  }
}

function sidesOf(parts: readonly (string | null)[], operator: string, masked: boolean, value: Value, names: Names, family: string): Sides {
  const relation = operators[operator];
  if (parts.length === 1) {
    const name = parts[0] ?? null;
    const key = name === null ? undefined : keys.get(name);
    const side = name === null ? undefined : transport.get(name);
    if (side && !masked && (relation === 'in' || relation === 'out'))
      return transportSides(side, relation, valueAtoms('ports', value, names, family));
    if (!key || masked || relation === undefined) return { may: headerOf(name), must: noSide };
    if (relation !== 'in' && relation !== 'out') return comparedSides(key, relation, value, names, family);
    const atoms = valueAtoms(key.of, value, names, family);
    return relation === 'in' ? inSides(key, atoms) : outSides(key, atoms);
  }
  if (masked || relation !== 'in') return { may: [leastOf(parts)], must: noSide };
  return concatenated(parts, value, names, family);
}

const operators: Readonly<Record<string, 'in' | 'out' | '<' | '<=' | '>' | '>=' | undefined>> = {
  '': 'in',
  '==': 'in',
  eq: 'in',
  '!=': 'out',
  ne: 'out',
  '<': '<',
  lt: '<',
  '<=': '<=',
  le: '<=',
  '>': '>',
  gt: '>',
  '>=': '>=',
  ge: '>=',
};

function leastOf(parts: readonly (string | null)[]): BoxSides {
  let result: BoxSides = {};
  for (const part of parts) result = { ...(part === null ? {} : (keys.get(part)?.least ?? {})), ...result };
  return result;
}

/** What a value surely holds, and what it may: null is anything. The same where it is exact. */
interface Atoms {
  readonly under: Atom;
  readonly over: Atom | null;
}

function exact(of: Atom['of'], atom: Atom | null): Atoms {
  return atom ? { under: atom, over: atom } : { under: emptyAtom(of), over: null };
}

function emptyAtom(of: Atom['of']): Atom {
  return of === 'names' ? { of, names: [] } : of === 'states' ? { of, mask: 0 } : of === 'v6' ? { of, set: [] } : { of, set: [] };
}

const domains: Readonly<Record<'v4' | 'ports' | 'protocols' | 'types' | 'types6', Domain<number>>> = {
  v4: v4Domain,
  ports: portDomain,
  protocols: protocolDomain,
  types: portDomain,
  types6: portDomain,
};

function united(of: Atom['of'], atoms: readonly Atom[]): Atom {
  switch (of) {
    case 'names':
      return { of, names: atoms.flatMap((atom) => (atom.of === 'names' ? atom.names : [])) };
    case 'states':
      return { of, mask: atoms.reduce((mask, atom) => (atom.of === 'states' ? mask | atom.mask : mask), 0) };
    case 'v6':
      return {
        of,
        set: joined(
          atoms.flatMap((atom) => (atom.of === 'v6' ? atom.set : [])),
          v6Domain,
        ),
      };
    default: {
      const all: { from: number; to: number }[] = [];
      for (const atom of atoms) if (atom.of === of) all.push(...atom.set);
      return { of, set: joined(all, domains[of]) };
    }
  }
}

const wordNumbers: Readonly<Record<'ports' | 'protocols' | 'types' | 'types6', ReadonlyMap<string, number>>> = {
  ports: portNumbers,
  protocols: protocolNumbers,
  types: icmpTypes,
  types6: icmpv6Types,
};

/** Variables may stand for others; a ring of them ends here. */
const MOST_STEPS = 16;

function valueAtoms(of: Atom['of'], value: Value, names: Names, family: string, steps = 0): Atoms {
  switch (value.is) {
    case 'set':
      return elementAtoms(of, value.elements, true, names, family, steps);
    case 'list': {
      const parts = value.items.map((item) => valueAtoms(of, item, names, family, steps));
      // of ports and addresses a list would be bits; nft refuses it
      if (of !== 'states') return exact(of, null);
      return combined(of, parts);
    }
    case 'variable': {
      const stands = steps < MOST_STEPS ? names.variable(value.name) : null;
      return stands ? valueAtoms(of, stands, names, family, steps + 1) : exact(of, null);
    }
    case 'reference': {
      const set = setNamed(names, family, value.name);
      return set ? elementAtoms(of, set.elements, set.complete, names, family, steps) : exact(of, null);
    }
    case 'range':
      return exact(of, rangeAtom(of, value.from, value.to));
    default:
      return exact(of, leaf(of, value));
  }
}

/** `family` is `FAMILY TABLE`: where the rule stands that names the set. */
function setNamed(names: Names, family: string, name: string): ReturnType<Names['set']> {
  const space = family.indexOf(' ');
  return names.set(family.slice(0, space), family.slice(space + 1), name);
}

function combined(of: Atom['of'], parts: readonly Atoms[], complete = true): Atoms {
  const sure = parts.every(({ under, over }) => under === over);
  const under = united(
    of,
    parts.map((part) => part.under),
  );
  if (complete && sure) return { under, over: under };
  if (!complete || parts.some(({ over }) => over === null)) return { under, over: null };
  return {
    under,
    over: united(
      of,
      parts.map((part) => part.over as Atom),
    ),
  };
}

function elementAtoms(
  of: Atom['of'],
  elements: readonly ElementValue[],
  complete: boolean,
  names: Names,
  family: string,
  steps: number,
): Atoms {
  return combined(
    of,
    elements.map(({ key }) => valueAtoms(of, key, names, family, steps)),
    complete,
  );
}

function leaf(of: Atom['of'], value: Value): Atom | null {
  switch (of) {
    case 'v4':
    case 'v6': {
      if (value.is === 'address') return addressAtom(of, value.address, value.address);
      if (value.is === 'prefix') return addressAtom(of, firstOf(value.prefix), lastOf(value.prefix));
      if (value.is === 'word' && value.word === '*') return of === 'v4' ? { of, set: v4Domain.all } : { of, set: v6Domain.all };
      return null;
    }
    case 'names':
      return value.is === 'word' ? { of, names: [interfacePattern(value.word)] } : null;
    case 'states': {
      const mask = value.is === 'word' && Object.hasOwn(State, value.word) ? State[value.word as keyof typeof State] : undefined;
      return mask === undefined ? null : { of, mask };
    }
    default: {
      const number = value.is === 'number' ? value.number : value.is === 'word' ? wordNumbers[of].get(value.word) : undefined;
      return number === undefined ? null : { of, set: [{ from: number, to: number }] };
    }
  }
}

function addressAtom(of: 'v4' | 'v6', from: Address, to: Address): Atom | null {
  if (of === 'v4' && from.version === 4 && to.version === 4) return { of, set: [{ from: from.value, to: to.value }] };
  if (of === 'v6' && from.version === 6 && to.version === 6) return { of, set: [{ from: from.value, to: to.value }] };
  return null;
}

function rangeAtom(of: Atom['of'], from: Value, to: Value): Atom | null {
  const low = leaf(of, from);
  const high = leaf(of, to);
  if (!low || !high || of === 'names' || of === 'states') return null;
  const [first] = (low as { readonly set: Intervals<number | bigint> }).set;
  const [last] = (high as { readonly set: Intervals<number | bigint> }).set;
  if (!first || !last || first.from > last.to) return null;
  return { of, set: [{ from: first.from, to: last.to }] } as Atom;
}

/** Headers of IPv6 that another follows. */
const extensions: Intervals<number> = [0, 43, 44, 51, 60, 135, 139, 140].map((header) => ({ from: header, to: header }));

function inSides(key: Key, { under, over }: Atoms): Sides {
  const may = over ? [key.sides(over)] : [key.least];
  if (key.loose) return { may: over?.of === 'protocols' && meet(over.set, extensions) ? [key.least] : may, must: noSide };
  return under === over ? { may, must: may } : { may, must: [key.sides(under)] };
}

function outSides(key: Key, { under, over }: Atoms): Sides {
  if (key.of === 'names' && key !== familyKey) {
    const except = (atom: Atom | null): BoxSides => {
      const sides = atom ? key.sides(atom) : {};
      const [name, value] = Object.entries(sides)[0] ?? [];
      return name && value && typeof value === 'object' && 'only' in value ? { [name]: { only: null, except: value.only } } : {};
    };
    const may = [except(under)];
    if (over === under) return { may, must: may };
    return { may, must: over ? [except(over)] : noSide };
  }
  const may = [key.sides(negated(under))];
  // a nexthdr that is another surely is another protocol only where no extension stands between
  if (key.loose) return { may: [key.least], must: noSide };
  if (over === under) return { may, must: may };
  return { may, must: over ? [key.sides(negated(over))] : noSide };
}

function negated(atom: Atom): Atom {
  switch (atom.of) {
    case 'names':
      // of families alone: interfaces are left out by name
      return {
        of: 'names',
        names: [['ipv4', 'ip'] as const, ['ipv6', 'ip6'] as const].flatMap((both) =>
          both.some((name) => atom.names.includes(name)) ? [] : [both[0]],
        ),
      };
    case 'states':
      return { of: 'states', mask: anyState & ~atom.mask };
    case 'v6':
      return { of: 'v6', set: complemented(atom.set, v6Domain) };
    default:
      return { of: atom.of, set: complemented(atom.set, domains[atom.of]) };
  }
}

function comparedSides(key: Key, relation: '<' | '<=' | '>' | '>=', value: Value, names: Names, family: string): Sides {
  const { under, over } = valueAtoms(key.of, value, names, family);
  if (over !== under || (under.of !== 'ports' && under.of !== 'protocols')) return { may: [key.least], must: noSide };
  const [only] = under.set;
  if (under.set.length !== 1 || !only || only.from !== only.to) return { may: [key.least], must: noSide };
  const number = only.from;
  const last = under.of === 'protocols' ? 255 : 65535;
  const range =
    relation === '<'
      ? { from: 0, to: number - 1 }
      : relation === '<='
        ? { from: 0, to: number }
        : relation === '>'
          ? { from: number + 1, to: last }
          : { from: number, to: last };
  const atom: Atom = { of: under.of, set: range.from <= range.to ? [range] : [] };
  return inSides(key, { under: atom, over: atom });
}

/** `th dport` checks no protocol: it reads the same two bytes of whatever there is (facts/nftables.md). */
function transportSides(side: 'sources' | 'targets', relation: 'in' | 'out', { under, over }: Atoms): Sides {
  const sure = relation === 'in' ? under : over ? negated(over) : null;
  const possible = relation === 'in' ? over : negated(under);
  const others = protocolServices(
    complemented(
      joined(
        portProtocols.map((protocol) => ({ from: protocol, to: protocol })),
        protocolDomain,
      ),
      protocolDomain,
    ),
  );
  const must = sure?.of === 'ports' ? [{ services: portServices(portProtocols, sure.set, side) }] : noSide;
  if (possible?.of !== 'ports') return { may: anySide, must };
  return { may: [{ services: [...others, ...portServices(portProtocols, possible.set, side)].sort((a, b) => a.from - b.from) }], must };
}

function concatenated(parts: readonly (string | null)[], value: Value, names: Names, family: string, steps = 0): Sides {
  const least: BoxSides = leastOf(parts);
  switch (value.is) {
    case 'variable': {
      const stands = steps < MOST_STEPS ? names.variable(value.name) : null;
      return stands ? concatenated(parts, stands, names, family, steps + 1) : { may: [least], must: noSide };
    }
    case 'reference': {
      const set = setNamed(names, family, value.name);
      if (!set) return { may: [least], must: noSide };
      const sides = elementSides(parts, set.elements, names, family);
      return set.complete ? sides : { may: [least], must: sides.must };
    }
    case 'set':
      return elementSides(parts, value.elements, names, family);
    case 'concatenation':
      return keySides(parts, value, names, family);
    default:
      return { may: [least], must: noSide };
  }
}

function elementSides(parts: readonly (string | null)[], elements: readonly ElementValue[], names: Names, family: string): Sides {
  if (elements.length > MOST_SIDES) return { may: [leastOf(parts)], must: noSide };
  const each = elements.map(({ key }) => keySides(parts, key, names, family));
  const may = each.flatMap((sides) => sides.may);
  return each.every((sides) => sides.may === sides.must) ? { may, must: may } : { may, must: each.flatMap((sides) => sides.must) };
}

/** The sides of one key of a set, map or verdict map. */
export function keySides(parts: readonly (string | null)[], key: Value, names: Names, family: string): Sides {
  if (parts.length === 1) return matchSides(parts, '', false, key, names, family);
  if (key.is !== 'concatenation' || key.parts.length !== parts.length) return { may: [leastOf(parts)], must: noSide };
  let may: BoxSides = {};
  let must: BoxSides | null = {};
  for (let i = 0; i < parts.length; i++) {
    const sides = matchSides([parts[i] ?? null], '', false, key.parts[i] as Value, names, family);
    const [possible] = sides.may;
    const [sure] = sides.must;
    if (sides.may.length !== 1 || !possible) return { may: [leastOf(parts)], must: noSide };
    // two parts that narrow one side: the first is kept, which is wider than both
    const twice = Object.keys(possible).some((name) => name !== 'services' && name in may);
    may = joinedSides(may, possible);
    must = must && sure && !twice ? joinedSides(must, sure) : null;
  }
  const list = [may];
  return must ? { may: list, must: equalData(may, must) ? list : [must] } : { may: list, must: noSide };
}

function joinedSides(a: BoxSides, b: BoxSides): BoxSides {
  const services = a.services && b.services ? intersectedServices(a.services, b.services) : (a.services ?? b.services);
  return services ? { ...b, ...a, services } : { ...b, ...a };
}

/** The elements of a verdict map; null where they are not known. */
export function mapElements(
  map: Value,
  names: Names,
  family: string,
  steps = 0,
): { readonly elements: readonly ElementValue[]; readonly complete: boolean } | null {
  switch (map.is) {
    case 'set':
      return { elements: map.elements, complete: true };
    case 'reference':
      return setNamed(names, family, map.name);
    case 'variable': {
      const stands = steps < MOST_STEPS ? names.variable(map.name) : null;
      return stands ? mapElements(stands, names, family, steps + 1) : null;
    }
    default:
      return null;
  }
}
