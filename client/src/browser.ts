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
  const scripts = ['core.js', 'server-worker.js'].map((name) => vscode.Uri.joinPath(context.extensionUri, 'dist', name).toString(true));
  // a script of one line that loads both: a worker is given one, and does not know where that came from
  const url = URL.createObjectURL(
    new Blob([`importScripts(${scripts.map((one) => JSON.stringify(one)).join(', ')})`], { type: 'text/javascript' }),
  );
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
