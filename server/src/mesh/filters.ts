// What a host's rulesets say of other hosts' addresses: which they trust, and which hooks let nothing through by default.
import type { Address } from '../net/address.ts';
import type { NftablesFacts } from '../nftables/facts.ts';
import { rulesetState } from '../nftables/ruleset/ruleset.ts';
import type { RulesetState } from '../nftables/ruleset/state.ts';
import type { Origin } from '../text/origin.ts';
import type { Host, MeshModel } from './model.ts';

/** An address that a rule accepts packets from. */
export interface TrustedSource extends Origin {
  readonly address: Address;
}

const sources = new WeakMap<NftablesFacts, readonly Omit<TrustedSource, 'uri'>[]>();

/** The addresses that accepting rules of a host name as a packet's source, in the order they stand. */
export function trustedSources(model: MeshModel, host: Host): readonly TrustedSource[] {
  return (model.rulesetsOf.get(host) ?? []).flatMap(({ uri, facts }) => sourcesOf(facts).map((source) => ({ ...source, uri })));
}

function sourcesOf(facts: NftablesFacts): readonly Omit<TrustedSource, 'uri'>[] {
  let found = sources.get(facts);
  if (!found) {
    found = facts.statements.flatMap((fact, statement) =>
      fact.kind === 'rule' && fact.verdict === 'accept'
        ? fact.addresses.filter(({ side }) => side === 'source').map(({ address, item }) => ({ address, statement, item }))
        : [],
    );
    sources.set(facts, found);
  }
  return found;
}

const closed = new WeakMap<RulesetState, ReadonlySet<string>>();

/** Whether a chain of the host drops what no rule accepts at the hook, for IPv4 packets at least. */
export function dropsByDefault(model: MeshModel, host: Host, hook: 'input' | 'forward' | 'output'): boolean {
  return (model.rulesetsOf.get(host) ?? []).some(
    (ruleset) => !model.parts.has(ruleset.uri) && closedHooks(rulesetState(ruleset, model.included)).has(hook),
  );
}

function closedHooks(state: RulesetState): ReadonlySet<string> {
  let hooks = closed.get(state);
  if (!hooks) {
    const found = new Set<string>();
    for (const { base, family, rules } of state.tables.flatMap(({ chains }) => chains)) {
      if (!base?.hook || base.type !== 'filter' || (family !== 'inet' && family !== 'ip')) continue;
      const drops = rules.some(({ fact }) => fact.always && (fact.verdict === 'drop' || fact.verdict === 'reject'));
      if (base.policy === 'drop' || drops) found.add(base.hook);
    }
    hooks = found;
    closed.set(state, found);
  }
  return hooks;
}
