// The language server over its real protocol: what an editor sees.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { CodeAction, CompletionItem, DocumentSymbol, Hover, MarkupContent, TextDocumentEdit } from 'vscode-languageserver/node';
import { root } from '../support/command-line.ts';
import { folderOf } from '../support/folder.ts';
import { keyPair, presharedKey } from '../support/keys.ts';
import { codes, fileUri, startServer } from '../support/server.ts';

const sound = '[Interface]\nAddress = 10.10.0.7/32\n';

test('says what it can do', async (t) => {
  const { initialized } = await startServer(t);
  const { capabilities, serverInfo } = initialized;
  assert.equal(serverInfo?.name, 'Mesh Warden');
  assert.deepEqual(capabilities.textDocumentSync, { openClose: true, change: 2, save: true });
  assert.ok(
    capabilities.hoverProvider && capabilities.completionProvider && capabilities.codeActionProvider && capabilities.documentSymbolProvider,
  );
  assert.deepEqual(capabilities.executeCommandProvider?.commands, ['meshwarden.applyFix']);
});

test('a finding comes with the keystroke that makes it, by version, and goes with the one that mends it', async (t) => {
  const server = await startServer(t);
  const uri = 'file:///nowhere/wg0.conf';
  server.open(uri, 'wireguard', sound);
  assert.deepEqual(await server.diagnostics(uri, ({ version }) => version === 1), []);
  server.change(uri, 2, { line: 1, character: 0 }, { line: 1, character: 1 }, '');
  const [broken, ...more] = await server.diagnostics(uri, ({ version }) => version === 2);
  assert.deepEqual(more, []);
  assert.equal(broken?.code, 'wireguard/unknown-key');
  assert.equal(broken?.severity, 1);
  assert.equal(broken?.source, 'meshwarden');
  assert.deepEqual(broken?.range, { start: { line: 1, character: 0 }, end: { line: 1, character: 6 } });
  server.change(uri, 3, { line: 1, character: 0 }, { line: 1, character: 0 }, 'A');
  assert.deepEqual(await server.diagnostics(uri, ({ version }) => version === 3), []);
});

test('versions are published in order, the last one always', async (t) => {
  const server = await startServer(t);
  const uri = 'file:///nowhere/nftables.conf';
  server.open(uri, 'nftables', 'table inet t {\n\tchain c {\n\t\taccept\n\t}\n}\n');
  for (let version = 2; version <= 101; version++) server.change(uri, version, { line: 2, character: 8 }, { line: 2, character: 8 }, 'x');
  const diagnostics = await server.diagnostics(uri, ({ version }) => version === 101);
  assert.deepEqual(codes(diagnostics), ['nftables/syntax']);
  const versions = server.published.filter((one) => one.uri === uri).map(({ version }) => version ?? 0);
  assert.deepEqual(
    versions,
    [...versions].sort((a, b) => a - b),
  );
});

test('files that are not open are told, and follow the disk', async (t) => {
  const folder = folderOf(t, { 'a/wg0.conf': '[Interfac]\n', 'b/nftables.conf': 'table inet t {\n' });
  const server = await startServer(t, { folder });
  const [a, b, c] = [fileUri(folder, 'a/wg0.conf'), fileUri(folder, 'b/nftables.conf'), fileUri(folder, 'c/wg1.conf')];
  assert.deepEqual(codes(await server.diagnostics(a)), ['wireguard/unknown-section']);
  assert.deepEqual(codes(await server.diagnostics(b)), ['nftables/syntax']);
  writeFileSync(path.join(folder, 'a/wg0.conf'), sound);
  rmSync(path.join(folder, 'b/nftables.conf'));
  mkdirSync(path.join(folder, 'c'));
  writeFileSync(path.join(folder, 'c/wg1.conf'), '[Peer]\n');
  await server.notify('workspace/didChangeWatchedFiles', {
    changes: [
      { uri: a, type: 2 },
      { uri: b, type: 3 },
      { uri: c, type: 1 },
    ],
  });
  assert.deepEqual(await server.diagnostics(a, ({ diagnostics }) => diagnostics.length === 0), []);
  assert.deepEqual(await server.diagnostics(b, ({ diagnostics }) => diagnostics.length === 0), []);
  assert.deepEqual(codes(await server.diagnostics(c)), ['wireguard/missing-public-key']);
});

test('an open file counts as it is typed, and as it is on disk once it is closed', async (t) => {
  const folder = folderOf(t, { 'wg0.conf': '[Interfac]\n' });
  const server = await startServer(t, { folder });
  const uri = fileUri(folder, 'wg0.conf');
  await server.diagnostics(uri);
  server.open(uri, 'wireguard', sound);
  assert.deepEqual(await server.diagnostics(uri, ({ version }) => version === 1), []);
  await server.notify('textDocument/didClose', { textDocument: { uri } });
  assert.deepEqual(codes(await server.diagnostics(uri, ({ diagnostics }) => diagnostics.length > 0)), ['wireguard/unknown-section']);
});

