// `npm run test:desktop [VERSION]`: the Mocha suite of test/vscode in a desktop VS Code, for machines with a network and a display.
// MESHWARDEN_CODE=/path/to/code takes that one; else @vscode/test-electron downloads VERSION, by default the newest stable one.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { downloadAndUnzipVSCode, runTests, SilentReporter } from '@vscode/test-electron';
import { stageExtension } from '../test/vscode/stage.ts';
import { copyOf, flatMesh } from '../test/vscode/workspace.ts';
import { root } from './build.ts';

async function desktopCode(version: string): Promise<string> {
  const { MESHWARDEN_CODE } = process.env;
  if (MESHWARDEN_CODE) {
    if (existsSync(MESHWARDEN_CODE)) return MESHWARDEN_CODE;
    throw new Error(`MESHWARDEN_CODE: there is no ${MESHWARDEN_CODE}.`);
  }
  console.log(`Downloading VS Code (${version}), where out/ does not hold it yet …`);
  try {
    return await downloadAndUnzipVSCode({ version, cachePath: path.join(root, 'out/desktop'), reporter: new SilentReporter() });
  } catch (error) {
    const why = error instanceof Error ? error.message || error.name : String(error);
    throw new Error(
      `VS Code cannot be downloaded on this machine (${why}). Mend: a network, or MESHWARDEN_CODE=/path/to/code for one that is here.`,
    );
  }
}

async function main(version: string): Promise<void> {
  const vscodeExecutablePath = await desktopCode(version);
  const stage = await stageExtension();
  const workspace = copyOf(flatMesh);
  const profile = mkdtempSync(path.join(os.tmpdir(), 'meshwarden-profile-')); // short: it holds a socket
  try {
    await runTests({
      vscodeExecutablePath,
      extensionDevelopmentPath: stage.root,
      extensionTestsPath: stage.suite.node,
      launchArgs: [workspace.folder, `--user-data-dir=${profile}`, `--extensions-dir=${path.join(profile, 'extensions')}`],
    });
  } finally {
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    workspace.remove();
    stage.remove();
  }
}

try {
  await main(process.argv[2] ?? 'stable');
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
