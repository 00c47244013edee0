// Keys marked as canaries go through everything that speaks: none may come out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CodeLens } from 'vscode-languageserver/node';
import { type Analysis, analyse, shownFindings } from '../server/src/analysis/analysis.ts';
import { fixesOf } from '../server/src/analysis/fixes.ts';
import { errorPlace, setFailureLog } from '../server/src/analysis/guard.ts';
import { parsedFile } from '../server/src/analysis/parsed-file.ts';
import { failLevels } from '../server/src/cli/check.ts';
import { formats } from '../server/src/cli/command.ts';
import { shownChanges } from '../server/src/features/access/changes.ts';
import { explainedCell } from '../server/src/features/access/explain.ts';
import { shownHost } from '../server/src/features/access/host-details.ts';
import { shownMatrix } from '../server/src/features/access/matrix-view.ts';
import { meshTree } from '../server/src/features/access/mesh-tree.ts';
import { reachParagraphs } from '../server/src/features/access/reach-hover.ts';
import { matrixTable, tableFormats } from '../server/src/features/access/table.ts';
import { traced } from '../server/src/features/access/trace.ts';
import { memberId } from '../server/src/features/access/who.ts';
import { completionsAt } from '../server/src/features/completion.ts';
import { hoverAt } from '../server/src/features/hover-at.ts';
import { hostLenses, hostLensText } from '../server/src/features/lenses.ts';
import { symbolsOf } from '../server/src/features/symbols.ts';
import { views } from '../server/src/policy/views.ts';
import { differences } from '../server/src/reach/matrix/differences.ts';
import { accessMatrix } from '../server/src/reach/matrix/matrix.ts';
import { rules } from '../server/src/rules/registry.ts';
import type { InterfaceRule } from '../server/src/rules/rule.ts';
import type { Origin } from '../server/src/text/origin.ts';
import { sourceFile } from '../server/src/text/source-file.ts';
import { wgVersions } from '../server/src/wireguard/version.ts';
import { meshwarden } from './support/command-line.ts';
import { folderOf } from './support/folder.ts';
import { drained } from './support/four-hosts.ts';
import { keyPair, presharedKey } from './support/keys.ts';
import { fileUri, startServer } from './support/server.ts';

interface Canary {
  readonly name: string;
  readonly text: string;
  readonly secrets: readonly string[];
}

