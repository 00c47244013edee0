// What a person downloads: exactly these files, and not too large.
import assert from 'node:assert/strict';
import { globSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { root } from '../../scripts/build.ts';
import { limits, pack, packedFiles } from '../../scripts/package.ts';
import { type Stage, stageExtension } from './stage.ts';

/** The example that the walkthrough opens a copy of. */
const exampleFiles = globSync('examples/flat-mesh/**/*.{conf,jsonc}', { cwd: root })
  .map((file) => file.split(path.sep).join('/'))
  .sort();

const expected = [
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'client/media/icon.png',
  'client/media/screenshot.png',
  'client/media/view.svg',
  'client/media/walkthrough/findings.md',
  'client/media/walkthrough/matrix.md',
  'client/media/walkthrough/open.md',
  'client/media/walkthrough/trace.md',
  'dist/browser.js',
  'dist/cli.js',
  'dist/core.js',
  'dist/extension.js',
  'dist/package.json',
  'dist/page.css',
  'dist/page.js',
  'dist/server-worker.js',
  'dist/server.js',
  ...exampleFiles,
  'package.json',
  'schemas/meshwarden.schema.json',
  'snippets/nftables.json',
  'snippets/wireguard-networkd.json',
  'snippets/wireguard-networkmanager.json',
  'snippets/wireguard.json',
  'syntaxes/nftables.language-configuration.json',
  'syntaxes/nftables.tmLanguage.json',
  'syntaxes/wireguard-networkd.language-configuration.json',
  'syntaxes/wireguard-networkd.tmLanguage.json',
  'syntaxes/wireguard-networkmanager.language-configuration.json',
  'syntaxes/wireguard-networkmanager.tmLanguage.json',
  'syntaxes/wireguard.language-configuration.json',
  'syntaxes/wireguard.tmLanguage.json',
];

describe('the packed extension', () => {
  let stage: Stage;

  before(
    async () => {
      stage = await stageExtension();
    },
    { timeout: 120_000 },
  );
  after(() => stage?.remove());

  test('holds exactly what it needs', { timeout: 60_000 }, async () => {
    assert.deepEqual(await packedFiles(stage.root), expected);
  });

  test('holds the pictures that its README shows', () => {
    const readme = readFileSync(path.join(stage.root, 'README.md'), 'utf8');
    const shown = [...readme.matchAll(/!\[[^\]]*\]\(([^)\s]+)|<img[^>]*\ssrc="([^"]+)"/g)].map(([, a, b]) => a ?? b ?? '');
    assert.ok(shown.includes('client/media/screenshot.png'), `the README shows ${shown}`);
    assert.deepEqual(
      shown.filter((picture) => !expected.includes(picture)),
      [],
    );
  });

  test('keeps to its size', { timeout: 60_000 }, async (t) => {
    const vsix = await pack(path.join(stage.root, 'out/meshwarden.vsix'), stage.root);
    const [core, server] = ['core', 'server'].map((name) => statSync(path.join(stage.root, `dist/${name}.js`)).size);
    t.diagnostic(`vsix ${vsix} bytes, core ${core} bytes, server ${server} bytes`);
    assert.ok(vsix <= limits.vsix, `the vsix has ${vsix} bytes`);
    assert.ok(core && server && core + server <= limits.server, `core and server have ${core} and ${server} bytes`);
  });
});
