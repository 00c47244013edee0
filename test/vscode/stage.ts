// The extension as it would be packed now, in a folder of its own under out/: tests do not touch dist/, and a build does not touch them.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { bundles, root } from '../../scripts/build.ts';

export interface Stage {
  readonly root: string;
  /** The Mocha suite's bundles; both are inside `root`, because a web host is given nothing else. */
  readonly suite: { readonly node: string; readonly web: string };
  readonly remove: () => void;
}

const leftOut = /^(\.git|node_modules|out|dist|.*\.vsix)$/;

/** Copies the project, without what is installed or built, and builds the bundles and the suite there. */
export async function stageExtension(): Promise<Stage> {
  mkdirSync(path.join(root, 'out'), { recursive: true });
  const folder = mkdtempSync(path.join(root, 'out/stage-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  process.once('exit', remove);
  for (const name of readdirSync(root)) {
    if (leftOut.test(name)) continue;
    cpSync(path.join(root, name), path.join(folder, name), { recursive: true, filter: (from) => !leftOut.test(path.basename(from)) });
  }
  const suite = { node: path.join(folder, 'out/suite/node.js'), web: path.join(folder, 'out/suite/web.js') };
  for (const commonjs of ['dist', 'out']) {
    mkdirSync(path.join(folder, commonjs));
    writeFileSync(path.join(folder, commonjs, 'package.json'), '{ "type": "commonjs" }\n');
  }
  const doors = path.join(import.meta.dirname, 'suite');
  await Promise.all([
    ...bundles.map((options) => build({ ...options, outfile: path.join(folder, String(options.outfile)) })),
    build({
      ...{ bundle: true, platform: 'node', format: 'cjs', target: 'node20.9', external: ['vscode', 'mocha'], logLevel: 'warning' },
      entryPoints: [path.join(doors, 'index-node.ts')],
      outfile: suite.node,
    }),
    build({
      ...{ bundle: true, platform: 'browser', format: 'cjs', target: 'chrome124', external: ['vscode'], logLevel: 'warning' },
      define: { global: 'globalThis' },
      entryPoints: [path.join(doors, 'index-web.ts')],
      outfile: suite.web,
    }),
  ]);
  return { root: folder, suite, remove };
}

/** Lends the stage what is installed, so that the project's own scripts run in it. */
export function linkModules(stage: Stage): void {
  for (const folder of ['node_modules', 'scripts/editor/node_modules']) {
    if (existsSync(path.join(root, folder))) symlinkSync(path.join(root, folder), path.join(stage.root, folder), 'dir');
  }
}
