// The datatype and width of what stands in an expression (expression.c and datatype.c say them; measured by `nft describe`).
import type { Expression } from '../tree.ts';
import { datatypeByName } from '../vocabulary/datatypes.ts';
import { type Field, selectorByName } from '../vocabulary/selectors.ts';
import { type Checker, insideVariable, textOf, wordsOf } from './checker.ts';
import { declared } from './references.ts';

export interface ValueType {
  /** A datatype’s name. */
  readonly name: string;
  /** 0 where it is not known. */
  readonly bits: number;
  /** The largest value, where it is less than the bits hold. */
  readonly most?: number;
}

/** The parts of a concatenation, one for anything else; null for a part of which nothing is known. */
export type Kind = readonly (ValueType | null)[];

const unknown: Kind = [null];

export function typeNamed(name: string): ValueType | null {
  const row = datatypeByName.get(name);
  if (!row) return null;
  if (name === 'day') return { name, bits: 8, most: 6 };
  // `exthdr frag 2` is taken: the datatype says 1 bit, what it is compared with is wider
  return { name, bits: name === 'boolean' ? 8 : row.bits };
}

/** As in “a port (inet_service)”. */
export function described({ name }: ValueType): string {
  const says = datatypeByName.get(name)?.says ?? name;
  const short = (/^[^,:;.]+/.exec(says)?.[0] ?? says).replace(/^([A-Z])(?=[a-z ])/, (letter) => letter.toLowerCase());
  return `${short} (${name})`;
}

const port: ValueType = { name: 'inet_service', bits: 16 };
const number = (bits: number): Kind => [{ name: 'integer', bits }];

/** What the parts of an expression are; asks for sets and variables where it has to. */
export function kindOf(k: Checker, expression: Expression): Kind {
  switch (expression.kind) {
    case 'selector':
      return kindOfSelector(k, expression);
    case 'raw': {
      const [base, offset, length] = textOf(k, expression).slice(1).split(',');
      const bits = Number(length);
      // ports by their place are ports to nft (payload.c)
      if (base?.trim() === 'th' && bits === 16 && (Number(offset) === 0 || Number(offset) === 16)) return [port];
      return number(Number.isFinite(bits) ? bits : 0);
    }
    case 'binary': {
      const left = kindOf(k, expression.left);
      const operator = textOf(k, expression.operator);
      // a shift has a number on its right side, and may make the value wider than its field
      return left[0] === null && operator !== '<<' && operator !== 'lshift' ? kindOf(k, expression.right) : left;
    }
    case 'concatenation':
      return expression.parts.flatMap((part) => kindOf(k, part));
    case 'map':
      return kindOfData(k, expression.map);
    case 'prefix':
      return kindOf(k, expression.base);
    case 'range':
      return kindOf(k, expression.from);
    case 'reference': {
      const set = declared(k, 'set', textOf(k, expression).slice(1));
      return set?.keys ?? unknown;
    }
    case 'variable': {
      let kind = unknown;
      insideVariable(k, expression, ({ value }) => {
        if (value) kind = kindOf(k, value);
      });
      return kind;
    }
    default:
      return unknown;
  }
}

/** What a map gives, where its data say so by themselves. */
function kindOfData(k: Checker, map: Expression): Kind {
  if (map.kind === 'reference') return declared(k, 'set', textOf(k, map).slice(1))?.data ?? unknown;
  return unknown;
}

const optionBits: Readonly<Record<string, number>> = {
  'maxseg size': 16,
  'mss size': 16,
  'window count': 8,
  'timestamp tsval': 32,
  'timestamp tsecr': 32,
};

type SelectorExpression = Extract<Expression, { kind: 'selector' }>;

/** The fields of which the words beside them say more, or that have a kind of their own. */
const hangsOnWords = new Set(['time', 'saddr', 'daddr', 'nexthop', 'mtu', 'option', 'chunk', 'oif', 'oifname', 'check', 'ipsec']);
for (const name of ['numgen', 'exthdr', 'ipsec']) for (const field of selectorByName.get(name)?.fields ?? []) hangsOnWords.add(field.name);

function kindOfSelector(k: Checker, expression: SelectorExpression): Kind {
  const { selector, field } = expression;
  // most have one kind, whatever else is written
  if (selector.kind === 'header' || (field && !hangsOnWords.has(field.name))) return kindOfField(field);
  const words = wordsOf(textOf(k, expression));
  switch (selector.name) {
    case 'numgen':
    case 'symhash':
    case 'jhash': {
      const modulus = Number(words[words.lastIndexOf('mod') + 1]);
      const offset = words.includes('offset') ? Number(words[words.lastIndexOf('offset') + 1]) : 0;
      return [modulus > 0 ? { name: 'integer', bits: 32, most: modulus - 1 + (offset || 0) } : { name: 'integer', bits: 32 }];
    }
    case 'tcp':
      if (field?.name !== 'option') break;
      if (words[2] === 'mptcp') return unknown;
      return words.length > 3 ? number(optionBits[words.slice(2, 4).join(' ')] ?? (words[3] === 'length' ? 8 : 32)) : rawOption(words);
    case 'sctp':
      if (field?.name === 'chunk') return words.length > 3 ? number(/^(type|flags)$/.test(words[3] ?? '') ? 8 : 32) : unknown;
      break;
    case 'ip':
      if (field?.name === 'option') return unknown;
      break;
    case 'dccp':
      if (field?.name === 'option') return unknown;
      break;
    case 'exthdr':
    case 'ipsec':
      return unknown;
    case 'rt':
      if (field?.name === 'nexthop' && !words.includes('ip') && !words.includes('ip6'))
        return k.family === 'ip' || k.family === 'ip6' ? [typeNamed(k.family === 'ip' ? 'ipv4_addr' : 'ipv6_addr')] : unknown;
      if (words.includes('mtu')) return number(16);
      break;
    case 'ct':
      if (/^[sd]addr$/.test(field?.name ?? '') && !words.includes('ip') && !words.includes('ip6'))
        return k.family === 'ip' || k.family === 'ip6' ? [typeNamed(k.family === 'ip' ? 'ipv4_addr' : 'ipv6_addr')] : unknown;
      break;
    case 'meta':
      // the same datatype’s name as a span of time has, and another form
      if (field?.name === 'time') return [{ name: 'date', bits: 64 }];
      break;
    case 'fib':
      if (field?.name === 'oif' || field?.name === 'oifname' || field?.name === 'check') return unknown;
  }
  return kindOfField(field);
}

const kinds = new WeakMap<Field, Kind>();

function kindOfField(field: Field | null): Kind {
  if (!field) return unknown;
  let kind = kinds.get(field);
  if (!kind) {
    const type = typeNamed(field.type);
    kind = [type && field.bits ? { ...type, bits: field.bits } : type];
    kinds.set(field, kind);
  }
  return kind;
}

/** `tcp option @KIND,OFFSET,LENGTH`. */
function rawOption(words: readonly string[]): Kind {
  const bits = /^@\S+?,\d+,(\d+)$/.exec(words.slice(2).join(''))?.[1];
  return bits ? number(Number(bits)) : unknown;
}
