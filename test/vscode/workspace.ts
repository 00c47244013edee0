// A copy of a fixture folder to work in: tests change files.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export const smallMesh = path.join(import.meta.dirname, 'fixtures/small-mesh');

export interface Workspace {
  readonly folder: string;
  readonly remove: () => void;
}

export function copyOf(fixture: string): Workspace {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'meshwarden-workspace-'));
  cpSync(fixture, folder, { recursive: true });
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