test('a file deleted while it is open stays checked; closed, it is forgotten', async (t) => {
  const folder = folderOf(t, { 'wg0.conf': '[Interfac]\n' });
  const server = await startServer(t, { folder });
  const uri = fileUri(folder, 'wg0.conf');
  server.open(uri, 'wireguard', '[Interfac]\n');
  await server.diagnostics(uri, ({ version }) => version === 1);
  rmSync(path.join(folder, 'wg0.conf'));
  await server.notify('workspace/didChangeWatchedFiles', { changes: [{ uri, type: 3 }] });
  server.change(uri, 2, { line: 1, character: 0 }, { line: 1, character: 0 }, '[Pear]\n');
  assert.equal((await server.diagnostics(uri, ({ version }) => version === 2)).length, 2);
  await server.notify('textDocument/didClose', { textDocument: { uri } });
  assert.deepEqual(await server.diagnostics(uri, ({ diagnostics }) => diagnostics.length === 0), []);
});

test('hovers tell keys, prefixes, addresses and words of nft', async (t) => {
  const folder = folderOf(t, {});
  cpSync(path.join(root, 'examples/flat-mesh'), folder, { recursive: true });
  const server = await startServer(t, { folder });
  const config = fileUri(folder, 'hub/etc/wireguard/wg0.conf');
  const ruleset = fileUri(folder, 'hub/etc/nftables.conf');
  await server.diagnostics(config);
  await server.diagnostics(ruleset);
  const hover = async (uri: string, text: string, word: string, after = ''): Promise<string> => {
    const start = text.indexOf(word, text.indexOf(after));
    const line = text.slice(0, start).split('\n').length - 1;
    const character = start - text.lastIndexOf('\n', start - 1) - 1;
    const answer = await server.request<Hover | null>('textDocument/hover', {
      textDocument: { uri },
      position: { line, character },
    });
    return (answer?.contents as MarkupContent | undefined)?.value ?? '';
  };
  const wg = readFileSync(path.join(folder, 'hub/etc/wireguard/wg0.conf'), 'utf8');
  const nft = readFileSync(path.join(folder, 'hub/etc/nftables.conf'), 'utf8');
  assert.match(await hover(config, wg, 'AllowedIPs'), /\*\*`AllowedIPs`\*\* · wg, \[Peer\][\s\S]*Which addresses this peer may be/);
  assert.match(
    await hover(config, wg, '10.0.0.0/24'),
    /256 addresses[\s\S]*`database` may be any of 256 addresses, `10\.0\.0\.0` to `10\.0\.0\.255`/,
  );
  assert.match(await hover(config, wg, '[Peer]'), /This is `database`, whose own file is here/);
  assert.match(await hover(config, wg, wg.match(/PrivateKey = (\S+)/)?.[1] ?? '?'), /secret, not shown[\s\S]*Its public key/);
  assert.match(await hover(ruleset, nft, '10.0.0.5'), /The address of `database`\.[\s\S]*Through `wg0` it belongs to `laptop-ben`/);
  assert.match(await hover(ruleset, nft, '10.0.0.44'), /no host has it/);
  assert.match(await hover(ruleset, nft, 'iifname'), /name of the interface it came in by/);
  assert.match(await hover(ruleset, nft, 'established'), /Belongs to a connection that was answered/);
  assert.match(await hover(ruleset, nft, 'forward', 'chain forward'), /^$/);
  assert.match(await hover(ruleset, nft, 'forward', 'hook forward'), /From one interface to another/);
  assert.match(await hover(ruleset, nft, 'policy'), /What happens to a packet that no rule decides/);
});

