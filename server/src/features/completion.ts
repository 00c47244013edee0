// What may be written at a place, drawn from the vocabularies and the mesh.
import type { Analysis } from '../analysis/analysis.ts';
import { type ParsedFile, statementOffset } from '../analysis/parsed-file.ts';
import type { MeshInterface } from '../mesh/model.ts';
import { addressText } from '../net/address.ts';
import { expectedAt } from '../nftables/parser/parse.ts';
import type { NftablesStatement, NftablesTree } from '../nftables/tree.ts';
import type { Span } from '../text/span.ts';
import { eachStatement, headWidth } from '../text/statement.ts';
import { type HeaderRow, keyIn } from '../wireguard/dialects/header.ts';
import { networkdHeaders } from '../wireguard/dialects/networkd-vocabulary.ts';
import { networkManagerHeaders } from '../wireguard/dialects/networkmanager-vocabulary.ts';
import type { WireguardTree } from '../wireguard/tree.ts';
import { keyRow, keys, sections } from '../wireguard/vocabulary.ts';
import type { Offer } from './offer.ts';
import { policyCompletions } from './policy-completion.ts';

const nothing: readonly Offer[] = [];

export function completionsAt(analysis: Analysis, uri: string, offset: number): readonly Offer[] {
  const file = analysis.files.get(uri);
  if (file?.wireguard) return wireguardOffers(analysis, file, file.wireguard, offset);
  if (file?.nftables) return nftablesOffers(file, file.nftables, offset);
  if (file?.policy) return policyCompletions(analysis, file, offset);
  return nothing;
}

