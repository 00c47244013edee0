// Packs the extension into meshwarden-VERSION.vsix, offline, and holds it to its size.
import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { buildAll, root } from './build.ts';

/**
 * What a person downloads, and what runs beside an editor window: the core and the server together, however they are cut, in bytes. It is
 * what two files of 600 KB were allowed before; the core is more than one of them since it holds who reaches whom.
 */
export const limits = { vsix: 1_000_000, server: 1_200_000 } as const;

const run = promisify(execFile);
const vsce = path.join(root, 'node_modules/@vscode/vsce/vsce');

export function extensionVersion(folder: string = root): string {
  const manifest: { version: string } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  return manifest.version;
}

/**
 * Packs `folder`, built already, into `file` and returns its size in bytes. Asks nothing and needs no network. The README's picture is packed
 * beside it, under its relative name: vsce would write the repository's address before it, and there is none. Once package.json has a
 * `repository`, vsce needs neither flag, and VS Code's page of the extension, which lets in `https:` pictures alone, shows it too.
 */
export async function pack(file: string, folder: string = root): Promise<number> {
  const quiet = ['--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links'];
  try {
    await run(process.execPath, [vsce, 'package', ...quiet, '--out', file], { cwd: folder });
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    throw new Error(`vsce cannot pack the extension. It said:\n${said}`);
  }
  return statSync(file).size;
}

/** The files that `pack` would pack, as paths from `folder`, sorted. */
export async function packedFiles(folder: string = root): Promise<readonly string[]> {
  const { stdout } = await run(process.execPath, [vsce, 'ls', '--no-dependencies'], { cwd: folder });
  return stdout.split('\n').filter(Boolean).sort();
}

function kilobytes(bytes: number): string {
  return `${Math.ceil(bytes / 1000)} KB`;
}

if (process.argv[1] === import.meta.filename) {
  const bundles = await buildAll();
  const name = `meshwarden-${extensionVersion()}.vsix`;
  const sizes = new Map([...bundles, [name, await pack(path.join(root, name))]]);
  const server = 'core and server';
  sizes.set(server, (sizes.get('dist/core.js') ?? 0) + (sizes.get('dist/server.js') ?? 0));
  const limit = new Map<string, number>([
    [server, limits.server],
    [name, limits.vsix],
  ]);
  for (const [file, bytes] of sizes) {
    const most = limit.get(file);
    console.log(`${file.padEnd(24)} ${kilobytes(bytes).padStart(7)}${most ? ` of at most ${kilobytes(most)}` : ''}`);
    if (most && bytes > most) {
      console.error(`${file} is too large.`);
      process.exitCode = 1;
    }
  }
}
