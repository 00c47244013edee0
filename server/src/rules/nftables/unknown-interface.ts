// A rule names a tunnel that the host does not have.
import type { NftablesFacts } from '../../nftables/facts.ts';
import type { Value } from '../../nftables/terms.ts';
import { readChains } from '../../reach/chains.ts';
import { namesOf } from '../../reach/names.ts';
import type { Reading } from '../../reach/reading.ts';
import { listed } from '../../text/words.ts';
import type { RulesetRule } from '../rule.ts';
import { exampleHub, soundForward, withRule } from './example-hub.ts';

export const unknownInterface: RulesetRule = {
  id: 'nftables/unknown-interface',
  severity: 'warning',
  scope: 'ruleset',
  reads: 'host',
  docs: {
    summary: 'A rule names a WireGuard interface that the host has no config for.',
    why: [
      '`iifname` compares names and never complains: a rule for `wg1` on a host whose tunnel is `wg0` matches nothing. What it was to let through is dropped, and what it was to drop goes on to the next rule.',
      '',
      'Told for names that begin with “wg”, where the host’s own configs are here and none of them has that name.',
    ].join('\n'),
    examples: [
      {
        bad: exampleHub({
          forward: withRule(soundForward, 'iifname "wg1" oifname "wg0" ip saddr 10.10.0.7 ip daddr 10.10.0.20 tcp dport 22 accept'),
        }),
        good: exampleHub({
          forward: withRule(soundForward, 'iifname "wg0" oifname "wg0" ip saddr 10.10.0.7 ip daddr 10.10.0.20 tcp dport 22 accept'),
        }),
      },
    ],
  },

  check({ uri, facts }, host, _model, report) {
    const names = host.interfaces.map(({ name }) => name);
    // a config that lies apart may have another name on its host
    if (!names.every((name) => LOOKS_LIKE.test(name))) return;
    const isOdd = (word: string): boolean => LOOKS_LIKE.test(word) && !names.includes(word);
    eachInterface(facts, isOdd, (word, statement, item) => {
      if (!isOdd(word)) return;
      report({
        uri,
        at: { statement, item },
        message: `This host has no config for ${word}, so the rule matches nothing; there ${names.length === 1 ? 'is' : 'are'} ${listed(names, 'and')}. Correct the name.`,
      });
    });
  },

  fix(finding, context) {
    const host = context.model.hostOf.get(finding.uri);
    if (host?.interfaces.length !== 1) return [];
    const name = host.interfaces[0]?.name ?? '';
    const { start, end } = finding.span;
    const text = context.text(finding.uri).slice(start, end);
    return [
      {
        title: `Change to ${name}`,
        safety: 'review',
        edits: [{ uri: finding.uri, span: { start, end }, text: text.startsWith('"') ? `"${name}"` : name }],
      },
    ];
  },
};

const LOOKS_LIKE = /^wg[-_]?\w*$/;

const interfaceKeys = new Set<string | null>(['meta iifname', 'meta oifname', 'meta iif', 'meta oif']);

/** Every name of an interface that rules compare with: written in them, or by a variable. */
function eachInterface(
  facts: NftablesFacts,
  isOdd: (word: string) => boolean,
  visit: (word: string, statement: number, item: number) => void,
): void {
  const variables = new Set<string>();
  const walk = (value: Value, statement: number): void => {
    if (value.is === 'word') visit(value.word, statement, value.item);
    else if (value.is === 'set') for (const { key } of value.elements) walk(key, statement);
    else if (value.is === 'variable') variables.add(value.name);
  };
  let last = '';
  let odd = false;
  const inRule = ({ fact, interfaceNames }: Reading, statement: number): void => {
    // neighbours mostly name the same interfaces
    if (interfaceNames !== last) {
      last = interfaceNames;
      odd = interfaceNames.split(' ').some((name) => name.startsWith('$') || isOdd(name));
    }
    if (!odd) return;
    for (const term of fact.terms) {
      if (term.kind === 'match' && term.keys.length === 1 && interfaceKeys.has(term.keys[0] ?? null)) walk(term.value, statement);
    }
  };
  for (const { chain, readings } of readChains(facts)) {
    readings.forEach((reading, index) => {
      inRule(reading, chain.rules[index] as number);
    });
  }
  if (variables.size === 0) return;
  const known = namesOf(facts);
  facts.statements.forEach((fact, statement) => {
    if (fact.kind === 'definition' && fact.name !== null && fact.read && variables.has(fact.name) && known.variable(fact.name))
      walk(fact.read, statement);
  });
}
