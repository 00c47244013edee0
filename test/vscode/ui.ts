// What a person does and sees in VS Code, as functions on its page. A gesture can be lost while VS Code is busy, so each is repeated
// until its effect shows.
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../scripts/build.ts';
import { type Browser, type Locator, launchBrowser, type Page } from '../../scripts/editor/browser.ts';
import { type Editor, remoteUri, workbenchUrl } from '../../scripts/editor/server.ts';

const screenshots = path.join(root, 'out/screenshots');

export interface Workbench {
  readonly page: Page;
  /** Addresses outside this machine that the editor asked for. */
  readonly refused: readonly string[];
  readonly close: () => Promise<void>;
}

/** Opens `folder` with `file` of it in the editor, and waits until its text shows. `editor` must have the test driver. */
export async function openWorkbench(editor: Editor, folder: string, file: string): Promise<Workbench> {
  const browser: Browser = await launchBrowser();
  const { page, refused, close } = browser;
  try {
    page.setDefaultTimeout(60_000);
    await page.goto(workbenchUrl(editor, folder, [['openFile', remoteUri(editor, path.join(folder, file))]]));
    await page.waitForFunction('globalThis.driver');
    await page.evaluate('globalThis.driver.whenWorkbenchRestored()');
    await page.locator('.monaco-editor .view-line').first().waitFor();
    return { page, refused, close };
  } catch (error) {
    await screenshot(page, 'FAILED-open');
    await close();
    throw error;
  }
}

/** Keeps a picture of the page in out/screenshots/NAME.png, for people. */
export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(screenshots, { recursive: true });
  await page.screenshot({ path: path.join(screenshots, `${name}.png`) });
}

/** Does `action` again until it no longer throws; keeps a picture where it never does. Give what waits in it a timeout of seconds. */
export async function eventually<T>(page: Page, name: string, action: () => Promise<T>, tries = 8): Promise<T> {
  for (let left = tries; ; left--) {
    try {
      return await action();
    } catch (error) {
      if (left <= 1) {
        await screenshot(page, `FAILED-${name.replaceAll(/\W+/g, '-')}`);
        throw error;
      }
      await page.keyboard.press('Escape');
      await page.mouse.move(700, 600);
      await page.waitForTimeout(250);
    }
  }
}

const soon = { timeout: 5000 } as const;

/** Runs the command that the palette calls `title`. */
export function command(page: Page, title: string): Promise<void> {
  return eventually(page, `command ${title}`, async () => {
    await page.keyboard.press('F1');
    const input = page.locator('.quick-input-widget:visible input[type="text"]');
    await input.waitFor(soon);
    await input.fill(`>${title}`);
    await page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first().click(soon);
    await page.locator('.quick-input-widget:visible').waitFor({ ...soon, state: 'detached' });
  });
}

/** Opens a file of the folder by its path in it. */
export function openFile(page: Page, file: string): Promise<void> {
  return eventually(page, `open ${file}`, async () => {
    await page.keyboard.press('Control+P');
    const input = page.locator('.quick-input-widget:visible input[type="text"]');
    await input.waitFor(soon);
    await input.fill(file);
    await page
      .locator('.quick-input-list .monaco-list-row', { hasText: path.basename(file) })
      .first()
      .click(soon);
    await page.locator('.tab.active', { hasText: path.basename(file) }).waitFor(soon);
    await page.locator('.editor-instance .monaco-editor .view-line').first().waitFor(soon);
  });
}

/** `text` as the editor draws it: spaces are no-break ones. */
function asDrawn(text: string): RegExp {
  return new RegExp(text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(' ', '[\\s\\u00a0]'));
}

/** The first line of the active editor that holds `text`. */
export function lineWith(page: Page, text: string): Locator {
  return page.locator('.editor-instance .monaco-editor .view-line', { hasText: asDrawn(text) }).first();
}

async function textOf(locator: Locator): Promise<string> {
  return (await locator.allInnerTexts()).join('\n').replaceAll('\u00a0', ' ');
}

