// What nft's scanner takes for one word, number, address or string (scanner.l; server/src/nftables/lexer.ts), as regular expressions.
import type { Rule } from '../textmate.ts';
import { groups } from '../textmate.ts';

const INSIDE = '[0-9A-Za-z_./-]';
export const WORD = `(?:[A-Za-z_]|\\.(?=${INSIDE}))${INSIDE}*`;
/** Where a word ends: `a-b`, `a.b` and `a/b` are one word. */
export const END = `(?!${INSIDE})`;
export const GAP = '[ \\t]+';
/** A name may be quoted. */
export const NAME = `(?:${WORD}|"[^"]*")`;
/** Where a statement begins, with its indentation. */
export const START = '(?:^|(?<=[;{}]))[ \\t]*';

const HEX = '[0-9A-Fa-f]{1,4}';
const V4 = '[0-9]{1,3}(?:\\.[0-9]{1,3}){3}';
const V6 = [
  `(?:(?:${HEX}:){6}|(?:${HEX}(?::${HEX}){0,4})?::(?:${HEX}:){0,5})${V4}`,
  `(?:${HEX}(?::${HEX}){0,6})?::(?:${HEX}(?::${HEX}){0,6})?`,
  `(?:${HEX}:){7}${HEX}`,
].join('|');
const MAC = '(?:[0-9A-Fa-f]{1,2}:){5}[0-9A-Fa-f]{1,2}(?![0-9A-Fa-f:])';
const TIME = '(?<![0-9])(?=[0-9]++(?:ms|[dhms]))(?:[0-9]+d)?(?:[0-9]+h)?(?:[0-9]+m(?!s))?(?:[0-9]+s)?(?:[0-9]+ms)?';

const scope = (name: string): string => `${name}.nftables`;

export const comment: Rule = {
  patterns: [
    { name: scope('comment.line.shebang'), match: '\\A#!.*$' },
    { name: scope('comment.line.number-sign'), match: '#.*$' },
  ],
};

/**
 * No escapes, and newlines belong to it. Where the next mark stands right before a word it looks like the beginning of another string: then
 * this one was never closed, and its colour ends there.
 */
export const string: Rule = {
  name: scope('string.quoted.double'),
  begin: '"',
  end: `"|^(?=[^"]*"${INSIDE})`,
};

/** `wg*`, and with a backslash a literal star. What begins within a word is not tried, which would be slow in a long one. */
export const wildcard: Rule = {
  name: scope('string.unquoted.wildcard'),
  match: `(?<!${INSIDE})${WORD}+(?:\\*|\\\\\\*${INSIDE}*)|\\\\\\*`,
};

export const variable: Rule = {
  name: scope('variable.other.readwrite'),
  match: `(\\$)${WORD}`,
  captures: groups(scope('punctuation.definition.variable')),
};

/** `@name`, or `@base,offset,length`: a raw piece of the packet. */
export function references(rawBase: string): readonly Rule[] {
  return [
    { name: scope('support.type.selector'), match: `@${rawBase}(?=[ \\t]*,)` },
    {
      match: `(@)(${NAME})`,
      captures: groups(scope('punctuation.definition.reference'), scope('entity.name.function.reference')),
    },
  ];
}

export const addresses: Rule = {
  patterns: [
    { name: scope('constant.numeric.address.mac'), match: MAC },
    { name: scope('constant.numeric.address.ipv6'), match: V6 },
    { name: scope('constant.numeric.class'), match: `${HEX}:${HEX}(?=[ \\t:},-]|$)(?!::)` },
    { name: scope('constant.numeric.address.ipv4'), match: V4 },
  ],
};

export const numbers: Rule = {
  patterns: [
    { name: scope('constant.numeric.hex'), match: '0[xX][0-9A-Fa-f]+' },
    { name: scope('constant.numeric.duration'), match: TIME },
    { name: scope('constant.numeric.integer'), match: '[0-9]+' },
  ],
};

export function operators(words: string): Rule {
  return {
    patterns: [
      { name: scope('keyword.operator.wordlike'), match: words + END },
      { name: scope('keyword.operator.comparison'), match: '==|!=|<=|>=|[<>](?![<>])|!' },
      { name: scope('keyword.operator.bitwise'), match: '<<|>>|[&|^]' },
      { name: scope('keyword.operator.assignment'), match: '=' },
      { name: scope('keyword.operator.concatenation'), match: '\\.' },
      { name: scope('keyword.operator.arithmetic'), match: '[-+*/]' },
      { name: scope('punctuation.definition.reference'), match: '@' },
      { name: scope('punctuation.separator.list'), match: ',' },
      { name: scope('punctuation.separator.key-value'), match: ':' },
      { name: scope('punctuation.terminator.statement'), match: ';' },
      { name: scope('punctuation.section.braces'), match: '[{}]' },
      { name: scope('punctuation.section.brackets'), match: '[()\\[\\]]' },
    ],
  };
}
