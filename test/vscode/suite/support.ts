// What the suite asks of the editor, the same in all three hosts: files, waiting, findings, hovers, fixes.
import * as vscode from 'vscode';
import type { MeshWardenApi } from '../../../client/src/status.ts';

export const hub = 'hub/etc/wireguard/wg0.conf';
export const ruleset = 'hub/etc/nftables.conf';
/** The hosts of flat-mesh besides the hub; each has one file, `wireguardOf`. */
export const spokes = [
  ...['app-1', 'app-2', 'app-3', 'backup', 'bastion', 'ci-runner', 'collector', 'database'],
  ...['laptop-ana', 'laptop-ben', 'metrics'],
] as const;

export function wireguardOf(host: string): string {
  return `${host}/etc/wireguard/wg0.conf`;
}

export function assert(truth: unknown, message: string): asserts truth {
  if (!truth) throw new Error(message);
}

export function assertEqual(actual: unknown, expected: unknown, what: string): void {
  const [is, should] = [JSON.stringify(actual, null, 1), JSON.stringify(expected, null, 1)];
  assert(is === should, `${what}: is ${is}, should be ${should}`);
}

export function assertMatch(text: string, pattern: RegExp): void {
  assert(pattern.test(text), `${JSON.stringify(text)} does not match ${pattern}`);
}

const longest = 30_000; // ms, for a busy machine

