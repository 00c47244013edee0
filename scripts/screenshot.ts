// `npm run screenshot`: makes client/media/screenshot.png, the README's picture: the extension at work on examples/flat-mesh.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { command, eventually, lightBulb, openWorkbench, squiggleUnder } from '../test/vscode/ui.ts';
import { copyOf, flatMesh } from '../test/vscode/workspace.ts';
import { buildAll, root } from './build.ts';
import type { Page } from './editor/browser.ts';
import { startEditor } from './editor/server.ts';
import { setUpEditor } from './editor/setup.ts';
import { indexedPng, type Pixels } from './indexed-png.ts';
import { pack } from './package.ts';

const target = path.join(root, 'client/media/screenshot.png');
const hub = 'hub/etc/wireguard/wg0.conf';
const size = { width: 1280, height: 800, scale: 1.25 }; // 1600 by 1000 pixels

const settings = {
  'workbench.colorTheme': 'Default Dark Modern',
  'window.autoDetectColorScheme': false,
  'workbench.layoutControl.enabled': false,
  'breadcrumbs.enabled': false,
  'editor.occurrencesHighlight': 'off',
};
const mostBytes = 250_000;

async function take(): Promise<Pixels> {
  const packed = mkdtempSync(path.join(os.tmpdir(), 'meshwarden-picture-'));
  const workspace = copyOf(flatMesh);
  try {
    const vsix = path.join(packed, 'meshwarden.vsix');
    await pack(vsix);
    const editor = await startEditor({ vsix, testDriver: true, settings });
    try {
      const { page, close } = await openWorkbench(editor, workspace.folder, hub, size);
      try {
        await squiggleUnder(page, '10.0.0.0/24', 'error');
        await arrange(page);
        return await pixelsOf(page, await page.screenshot());
      } finally {
        await close();
      }
    } finally {
      await editor.stop();
    }
  } finally {
    workspace.remove();
    rmSync(packed, { recursive: true, force: true });
  }
}

/** The Problems below, those of a file that is not open unfolded, and on a prefix the menu of its fixes. */
async function arrange(page: Page): Promise<void> {
  const soon = { timeout: 5000 };
  await command(page, 'View: Toggle Problems');
  await page.mouse.move(350, 400); // the line between the side bar and the editor
  await page.mouse.down();
  await page.mouse.move(230, 400, { steps: 5 });
  await page.mouse.up();
  const file = page.locator('.markers-panel .monaco-list-row[aria-level="1"]', { hasText: 'app-1/etc/wireguard' });
  await eventually(page, 'unfold', async () => {
    await page.locator('.part.panel .action-label[aria-label="Collapse All"]').first().click(soon);
    await file.locator('.monaco-tl-twistie').click(soon);
    await page.locator('.markers-panel .monaco-list-row[aria-level="2"]').nth(2).waitFor(soon);
  });
  await lightBulb(page, '10.0.0.0/24', 'Narrow to 10.0.0.5/32');
  await page.mouse.move(size.width - 200, 40); // off everything that would show something of its own
  await page.waitForTimeout(1000); // until what was pointed at has faded
}

/** The pixels of a PNG, decoded by the browser. */
async function pixelsOf(page: Page, png: Buffer): Promise<Pixels> {
  // as text, because the page's own bytes come back as an object of numbers
  const { width, height, data } = await page.evaluate(async (encoded) => {
    const { createImageBitmap, Blob, OffscreenCanvas } = Object(globalThis);
    const bytes = Uint8Array.from(atob(encoded), (letter: string) => letter.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
    context.drawImage(image, 0, 0);
    const { data: raw } = context.getImageData(0, 0, image.width, image.height);
    let text = '';
    for (let i = 0; i < raw.length; i += 32_768) text += String.fromCharCode(...raw.subarray(i, i + 32_768));
    return { width: Number(image.width), height: Number(image.height), data: String(btoa(text)) };
  }, png.toString('base64'));
  return { width, height, data: Buffer.from(data, 'base64') };
}

await setUpEditor();
await buildAll();
const picture = indexedPng(await take());
writeFileSync(target, picture);
console.log(`${path.relative(root, target)}: ${Math.ceil(picture.length / 1000)} KB of at most ${mostBytes / 1000} KB`);
if (picture.length > mostBytes) process.exitCode = 1;
