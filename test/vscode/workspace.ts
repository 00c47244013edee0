// A copy of an example folder to work in: tests change files.
import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root } from '../../scripts/build.ts';

/** The inherited mesh: a hub and eleven hosts, everyone let in as everyone. */
export const flatMesh = path.join(root, 'examples/flat-mesh');

/** The mesh as it should be: each host reaches what its rule says, and nothing else. */
export const zeroTrustMesh = path.join(root, 'examples/zero-trust-mesh');

export interface Workspace {
  /** Named as its original. */
  readonly folder: string;
  readonly remove: () => void;
}

export function copyOf(original: string): Workspace {
  // the real path: a watcher tells of files by it, and on macOS the temporary folder is a link
  const parent = mkdtempSync(path.join(realpathSync(os.tmpdir()), 'meshwarden-workspace-'));
  const folder = path.join(parent, path.basename(original));
  cpSync(original, folder, { recursive: true });
  return { folder, remove: () => rmSync(parent, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }) };
}
