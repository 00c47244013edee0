// What rules look at: each selector of the vocabulary with its fields, and the forms of their own that some have.
import { datatypeByName } from '../../../server/src/nftables/vocabulary/datatypes.ts';
import { ipOptionFields, ipOptions, ipsecFields, osfTtl, tcpOptionFields } from '../../../server/src/nftables/vocabulary/phrases.ts';
import { bareMeta, type Selector, selectorByName, selectors, tcpOptions } from '../../../server/src/nftables/vocabulary/selectors.ts';
import { statements, verdicts } from '../../../server/src/nftables/vocabulary/statements.ts';
import { families } from '../../../server/src/nftables/vocabulary/structure.ts';
import { groups, type Rule } from '../textmate.ts';
import { anyOf, namesOf } from '../words.ts';
import { END, GAP, WORD } from './lexis.ts';
import { constant, keyword } from './structure.ts';

export const selectorScope = 'support.type.selector.nftables';

function fields(name: string, but: readonly string[] = []): string {
  return anyOf(namesOf(selectorByName.get(name)?.fields ?? []).filter((field) => !but.includes(field))) + END;
}

const IP = '(?:ip6?)';
const maybe = (part: string): string => `(?:${GAP}${part})?`;

/** Selectors with a form of their own; all others are their name and a field. */
const forms: Readonly<Record<string, string>> = {
  ct: `ct${maybe(anyOf(constantsOf('ct_dir')))}${maybe(IP)}${GAP}${fields('ct', ['count'])}`,
  arp: `arp${GAP}(?:(?:saddr|daddr)${GAP}(?:ip|ether)${END}|${fields('arp')})`,
  ip: `ip${GAP}(?:option${GAP}${anyOf(namesOf(ipOptions))}${END}(?:${GAP}${anyOf(namesOf(ipOptionFields))}${END})?|${fields('ip')})`,
  tcp: `tcp${GAP}(?:option${GAP}(?:${anyOf(namesOf(tcpOptions))}|[0-9]+)${END}(?:${GAP}${anyOf(namesOf(tcpOptionFields))}${END})?|${fields('tcp')})`,
  sctp: `sctp${GAP}(?:chunk${GAP}${WORD}(?:${GAP}(?!(?:${anyOf([...namesOf(verdicts), ...namesOf(statements), ...constantsOf('boolean')])})${END})${WORD})?|${fields('sctp')})`,
  rt: `rt${GAP}(?:${IP}${GAP}nexthop${END}|${fields('rt')})`,
};

function constantsOf(type: string): readonly string[] {
  return namesOf(datatypeByName.get(type)?.constants ?? []);
}

function form(selector: Selector): string | null {
  const own = forms[selector.name];
  if (own !== undefined) return own;
  return selector.fields.length > 0 ? `${selector.name}${GAP}${fields(selector.name)}` : null;
}

const ownRules = ['osf', 'fib', 'ipsec', 'numgen', 'socket'];

const dots: Rule = { name: 'keyword.operator.concatenation.nftables', match: '\\.' };
const inSelector: Rule = { name: selectorScope, match: WORD };

/** `icmp type redirect`: behind some selectors a word that elsewhere begins a statement is a value. */
function valued(): readonly Rule[] {
  const taken = new Set([...namesOf(statements), ...namesOf(verdicts), ...bareMeta.keys()]);
  const byType = new Map<string, string[]>();
  for (const selector of selectors) {
    for (const { name, type } of selector.fields) {
      if (!constantsOf(type).some((value) => taken.has(value))) continue;
      byType.set(type, [...(byType.get(type) ?? []), `${selector.name}${GAP}${name}${END}`]);
    }
  }
  return [...byType].flatMap(([type, keys]) => {
    const value = `(?:${anyOf(constantsOf(type))})${END}`;
    const head = `((?:${keys.join('|')}))(?:${GAP}(set|eq|ne))?[ \\t]*([!=]=|!)?[ \\t]*`;
    const known: Rule = { name: constant, match: value };
    return [
      {
        match: `${head}(${value}(?:[ \\t]*[,|][ \\t]*${value})*)`,
        captures: {
          ...groups(selectorScope, keyword, 'keyword.operator.comparison.nftables'),
          4: { patterns: [known, { include: '#operator' }] },
        },
      },
      {
        begin: `${head}(\\{)`,
        beginCaptures: groups(selectorScope, keyword, 'keyword.operator.comparison.nftables', 'punctuation.section.braces.nftables'),
        end: '\\}',
        endCaptures: { 0: { name: 'punctuation.section.braces.nftables' } },
        patterns: [{ include: '#comment' }, known, { include: '#ruleset' }],
      },
    ];
  });
}

/** `vxlan ip saddr`: the outer header's name stands before another selector. */
const outer: Rule = {
  name: selectorScope,
  match: `(?:vxlan|geneve|gretap|gre)${END}(?=${GAP}${anyOf(namesOf(selectors))}${END})`,
};

export const selectorRules: Rule = {
  patterns: [
    ...valued(),
    {
      name: selectorScope,
      match: `(?:${selectors
        .filter(({ name }) => !ownRules.includes(name))
        .flatMap((selector) => form(selector) ?? [])
        .join('|')})`,
    },
    outer,
    {
      match: `(fib)${GAP}(${WORD}(?:[ \\t]*\\.[ \\t]+${WORD})*)${GAP}(${fields('fib')})`,
      captures: { 1: { name: selectorScope }, 2: { patterns: [dots, inSelector] }, 3: { name: selectorScope } },
    },
    {
      match: `(osf)(?:${GAP}(ttl)${GAP}(${anyOf(namesOf(osfTtl))}))?${GAP}(${fields('osf')})`,
      captures: groups(selectorScope, keyword, constant, selectorScope),
    },
    {
      match: `(ipsec${GAP}${fields('ipsec')})(?:${GAP}(spnum)${GAP}([0-9]+))?(?:${GAP}(${IP}))?${GAP}(${anyOf(namesOf(ipsecFields))})${END}`,
      captures: groups(selectorScope, keyword, 'constant.numeric.integer.nftables', selectorScope, selectorScope),
    },
    { match: `(numgen)${GAP}(${fields('numgen')})`, captures: groups(selectorScope, keyword) },
    { match: `(socket${GAP}${fields('socket')})(?:${GAP}(level))?`, captures: groups(selectorScope, keyword) },
    { name: selectorScope, match: `(?:${anyOf(bareMeta.keys())})${END}` },
  ],
};

/** Names of selectors that mean nothing else: so the word has its colour before its field is typed. */
export function loneSelectors(others: Iterable<string>): Rule {
  const taken = new Set([...others, ...namesOf(families)]);
  return { name: selectorScope, match: `(?:${anyOf(namesOf(selectors).filter((name) => !taken.has(name)))})${END}` };
}