/** Configs that hold secrets where they belong, and where people put them by mistake. */
function canaries(): readonly Canary[] {
  const made: Canary[] = [];
  const add = (name: string, write: (secret: string, other: string, publicKey: string) => string): void => {
    const { privateKey } = keyPair();
    const other = presharedKey();
    made.push({ name, text: write(privateKey, other, keyPair().publicKey), secrets: [privateKey, other] });
  };
  add(
    'where they belong',
    (key, psk, pub) =>
      `[Interface]\nPrivateKey = ${key}\nAddress = 10.0.0.1/24\n[Peer]\nPublicKey = ${pub}\nPresharedKey = ${psk}\nAllowedIPs = 10.0.0.0/24\n`,
  );
  add('in a misspelt key', (key, psk, pub) => `[Interface]\nPrivatKey = ${key}\n[Peer]\nPublicKey = ${pub}\nPreSharedKye = ${psk}\n`);
  add(
    'one character short and one long',
    (key, psk, pub) => `[Interface]\nPrivateKey = ${key.slice(1)}\n[Peer]\nPublicKey = ${pub}\nPresharedKey = A${psk}\n`,
  );
  add('in quotation marks', (key, psk, pub) => `[Interface]\nPrivateKey = "${key}"\n[Peer]\nPublicKey = ${pub}\nPresharedKey = '${psk}'\n`);
  add('in the wrong section', (key, psk) => `[Interface]\nPresharedKey = ${psk}\n[Peer]\nPrivateKey = ${key}\n`);
  add('before any section', (key, psk) => `PrivateKey = ${key}\nPresharedKey = ${psk}\n`);
  add('on a line of their own', (key, psk) => `[Interface]\n${key}\n[Peer]\n${psk} # key\n`);
  add('as a section', (key, psk) => `[${key}]\nAddress = 10.0.0.1\n[ ${psk} ]\n`);
  add(
    'in comments',
    (key, psk, pub) =>
      `# PrivateKey = ${key}\n[Interface]\nAddress = 10.0.0.1/24\n# ${key}\n[Peer] # ${psk}\n# Name = ${psk}\nPublicKey = ${pub}\nAllowedIPs = 10.0.0.9/24\n`,
  );
  add(
    'as names of peers',
    (key, psk, pub) =>
      `[Interface]\nAddress = 10.0.0.1/24\n# ${key}\n[Peer]\n# friendly_name=${psk}\nPublicKey = ${pub}\nAllowedIPs = 10.0.0.9/24\n`,
  );
  add(
    'as the public key',
    (key, psk) =>
      `[Interface]\nPrivateKey = ${key}\nAddress = 10.0.0.1/24\n[Peer]\nPublicKey = ${key}\nPresharedKey = ${psk}\nAllowedIPs = 10.0.0.0/24\n[Peer]\nPublicKey = ${psk}\nAllowedIPs = 10.0.0.0/24\n`,
  );
  add(
    'in hooks',
    (key, psk, pub) =>
      `[Interface]\nPostUp = wg set %i private-key <(echo ${key}) peer ${pub} preshared-key <(echo '${psk}')\nPostUp = echo ${key} | wg set %i private-key /dev/stdin\nPostUp = wg set %i private-key ${key} peer ${pub} preshared-key ${psk}\nPostUp = echo "${psk}\n`,
  );
  add(
    'as other values',
    (key, psk, pub) =>
      `[Interface]\nAddress = ${key}\nListenPort = ${psk}\nFwMark = ${key}\nMTU = ${psk}\nTable = ${key}\nDNS = ${psk}\nSaveConfig = ${key}\n[Peer]\nPublicKey = ${pub}\nAllowedIPs = ${key}, ${psk}/32\nEndpoint = ${key}:51820\nPersistentKeepalive = ${psk}\n`,
  );
  add(
    'as an endpoint’s port',
    (key, psk, pub) => `[Interface]\nAddress = 10.0.0.1\n[Peer]\nPublicKey = ${pub}\nEndpoint = host:${key}\nPresharedKeyFile = ${psk}\n`,
  );
  add(
    'with spaces inside',
    (key, psk, pub) =>
      `[Interface]\nPrivateKey = ${key.slice(0, 21)} ${key.slice(21)}\n[Peer]\nPublicKey = ${pub}\nPreshared Key = ${psk.slice(0, 30)}\t${psk.slice(30)}\nAllowedIPs = 10.0.0.1/32\n`,
  );
  add(
    'written twice',
    (key, psk, pub) =>
      `[Interface]\nPrivateKey = ${key}\nPrivateKey = ${psk}\n[Peer]\nPublicKey = ${pub}\nPresharedKey = ${psk}\nPresharedKey = ${key}\nAllowedIPs = 10.0.0.1/32\n[Peer]\nPublicKey = ${pub}\n`,
  );
  add(
    'as arguments of hooks',
    (key, psk, pub) =>
      `[Interface]\nPostUp = iptables -A FORWARD -i ${key} -m comment --comment "${psk}" -j ACCEPT; nft add element ip t ${psk}\nPostUp = ip route add ${key}; sysctl -w x=${psk}; echo ${key} > /proc/sys/x\nPreUp = ${key} # ${psk}\n[Peer]\nPublicKey = ${pub}\nAllowedIPs = 10.0.0.1/32\n`,
  );
  add(
    'in lines without =',
    (key, psk) => `[Interface]\nPrivateKey ${key}\nPostUp\n[Peer]\nPresharedKey: ${psk}\nPublicKey ${key}=${psk}\n`,
  );
  return made;
}

const FILES = 50;

/** So many files: each of the canaries, then the same with other keys, by turns with CR LF, a byte order mark, and no end of line. */
function manyCanaries(): readonly Canary[] {
  const made: Canary[] = [];
  const dress: readonly ((text: string) => string)[] = [
    (text) => text,
    (text) => text.replaceAll('\n', '\r\n'),
    (text) => `\ufeff${text.replace(/\n$/, '')}`,
  ];
  for (let round = 0; made.length < FILES; round++) {
    for (const canary of canaries()) {
      if (made.length < FILES) made.push({ ...canary, text: (dress[round % dress.length] as (text: string) => string)(canary.text) });
    }
  }
  return made;
}

