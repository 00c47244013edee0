// What a person sees: the packed extension, installed into a real VS Code in Chromium. Pictures are kept in out/screenshots.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Editor, startEditor } from '../../scripts/editor/server.ts';
import { extensionVersion, limits, pack } from '../../scripts/package.ts';
import { cannotDrive, ready } from './machine.ts';
import { type Stage, stageExtension } from './stage.ts';
import { command, languageStatus, lineWith, openFile, openWorkbench, output, screenshot, type Workbench } from './ui.ts';
import { copyOf, smallMesh, type Workspace } from './workspace.ts';

const skip = cannotDrive();
const timeout = 180_000;

describe('in the editor', { skip }, () => {
  let stage: Stage;
  let workspace: Workspace;
  let editor: Editor;
  let workbench: Workbench;

  before(
    async () => {
      await ready(skip);
      stage = await stageExtension();
      const vsix = path.join(stage.root, 'out/meshwarden.vsix');
      const bytes = await pack(vsix, stage.root);
      assert.ok(bytes <= limits.vsix, `the vsix has ${bytes} bytes`);
      workspace = copyOf(smallMesh);
      editor = await startEditor({ vsix, testDriver: true });
      workbench = await openWorkbench(editor, workspace.folder, 'hub/wg0.conf');
    },
    { timeout: 900_000 },
  );
  after(async () => {
    await workbench?.close();
    await editor?.stop();
    workspace?.remove();
    stage?.remove();
  });

  test('the packed extension is installed and active, its server running', { timeout }, async () => {
    const { page } = workbench;
    const status = await languageStatus(page, 'The server is running');
    assert.match(status, /Mesh Warden/);
    await screenshot(page, 'status');
    const log = await output(page, 'the server is running');
    assert.match(log, new RegExp(`Mesh Warden ${extensionVersion().replaceAll('.', '\\.')} in VS Code`));
    await screenshot(page, 'output');
    await command(page, 'View: Toggle Panel Visibility');
  });

  test('both languages show by name', { timeout }, async () => {
    const { page } = workbench;
    const mode = page.locator('#status\\.editor\\.mode');
    await openFile(page, 'hub/nftables.conf');
    await mode.getByText('nftables', { exact: true }).waitFor();
    await lineWith(page, 'policy accept').waitFor();
    await screenshot(page, 'nftables');
    await openFile(page, 'hub/wg0.conf');
    await mode.getByText('WireGuard', { exact: true }).waitFor();
    await lineWith(page, 'AllowedIPs = 10.20.0.0/24').waitFor();
    await screenshot(page, 'wireguard');
  });

  test('nothing outside this machine was asked for', () => {
    assert.deepEqual(workbench.refused, []);
  });
});
