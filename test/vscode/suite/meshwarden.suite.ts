// What must be true in each extension host: Node's, and the web worker's in the newest and the oldest VS Code. On a copy of
// examples/flat-mesh.
/// <reference types="mocha" />
import * as vscode from 'vscode';
import {
  actionOn,
  actionsOn,
  activeApi,
  apply,
  assert,
  assertEqual,
  assertMatch,
  closeAll,
  completionsAt,
  edit,
  fileUri,
  hoverAt,
  hoverText,
  hub,
  labelOf,
  open,
  rangeOf,
  ruleset,
  rulesIn,
  rulesOnLine,
  semanticTokens,
  spokes,
  textOnDisk,
  until,
  untilEqual,
  wireguardOf,
} from './support.ts';

const node = typeof process === 'object' ? process.versions?.node : undefined;

const rulesOfHub = {
  'mesh/allowed-ips-overlap': 10,
  'mesh/flat-network': 1,
  'mesh/impersonation': 1,
  'wireguard/allowed-ips-too-broad': 10,
  'wireguard/inline-private-key': 1,
  'wireguard/missing-preshared-key': 11,
  'wireguard/unmasked-host-bits': 1,
} as const;
const rulesOfRuleset = { 'nftables/policy-accept': 1, 'nftables/unknown-address': 1 } as const;
const rulesOfSpoke = {
  'wireguard/allowed-ips-too-broad': 1,
  'wireguard/inline-private-key': 1,
  'wireguard/missing-preshared-key': 1,
} as const;

/** The hub's entry for the database, whose own address is 10.0.0.5. */
const databaseEntry = (document: vscode.TextDocument): vscode.Range => rangeOf(document, '10.0.0.0/24', '# database');

