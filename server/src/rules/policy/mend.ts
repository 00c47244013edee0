// The fixes of findings about access: a host's ruleset, or the AllowedIPs of the mesh, made to match the grants.
import { missingAccepts } from '../../generate/accepts.ts';
import { type Entry, generateAllowedIps } from '../../generate/allowed-ips.ts';
import { allowedIpsEdits } from '../../generate/allowed-ips-edits.ts';
import { generateNftables, TABLE } from '../../generate/nftables.ts';
import type { PolicyFile } from '../../mesh/known-hosts.ts';
import { locationOf } from '../../mesh/location.ts';
import type { Host, MeshModel, Peer, Ruleset } from '../../mesh/model.ts';
import type { NftablesTree } from '../../nftables/tree.ts';
import type { Fix, TextEdit } from '../../text/edit.ts';
import type { Origin } from '../../text/origin.ts';
import type { Span } from '../../text/span.ts';
import { headWidth } from '../../text/statement.ts';
import { counted } from '../../text/words.ts';
import type { FixContext, ShownFinding } from '../rule.ts';

/** For what gets through without a grant: narrower entries first, since no ruleset can tell who sends under another’s address. */
export function closingFixes(finding: ShownFinding, context: FixContext): readonly Fix[] {
  const host = context.model.hostOf.get(finding.uri);
  return preferred([allowedIpsFix(context), host ? rulesetFix(host, context) : null]);
}

/** For what a grant allows and does not get through. */
export function openingFixes(finding: ShownFinding, context: FixContext): readonly Fix[] {
  const host = context.model.hostOf.get(finding.uri);
  const inRuleset = context.nftables(finding.uri) !== null;
  const accepts = host && inRuleset ? acceptFix(finding, host, context) : null;
  return preferred([accepts, inRuleset ? null : allowedIpsFix(context), host ? rulesetFix(host, context) : null]);
}

function preferred(fixes: readonly (Fix | null)[]): readonly Fix[] {
  return fixes.filter((fix) => fix !== null).map((fix, i) => (i === 0 ? { ...fix, preferred: true } : fix));
}

/** What the grants come to, made once for all fixes of a mesh: an editor asks for them wherever the cursor goes. */
interface Made {
  /** The workspace files with grants, the nearest ones first. */
  readonly policies: readonly PolicyFile[];
  /** The entries that need other AllowedIPs; null until somebody asks. */
  entries: readonly Entry[] | null;
  readonly tables: Map<Host, string>;
  readonly accepts: Map<Host, Wanted>;
}

type Wanted = ReturnType<typeof missingAccepts>;

const kept = new WeakMap<MeshModel, WeakMap<readonly PolicyFile[], Made>>();

function madeFor({ model, policies }: FixContext): Made {
  const byPolicies = kept.get(model) ?? new WeakMap<readonly PolicyFile[], Made>();
  kept.set(model, byPolicies);
  const found = byPolicies.get(policies);
  if (found) return found;
  const granting = policies.filter(({ facts }) => facts.grants !== null && !facts.unread).sort((a, b) => b.uri.length - a.uri.length);
  const made: Made = { policies: granting, entries: null, tables: new Map(), accepts: new Map() };
  byPolicies.set(policies, made);
  return made;
}

function acceptsFor(host: Host, context: FixContext): Wanted {
  const { policies, accepts } = madeFor(context);
  const found = accepts.get(host) ?? missingAccepts(context.model, policies, host);
  accepts.set(host, found);
  return found;
}

function tableFor(host: Host, context: FixContext): string {
  const { policies, tables } = madeFor(context);
  const found = tables.get(host) ?? generateNftables(context.model, policies, host).text;
  tables.set(host, found);
  return found;
}

function entriesFor(context: FixContext): readonly Entry[] {
  const made = madeFor(context);
  if (made.entries) return made.entries;
  const done = new Set<Peer>();
  // of two workspace files the nearer one speaks for an entry; a peer that no grant needs is for a person to take out
  const entries = made.policies.flatMap((policy) =>
    generateAllowedIps(context.model, policy).entries.filter(
      ({ peer, same, allowedIps }) => !done.has(peer) && done.add(peer) && !same && allowedIps.length > 0,
    ),
  );
  made.entries = entries;
  return entries;
}

function allowedIpsFix(context: FixContext): Fix | null {
  const entries = entriesFor(context);
  const edits = allowedIpsEdits(entries, context);
  if (edits.length === 0) return null;
  return {
    title: `Give peers the AllowedIPs that the grants need (${counted(entries.length, 'entry', 'entries')})`,
    safety: 'review',
    edits,
  };
}

/** Accepts what is granted at the place where it is dropped. */
function acceptFix(finding: ShownFinding, host: Host, context: FixContext): Fix | null {
  const here = (at: Origin | null | undefined): boolean => at?.uri === finding.uri && at.statement === finding.statement;
  const wanted = acceptsFor(host, context).filter(({ chain, before }) =>
    before ? here(before) : here(chain.base?.policyAt) || here(chain.base?.at),
  );
  const edits = acceptEdits(wanted, context);
  const [first] = wanted;
  if (!first || edits.length === 0) return null;
  return { title: `Accept in chain ${first.chain.name} what the grants say (${counted(wanted.length, 'rule')})`, safety: 'review', edits };
}

function rulesetFix(host: Host, context: FixContext): Fix | null {
  if (madeFor(context).policies.length === 0) return null;
  const table = tableEdit(host, tableFor(host, context), context);
  const edits = [...(table ? [table] : []), ...acceptEdits(acceptsFor(host, context), context)];
  if (edits.length === 0) return null;
  return { title: `Make the ruleset of ${host.name} match the grants (table ${TABLE})`, safety: 'review', edits };
}

