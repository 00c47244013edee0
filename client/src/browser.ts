// VS Code in a browser (vscode.dev): the server runs in a web worker.
import * as vscode from 'vscode';
import { LanguageClient } from 'vscode-languageclient/browser';
import { clientOptions, wire } from './client.ts';

// the web worker host has it; the Node types, which the other rooms are checked with, do not
declare const Worker: new (url: string) => ConstructorParameters<typeof LanguageClient>[2];

let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const output = vscode.window.createOutputChannel('Mesh Warden', { log: true });
  context.subscriptions.push(output);
  const worker = new Worker(vscode.Uri.joinPath(context.extensionUri, 'dist/server-worker.js').toString(true));
  client = new LanguageClient('meshwarden', 'Mesh Warden', worker, clientOptions(output));
  wire(client, context);
  await client.start();
}

export function deactivate(): Promise<void> | undefined {
  return client?.stop();
}
