// What a person sees: the packed extension, installed into a real VS Code in Chromium, on a copy of examples/flat-mesh. Pictures are kept
// in out/screenshots.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Editor, startEditor } from '../../scripts/editor/server.ts';
import { extensionVersion, limits, pack } from '../../scripts/package.ts';
import { cannotDrive, ready } from './machine.ts';
import { commandLine, descendants } from './program.ts';
import { type Stage, stageExtension } from './stage.ts';
import {
  applyFix,
  colours,
  command,
  hoverOn,
  languageStatus,
  lineWith,
  openFile,
  openWorkbench,
  output,
  problemCounts,
  problemsByFile,
  save,
  screenshot,
  squiggleUnder,
  type Workbench,
} from './ui.ts';
import { copyOf, flatMesh, type Workspace } from './workspace.ts';

const skip = cannotDrive();
const timeout = 180_000;
const hub = 'hub/etc/wireguard/wg0.conf';
const ruleset = 'hub/etc/nftables.conf';

describe('in the editor', { skip }, () => {
  let stage: Stage;
  let workspace: Workspace;
  let editor: Editor;
  let workbench: Workbench;

  before(
    async () => {
      await ready(skip);
      stage = await stageExtension();
      const vsix = path.join(stage.root, 'out/meshwarden.vsix');
      const bytes = await pack(vsix, stage.root);
      assert.ok(bytes <= limits.vsix, `the vsix has ${bytes} bytes`);
      workspace = copyOf(flatMesh);
      editor = await startEditor({ vsix, testDriver: true });
      workbench = await openWorkbench(editor, workspace.folder, hub);
    },
    { timeout: 900_000 },
  );
  after(async () => {
    await workbench?.close();
    await editor?.stop();
    workspace?.remove();
    stage?.remove();
  });

  test('the packed extension is installed and active, its server running', { timeout }, async () => {
    const { page } = workbench;
    const status = await languageStatus(page, 'The server is running');
    assert.match(status, /Mesh Warden/);
    await screenshot(page, 'status');
    const log = await output(page, 'the server is running');
    assert.match(log, new RegExp(`Mesh Warden ${extensionVersion().replaceAll('.', '\\.')} in VS Code`));
    await screenshot(page, 'output');
    await command(page, 'View: Toggle Panel Visibility');
  });

  test('both languages show by name, nftables.conf by its own', { timeout }, async () => {
    const { page } = workbench;
    const mode = page.locator('#status\\.editor\\.mode');
    await openFile(page, ruleset);
    await mode.getByText('nftables', { exact: true }).waitFor();
    await lineWith(page, 'policy accept').waitFor();
    await openFile(page, hub);
    await mode.getByText('WireGuard', { exact: true }).waitFor();
    await lineWith(page, 'AllowedIPs = 10.0.0.0/24').waitFor();
  });

  test('what is wrong is underlined, by how bad it is', { timeout }, async () => {
    const { page } = workbench;
    await squiggleUnder(page, '10.0.0.0/24', 'error');
    await squiggleUnder(page, '[Peer]', 'warning');
    await squiggleUnder(page, 'PrivateKey = QKF+ij8LJdCOiMMgDT0VulhGj+nekH+5y5iSJwZ8llM=', 'info');
    await screenshot(page, 'wireguard');
    await openFile(page, ruleset);
    await squiggleUnder(page, '10.0.0.44', 'warning');
    await screenshot(page, 'nftables');
    await openFile(page, hub);
  });

  test('the Problems panel lists all 13 files of the mesh, open or not', { timeout }, async () => {
    const counts = await problemsByFile(workbench.page, 13);
    const spokes = [...counts].filter(([file]) => !file.startsWith('hub/'));
    assert.equal(counts.get(hub), 35);
    assert.equal(counts.get(ruleset), 2);
    assert.equal(spokes.length, 11);
    for (const [file, count] of spokes) assert.equal(count, 3, file);
  });

  test('a hover says what a prefix grants', { timeout }, async () => {
    const { page } = workbench;
    const text = await hoverOn(page, '10.0.0.0/24', 'may be any of 256 addresses');
    assert.match(text, /database may be any of 256 addresses, 10\.0\.0\.0 to 10\.0\.0\.255/);
    assert.match(text, /claimed again by laptop-ben/, 'the finding is told in the same hover');
    await screenshot(page, 'hover');
  });

  test('colours tell keys from values, and the words of nft', { timeout }, async () => {
    const { page } = workbench;
    const colourOf = async (line: string, word: string): Promise<string> => {
      const words = await colours(page, line);
      return words.find(({ text }) => text === word)?.colour ?? assert.fail(`no ${word} in ${JSON.stringify(words)}`);
    };
    assert.notEqual(await colourOf('AllowedIPs = 10.0.0.0/24', 'AllowedIPs'), await colourOf('AllowedIPs = 10.0.0.0/24', '10.0.0.0/24'));
    await openFile(page, ruleset);
    const plain = await colourOf('policy accept', ';');
    for (const word of ['hook', 'policy', 'accept', 'forward']) assert.notEqual(await colourOf('policy accept', word), plain, word);
    await openFile(page, hub);
  });

  test('the light bulb narrows a prefix; saved, it is so on the disk', { timeout }, async () => {
    const { page } = workbench;
    const file = path.join(workspace.folder, hub);
    const before = readFileSync(file, 'utf8');
    await problemCounts(page, 'Errors: 10, Warnings: 43, Infos: 17');
    await applyFix(page, '10.0.0.0/24', 'Narrow to 10.0.0.5/32');
    await problemCounts(page, 'Errors: 9, Warnings: 42, Infos: 17');
    assert.equal(readFileSync(file, 'utf8'), before, 'nothing is written before it is saved');
    assert.equal(await save(page, file, '10.0.0.5/32'), before.replace('AllowedIPs = 10.0.0.0/24', 'AllowedIPs = 10.0.0.5/32'));
    await screenshot(page, 'fixed');
  });

  const noProc = process.platform === 'linux' ? false : 'its process is found in /proc';
  test('when the server is killed it comes back, and checks what is typed', { timeout, skip: noProc }, async () => {
    const { page } = workbench;
    const servers = (): readonly number[] => descendants(editor.pid).filter((pid) => commandLine(pid).some(isServer));
    const [server, ...more] = servers();
    assert.ok(server !== undefined && more.length === 0, `one server, not ${servers().length}`);
    process.kill(server, 'SIGKILL');
    await languageStatus(page, 'The server is running');
    await lineWith(page, '# The hub of the mesh').click();
    await page.keyboard.press('Home');
    await page.keyboard.type('[Pear] ');
    await squiggleUnder(page, '[Pear]', 'error');
    await screenshot(page, 'after-kill');
    assert.ok(servers().length === 1 && !servers().includes(server), 'another process');
    await command(page, 'File: Revert File');
    await problemCounts(page, 'Errors: 9, Warnings: 42, Infos: 17');
  });

  test('no log holds a private key', () => {
    const hosts = readdirSync(flatMesh, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const keys = hosts.map(({ name: host }) => /^PrivateKey = (\S+)$/m.exec(readFileSync(wireguardOf(host), 'utf8'))?.[1] ?? '');
    assert.ok(keys.length === 12 && keys.every((key) => key.length === 44));
    const logs = path.join(editor.dir, 'data/logs');
    const files = readdirSync(logs, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const ours = files.filter(({ name }) => name.endsWith('Mesh Warden.log'));
    assert.equal(ours.length, 1, files.map(({ name }) => name).join(' '));
    for (const { parentPath, name } of files) {
      const text = readFileSync(path.join(parentPath, name), 'utf8');
      assert.ok(!keys.some((key) => text.includes(key)), `a key is in ${name}`);
    }
  });

  test('nothing outside this machine was asked for', () => {
    assert.deepEqual(workbench.refused, []);
  });
});

function wireguardOf(host: string): string {
  return path.join(flatMesh, host, 'etc/wireguard/wg0.conf');
}

function isServer(argument: string): boolean {
  return /meshwarden.*dist\/server\.js$/.test(argument);
}