/** New rules, each before the one that drops, or at the end of the chain before what only logs. */
function acceptEdits(wanted: Wanted, context: FixContext): readonly TextEdit[] {
  const rules = new Map<string, { readonly uri: string; readonly at: number; readonly indent: string; readonly rules: string[] }>();
  for (const { chain, before, rule } of wanted) {
    const next = before ?? firstOfTail(chain);
    const place = next ? lineStart(next, context) : chain.base ? lineAfter(chain.base.policyAt ?? chain.base.at, context) : null;
    if (!place) continue;
    const key = `${place.uri} ${place.at}`;
    const found = rules.get(key);
    if (found) found.rules.push(rule);
    else rules.set(key, { ...place, rules: [rule] });
  }
  return [...rules.values()].map(({ uri, at, indent, rules: lines }) => ({
    uri,
    span: { start: at, end: at },
    text: lines.map((line) => `${indent}${line}\n`).join(''),
  }));
}

/** The rules at a chain's end that have no verdict: they log or count what is left. */
function firstOfTail({ rules }: Wanted[number]['chain']): Origin | null {
  let first: Origin | null = null;
  for (const rule of rules.toReversed()) {
    if (rule.fact.verdict !== null || rule.fact.code.some((code) => code.do === 'vmap' || code.do === 'verdict')) break;
    first = rule;
  }
  return first;
}

interface LinePlace {
  readonly uri: string;
  readonly at: number;
  readonly indent: string;
}

/** The beginning of the line that a statement stands on alone. */
function lineStart({ uri, ...place }: Origin, context: FixContext): LinePlace | null {
  const span = context.nftables(uri) && context.span(uri, { ...place, item: 0 });
  if (!span) return null;
  const text = context.text(uri);
  const start = text.lastIndexOf('\n', span.start - 1) + 1;
  const indent = text.slice(start, span.start);
  return indent.trim() === '' ? { uri, at: start, indent } : null;
}

/** The line behind the one that a statement ends on. */
function lineAfter({ uri, ...place }: Origin, context: FixContext): LinePlace | null {
  const span = context.nftables(uri) && context.span(uri, { ...place, item: 0 });
  if (!span) return null;
  const text = context.text(uri);
  const newline = text.indexOf('\n', span.end);
  const start = text.lastIndexOf('\n', span.start - 1) + 1;
  const indent = /^[ \t]*/.exec(text.slice(start))?.[0] ?? '';
  return newline < 0 || !/^[ \t;]*(#.*)?$/.test(text.slice(span.end, newline)) ? null : { uri, at: newline + 1, indent };
}

/** Puts the table into the host's ruleset in place of the one that is there, else at its end, else into a new file. Null where it is there. */
function tableEdit(host: Host, text: string, context: FixContext): TextEdit | null {
  const { model } = context;
  const files = (model.rulesetsOf.get(host) ?? []).filter(({ uri }) => !model.parts.has(uri) && context.nftables(uri));
  for (const { uri } of files) {
    const tree = context.nftables(uri);
    const span = tree && tableSpan(tree, context.text(uri));
    if (span === 'apart') return null;
    if (span) return context.text(uri).slice(span.start, span.end) === text ? null : { uri, span, text };
  }
  const [file]: readonly (Ruleset | undefined)[] = files;
  if (file) {
    const now = context.text(file.uri);
    return {
      uri: file.uri,
      span: { start: now.length, end: now.length },
      text: `${now === '' || now.endsWith('\n') ? '' : '\n'}\n${text}`,
    };
  }
  const { root, whole } = locationOf(host.interfaces[0]?.uri ?? host.root);
  const uri = whole ? `${root}/etc/nftables.conf` : `${root}/nftables.conf`;
  return { uri, span: { start: 0, end: 0 }, text: `#!/usr/sbin/nft -f\n${text}`, creates: true };
}

/** All statements of a file about our table, with the comment above them; `apart` where others stand among them. */
function tableSpan(tree: NftablesTree, text: string): Span | 'apart' | null {
  const statements: { readonly start: number; readonly end: number; readonly ours: boolean }[] = [];
  let at = headWidth(tree.root);
  for (const { syntax, width } of tree.root.body) {
    const reference = (syntax.kind === 'object' || syntax.kind === 'command') && syntax.at.table ? syntax.at : null;
    const span = reference?.table;
    const says = text.slice(at, at + width);
    if (says.trim() !== '')
      statements.push({
        start: at,
        end: at + width,
        ours: span !== null && span !== undefined && text.slice(at + span.start, at + span.end) === TABLE,
      });
    at += width;
  }
  const first = statements.findIndex(({ ours }) => ours);
  const last = statements.findLastIndex(({ ours }) => ours);
  if (first < 0) return null;
  if (statements.slice(first, last + 1).some(({ ours, start, end }) => !ours && !/^\s*#/.test(text.slice(start, end)))) return 'apart';
  const start = statements[first]?.start ?? 0;
  const end = statements[last]?.end ?? text.length;
  const body = text.slice(start, end);
  const begins = start + (/^\s*/.exec(body)?.[0].length ?? 0);
  return { start: commentAbove(text, begins), end };
}

/** The beginning of our own comment in the line above, where it is there. */
function commentAbove(text: string, at: number): number {
  const line = text.lastIndexOf('\n', at - 1) + 1;
  const above = text.lastIndexOf('\n', line - 2) + 1;
  return line > 0 && text.slice(above, line).includes('made from the grants in meshwarden.jsonc') ? above : at;
}
