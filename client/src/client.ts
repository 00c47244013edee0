// What the desktop and the browser client share: options, the files the server asks for, commands, trust.
import * as vscode from 'vscode';
import type { BaseLanguageClient, LanguageClientOptions } from 'vscode-languageclient';
import { documentSelector } from './languages.ts';
import { showStatus } from './status.ts';
import { registerViews } from './views/views.ts';

/** The options of the language client; `output` is the one channel that all its messages go to. */
export function clientOptions(output: vscode.LogOutputChannel): LanguageClientOptions {
  return {
    documentSelector: [...documentSelector],
    outputChannel: output,
    synchronize: { configurationSection: 'meshwarden' },
    // asked at each start: trust may have been granted since the last one
    initializationOptions: () => ({ files: true, views: true, trusted: vscode.workspace.isTrusted }),
    markdown: { isTrusted: false, supportHtml: false },
  };
}

/** What the server may ask of the editor: files it cannot read by itself (browser, virtual workspaces). */
type ReadAnswer = { readonly text: string } | { readonly problem: 'missing' | 'unreadable' | 'too-large'; readonly detail: string };

async function readFile(uri: vscode.Uri, limit: number): Promise<ReadAnswer> {
  try {
    const stat = await vscode.workspace.fs.stat(uri);
    if (stat.size > limit) return { problem: 'too-large', detail: `${stat.size} bytes` };
    return { text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(await vscode.workspace.fs.readFile(uri)) };
  } catch (error) {
    const missing = error instanceof vscode.FileSystemError && error.code === 'FileNotFound';
    return { problem: missing ? 'missing' : 'unreadable', detail: error instanceof Error ? error.message : String(error) };
  }
}

/** Serves the server's questions about files, tells it when trust is granted, registers the commands, and starts the server. */
export async function run(client: BaseLanguageClient, context: vscode.ExtensionContext): Promise<void> {
  context.subscriptions.push(
    client.onRequest(
      'meshwarden/findFiles',
      async ({ include }: { include: string }): Promise<string[]> =>
        (await vscode.workspace.findFiles(include, '**/node_modules/**', 20_000)).map((uri) => uri.toString()),
    ),
    client.onRequest<ReadAnswer, unknown>('meshwarden/readFile', ({ uri, limit }: { uri: string; limit: number }) =>
      readFile(vscode.Uri.parse(uri), limit),
    ),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      if (client.isRunning()) void client.sendNotification('meshwarden/trusted');
    }),
    vscode.commands.registerCommand('meshwarden.restartServer', async () => {
      if (client.needsStop()) await client.stop();
      await client.start();
    }),
    vscode.commands.registerCommand('meshwarden.showOutput', () => client.outputChannel.show(true)),
    showStatus(client),
  );
  registerViews(client, context);
  try {
    await client.start();
    client.info(`Mesh Warden ${context.extension.packageJSON.version} in VS Code ${vscode.version}: the server is running.`);
  } catch (error) {
    // the client has told the person already; the extension stays active, so that its Restart Server command works
    client.outputChannel.appendLine(`The server did not start: ${error instanceof Error ? error.message : String(error)}`);
  }
}
