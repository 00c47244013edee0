// The outline of a file: sections and peers, tables and what they hold.
import type { Analysis } from '../analysis/analysis.ts';
import { type ParsedFile, placeSpan } from '../analysis/parsed-file.ts';
import type { MeshModel } from '../mesh/model.ts';
import type { NftablesStatement } from '../nftables/tree.ts';
import type { Span } from '../text/span.ts';
import { headWidth } from '../text/statement.ts';
import type { WireguardTree } from '../wireguard/tree.ts';

export interface FileSymbol {
  readonly name: string;
  readonly detail: string;
  readonly kind: 'interface' | 'peer' | 'table' | 'chain' | 'set' | 'map' | 'object' | 'variable';
  /** All of it, and its name. */
  readonly span: Span;
  readonly nameSpan: Span;
  readonly children: readonly FileSymbol[];
}

export function symbolsOf(analysis: Analysis, uri: string): readonly FileSymbol[] {
  const file = analysis.files.get(uri);
  if (file?.wireguard) return wireguardSymbols(file, file.wireguard, analysis.mesh.model);
  if (file?.nftables) return nftablesSymbols(file.nftables.root, 0, file.source.text);
  return [];
}

function wireguardSymbols(file: ParsedFile, tree: WireguardTree, model: MeshModel): readonly FileSymbol[] {
  const node = model.links.interfaceOf.get(file.source.uri);
  const symbols: FileSymbol[] = [];
  let peers = 0;
  let at = 0;
  for (const line of tree.root.body) {
    const { syntax } = line;
    if (syntax.kind === 'section' && (syntax.section ?? syntax.header)) {
      const nameSpan = { start: at + syntax.name.start, end: at + syntax.name.end };
      const peer = syntax.section === 'Peer' ? node?.peers[peers++] : undefined;
      const detail = peer
        ? peer.facts.allowedIps
            .map(({ at: place }) => place)
            .map((place) => spanText(file, place.statement, place.item))
            .join(', ')
        : '';
      const title = syntax.header ? `[${syntax.header.name.replace(/\.$/, '')}]` : `[${syntax.section}]`;
      const name = syntax.section === 'Peer' ? `${title} ${peer?.label ?? ''}`.trim() : title;
      symbols.push({
        name,
        detail,
        kind: syntax.section === 'Peer' ? 'peer' : 'interface',
        span: { start: nameSpan.start, end: at + line.width },
        nameSpan,
        children: [],
      });
    } else if (syntax.kind === 'entry') {
      const last = symbols.pop();
      if (last) symbols.push({ ...last, span: { start: last.span.start, end: at + syntax.value.end } });
    }
    at += line.width;
  }
  return symbols;
}

function spanText(file: ParsedFile, statement: number, item: number): string {
  const span = placeSpan(file, { statement, item });
  return span ? file.source.text.slice(span.start, span.end) : '';
}

function nftablesSymbols(parent: NftablesStatement, offset: number, text: string): readonly FileSymbol[] {
  const symbols: FileSymbol[] = [];
  let at = offset + headWidth(parent);
  for (const statement of parent.body) {
    const symbol = nftablesSymbol(statement, at, text);
    if (symbol) symbols.push(symbol);
    at += statement.width;
  }
  return symbols;
}

function nftablesSymbol(statement: NftablesStatement, at: number, text: string): FileSymbol | null {
  const { syntax } = statement;
  const whole = trimmed(text, at, at + statement.width);
  if (syntax.kind === 'definition' && syntax.name) {
    const nameSpan = { start: at + syntax.name.start, end: at + syntax.name.end };
    const value = syntax.value
      ? text.slice(at + syntax.value.start, at + Math.min(syntax.value.end, syntax.value.start + 60)).replace(/\s+/g, ' ')
      : '';
    return { name: `$${text.slice(nameSpan.start, nameSpan.end)}`, detail: value, kind: 'variable', span: whole, nameSpan, children: [] };
  }
  if (syntax.kind !== 'object') return null;
  const named = syntax.object === 'table' ? syntax.at.table : syntax.at.name;
  if (!named) return null;
  const nameSpan = { start: at + named.start, end: at + named.end };
  const family = syntax.at.family ? `${text.slice(at + syntax.at.family.start, at + syntax.at.family.end)} ` : '';
  const { object } = syntax;
  return {
    name: text.slice(nameSpan.start, nameSpan.end),
    detail: syntax.object === 'table' ? `${family || 'ip '}table` : detailOf(statement, at, text, object),
    kind: object === 'table' || object === 'chain' || object === 'set' || object === 'map' ? object : 'object',
    span: whole,
    nameSpan,
    children: object === 'table' ? nftablesSymbols(statement, at, text) : [],
  };
}

/** Of a base chain its hook and policy, of others what they are. */
function detailOf(statement: NftablesStatement, offset: number, text: string, object: string): string {
  if (object !== 'chain') return object;
  let detail = 'chain';
  let at = offset + headWidth(statement);
  for (const inner of statement.body) {
    const { syntax } = inner;
    if (syntax.kind === 'base-chain' && syntax.hook) detail = `hook ${text.slice(at + syntax.hook.start, at + syntax.hook.end)}`;
    else if (syntax.kind === 'policy') detail += `, policy ${text.slice(at + syntax.policy.start, at + syntax.policy.end)}`;
    else if (syntax.kind === 'rule') break;
    at += inner.width;
  }
  return detail;
}

function trimmed(text: string, start: number, end: number): Span {
  let from = start;
  let to = end;
  while (from < to && /\s/.test(text[from] as string)) from++;
  while (to > from && /[\s;]/.test(text[to - 1] as string)) to--;
  return { start: from, end: to };
}
