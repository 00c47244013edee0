// VS Code in a browser (vscode.dev): the server runs in a web worker.
import * as vscode from 'vscode';
import { BrowserMessageReader, BrowserMessageWriter, LanguageClient } from 'vscode-languageclient/browser';
import { clientOptions, run } from './client.ts';
import { type MeshWardenApi, serverState } from './status.ts';

type ServerWorker = ConstructorParameters<typeof BrowserMessageReader>[0] & { readonly terminate: () => void };

// the web worker host has it; the Node types, which the other rooms are checked with, do not
declare const Worker: new (url: string) => ServerWorker;

let client: LanguageClient | undefined;
let worker: ServerWorker | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<MeshWardenApi> {
  const output = vscode.window.createOutputChannel('Mesh Warden', { log: true });
  context.subscriptions.push(output);
  const url = vscode.Uri.joinPath(context.extensionUri, 'dist/server-worker.js').toString(true);
  // a new worker at each start: a server that was told to exit does not answer a second `initialize`
  const connect = () => {
    worker?.terminate();
    worker = new Worker(url);
    return Promise.resolve({ reader: new BrowserMessageReader(worker), writer: new BrowserMessageWriter(worker) });
  };
  const started = new LanguageClient('meshwarden', 'Mesh Warden', connect, clientOptions(output));
  client = started;
  await run(started, context);
  return { kind: 'browser', serverState: () => serverState(started), serverPid: () => undefined };
}

export async function deactivate(): Promise<void> {
  if (client?.needsStop()) await client.stop();
  worker?.terminate();
}