/** Where `text` is drawn in the active editor, in pixels of the page. */
async function middleOf(page: Page, text: string): Promise<{ x: number; y: number }> {
  const line = lineWith(page, text);
  await line.waitFor(soon);
  // in the page, because only a range knows where a part of a line is drawn
  const box = await line.evaluate((element, wanted) => {
    const { document, NodeFilter } = element.ownerDocument.defaultView;
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    const nodes = [];
    while (walker.nextNode()) nodes.push(walker.currentNode);
    const whole = nodes.map((node) => node.data.replaceAll('\u00a0', ' ')).join('');
    let at = whole.indexOf(wanted) + Math.floor(wanted.length / 2);
    for (const node of nodes) {
      if (at < node.data.length) {
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + 1);
        const { x, y, width, height } = range.getBoundingClientRect();
        return { x: x + width / 2, y: y + height / 2 };
      }
      at -= node.data.length;
    }
    return undefined;
  }, text);
  if (!box) throw new Error(`${JSON.stringify(text)} is not drawn`);
  return box;
}

/** The text of the hover that shows where the pointer rests on `text`; waits until it holds `expected`. */
export function hoverOn(page: Page, text: string, expected: string): Promise<string> {
  return eventually(page, `hover ${text}`, async () => {
    const { x, y } = await middleOf(page, text);
    await page.mouse.move(x + 1, y + 1);
    await page.mouse.move(x, y);
    const hover = page.locator('.monaco-hover:visible', { hasText: expected }).first();
    await hover.waitFor(soon);
    return textOf(hover);
  });
}

/** How many squiggles of a severity are drawn in the active editor. */
export function squiggles(page: Page, severity: 'error' | 'warning' | 'info' | 'hint'): Promise<number> {
  return page.locator(`.editor-instance .monaco-editor .squiggly-${severity}`).count();
}

/** Opens the light bulb's menu on `text` and picks the fix that `title` begins. The file is not saved. */
export function applyFix(page: Page, text: string, title: string): Promise<void> {
  return eventually(page, `fix ${title}`, async () => {
    const { x, y } = await middleOf(page, text);
    await page.mouse.click(x, y);
    await page.locator('.monaco-editor .lightBulbWidget, .monaco-editor [class*="codicon-gutter-lightbulb"]').first().waitFor(soon);
    await page.keyboard.press('Control+.');
    const menu = page.locator('.action-widget:visible');
    await menu.locator('.action', { hasText: title }).first().click(soon);
    await menu.waitFor({ ...soon, state: 'detached' });
  });
}

/** Saves the active file, which is `file` on the disk, and waits until it holds `expected` there. Returns its text. */
export function save(page: Page, file: string, expected: string): Promise<string> {
  return eventually(page, 'save', async () => {
    await page.keyboard.press('Control+S');
    await page.locator('.tab.active.dirty').waitFor({ ...soon, state: 'detached' });
    const text = readFileSync(file, 'utf8');
    if (!text.includes(expected)) throw new Error(`${file} does not hold ${JSON.stringify(expected)} yet`);
    return text;
  });
}

/** The rows of the Problems panel, files and findings, once one of them holds `expected`. */
export function problems(page: Page, expected: string): Promise<readonly string[]> {
  return eventually(page, 'problems', async () => {
    const panel = page.locator('.markers-panel:visible');
    if ((await panel.count()) === 0) await command(page, 'View: Toggle Problems');
    await panel.locator('.monaco-list-row', { hasText: expected }).first().waitFor(soon);
    return panel.locator('.monaco-list-row').allInnerTexts();
  });
}

/** The words of the line that holds `text`, each with its colour as the page draws it: `rgb(…)`. */
export async function colours(page: Page, text: string): Promise<readonly { readonly text: string; readonly colour: string }[]> {
  const tokens = lineWith(page, text).locator('span > span');
  await tokens.first().waitFor();
  return tokens.evaluateAll((spans) =>
    spans.map((span) => ({
      text: span.textContent.replaceAll('\u00a0', ' '),
      colour: span.ownerDocument.defaultView.getComputedStyle(span).color,
    })),
  );
}

/** The text of the output channel `Mesh Warden`, once it holds `expected`. */
export function output(page: Page, expected: string): Promise<string> {
  return eventually(page, 'output', async () => {
    const lines = page.locator('.part.panel .monaco-editor:visible .view-lines');
    if ((await lines.count()) === 0) await command(page, 'Mesh Warden: Show Output');
    await lines
      .locator('.view-line', { hasText: asDrawn(expected) })
      .first()
      .waitFor(soon);
    return textOf(lines);
  });
}

/** What the language menu in the status bar says about Mesh Warden, once it holds `expected`. */
export function languageStatus(page: Page, expected: string): Promise<string> {
  return eventually(page, 'language status', async () => {
    await page.locator('#status\\.languageStatus').hover(soon);
    const status = page.locator('.hover-language-status:visible', { hasText: expected }).first();
    await status.waitFor(soon);
    return textOf(status);
  });
}
