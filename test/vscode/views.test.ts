// Who reaches whom, as a person sees it: lenses, the access matrix, traces and changes, in a real VS Code in Chromium, on a copy of
// examples/zero-trust-mesh that is a git repository. Pictures are kept in out/screenshots.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Editor, startEditor, workbenchUrl } from '../../scripts/editor/server.ts';
import { pack } from '../../scripts/package.ts';
import { cannotDrive, ready } from './machine.ts';
import { type Stage, stageExtension } from './stage.ts';
import {
  answer,
  askingCommand,
  command,
  cursorAt,
  eventually,
  lens,
  lineWith,
  openFile,
  openWorkbench,
  save,
  screenshot,
  typeOver,
  type Workbench,
  webview,
} from './ui.ts';
import { copyOf, type Workspace, zeroTrustMesh } from './workspace.ts';

const skip = cannotDrive();
const timeout = 180_000;
const hub = 'hub/etc/wireguard/wg0.conf';
const settings = {
  'git.enabled': true,
  'workbench.colorTheme': 'Default Dark Modern',
  'window.autoDetectColorScheme': false,
};

describe('who reaches whom, in the editor', { skip }, () => {
  let stage: Stage;
  let workspace: Workspace;
  let editor: Editor;
  let workbench: Workbench;

  before(
    async () => {
      await ready(skip);
      stage = await stageExtension();
      const vsix = path.join(stage.root, 'out/meshwarden.vsix');
      await pack(vsix, stage.root);
      workspace = copyOf(zeroTrustMesh);
      for (const call of [
        ['init', '-q'],
        ['add', '.'],
        ['-c', 'user.name=t', '-c', 'user.email=t@localhost', 'commit', '-qm', 'as it should be'],
      ])
        execFileSync('git', call, { cwd: workspace.folder });
      editor = await startEditor({ vsix, testDriver: true, settings });
      workbench = await openWorkbench(editor, workspace.folder, hub, { width: 1440, height: 900 });
    },
    { timeout: 900_000 },
  );
  after(async () => {
    await workbench?.close();
    await editor?.stop();
    workspace?.remove();
    stage?.remove();
  });

  const cellsFrom = async (host: string): Promise<Readonly<Record<string, string>>> => {
    const frame = webview(workbench.page);
    const names = await frame.locator('thead th .text').allInnerTexts();
    const row = frame.locator('tbody tr', { has: frame.locator('th .text', { hasText: host }) });
    const texts = await row.locator('td').allInnerTexts();
    return Object.fromEntries(names.map((name, i) => [name, texts[i]?.trim() ?? '?']));
  };

  test('a lens over each peer says what it reaches, and as whom it may send', { timeout }, async () => {
    const { page } = workbench;
    assert.equal(await lens(page, 'reaches app tcp/443'), 'reaches app tcp/443 · reachable from hub · may send as itself alone');
    await screenshot(page, 'lenses');
  });

  test('the blast radius of the laptop is tcp/443 of the app server, and nothing else', { timeout }, async () => {
    const { page } = workbench;
    await command(page, 'Mesh Warden: Show Access Matrix');
    const frame = webview(page);
    await frame.locator('table').waitFor();
    assert.equal(await frame.locator('[data-do="view"][aria-pressed="true"]').innerText(), 'Blast radius');
    assert.deepEqual(await cellsFrom('laptop'), { app: 'tcp/443', collector: '·', database: '·', hub: '·', laptop: '', metrics: '·' });
    await screenshot(page, 'matrix');
  });

  test('a click on the cell explains it, and each hop opens its line', { timeout }, async () => {
    const { page } = workbench;
    const frame = webview(page);
    await frame.locator('td[aria-label="laptop to app: tcp/443"]').click();
    await frame.locator('.hops li').first().waitFor();
    await screenshot(page, 'matrix-explained');
    const links = await frame.locator('.hops button.link').allInnerTexts();
    // what is assumed of its link comes first, then the entry that takes it and the rule that lets it through
    assert.deepEqual(links.slice(0, 4), [
      'laptop/etc/wireguard/wg0.conf:6',
      'hub/etc/nftables.conf:12',
      'hub/etc/wireguard/wg0.conf:22',
      'hub/etc/nftables.conf:21',
    ]);
    await frame.locator('.hops button.link', { hasText: 'hub/etc/nftables.conf:21' }).click();
    await cursorAt(page, 'nftables.conf', 21);
    await lineWith(page, 'ip saddr 10.10.0.7 ip daddr 10.10.0.20 tcp dport 443 accept').waitFor();
  });

  test('is used with the keyboard alone: arrows step, Enter explains, Escape closes and goes back', { timeout }, async () => {
    const { page } = workbench;
    const frame = webview(page);
    await frame.locator('#filter').click();
    await page.keyboard.press('Escape');
    const start = frame.locator('tbody tr', { has: frame.locator('th .text', { hasText: 'app' }) }).locator('th');
    await start.focus();
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
    const focused = frame.locator('td:focus');
    assert.equal(await focused.getAttribute('aria-label'), 'app to database: tcp/5432');
    await page.keyboard.press('Enter');
    await frame.locator('#details-title:focus', { hasText: 'app → database' }).waitFor();
    assert.match(await frame.locator('#live').innerText(), /^app to database: tcp\/5432: gets through/);
    await page.keyboard.press('Escape');
    await frame.locator('#details').waitFor({ state: 'hidden' });
    assert.equal(await focused.getAttribute('aria-label'), 'app to database: tcp/5432');
  });

  test('shows access, a filter and a picture, and keeps them when the window is loaded again', { timeout }, async () => {
    const { page } = workbench;
    const frame = webview(page);
    await frame.locator('[data-value="access"]').click();
    await frame.locator('#says', { hasText: 'while nobody has taken it over' }).waitFor();
    await frame.locator('#filter').fill('laptop');
    await eventually(page, 'filtered', async () => {
      assert.deepEqual(await frame.locator('thead th .text').allInnerTexts(), ['app', 'laptop']);
    });
    // what a page keeps is written with the rest of the window's state: every five seconds, once the browser is idle
    await page.waitForTimeout(12_000);
    // without a file to open, so that what was open is opened again
    await page.goto(workbenchUrl(editor, workspace.folder, []));
    await page.locator('.monaco-workbench .part.statusbar').waitFor();
    await frame.locator('#says', { hasText: 'while nobody has taken it over' }).waitFor();
    await eventually(page, 'filtered again', async () => {
      assert.deepEqual(await frame.locator('thead th .text').allInnerTexts(), ['app', 'laptop']);
    });
    await frame.locator('#filter').fill('');
    await frame.locator('[data-value="picture"]').click();
    await frame.locator('[data-node]', { hasText: 'laptop' }).click();
    await frame.locator('path.reach').waitFor();
    await screenshot(page, 'picture');
    await frame.locator('[data-value="matrix"]').click();
    await frame.locator('[data-value="blast-radius"]').click();
  });

  test('widened to /24, the laptop is told to send as 251 more, in the lens, the matrix and the view of changes', { timeout }, async () => {
    const { page } = workbench;
    await openFile(page, hub);
    await typeOver(page, '10.10.0.7/32', '10.10.0.7/24');
    // of what is half typed the lens tells something else
    assert.equal(
      await lens(page, 'laptop may now send as 251 more addresses'),
      'Unsaved: + nothing · − nothing · laptop may now send as 251 more addresses, 1 in use',
    );
    await lens(page, 'may send as 252 addresses, 2 in use');
    await screenshot(page, 'widened');
    await command(page, 'Mesh Warden: Show What This Edit Changes');
    const changes = page.locator('.pane', { has: page.locator('.pane-header', { hasText: 'What Edits Change' }) });
    await changes.locator('.monaco-list-row', { hasText: 'laptop may now send as 251 more addresses' }).first().waitFor();
    await screenshot(page, 'changes');
    await save(page, path.join(workspace.folder, hub), '10.10.0.7/24');
    await lens(page, 'Since the last commit: + nothing · − nothing · laptop may now send as 251 more addresses');
  });

  test('the mesh is a tree of hosts, with what each reaches', { timeout }, async () => {
    const { page } = workbench;
    const mesh = page.locator('.pane', { has: page.locator('.pane-header', { hasText: /^Mesh/ }) });
    await mesh.locator('.monaco-list-row', { hasText: 'reaches 1 · reachable from 1' }).first().waitFor();
    assert.equal(await mesh.locator('.monaco-list-row').count(), 6);
  });

  test('a packet is traced by what one types, and its hops open their lines', { timeout }, async () => {
    const { page } = workbench;
    await askingCommand(page, 'Mesh Warden: Trace a Packet', 'Trace a Packet (1/4)');
    await answer(page, 'Trace a Packet (1/4)', 'laptop');
    await answer(page, 'Trace a Packet (2/4)', 'database');
    await answer(page, 'Trace a Packet (3/4)', 'tcp/5432');
    await answer(page, 'Trace a Packet (4/4)', 'Access');
    const traces = page.locator('.pane', { has: page.locator('.pane-header', { hasText: 'Packet Traces' }) });
    await traces.locator('.monaco-list-row', { hasText: 'laptop → database tcp/5432' }).first().waitFor();
    const last = traces.locator('.monaco-list-row', { hasText: 'laptop has no route' }).first();
    await last.waitFor();
    await screenshot(page, 'trace');
  });

  test('is exported as a table that grants can be written from', { timeout }, async () => {
    const { page } = workbench;
    await askingCommand(page, 'Mesh Warden: Export Access Matrix', 'Export Access Matrix (1/2)');
    await answer(page, 'Export Access Matrix (1/2)', 'Markdown table');
    await answer(page, 'Export Access Matrix (2/2)', 'Access');
    await lineWith(page, '| laptop | tcp:443 |').waitFor();
  });

  test('nothing outside this machine was asked for', () => {
    assert.deepEqual(workbench.refused, []);
  });
});
