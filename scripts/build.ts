// Writes dist/: the extension (desktop, browser), the server (Node, worker), the command line, and the core that servers and command line
// share. Needs no network.
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

const server = path.join(root, 'server/src');

/**
 * The rooms that stand in the bundles themselves; what lies left of them is in the core, which runs anywhere. Only the servers have the
 * features, only those in Node its files.
 */
const outermost = ['features', 'host', 'lsp', 'cli'] as const;

/** What the core is called where there are no modules. */
const CORE = 'meshwardenCore';

/** The modules that these rooms take from the others: what the core must offer. */
const offered: readonly string[] = [...new Set(outermost.flatMap(importsOf))].sort();

function importsOf(room: string): readonly string[] {
  const files = readdirSync(path.join(server, room), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  return files.flatMap((name) => {
    const file = path.join(server, room, name);
    return [...readFileSync(file, 'utf8').matchAll(/^(?:import|export) (?!type )[^']*'(\.[^']+\.ts)';$/gms)].flatMap(([, wanted = '']) => {
      const module = path
        .relative(server, path.resolve(path.dirname(file), wanted))
        .split(path.sep)
        .join('/');
      return outermost.some((one) => module.startsWith(`${one}/`)) ? [] : [module];
    });
  });
}

/** Takes what is not of the outermost rooms from the core, `core` being an expression for it, so that it is not packed twice. */
const byCore = (core: string): Plugin => ({
  name: 'by core',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\.?\// }, ({ path: wanted, importer, resolveDir }) => {
      const module = path.relative(server, path.resolve(resolveDir, wanted)).split(path.sep).join('/');
      if (module === 'lsp/node.ts' && importer.startsWith(path.join(server, 'cli'))) return { path: './server.js', external: true };
      const isOuter = outermost.some((room) => importer.startsWith(path.join(server, room) + path.sep));
      return isOuter && offered.includes(module) ? { path: module, namespace: 'core' } : undefined;
    });
    onLoad({ filter: /.*/, namespace: 'core' }, ({ path: module }) => ({
      contents: `module.exports = ${core}.m${offered.indexOf(module)}`,
      loader: 'js',
    }));
  },
});
const byModule = byCore("require('./core.js')");

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
  // the access matrix' page: what runs in it, and its styles
  {
    ...forBrowser,
    format: 'iife',
    target: ['chrome124', 'safari16.4', 'firefox115'],
    entryPoints: ['client/webview/dom/main.ts'],
    outfile: 'dist/page.js',
  },
  { ...common, target: ['chrome124', 'safari16.4', 'firefox115'], entryPoints: ['client/webview/page.css'], outfile: 'dist/page.css' },
  {
    ...forBrowser,
    format: 'iife',
    globalName: CORE,
    footer: { js: `typeof module==="object"&&(module.exports=${CORE});` },
    stdin: {
      contents: offered.map((module, i) => `export * as m${i} from './${module}';`).join('\n'),
      resolveDir: server,
      sourcefile: 'core.ts',
    },
    outfile: 'dist/core.js',
  },
  {
    ...forNode,
    entryPoints: ['server/src/lsp/node.ts'],
    outfile: 'dist/server.js',
    plugins: [byModule],
    external: ['./core.js'],
  },
  // its worker loads the core first
  {
    ...forBrowser,
    format: 'iife',
    entryPoints: ['server/src/lsp/worker.ts'],
    outfile: 'dist/server-worker.js',
    plugins: [byCore(`globalThis.${CORE}`)],
  },
  {
    ...forNode,
    entryPoints: ['server/src/cli/main.ts'],
    outfile: 'dist/cli.js',
    plugins: [byModule],
    external: ['./core.js'],
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
