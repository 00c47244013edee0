// When files came to be as they are, by the history of a git repository’s HEAD: from commit to commit by the first parent, which is the line
// that others’ work was merged into. Read from git’s own files, a bounded number of commits, a little at a time.
import { statSync } from 'node:fs';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { type ObjectStore, objectStore, textOf } from './git-objects.ts';
import type { FileVersion } from './host.ts';

export interface HistoryLimits {
  readonly commits: number;
  /** How long one stretch of work may be, in milliseconds. */
  readonly slice: number;
}

export const usualLimits: HistoryLimits = { commits: 5000, slice: 10 };

interface Commit {
  readonly tree: string;
  readonly parent: string | null;
  /** Seconds since 1970. */
  readonly time: number;
}

/**
 * Calls `visit` for the versions of each of `paths` (with slashes, from the work tree at `root`), the newest first, with the moment from which
 * a version is known to be there; false from `visit` ends that path’s. Where history is not all here, the oldest commit that is counts.
 */
export async function fileHistory(
  root: string,
  paths: readonly string[],
  visit: (path: string, version: FileVersion) => boolean,
  limits: HistoryLimits = usualLimits,
): Promise<void> {
  const folders = gitFolders(root);
  const head = folders && headOf(folders);
  if (!folders || !head) return;
  const store = objectStore(path.join(folders.common, 'objects'));
  try {
    await walk(store, head, paths, visit, limits);
  } finally {
    store.close();
  }
}

async function walk(
  store: ObjectStore,
  head: string,
  paths: readonly string[],
  visit: (path: string, version: FileVersion) => boolean,
  limits: HistoryLimits,
): Promise<void> {
  let commit = commitAt(store, head);
  // the blob that each path has in the commit that is looked at
  let blobs = commit ? blobsIn(store, commit.tree, new Set(paths), null, new Map()) : new Map<string, string>();
  let since = performance.now();
  for (let count = 1; commit && blobs.size > 0; count++) {
    const parent: Commit | null = commit.parent && count < limits.commits ? commitAt(store, commit.parent) : null;
    const before = parent ? blobsIn(store, parent.tree, new Set(blobs.keys()), commit.tree, blobs) : new Map<string, string>();
    const left = new Map<string, string>();
    for (const [name, blob] of blobs) {
      const old = before.get(name);
      // a version begins where the commit before has another one
      const goes = old === blob || (told(store, name, blob, commit.time, visit) && old !== undefined);
      if (goes && old !== undefined) left.set(name, old);
    }
    blobs = left;
    commit = parent;
    if (performance.now() - since > limits.slice) {
      await setImmediate();
      since = performance.now();
    }
  }
}

function told(
  store: ObjectStore,
  name: string,
  blob: string,
  from: number,
  visit: (path: string, version: FileVersion) => boolean,
): boolean {
  const object = store.read(blob);
  return object?.type === 'blob' && visit(name, { text: object.bytes.toString('utf8'), from });
}

function commitAt(store: ObjectStore, id: string): Commit | null {
  const object = store.read(id);
  if (object?.type !== 'commit') return null;
  const [head = ''] = object.bytes.toString('utf8').split('\n\n', 1);
  const tree = /^tree ([0-9a-f]+)$/m.exec(head)?.[1];
  const time = /^committer .*> (\d+) [+-]\d+$/m.exec(head)?.[1];
  return tree && time ? { tree, time: Number(time), parent: /^parent ([0-9a-f]+)$/m.exec(head)?.[1] ?? null } : null;
}

/**
 * The blobs of `paths` in a tree. `known` are those in the tree `next`: below a folder that is the same in both nothing is read.
 */
