// What the suite asks of the editor, the same in all three hosts: files, waiting, findings, hovers, fixes.
import * as vscode from 'vscode';
import type { MeshWardenApi } from '../../../client/src/status.ts';

export function assert(truth: unknown, message: string): asserts truth {
  if (!truth) throw new Error(message);
}

/** Asks `probe` until it answers something other than undefined or false. */
export async function until<T>(what: string, probe: () => T | Promise<T>, ms = 30_000): Promise<Exclude<T, undefined | false>> {
  for (const end = Date.now() + ms; ; ) {
    const answer = await probe();
    if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>;
    if (Date.now() > end) throw new Error(`waited ${ms / 1000} s in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A file of the workspace folder by its path in it. */
export function fileUri(path: string): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert(folder, 'no workspace folder');
  return vscode.Uri.joinPath(folder.uri, path);
}

export async function open(path: string): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument(fileUri(path));
  await vscode.window.showTextDocument(document);
  return document;
}

/** The extension's own API, once it is active by itself: nothing here activates it. */
export function activeApi(): Promise<MeshWardenApi> {
  const extension = vscode.extensions.getExtension<MeshWardenApi>('meshwarden.meshwarden');
  assert(extension, 'the extension is not there');
  return until('the extension to be active', () => (extension.isActive ? extension.exports : undefined));
}

/** Our findings in `uri`, open or not, as `rule: message`, in the file's order. */
export function findings(uri: vscode.Uri): readonly string[] {
  const rule = ({ code }: vscode.Diagnostic): string => String(typeof code === 'object' ? code.value : code);
  return [...vscode.languages.getDiagnostics(uri)]
    .sort((a, b) => a.range.start.compareTo(b.range.start))
    .map((diagnostic) => `${rule(diagnostic)}: ${diagnostic.message}`);
}

/** Where `text` stands first in `document`. */
export function rangeOf(document: vscode.TextDocument, text: string): vscode.Range {
  const start = document.getText().indexOf(text);
  assert(start >= 0, `${JSON.stringify(text)} is not in ${document.uri.path}`);
  return new vscode.Range(document.positionAt(start), document.positionAt(start + text.length));
}

/** The text of all hovers at the beginning of `text`. */
export async function hoverText(document: vscode.TextDocument, text: string): Promise<string> {
  const at = rangeOf(document, text).start.translate(0, 1);
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', document.uri, at);
  return hovers
    .flatMap(({ contents }) => contents)
    .map((content) => (typeof content === 'string' ? content : content.value))
    .join('\n');
}

/** The code actions on `text`. */
export function actionsOn(document: vscode.TextDocument, text: string): Thenable<vscode.CodeAction[]> {
  return vscode.commands.executeCommand('vscode.executeCodeActionProvider', document.uri, rangeOf(document, text));
}

/** What is on the disk, whatever the editor shows. */
export async function onDisk(uri: vscode.Uri): Promise<string> {
  return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
}
