// `npm start [FOLDER]`: builds the extension and opens it on FOLDER in a real VS Code: a desktop one, else the embedded one.
import { spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildAll, root } from './build.ts';
import { firstFile } from './editor/first-file.ts';
import { whenOrphaned } from './editor/orphan.ts';
import { type Editor, editorVersion, remoteUri, startEditor, tryPort, workbenchUrl } from './editor/server.ts';
import { setUpEditor } from './editor/setup.ts';
import { onPath } from './editor/tools.ts';
import { extensionVersion, pack } from './package.ts';

const usage = `usage: npm start -- [FOLDER] [--port N] [--embedded]
  FOLDER      what to open; examples/flat-mesh where none is given
  --port N    the embedded editor's port on 127.0.0.1; any free one where none is given
  --embedded  the embedded editor, even where there is a desktop VS Code`;

/** A mistake of the caller's, told without a stack. */
class Mistake extends Error {}

interface Choice {
  readonly folder: string;
  readonly port: number;
  readonly embedded: boolean;
}

function choose(args: readonly string[]): Choice | 'help' {
  const { values, positionals } = parsed(args);
  if (values.help) return 'help';
  if (positionals.length > 1) throw new Mistake(`One folder, please, not ${positionals.length}.\n${usage}`);
  const port = Number(values.port ?? 0);
  if (values.port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65_535)) {
    throw new Mistake(`--port ${values.port}: a port is a number from 1 to 65535.`);
  }
  // npm runs scripts in the project's folder; what a person types is relative to where they stand
  const { INIT_CWD = process.cwd() } = process.env;
  const folder = positionals[0] === undefined ? path.join(root, 'examples/flat-mesh') : path.resolve(INIT_CWD, positionals[0]);
  const stat = statSync(folder, { throwIfNoEntry: false });
  if (!stat) throw new Mistake(`There is no folder ${folder}.`);
  if (!stat.isDirectory()) throw new Mistake(`${folder} is not a folder. Mend: name the folder that it is in.`);
  try {
    accessSync(folder, constants.R_OK | constants.X_OK);
  } catch {
    throw new Mistake(`${folder} is not readable for you.`);
  }
  return { folder, port, embedded: values.embedded ?? false };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { port: { type: 'string' }, embedded: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
  } catch (error) {
    throw new Mistake(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}

/** A desktop VS Code that can show itself: `code` on PATH, and a display. In VS Code's own remote terminal `code` is another program. */
function desktopCode(): string | undefined {
  const { DISPLAY, WAYLAND_DISPLAY, VSCODE_IPC_HOOK_CLI } = process.env;
  if (VSCODE_IPC_HOOK_CLI || (process.platform === 'linux' && !DISPLAY && !WAYLAND_DISPLAY)) return undefined;
  return process.platform === 'win32' ? onPath('code.cmd') : onPath('code');
}

async function openDesktop(code: string, folder: string): Promise<void> {
  await buildAll();
  const first = firstFile(folder);
  const args = ['--new-window', `--extensionDevelopmentPath=${root}`, folder, ...(first ? [first] : [])];
  const windows = process.platform === 'win32'; // a .cmd needs a shell there, and the shell needs quotes
  const child = spawn(windows ? `"${code}"` : code, windows ? args.map((arg) => `"${arg}"`) : args, { stdio: 'inherit', shell: windows });
  const exit = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (exit !== 0) throw new Mistake(`${code} ended with exit code ${exit}. Mend: npm start -- --embedded`);
  console.log(`Opened ${folder} in ${code}, with Mesh Warden ${extensionVersion()} from this folder.\n${whatToLookAt(folder)}`);
}

async function openEmbedded(folder: string, port: number): Promise<void> {
  await tryPort(port); // told before a minute of set-up, not after
  let editor: Editor | undefined;
  const packed = mkdtempSync(path.join(os.tmpdir(), 'meshwarden-start-'));
  process.once('exit', () => rmSync(packed, { recursive: true, force: true }));
  let ending = false;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (ending) return;
    ending = true;
    await editor?.stop();
    process.exit(signal === 'SIGINT' ? 0 : 143);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, (name) => void end(name));
  // npm may be ended by a signal that it does not pass on
  const { npm_lifecycle_event: underNpm } = process.env;
  if (underNpm) whenOrphaned(() => void end('SIGTERM'));

  await setUpEditor();
  await buildAll();
  const vsix = path.join(packed, 'meshwarden.vsix');
  await pack(vsix);
  editor = await startEditor({ port, vsix });
  if (ending) return editor.stop();
  const first = firstFile(folder);
  const url = workbenchUrl(editor, folder, first ? [['openFile', remoteUri(editor, first)]] : []);
  console.log(
    `\nMesh Warden ${extensionVersion()} in VS Code ${editorVersion()} on ${folder}\n\n    ${url}\n\n${whatToLookAt(folder)}\nCtrl-C ends it.`,
  );
  await editor.ended;
  if (!ending) {
    await editor.stop();
    throw new Mistake('The embedded VS Code ended by itself. Mend: npm start again.');
  }
}

function whatToLookAt(folder: string): string {
  const first = firstFile(folder);
  if (!first) return 'No wg*.conf, nftables.conf or *.nft in it so far: what is written there will be checked as it is typed.';
  return `Worth a look:
  - ${path.relative(folder, first)} is open: rest the pointer on an AllowedIPs prefix to read who is let in
  - Ctrl+. on a prefix that is underlined: the fix
  - Ctrl+Shift+M: the problems of all files, open or not`;
}

try {
  const choice = choose(process.argv.slice(2));
  if (choice === 'help') console.log(usage);
  else {
    const code = choice.embedded ? undefined : desktopCode();
    if (code) await openDesktop(code, choice.folder);
    else await openEmbedded(choice.folder, choice.port);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(error instanceof Mistake ? 2 : 1);
}
