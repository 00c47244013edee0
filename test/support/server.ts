// Talks to our language server as an editor does: a process of its own, over its standard input and output.
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import {
  type CodeAction,
  createProtocolConnection,
  type Diagnostic,
  type InitializeResult,
  type PublishDiagnosticsParams,
  type ShowMessageParams,
  StreamMessageReader,
  StreamMessageWriter,
  type WorkspaceEdit,
} from 'vscode-languageserver/node';
import { root } from './command-line.ts';

export interface Server {
  readonly process: ChildProcess;
  /** Fails where the server dies before it answers. */
  /** A token that is there and `undefined` goes out as a second parameter. */
  request<T>(method: string, ...params: readonly [unknown?, undefined?]): Promise<T>;
  notify(method: string, params?: unknown): Promise<void>;
  readonly initialized: InitializeResult;
  /** Everything the server ever wrote, decoded: what must never hold a key. */
  readonly transcript: () => string;
  /** Every publication, in order. */
  readonly published: readonly PublishDiagnosticsParams[];
  readonly messages: readonly string[];
  /** Word of changes for views, and requests to ask for lenses again, by name, in order. */
  readonly heard: readonly string[];
  /** The edits the server asked for, all of which are answered as applied. */
  readonly edits: readonly WorkspaceEdit[];
  /** The newest diagnostics of a file that `wanted` takes; waits for them. */
  diagnostics(uri: string, wanted?: (published: PublishDiagnosticsParams) => boolean): Promise<readonly Diagnostic[]>;
  open(uri: string, languageId: string, text: string, version?: number): void;
  change(
    uri: string,
    version: number,
    start: { line: number; character: number },
    end: { line: number; character: number },
    text: string,
  ): void;
  actions(uri: string, diagnostic: Diagnostic): Promise<readonly CodeAction[]>;
}

export interface ServerOptions {
  readonly folder?: string;
  readonly initializationOptions?: unknown;
  /** A folder in which programs are looked for first. */
  readonly programs?: string;
  /** The client asks for lenses again when it is told to. */
  readonly refreshesLenses?: boolean;
  /** Requests that the client serves. */
  readonly serve?: Readonly<Record<string, (params: never) => unknown>>;
}

const PATIENCE = 20_000;
const { PATH: searched = '' } = process.env;

export function fileUri(...parts: readonly string[]): string {
  return pathToFileURL(path.join(...parts)).href;
}

export async function startServer(
  t: TestContext,
  { folder, initializationOptions, programs, refreshesLenses = false, serve = {} }: ServerOptions = {},
): Promise<Server> {
  const child = spawn(process.execPath, [path.join(root, 'server/src/lsp/node.ts'), '--stdio'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(programs === undefined ? {} : { env: { ...process.env, PATH: `${programs}:${searched}` } }),
  });
  let written = '';
  child.stdout.on('data', (bytes: Buffer) => {
    written += bytes.toString('utf8');
  });
  child.stderr.on('data', (bytes: Buffer) => {
    written += bytes.toString('utf8');
  });
  const connection = createProtocolConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
  const published: PublishDiagnosticsParams[] = [];
  const messages: string[] = [];
  const edits: WorkspaceEdit[] = [];
  const heard: string[] = [];
  const waiting = new Set<() => void>();
  connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
    published.push(params);
    for (const look of waiting) look();
  });
  connection.onNotification('window/showMessage', ({ message }: ShowMessageParams) => void messages.push(message));
  connection.onNotification('window/logMessage', ({ message }: ShowMessageParams) => void messages.push(message));
  connection.onNotification('meshwarden/changed', () => void heard.push('meshwarden/changed'));
  connection.onRequest('client/registerCapability', () => null);
  connection.onRequest('workspace/codeLens/refresh', () => {
    heard.push('workspace/codeLens/refresh');
    for (const look of waiting) look();
    return null;
  });
  connection.onRequest('workspace/applyEdit', ({ edit }: { edit: WorkspaceEdit }) => {
    edits.push(edit);
    return { applied: true };
  });
  for (const [method, answer] of Object.entries(serve)) connection.onRequest(method, answer as (params: unknown) => unknown);
  connection.listen();
  const died = new Promise<never>((_, reject) => {
    child.once('exit', (status, signal) => reject(new Error(`the server ended (${status ?? signal}): ${written.slice(-2000)}`)));
  });
  died.catch(() => undefined);
  const request = <T>(method: string, ...params: readonly [unknown?, undefined?]): Promise<T> =>
    Promise.race([connection.sendRequest<T>(method, ...params), died]);
  const notify = (method: string, params?: unknown): Promise<void> => connection.sendNotification(method, params);
  const uri = folder === undefined ? null : folder.includes(':') ? folder : pathToFileURL(folder).href;
  const initialized: InitializeResult = await request('initialize', {
    processId: process.pid,
    rootUri: uri,
    workspaceFolders: uri ? [{ uri, name: 'test' }] : null,
    initializationOptions,
    capabilities: {
      workspace: {
        applyEdit: true,
        didChangeWatchedFiles: { dynamicRegistration: true },
        workspaceFolders: true,
        workspaceEdit: { documentChanges: true },
        codeLens: { refreshSupport: refreshesLenses },
      },
      textDocument: { publishDiagnostics: { versionSupport: true, relatedInformation: true }, codeAction: { disabledSupport: true } },
    },
  });
  await notify('initialized', {});
  t.after(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      await Promise.race([connection.sendRequest('shutdown'), new Promise((resolve) => setTimeout(resolve, 2000).unref())]).catch(
        () => undefined,
      );
      child.kill();
    }
    connection.dispose();
  });

  return {
    process: child,
    request,
    notify,
    initialized,
    transcript: () => written,
    published,
    messages,
    heard,
    edits,
    diagnostics(uri, wanted = () => true) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(
            new Error(`no such diagnostics of ${uri} came; the last: ${JSON.stringify(published.findLast((one) => one.uri === uri))}`),
          );
        }, PATIENCE);
        const look = (): void => {
          const last = published.findLast((one) => one.uri === uri);
          if (!last || !wanted(last)) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve(last.diagnostics);
        };
        waiting.add(look);
        look();
      });
    },
    open: (uri, languageId, text, version = 1) => void notify('textDocument/didOpen', { textDocument: { uri, languageId, version, text } }),
    change: (uri, version, start, end, text) =>
      void notify('textDocument/didChange', {
        textDocument: { uri, version },
        contentChanges: [{ range: { start, end }, text }],
      }),
    actions: async (uri, diagnostic) =>
      (await request<CodeAction[] | null>('textDocument/codeAction', {
        textDocument: { uri },
        range: diagnostic.range,
        context: { diagnostics: [diagnostic] },
      })) ?? [],
  };
}

export function codes(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.map(({ code }) => String(code)).sort();
}