test('completion offers keys of the section, sections, hooks, fields and addresses', async (t) => {
  const server = await startServer(t);
  const ask = async (uri: string, language: string, text: string): Promise<readonly string[]> => {
    const [before = '', behind = ''] = text.split('|');
    server.open(uri, language, before + behind);
    const lines = before.split('\n');
    const position = { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
    const items = await server.request<CompletionItem[]>('textDocument/completion', { textDocument: { uri }, position });
    return items.map(({ label }) => label);
  };
  const inInterface = await ask('file:///a/wg0.conf', 'wireguard', '[Interface]\nListenPort = 1\nPriv|\n[Peer]\n');
  assert.ok(inInterface.includes('PrivateKey') && inInterface.includes('[Peer]') && inInterface.includes('PostUp'));
  assert.ok(!inInterface.includes('ListenPort') && !inInterface.includes('AllowedIPs'));
  assert.deepEqual(await ask('file:///b/wg0.conf', 'wireguard', '[Peer]\nPersistentKeepalive = |'), ['25', 'off']);
  const hooks = await ask('file:///a/x.nft', 'nftables', 'table inet t {\n\tchain c {\n\t\ttype filter hook |');
  assert.ok(hooks.includes('forward') && hooks.includes('input') && !hooks.includes('accept'));
  const fields = await ask('file:///b/x.nft', 'nftables', 'table inet t {\n\tchain c {\n\t\ttcp |\n\t}\n}\n');
  assert.ok(fields.includes('dport') && fields.includes('flags') && !fields.includes('saddr'));
  assert.ok((await ask('file:///c/x.nft', 'nftables', 'table inet t {\n\tchain c {\n\t\tct state |\n\t}\n}\n')).includes('established'));
  assert.deepEqual(
    await ask(
      'file:///d/x.nft',
      'nftables',
      'table inet t {\n\tset admins {\n\t\ttype ipv4_addr\n\t}\n\tchain c {\n\t\tip saddr @|\n\t}\n}\n',
    ),
    ['@admins'],
  );
});

test('the outline: sections and peers, tables and chains', async (t) => {
  const server = await startServer(t, { folder: path.join(root, 'examples/zero-trust-mesh') });
  const uri = fileUri(root, 'examples/zero-trust-mesh/hub/etc/wireguard/wg0.conf');
  const ruleset = fileUri(root, 'examples/zero-trust-mesh/hub/etc/nftables.conf');
  // nothing is found in them, so nothing is published: opened, they are told with their version
  for (const [one, language] of [
    [uri, 'wireguard'],
    [ruleset, 'nftables'],
  ] as const) {
    server.open(one, language, readFileSync(new URL(one), 'utf8'));
    await server.diagnostics(one, ({ version }) => version === 1);
  }
  const symbols = await server.request<DocumentSymbol[]>('textDocument/documentSymbol', { textDocument: { uri } });
  assert.deepEqual(
    symbols.map(({ name, detail }) => `${name} ${detail}`),
    [
      '[Interface] ',
      '[Peer] database 10.10.0.2/32',
      '[Peer] laptop 10.10.0.7/32',
      '[Peer] app 10.10.0.20/32',
      '[Peer] collector 10.10.0.30/32',
      '[Peer] metrics 10.10.0.31/32',
    ],
  );
  const [table] = await server.request<DocumentSymbol[]>('textDocument/documentSymbol', { textDocument: { uri: ruleset } });
  assert.equal(table?.name, 'wg_policy');
  assert.deepEqual(
    table?.children?.map(({ name, detail }) => `${name}: ${detail}`),
    ['input: hook input, policy drop', 'forward: hook forward, policy drop'],
  );
});

test('semantic tokens cover what stands in the text, and a range only its lines', async (t) => {
  const server = await startServer(t);
  const uri = 'file:///a/x.nft';
  server.open(uri, 'nftables', 'table inet t {\n\tchain c {\n\t\ttcp dport 22 accept\n\t}\n}\n');
  const legend = server.initialized.capabilities.semanticTokensProvider?.legend.tokenTypes ?? [];
  const full = await server.request<{ data: number[] }>('textDocument/semanticTokens/full', { textDocument: { uri } });
  const named: string[] = [];
  for (let i = 3; i < full.data.length; i += 5) named.push(legend[full.data[i] ?? -1] ?? '?');
  assert.deepEqual(named, ['keyword', 'keyword', 'function', 'keyword', 'function', 'type', 'type', 'number', 'macro']);
  const range = { start: { line: 2, character: 0 }, end: { line: 2, character: 30 } };
  const part = await server.request<{ data: number[] }>('textDocument/semanticTokens/range', {
    textDocument: { uri },
    range,
  });
  assert.equal(part.data.length, 4 * 5);
});

/** A hub with a wide entry, keys inline, and the laptop's own file. */
function smallMesh(): { readonly files: Record<string, string>; readonly secrets: readonly string[] } {
  const [hub, laptop] = [keyPair(), keyPair()];
  const psk = presharedKey();
  return {
    secrets: [hub.privateKey, laptop.privateKey, psk],
    files: {
      'hub/wg0.conf': `[Interface]\nPrivateKey = ${hub.privateKey}\nAddress = 10.10.0.1/24\nListenPort = 51820\n\n# laptop\n[Peer]\nPublicKey = ${laptop.publicKey}\nPresharedKey = ${psk}\nAllowedIPs = 10.10.0.0/24\n`,
      'laptop/wg0.conf': `[Interface]\nPrivateKey = ${laptop.privateKey}\nAddress = 10.10.0.7/32\n\n[Peer]\nPublicKey = ${hub.publicKey}\nPresharedKey = ${psk}\nEndpoint = 203.0.113.1:51820\nAllowedIPs = 10.10.0.1/32\n`,
    },
  };
}

test('narrowing is a code action with an edit of the version it was made from', async (t) => {
  const { files } = smallMesh();
  const folder = folderOf(t, files);
  const server = await startServer(t, { folder });
  const uri = fileUri(folder, 'hub/wg0.conf');
  await server.diagnostics(fileUri(folder, 'laptop/wg0.conf'));
  server.open(uri, 'wireguard', files['hub/wg0.conf'] ?? '', 7);
  const diagnostics = await server.diagnostics(uri, ({ version }) => version === 7);
  const wide = diagnostics.find(({ code }) => code === 'wireguard/allowed-ips-too-broad');
  assert.ok(wide);
  const [narrow] = await server.actions(uri, wide);
  assert.match(narrow?.title ?? '', /^Narrow to 10\.10\.0\.7\/32: 256 addresses, 1 in use/);
  assert.equal(narrow?.isPreferred, true);
  assert.deepEqual(narrow?.edit?.documentChanges, [
    { textDocument: { uri, version: 7 }, edits: [{ range: wide.range, newText: '10.10.0.7/32' }] } satisfies TextDocumentEdit,
  ]);
});

test('a fix that mends two findings of a place is offered once, for both', async (t) => {
  const server = await startServer(t);
  const uri = 'file:///mesh/wg0.conf';
  const [a, b] = [keyPair().publicKey, keyPair().publicKey];
  const psk = (key: string): string => `PostUp = wg set %i peer ${key} preshared-key /etc/wireguard/x.psk\n`;
  const hub = `[Interface]\nAddress = 10.0.0.1/24\n${psk(a)}${psk(b)}[Peer]\nPublicKey = ${a}\nAllowedIPs = 10.0.0.7/24\n[Peer]\nPublicKey = ${b}\nAllowedIPs = 10.0.0.0/24\n`;
  server.open(uri, 'wireguard', hub);
  const here = (await server.diagnostics(uri)).filter(({ range }) => range.start.line === 6);
  assert.deepEqual(codes(here), ['mesh/allowed-ips-overlap', 'wireguard/unmasked-host-bits']);
  const actions = await server.request<CodeAction[]>('textDocument/codeAction', {
    textDocument: { uri },
    range: here[0]?.range,
    context: { diagnostics: here },
  });
  assert.deepEqual(
    actions.map(({ title, diagnostics }) => `${title.replace(/:.*/, '')} mends ${diagnostics?.length}`),
    ['Narrow to 10.0.0.7/32 mends 2', 'Write 10.0.0.0/24, which is what wg takes it for mends 1'],
  );
});

test('moving a key writes it to a file of its own, mode 0600, before the edit, and git never sees it', async (t) => {
  const { files, secrets } = smallMesh();
  const folder = folderOf(t, { ...files, '.git/HEAD': '' });
  const server = await startServer(t, { folder, initializationOptions: { trusted: true } });
  const uri = fileUri(folder, 'hub/wg0.conf');
  server.open(uri, 'wireguard', files['hub/wg0.conf'] ?? '');
  const inline = (await server.diagnostics(uri, ({ version }) => version === 1)).find(
    ({ code }) => code === 'wireguard/inline-private-key',
  );
  assert.ok(inline);
  const [move] = await server.actions(uri, inline);
  assert.equal(move?.edit, undefined, 'the edit must wait for the file');
  assert.equal(move?.command?.command, 'meshwarden.applyFix');
  await server.request('workspace/executeCommand', { command: move?.command?.command, arguments: move?.command?.arguments });
  const file = path.join(folder, 'hub/wg0.key');
  assert.equal(readFileSync(file, 'utf8'), `${secrets[0]}\n`);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(readFileSync(path.join(folder, 'hub/.gitignore'), 'utf8'), '/wg0.key\n');
  assert.equal(server.edits.length, 1);
  const [change] = server.edits[0]?.documentChanges ?? [];
  const texts = (change as TextDocumentEdit).edits.map((edit) => ('newText' in edit ? edit.newText : ''));
  assert.match(texts.join(), /^PostUp = wg set %i private-key \/etc\/wireguard\/wg0\.key\n# PublicKey = /);
  for (const secret of secrets) assert.ok(!server.transcript().includes(secret), 'a secret was written to the editor');

  // again: the file is there now, and is not written over
  await server.request('workspace/executeCommand', { command: move?.command?.command, arguments: move?.command?.arguments });
  assert.equal(server.edits.length, 1);
  assert.match(server.messages.join('\n'), /wg0\.key is there already and is not written over/);
});

test('the key path is a setting', async (t) => {
  const { files } = smallMesh();
  const folder = folderOf(t, files);
  const server = await startServer(t, { folder });
  await server.notify('workspace/didChangeConfiguration', { settings: { meshwarden: { keyPath: '/run/keys/' } } });
  const uri = fileUri(folder, 'laptop/wg0.conf');
  const inline = (await server.diagnostics(uri)).find(({ code }) => code === 'wireguard/inline-private-key');
  assert.ok(inline);
  const [move] = await server.actions(uri, inline);
  assert.match(move?.title ?? '', /to be loaded from \/run\/keys\/wg0\.key/);
});

test('the version of wg is a setting, and what it changes is told at once', async (t) => {
  const text = `[Interface]\nAddress = 10.0.0.1/24\nPostUp = echo "#1"\n`;
  const folder = folderOf(t, { 'wg0.conf': text });
  const server = await startServer(t, { folder, initializationOptions: { settings: { wireguard: { version: '1.0.20210914' } } } });
  const uri = fileUri(folder, 'wg0.conf');
  server.open(uri, 'wireguard', text);
  const codes = (diagnostics: readonly { readonly code?: unknown }[]) => diagnostics.map(({ code }) => code);
  assert.deepEqual(codes(await server.diagnostics(uri, ({ version }) => version === 1)), ['wireguard/hook-cut']);
  await server.notify('workspace/didChangeConfiguration', { settings: { meshwarden: { wireguard: { version: '1.0.20260223' } } } });
  assert.deepEqual(codes(await server.diagnostics(uri, ({ diagnostics }) => diagnostics.length === 0)), []);
});

test('the version of nft is a setting, and open files are checked again when it changes', async (t) => {
  const folder = folderOf(t, { 'nftables.conf': 'destroy table inet old\ntable inet filter {\n}\n' });
  const server = await startServer(t, { folder, initializationOptions: { settings: { nftables: { version: '1.0.6' } } } });
  const uri = fileUri(folder, 'nftables.conf');
  assert.deepEqual(codes(await server.diagnostics(uri)), ['nftables/newer-version']);
  await server.notify('workspace/didChangeConfiguration', { settings: { meshwarden: { nftables: { version: '1.1.6' } } } });
  assert.deepEqual(await server.diagnostics(uri, ({ diagnostics }) => diagnostics.length === 0), []);
});

test('without trust nothing is written: the fix is there, disabled, with the reason', async (t) => {
  const { files } = smallMesh();
  const folder = folderOf(t, files);
  const server = await startServer(t, { folder, initializationOptions: { trusted: false } });
  const uri = fileUri(folder, 'hub/wg0.conf');
  const inline = (await server.diagnostics(uri)).find(({ code }) => code === 'wireguard/inline-private-key');
  assert.ok(inline);
  const [move] = await server.actions(uri, inline);
  assert.match(move?.disabled?.reason ?? '', /trust this workspace/);
  assert.equal(move?.command, undefined);
  await server.request('workspace/executeCommand', {
    command: 'meshwarden.applyFix',
    arguments: [
      { uri, version: null, rule: 'wireguard/inline-private-key', start: 12, end: 12 + 'PrivateKey = '.length + 44, title: move?.title },
    ],
  });
  assert.ok(!existsSync(path.join(folder, 'hub/wg0.key')));
  await server.notify('meshwarden/trusted');
  const [again] = await server.actions(uri, inline);
  assert.equal(again?.disabled, undefined);
});

test('a fix whose file has changed since is refused with the mend', async (t) => {
  const { files } = smallMesh();
  const folder = folderOf(t, files);
  const server = await startServer(t, { folder });
  const uri = fileUri(folder, 'hub/wg0.conf');
  server.open(uri, 'wireguard', files['hub/wg0.conf'] ?? '');
  const inline = (await server.diagnostics(uri, ({ version }) => version === 1)).find(
    ({ code }) => code === 'wireguard/inline-private-key',
  );
  assert.ok(inline);
  const [move] = await server.actions(uri, inline);
  server.change(uri, 2, { line: 0, character: 0 }, { line: 0, character: 0 }, '\n');
  await server.request('workspace/executeCommand', { command: move?.command?.command, arguments: move?.command?.arguments });
  assert.ok(!existsSync(path.join(folder, 'hub/wg0.key')));
  assert.match(server.messages.join('\n'), /has changed since this fix was offered/);
});

test('a folder on no disk is read through the editor, and keys cannot be moved there', async (t) => {
  const { files } = smallMesh();
  const at = (name: string): string => `memfs:/mesh/${name}`;
  const server = await startServer(t, {
    folder: 'memfs:/mesh',
    initializationOptions: { files: true },
    serve: {
      'meshwarden/findFiles': ({ include }: { include: string }) => (include.includes('conf') ? Object.keys(files).map(at) : []),
      'meshwarden/readFile': ({ uri }: { uri: string }) => ({ text: files[uri.slice('memfs:/mesh/'.length)] }),
    },
  });
  const diagnostics = await server.diagnostics(at('hub/wg0.conf'));
  assert.deepEqual(codes(diagnostics), [
    'wireguard/allowed-ips-too-broad',
    'wireguard/inline-preshared-key',
    'wireguard/inline-private-key',
  ]);
  const inline = diagnostics.find(({ code }) => code === 'wireguard/inline-private-key');
  assert.ok(inline);
  const [move]: readonly CodeAction[] = await server.actions(at('hub/wg0.conf'), inline);
  assert.match(move?.disabled?.reason ?? '', /only on a real file system/);
});

test('two servers on one folder do not disturb each other', async (t) => {
  const folder = folderOf(t, { 'wg0.conf': '[Interfac]\n' });
  const servers = await Promise.all([startServer(t, { folder }), startServer(t, { folder })]);
  for (const server of servers)
    assert.deepEqual(codes(await server.diagnostics(fileUri(folder, 'wg0.conf'))), ['wireguard/unknown-section']);
});

test('what cannot be read is told once, and the rest works', async (t) => {
  const folder = folderOf(t, {
    'a/wg0.conf': Buffer.from([1, 0, 2, 0]),
    'b/wg0.conf': Buffer.alloc(20 * 1024 * 1024, 'a log line\n'),
    'c/wg0.conf': '[Interfac]\n',
    'd/wg0.conf': '[Interface]\n',
  });
  symlinkSync('..', path.join(folder, 'c/loop'));
  symlinkSync('gone.conf', path.join(folder, 'c/wg1.conf'));
  // to root no mode is an obstacle, but there is nothing to be read where no memory is
  if (process.getuid?.() === 0) {
    rmSync(path.join(folder, 'd/wg0.conf'));
    symlinkSync('/proc/self/mem', path.join(folder, 'd/wg0.conf'));
  } else chmodSync(path.join(folder, 'd/wg0.conf'), 0);
  const server = await startServer(t, { folder });
  const of = (file: string): string => fileUri(folder, file);
  assert.deepEqual(codes(await server.diagnostics(of('c/wg0.conf'))), ['wireguard/unknown-section']);
  const [binary] = await server.diagnostics(of('a/wg0.conf'));
  assert.match(String(binary?.message), /it is no text, it holds NUL bytes/);
  const [large] = await server.diagnostics(of('b/wg0.conf'));
  assert.match(String(large?.message), /too large \(20 MB\)/);
  const [unreadable] = await server.diagnostics(of('d/wg0.conf'));
  assert.match(String(unreadable?.message), /does not check this file: (?:permission denied|E[A-Z]+)\.$/);
  // what goes on elsewhere says nothing new of them
  server.open(of('c/wg0.conf'), 'wireguard', '[Interfac]\n');
  server.change(of('c/wg0.conf'), 2, { line: 0, character: 9 }, { line: 0, character: 9 }, 'e');
  assert.deepEqual(await server.diagnostics(of('c/wg0.conf'), ({ version }) => version === 2), []);
  for (const file of ['a/wg0.conf', 'b/wg0.conf', 'd/wg0.conf'])
    assert.equal(server.published.filter(({ uri }) => uri === of(file)).length, 1, file);
  assert.deepEqual(
    [...new Set(server.published.map(({ uri }) => uri))].sort(),
    ['a', 'b', 'c', 'd'].map((name) => of(`${name}/wg0.conf`)),
  );
});

test('among 50,000 files of others ours is found, and of none of them anything is told', async (t) => {
  const folder = folderOf(t, { 'z/wg0.conf': '[Interfac]\n' });
  for (let i = 0; i < 500; i++) {
    mkdirSync(path.join(folder, `${i}`));
    // only a .conf is looked into: it may be ours by what stands in it
    for (let j = 0; j < 100; j++) writeFileSync(path.join(folder, `${i}/${j}.${j < 2 ? 'conf' : j < 50 ? 'log' : 'yml'}`), '');
  }
  const server = await startServer(t, { folder });
  assert.deepEqual(codes(await server.diagnostics(fileUri(folder, 'z/wg0.conf'))), ['wireguard/unknown-section']);
  assert.deepEqual([...new Set(server.published.map(({ uri }) => uri))], [fileUri(folder, 'z/wg0.conf')]);
});

test('a folder that is not there, requests for files nobody knows, and 100,000 lines: the server stays up', async (t) => {
  const server = await startServer(t, { folder: path.join(root, 'there-is-no-such-folder') });
  const nobody = { textDocument: { uri: 'file:///nobody.conf' }, position: { line: 5, character: 9 } };
  assert.equal(await server.request('textDocument/hover', nobody), null);
  assert.deepEqual(await server.request('textDocument/completion', nobody), []);
  const uri = 'file:///a/x.nft';
  const rules = Array.from({ length: 100_000 }, (_, i) => `\t\tip saddr 10.${i >> 16}.${(i >> 8) & 255}.${i & 255} tcp dport 22 accept\n`);
  server.open(uri, 'nftables', `table inet t {\n\tchain c {\n${rules.join('')}\t}\n}\n`);
  assert.deepEqual(await server.diagnostics(uri, ({ version }) => version === 1), []);
  server.change(uri, 2, { line: 50_000, character: 2 }, { line: 50_000, character: 4 }, 'ipp');
  assert.deepEqual(codes(await server.diagnostics(uri, ({ version }) => version === 2)), ['nftables/syntax']);
  assert.equal(server.process.exitCode, null);
});

test('what a ruleset includes is read where it lies, under any name, and again when it changes; nothing is published of it', async (t) => {
  const policy = 'table inet t {\n\tchain input {\n\t\ttype filter hook input priority filter; policy accept;\n\t}\n}\n';
  const folder = folderOf(t, {
    'hub/etc/wireguard/wg0.conf': '[Interface]\nAddress = 10.10.0.1/24\nListenPort = 51820\n',
    'hub/etc/nftables.conf': `${policy}include "/etc/firewall/[0-9]*.rules"\ninclude "/etc/later.rules"\n`,
    'hub/etc/firewall/20-drop.rules': 'add rule inet t input drop\n',
  });
  const server = await startServer(t, { folder });
  const uri = fileUri(folder, 'hub/etc/nftables.conf');
  const now = await server.diagnostics(uri, ({ diagnostics }) => diagnostics.length === 1);
  assert.deepEqual(codes(now), ['nftables/include']);
  writeFileSync(path.join(folder, 'hub/etc/later.rules'), 'flush chain inet t input\n');
  await server.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: fileUri(folder, 'hub/etc/later.rules'), type: 1 }] });
  assert.deepEqual(codes(await server.diagnostics(uri, ({ diagnostics }) => diagnostics[0]?.code !== 'nftables/include')), [
    'nftables/policy-accept',
  ]);
  assert.ok(server.published.every((one) => !one.uri.endsWith('.rules')));
});

