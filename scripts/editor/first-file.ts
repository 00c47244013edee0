// Which file of a folder to show first: the hub's, because what is wrong in a mesh shows there.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

const ours = /(^wg[^/]*\.conf|^nftables\.conf|\.nft|\.nftables)$/;
const mostFiles = 2000; // a folder may be a whole disk
const mostBytes = 1_000_000;

/** The WireGuard file with the most peers, else any file of ours, else undefined; looks at most four folders deep. */
export function firstFile(folder: string): string | undefined {
  const found = candidates(folder, 4).map((file) => ({ file, peers: peersIn(file) }));
  return found.sort((a, b) => b.peers - a.peers || (a.file < b.file ? -1 : 1))[0]?.file;
}

function peersIn(file: string): number {
  try {
    if (statSync(file).size > mostBytes) return 0;
    return (readFileSync(file, 'utf8').match(/^\s*\[peer\]/gim) ?? []).length;
  } catch {
    return 0; // not ours to read
  }
}

function candidates(folder: string, depth: number): readonly string[] {
  const files: string[] = [];
  let left = mostFiles;
  const visit = (at: string, levels: number): void => {
    for (const entry of entries(at)) {
      if (left-- <= 0) return;
      const full = path.join(at, entry.name);
      if (entry.isFile() && ours.test(entry.name)) files.push(full);
      else if (entry.isDirectory() && levels > 0 && !/^(\.git|node_modules)$/.test(entry.name)) visit(full, levels - 1);
    }
  };
  visit(folder, depth);
  return files;
}

function entries(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // not ours to read
  }
}
