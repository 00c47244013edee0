// All views and their commands.
import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import type { Location, Selection, View } from '../../webview/data.ts';
import { changesView } from './changes-view.ts';
import { tellCommitted } from './committed.ts';
import { openExample } from './example.ts';
import { exportByChoice } from './export.ts';
import { matrixPanels } from './matrix-panel.ts';
import { meshView } from './mesh-view.ts';
import { openPlace } from './requests.ts';
import { type Question, traceView } from './trace-view.ts';

/** What lenses, trees and keys give to a command; everything may be left out. */
interface ShowMatrix {
  readonly view?: View;
  /** The id of a host, and of whom it reaches. */
  readonly from?: string;
  readonly to?: string;
  /** Of a node of the mesh's tree. */
  readonly id?: string;
}

/** Registers them; the server is started later. */
export function registerViews(client: BaseLanguageClient, context: vscode.ExtensionContext): void {
  const panels = matrixPanels(client, context);
  const mesh = meshView(client);
  const traces = traceView(client, context.workspaceState);
  const changes = changesView(client);
  const meshTree = vscode.window.createTreeView('meshwarden.mesh', { treeDataProvider: mesh, showCollapseAll: true });
  const traceTree = vscode.window.createTreeView('meshwarden.traces', { treeDataProvider: traces });
  const changesTree = vscode.window.createTreeView('meshwarden.changes', { treeDataProvider: changes });
  traces.attach(traceTree);
  changes.attach(changesTree);
  const changed = (): void => {
    for (const one of [panels, mesh, traces, changes]) one.changed();
  };
  const command = (name: string, run: (argument: never) => unknown): vscode.Disposable =>
    vscode.commands.registerCommand(`meshwarden.${name}`, run);
  context.subscriptions.push(
    meshTree,
    traceTree,
    changesTree,
    tellCommitted(client),
    client.onNotification('meshwarden/changed', changed),
    client.onDidChangeState(changed),
    command('showAccessMatrix', (argument?: ShowMatrix) => panels.show(argument?.view ?? 'blast-radius', selectionOf(argument))),
    command('exportAccessMatrix', () => exportByChoice(client)),
    command('tracePacket', (argument?: Partial<Question> & { readonly id?: string }) => traces.trace(questionOf(argument))),
    command('clearTraces', () => traces.clear()),
    command('showChanges', (argument?: { readonly base?: 'saved' | 'committed' }) => changes.show(argument?.base ?? 'saved')),
    command('openPlace', (place: Location) => openPlace(place)),
    command('openExample', () => openExample(context.extensionUri)),
  );
}

function selectionOf(argument: ShowMatrix | undefined): Selection | null {
  const from = argument?.from ?? argument?.id;
  if (from === undefined) return null;
  return argument?.to === undefined ? { is: 'host', id: from, falls: false } : { is: 'cell', from, to: argument.to };
}

function questionOf(argument: (Partial<Question> & { readonly id?: string }) | undefined): Partial<Question> {
  const { id, from = id, to, service, view } = argument ?? {};
  return {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(service === undefined ? {} : { service }),
    ...(view === undefined ? {} : { view }),
  };
}
