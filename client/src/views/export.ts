// The matrix as a document: a table, or a picture.
import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import type { ExportWhat, View } from '../../webview/data.ts';
import { type Element, markupText } from '../../webview/markup.ts';
import { picture } from '../../webview/picture.ts';
import { shownRows } from '../../webview/rows.ts';
import { standAlone, svgTables } from '../../webview/svg-table.ts';
import { viewNames } from '../../webview/words.ts';
import { ask } from './requests.ts';

/** Opens it as an untitled document: where it goes is for the person to say. */
export async function exportAs(client: BaseLanguageClient, what: ExportWhat, view: View, open: readonly string[]): Promise<void> {
  const content =
    what === 'markdown' || what === 'csv' ? await ask(client, 'table', { view, format: what }) : await svg(client, what, view, open);
  if (content === null) return;
  const language = what === 'markdown' ? 'markdown' : what === 'csv' ? 'plaintext' : 'xml';
  const document = await vscode.workspace.openTextDocument({ language, content });
  await vscode.window.showTextDocument(document, { preview: false, viewColumn: vscode.ViewColumn.Active });
}

async function svg(
  client: BaseLanguageClient,
  what: 'svg-matrix' | 'svg-picture',
  view: View,
  open: readonly string[],
): Promise<string | null> {
  const matrix = await ask(client, 'matrix', { view });
  if (!matrix) return null;
  const tables = matrix.meshes.map((mesh) => ({ mesh, shown: shownRows(mesh, open, '') }));
  const title = `${viewNames[view]}: who reaches whom`;
  const drawn = what === 'svg-matrix' ? svgTables(tables, title) : pictures(tables);
  return drawn ? `${markupText(standAlone(drawn))}\n` : null;
}

/** One picture is a file of its own; of several meshes the first, which is the largest that shows. */
function pictures(
  tables: readonly { readonly mesh: Parameters<typeof picture>[0]; readonly shown: ReturnType<typeof shownRows> }[],
): Element | null {
  const [first] = [...tables].sort((a, b) => b.mesh.members.length - a.mesh.members.length);
  return first ? picture(first.mesh, first.shown.rows, null) : null;
}

interface Choice extends vscode.QuickPickItem {
  readonly what: ExportWhat;
}

const choices: readonly Choice[] = [
  { what: 'markdown', label: 'Markdown table' },
  { what: 'csv', label: 'CSV' },
  { what: 'svg-matrix', label: 'SVG picture of the matrix' },
  { what: 'svg-picture', label: 'SVG picture of the mesh', description: 'hosts and links' },
];

/** Asks what, and of which view. */
export async function exportByChoice(client: BaseLanguageClient): Promise<void> {
  const choice = await vscode.window.showQuickPick(choices, { title: 'Export Access Matrix (1/2)', placeHolder: 'As what?' });
  if (!choice) return;
  const view = await pickView('Export Access Matrix (2/2)');
  if (view) await exportAs(client, choice.what, view, []);
}

export async function pickView(title: string): Promise<View | undefined> {
  const items: (vscode.QuickPickItem & { readonly view: View })[] = [
    { view: 'blast-radius', label: viewNames['blast-radius'], description: 'once a host is taken over' },
    { view: 'access', label: viewNames.access, description: 'while all hosts are honest' },
  ];
  return (await vscode.window.showQuickPick(items, { title, placeHolder: 'Of which view?' }))?.view;
}
