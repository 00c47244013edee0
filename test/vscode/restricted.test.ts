// Where no file may be written, a folder that is not trusted or is on no disk: all but the fix that writes a file works, and the editor
// says why.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startEditor } from '../../scripts/editor/server.ts';
import { pack } from '../../scripts/package.ts';
import { cannotDrive, ready } from './machine.ts';
import { type Stage, stageExtension } from './stage.ts';
import {
  applyFix,
  command,
  lineWith,
  messageAfter,
  notification,
  openFile,
  openWebWorkbench,
  openWorkbench,
  problemCounts,
  screenshot,
  squiggleUnder,
} from './ui.ts';
import { startNewestWeb, startOldestWeb } from './web.ts';
import { copyOf, flatMesh, type Workspace } from './workspace.ts';

const skip = cannotDrive();
const timeout = 240_000;
const hub = 'hub/etc/wireguard/wg0.conf';
const privateKey = 'PrivateKey = QKF+ij8LJdCOiMMgDT0VulhGj+nekH+5y5iSJwZ8llM=';
// VS Code tells a disabled fix's reason where the fix would have been made at once, and leaves it out of the light bulb's menu
const autoFix = 'Auto Fix...';

describe('where no file may be written', { skip }, () => {
  let stage: Stage;
  let workspace: Workspace;

  before(
    async () => {
      await ready(skip);
      stage = await stageExtension();
    },
    { timeout: 900_000 },
  );
  after(() => stage?.remove());

  const inCopy = async (work: (folder: string) => Promise<void>): Promise<void> => {
    workspace = copyOf(flatMesh);
    try {
      await work(workspace.folder);
    } finally {
      workspace.remove();
    }
  };

  test('a folder that is not trusted is checked; a key is moved once it is', { timeout }, () =>
    inCopy(async (folder) => {
      const vsix = path.join(stage.root, 'out/meshwarden.vsix');
      await pack(vsix, stage.root);
      const quiet = { 'security.workspace.trust.startupPrompt': 'never', 'security.workspace.trust.banner': 'never' };
      const editor = await startEditor({ vsix, testDriver: true, askForTrust: true, settings: quiet });
      const workbench = await openWorkbench(editor, folder, hub).catch(async (error: unknown) => {
        await editor.stop();
        throw error;
      });
      try {
        const { page, refused } = workbench;
        await problemCounts(page, 'Errors: 10, Warnings: 43, Infos: 17');
        await messageAfter(page, privateKey, autoFix, 'trust this workspace first');
        await screenshot(page, 'not-trusted');
        const keyFile = path.join(folder, path.dirname(hub), 'wg0.key');
        assert.equal(existsSync(keyFile), false);

        await command(page, 'Workspaces: Manage Workspace Trust');
        await page.locator('.workspace-trust-editor .monaco-button', { hasText: /^Trust$/ }).click();
        await page.locator('.workspace-trust-editor', { hasText: 'You trust this folder' }).waitFor();
        await openFile(page, hub);
        await applyFix(page, privateKey, 'Move the key to wg0.key');
        await lineWith(page, 'PostUp = wg set %i private-key /etc/wireguard/wg0.key').waitFor();
        await notification(page, 'The key is now in');
        assert.equal(existsSync(keyFile), true);
        await screenshot(page, 'key-moved');
        assert.deepEqual(refused, []);
      } finally {
        await workbench.close();
        await editor.stop();
      }
    }),
  );

  for (const [name, start] of [
    ['newest', startNewestWeb],
    ['oldest', startOldestWeb],
  ] as const) {
    test(`on no disk, in the ${name} VS Code without a server: checked, mended, and no key is moved`, { timeout }, () =>
      inCopy(async (folder) => {
        const web = await start({ folder, extension: stage.root });
        const workbench = await openWebWorkbench(web, hub).catch(async (error: unknown) => {
          await web.stop();
          throw error;
        });
        try {
          const { page, refused } = workbench;
          await squiggleUnder(page, '10.0.0.0/24', 'error');
          await problemCounts(page, 'Errors: 10, Warnings: 43, Infos: 17');
          await screenshot(page, `web-${name}`);
          await messageAfter(page, privateKey, autoFix, 'a key can be moved to a file only on a real file system');
          await screenshot(page, `web-${name}-no-key-moved`);
          await applyFix(page, '10.0.0.0/24', 'Narrow to 10.0.0.5/32');
          await problemCounts(page, 'Errors: 9, Warnings: 42, Infos: 17');
          await screenshot(page, `web-${name}-fixed`);
          assert.deepEqual(refused, []);
        } finally {
          await workbench.close();
          await web.stop();
        }
      }),
    );
  }
});
