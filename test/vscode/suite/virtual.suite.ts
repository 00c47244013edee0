// What must be true where the folder is on no disk and nothing is a process: the web worker hosts.
/// <reference types="mocha" />
import * as vscode from 'vscode';
import {
  actionsOn,
  activeApi,
  assert,
  assertEqual,
  closeAll,
  fileUri,
  hub,
  open,
  rangeOf,
  rulesIn,
  until,
  untilEqual,
  wireguardOf,
} from './support.ts';

suite('on no disk', () => {
  teardown(closeAll);

  test('the folder is a virtual one', async () => {
    assert(fileUri('').scheme !== 'file', fileUri('').toString());
    assertEqual((await activeApi()).kind, 'browser', 'the client');
  });

  test('the workspace can be searched, which the server asks of the editor', async () => {
    const found = await vscode.workspace.findFiles('**/*.conf');
    assertEqual(found.length, 13, found.join(' '));
  });

  test('a file that comes is checked; one that goes takes its findings with it', async () => {
    await open(hub);
    await until('the findings of the folder', () => rulesIn(fileUri(wireguardOf('metrics')))['wireguard/inline-private-key'] === 1);
    const file = fileUri('bastion/etc/wireguard/wg1.conf');
    await vscode.workspace.fs.writeFile(file, new TextEncoder().encode('[Interface]\nAddress = 10.0.0.1/33\n'));
    await untilEqual('comes', () => rulesIn(file), { 'wireguard/invalid-value': 1 });
    await vscode.workspace.fs.delete(file);
    await untilEqual('goes', () => rulesIn(file), {});
  });

  // it is there, and disabled: VS Code's API leaves out such actions; restricted.test.ts reads its reason
  test('a key is not moved to a file', async () => {
    const document = await open(hub);
    await until('the finding', () => rulesIn(document.uri)['wireguard/inline-private-key'] === 1);
    const actions = await actionsOn(document, rangeOf(document, 'PrivateKey'));
    assertEqual(
      actions.map(({ title }) => title).filter((title) => title.startsWith('Move the key')),
      [],
      'actions',
    );
  });
});