test('a path that leads out of the host and the workspace is not read', async (t) => {
  const outside = folderOf(t, { 'secret.rules': 'add rule inet t input drop\n' });
  const folder = folderOf(t, {
    'nftables.conf': `include "../${path.basename(outside)}/secret.rules"\ninclude "${outside}/secret.rules"\n`,
  });
  const server = await startServer(t, { folder });
  const told = await server.diagnostics(fileUri(folder, 'nftables.conf'));
  assert.deepEqual(codes(told), ['nftables/include', 'nftables/include']);
});

test('in a browser a ruleset finds what it includes among the files of the workspace', async (t) => {
  const files: Readonly<Record<string, string>> = {
    'etc/nftables.conf': 'include "/etc/firewall/*.rules"\ninclude "./one.rules"\ninclude "./absent.rules"\n',
    'etc/firewall/a.rules': 'include "/etc/firewall/a.rules"\n',
    'etc/one.rules': 'table ip t {\n}\n',
  };
  const at = (name: string): string => `memfs:/mesh/${name}`;
  const asked: string[] = [];
  const server = await startServer(t, {
    folder: 'memfs:/mesh',
    initializationOptions: { files: true },
    serve: {
      'meshwarden/findFiles': ({ include }: { include: string }) => {
        if (include === '**/*.rules')
          return Object.keys(files)
            .filter((name) => name.endsWith('.rules'))
            .map(at);
        return include.includes('conf') ? [at('etc/nftables.conf')] : [];
      },
      'meshwarden/readFile': ({ uri }: { uri: string }) => {
        asked.push(uri);
        const text = files[uri.slice('memfs:/mesh/'.length)];
        return text === undefined ? { problem: 'missing', detail: '' } : { text };
      },
    },
  });
  const [told, ...others] = await server.diagnostics(at('etc/nftables.conf'));
  assert.match(String(told?.message), /absent\.rules/);
  assert.deepEqual(others, []);
  // “./” is the file’s own folder, or else where nft runs
  assert.deepEqual(asked.sort(), [...Object.keys(files), 'one.rules', 'etc/absent.rules', 'absent.rules'].map(at).sort());
  assert.equal(server.published.length, 1, 'nothing is told before all is read');
});

