// Runs the Mocha suite inside an extension host and brings back its exit code and its lines.
import { format } from 'node:util';
import { launchBrowser } from '../../scripts/editor/browser.ts';
import { remoteUri, startEditor, workbenchUrl } from '../../scripts/editor/server.ts';
import { startNewestWeb, startOldestWeb, type WebOptions } from './web.ts';

/** The workspace, the extension, and a suite for the host. */
export type SuiteOptions = WebOptions & { readonly suite: string };

export type Host = 'node' | 'web' | 'oldest web';

export interface SuiteRun {
  /** 0 where all tests passed, 1 where one failed, 'timeout' where the host never said. */
  readonly exitCode: number | 'timeout';
  /** All that the host printed; the suite's own lines begin with `[suite] `. */
  readonly lines: readonly string[];
  /** Addresses outside this machine that the editor asked for. All were refused. */
  readonly refused: readonly string[];
}

const longest = 240_000; // ms, for a busy machine

export async function runSuite(host: Host, options: SuiteOptions): Promise<SuiteRun> {
  if (host !== 'node') {
    const web = await (host === 'web' ? startNewestWeb(options) : startOldestWeb(options));
    return runPage(web.url).finally(web.stop);
  }
  const editor = await startEditor({ testDriver: true });
  const url = workbenchUrl(editor, options.folder, [
    ['extensionDevelopmentPath', remoteUri(editor, options.extension)],
    ['extensionTestsPath', remoteUri(editor, options.suite)],
    ['enableProposedApi', ''],
  ]);
  return runPage(url).finally(editor.stop);
}

/** Opens the workbench and waits until its extension host reports the end of the run. */
async function runPage(url: string): Promise<SuiteRun> {
  const browser = await launchBrowser();
  const lines: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  try {
    const exitCode = await new Promise<number | 'timeout'>((resolve, reject) => {
      timer = setTimeout(() => resolve('timeout'), longest);
      const { page } = browser;
      page
        .exposeFunction('codeAutomationLog', (_level: string, args: readonly unknown[]) => lines.push(...format(...args).split('\n')))
        .then(() => page.exposeFunction('codeAutomationExit', (code: number) => resolve(code)))
        .then(() => page.goto(url))
        .catch(reject);
    });
    return { exitCode, lines, refused: browser.refused };
  } finally {
    clearTimeout(timer);
    await browser.close();
  }
}
