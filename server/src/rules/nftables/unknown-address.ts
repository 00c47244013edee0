// A rule speaks of an address in the mesh that no host has.
import { isNobodys, knownAddresses, meshesOf } from '../../mesh/addresses.ts';
import type { Host, MeshModel } from '../../mesh/model.ts';
import type { KnownAddresses } from '../../mesh/record.ts';
import { type Address, addressText } from '../../net/address.ts';
import type { AddressSet } from '../../net/address-set.ts';
import type { NftablesFacts } from '../../nftables/facts.ts';
import type { StatementFact } from '../../nftables/statement-facts.ts';
import type { Element, Expression, NftablesStatement, RuleStatement } from '../../nftables/tree.ts';
import { readChains } from '../../reach/chains.ts';
import { servicesText } from '../../reach/services.ts';
import type { Fix, TextEdit } from '../../text/edit.ts';
import type { Span } from '../../text/span.ts';
import { none, statementsAt } from '../../text/statement.ts';
import { editDistance } from '../../text/words.ts';
import type { FixContext, RulesetRule, ShownFinding } from '../rule.ts';
import { exampleHub, soundForward, withRule } from './example-hub.ts';

export const unknownAddress: RulesetRule = {
  id: 'nftables/unknown-address',
  severity: 'warning',
  scope: 'ruleset',
  reads: 'addresses',
  docs: {
    summary: 'A rule, set or map names an address of the mesh that no host has.',
    why: [
      'A rule outlives its peer: the laptop goes, its `[Peer]` block goes, and the rule that let it in stays. Whoever gets the address next, or can send as it, walks through. A mistyped address is the same from the other side: the rule that was meant is not there.',
      '',
      'An address counts as known where a host’s own file has it, or where a peer whose file is not here may have it by its AllowedIPs. Only single addresses in the mesh’s own networks are looked at.',
    ].join('\n'),
    examples: [
      {
        bad: exampleHub({
          forward: withRule(soundForward, 'iifname "wg0" oifname "wg0" ip saddr 10.10.0.94 ip daddr 10.10.0.20 tcp dport 22 accept'),
        }),
        good: exampleHub({}),
      },
    ],
  },

  check(ruleset, host, _model, report) {
    const known = meshesOf(host)
      .map(knownAddresses)
      .filter(({ networks }) => networks.length > 0);
    if (known.length === 0) return;
    for (const { statement, item, message } of unknownIn(ruleset.facts, known)) {
      report({ uri: ruleset.uri, at: { statement, item }, message });
    }
  },

  fix(finding, context) {
    const span = finding.span;
    const tree = context.nftables(finding.uri);
    if (!span || !tree) return [];
    const path = statementsAt(tree.root, span.start);
    const located = path[path.length - 1];
    if (!located) return [];
    const text = context.text(finding.uri);
    const inner: Span = { start: span.start - located.offset, end: span.end - located.offset };
    const removal = removalOf(located.statement, located.offset, inner, text, finding.uri);
    const fixes: Fix[] = removal ? [{ ...removal, safety: 'review' }] : [];
    return [...fixes, ...replacements(finding, text, context)];
  },
};

interface Unknown {
  readonly item: number;
  readonly message: string;
}

type Placed = Unknown & { readonly statement: number };

const found = new WeakMap<NftablesFacts, { readonly known: readonly KnownAddresses[]; readonly unknown: readonly Placed[] }>();

/** The addresses in a ruleset that nobody has; kept while the ruleset says the same, and what is known of its host's meshes is the same. */
function unknownIn(facts: NftablesFacts, known: readonly KnownAddresses[]): readonly Placed[] {
  const old = found.get(facts);
  if (old && sameKnown(old.known, known)) return old.unknown;
  const unknown: Placed[] = [];
  facts.statements.forEach((fact, statement) => {
    for (const { item, message } of unknownOf(fact, known)) unknown.push({ statement, item, message });
  });
  found.set(facts, { known, unknown });
  return unknown;
}

const memo = new WeakMap<StatementFact, { readonly known: readonly KnownAddresses[]; readonly unknown: readonly Unknown[] }>();

/** Those of one statement, so that after an edit of the ruleset only what is new in it is looked at. */
function unknownOf(fact: StatementFact, known: readonly KnownAddresses[]): readonly Unknown[] {
  if (fact.kind !== 'rule' && fact.kind !== 'elements' && fact.kind !== 'definition') return none;
  if (fact.addresses.length === 0) return none;
  const old = memo.get(fact);
  if (old && sameKnown(old.known, known)) return old.unknown;
  const mentions = fact.addresses.filter(({ address }) => isUnknown(known, address));
  // the same as before, with its texts
  const same = old?.unknown.length === mentions.length && mentions.every(({ item }, i) => item === old.unknown[i]?.item);
  const unknown = same ? old.unknown : mentions.map(({ item, address }): Unknown => ({ item, message: messageOf(address) }));
  memo.set(fact, { known, unknown });
  return unknown;
}

function messageOf(address: Address): string {
  return `No host of the mesh has ${addressText(address)}, and no peer is known to have it. If its host is gone, remove what names it: whoever gets the address next gets what it may.`;
}

function sameKnown(a: readonly KnownAddresses[], b: readonly KnownAddresses[]): boolean {
  return a.length === b.length && a.every((one, i) => one === b[i]);
}

