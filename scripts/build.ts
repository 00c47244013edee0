// Writes dist/: the extension (desktop, browser), the server (Node, worker) and the command line. Needs no network.
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';

export const root = path.resolve(import.meta.dirname, '..');

/** Of the manifest only the version is asked for, and the bundler cannot know. */
const versionOnly: Plugin = {
  name: 'version only',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]package\.json$/ }, ({ path: file }) =>
      file === path.join(root, 'package.json')
        ? { contents: JSON.stringify({ version: JSON.parse(readFileSync(file, 'utf8')).version }), loader: 'json' }
        : undefined,
    );
  },
};

/**
 * Leaves the rules' documentation out: a third of the server, read by `npm run generate` and the tests alone. It stands in each rule as
 * `docs: {` … `},`, the ends indented alike, since the formatter writes it so.
 */
const withoutRuleDocs: Plugin = {
  name: 'without rule docs',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]server[\\/]src[\\/]rules[\\/].*\.ts$/ }, ({ path: file }) => ({
      contents: readFileSync(file, 'utf8').replace(/^( +)docs: \{\n[\s\S]*?^\1\},\n/gm, ''),
      loader: 'ts',
    }));
  },
};

const common: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  legalComments: 'none',
  charset: 'utf8',
  logLevel: 'warning',
  plugins: [versionOnly, withoutRuleDocs],
  // the oldest editor we support (VS Code 1.91) brings Node 20.9 and Chromium 124
  target: ['node20.9', 'chrome124', 'safari16.4', 'firefox115'],
};
// jsonc-parser's `main` asks for its parts at run time, which no bundle can hold; its `module` imports them
const forNode: BuildOptions = { ...common, platform: 'node', format: 'cjs', target: 'node20.9', mainFields: ['module', 'main'] };
const forBrowser: BuildOptions = { ...common, platform: 'browser', mainFields: ['browser', 'module', 'main'] };

export const bundles: readonly BuildOptions[] = [
  { ...forNode, entryPoints: ['client/src/extension.ts'], outfile: 'dist/extension.js', external: ['vscode'] },
  { ...forBrowser, format: 'cjs', entryPoints: ['client/src/browser.ts'], outfile: 'dist/browser.js', external: ['vscode'] },
  { ...forNode, entryPoints: ['server/src/lsp/node.ts'], outfile: 'dist/server.js' },
  { ...forBrowser, format: 'iife', entryPoints: ['server/src/lsp/worker.ts'], outfile: 'dist/server-worker.js' },
  {
    ...forNode,
    entryPoints: ['server/src/cli/main.ts'],
    outfile: 'dist/cli.js',
    external: ['./server.js'],
    banner: { js: '#!/usr/bin/env node' },
  },
];

/** Builds every bundle into dist/ and returns each file's size in bytes. Rejects with esbuild's own messages. */
export async function buildAll(): Promise<ReadonlyMap<string, number>> {
  const dist = path.join(root, 'dist');
  mkdirSync(dist, { recursive: true });
  // written over, not wiped first: an editor or a test may be reading it
  const ours = new Set(['package.json', ...bundles.map(({ outfile }) => path.basename(String(outfile)))]);
  for (const file of readdirSync(dist)) if (!ours.has(file)) rmSync(path.join(dist, file), { recursive: true, force: true });
  // the bundles are CommonJS, which VS Code 1.91 needs, whatever a package.json above them says
  writeFileSync(path.join(root, 'dist/package.json'), '{ "type": "commonjs" }\n');
  await Promise.all(bundles.map((options) => build(options)));
  return new Map(bundles.map(({ outfile }) => [String(outfile), statSync(path.join(root, String(outfile))).size]));
}

if (process.argv[1] === import.meta.filename) {
  const sizes = await buildAll();
  for (const [file, bytes] of sizes) console.log(`${file.padEnd(24)} ${(bytes / 1024).toFixed(0).padStart(5)} KB`);
}
