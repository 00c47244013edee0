// Hovers in rulesets: what a word of nft means where it stands, whose address it is, what a variable holds.
import type { Analysis } from '../analysis/analysis.ts';
import type { ParsedFile } from '../analysis/parsed-file.ts';
import { hostsWith, isNobodys, knownAddresses, meshesOf, ownerAt } from '../mesh/addresses.ts';
import { addressText, parseAddress } from '../net/address.ts';
import type { Expression, NftablesStatementFacts, NftablesSyntax, NftablesTree, RuleStatement } from '../nftables/tree.ts';
import { datatypeByName } from '../nftables/vocabulary/datatypes.ts';
import {
  amountWords,
  baseChainWords,
  chainFlags,
  ctObjectSettings,
  ctObjects,
  elementWords,
  hashWords,
  ipOptionFields,
  ipOptions,
  ipsecFields,
  logFlags,
  logHeaderFlags,
  mapData,
  objectSettings,
  osfTtl,
  placeWords,
  queueWords,
  rawBases,
  selectorWords,
  synproxyWords,
  tcpOptionFields,
  translationWords,
  wordOperators,
} from '../nftables/vocabulary/phrases.ts';
import { byName, type Row } from '../nftables/vocabulary/row.ts';
import { selectorByName, tcpOptions } from '../nftables/vocabulary/selectors.ts';
import {
  betweenWords,
  logOptions,
  natFlags,
  operators,
  rejectWords,
  statementByName,
  verdictByName,
} from '../nftables/vocabulary/statements.ts';
import {
  chainTypes,
  chainWords,
  commandByName,
  familyByName,
  hooks,
  policies,
  preprocessor,
  priorities,
  setFlags,
  setPolicies,
  setWords,
  tableFlags,
  tableWords,
} from '../nftables/vocabulary/structure.ts';
import type { Span } from '../text/span.ts';
import { shifted, touches } from '../text/span.ts';
import { type Located, statementsAt } from '../text/statement.ts';
import { Token, tokenClass, tokenEnd } from '../text/token.ts';
import { listed } from '../text/words.ts';
import { code, type Hover } from './hover.ts';

type Here = Located<NftablesSyntax, NftablesStatementFacts | null>;

export function nftablesHover(analysis: Analysis, file: ParsedFile, tree: NftablesTree, offset: number): Hover | null {
  const located = statementsAt(tree.root, offset).at(-1);
  const token = located && tokenAt(located, offset);
  if (!located || !token) return null;
  const text = file.source.text.slice(token.span.start, token.span.end);
  if (token.kind === Token.Address) return addressHover(analysis, file, token.span, text);
  if (token.kind === Token.Variable) return variableHover(file, tree, token.span, offset);
  if (token.kind === Token.Selector) return selectorHover(located, offset, token.span, text);
  const row = token.kind === Token.Constant ? constantRow(located, offset, text) : wordRow(located, text);
  return row?.says ? { span: token.span, title: text, kind: row.kind, paragraphs: [row.says] } : null;
}

function tokenAt({ statement, offset: start }: Here, offset: number): { readonly kind: Token; readonly span: Span } | null {
  let from = start;
  let before: { kind: Token; span: Span } | null = null;
  for (const packed of statement.head) {
    const token = { kind: tokenClass(packed), span: { start: from, end: start + tokenEnd(packed) } };
    if (offset < token.span.end) {
      // right behind a word is on the word
      return offset === from && before && token.kind <= Token.Newline ? before : token;
    }
    before = token;
    from = token.span.end;
  }
  return before;
}

