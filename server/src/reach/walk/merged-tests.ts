// nft before 1.0.10 compares neighbouring header fields at once, `!=` ones too: of `tcp sport != 22 tcp dport != 23` it makes "not both",
// where newer ones mean "neither" (rule.c, stmt_reduce). Which one loads the ruleset is not known here, so the answer is known only where
// both agree.
import type { RuleCode } from '../../nftables/rule-code.ts';
import type { Value } from '../../nftables/value.ts';
import { matchOf, type Test } from './match.ts';
import { plain, type Scope } from './scope.ts';

type MatchCode = RuleCode & { readonly do: 'match' };

const neighbours: ReadonlyMap<string, string> = new Map([
  ...['tcp', 'udp', 'udplite', 'sctp', 'dccp', 'th'].flatMap((name): [string, string][] => [
    [`${name} sport`, `${name} ports`],
    [`${name} dport`, `${name} ports`],
  ]),
  ...['icmp', 'icmpv6'].flatMap((name): [string, string][] => [
    [`${name} type`, name],
    [`${name} code`, name],
  ]),
  ['ip ttl', 'ip'],
  ['ip protocol', 'ip'],
  ['ip6 nexthdr', 'ip6'],
  ['ip6 hoplimit', 'ip6'],
]);

/** The fields that a `!=` stands among; null where nft leaves the match as it is. */
function groupOf(code: RuleCode, scope: Scope): string | null {
  if (code.do !== 'match' || (code.operator !== '!=' && code.operator !== 'ne') || code.left.kind !== 'selector') return null;
  return isSingle(code.right, scope) ? (neighbours.get(code.left.words) ?? null) : null;
}

/** A set of one element is compared as the element. */
function isSingle(value: Value, scope: Scope): boolean {
  const found = plain(value, scope);
  if (found?.value.kind !== 'set') return found?.value.kind === 'text';
  const [only, ...rest] = found.value.elements;
  return rest.length === 0 && only !== undefined && isSingle(only.key, found.scope);
}

/** For the place of each match that has a neighbour: the test of all of them, at the first; null at the others. Null where there is none. */
export function mergedTests(code: readonly RuleCode[], scope: Scope): ReadonlyMap<number, Test | null> | null {
  if (!mayMerge(code)) return null;
  const tests = new Map<number, Test | null>();
  let groups = new Map<string, { readonly at: number; readonly match: MatchCode }[]>();
  const close = (): void => {
    for (const matches of groups.values()) {
      if (new Set(matches.map(({ match: { left } }) => left.kind === 'selector' && left.words)).size < 2) continue;
      const all = matches.map(({ match }) => match);
      for (const [i, { at }] of matches.entries()) tests.set(at, i === 0 ? agreed(all, scope) : null);
    }
    groups = new Map();
  };
  for (const [at, one] of code.entries()) {
    // nft does not look across statements that do something
    if (one.do !== 'match' && one.do !== 'vmap') close();
    const group = groupOf(one, scope);
    if (group !== null) groups.set(group, [...(groups.get(group) ?? []), { at, match: one as MatchCode }]);
  }
  close();
  return tests;
}

function mayMerge(code: readonly RuleCode[]): boolean {
  let negated = 0;
  for (let i = 0; i < code.length; i++) {
    const one = code[i] as RuleCode;
    if (one.do === 'match' && (one.operator === '!=' || one.operator === 'ne')) negated++;
  }
  return negated > 1;
}

function agreed(matches: readonly MatchCode[], scope: Scope): Test {
  const tests = matches.map((match) => matchOf(match, scope).test);
  return (here) => {
    const [first, ...others] = tests.map((test) => test(here));
    return others.every((other) => other === first) ? (first ?? null) : null;
  };
}
