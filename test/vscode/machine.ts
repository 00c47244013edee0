// What of the tests in the real editor this machine cannot run, and why. The editor itself is installed on first use.
import { setUpEditor, setUpSoFar } from '../../scripts/editor/setup.ts';
import { chromiumPath, debianMend, missingCompilers, onPath } from '../../scripts/editor/tools.ts';

/** Why a test that opens a page in the embedded editor is skipped; false where it is not. */
export function cannotDrive(): string | false {
  return cannotServe() || (chromiumPath() ? false : `no Chromium. Mend: ${debianMend(['chromium', 'fonts-dejavu-core'])}`);
}

/** Why a test that needs the embedded editor is skipped; false where it is not. */
export function cannotServe(): string | false {
  if (process.platform === 'win32') return 'the embedded VS Code does not run on Windows';
  if (setUpSoFar() === 'whole') return false;
  const missing = [...missingCompilers(), ...(onPath('npm') ? [] : ['npm'])];
  return missing.length > 0 ? `${missing.join(', ')} missing. Mend: ${debianMend(missing)}` : false;
}

/** Installs the embedded editor where `skip`, the tests' own reason, does not say that it is not needed. */
export async function ready(skip: string | false): Promise<void> {
  if (!skip) await setUpEditor((line) => console.log(line));
}
