// A filter on a mesh host that lets through what no rule decides.
import { isHubSide } from '../../mesh/addresses.ts';
import { hookRuleset } from '../../mesh/hook-rulesets.ts';
import type { Host, MeshModel, Ruleset } from '../../mesh/model.ts';
import { rulesetState } from '../../nftables/ruleset/ruleset.ts';
import type { Chain, RulesetState } from '../../nftables/ruleset/state.ts';
import { chainsBehind, readChains } from '../../reach/chains.ts';
import { Trait } from '../../reach/reading.ts';
import type { Fix, TextEdit } from '../../text/edit.ts';
import type { FixContext, RulesetRule, ShownFinding } from '../rule.ts';
import { chainOf, rulesFirst } from './chain-edits.ts';
import { exampleHub, soundInput } from './example-hub.ts';
import { letsIn } from './listen-port-blocked.ts';
import { ESTABLISHED, traitsOf } from './missing-established.ts';

export const policyAccept: RulesetRule = {
  id: 'nftables/policy-accept',
  severity: 'warning',
  scope: 'ruleset',
  reads: 'files',
  docs: {
    summary: 'A forward or input chain of a mesh host accepts what no rule decides.',
    why: [
      'AllowedIPs says who a peer may be; which ports it may reach is up to the firewall. A chain whose policy is accept (also one that states none) lets everything through that nobody thought of: on a hub’s forward chain, every peer reaches every port of every other.',
      '',
      'Write `policy drop;`, accept `ct state established,related` first, then what is meant to pass. On input, let ssh and the tunnel’s own UDP port in before you load it, or you lock yourself out.',
      '',
      'Quiet where another chain of the same hook drops, or the chain’s last rule drops or rejects everything.',
    ].join('\n'),
    examples: [
      { bad: exampleHub({ forwardPolicy: ' policy accept;' }), good: exampleHub({}) },
      {
        bad: exampleHub({ inputPolicy: '', input: soundInput.slice(1, 2).concat(soundInput.slice(-1)) }),
        good: exampleHub({
          input: [...soundInput.slice(0, 1), ...soundInput.slice(2, 3), ...soundInput.slice(1, 2), ...soundInput.slice(-1)],
        }),
      },
    ],
  },

  check(ruleset, host, model, report) {
    // what an included file makes is looked at with all that is made around it
    if (model.parts.has(ruleset.uri)) return;
    for (const chain of chainsOf(ruleset, model)) {
      const hook = openHook(chain);
      if (!hook || !chain.base || closedElsewhere(host, model, chain, hook)) continue;
      const where = chain.base.policyAt ?? chain.base.at;
      const what =
        hook === 'forward'
          ? host.interfaces.some(isHubSide)
            ? 'every peer reaches every port of every other through this host'
            : 'whatever this host forwards passes'
          : 'every peer reaches every port of this host';
      const stated = chain.base.policyAt ? 'policy accept' : 'no policy, which means accept';
      report({
        uri: where.uri,
        at: { statement: where.statement, item: 1 },
        message: `Chain ${chain.name} on hook ${hook} has ${stated}: where no rule decides, ${what}. Use policy drop, and accept what is meant.`,
      });
    }
  },

  fix: (finding, context) => closingFix(finding, context),
};

/** policy drop, with what must still pass: answers, and on input the tunnel's port. */
function closingFix(finding: ShownFinding, context: FixContext): readonly Fix[] {
  const read = chainOf(finding, context);
  const base = read?.chain.base;
  const host = context.model.hostOf.get(finding.uri);
  const facts = context.model.rulesets.find(({ uri }) => uri === finding.uri)?.facts;
  if (!read || !base || !host || !facts) return [];
  const { uri } = finding;
  const type = context.span(uri, base.at);
  const policy = base.policyAt ? context.span(uri, { ...base.policyAt, item: 1 }) : null;
  if (!type) return [];
  const edits: TextEdit[] = [];
  if (policy) edits.push({ uri, span: policy, text: 'drop' });
  else edits.push({ uri, span: { start: type.end, end: type.end }, text: '; policy drop' });
  const behind = chainsBehind(read, readChains(facts));
  const wanted: string[] = [];
  if (behind && (traitsOf(behind) & Trait.answers) === 0) wanted.push(ESTABLISHED);
  const input = base.hook === 'input';
  if (input) {
    for (const node of host.interfaces) {
      const port = node.own.listenPort?.value;
      if (port != null && behind && !behind.some(({ readings }) => readings.some((reading) => letsIn(reading, port, node))))
        wanted.push(`udp dport ${port} accept`);
    }
  }
  if (wanted.length > 0) {
    const edit = rulesFirst(read, uri, wanted, context);
    if (!edit) return [];
    edits.push(edit);
  }
  const adds = wanted.length === 0 ? '' : `, and accept ${input ? 'answers and the tunnel’s port' : 'answers'} first`;
  const warns = input ? '; it drops ssh too, unless a rule lets it in' : '';
  return [{ title: `Set policy drop${adds}${warns}`, safety: 'review', edits }];
}

const IP_FAMILIES = new Set(['ip', 'ip6', 'inet']);

function chainsOf(ruleset: Ruleset, model: MeshModel): readonly Chain[] {
  return tableChains(rulesetState(ruleset, model.included));
}

/** The hook of a filter chain that accepts by default and does not end in a drop of everything. */
function openHook(chain: Chain): 'forward' | 'input' | null {
  const { base } = chain;
  if (base?.type !== 'filter' || base.policy !== 'accept' || !IP_FAMILIES.has(chain.family)) return null;
  if (base.hook !== 'forward' && base.hook !== 'input') return null;
  // what is not known here may drop as well
  return dropsAll(chain) || chain.unknown.length > 0 ? null : base.hook;
}

function dropsAll(chain: Chain): boolean {
  return chain.rules.some(({ fact }) => fact.always && (fact.verdict === 'drop' || fact.verdict === 'reject'));
}

/** Whether another chain at the hook, in any ruleset of the host or made by a hook of its interfaces, closes it: a packet must pass them all. */
function closedElsewhere(host: Host, model: MeshModel, chain: Chain, hook: string): boolean {
  const rulesets = (model.rulesetsOf.get(host) ?? []).filter(({ uri }) => !model.parts.has(uri));
  const others = [
    ...rulesets.flatMap((ruleset) => chainsOf(ruleset, model)),
    ...host.interfaces.flatMap(({ uri, name, facts }) => tableChains(hookRuleset(uri, name, facts, model.included)?.state)),
  ];
  return others.some(
    (other) =>
      other !== chain &&
      other.base?.hook === hook &&
      other.base.type === 'filter' &&
      (other.family === 'inet' || other.family === chain.family) &&
      (other.base.policy === 'drop' || dropsAll(other)),
  );
}

function tableChains(state: RulesetState | undefined): readonly Chain[] {
  return state?.tables.flatMap(({ chains }) => chains) ?? [];
}