/** Any 12 characters in a row of a secret would be too much. */
function assertNone(said: string, secrets: readonly string[], where: string): void {
  for (const secret of secrets) {
    for (let i = 0; i + 12 <= secret.length; i += 4) {
      const piece = secret.slice(i, i + 12);
      assert.ok(!said.includes(piece), `${where} says a piece of a secret`);
      assert.ok(!said.includes(JSON.stringify(piece).slice(1, -1)), `${where} says a piece of a secret`);
    }
  }
}

/** All that views and lenses show of these files. */
function shownIn(analysis: Analysis): string {
  const { model } = analysis.mesh;
  const place = (origin: Origin): Origin => origin;
  const parts: unknown[] = [meshTree(model, null, place)];
  for (const view of views) {
    const matrix = accessMatrix(model, view);
    parts.push(drained(shownMatrix(matrix, place)), ...tableFormats.map((format) => drained(matrixTable(matrix, format))));
    for (const [from, member] of matrix.members.entries()) {
      parts.push(memberId(member), shownHost(matrix, from, true, place));
      for (const to of matrix.members.keys()) parts.push(explainedCell(matrix, from, to, place));
      parts.push(traced(matrix, { from: memberId(member), to: '10.0.0.9', service: 'tcp/22', view }, place));
    }
    for (const node of model.links.interfaces) {
      const access = accessMatrix(model, 'access');
      for (const { peer } of hostLenses(analysis, node.uri)) parts.push(hostLensText(matrix, node, peer));
      parts.push(access.members.map((_, at) => reachParagraphs(access, matrix, at)));
    }
    const none = accessMatrix(analyse(new Map()).mesh.model, view);
    parts.push(shownChanges(model, differences(none, matrix), differences(none, matrix)));
  }
  return JSON.stringify(parts);
}

for (const { name, text, secrets } of canaries()) {
  test(`secrets ${name}: in no fact, finding, fix, hover, completion, symbol or view`, () => {
    const uri = 'file:///mesh/wg0.conf';
    const file = parsedFile(sourceFile(uri, 1, 'wireguard', text));
    const analysis = analyse(new Map([[uri, file]]));
    const facts = JSON.stringify(file.facts, (_, value) => (typeof value === 'bigint' ? String(value) : value));
    // a secret pasted as a public key is one to the facts, which no one prints; whether it may be shown is marked there
    if (name !== 'as the public key') assertNone(facts, secrets, 'a fact');
    const findings = shownFindings(analysis, uri);
    assertNone(JSON.stringify(findings), secrets, 'a finding');
    for (const finding of findings) {
      for (const fix of fixesOf(analysis, finding, { keyPath: '/etc/wireguard' }))
        assertNone(JSON.stringify(fix), secrets, `the fix “${fix.title}”`);
    }
    assertNone(JSON.stringify(symbolsOf(analysis, uri)), secrets, 'a symbol');
    assertNone(shownIn(analysis), secrets, 'a view');
    for (let offset = 0; offset <= text.length; offset++) {
      assertNone(JSON.stringify(hoverAt(analysis, uri, offset)), secrets, `the hover at ${offset}`);
      assertNone(JSON.stringify(completionsAt(analysis, uri, offset)), secrets, `the completion at ${offset}`);
    }
  });
}