test('levels: of the settings, and over them of the workspace file, which is checked itself', async (t) => {
  const folder = folderOf(t, { 'a/wg0.conf': '[Interface]\nListnPort = 1\n', 'meshwarden.jsonc': '{ "rules": {} }\n' });
  const server = await startServer(t, { folder });
  const [config, policy] = [fileUri(folder, 'a/wg0.conf'), fileUri(folder, 'meshwarden.jsonc')];
  const severity = async (wanted: number | undefined): Promise<void> => {
    await server.diagnostics(config, ({ diagnostics }) => diagnostics[0]?.severity === wanted);
  };
  await severity(1);
  await server.notify('workspace/didChangeConfiguration', { settings: { meshwarden: { rules: { 'wireguard/unknown-key': 'hint' } } } });
  await severity(4);
  server.open(policy, 'jsonc', '{ "rules": { "wireguard/unknown-key": "warning", "wireguard/unknown": "off" } }\n');
  await severity(2);
  assert.deepEqual(codes(await server.diagnostics(policy, ({ version }) => version === 1)), ['meshwarden/policy-file']);
});

test('source.fixAll narrows every entry that the files name a host for, and only when it is asked for', async (t) => {
  const folder = folderOf(t, {});
  cpSync(path.join(root, 'examples/flat-mesh'), folder, { recursive: true });
  const server = await startServer(t, { folder });
  const uri = fileUri(folder, 'hub/etc/wireguard/wg0.conf');
  await server.diagnostics(uri, ({ diagnostics }) => diagnostics.length > 30);
  const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
  const ask = (only: readonly string[]): Promise<CodeAction[]> =>
    server.request('textDocument/codeAction', { textDocument: { uri }, range, context: { diagnostics: [], only } });
  const [all, ...more] = await ask(['source.fixAll']);
  assert.equal(more.length, 0);
  assert.equal(all?.kind, 'source.fixAll.meshwarden');
  const changes = (all?.edit?.documentChanges ?? []) as TextDocumentEdit[];
  assert.deepEqual(
    changes.map(({ edits }) => edits.length),
    [11],
  );
  assert.deepEqual(await ask(['source.organizeImports']), []);
});

