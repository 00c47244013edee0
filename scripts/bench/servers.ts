// The servers that are measured: ours, the floor, and the peers from npm.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { bundles, root } from '../build.ts';

export interface Server {
  readonly name: string;
  readonly command: readonly string[];
  /** push: publishDiagnostics after a change. pull: the answer to textDocument/diagnostic, asked for right behind the change. */
  readonly model: 'push' | 'pull';
  /** Whether a push names the version it speaks of. */
  readonly versioned: boolean;
  /** What workspace/configuration answers, by section. */
  readonly settings: Readonly<Record<string, unknown>>;
}

const here = import.meta.dirname;
const out = path.join(here, 'out');
const peers = path.join(here, 'peers/node_modules');

function server(name: string, command: readonly string[], model: Server['model'], more: Partial<Server> = {}): Server {
  return { name, command: [process.execPath, ...command, '--stdio'], model, versioned: model === 'push', settings: {}, ...more };
}

/**
 * The server bundle as `npm run build` makes it, but in a folder of its own: another build of dist/ must not change it between two
 * rounds. `file` takes an existing bundle instead.
 */
export async function ownServer(file: string | undefined): Promise<Server> {
  if (file !== undefined) return server('mesh-warden', [path.resolve(file)], 'push');
  mkdirSync(out, { recursive: true });
  writeFileSync(path.join(out, 'package.json'), '{ "type": "commonjs" }\n');
  for (const name of ['core.js', 'server.js']) {
    const bundle = bundles.find(({ outfile }) => outfile === `dist/${name}`);
    if (!bundle) throw new Error(`scripts/build.ts makes no dist/${name} any more`);
    await build({ ...bundle, outfile: path.join(out, name) });
  }
  return server('mesh-warden', [path.join(out, 'server.js')], 'push');
}

/** The least that a server written with vscode-languageserver can cost: see floor.ts. */
export async function floorServer(): Promise<Server> {
  const outfile = path.join(out, 'floor.cjs');
  await build({
    absWorkingDir: root,
    entryPoints: [path.join(here, 'floor.ts')],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20.9',
    logLevel: 'warning',
  });
  return server('floor', [outfile], 'push');
}

const extracted = (name: string): string => path.join(peers, 'vscode-langservers-extracted/bin', name);

export const jsonServer = (): Server => server('vscode-json', [extracted('vscode-json-language-server')], 'pull');

/** It fails on settings of null. */
export const cssServer = (): Server => server('vscode-css', [extracted('vscode-css-language-server')], 'pull', { settings: { css: {} } });

/** Its pushes carry no version, and wait 200 ms after the last change. The schema store would ask the network. */
export const yamlServer = (): Server =>
  server('yaml-language-server', [path.join(peers, 'yaml-language-server/bin/yaml-language-server')], 'push', {
    versioned: false,
    settings: { yaml: { validate: true, schemaStore: { enable: false }, kubernetesCRDStore: { enable: false } } },
  });
