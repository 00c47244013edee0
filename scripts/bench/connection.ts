// An initialized server: requests with a time-out, answers to what the server asks, and its diagnostics as they come.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Client, type Message, startClient } from './client.ts';
import type { Server } from './servers.ts';

export interface Diagnostics {
  readonly uri: string;
  readonly version: number | undefined;
  readonly count: number;
  /** performance.now() on arrival. */
  readonly at: number;
}

export interface Listener {
  onPublish(diagnostics: Diagnostics): void;
  /** An answer to a request that nobody waits for: its id. */
  onAnswer(id: number | string): void;
}

export interface Connection {
  readonly client: Client;
  /** Milliseconds from spawn to the answer to initialize. */
  readonly coldStart: number;
  readonly listener: Listener;
  /** Sends `ahead` and the request in one write. Rejects after `timeout`, on an error answer, and when the server dies. */
  request(method: string, params: unknown, ahead?: readonly object[]): Promise<{ readonly result: unknown; readonly at: number }>;
  /** Waits for something else of the server's, under the same conditions; `what` says what did not come. */
  within<T>(what: string, promise: Promise<T>): Promise<T>;
  /** What the server complained of last, on stderr or as an error in its log; empty if it did not. */
  complaint(): string;
  close(): Promise<void>;
}

/** `folder` is the workspace; `timeout` in milliseconds. */
export async function connect(server: Server, folder: string, timeout: number): Promise<Connection> {
  const waiting = new Map<number | string, (message: Message, at: number) => void>();
  const listener: Listener = { onPublish: () => {}, onAnswer: () => {} };
  let nextId = 1;
  let logged = '';

  const start = performance.now();
  const client = startClient(server.command, folder, (message, at) => {
    const { id, method } = message;
    if (method === undefined) {
      if (id === undefined || id === null) return;
      const waiter = waiting.get(id);
      waiting.delete(id);
      if (waiter) waiter(message, at);
      else listener.onAnswer(id);
    } else if (id !== undefined && id !== null) {
      client.send([{ id, result: answer(server, method, message.params) }]);
    } else if (method === 'textDocument/publishDiagnostics') {
      const { uri, version, diagnostics } = message.params as { uri: string; version?: number; diagnostics: readonly unknown[] };
      listener.onPublish({ uri, version, count: diagnostics.length, at });
    } else if (method === 'window/logMessage') {
      const { type, message: text } = message.params as { type: number; message: string };
      if (type === 1) logged = `; it logged: ${text.split('\n', 2).join(' | ')}`;
    }
  });

  async function within<T>(what: string, promise: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no ${what} within ${timeout / 1000} s`)), timeout);
    });
    try {
      return await Promise.race([promise, late, client.ended]);
    } finally {
      clearTimeout(timer);
    }
  }

  function request(method: string, params: unknown, ahead: readonly object[] = []): Promise<{ result: unknown; at: number }> {
    const id = nextId++;
    const answered = new Promise<{ result: unknown; at: number }>((resolve, reject) => {
      waiting.set(id, ({ result, error }, at) => {
        if (error) reject(new Error(`${method} was answered with an error: ${error.message}`));
        else resolve({ result, at });
      });
    });
    client.send([...ahead, { id, method, params }]);
    return within(`answer to ${method}`, answered);
  }

  try {
    const { at } = await request('initialize', initializeParams(server, folder));
    client.send([{ method: 'initialized', params: {} }]);
    return {
      client,
      coldStart: at - start,
      listener,
      request,
      within,
      complaint: () => client.complaint() + logged,
      close: async () => {
        client.send([{ id: nextId++, method: 'shutdown' }, { method: 'exit' }]);
        await client.close();
      },
    };
  } catch (error) {
    await client.close();
    throw new Error(`${error instanceof Error ? error.message : String(error)}${client.complaint()}`);
  }
}

function initializeParams(server: Server, folder: string): object {
  const uri = pathToFileURL(folder).href;
  return {
    processId: process.pid,
    rootUri: uri,
    workspaceFolders: [{ uri, name: path.basename(folder) }],
    capabilities: {
      workspace: { configuration: true, workspaceFolders: true, didChangeConfiguration: { dynamicRegistration: true } },
      textDocument: {
        synchronization: { dynamicRegistration: true },
        publishDiagnostics: { relatedInformation: true, versionSupport: true, codeDescriptionSupport: true, dataSupport: true },
        // the vscode servers push after half a second unless the client can pull
        ...(server.model === 'pull' ? { diagnostic: { dynamicRegistration: false } } : {}),
      },
    },
  };
}

/** Configuration from the server's settings; null to all else, which is what registrations and the like want. */
function answer(server: Server, method: string, params: unknown): unknown {
  if (method !== 'workspace/configuration') return null;
  const { items } = params as { items: readonly { section?: string }[] };
  return items.map(({ section }) => server.settings[section ?? ''] ?? null);
}