/** Asks `probe` until it answers something other than undefined or false. */
export async function until<T>(what: string, probe: () => T | Promise<T>, ms = longest): Promise<Exclude<T, undefined | false>> {
  for (const end = Date.now() + ms; ; ) {
    const answer = await probe();
    if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>;
    if (Date.now() > end) throw new Error(`waited ${ms / 1000} s in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Asks `probe` until its answer is `expected`. */
export async function untilEqual<T>(what: string, probe: () => T, expected: T): Promise<void> {
  const should = JSON.stringify(expected);
  await until(what, () => JSON.stringify(probe()) === should).catch(() => assertEqual(probe(), expected, what));
}

/** A file of the workspace folder by its path in it. */
export function fileUri(path: string): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert(folder, 'no workspace folder');
  return vscode.Uri.joinPath(folder.uri, path);
}

/** What is on the disk, whatever the editor shows. */
export async function textOnDisk(uri: vscode.Uri): Promise<string> {
  return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
}

export async function open(path: string): Promise<vscode.TextDocument> {
  return (await edit(path)).document;
}

/** Opens a file in an editor of its own, to type into. */
export async function edit(path: string): Promise<vscode.TextEditor> {
  return vscode.window.showTextDocument(await vscode.workspace.openTextDocument(fileUri(path)), { preview: false });
}

/** Gives up all that is not saved, and closes every editor. */
export async function closeAll(): Promise<void> {
  // the editor itself may be writing another, such as its settings
  const ours = ({ uri }: vscode.TextDocument): boolean =>
    uri.scheme === 'untitled' || vscode.workspace.getWorkspaceFolder(uri) !== undefined;
  for (const document of vscode.workspace.textDocuments.filter((one) => one.isDirty && ours(one))) {
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand('workbench.action.files.revert');
  }
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
}

/** The extension's own API, once it is active by itself: nothing here activates it. */
export function activeApi(): Promise<MeshWardenApi> {
  const extension = vscode.extensions.getExtension<MeshWardenApi>('meshwarden.meshwarden');
  assert(extension, 'the extension is not there');
  return until('the extension to be active', () => (extension.isActive ? extension.exports : undefined));
}

export function ruleOf({ code }: vscode.Diagnostic): string {
  return String(typeof code === 'object' ? code.value : code);
}

/** How many findings of each rule `uri` has, open or not. */
export function rulesIn(uri: vscode.Uri): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const rule of vscode.languages.getDiagnostics(uri).map(ruleOf).sort()) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  return Object.fromEntries(counts);
}

/** The rules of the findings that touch `line`, in alphabetic order. */
export function rulesOnLine(uri: vscode.Uri, line: number): readonly string[] {
  const here = vscode.languages.getDiagnostics(uri).filter(({ range }) => range.start.line <= line && line <= range.end.line);
  return here.map(ruleOf).sort();
}

/** Where `text` stands first in `document`, behind `after` where that is given. */
export function rangeOf(document: vscode.TextDocument, text: string, after = ''): vscode.Range {
  const whole = document.getText();
  const start = whole.indexOf(text, whole.indexOf(after));
  assert(start >= 0 && whole.includes(after), `${JSON.stringify(text)} is not in ${document.uri.path} behind ${JSON.stringify(after)}`);
  return new vscode.Range(document.positionAt(start), document.positionAt(start + text.length));
}

/** The text of all hovers at `position`. */
export async function hoverAt(document: vscode.TextDocument, position: vscode.Position): Promise<string> {
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', document.uri, position);
  return hovers
    .flatMap(({ contents }) => contents)
    .map((content) => (typeof content === 'string' ? content : content.value))
    .join('\n');
}

/** The text of all hovers on `text`, behind `after` where that is given. */
export function hoverText(document: vscode.TextDocument, text: string, after?: string): Promise<string> {
  return hoverAt(document, rangeOf(document, text, after).start.translate(0, 1));
}

/** The code actions on `range` that can be applied: VS Code leaves out the disabled ones. */
export function actionsOn(document: vscode.TextDocument, range: vscode.Range): Thenable<vscode.CodeAction[]> {
  return vscode.commands.executeCommand('vscode.executeCodeActionProvider', document.uri, range);
}

/** The one code action on `range` whose title begins so. */
export async function actionOn(document: vscode.TextDocument, range: vscode.Range, title: string): Promise<vscode.CodeAction> {
  const actions = await actionsOn(document, range);
  const [found] = actions.filter((action) => action.title.startsWith(title));
  assert(found, `no action "${title}…" among: ${actions.map((action) => action.title).join(' | ')}`);
  return found;
}

/** Makes an action's edit, then runs its command, as the editor does. */
export async function apply({ title, edit: edits, command }: vscode.CodeAction): Promise<void> {
  assert(edits || command, `"${title}" does nothing`);
  if (edits) assert(await vscode.workspace.applyEdit(edits), `"${title}" was not applied`);
  if (command) await vscode.commands.executeCommand(command.command, ...(command.arguments ?? []));
}

/** What is offered at `position`, in its order. */
export async function completionsAt(document: vscode.TextDocument, position: vscode.Position): Promise<readonly vscode.CompletionItem[]> {
  const list = await vscode.commands.executeCommand<vscode.CompletionList>('vscode.executeCompletionItemProvider', document.uri, position);
  // of the kind Text are the editor's own: words of the document
  return list.items.filter(({ kind }) => kind !== vscode.CompletionItemKind.Text);
}

export function labelOf({ label }: vscode.CompletionItem): string {
  return typeof label === 'string' ? label : label.label;
}

export interface ColouredText {
  readonly text: string;
  readonly type: string;
}

/** The semantic tokens of a file: each with its text and its type. */
export async function semanticTokens(document: vscode.TextDocument): Promise<readonly ColouredText[]> {
  const ask = <T>(command: string) => vscode.commands.executeCommand<T | undefined>(command, document.uri);
  const legend = await ask<vscode.SemanticTokensLegend>('vscode.provideDocumentSemanticTokensLegend');
  const tokens = await ask<vscode.SemanticTokens>('vscode.provideDocumentSemanticTokens');
  assert(legend && tokens, 'no semantic tokens');
  const result: ColouredText[] = [];
  let line = 0;
  let start = 0;
  // five numbers each: lines down, characters on, length, type, modifiers
  for (let i = 0; i + 4 < tokens.data.length; i += 5) {
    const [down = 0, on = 0, length = 0, type = 0] = tokens.data.slice(i, i + 4);
    line += down;
    start = down > 0 ? on : start + on;
    result.push({ text: document.getText(new vscode.Range(line, start, line, start + length)), type: legend.tokenTypes[type] ?? '?' });
  }
  return result;
}
