// From our plain data to the protocol's, and back. Offsets become lines and characters here and nowhere else.
import {
  type CompletionItem,
  CompletionItemKind,
  type CreateFile,
  type Diagnostic,
  DiagnosticSeverity,
  type DocumentSymbol,
  type MarkupContent,
  type Range,
  SymbolKind,
  type TextDocumentEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver';
import type { Files } from '../analysis/parsed-file.ts';
import type { Hover } from '../features/hover.ts';
import type { Offer } from '../features/offer.ts';
import type { FileSymbol } from '../features/symbols.ts';
import type { Severity, ShownFinding } from '../rules/rule.ts';
import type { TextEdit } from '../text/edit.ts';
import { offsetAt, positionAt } from '../text/lines.ts';
import type { SourceFile } from '../text/source-file.ts';
import type { Span } from '../text/span.ts';

export function rangeOf(source: SourceFile, span: Span): Range {
  return { start: positionAt(source.lines, span.start), end: positionAt(source.lines, span.end) };
}

export function spanOf(source: SourceFile, range: Range): Span {
  return { start: offsetAt(source.lines, source.text, range.start), end: offsetAt(source.lines, source.text, range.end) };
}

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

/** `files` gives the lines of the files that related places lie in. */
export function diagnosticOf(source: SourceFile, finding: ShownFinding, files: Files): Diagnostic {
  const related = finding.related.flatMap(({ uri, span, message }) => {
    const file = files.get(uri);
    return file ? [{ location: { uri, range: rangeOf(file.source, span) }, message }] : [];
  });
  return {
    range: rangeOf(source, finding.span),
    severity: severities[finding.severity],
    code: finding.rule,
    source: 'meshwarden',
    message: finding.message,
    ...(related.length > 0 ? { relatedInformation: related } : {}),
  };
}

export function markdownOf(hover: Hover): MarkupContent {
  const example = hover.example ? `\n\n\`\`\`wireguard\n${hover.example}\n\`\`\`` : '';
  const title = hover.title.replace(/[`\r\n]/g, ' ').trim();
  return { kind: 'markdown', value: `**\`${title}\`** · ${hover.kind}\n\n${hover.paragraphs.join('\n\n')}${example}` };
}

const completionKinds: Readonly<Record<Offer['kind'], CompletionItemKind>> = {
  keyword: CompletionItemKind.Keyword,
  property: CompletionItemKind.Property,
  value: CompletionItemKind.Value,
  reference: CompletionItemKind.Reference,
  variable: CompletionItemKind.Variable,
};

export function completionOf(source: SourceFile, offer: Offer, index: number): CompletionItem {
  return {
    label: offer.label,
    kind: completionKinds[offer.kind],
    detail: offer.says.length > 120 ? `${offer.says.slice(0, 117)}…` : offer.says,
    documentation: offer.says,
    sortText: String(index).padStart(4, '0'),
    textEdit: { range: rangeOf(source, offer.span), newText: offer.text },
  };
}

const symbolKinds: Readonly<Record<FileSymbol['kind'], SymbolKind>> = {
  interface: SymbolKind.Interface,
  peer: SymbolKind.Object,
  table: SymbolKind.Module,
  chain: SymbolKind.Function,
  set: SymbolKind.Array,
  map: SymbolKind.Array,
  object: SymbolKind.Object,
  variable: SymbolKind.Variable,
};

export function symbolOf(source: SourceFile, symbol: FileSymbol): DocumentSymbol {
  return {
    name: symbol.name || '?',
    detail: symbol.detail,
    kind: symbolKinds[symbol.kind],
    range: rangeOf(source, symbol.span),
    selectionRange: rangeOf(source, symbol.nameSpan),
    children: symbol.children.map((child) => symbolOf(source, child)),
  };
}

/** Edits by file, each bound to the version it was made from where the file is open. `snippets`: the client can select what an edit says to. */
export function workspaceEdit(
  edits: readonly TextEdit[],
  files: Files,
  versionOf: (uri: string) => number | null,
  snippets = false,
): WorkspaceEdit {
  const created: CreateFile[] = [];
  const byFile = new Map<string, TextDocumentEdit>();
  const beginning = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
  for (const { uri, span, text, select, creates } of edits) {
    const file = files.get(uri);
    if (!file && !creates) continue;
    if (creates) created.push({ kind: 'create', uri, options: { ignoreIfExists: true } });
    const change = byFile.get(uri) ?? { textDocument: { uri, version: versionOf(uri) }, edits: [] };
    const range = file ? rangeOf(file.source, span) : beginning;
    if (select && snippets) change.edits.push({ range, snippet: { kind: 'snippet', value: snippetOf(text, select) } });
    else change.edits.push({ range, newText: text });
    byFile.set(uri, change);
  }
  return { documentChanges: [...created, ...byFile.values()] };
}

function snippetOf(text: string, { start, end }: Span): string {
  const plain = (part: string): string => part.replace(/[\\$}]/g, '\\$&');
  return `${plain(text.slice(0, start))}\${1:${plain(text.slice(start, end))}}${plain(text.slice(end))}$0`;
}