function blobsIn(
  store: ObjectStore,
  tree: string,
  paths: ReadonlySet<string>,
  next: string | null,
  known: ReadonlyMap<string, string>,
): Map<string, string> {
  const found = new Map<string, string>();
  const look = (id: string, other: string | null, prefix: string, wanted: readonly string[]): void => {
    if (id === other) {
      for (const name of wanted) {
        const blob = known.get(name);
        if (blob !== undefined) found.set(name, blob);
      }
      return;
    }
    const entries = entriesOf(store, id);
    const others = other === null ? null : entriesOf(store, other);
    const below = new Map<string, string[]>();
    for (const name of wanted) {
      const rest = name.slice(prefix.length);
      const slash = rest.indexOf('/');
      if (slash < 0) {
        const entry = entries?.get(rest);
        if (entry && !entry.folder) found.set(name, entry.id);
      } else {
        const folder = rest.slice(0, slash);
        const list = below.get(folder);
        if (list) list.push(name);
        else below.set(folder, [name]);
      }
    }
    for (const [folder, names] of below) {
      const entry = entries?.get(folder);
      const same = others?.get(folder);
      if (entry?.folder) look(entry.id, same?.folder ? same.id : null, `${prefix}${folder}/`, names);
    }
  };
  look(tree, next, '', [...paths]);
  return found;
}

interface TreeEntry {
  readonly folder: boolean;
  readonly id: string;
}

/** The trees of a commit are looked at again beside those of its parent. */
const MOST_TREES = 256;
const trees = new WeakMap<ObjectStore, Map<string, ReadonlyMap<string, TreeEntry> | null>>();

function entriesOf(store: ObjectStore, id: string): ReadonlyMap<string, TreeEntry> | null {
  const kept = trees.get(store) ?? new Map<string, ReadonlyMap<string, TreeEntry> | null>();
  trees.set(store, kept);
  let entries = kept.get(id);
  if (entries === undefined) {
    if (kept.size >= MOST_TREES) kept.clear();
    entries = readTree(store, id);
    kept.set(id, entries);
  }
  return entries;
}

/** `MODE NAME\0ID`, one behind the other. */
function readTree(store: ObjectStore, id: string): ReadonlyMap<string, TreeEntry> | null {
  const object = store.read(id);
  if (object?.type !== 'tree') return null;
  const { bytes } = object;
  const length = id.length / 2;
  const entries = new Map<string, TreeEntry>();
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(32, at);
    const end = bytes.indexOf(0, space);
    if (space < 0 || end < 0) return entries;
    entries.set(bytes.toString('utf8', space + 1, end), {
      folder: bytes.toString('latin1', at, space) === '40000',
      id: bytes.toString('hex', end + 1, end + 1 + length),
    });
    at = end + 1 + length;
  }
  return entries;
}

interface GitFolders {
  readonly own: string;
  /** Of a worktree, the repository’s that it is one of. */
  readonly common: string;
}

export function gitFolders(root: string): GitFolders | null {
  let own = path.join(root, '.git');
  try {
    // a worktree's .git is a file that names its folder
    if (statSync(own).isFile()) own = path.resolve(root, (textOf(own) ?? '').replace(/^gitdir:\s*|\s+$/g, ''));
  } catch {
    return null;
  }
  const common = textOf(path.join(own, 'commondir'))?.trim();
  return { own, common: common ? path.resolve(own, common) : own };
}

/** The commit that HEAD stands for; null where there is none yet. */
function headOf({ own, common }: GitFolders): string | null {
  let name = textOf(path.join(own, 'HEAD'))?.trim();
  for (let steps = 0; name?.startsWith('ref:') && steps < 8; steps++) {
    const ref = name.slice(4).trim();
    if (ref.includes('..')) return null;
    name = (textOf(path.join(own, ref)) ?? textOf(path.join(common, ref)) ?? packedRef(common, ref))?.trim();
  }
  return name && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(name) ? name : null;
}

function packedRef(common: string, ref: string): string | null {
  for (const line of textOf(path.join(common, 'packed-refs'))?.split('\n') ?? []) {
    const [id = '', name] = line.split(' ');
    if (name === ref) return id;
  }
  return null;
}
