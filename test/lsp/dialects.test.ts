// The files of network managers in an editor: told, explained, completed, outlined and coloured as a config of wg-quick is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CompletionItem, DocumentSymbol, Hover, SemanticTokens } from 'vscode-languageserver/node';
import { keyPair } from '../support/keys.ts';
import { type Server, startServer } from '../support/server.ts';

const hub = keyPair();
const laptop = keyPair();

const netdev = `[NetDev]
Name=wg0
Kind=wireguard

[WireGuard]
PrivateKey=${hub.privateKey}
ListenPort=51820

# laptop
[WireGuardPeer]
PublicKey=${laptop.publicKey}
PresharedKey=/etc/x.psk
AllowedIPs=10.0.0.2/32
`;

function position(text: string, behind: string): { line: number; character: number } {
  const before = text.slice(0, text.indexOf(behind) + behind.length).split('\n');
  return { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
}

async function hover(server: Server, uri: string, text: string, behind: string): Promise<string> {
  const answer = await server.request<Hover | null>('textDocument/hover', { textDocument: { uri }, position: position(text, behind) });
  return answer && 'value' in (answer.contents as object) ? (answer.contents as { value: string }).value : '';
}

async function offers(server: Server, uri: string, text: string, behind: string): Promise<readonly string[]> {
  const items = await server.request<CompletionItem[]>('textDocument/completion', {
    textDocument: { uri },
    position: position(text, behind),
  });
  return items.map(({ label }) => label);
}

test('a .netdev: diagnostics, hovers, symbols, tokens', async (t) => {
  const server = await startServer(t);
  const uri = 'file:///mesh/hub/wg0.netdev';
  server.open(uri, 'wireguard-networkd', netdev);
  const diagnostics = await server.diagnostics(uri);
  assert.deepEqual(diagnostics.map(({ code }) => code).sort(), ['wireguard/ignored-line', 'wireguard/inline-private-key']);
  const [path] = diagnostics.filter(({ code }) => code === 'wireguard/ignored-line');
  assert.deepEqual(
    (await server.actions(uri, path ?? assert.fail())).map(({ title }) => title),
    ['Change to PresharedKeyFile=/etc/x.psk'],
  );
  assert.match(await hover(server, uri, netdev, '[WireGuardPee'), /`\[WireGuardPeer\]`[\s\S]*One other host/);
  assert.match(await hover(server, uri, netdev, 'ListenPo'), /networkd, \[WireGuard\][\s\S]*UDP port/);
  assert.match(await hover(server, uri, netdev, 'PrivateKey=abc'.slice(0, 11)), new RegExp(hub.publicKey.replace(/[+/]/g, '\\$&')));
  assert.match(await hover(server, uri, netdev, 'AllowedIPs=10.0'), /laptop.*may be this one address/);
  const symbols = await server.request<DocumentSymbol[]>('textDocument/documentSymbol', { textDocument: { uri } });
  assert.deepEqual(
    symbols.map(({ name, detail }) => [name, detail]),
    [
      ['[NetDev]', ''],
      ['[WireGuard]', ''],
      ['[WireGuardPeer] laptop', '10.0.0.2/32'],
    ],
  );
  const { data } = await server.request<SemanticTokens>('textDocument/semanticTokens/full', { textDocument: { uri } });
  assert.ok(data.length > 5 * 15);
});

test('completion knows the sections and keys of each manager', async (t) => {
  const server = await startServer(t);
  const uri = 'file:///mesh/hub/wg0.netdev';
  const text = netdev.replace('ListenPort=51820\n', 'ListenPort=51820\nP\n').replace('PresharedKey=/etc/x.psk', 'PersistentKeepalive=\n[');
  server.open(uri, 'wireguard-networkd', text);
  const keys = await offers(server, uri, text, 'ListenPort=51820\nP');
  assert.ok(keys.includes('PrivateKeyFile') && keys.includes('FirewallMark') && keys.includes('[WireGuardPeer]'));
  assert.ok(!keys.includes('ListenPort') && !keys.includes('AllowedIPs') && !keys.includes('Address'));
  assert.deepEqual(await offers(server, uri, text, 'PersistentKeepalive='), ['25', 'off']);
  assert.ok((await offers(server, uri, text, 'PersistentKeepalive=\n[')).includes('[WireGuardPeer]'));
  const profile = 'file:///mesh/laptop/mesh.nmconnection';
  const nm = `[connection]\ntype=\n[wireguard-peer.${hub.publicKey}]\nallowed-ips=10.0.0.9/32;\np\n`;
  server.open(profile, 'wireguard-networkmanager', nm);
  assert.deepEqual(await offers(server, profile, nm, 'type='), ['wireguard']);
  const inPeer = await offers(server, profile, nm, '/32;\np');
  assert.ok(inPeer.includes('preshared-key-flags') && !inPeer.includes('allowed-ips') && !inPeer.includes('private-key'));
});

test('a file that the editor takes for a manager’s and that is about another device is left alone', async (t) => {
  const server = await startServer(t);
  server.open('file:///a/br0.netdev', 'wireguard-networkd', '[NetDev]\nName=br0\nKind=bridge\n[WireGuard\n');
  server.open('file:///a/home.nmconnection', 'wireguard-networkmanager', '[connection]\ntype=wifi\n; x\n');
  server.open('file:///a/wg0.conf', 'wireguard', '[Interfac]\n');
  await server.diagnostics('file:///a/wg0.conf');
  assert.deepEqual(
    server.published.map(({ uri }) => uri),
    ['file:///a/wg0.conf'],
  );
});
