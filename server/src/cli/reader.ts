// Where a command reads files from: the disk, or what a folder was in a git revision. Paths are absolute and of the machine.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { FileFacts, ReadAnswer } from '../host/host.ts';
import { fileFacts, findFiles, globFiles, readText } from '../host/node.ts';

export interface Reader {
  kindOf(file: string): Promise<'file' | 'folder' | null>;
  /** The files below a folder whose names may be ours, sorted. */
  filesIn(folder: string): Promise<readonly string[]>;
  read(file: string, limit: number): Promise<ReadAnswer>;
  /** The files whose URIs a pattern takes, as URIs. */
  glob(pattern: string): Promise<readonly string[]>;
  /** What the disk says of a file; null where that is not asked. */
  factsOf(file: string): Promise<FileFacts | null>;
}

export const diskReader: Reader = {
  async kindOf(file) {
    const info = await stat(file).catch(() => null);
    return info && (info.isDirectory() ? 'folder' : 'file');
  },
  filesIn: findFiles,
  read: readText,
  glob: globFiles,
  factsOf: fileFacts,
};

/** Another folder's files, as if they lay in `folder`: so that both name the same hosts the same. */
export function standIn(folder: string, other: string): Reader {
  const there = (file: string): string => {
    const inner = path.relative(folder, file);
    return inner === '' || (!inner.startsWith('..') && !path.isAbsolute(inner)) ? path.join(other, inner) : file;
  };
  const here = (file: string): string => path.join(folder, path.relative(other, file));
  return {
    kindOf: (file) => diskReader.kindOf(there(file)),
    filesIn: async (at) => (await findFiles(there(at))).map(here),
    read: (file, limit) => readText(there(file), limit),
    glob: async (pattern) => {
      const [from, to] = [pathToFileURL(folder).href, pathToFileURL(other).href];
      if (!pattern.startsWith(`${from}/`)) return globFiles(pattern);
      return (await globFiles(to + pattern.slice(from.length))).map((uri) => pathToFileURL(here(fileURLToPath(uri))).href);
    },
    factsOf: () => Promise.resolve(null),
  };
}
