// Whether git tracks or ignores a file, from the files git keeps; no process is started, so that no repository can have one run.
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { ignoredBy } from './git-ignore.ts';
import { trackedPaths } from './git-index.ts';

export interface GitFacts {
  readonly tracked: boolean | null;
  readonly ignored: boolean | null;
}

/** An index is read once for all files of a repository, until it changes. */
const indexes = new Map<string, { readonly changed: number; readonly paths: ReadonlySet<string> | null }>();

/** Outside of a repository: neither. */
export async function gitFacts(file: string): Promise<GitFacts> {
  const root = await repositoryOf(path.dirname(file));
  if (!root) return { tracked: false, ignored: false };
  const name = path.relative(root, file).split(path.sep).join('/');
  const paths = await indexOf(root);
  return { tracked: paths?.has(name) ?? null, ignored: await isIgnored(root, name) };
}

export async function repositoryOf(folder: string): Promise<string | null> {
  for (let at = folder; ; at = path.dirname(at)) {
    if (await stat(path.join(at, '.git')).catch(() => null)) return at;
    if (path.dirname(at) === at) return null;
  }
}

async function indexOf(root: string): Promise<ReadonlySet<string> | null> {
  try {
    let folder = path.join(root, '.git');
    // a worktree's .git is a file that names its folder
    if ((await stat(folder)).isFile()) folder = path.resolve(root, (await readFile(folder, 'utf8')).replace(/^gitdir:\s*|\s+$/g, ''));
    const file = path.join(folder, 'index');
    const { mtimeMs } = await stat(file);
    const known = indexes.get(file);
    if (known?.changed === mtimeMs) return known.paths;
    const paths = trackedPaths(await readFile(file));
    indexes.set(file, { changed: mtimeMs, paths });
    return paths;
  } catch {
    return null;
  }
}

/** The .gitignore files from the root to the file's folder; the nearest one that speaks of it counts. */
async function isIgnored(root: string, name: string): Promise<boolean> {
  const parts = name.split('/');
  let answer = false;
  for (let depth = 0; depth < parts.length; depth++) {
    const patterns = await readFile(path.join(root, ...parts.slice(0, depth), '.gitignore'), 'utf8').catch(() => '');
    answer = ignoredBy(patterns, parts.slice(depth).join('/')) ?? answer;
  }
  return answer;
}
