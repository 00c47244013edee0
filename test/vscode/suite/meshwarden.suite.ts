// The suite that runs inside each extension host: Node's, and the web worker's in the newest and the oldest VS Code.
/// <reference types="mocha" />
import * as vscode from 'vscode';
import { activeApi, assert, fileUri, findings, open, until } from './support.ts';

const node = typeof process === 'object' ? process.versions?.node : undefined;

suite('Mesh Warden', () => {
  test('says where it runs', () => {
    const runtime = node ? `Node ${node}` : 'a web worker';
    console.log(`[suite] VS Code ${vscode.version} ${vscode.env.appHost}, in ${runtime}`);
  });

  test('knows wg0.conf and nftables.conf by their names', async () => {
    const wireguard = await open('hub/wg0.conf');
    assert(wireguard.languageId === 'wireguard', wireguard.languageId);
    const nftables = await open('hub/nftables.conf');
    assert(nftables.languageId === 'nftables', nftables.languageId);
  });

  test('is active once such a file is open, with its server running', async () => {
    const api = await activeApi();
    assert(api.serverState() === 'running', api.serverState());
    assert((api.kind === 'node') === (typeof api.serverPid() === 'number'), `${api.kind}, pid ${api.serverPid()}`);
  });

  test('the workspace can be searched, which the server asks of the editor in a browser', async () => {
    const found = await vscode.workspace.findFiles('**/*.conf');
    assert(found.length === 3, found.join(' '));
  });

  test('keeps quiet about a file of another language', async () => {
    const document = await vscode.workspace.openTextDocument({ language: 'ini', content: '[Peer]\nAllowedIPs = 0.0.0.0/0\n' });
    assert(findings(document.uri).length === 0, findings(document.uri).join('\n'));
  });

  test('its server restarts by command', async () => {
    const api = await activeApi();
    const before = api.serverPid();
    await vscode.commands.executeCommand('meshwarden.restartServer');
    assert(api.serverState() === 'running', api.serverState());
    assert(before === undefined || api.serverPid() !== before, `still process ${before}`);
  });

  // a worker has no process to kill
  if (node) {
    test('its server comes back when its process is killed', async () => {
      const api = await activeApi();
      const before = api.serverPid();
      assert(before, 'no server process');
      process.kill(before, 'SIGKILL');
      await until('another server', () => ![undefined, before].includes(api.serverPid()) && api.serverState() === 'running');
      await open('laptop/wg0.conf');
      assert(api.serverState() === 'running', api.serverState());
    });
  }

  // proves that a failing test fails the run outside: hosts.test.ts puts the file there
  test('fails where the workspace asks for it', async () => {
    const asked = await vscode.workspace.fs.stat(fileUri('FAIL')).then(
      () => true,
      () => false,
    );
    assert(!asked, 'failed on purpose');
  });
});
