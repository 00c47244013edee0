// `npm start`: the address works, nothing is left behind, and a mistake gets a sentence.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { launchBrowser } from '../../scripts/editor/browser.ts';
import { freePort, isAnswering } from '../../scripts/editor/server.ts';
import { cannotDrive, cannotServe, ready } from './machine.ts';
import { commandLine, descendants, isAlive, runScript } from './program.ts';
import { linkModules, type Stage, stageExtension } from './stage.ts';
import { languageStatus, lineWith, problemCounts, screenshot, squiggleUnder } from './ui.ts';
import { copyOf, flatMesh, type Workspace } from './workspace.ts';

const timeout = 360_000;

describe('npm start', () => {
  let stage: Stage;
  let workspace: Workspace;

  before(
    async () => {
      await ready(cannotServe());
      stage = await stageExtension();
      linkModules(stage);
      workspace = copyOf(flatMesh);
    },
    { timeout: 900_000 },
  );
  after(() => {
    workspace?.remove();
    stage?.remove();
  });

  const start = (args: readonly string[], env: NodeJS.ProcessEnv = {}) => runScript(stage.root, 'start', args, env);

  test('its address shows the extension at work; Ctrl-C ends all of it', { skip: cannotDrive(), timeout }, async () => {
    const program = start(['--embedded']);
    const [, url = ''] = await program.until(/^ +(http:\/\/127\.0\.0\.1:\S+)\n.*Ctrl-C/ms);
    assert.match(program.said(), /on \S+\/examples\/flat-mesh\n/, 'the example, where no folder is named');
    assert.match(program.said(), /hub\/etc\/wireguard\/wg0\.conf is open/, 'says what to look at');
    const browser = await launchBrowser();
    try {
      await browser.page.goto(url);
      await lineWith(browser.page, 'AllowedIPs = 10.0.0.0/24').waitFor({ timeout: 60_000 });
      await languageStatus(browser.page, 'The server is running');
      await squiggleUnder(browser.page, '10.0.0.0/24', 'error');
      await problemCounts(browser.page, 'Errors: 10, Warnings: 43, Infos: 17');
      await screenshot(browser.page, 'npm-start');
      assert.deepEqual(browser.refused, [], 'nothing outside this machine was asked for');
    } finally {
      await browser.close();
    }
    const started = descendants(program.child.pid ?? 0);
    assert.ok(started.length > 0 || process.platform !== 'linux', 'it has processes');
    program.child.kill('SIGINT');
    assert.equal(await program.exit, 0, program.said());
    // what was killed with the last breath of the program may take a moment to go
    for (const end = Date.now() + 10_000; started.some(isAlive) && Date.now() < end; ) await sleep(50);
    assert.deepEqual(started.filter(isAlive).map(commandLine), []);
    assert.equal(await isAnswering(url), false, 'its port is closed');
  });

  test('an address without its token shows nothing', { skip: cannotServe(), timeout }, async () => {
    const port = await freePort();
    const program = start(['--embedded', '--port', String(port), workspace.folder]);
    await program.until(/Ctrl-C/);
    assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 403);
    program.child.kill('SIGTERM');
    assert.equal(await program.exit, 143, program.said());
  });

  test('a desktop VS Code is taken where there is one', { timeout, skip: process.platform === 'win32' && 'a shell script' }, async () => {
    const bin = path.join(stage.root, 'out/bin');
    const args = path.join(bin, 'arguments');
    mkdirSync(bin, { recursive: true });
    writeFileSync(path.join(bin, 'code'), `#!/bin/sh\nprintf '%s\\n' "$@" > '${args}'\n`);
    chmodSync(path.join(bin, 'code'), 0o755);
    const { PATH = '' } = process.env;
    const program = start([workspace.folder], { PATH: [bin, PATH].join(path.delimiter), DISPLAY: ':0', VSCODE_IPC_HOOK_CLI: '' });
    assert.equal(await program.exit, 0, program.said());
    assert.deepEqual(readFileSync(args, 'utf8').trim().split('\n'), [
      '--new-window',
      `--extensionDevelopmentPath=${stage.root}`,
      workspace.folder,
      path.join(workspace.folder, 'hub/etc/wireguard/wg0.conf'),
    ]);
  });

  const mistakes: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['a folder that is not there', ['/nowhere/at/all'], /There is no folder \/nowhere\/at\/all\./],
    ['a file', [import.meta.filename], /start\.test\.ts is not a folder\./],
    ['two folders', ['.', '..'], /One folder, please/],
    ['a port that is none', ['--port', 'ssh', '.'], /--port ssh: a port is a number from 1 to 65535\./],
    ['a port too high', ['--port', '70000', '.'], /--port 70000: a port/],
    ['an unknown option', ['--colour'], /Unknown option '--colour'.*usage: npm start/s],
  ];
  for (const [what, args, sentence] of mistakes) {
    test(`${what} gets a sentence`, { timeout }, async () => {
      const program = start(['--embedded', ...args]);
      assert.equal(await program.exit, 2, program.said());
      assert.match(program.said(), sentence);
      assert.doesNotMatch(program.said(), /\n {4}at /, 'no stack');
    });
  }

  test('a port in use gets a sentence', { timeout }, async () => {
    const taken = createServer();
    const port = await new Promise<number>((resolve) => {
      taken.listen(0, '127.0.0.1', () => {
        const address = taken.address();
        resolve(typeof address === 'object' && address ? address.port : 0);
      });
    });
    try {
      const program = start(['--embedded', '--port', String(port), workspace.folder]);
      assert.equal(await program.exit, 1, program.said());
      assert.match(program.said(), new RegExp(`Port ${port} is in use\\. Mend: `));
    } finally {
      taken.close();
    }
  });
});
