// The files of an example in the repository, by their paths below examples/.
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './command-line.ts';
import type { TextFiles } from './mesh-files.ts';

export function exampleFiles(name: string): TextFiles {
  const folder = path.join(root, 'examples', name);
  const found = globSync('**/*.{conf,jsonc}', { cwd: folder }).sort();
  return Object.fromEntries(found.map((file) => [file.split(path.sep).join('/'), readFileSync(path.join(folder, file), 'utf8')]));
}
