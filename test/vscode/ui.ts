// What a person does and sees in VS Code, as functions on its page. A gesture can be lost while VS Code is busy, so each is repeated
// until its effect shows.
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../scripts/build.ts';
import { type Browser, type FrameLocator, type Locator, launchBrowser, type Page, type Size } from '../../scripts/editor/browser.ts';
import { type Editor, remoteUri, workbenchUrl } from '../../scripts/editor/server.ts';
import type { WebEditor } from './web.ts';

const screenshots = path.join(root, 'out/screenshots');

export interface Workbench {
  readonly page: Page;
  /** Addresses outside this machine that the editor asked for. */
  readonly refused: readonly string[];
  readonly close: () => Promise<void>;
}

/** Opens `folder` with `file` of it in the editor, and waits until its text shows. `editor` must have the test driver. */
export function openWorkbench(editor: Editor, folder: string, file: string, size?: Size): Promise<Workbench> {
  const url = workbenchUrl(editor, folder, [['openFile', remoteUri(editor, path.join(folder, file))]]);
  return openPage(url, size, async (page) => {
    await page.waitForFunction('globalThis.driver');
    await page.evaluate('globalThis.driver.whenWorkbenchRestored()');
    await page.locator('.monaco-editor .view-line').first().waitFor();
  });
}

/** Opens `file` in a VS Code with no server behind it, and waits until its text shows. */
export function openWebWorkbench({ url }: WebEditor, file: string): Promise<Workbench> {
  return openPage(url, undefined, async (page) => {
    await page.locator('.monaco-workbench .part.statusbar').waitFor();
    await openFile(page, file);
  });
}

async function openPage(url: string, size: Size | undefined, ready: (page: Page) => Promise<void>): Promise<Workbench> {
  const { page, refused, close }: Browser = await launchBrowser(size);
  try {
    page.setDefaultTimeout(60_000);
    await page.goto(url);
    await ready(page);
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
    await pickCommand(page, title);
    await page.locator('.quick-input-widget:visible').waitFor({ ...soon, state: 'detached' });
  });
}

/** The same of a command that asks something at once, under a title that holds `asks`. */
export function askingCommand(page: Page, title: string, asks: string): Promise<void> {
  return eventually(page, `command ${title}`, async () => {
    await pickCommand(page, title);
    await page.locator('.quick-input-title:visible', { hasText: asks }).waitFor(soon);
  });
}

async function pickCommand(page: Page, title: string): Promise<void> {
  await page.keyboard.press('F1');
  const input = page.locator('.quick-input-widget:visible input[type="text"]');
  await input.waitFor(soon);
  await input.fill(`>${title}`, soon);
  await page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first().click(soon);
}

