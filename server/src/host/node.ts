// The files of the machine and its nft, by Node.
import { constants, type Dirent } from 'node:fs';
import { access, appendFile, open, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { languageOfPath } from '../analysis/recognise.ts';
import { fixedFolder, placePattern } from '../nftables/ruleset/includes.ts';
import { gitFacts, repositoryOf } from './git.ts';
import { fileHistory } from './git-history.ts';
import type { FileFacts, FileHost, FileVersion, ReadAnswer, SecretFile } from './host.ts';
import { checkByNft } from './nft.ts';

const SKIPPED = new Set(['node_modules', '.git', '.hg', '.svn', '__pycache__']);
/** More files of ours than anyone has; where a folder goes on, the walk ends instead. */
const MOST_FILES = 20_000;

/** Walks a folder; links to folders are not followed, so that a loop ends. Folders that cannot be read are passed over. */
export async function findFiles(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  const waiting = [folder];
  for (let next = waiting.pop(); next !== undefined && found.length < MOST_FILES; next = waiting.pop()) {
    let entries: Dirent[];
    try {
      entries = await readdir(next, { withFileTypes: true });
    } catch {
      continue;
    }
    for (const entry of entries) {
      const full = path.join(next, entry.name);
      if (entry.isDirectory()) {
        if (!SKIPPED.has(entry.name)) waiting.push(full);
      } else if (languageOfPath(full.split(path.sep).join('/')) && (entry.isFile() || (entry.isSymbolicLink() && (await isFile(full)))))
        found.push(full);
    }
  }
  return found.sort();
}

/** The files whose URIs match a pattern: only as many levels are read as it has. */
export async function globFiles(pattern: string): Promise<readonly string[]> {
  const fixed = fixedFolder(pattern);
  const matches = placePattern(pattern);
  const found: string[] = [];
  const walk = async (folder: string, levels: number): Promise<void> => {
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      const full = path.join(folder, entry.name);
      if (levels > 1) {
        if (entry.isDirectory()) await walk(full, levels - 1);
      } else if (found.length < MOST_FILES && matches.test(pathToFileURL(full).href) && (await isFile(full)))
        found.push(pathToFileURL(full).href);
    }
  };
  await walk(fileURLToPath(fixed), pattern.split('/').length - fixed.split('/').length);
  return found.sort();
}

async function isFile(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

export async function readText(file: string, limit: number): Promise<ReadAnswer> {
  try {
    const info = await stat(file);
    if (!info.isFile()) return { problem: 'unreadable', detail: 'it is no ordinary file' };
    if (info.size > limit) return { problem: 'too-large', detail: `${Math.round(info.size / 1024 / 1024)} MB` };
    return { text: await readFile(file, 'utf8') };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'ENOENT' || code === 'ENOTDIR') return { problem: 'missing', detail: 'there is no such file' };
    return { problem: 'unreadable', detail: code === 'EACCES' || code === 'EPERM' ? 'permission denied' : code || 'it cannot be read' };
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file, constants.F_OK).then(
    () => true,
    () => false,
  );
}

async function inGit(folder: string): Promise<boolean> {
  for (let at = folder; ; at = path.dirname(at)) {
    if (await exists(path.join(at, '.git'))) return true;
    if (path.dirname(at) === at) return false;
  }
}

/** The key's file first goes into .gitignore, then comes into being: there is no moment at which git could add it. */
async function writeSecret({
  besideUri,
  fileName,
  characters,
}: SecretFile): Promise<{ readonly path: string } | { readonly problem: string }> {
  if (!besideUri.startsWith('file:')) return { problem: 'a key can be moved only beside a file on this machine’s disk' };
  const folder = path.dirname(fileURLToPath(besideUri));
  const target = path.join(folder, path.basename(fileName));
  try {
    if (await exists(target)) return { problem: `${path.basename(target)} is there already and is not written over; move it away first` };
    if (await inGit(folder)) {
      const ignore = path.join(folder, '.gitignore');
      const old = (await exists(ignore)) ? await readFile(ignore, 'utf8') : '';
      const line = `/${path.basename(target)}`;
      if (!old.split(/\r?\n/).includes(line)) await appendFile(ignore, `${old && !old.endsWith('\n') ? '\n' : ''}${line}\n`);
    }
    const handle = await open(target, 'wx', 0o600);
    try {
      await handle.writeFile(`${characters.replace(/\s+/g, '')}\n`);
    } finally {
      await handle.close();
    }
    return { path: target };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'an error';
    return {
      problem: `${path.basename(target)} cannot be written: ${code === 'EACCES' || code === 'EPERM' || code === 'EROFS' ? 'permission denied' : code}`,
    };
  }
}

/** As wg-quick asks (linux.bash, parse_options): others may read the file if its mode and its folder's both let them. */
export async function fileFacts(file: string): Promise<FileFacts | null> {
  try {
    const [own, folder] = await Promise.all([stat(file), stat(path.dirname(file))]);
    // Windows has no such modes
    const openToOthers = process.platform === 'win32' ? null : (own.mode & folder.mode & 0o007) !== 0;
    return { openToOthers, ...(await gitFacts(file)) };
  } catch {
    return null;
  }
}

/** The versions of files, of each repository in one walk. */
async function history(uris: readonly string[], visit: (uri: string, version: FileVersion) => boolean): Promise<void> {
  const repositories = new Map<string, Map<string, string>>();
  for (const uri of uris) {
    if (!uri.startsWith('file:')) continue;
    const file = fileURLToPath(uri);
    const root = await repositoryOf(path.dirname(file));
    if (!root) continue;
    const files = repositories.get(root) ?? new Map<string, string>();
    files.set(path.relative(root, file).split(path.sep).join('/'), uri);
    repositories.set(root, files);
  }
  for (const [root, files] of repositories) {
    await fileHistory(root, [...files.keys()], (name, version) => visit(files.get(name) ?? '', version));
  }
}

export const nodeHost: FileHost = {
  async find(folderUri) {
    if (!folderUri.startsWith('file:')) return [];
    return (await findFiles(fileURLToPath(folderUri))).map((file) => pathToFileURL(file).href);
  },
  glob: (pattern) => (pattern.startsWith('file:') ? globFiles(pattern) : Promise.resolve([])),
  read(uri, limit) {
    return uri.startsWith('file:')
      ? readText(fileURLToPath(uri), limit)
      : Promise.resolve({ problem: 'unreadable', detail: 'it is not on this machine’s disk' });
  },
  facts: (uri) => (uri.startsWith('file:') ? fileFacts(fileURLToPath(uri)) : Promise.resolve(null)),
  history,
  writeSecret,
  checkRuleset: (uri, milliseconds) => (uri.startsWith('file:') ? checkByNft(fileURLToPath(uri), milliseconds) : Promise.resolve(null)),
};