function wireguardOffers(analysis: Analysis, file: ParsedFile, tree: WireguardTree, offset: number): readonly Offer[] {
  const { text } = file.source;
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  const before = text.slice(lineStart, offset);
  const dialect = tree.root.syntax.kind === 'file' ? tree.root.syntax.dialect : 'wg-quick';
  if (/^\s*#/.test(before) || (dialect === 'networkd' && /^\s*;/.test(before))) return nothing;
  const equals = before.indexOf('=');
  const header = /^\s*\[/.test(before);
  if (equals < 0 || header) {
    return dialect === 'wg-quick'
      ? keyOffers(text, tree, lineStart, before, offset)
      : dialectOffers(dialect, text, tree, lineStart, before, offset);
  }
  const name = before.slice(0, equals).trim();
  const around = sectionAt(tree, lineStart).header;
  const row = dialect === 'wg-quick' ? keyRow(name) : around && keyIn(around, name);
  if (!row) return nothing;
  const item = (dialect === 'networkmanager' ? /[^\s;=]*$/ : /[^\s,=]*$/).exec(before)?.[0] ?? '';
  const span = { start: offset - item.length, end: offset };
  const offers: Offer[] = (row.values ?? []).map((value) => ({
    label: value.text,
    kind: 'value',
    says: value.says,
    text: value.text,
    span,
  }));
  const node = analysis.mesh.model.links.interfaceOf.get(file.source.uri);
  if (row.value === 'public-key') offers.push(...publicKeys(analysis, node, span));
  if (row.value === 'allowed-ips') offers.push(...peerAddresses(node, file, tree, lineStart, span));
  return offers;
}

/** Section headers anywhere; keys of the section around, less those that count once and are there. */
function keyOffers(text: string, tree: WireguardTree, lineStart: number, before: string, offset: number): readonly Offer[] {
  const word = /\S*$/.exec(before)?.[0] ?? '';
  const span = { start: offset - word.length, end: offset };
  const offers: Offer[] = sections.map(({ name, says }) => ({ label: `[${name}]`, kind: 'keyword', says, text: `[${name}]`, span }));
  let section: string | null = null;
  let present = new Set<string>();
  let at = 0;
  for (const line of tree.root.body) {
    const { syntax } = line;
    if (syntax.kind === 'section') {
      if (at > lineStart) break;
      section = syntax.section;
      present = new Set();
    } else if (syntax.kind === 'entry' && syntax.row && at !== lineStart) present.add(syntax.row.name);
    at += line.width;
  }
  const rest = text.slice(offset, text.indexOf('\n', offset) < 0 ? text.length : text.indexOf('\n', offset));
  const tail = /^\s*=/.test(rest) ? '' : ' = ';
  for (const row of keys) {
    if (row.section !== section || (row.repeated === 'replaces' && present.has(row.name))) continue;
    offers.push({ label: row.name, kind: 'property', says: row.says, text: `${row.name}${tail}`, span });
  }
  return offers;
}

/** The section around a line, and the keys that stand in it elsewhere. */
function sectionAt(tree: WireguardTree, lineStart: number): { readonly header: HeaderRow | null; readonly present: ReadonlySet<string> } {
  let header: HeaderRow | null = null;
  let present = new Set<string>();
  let at = 0;
  for (const line of tree.root.body) {
    const { syntax } = line;
    if (syntax.kind === 'section') {
      if (at > lineStart) break;
      header = syntax.header ?? null;
      present = new Set();
    } else if (syntax.kind === 'entry' && syntax.row && at !== lineStart) present.add(syntax.row.name);
    at += line.width;
  }
  return { header, present };
}

function dialectOffers(
  dialect: 'networkd' | 'networkmanager',
  text: string,
  tree: WireguardTree,
  lineStart: number,
  before: string,
  offset: number,
): readonly Offer[] {
  const word = /\S*$/.exec(before)?.[0] ?? '';
  const span = { start: offset - word.length, end: offset };
  const headers = dialect === 'networkd' ? networkdHeaders : networkManagerHeaders;
  const offers: Offer[] = headers.map(({ name, keyed, says }) => ({
    label: keyed ? `[${name}…]` : `[${name}]`,
    kind: 'keyword',
    says,
    text: keyed ? `[${name}` : `[${name}]`,
    span,
  }));
  const { header, present } = sectionAt(tree, lineStart);
  const rest = text.slice(offset, text.indexOf('\n', offset) < 0 ? text.length : text.indexOf('\n', offset));
  const tail = /^\s*=/.test(rest) ? '' : '=';
  for (const row of header?.keys ?? []) {
    if (row.repeated === 'replaces' && present.has(row.name)) continue;
    offers.push({ label: row.name, kind: 'property', says: row.says, text: `${row.name}${tail}`, span });
  }
  return offers;
}

function publicKeys(analysis: Analysis, node: MeshInterface | undefined, span: Span): readonly Offer[] {
  return analysis.mesh.model.links.interfaces.flatMap((other) =>
    other !== node && other.publicKey
      ? [
          {
            label: other.host.name,
            kind: 'reference' as const,
            says: `The public key of ${other.host.name}, ${other.name}`,
            text: other.publicKey,
            span,
          },
        ]
      : [],
  );
}

/** The addresses that the peer's own file gives it. */
function peerAddresses(
  node: MeshInterface | undefined,
  file: ParsedFile,
  tree: WireguardTree,
  lineStart: number,
  span: Span,
): readonly Offer[] {
  let header = -1;
  let at = 0;
  for (const line of tree.root.body) {
    if (at > lineStart) break;
    if (line.syntax.kind === 'section') header = at;
    at += line.width;
  }
  const peer = node?.peers.find(({ facts }) => statementOffset(file, facts.at.statement) === header);
  return (peer?.remote?.addresses ?? []).map((address) => {
    const text = `${addressText(address)}/${address.version === 4 ? 32 : 128}`;
    return { label: text, kind: 'reference', says: `The address of ${peer?.label ?? 'the peer'} in its own file`, text, span };
  });
}

function nftablesOffers(file: ParsedFile, tree: NftablesTree, offset: number): readonly Offer[] {
  const { text } = file.source;
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  const before = text.slice(lineStart, offset);
  if (before.includes('#') && !/"[^"]*#[^"]*"/.test(before)) return nothing;
  const word = /[@$]?[\w./-]*$/.exec(before)?.[0] ?? '';
  const start = offset - word.length;
  const span = { start, end: offset };
  if (word.startsWith('$'))
    return namesIn(tree, text, 'definition').map((name) => ({
      label: `$${name}`,
      kind: 'variable',
      says: 'A variable of this file',
      text: `$${name}`,
      span,
    }));
  if (word.startsWith('@'))
    return namesIn(tree, text, 'set').map((name) => ({
      label: `@${name}`,
      kind: 'reference',
      says: 'A set or map of this file',
      text: `@${name}`,
      span,
    }));
  if (/\b(?:jump|goto)\s+[\w./-]*$/.test(before)) {
    return namesIn(tree, text, 'chain').map((name) => ({ label: name, kind: 'reference', says: 'A chain of this file', text: name, span }));
  }
  const prefix = contextOf(tree, text, start);
  return expectedAt(prefix, prefix.length).map(({ name, says }) => ({ label: name, kind: 'keyword', says, text: name, span }));
}

/** What tells what may stand at `start`: the heads of the blocks around, and the statement up to there. */
function contextOf(tree: NftablesTree, text: string, start: number): string {
  const heads: string[] = [];
  let parent = tree.root;
  let at = 0;
  for (;;) {
    // the statement that goes on at `start`: one that no separator ended goes on behind itself
    let begins = at;
    let inside: { readonly statement: NftablesStatement; readonly offset: number } | null = null;
    for (const statement of parent.body) {
      if (at > start) break;
      if (statement.body.length > 0 && at + headWidth(statement) <= start && start <= at + statement.width)
        inside = { statement, offset: at };
      at += statement.width;
      if (at <= start && statement.closed) begins = at;
    }
    const closed = inside?.statement.body.at(-1)?.syntax.kind === 'close';
    if (!inside || (closed && start === inside.offset + inside.statement.width)) return heads.join('') + text.slice(begins, start);
    const { statement, offset } = inside;
    heads.push(text.slice(offset, offset + headWidth(statement)));
    parent = statement;
    at = offset + headWidth(statement);
  }
}

function namesIn(tree: NftablesTree, text: string, what: 'definition' | 'set' | 'chain'): readonly string[] {
  const names = new Set<string>();
  eachStatement(tree.root, ({ syntax }, offset) => {
    const name =
      syntax.kind === 'definition' && what === 'definition'
        ? syntax.name
        : syntax.kind === 'object' &&
            (what === 'chain' ? syntax.object === 'chain' : what === 'set' && (syntax.object === 'set' || syntax.object === 'map'))
          ? syntax.at.name
          : null;
    if (name) names.add(text.slice(offset + name.start, offset + name.end));
    return syntax.kind === 'file' || (syntax.kind === 'object' && syntax.object === 'table');
  });
  return [...names];
}
