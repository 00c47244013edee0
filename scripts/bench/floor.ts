// The floor: a language server that keeps the text and looks at the one line that changed. What it takes, every server built on
// vscode-languageserver takes.
import { createConnection, ProposedFeatures, TextDocumentSyncKind } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';

const connection = createConnection(ProposedFeatures.all);
const open = new Map<string, TextDocument>();
/** What the bench's edits make of `accept` and `drop`. */
const broken = /\b(?:accxept|droxp)\b/;

connection.onInitialize(() => ({ capabilities: { textDocumentSync: TextDocumentSyncKind.Incremental } }));

function publish(document: TextDocument, line: number): void {
  const range = { start: { line, character: 0 }, end: { line: line + 1, character: 0 } };
  const found = broken.test(document.getText(range));
  connection.sendDiagnostics({
    uri: document.uri,
    version: document.version,
    diagnostics: found ? [{ range, severity: 1, code: 'floor/broken', source: 'floor', message: 'a verdict that is none' }] : [],
  });
}

connection.onDidOpenTextDocument(({ textDocument: { uri, languageId, version, text } }) => {
  const document = TextDocument.create(uri, languageId, version, text);
  open.set(uri, document);
  publish(document, 0);
});

connection.onDidChangeTextDocument(({ textDocument: { uri, version }, contentChanges }) => {
  const before = open.get(uri);
  if (!before) return;
  const document = TextDocument.update(before, contentChanges, version);
  const change = contentChanges.at(-1);
  publish(document, change && 'range' in change ? change.range.start.line : 0);
});

connection.onDidCloseTextDocument(({ textDocument: { uri } }) => {
  open.delete(uri);
});

connection.listen();
