// Starts and stops the embedded VS Code on 127.0.0.1, each time with a new data folder, so that nothing of a run is left.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { node24, serverMain, vscodeRoot } from './places.ts';

/** Quiet, offline, the same at every start. */
export const quietSettings: Readonly<Record<string, unknown>> = {
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.tips.enabled': false,
  'chat.disableAIFeatures': true,
  'telemetry.telemetryLevel': 'off',
  'extensions.ignoreRecommendations': true,
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'update.mode': 'none',
  'git.enabled': false,
  'files.autoSave': 'off', // as on the desktop
  'editor.minimap.enabled': false,
  'editor.cursorBlinking': 'solid',
  'window.dialogStyle': 'custom',
};

export interface EditorOptions {
  /** 0, the default, is any free port. */
  readonly port?: number;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** A packed extension to install first. */
  readonly vsix?: string;
  /** Lets a page's payload name an extension to develop and a suite to run; tests only. */
  readonly testDriver?: boolean;
  /** A folder is not trusted until a person says so; else all folders are. */
  readonly askForTrust?: boolean;
}

export interface Editor {
  readonly authority: string;
  readonly token: string;
  /** Its home and all its data; gone after `stop`. */
  readonly dir: string;
  /** The leader of its process group. */
  readonly pid: number;
  /** Settles when the server has ended, by `stop` or by itself. */
  readonly ended: Promise<void>;
  readonly stop: () => Promise<void>;
}

export function editorVersion(): string {
  const product: { version: string } = JSON.parse(readFileSync(path.join(vscodeRoot, 'package.json'), 'utf8'));
  return product.version;
}

export function freePort(): Promise<number> {
  return tryPort(0);
}

/** `port` itself where it is free, a free one for 0. Rejects with a sentence for a port in use. */
export function tryPort(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => {
      const code = 'code' in error ? error.code : undefined;
      if (code === 'EADDRINUSE') reject(new Error(`Port ${port} is in use. Mend: another one with --port N, or none for any free port.`));
      else if (code === 'EACCES') reject(new Error(`Port ${port} is not ours to open. Mend: one above 1023 with --port N.`));
      else reject(error);
    });
    probe.listen(port, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : port));
    });
  });
}

/** Whether `url` answers with success. Keeps no connection, which would hold up the end of the process. */
export function isAnswering(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = http.get(url, { agent: false, timeout: 5000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false));
  });
}

