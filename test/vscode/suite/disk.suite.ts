// What must be true on a real disk with a server process of its own: Node's host.
/// <reference types="mocha" />
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import {
  actionOn,
  activeApi,
  apply,
  assert,
  assertEqual,
  closeAll,
  edit,
  fileUri,
  hub,
  open,
  rangeOf,
  ruleset,
  rulesIn,
  rulesOnLine,
  until,
  untilEqual,
  wireguardOf,
} from './support.ts';

const onDisk = (file: string): string => fileUri(file).fsPath;
const keyBeside = (file: string): string => path.join(path.dirname(onDisk(file)), 'wg0.key');
const ignoreBeside = (file: string): string => path.join(path.dirname(onDisk(file)), '.gitignore');
const moving = 'Move the key to wg0.key';

/** Changes a file as another program does. */
function change(file: string, from: string | RegExp, to: string): void {
  const before = readFileSync(onDisk(file), 'utf8');
  const after = before.replace(from, to);
  assert(after !== before, `${file} has no ${from}`);
  writeFileSync(onDisk(file), after);
}

function privateKeyIn(text: string): string {
  const key = /^PrivateKey = (\S+)$/m.exec(text)?.[1];
  assert(key, 'no private key');
  return key;
}

suite('on disk', () => {
  teardown(closeAll);

  // activates the extension, however the tests are picked
  setup(async () => {
    await open(hub);
    await activeApi();
    await until('the findings of the folder', () => rulesIn(fileUri(wireguardOf('metrics')))['wireguard/inline-private-key'] === 1);
  });

  test('a closed file that another program mends loses its finding', async () => {
    const file = wireguardOf('laptop-ana');
    change(file, 'AllowedIPs = 10.0.0.0/24', 'AllowedIPs = 10.0.0.1/32');
    await untilEqual(file, () => rulesIn(fileUri(file)), { 'wireguard/inline-private-key': 1, 'wireguard/missing-preshared-key': 1 });
  });

  test('an open file that another program mends is checked as it is then', async () => {
    const file = wireguardOf('laptop-ben');
    const document = await open(file);
    change(file, 'AllowedIPs = 10.0.0.0/24', 'AllowedIPs = 10.0.0.1/32');
    await until('the editor to read it again', () => document.getText().includes('10.0.0.1/32'));
    await untilEqual(file, () => rulesIn(document.uri), { 'wireguard/inline-private-key': 1, 'wireguard/missing-preshared-key': 1 });
  });

  test('a file that comes is checked, and changes what others are told; so does one that goes', async () => {
    const file = 'bastion/etc/wireguard/wg1.conf';
    const text = '[Interface]\nAddress = 10.0.0.44/24\n\n[Peer]\nPublicKey = eWIqje/bHki/5wqI9KhBH4MNssvK7WvqHzi8ZAibwjU=\n';
    writeFileSync(onDisk(file), text);
    await untilEqual(file, () => rulesIn(fileUri(file)), { 'wireguard/missing-preshared-key': 1, 'wireguard/peer-without-allowed-ips': 1 });
    await untilEqual('10.0.0.44 is somebody’s', () => rulesIn(fileUri(ruleset)), { 'nftables/policy-accept': 1 });
    rmSync(onDisk(file));
    await untilEqual(file, () => rulesIn(fileUri(file)), {});
    await untilEqual('10.0.0.44 is nobody’s', () => rulesIn(fileUri(ruleset))['nftables/unknown-address'], 1);
  });

  test('a file deleted while it is open, with unsaved text, is checked on', async () => {
    const file = wireguardOf('collector');
    const editor = await edit(file);
    const { document } = editor;
    await editor.edit((builder) => builder.insert(new vscode.Position(0, 0), '# not saved\n'));
    rmSync(onDisk(file));
    await editor.edit((builder) => builder.insert(new vscode.Position(1, 0), 'x\n'));
    await until('a finding', () => rulesOnLine(document.uri, 1).length > 0);
    assertEqual((await activeApi()).serverState(), 'running', 'the server');
    await document.save();
    await until('it is written again', () => existsSync(onDisk(file)));
  });

  test('its server comes back when its process is killed, and goes on', async () => {
    const editor = await edit(hub);
    const api = await activeApi();
    const before = api.serverPid();
    assert(before, 'no server process');
    process.kill(before, 'SIGKILL');
    await until('another server', () => ![undefined, before].includes(api.serverPid()) && api.serverState() === 'running');
    await editor.edit((builder) => builder.insert(new vscode.Position(0, 0), 'x\n'));
    await until('a finding in the open file', () => rulesOnLine(editor.document.uri, 0).length > 0);
    await until('findings in closed files', () => rulesIn(fileUri(wireguardOf('metrics')))['wireguard/inline-private-key'] === 1);
    change(wireguardOf('metrics'), 'AllowedIPs = 10.0.0.0/24', 'AllowedIPs = 10.0.0.31/32');
    await until('files on disk are watched', () => !('wireguard/allowed-ips-too-broad' in rulesIn(fileUri(wireguardOf('metrics')))));
  });

  /** Opens a file, and moves its private key by the fix; returns the key. */
  async function moveKey(file: string): Promise<{ readonly document: vscode.TextDocument; readonly key: string }> {
    const document = await open(file);
    const key = privateKeyIn(document.getText());
    await until('the finding', () => rulesIn(document.uri)['wireguard/inline-private-key'] === 1);
    const action = await actionOn(document, rangeOf(document, 'PrivateKey'), moving);
    assert(!JSON.stringify([action.title, action.command, action.edit]).includes(key), 'the fix itself holds no key');
    await apply(action);
    return { document, key };
  }

  test('moves a private key to a file of mode 0600 beside it', async () => {
    const file = wireguardOf('app-1');
    const { document, key } = await moveKey(file);
    await until('the document without it', () => !document.getText().includes(key));
    assertEqual(readFileSync(keyBeside(file), 'utf8'), `${key}\n`, 'the key file');
    assertEqual((statSync(keyBeside(file)).mode & 0o777).toString(8), '600', 'its mode');
    assert(document.getText().includes('PostUp = wg set %i private-key /etc/wireguard/wg0.key\n'), document.getText());
    assert(document.isDirty, 'the config is for the person to save');
    await until('the finding is gone', () => !('wireguard/inline-private-key' in rulesIn(document.uri)));
    assert(!existsSync(ignoreBeside(file)), 'no .gitignore where there is no git');
    assert(await document.save(), 'saved');
    assert(!readFileSync(onDisk(file), 'utf8').includes(key), 'the key is out of the file on disk');
  });

  test('names the key file in .gitignore first, in a git folder', async () => {
    mkdirSync(onDisk('.git'));
    try {
      const file = wireguardOf('app-2');
      writeFileSync(ignoreBeside(file), '*.bak'); // as people leave it: no newline at its end
      const { document, key } = await moveKey(file);
      await until('the document without it', () => !document.getText().includes(key));
      assertEqual(readFileSync(ignoreBeside(file), 'utf8'), '*.bak\n/wg0.key\n', '.gitignore');
      assertEqual(readFileSync(keyBeside(file), 'utf8'), `${key}\n`, 'the key file');
    } finally {
      rmSync(onDisk('.git'), { recursive: true });
    }
  });

  test('does not write a key over a file that is there', async () => {
    const file = wireguardOf('app-3');
    writeFileSync(keyBeside(file), 'somebody’s\n');
    const { document, key } = await moveKey(file);
    // the command has answered: what it does is done
    assertEqual(readFileSync(keyBeside(file), 'utf8'), 'somebody’s\n', 'the file that was there');
    assert(document.getText().includes(key) && !document.isDirty, 'the config is as it was');
  });

  test('does not move a key by a fix that was offered for an older text', async () => {
    const file = wireguardOf('backup');
    const editor = await edit(file);
    const { document } = editor;
    await until('the finding', () => rulesIn(document.uri)['wireguard/inline-private-key'] === 1);
    const action = await actionOn(document, rangeOf(document, 'PrivateKey'), moving);
    await editor.edit((builder) => builder.insert(new vscode.Position(0, 0), '# typed meanwhile\n'));
    const text = document.getText();
    await apply(action);
    assert(!existsSync(keyBeside(file)), 'no key file');
    assertEqual(document.getText(), text, 'the document');
  });
});