/** The same in the files of network managers. */
const dialects: Readonly<Record<'networkd' | 'networkmanager', (key: string, psk: string, pub: string) => readonly string[]>> = {
  networkd: (key, psk, pub) => [
    `[NetDev]\nName=${key}\nKind=wireguard\n[WireGuard]\nPrivateKey=${key}\n[WireGuardPeer]\nPublicKey=${pub}\nPresharedKey=${psk}\nAllowedIPs=10.0.0.9/24\n`,
    `[WireGuard]\nPrivateKey=${key.slice(1)}\nPrivateKeyFile=${key}\nPrivatKey=${key}\nListenPort=${key}\n[WireGuardPeer]\nPublicKey=${psk.slice(1)}\nPresharedKey=/${psk}\nPresharedKeyFile=/${psk}\nAllowedIPs=${psk}, ${key}/24\nEndpoint=${key}:51820\nPersistentKeepalive=${psk}\nRouteTable=${psk}\n`,
    `${key}\n[${psk}]\nx=${key}\n[WireGuard]\n${psk}\n[Match]\nName=${key} ${psk}\n[Network]\nAddress=${key}\n[WireGuard\n`,
    `[WireGuardPeer]\n# ${key}\nPublicKey=${pub}\nPresharedKey="${psk}"\nEndpoint=host:${key}\nAllowedIPs=10.0.0.1 \\\n ${psk}\n`,
  ],
  networkmanager: (key, psk, pub) => [
    `[connection]\nid=${key}\ntype=wireguard\ninterface-name=${psk}\n[wireguard]\nprivate-key=${key}\n[wireguard-peer.${pub}]\npreshared-key=${psk}\nallowed-ips=10.0.0.9/24;\n`,
    `[wireguard]\nprivate-key=${key.slice(1)}\nprivat-key=${key}\nlisten-port=${psk}\nfwmark=${key}\n[wireguard-peer.${psk.slice(1)}]\npreshared-key=/${psk}\npreshared-key-flags=${psk}\nallowed-ips=${key};${psk}/24;\nendpoint=${key}:1\npersistent-keepalive=${key}\n[ipv4]\naddress1=${psk}/24\n`,
    `${key}\n[${psk}]\n; ${key}\n${psk}=${key}\n[wireguard-peer.${pub}\n`,
  ],
};

for (const language of ['networkd', 'networkmanager'] as const) {
  test(`secrets in files of ${language}: in no fact, finding, fix, hover, completion or symbol`, () => {
    const { privateKey } = keyPair();
    const psk = presharedKey();
    for (const text of dialects[language](privateKey, psk, keyPair().publicKey)) {
      const uri = 'file:///mesh/wg0';
      const file = parsedFile(sourceFile(uri, 1, language, text));
      const analysis = analyse(new Map([[uri, file]]));
      const secrets = [privateKey, psk];
      assertNone(
        JSON.stringify(file.facts, (_, value) => (typeof value === 'bigint' ? String(value) : value)),
        secrets,
        'a fact',
      );
      const findings = shownFindings(analysis, uri);
      assertNone(JSON.stringify(findings), secrets, 'a finding');
      for (const finding of findings)
        assertNone(JSON.stringify(fixesOf(analysis, finding, { keyPath: '/etc/wireguard' })), secrets, 'a fix');
      assertNone(JSON.stringify(symbolsOf(analysis, uri)), secrets, 'a symbol');
      for (let offset = 0; offset <= text.length; offset++) {
        assertNone(JSON.stringify(hoverAt(analysis, uri, offset)), secrets, `the hover at ${offset}`);
        assertNone(JSON.stringify(completionsAt(analysis, uri, offset)), secrets, `the completion at ${offset}`);
      }
    }
  });
}

test('the command line prints no secret, in any form, level or version', async (t) => {
  const all = manyCanaries();
  assert.equal(all.length, FILES);
  const policy = '{ "grants": [{ "src": "*", "dst": "*", "ip": "tcp:1" }], "tests": [{ "src": "*", "accept": ["*"], "deny": ["*"] }] }\n';
  const folder = folderOf(t, {
    ...Object.fromEntries(all.map(({ text }, i) => [`${i}/wg0.conf`, text])),
    'meshwarden.jsonc': policy,
  });
  const calls = [
    ...formats.flatMap((format) => wgVersions.map((version) => ['check', '--format', format, '--wg-version', version])),
    ...failLevels.map((level) => ['check', '.', '--fail-on', level]),
    ['check', '--format', 'none'],
    ['access', '.', '--view', 'blast-radius', '--format', 'json'],
    ['test'],
    ['diff', '.', '.'],
    ['generate', 'allowed-ips', '--format', 'json'],
    ['generate', 'nftables', '--host', '1'],
    ['--help'],
    ['--version'],
    ['no-such-command'],
  ];
  for (const call of calls) {
    const { out, err } = await meshwarden(call, folder);
    assert.ok(out.length + err.length > 4);
    for (const { name, secrets } of all) assertNone(out + err, secrets, `${call.join(' ')}, ${name},`);
  }
});

