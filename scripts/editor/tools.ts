// Which programs of the machine the embedded VS Code and its tests need, and what to do where one is missing.
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** The full path of the first of `names` on PATH, or undefined. */
export function onPath(...names: readonly string[]): string | undefined {
  const { PATH = '' } = process.env;
  const folders = PATH.split(path.delimiter).filter(Boolean);
  for (const name of names) {
    for (const folder of folders) {
      const file = path.join(folder, name);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        // not here
      }
    }
  }
  return undefined;
}

/** What node-gyp needs and this machine lacks, as Debian names the packages. */
export function missingCompilers(): readonly string[] {
  return (['python3', 'make', 'g++'] as const).filter((name) => !onPath(name));
}

/** The Chromium that the tests drive. `MESHWARDEN_CHROMIUM` names another than the one on PATH. */
export function chromiumPath(): string | undefined {
  const { MESHWARDEN_CHROMIUM } = process.env;
  return MESHWARDEN_CHROMIUM || onPath('chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome');
}

export function debianMend(packages: readonly string[]): string {
  return `apt-get install --no-install-recommends ${packages.join(' ')}`;
}
