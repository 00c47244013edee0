// VS Code on the desktop and on a remote host: the server runs in a Node process of its own.
import * as vscode from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';
import { clientOptions, wire } from './client.ts';

let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const output = vscode.window.createOutputChannel('Mesh Warden', { log: true });
  context.subscriptions.push(output);
  const module = vscode.Uri.joinPath(context.extensionUri, 'dist/server.js').fsPath;
  client = new LanguageClient('meshwarden', 'Mesh Warden', { module, transport: TransportKind.ipc }, clientOptions(output));
  wire(client, context);
  await client.start();
}

export function deactivate(): Promise<void> | undefined {
  return client?.stop();
}