function isUnknown(known: readonly KnownAddresses[], address: Address): boolean {
  // in one mesh nobody's, in no other somebody's
  return known.some((mesh) => isNobodys(mesh, address)) && !known.some((mesh) => !isNobodys(mesh, address) && inNetworks(mesh, address));
}

function inNetworks(mesh: KnownAddresses, address: Address): boolean {
  return isNobodys({ ...mesh, possible: { v4: [], v6: [] } }, address);
}

/** Takes out the rule, or of a list only the element, that names the address. */
function removalOf(
  statement: NftablesStatement,
  offset: number,
  at: Span,
  text: string,
  uri: string,
): { readonly title: string; readonly edits: readonly TextEdit[] } | null {
  const { syntax } = statement;
  const list =
    syntax.kind === 'rule'
      ? listInRule(syntax.statements, at)
      : syntax.kind === 'elements'
        ? listAt(syntax.elements, at)
        : syntax.kind === 'definition' && syntax.value
          ? listAt(syntax.value, at)
          : null;
  if (list && list.elements.length > 1) {
    const span = elementSpan(list.elements, at, offset, text);
    return span ? { title: 'Remove this element', edits: [{ uri, span, text: '' }] } : null;
  }
  if (syntax.kind === 'rule')
    return { title: 'Remove this rule', edits: [{ uri, span: linesOf(offset, offset + statement.width, text), text: '' }] };
  if (syntax.kind === 'elements')
    return {
      title: 'Remove this element, the only one',
      edits: [{ uri, span: linesOf(offset, offset + statement.width, text), text: '' }],
    };
  return null;
}

interface ElementList {
  readonly elements: readonly Element[];
}

function holds(outer: Span, inner: Span): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

function listAt(expression: Expression, at: Span): ElementList | null {
  if (!holds(expression, at)) return null;
  switch (expression.kind) {
    case 'set':
      return expression;
    case 'map':
      return listAt(expression.map, at) ?? listAt(expression.key, at);
    case 'concatenation':
      return expression.parts.map((part) => listAt(part, at)).find((list) => list !== null) ?? null;
    default:
      return null;
  }
}

function listInRule(statements: readonly RuleStatement[], at: Span): ElementList | null {
  for (const part of statements) {
    if (!holds(part, at)) continue;
    if (part.kind === 'match' || part.kind === 'vmap') return listAt(part.right, at);
    if (part.kind === 'nat') return part.address ? listAt(part.address, at) : null;
    if (part.kind === 'assignment') return listAt(part.value, at);
  }
  return null;
}

/** An element with the comma and the space that join it to its neighbours. */
function elementSpan(elements: readonly Element[], at: Span, offset: number, text: string): Span | null {
  const index = elements.findIndex((element) => holds(element, at));
  const element = elements[index];
  if (!element) return null;
  const next = elements[index + 1];
  const last = elements[index - 1];
  if (next) return { start: element.start + offset, end: next.start + offset };
  const end = element.end + offset;
  // a comma that trails the last element stays with the one before
  return last && text.slice(last.end + offset, element.start + offset).includes(',')
    ? { start: last.end + offset, end }
    : { start: element.start + offset, end };
}

/** The statement, with its line where it stands alone on it. */
function linesOf(start: number, end: number, text: string): Span {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  return text.slice(lineStart, start).trim() === '' ? { start: lineStart, end } : { start, end };
}

/** Known addresses that differ by one slip of the finger. Never the first choice: a new rule for a known host is a grant. */
function replacements({ uri, statement, span }: ShownFinding, text: string, { model }: FixContext): readonly Fix[] {
  const host = model.hostOf.get(uri);
  const facts = model.rulesets.find((ruleset) => ruleset.uri === uri)?.facts;
  const written = text.slice(span.start, span.end);
  if (!host || !facts) return [];
  const fixes: Fix[] = [];
  for (const { address, label } of knownHosts(host, model)) {
    const shown = addressText(address);
    if (editDistance(written, shown, 1) === 1 && !usedWithSamePorts(facts, statement, address))
      fixes.push({ title: `Change to ${shown}, ${label}`, safety: 'review', edits: [{ uri, span, text: shown }] });
  }
  return fixes.slice(0, 3);
}

/** Whether a rule has the address with the ports of this one already: then nothing was mistyped. */
function usedWithSamePorts(facts: NftablesFacts, statement: number, address: Address): boolean {
  const chains = readChains(facts);
  const own = chains.flatMap(({ chain, readings }) => readings.filter((_, index) => chain.rules[index] === statement));
  const ports = new Set(own.flatMap(({ matches }) => matches.map(({ services }) => servicesText(services))));
  const names = ({ v4, v6 }: AddressSet): boolean =>
    v4.some(({ from, to }) => from === to && from === address.value) || v6.some(({ from, to }) => from === to && from === address.value);
  return chains.some(({ chain, readings }) =>
    readings.some(
      ({ matches }, index) =>
        chain.rules[index] !== statement &&
        matches.some(
          ({ sources, destinations, services }) =>
            (names(sources) || names(destinations)) && (ports.size === 0 || ports.has(servicesText(services))),
        ),
    ),
  );
}

function knownHosts(host: Host, model: MeshModel): readonly { readonly address: Address; readonly label: string }[] {
  return model.links.interfaces
    .filter(({ mesh }) => host.interfaces.some((node) => node.mesh === mesh))
    .flatMap((node) => node.addresses.map((address) => ({ address, label: node.host.name })));
}
