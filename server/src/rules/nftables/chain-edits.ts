// Edits of a base chain's block: where a new rule goes.
import { type ReadChain, readChains } from '../../reach/chains.ts';
import type { TextEdit } from '../../text/edit.ts';
import type { FixContext, ShownFinding } from '../rule.ts';
import { dropsEverything } from './host-filter.ts';

/** The base chain that a finding is about: it stands on the chain's type or policy. */
export function chainOf({ uri, statement }: ShownFinding, { model }: FixContext): ReadChain | null {
  const ruleset = model.rulesets.find((one) => one.uri === uri);
  if (!ruleset) return null;
  return (
    readChains(ruleset.facts).find(({ chain: { base } }) => base?.at.statement === statement || base?.policyAt?.statement === statement) ??
    null
  );
}

/** Puts rules at the beginning of the chain, each on a line of its own; null where the chain is not written a line a rule. */
export function rulesFirst(read: ReadChain, uri: string, rules: readonly string[], context: FixContext): TextEdit | null {
  const { base } = read.chain;
  const type = base && context.span(uri, base.at);
  const policy = base?.policyAt ? context.span(uri, base.policyAt) : type;
  if (!type || !policy) return null;
  return insertion(context.text(uri), uri, Math.max(type.end, policy.end), type.start, rules);
}

/** Puts a rule at the end of the chain, before a rule that drops the rest. */
export function ruleLast(read: ReadChain, uri: string, rule: string, context: FixContext): TextEdit | null {
  const { chain, readings } = read;
  const drop = readings.findIndex(dropsEverything);
  const behind = drop < 0 ? chain.rules.length - 1 : drop - 1;
  const number = chain.rules[behind];
  if (number === undefined || readings[behind]?.fact.at != null) return rulesFirst(read, uri, [rule], context);
  const span = context.span(uri, { statement: number, item: 0 });
  return span && insertion(context.text(uri), uri, span.end, span.start, [rule]);
}

/** New lines behind the line that holds `at`, indented as the one that holds `like`. */
function insertion(text: string, uri: string, at: number, like: number, rules: readonly string[]): TextEdit | null {
  const end = text.indexOf('\n', at);
  if (end < 0 || !/^[ \t;]*(#.*)?$/.test(text.slice(at, end))) return null;
  const line = text.lastIndexOf('\n', like - 1) + 1;
  const indent = /^[ \t]*/.exec(text.slice(line, like))?.[0] ?? '';
  return { uri, span: { start: end, end }, text: rules.map((rule) => `\n${indent}${rule}`).join('') };
}