function addressHover(analysis: Analysis, file: ParsedFile, span: Span, text: string): Hover | null {
  const address = parseAddress(text);
  if (!address) return null;
  const host = analysis.mesh.model.hostOf.get(file.source.uri);
  const paragraphs: string[] = [];
  for (const mesh of host ? meshesOf(host) : []) {
    const hosts = hostsWith(mesh, address);
    if (hosts.length > 0) paragraphs.push(`The address of ${code(listed([...new Set(hosts.map((node) => node.host.name))], 'and', 4))}.`);
    else if (isNobodys(knownAddresses(mesh), address)) paragraphs.push('It lies in the mesh, and no host has it.');
  }
  for (const node of host?.interfaces ?? []) {
    const owner = ownerAt(node, address);
    if (owner)
      paragraphs.push(
        `Through ${code(node.name)} it belongs to ${code(owner.label)}: only packets of ${code(owner.label)} may come from it.`,
      );
  }
  if (paragraphs.length === 0) {
    paragraphs.push(host ? 'It lies outside the mesh’s networks.' : 'No WireGuard config of this host is here, so nothing is known of it.');
  }
  return { span, title: addressText(address), kind: address.version === 4 ? 'IPv4 address' : 'IPv6 address', paragraphs, address };
}

function variableHover(file: ParsedFile, tree: NftablesTree, span: Span, offset: number): Hover | null {
  const { text } = file.source;
  const name = /^\$?([\w./-]+)/.exec(text.slice(text[span.start] === '$' ? span.start + 1 : span.start, span.end + 256))?.[1];
  if (!name) return null;
  let value: string | null = null;
  let at = 0;
  for (const statement of tree.root.body) {
    const { syntax } = statement;
    if (at > offset) break;
    if (syntax.kind === 'definition' && syntax.name && syntax.value && text.slice(at + syntax.name.start, at + syntax.name.end) === name) {
      value = text.slice(at + syntax.value.start, at + syntax.value.end);
    }
    at += statement.width;
  }
  const shown = value && value.length > 200 ? `${value.slice(0, 200)}…` : value;
  return {
    span,
    title: `$${name}`,
    kind: 'variable',
    paragraphs: [shown ? `Stands for ${code(shown)}.` : 'Not defined above in this file; an included file may define it.'],
  };
}

function selectorHover(located: Here, offset: number, span: Span, text: string): Hover | null {
  const found = expressionAt(located, offset, (expression) => expression.kind === 'selector');
  if (found?.kind === 'selector') {
    const { selector, field } = found;
    const title = field ? `${selector.name} ${field.name}` : selector.name;
    const datatype = field ? datatypeByName.get(field.type) : undefined;
    const part = text === selector.name || text === field?.name ? undefined : partOf.get(selector.name)?.get(text);
    const paragraphs = [...(part ? [`${code(text)}: ${part.says}.`] : []), field?.says ?? selector.says];
    if (field) paragraphs.push(selector.says);
    if (datatype)
      paragraphs.push(
        `Type ${code(datatype.name)}: ${datatype.says}.${
          datatype.constants.length > 0
            ? ` Names: ${datatype.constants
                .map(({ name }) => code(name))
                .slice(0, 12)
                .join(', ')}${datatype.constants.length > 12 ? ' …' : ''}`
            : ''
        }`,
      );
    return { span: shifted(found, located.offset), title, kind: 'selector', paragraphs };
  }
  const row = selectorByName.get(text) ?? rawBaseByName.get(text);
  return row ? { span, title: text, kind: 'selector', paragraphs: [row.says] } : null;
}

const rawBaseByName = byName(rawBases);

/** The words of selectors that have a form of their own. */
const partOf: ReadonlyMap<string, ReadonlyMap<string, Row>> = new Map([
  ['tcp', byName([...tcpOptions, ...tcpOptionFields])],
  ['ip', byName([...ipOptions, ...ipOptionFields])],
  ['ipsec', byName(ipsecFields)],
]);

type Named = Row & { readonly kind: string };

/** A named value: of the datatype it is compared with, else of a chain’s own line. */
function constantRow(located: Here, offset: number, text: string): Named | null {
  const at = offset - located.offset;
  for (const part of statementsOf(located)) {
    if (part.kind !== 'match' || !touches(part, at) || part.left.kind !== 'selector') continue;
    const datatype = part.left.field ? datatypeByName.get(part.left.field.type) : undefined;
    const row = datatype?.constants.find(({ name }) => name === text);
    if (row) return { ...row, kind: datatype?.name ?? '' };
  }
  const tables: readonly (readonly [string, readonly Row[]])[] = [
    ['hook', hooks],
    ['chain type', chainTypes],
    ['priority', priorities],
    ['policy', policies],
    ['set flag', setFlags],
    ['table flag', tableFlags],
  ];
  const { syntax } = located.statement;
  if (syntax.kind === 'base-chain') {
    // `filter` is a type and a priority: the place tells
    if (syntax.type && touches(syntax.type, at)) return named('chain type', chainTypes, text);
    if (syntax.hook && touches(syntax.hook, at)) return named('hook', hooks, text);
    return named('priority', priorities, text);
  }
  const datatype = datatypeByName.get(text);
  if (datatype) return { name: text, says: datatype.says, kind: 'datatype' };
  for (const [kind, rows] of tables) {
    const row = named(kind, rows, text);
    if (row) return row;
  }
  return wordRow(located, text);
}

