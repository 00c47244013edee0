// VS Code on the desktop and on a remote host: the server runs in a Node process of its own.
import * as vscode from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';
import { clientOptions, run } from './client.ts';
import { type MeshWardenApi, serverState } from './status.ts';

let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<MeshWardenApi> {
  const output = vscode.window.createOutputChannel('Mesh Warden', { log: true });
  context.subscriptions.push(output);
  const module = vscode.Uri.joinPath(context.extensionUri, 'dist/server.js').fsPath;
  const started = new LanguageClient('meshwarden', 'Mesh Warden', { module, transport: TransportKind.ipc }, clientOptions(output));
  client = started;
  await run(started, context);
  return { kind: 'node', serverState: () => serverState(started), serverPid: () => started.serverProcess?.pid };
}

export async function deactivate(): Promise<void> {
  if (client?.needsStop()) await client.stop();
}