/** Opens a file of the folder by its path in it. */
export function openFile(page: Page, file: string): Promise<void> {
  return eventually(page, `open ${file}`, async () => {
    await page.keyboard.press('Control+P');
    const input = page.locator('.quick-input-widget:visible input[type="text"]');
    await input.waitFor(soon);
    await input.fill(file, soon);
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

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where `text` is drawn in the active editor, in pixels of the page. It must stand in one line. */
async function boxOf(page: Page, text: string): Promise<Box> {
  const line = lineWith(page, text);
  await line.waitFor(soon);
  // in the page, because only a range knows where a part of a line is drawn
  const box = await line.evaluate((element, wanted) => {
    const { document, NodeFilter } = element.ownerDocument.defaultView;
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    const nodes = [];
    while (walker.nextNode()) nodes.push(walker.currentNode);
    const whole = nodes.map((node) => node.data.replaceAll('\u00a0', ' ')).join('');
    const range = document.createRange();
    const from = whole.indexOf(wanted);
    let at = 0;
    for (const node of nodes) {
      const end = at + node.data.length;
      if (at <= from && from < end) range.setStart(node, from - at);
      if (at < from + wanted.length && from + wanted.length <= end) range.setEnd(node, from + wanted.length - at);
      at = end;
    }
    const { x, y, width, height } = range.getBoundingClientRect();
    return { x, y, width, height };
  }, text);
  if (box.width === 0) throw new Error(`${JSON.stringify(text)} is not drawn`);
  return box;
}

async function middleOf(page: Page, text: string): Promise<{ readonly x: number; readonly y: number }> {
  const { x, y, width, height } = await boxOf(page, text);
  return { x: x + width / 2, y: y + height / 2 };
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

export type Squiggle = 'error' | 'warning' | 'info' | 'hint';

/** Waits until a squiggle of that severity is drawn under `text`, from its beginning to its end. */
export function squiggleUnder(page: Page, text: string, severity: Squiggle): Promise<void> {
  return eventually(page, `squiggle ${severity} ${text}`, async () => {
    const under = await boxOf(page, text);
    const squiggles = page.locator(`.editor-instance .monaco-editor .squiggly-${severity}`);
    await squiggles.first().waitFor(soon);
    const boxes = await squiggles.evaluateAll((elements) =>
      elements.map((element) => {
        const { x, y, width, height } = element.getBoundingClientRect();
        return { x, y, width, height };
      }),
    );
    const near = (a: number, b: number): boolean => Math.abs(a - b) <= 3; // pixels
    const isUnder = ({ x, y, width }: Box): boolean => near(x, under.x) && near(width, under.width) && near(y, under.y);
    if (!boxes.some(isUnder)) throw new Error(`no ${severity} squiggle under ${text}: ${JSON.stringify({ under, boxes })}`);
  });
}

/** Opens the light bulb's menu on `text`, and waits until a fix that holds `title` is in it. */
export function lightBulb(page: Page, text: string, title: string): Promise<Locator> {
  return eventually(page, `light bulb ${title}`, async () => {
    const { x, y } = await middleOf(page, text);
    await page.mouse.click(x, y);
    await page.locator('.monaco-editor .lightBulbWidget, .monaco-editor [class*="codicon-gutter-lightbulb"]').first().waitFor(soon);
    await page.keyboard.press('Control+.');
    const fix = page.locator('.action-widget:visible .action', { hasText: title }).first();
    await fix.waitFor(soon);
    return fix;
  });
}

/** Picks the fix that holds `title` from the light bulb's menu on `text`. The file is not saved. */
export function applyFix(page: Page, text: string, title: string): Promise<void> {
  return eventually(page, `fix ${title}`, async () => {
    const fix = await lightBulb(page, text, title);
    await fix.hover({ ...soon, force: true }); // until the pointer moves, 1.91 lets no click through to a menu that just came
    await fix.click(soon);
    await page.locator('.action-widget:visible').waitFor({ ...soon, state: 'detached' });
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

/** How many problems each file has by the Problems panel, the file by its folder's path: once `files` of them are listed. */
export async function problemsByFile(page: Page, files: number): Promise<ReadonlyMap<string, number>> {
  const panel = page.locator('.markers-panel:visible');
  if ((await panel.count()) === 0) await command(page, 'View: Toggle Problems');
  await command(page, 'View: Toggle Maximized Panel'); // only rows that show are in the page
  try {
    return await eventually(page, 'problems', async () => {
      await page.locator('.part.panel .action-label[aria-label="Collapse All"]').first().click(soon);
      const rows = panel.locator('.monaco-list-row[aria-level="1"]');
      const labels = await rows.evaluateAll((elements) => elements.map((element) => element.getAttribute('aria-label') ?? ''));
      const counts = labels.flatMap((label) => {
        const [, count, name, folder] = /^(\d+) problems? in file (\S+) of folder (\S+)/.exec(label) ?? [];
        return folder ? [[`${folder}/${name}`, Number(count)] as const] : [];
      });
      if (counts.length !== files) throw new Error(`not ${files} files: ${labels.join(', ')}`);
      return new Map(counts);
    });
  } finally {
    await screenshot(page, 'problems');
    await command(page, 'View: Toggle Maximized Panel');
    await command(page, 'View: Toggle Problems');
  }
}

/** The status bar's count of problems, of all files: errors, warnings and informations, once it is `expected`. */
export function problemCounts(page: Page, expected: string): Promise<void> {
  return eventually(page, 'problem counts', () => page.locator(`#status\\.problems[aria-label="${expected}"]`).waitFor(soon));
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

/** What the editor says at the cursor when nothing can be done, once it holds `expected`, after `title` was asked for on `text`. */
export function messageAfter(page: Page, text: string, title: string, expected: string): Promise<string> {
  return eventually(page, `message ${title}`, async () => {
    const { x, y } = await middleOf(page, text);
    await page.mouse.click(x, y);
    await command(page, title);
    const message = page.locator('.monaco-editor-overlaymessage', { hasText: expected }).first();
    await message.waitFor(soon);
    return textOf(message);
  });
}

/** Opens the list of notifications, and waits until one holds `expected`. The test driver keeps them from showing by themselves. */
export function notification(page: Page, expected: string): Promise<void> {
  return eventually(page, `notification ${expected}`, async () => {
    const center = page.locator('.notifications-center:visible');
    if ((await center.count()) === 0) await command(page, 'Notifications: Show Notifications');
    await center.locator('.notification-list-item', { hasText: expected }).first().waitFor(soon);
  });
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

/** The page of the webview that shows, once it is drawn. */
export function webview(page: Page): FrameLocator {
  return page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
}

/** Waits until a code lens that holds `text` is drawn in the active editor, and returns its whole text. */
export function lens(page: Page, text: string): Promise<string> {
  return eventually(page, `lens ${text}`, async () => {
    const found = page.locator('.editor-instance .codelens-decoration', { hasText: asDrawn(text) }).first();
    await found.waitFor({ timeout: 15_000 });
    return textOf(found);
  });
}

/** Waits until the cursor of the active editor is in that line of `file`. */
export function cursorAt(page: Page, file: string, line: number): Promise<void> {
  return eventually(page, `cursor at ${file}:${line}`, async () => {
    await page
      .locator('.tab.active', { hasText: path.basename(file) })
      .first()
      .waitFor(soon);
    await page.locator('#status\\.editor\\.selection', { hasText: `Ln ${line},` }).waitFor(soon);
  });
}

/** Answers the quick inputs of a command, one after the other: each a text to type and, where a list shows, the row to take. */
export async function answer(page: Page, title: string, text: string): Promise<void> {
  const input = page.locator('.quick-input-widget:visible');
  await input.locator('.quick-input-title', { hasText: title }).waitFor();
  const rows = input.locator('.monaco-list-row');
  await input.locator('input[type="text"]').fill(text);
  if ((await rows.count()) > 0) await rows.filter({ hasText: text }).first().click();
  else await page.keyboard.press('Enter');
  await input.locator('.quick-input-title', { hasText: title }).waitFor({ state: 'detached' });
}

/** Types over `text`, which stands in one line of the active editor. */
export async function typeOver(page: Page, text: string, instead: string): Promise<void> {
  const { x, y, width, height } = await boxOf(page, text);
  await page.mouse.click(x + width - 1, y + height / 2);
  await page.keyboard.press('End');
  for (let i = 0; i < text.length; i++) await page.keyboard.press('Backspace');
  await page.keyboard.type(instead);
}