function named(kind: string, rows: readonly Row[], text: string): Named | null {
  const row = rows.find(({ name }) => name === text);
  return row ? { ...row, kind } : null;
}

const words: readonly (readonly [string, ReadonlyMap<string, Row>])[] = [
  ['verdict', verdictByName],
  ['statement', statementByName],
  ['operator', byName(operators)],
  ['keyword', byName(betweenWords)],
  ['command', commandByName],
  ['keyword', byName(preprocessor)],
  ['family', familyByName],
  ['block', byName(tableWords)],
  ['chain', byName(chainWords)],
  ['set', byName(setWords)],
  ['log', byName(logOptions)],
  ['nat', byName(natFlags)],
  ['reject', byName(rejectWords)],
  ['amount', byName(amountWords)],
  ['address translation', byName(translationWords)],
  ['log', byName(logFlags)],
  ['log', byName(logHeaderFlags)],
  ['queue', byName(queueWords)],
  ['synproxy', byName(synproxyWords)],
  ['element', byName(elementWords)],
  ['hash', byName(hashWords)],
  ['selector', byName(selectorWords)],
  ['selector', byName(osfTtl)],
  ['operator', byName(wordOperators)],
  ['chain', byName(baseChainWords)],
  ['chain flag', byName(chainFlags)],
  ['conntrack object', byName(ctObjects)],
  ['setting', byName(ctObjectSettings)],
  ['setting', byName(objectSettings)],
  ['map', byName(mapData)],
  ['set policy', byName(setPolicies)],
  ['place', byName(placeWords)],
  [
    'command',
    byName([
      { name: 'table', says: 'What holds chains, sets and maps of one family' },
      { name: 'rule', says: 'Matches and statements, in a chain' },
      { name: 'element', says: 'A value of a set or map' },
      { name: 'ruleset', says: 'Everything that is loaded' },
    ]),
  ],
];

function wordRow(located: Here, text: string): Named | null {
  const { kind } = located.statement.syntax;
  // a set’s own lines use words that are statements elsewhere
  const first = kind === 'option' || kind === 'set-type' || kind === 'elements' ? named('set', setWords, text) : null;
  if (first) return first;
  for (const [what, table] of words) {
    const row = table.get(text);
    if (row) return { ...row, kind: what };
  }
  return null;
}

function statementsOf(located: Here): readonly RuleStatement[] {
  const { syntax } = located.statement;
  return syntax.kind === 'rule' ? syntax.statements : [];
}

/** The innermost expression at `offset` that `wanted` takes. */
function expressionAt(located: Here, offset: number, wanted: (expression: Expression) => boolean): Expression | null {
  const at = offset - located.offset;
  let found: Expression | null = null;
  const look = (value: unknown): void => {
    if (Array.isArray(value)) {
      for (const item of value) look(item);
      return;
    }
    if (typeof value !== 'object' || value === null) return;
    const node = value as { readonly kind?: string; readonly start?: number; readonly end?: number };
    if (typeof node.start === 'number' && typeof node.end === 'number' && !touches({ start: node.start, end: node.end }, at)) return;
    if (node.kind !== undefined && wanted(node as Expression)) {
      found = node as Expression;
      return;
    }
    // rows of the vocabulary hang on selectors and are not looked into
    for (const [key, inner] of Object.entries(node)) if (key !== 'selector' && key !== 'field') look(inner);
  };
  look(located.statement.syntax);
  return found;
}
