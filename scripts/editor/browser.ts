// Debian's Chromium, driven by Playwright: a new profile each time, and no address but this machine's own.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { chromiumPath, debianMend } from './tools.ts';

export type { FrameLocator, Locator, Page } from 'playwright-core';

export interface Browser {
  readonly page: Page;
  /** Addresses outside this machine that something on the page asked for: a test fails for any. Requests to them are refused. */
  readonly refused: readonly string[];
  readonly close: () => Promise<void>;
}

export interface Size {
  /** In CSS pixels. */
  readonly width: number;
  readonly height: number;
  /** Pixels of a picture for each of them. */
  readonly scale?: number;
}

export async function launchBrowser({ width, height, scale = 1 }: Size = { width: 1280, height: 800 }): Promise<Browser> {
  const executablePath = chromiumPath();
  if (!executablePath) throw new Error(`No Chromium on PATH. Mend: ${debianMend(['chromium', 'fonts-dejavu-core'])}`);
  const dir = mkdtempSync(path.join(os.tmpdir(), 'meshwarden-chromium-'));
  const remove = (): void => rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  try {
    const context = await chromium.launchPersistentContext(dir, {
      executablePath,
      headless: true,
      viewport: { width, height },
      deviceScaleFactor: scale,
      locale: 'en-US',
      timezoneId: 'UTC',
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    const refused: string[] = [];
    await context.route(
      (url) => /^https?:$/.test(url.protocol) && !isOwn(url.hostname),
      (route) => {
        refused.push(route.request().url());
        return route.abort();
      },
    );
    const page = context.pages()[0] ?? (await context.newPage());
    // a socket is no request, and is told only
    page.on('websocket', (socket) => {
      if (!isOwn(new URL(socket.url()).hostname)) refused.push(socket.url());
    });
    return {
      page,
      refused,
      close: async () => {
        await context.close();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

function isOwn(hostname: string): boolean {
  return hostname === '127.0.0.1' || hostname === 'localhost' || hostname.endsWith('.localhost');
}