/** Starts the server and resolves when it answers. Rejects, with its log, where it does not within a minute. */
export async function startEditor(options: EditorOptions = {}): Promise<Editor> {
  const port = await tryPort(options.port ?? 0);
  const dir = mkdtempSync(path.join(os.tmpdir(), 'meshwarden-editor-'));
  const remove = (): void => {
    const { MESHWARDEN_KEEP } = process.env; // set, it keeps the logs of a run for whoever looks for a fault
    if (!MESHWARDEN_KEEP) rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  process.once('exit', remove);
  let group: Group | undefined;
  const stop = async (): Promise<void> => {
    if (group) await end(group);
    process.removeListener('exit', remove);
    remove();
  };
  try {
    mkdirSync(path.join(dir, 'data/User'), { recursive: true });
    writeFileSync(path.join(dir, 'data/User/settings.json'), JSON.stringify({ ...quietSettings, ...options.settings }, null, 2));
    const data = ['--accept-server-license-terms', '--server-data-dir', dir, '--extensions-dir', path.join(dir, 'extensions')];
    if (options.vsix) await install(options.vsix, data, dir);
    // anyone on the machine can reach a port on loopback, and VS Code's server gives whoever reaches it a shell: hence a token
    const token = randomBytes(16).toString('hex');
    const tokenFile = path.join(dir, 'token'); // in a file, because every user sees the arguments of every process
    writeFileSync(tokenFile, token, { mode: 0o600 });
    const log = path.join(dir, 'server.log');
    group = launch(
      [
        ...data,
        ...['--host', '127.0.0.1', '--port', String(port), '--connection-token-file', tokenFile],
        ...['--disable-telemetry', '--disable-experiments'],
        ...(options.askForTrust ? [] : ['--disable-workspace-trust']),
        ...(options.testDriver ? ['--enable-smoke-test-driver'] : []),
      ],
      dir,
      log,
    );
    const editor = { authority: `127.0.0.1:${port}`, token, dir, pid: group.pid, ended: group.exit.then(() => undefined), stop };
    await answers(editor, log);
    return editor;
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The page of `folder`; `payload` says more to the workbench, as [name, value] pairs. */
export function workbenchUrl(editor: Editor, folder: string, payload: readonly (readonly [string, string])[] = []): string {
  const query = new URLSearchParams({ tkn: editor.token, folder });
  if (payload.length > 0) query.set('payload', JSON.stringify(payload));
  return `http://${editor.authority}/?${query}`;
}

/** A path of this machine as the workbench in the browser names it. */
export function remoteUri(editor: Editor, file: string): string {
  return `vscode-remote://${editor.authority}${encodeURI(file)}`;
}

function environment(dir: string): NodeJS.ProcessEnv {
  const { PATH } = process.env;
  // an empty gallery: nothing is looked for in a marketplace
  const own = { PATH, HOME: dir, LANG: 'C.UTF-8', TZ: 'UTC', XDG_RUNTIME_DIR: dir, EXTENSIONS_GALLERY: '{}' };
  // on macOS a socket in a folder of ours would have too long a path
  return process.platform === 'darwin' ? own : { ...own, TMPDIR: dir };
}

const guard = path.join(import.meta.dirname, 'end-with-parent.ts');

interface Group {
  readonly pid: number;
  readonly exit: Promise<number | null>;
  readonly signal: (name: NodeJS.Signals) => void;
  /** To be called when nothing of the group is left. */
  readonly forget: () => void;
}

/** Starts server-main.js as the leader of a process group of its own, so that its extension hosts end with it, and with us. */
function launch(args: readonly string[], dir: string, log: string): Group {
  const out = openSync(log, 'a');
  const child = spawn(node24, ['--import', guard, serverMain, ...args], {
    cwd: dir,
    detached: true,
    stdio: ['ignore', out, out],
    env: environment(dir),
  });
  closeSync(out);
  const pid = child.pid ?? 0;
  const signal = (name: NodeJS.Signals): void => {
    try {
      if (pid > 0) process.kill(-pid, name);
    } catch {
      // gone
    }
  };
  const onExit = (): void => signal('SIGKILL');
  process.once('exit', onExit);
  return {
    pid,
    exit: new Promise((resolve) => child.once('error', () => resolve(null)).once('exit', resolve)),
    signal,
    forget: () => void process.removeListener('exit', onExit),
  };
}

async function install(vsix: string, data: readonly string[], dir: string): Promise<void> {
  const log = path.join(dir, 'install.log');
  const group = launch([...data, '--install-extension', path.resolve(vsix)], dir, log);
  const code = await group.exit;
  group.forget();
  if (code !== 0) throw new Error(`${path.basename(vsix)} cannot be installed into the embedded VS Code:\n${readFileSync(log, 'utf8')}`);
}

async function end(group: Group): Promise<void> {
  group.signal('SIGTERM');
  await Promise.race([group.exit, sleep(3000)]);
  group.signal('SIGKILL'); // what of the group is left, extension hosts among them
  await group.exit;
  group.forget();
}

async function answers(editor: Editor, log: string): Promise<void> {
  let up = true;
  void editor.ended.then(() => {
    up = false;
  });
  for (const end = Date.now() + 60_000; up && Date.now() < end; await sleep(50)) {
    if (await isAnswering(`http://${editor.authority}/version`)) return;
  }
  throw new Error(`The embedded VS Code did not start. It said:\n${readFileSync(log, 'utf8')}`);
}
