// The stages of `npm test`, in their order: what is quick and breaks often comes first.
import { existsSync, globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { setUpEditor } from '../editor/setup.ts';
import { chromiumPath, debianMend } from '../editor/tools.ts';
import { npmScript } from './command.ts';
import { runTests } from './node-tests.ts';
import { type Outcome, root, type Stage } from './stage.ts';

const hasEmbeddedEditor = process.platform !== 'win32';

export const stages: readonly Stage[] = [
  { name: 'typecheck', run: typecheck },
  npmScript('lint', 'lint'),
  { name: 'generated', run: generated },
  { name: 'unit', run: () => runTests({ files: unitFiles(), concurrency: availableParallelism(), minutes: 20 }) },
  npmScript('build', 'build'),
  { name: 'kernel', run: () => runTests({ files: find('test/kernel/**/*.test.ts'), concurrency: availableParallelism(), minutes: 20 }) },
  { name: 'editor', run: editor },
];

/** tsc reads what the scripts and tests of the real editor import too, and that is installed by the editor's set-up alone. */
async function typecheck(): Promise<Outcome> {
  return (await setUp()) ?? npmScript('typecheck', 'typecheck').run();
}

/** Files that are made from the vocabularies (grammars, rule pages) are as their source makes them. */
async function generated(): Promise<Outcome> {
  if (!existsSync(path.join(root, 'scripts/generate.ts'))) {
    return { passed: 0, failed: 0, skipped: [{ test: 'generated files', reason: 'there is no scripts/generate.ts' }] };
  }
  return npmScript('generated', 'generate', ['--check']).run();
}

function unitFiles(): readonly string[] {
  return find('{test,client/src,server/src,scripts}/**/*.test.ts', 'test/kernel', 'test/vscode');
}

/** The real editor: one at a time, since each test drives a browser and an extension host. */
async function editor(): Promise<Outcome> {
  const files = find('test/vscode/*.test.ts');
  if (!hasEmbeddedEditor) return skipAll(files, 'the embedded VS Code runs on Linux and macOS only');
  if (!chromiumPath()) return skipAll(files, `Chromium is not installed: ${debianMend(['chromium', 'fonts-dejavu-core'])}`);
  return (await setUp()) ?? runTests({ files, concurrency: 1, minutes: 40 });
}

/** Installs the embedded VS Code where it is not yet and can be: a minute the first time. A failure is printed and given back. */
async function setUp(): Promise<Outcome | undefined> {
  if (!hasEmbeddedEditor) return undefined;
  try {
    await setUpEditor((line) => console.log(line));
    return undefined;
  } catch (error) {
    console.log(`✖ the set-up of the embedded VS Code\n${error instanceof Error ? error.message : String(error)}`);
    return { passed: 0, failed: 1, skipped: [] };
  }
}

function skipAll(files: readonly string[], reason: string): Outcome {
  return { passed: 0, failed: 0, skipped: files.map((test) => ({ test, reason })) };
}

function find(pattern: string, ...without: readonly string[]): readonly string[] {
  return globSync(pattern, { cwd: root, exclude: ['**/node_modules', ...without] }).sort();
}
