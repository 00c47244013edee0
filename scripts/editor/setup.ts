// Installs the embedded VS Code from npm alone, once: a stamp over the lock files skips finished work.
//   1. npm ci here                       code-server, Playwright, what serves the oldest supported VS Code
//   2. npm ci in code-server/lib/vscode  VS Code's own modules, from our complete lock (its own lacks `tslib`, npm refuses it)
//   3. node-gyp                          @vscode/spdlog (output channels and logs stay empty without it), native-watchdog
// No install script of any package runs, so only 3 needs a compiler, and without one all but the Output panel works.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { withLock } from './lock.ts';
import { editorModules, editorRoot, node24, nodeHeaders, nodePackage, ownHeaders, projectRoot, serverMain, vscodeRoot } from './places.ts';
import { type Say, step } from './step.ts';
import { debianMend, missingCompilers, onPath } from './tools.ts';

const recipe = 1; // to be raised when the steps below change, so that finished set-ups are done again
const stampFile = path.join(editorModules, '.setup-stamp');
const nativeModules = ['@vscode/spdlog', '@vscode/native-watchdog'] as const;

/** `bare` is one made without compilers. */
type SetUp = 'whole' | 'bare' | 'none';

/** What a finished set-up of today's locks leaves in the stamp. */
function stampOf(setUp: SetUp): string {
  const hash = createHash('sha256');
  for (const file of ['package-lock.json', 'vscode-npm-shrinkwrap.json', 'setup.ts'])
    hash.update(readFileSync(path.join(editorRoot, file)));
  return `${setUp} ${recipe} ${process.platform}-${process.arch} ${hash.digest('hex')}\n`;
}

export function setUpSoFar(): SetUp {
  if (!existsSync(stampFile) || !existsSync(serverMain)) return 'none';
  const stamp = readFileSync(stampFile, 'utf8');
  return (['whole', 'bare'] as const).find((kind) => stamp === stampOf(kind)) ?? 'none';
}

/** A bare one will do while there are still no compilers. */
function isEnough(setUp: SetUp): boolean {
  return setUp === 'whole' || (setUp === 'bare' && missingCompilers().length > 0);
}

/**
 * Installs what is missing and tells `say` what happens, with the time that went by. Two callers at once wait for each other.
 * Rejects with a sentence that names the failed step and the mend.
 */
export async function setUpEditor(say: Say = console.log): Promise<void> {
  if (isEnough(setUpSoFar())) return;
  if (process.platform === 'win32') {
    throw new Error('The embedded VS Code runs on Linux and macOS only. Mend: put a desktop VS Code on PATH as `code`.');
  }
  if (!onPath('npm')) throw new Error('npm is not on PATH, and the embedded VS Code is installed with it.');
  mkdirSync(path.join(projectRoot, 'out'), { recursive: true });
  await withLock(path.join(projectRoot, 'out/editor-setup.lock'), say, async () => {
    if (!isEnough(setUpSoFar())) await install(say);
  });
}

async function install(say: Say): Promise<void> {
  const started = Date.now();
  const missing = missingCompilers();
  say('Setting up the embedded VS Code: once, about a minute and 0.7 GB, all of it from npm.');
  if (missing.length > 0) {
    say(`  ${missing.join(', ')} missing: its Output panel will stay empty. Mend: ${debianMend(missing)}, then start again.`);
  }
  rmSync(stampFile, { force: true });
  const ci = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  await step('1/3 VS Code', 'npm', ci, editorRoot, say);
  copyFileSync(path.join(editorRoot, 'vscode-npm-shrinkwrap.json'), path.join(vscodeRoot, 'npm-shrinkwrap.json'));
  await step('2/3 its modules', 'npm', [...ci, '--omit=dev'], vscodeRoot, say);
  if (missing.length === 0) await buildNative(say);
  writeFileSync(stampFile, stampOf(missing.length === 0 ? 'whole' : 'bare'));
  say(`The embedded VS Code is set up (${seconds(Date.now() - started)}).`);
}

async function buildNative(say: Say): Promise<void> {
  if (!nodeHeaders()) {
    mkdirSync(ownHeaders, { recursive: true });
    const version = execFileSync(node24, ['--version'], { encoding: 'utf8' }).trim().slice(1);
    const quiet = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    await step("3/3 Node's headers", 'npm', ['install', '--prefix', ownHeaders, ...quiet, `${nodePackage}@${version}`], ownHeaders, say);
  }
  const gyp = path.join(editorModules, 'node-gyp/bin/node-gyp.js');
  for (const name of nativeModules) {
    const cwd = path.join(vscodeRoot, 'node_modules', name);
    // always with the headers' folder: npm may be set to build against another Node's
    await step(`3/3 building ${name}`, node24, [gyp, 'rebuild', `--nodedir=${nodeHeaders()}`, '--loglevel=error'], cwd, say);
  }
  rmSync(ownHeaders, { recursive: true, force: true });
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}

if (process.argv[1] === import.meta.filename) {
  try {
    await setUpEditor();
    console.log('The embedded VS Code is ready.');
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