test('how old keys are is told by git’s history, where a setting asks for it', async (t) => {
  const [old, young] = [keyPair(), keyPair()];
  const hub = (key: string): string => `[Interface]\n# PublicKey = ${key}\nAddress = 10.10.0.1/24\n`;
  const folder = folderOf(t, { 'hub/wg0.conf': hub(old.publicKey), 'app/wg0.conf': '[Interface]\nAddress = 10.10.0.2/24\n' });
  const commit = (days: number): void => {
    const date = `${Math.round(Date.now() / 1000) - days * 86_400} +0000`;
    const env = { ...process.env, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
    const git = (...args: readonly string[]) => execFileSync('git', ['-C', folder, ...args], { env, stdio: 'ignore' });
    git('add', '-A');
    git('-c', 'user.name=A', '-c', 'user.email=a@example.net', '-c', 'commit.gpgsign=false', 'commit', '-q', '-m', 'x');
  };
  execFileSync('git', ['-C', folder, 'init', '-q']);
  commit(100);
  writeFileSync(path.join(folder, 'hub/wg0.conf'), `# the hub\n${hub(old.publicKey)}`);
  writeFileSync(path.join(folder, 'app/wg0.conf'), hub(young.publicKey).replace('.1/24', '.2/24'));
  commit(20);
  const uri = fileUri(folder, 'hub/wg0.conf');
  const settings = (keyMaxAge: number) => ({ settings: { meshwarden: { keyMaxAge } } });
  const server = await startServer(t, { folder, initializationOptions: { settings: { keyMaxAge: 90 } } });
  const [finding] = await server.diagnostics(uri, ({ diagnostics }) => diagnostics.length > 0);
  const day = new Date(Date.now() - 100 * 86_400_000).toISOString().slice(0, 10);
  assert.equal(finding?.code, 'mesh/stale-key');
  assert.match(String(finding?.message), new RegExp(`since ${day}`));
  assert.deepEqual(finding?.range, {
    start: { line: 2, character: 0 },
    end: { line: 2, character: hub(old.publicKey).split('\n')[1]?.length },
  });
  await server.notify('workspace/didChangeConfiguration', settings(120));
  assert.deepEqual(await server.diagnostics(uri, ({ diagnostics }) => diagnostics.length === 0), []);
  assert.equal(
    server.published.filter((one) => one.uri === fileUri(folder, 'app/wg0.conf') && one.diagnostics.length > 0).length,
    0,
    'the young key is none of it',
  );
});

test('while one types, what reads a whole ruleset waits for a pause, and then is told of the same version', async (t) => {
  const text = 'define web = 80\ntable inet t {\n\tchain c {\n\t\ttype filter hook output priority 0;\n\t\ttcp dport $web accept\n\t}\n}\n';
  const folder = folderOf(t, { 'a.nft': text });
  const server = await startServer(t, { folder });
  const uri = fileUri(folder, 'a.nft');
  server.open(uri, 'nftables', text);
  assert.deepEqual(await server.diagnostics(uri, ({ version }) => version === 1), []);
  const seen = server.published.length;
  server.change(uri, 2, { line: 4, character: 12 }, { line: 4, character: 16 }, '80 acept');
  assert.deepEqual(codes(await server.diagnostics(uri, ({ version }) => version === 2)), ['nftables/syntax']);
  server.change(uri, 3, { line: 4, character: 12 }, { line: 4, character: 20 }, '80');
  const told = await server.diagnostics(uri, ({ version, diagnostics }) => version === 3 && diagnostics.length === 1);
  assert.deepEqual(codes(told), ['nftables/unused']);
  const versions = server.published.slice(seen).flatMap((one) => (one.uri === uri ? [one.version] : []));
  assert.deepEqual(versions, [...versions].sort(), 'no version is told behind a newer one');
});