suite('Mesh Warden', () => {
  teardown(closeAll);

  test('says where it runs', () => {
    const runtime = node ? `Node ${node}` : 'a web worker';
    console.log(`[suite] VS Code ${vscode.version} ${vscode.env.appHost}, in ${runtime}`);
  });

  test('knows wg0.conf and nftables.conf by their names', async () => {
    assertEqual((await open(hub)).languageId, 'wireguard', hub);
    assertEqual((await open(ruleset)).languageId, 'nftables', ruleset);
  });

  test('is active once such a file is open, with its server running', async () => {
    const api = await activeApi();
    assertEqual(api.serverState(), 'running', 'the server');
    assert((api.kind === 'node') === (typeof api.serverPid() === 'number'), `${api.kind}, pid ${api.serverPid()}`);
  });

  test('an open file has exactly its findings', async () => {
    await open(hub);
    await untilEqual(hub, () => rulesIn(fileUri(hub)), rulesOfHub);
    await open(ruleset);
    await untilEqual(ruleset, () => rulesIn(fileUri(ruleset)), rulesOfRuleset);
  });

  test('so have files that are not open: all 13 of the folder', async () => {
    for (const spoke of spokes) await untilEqual(spoke, () => rulesIn(fileUri(wireguardOf(spoke))), rulesOfSpoke);
    await untilEqual(hub, () => rulesIn(fileUri(hub)), rulesOfHub);
    await untilEqual(ruleset, () => rulesIn(fileUri(ruleset)), rulesOfRuleset);
    const files = vscode.languages.getDiagnostics().filter(([, diagnostics]) => diagnostics.some(({ source }) => source === 'meshwarden'));
    assertEqual(files.length, 13, files.map(([uri]) => uri.path).join('\n'));
  });

  test('keeps quiet about a file of another language', async () => {
    await open(hub);
    const document = await vscode.workspace.openTextDocument({ language: 'ini', content: '[Peer]\nAllowedIPs = 0.0.0.0/0\n' });
    // the server answers in order: once it told of this edit, it would have told of that file too
    const editor = await edit(hub);
    await editor.edit((builder) => builder.insert(new vscode.Position(0, 0), 'x\n'));
    await until('a finding of the edit', () => rulesOnLine(fileUri(hub), 0).length > 0);
    assertEqual(rulesIn(document.uri), {}, 'ini');
  });

  test('a finding appears while one types and goes when it is mended', async () => {
    const editor = await edit(hub);
    const { document } = editor;
    await untilEqual(hub, () => rulesIn(document.uri), rulesOfHub);
    const key = rangeOf(document, 'ListenPort');
    const letter = new vscode.Range(key.end.translate(0, -1), key.end);
    await editor.edit((builder) => builder.delete(letter));
    await untilEqual('ListenPor', () => rulesOnLine(document.uri, key.start.line), ['wireguard/unknown-key']);
    await editor.edit((builder) => builder.insert(letter.start, 't'));
    await untilEqual('mended', () => rulesIn(document.uri), rulesOfHub);

    const length = rangeOf(document, '/24', '10.0.0.42');
    await editor.edit((builder) => builder.replace(length, '/32'));
    // the last of ten equal claims is now another peer's: it has none below it, and is who may send as others
    const now = { ...rulesOfHub, 'mesh/allowed-ips-overlap': 9, 'wireguard/allowed-ips-too-broad': 9 };
    const { 'wireguard/unmasked-host-bits': _, ...others } = now;
    await untilEqual('laptop-ben has its own address', () => rulesIn(document.uri), others);
    await editor.edit((builder) => builder.replace(length, '/24'));
    await untilEqual('back', () => rulesIn(document.uri), rulesOfHub);
  });

  test('a ruleset is checked while one types, and against the mesh', async () => {
    const editor = await edit(ruleset);
    const { document } = editor;
    await untilEqual(ruleset, () => rulesIn(document.uri), rulesOfRuleset);
    const policy = rangeOf(document, 'policy accept');
    await editor.edit((builder) => builder.replace(policy, 'policy drop'));
    await untilEqual('policy drop', () => rulesIn(document.uri), { 'nftables/no-drop-log': 1, 'nftables/unknown-address': 1 });
    const gone = rangeOf(document, '10.0.0.44');
    await editor.edit((builder) => builder.replace(gone, '10.0.0.41'));
    await untilEqual('an address that a host has', () => rulesIn(document.uri), { 'nftables/no-drop-log': 1 });
    await editor.edit((builder) => builder.replace(rangeOf(document, 'tcp dport 22 accept', '10.0.0.41'), 'tcp dport 22 acept'));
    await untilEqual('a misspelt verdict', () => rulesIn(document.uri), { 'nftables/syntax': 1 });
  });

  test('what is typed in one file is told in another that is not open', async () => {
    const editor = await edit(wireguardOf('laptop-ana'));
    const { document } = editor;
    await editor.edit((builder) => builder.replace(rangeOf(document, '10.0.0.41'), '10.0.0.44'));
    await untilEqual('10.0.0.44 is somebody’s', () => rulesIn(fileUri(ruleset)), { 'nftables/policy-accept': 1 });
    await closeAll();
    await untilEqual('given up', () => rulesIn(fileUri(ruleset)), rulesOfRuleset);
  });

  test('a hover on an AllowedIPs prefix says what it grants, to whom, and how many addresses', async () => {
    const document = await open(hub);
    const text = await until(
      'the hover',
      async () => (await hoverAt(document, databaseEntry(document).start.translate(0, 1))) || undefined,
    );
    assertMatch(text, /10\.0\.0\.0\/24/);
    assertMatch(text, /`database` may be any of 256 addresses, `10\.0\.0\.0` to `10\.0\.0\.255`/);
    assertMatch(text, /ci-runner \(10\.0\.0\.9\)/);
  });

  test('a hover on a WireGuard key says what it means', async () => {
    const document = await open(hub);
    assertMatch(await hoverText(document, 'AllowedIPs'), /AllowedIPs.*\[Peer\]/s);
    assertMatch(await hoverText(document, 'ListenPort'), /ListenPort.*UDP/s);
    assertMatch(await hoverText(document, 'PostUp'), /wg-quick/);
    assertMatch(await hoverText(document, '[Peer]'), /database/);
  });

  test('a hover in a ruleset says whose an address is, and what a word of nft means', async () => {
    const document = await open(ruleset);
    assertMatch(await hoverText(document, '10.0.0.21'), /`app-1`/);
    assertMatch(await hoverText(document, '10.0.0.5', '10.0.0.21'), /`database`/);
    assertMatch(await hoverText(document, '10.0.0.44'), /no host has it/);
    assertMatch(await hoverText(document, 'policy'), /`policy`/);
    assertMatch(await hoverText(document, 'accept', 'policy accept'), /`accept`/);
    assertMatch(await hoverText(document, 'input', 'filter hook'), /`input`\*\* · hook/);
    assertMatch(await hoverText(document, 'saddr'), /ip saddr.*ipv4_addr/s);
    assertMatch(await hoverText(document, 'established'), /ct_state/);
  });

  test('narrows a prefix to the host that has it', async () => {
    const document = await open(hub);
    await untilEqual(hub, () => rulesIn(document.uri), rulesOfHub);
    const range = databaseEntry(document);
    const action = await actionOn(document, range, 'Narrow to 10.0.0.5/32');
    assert(action.isPreferred, 'it is the preferred one');
    await apply(action);
    assertEqual(document.lineAt(range.start.line).text, 'AllowedIPs = 10.0.0.5/32', 'the line');
    await untilEqual('the findings of the line', () => rulesOnLine(document.uri, range.start.line), []);
    assert(document.isDirty, 'it is for the person to save');
  });

  test('narrows what a spoke reaches to what the rules let it use', async () => {
    const document = await open(wireguardOf('database'));
    await untilEqual('database', () => rulesIn(document.uri), rulesOfSpoke);
    await apply(await actionOn(document, rangeOf(document, '10.0.0.0/24'), 'Narrow to 10.0.0.21/32'));
    await untilEqual('narrowed', () => rulesIn(document.uri)['wireguard/allowed-ips-too-broad'], undefined);
    assert(document.getText().includes('AllowedIPs = 10.0.0.21/32\n'), document.getText());
  });

  test('loads a preshared key at both ends: two files in one edit', async () => {
    const document = await open(hub);
    await untilEqual(hub, () => rulesIn(document.uri), rulesOfHub);
    const header = rangeOf(document, '[Peer]', '# database');
    const action = await actionOn(document, header, 'Load a preshared key at both ends');
    assert(action.edit, 'an edit');
    assertEqual(action.edit.entries().length, 2, 'files');
    await apply(action);
    const other = await vscode.workspace.openTextDocument(fileUri(wireguardOf('database')));
    const hook = (key: string, name: string): string => `PostUp = wg set %i peer ${key} preshared-key /etc/wireguard/${name}\n`;
    const here = hook('39d3P2YaBDxt+xchkzEk8sQ2UYNFeA7d2nVVBfeEHHo=', 'wg0-database.psk');
    const there = hook('eWIqje/bHki/5wqI9KhBH4MNssvK7WvqHzi8ZAibwjU=', 'wg0-hub.psk');
    assert(document.getText().includes(here), document.getText());
    assert(other.getText().includes(there), other.getText());
    await untilEqual('the hub', () => rulesIn(document.uri)['wireguard/missing-preshared-key'], 10);
    await untilEqual('the database', () => rulesIn(other.uri)['wireguard/missing-preshared-key'], undefined);
  });

  test('removes a rule for a host that is gone', async () => {
    const document = await open(ruleset);
    await untilEqual(ruleset, () => rulesIn(document.uri), rulesOfRuleset);
    await apply(await actionOn(document, rangeOf(document, '10.0.0.44'), 'Remove this rule'));
    await untilEqual('without it', () => rulesIn(document.uri), { 'nftables/policy-accept': 1 });
    assert(!document.getText().includes('10.0.0.44'), document.getText());
  });

  test('completes the keys of [Interface] and of [Peer], less those that are there', async () => {
    const editor = await edit(hub);
    const { document } = editor;
    const listen = rangeOf(document, 'ListenPort').start;
    await editor.edit((builder) => builder.insert(listen, '\n'));
    const ofInterface = (await completionsAt(document, listen)).map(labelOf);
    for (const key of ['MTU', 'Table', 'PostUp', 'DNS']) assert(ofInterface.includes(key), `${key} is not in ${ofInterface}`);
    for (const key of ['ListenPort', 'PrivateKey', 'Endpoint', 'AllowedIPs'])
      assert(!ofInterface.includes(key), `${key} is in ${ofInterface}`);
    const peer = rangeOf(document, 'AllowedIPs').start;
    await editor.edit((builder) => builder.insert(peer, '\n'));
    const ofPeer = (await completionsAt(document, peer)).map(labelOf);
    for (const key of ['Endpoint', 'PresharedKey', 'PersistentKeepalive']) assert(ofPeer.includes(key), `${key} is not in ${ofPeer}`);
    assert(!ofPeer.includes('MTU'), ofPeer.join(' '));
  });

  test('completes a peer’s AllowedIPs with its own address', async () => {
    const editor = await edit(hub);
    const { document } = editor;
    const range = databaseEntry(document);
    await editor.edit((builder) => builder.delete(range));
    const offers = (await completionsAt(document, range.start)).map(labelOf);
    assert(offers.includes('10.0.0.5/32'), offers.join(' '));
  });

  test('completes the hooks of nft', async () => {
    const document = await open(ruleset);
    const at = rangeOf(document, 'input', 'filter hook').start;
    const offers = (await completionsAt(document, at)).map(labelOf);
    for (const hook of ['prerouting', 'input', 'forward', 'output', 'postrouting'])
      assert(offers.includes(hook), `${hook} is not in ${offers}`);
    assert(!offers.includes('accept'), offers.join(' '));
  });

  test('outlines both languages', async () => {
    const outline = (document: vscode.TextDocument) =>
      vscode.commands.executeCommand<vscode.DocumentSymbol[]>('vscode.executeDocumentSymbolProvider', document.uri);
    const sections = await outline(await open(hub));
    assertEqual(sections.length, 12, 'sections');
    assertEqual(
      sections.slice(0, 2).map(({ name }) => name),
      ['[Interface]', '[Peer] database'],
      'names',
    );
    const tables = await outline(await open(ruleset));
    assertEqual(
      tables.map(({ name, children }) => [name, children.map((child) => child.name)]),
      [['filter', ['input', 'forward']]],
      'tables',
    );
  });

  test('colours words by what they mean', async () => {
    const typesIn = async (document: vscode.TextDocument, words: readonly string[]) => {
      const tokens = await semanticTokens(document);
      return words.map((word) => `${word}: ${tokens.find(({ text }) => text === word)?.type}`);
    };
    const wireguard = await typesIn(await open(hub), ['# database', '[Peer]', 'AllowedIPs', '10.0.0.0/24', '51820']);
    assertEqual(wireguard, ['# database: comment', '[Peer]: class', 'AllowedIPs: property', '10.0.0.0/24: number', '51820: number'], hub);
    const nftables = await typesIn(await open(ruleset), ['table', 'policy', 'forward', 'iifname', '"wg0"', '10.0.0.21', 'accept']);
    const expected = ['table: keyword', 'policy: keyword', 'forward: function', 'iifname: type', '"wg0": string', '10.0.0.21: number'];
    assertEqual(nftables, [...expected, 'accept: macro'], ruleset);
  });

  test('a setting is heard at once', async () => {
    const document = await open(hub);
    await untilEqual(hub, () => rulesIn(document.uri), rulesOfHub);
    const header = rangeOf(document, '[Peer]', '# database');
    const set = (value?: string) =>
      vscode.workspace.getConfiguration('meshwarden').update('keyPath', value, vscode.ConfigurationTarget.Global);
    const offered = async (folder: string) => {
      const actions = await actionsOn(document, header);
      return actions.some(({ title }) => title.endsWith(`${folder}/wg0-database.psk`));
    };
    assert(await offered('/etc/wireguard'), 'by default');
    try {
      await set('/run/keys');
      await until('the other folder', () => offered('/run/keys'));
    } finally {
      await set();
    }
    await until('the default again', () => offered('/etc/wireguard'));
  });

  test('a private key is in no hover, finding, fix or completion', async () => {
    const document = await open(hub);
    await untilEqual(hub, () => rulesIn(document.uri), rulesOfHub);
    const texts = await Promise.all(['hub', ...spokes].map((host) => textOnDisk(fileUri(wireguardOf(host)))));
    const keys = texts.flatMap((text) => /^PrivateKey = (\S{43})=$/m.exec(text)?.[1] ?? []);
    assertEqual(keys.length, 12, 'keys');
    const told: string[] = [];
    const whole = new vscode.Range(0, 0, document.lineCount, 0);
    for (let line = 0; line < document.lineCount; line++) {
      const { length } = document.lineAt(line).text;
      const places = new Set([0, 1, Math.floor(length / 3), Math.floor(length / 2), length]);
      for (const character of places) {
        const at = new vscode.Position(line, Math.min(character, length));
        told.push(await hoverAt(document, at));
        told.push(JSON.stringify(await completionsAt(document, at)));
      }
    }
    for (const action of await actionsOn(document, whole)) told.push(JSON.stringify([action.title, action.command]));
    for (const [uri, diagnostics] of vscode.languages.getDiagnostics()) told.push(JSON.stringify([uri.toString(), diagnostics]));
    const symbols = await vscode.commands.executeCommand<unknown>('vscode.executeDocumentSymbolProvider', document.uri);
    told.push(JSON.stringify(symbols));
    const all = told.join('\n');
    assert(all.length > 10_000 && all.includes('private key'), 'something was told');
    assert(!keys.some((key) => all.includes(key)), 'a key was told');
  });

  test('its server restarts by command, and goes on', async () => {
    const editor = await edit(hub);
    const api = await activeApi();
    const before = api.serverPid();
    await vscode.commands.executeCommand('meshwarden.restartServer');
    assertEqual(api.serverState(), 'running', 'the server');
    assert(before === undefined || api.serverPid() !== before, `still process ${before}`);
    await untilEqual(hub, () => rulesIn(fileUri(hub)), rulesOfHub);
    await untilEqual('a closed file', () => rulesIn(fileUri(wireguardOf('metrics'))), rulesOfSpoke);
    await editor.edit((builder) => builder.insert(new vscode.Position(0, 0), 'x\n'));
    await until('a finding of the new server', () => rulesOnLine(editor.document.uri, 0).length > 0);
  });
});