/** One that says which interfaces concern it. */
function isChoosy(rule: InterfaceRule): rule is InterfaceRule & Required<Pick<InterfaceRule, 'concerns'>> {
  return rule.concerns !== undefined;
}

/** One that looks at the other ends first. */
function isChoosyOfOthers(rule: InterfaceRule): rule is InterfaceRule & Required<Pick<InterfaceRule, 'concernsWith'>> {
  return rule.concernsWith !== undefined;
}

test('a rule that fails with a secret in its message tells its name and place, and the others go on', (t) => {
  for (const rule of rules) {
    if (rule.scope !== 'interface') continue;
    const logged: string[] = [];
    setFailureLog((name, error) => logged.push(`${name} failed: ${errorPlace(error)}`));
    t.after(() => setFailureLog(null));
    const { text, secrets } = canaries()[0] as Canary;
    const failing = t.mock.method(rule, 'check', () => {
      throw new Error(`could not read ${text}`);
    });
    const concerned = isChoosy(rule) ? t.mock.method(rule, 'concerns', () => true) : null;
    const concernedWith = isChoosyOfOthers(rule) ? t.mock.method(rule, 'concernsWith', () => true) : null;
    const uri = 'file:///mesh/wg0.conf';
    const analysis = analyse(new Map([[uri, parsedFile(sourceFile(uri, 1, 'wireguard', text))]]));
    assert.ok(shownFindings(analysis, uri).length > 0);
    failing.mock.restore();
    concerned?.mock.restore();
    concernedWith?.mock.restore();
    assert.equal(logged.length, 1, rule.id);
    assert.match(logged[0] ?? '', new RegExp(`^${rule.id} failed: Error at `));
    assertNone(logged.join('\n'), secrets, 'the log');
  }
});

test('the server writes no secret: diagnostics, hovers, lenses, views, actions, logs, errors', async (t) => {
  const all = manyCanaries();
  const folder = folderOf(t, Object.fromEntries(all.map(({ text }, i) => [`${i}/wg0.conf`, text])));
  const server = await startServer(t, { folder });
  await server.notify('$/setTrace', { value: 'verbose' });
  for (const [i, { text }] of all.entries()) {
    const uri = fileUri(folder, `${i}/wg0.conf`);
    server.open(uri, 'wireguard', text);
    const lines = text.split('\n');
    for (const diagnostic of await server.diagnostics(uri, ({ version }) => version === 1)) await server.actions(uri, diagnostic);
    for (const [line, content] of lines.entries()) {
      for (const character of [0, 5, content.indexOf('=') + 3, content.length]) {
        const at = { textDocument: { uri }, position: { line, character } };
        await server.request('textDocument/hover', at);
        await server.request('textDocument/completion', at);
      }
    }
    await server.request('textDocument/documentSymbol', { textDocument: { uri } });
    for (const lens of await server.request<CodeLens[]>('textDocument/codeLens', { textDocument: { uri } }))
      await server.request('codeLens/resolve', lens);
    await server.request('textDocument/semanticTokens/full', { textDocument: { uri } });
    const everything = { start: { line: 0, character: 0 }, end: { line: lines.length, character: 0 } };
    await server.request('textDocument/semanticTokens/range', { textDocument: { uri }, range: everything });
    await server.request('textDocument/codeAction', { textDocument: { uri }, range: everything, context: { diagnostics: [] } });
    server.change(uri, 2, everything.start, everything.start, '# typed\n');
    // what no editor sends: the server says that it failed, and nothing of the file
    await server.request('textDocument/hover', { textDocument: { uri } }).catch(() => undefined);
    await server.request('textDocument/codeAction', { textDocument: { uri }, range: null, context: null }).catch(() => undefined);
    await server.request('workspace/executeCommand', { command: 'meshwarden.applyFix', arguments: [null] }).catch(() => undefined);
  }
  for (const view of views) await server.request('meshwarden/matrix', { view });
  await server.request('meshwarden/mesh', { counts: true });
  await server.request('meshwarden/changes', { base: 'saved' });
  const transcript = server.transcript();
  assert.ok(transcript.length > 20_000 && /failed/.test(transcript), 'too little was said to prove anything');
  for (const { name, secrets } of all) assertNone(transcript, secrets, `the server, ${name},`);
});
