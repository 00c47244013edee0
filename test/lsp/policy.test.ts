// The workspace file over the protocol: what rules about access find comes by itself, and its names lead somewhere.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CodeAction, CompletionItem, Location, Range, WorkspaceEdit } from 'vscode-languageserver/node';
import { exampleFiles } from '../support/example-files.ts';
import { folderOf } from '../support/folder.ts';
import { fileUri, type Server, startServer } from '../support/server.ts';

const policyText = `{
  "hosts": { "laptop": { "folder": "laptop" } },
  "groups": { "servers": ["app", "database"] },
  "grants": [
    { "src": ["laptop"], "dst": ["app"], "ip": ["tcp:443"] },
    { "src": ["app"], "dst": ["database"], "ip": ["tcp:5432"] },
    { "src": ["metrics"], "dst": ["collector"], "ip": ["tcp:9090"] }
  ],
  "tests": [
    { "src": "laptop", "accept": ["app:tcp:443"], "deny": ["servers:*"] }
  ]
}
`;

function placeOf(text: string, what: string, nth = 0, into = 1): { line: number; character: number } {
  let at = -1;
  for (let i = 0; i <= nth; i++) at = text.indexOf(what, at + 1);
  assert.ok(at >= 0, what);
  const before = text.slice(0, at + into).split('\n');
  return { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
}

function at({ start, end }: Range): string {
  return `${start.line + 1} ${policyText.split('\n')[start.line]?.slice(start.character, end.character)}`;
}

const hubRules = 'hub/etc/nftables.conf';

async function opened(
  t: Parameters<typeof startServer>[0],
): Promise<{ readonly server: Server; readonly folder: string; readonly uri: string }> {
  const folder = folderOf(t, { ...exampleFiles('zero-trust-mesh'), 'meshwarden.jsonc': policyText });
  const server = await startServer(t, { folder });
  const uri = fileUri(folder, 'meshwarden.jsonc');
  server.open(uri, 'jsonc', policyText);
  // the folder is read in the background
  for (;;) {
    const hover = await hoverAt(server, uri, 'metrics');
    if (hover.includes('Its config is here')) return { server, folder, uri };
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function hoverAt(server: Server, uri: string, what: string, nth = 0): Promise<string> {
  const hover = await server.request<{ readonly contents: { readonly value: string } } | null>('textDocument/hover', asked(uri, what, nth));
  return hover?.contents.value ?? '';
}

const asked = (uri: string, what: string, nth = 0): object => ({ textDocument: { uri }, position: placeOf(policyText, what, nth) });

test('what is typed in a ruleset is held against the grants, without a request', async (t) => {
  const { server, folder, uri } = await opened(t);
  const rules = fileUri(folder, hubRules);
  const text = exampleFiles('zero-trust-mesh')[hubRules] ?? '';
  server.open(rules, 'nftables', text);
  await server.diagnostics(rules, ({ version, diagnostics }) => version === 1 && diagnostics.length === 0);
  const port = placeOf(text, 'tcp dport 443', 0, 'tcp dport '.length);
  server.change(rules, 2, port, { ...port, character: port.character + 3 }, '{ 22, 443 }');
  const [finding] = await server.diagnostics(rules, ({ version, diagnostics }) => version === 2 && diagnostics.length > 0);
  assert.equal(finding?.code, 'policy/unexpected-access');
  assert.match(String(finding?.message), /^laptop reaches app tcp\/22, and no grant says so\. Packet /);
  assert.ok((finding?.relatedInformation?.length ?? 0) > 5);
  // the test says that the laptop reaches the servers on nothing but what it accepts
  const [failed] = await server.diagnostics(uri, ({ diagnostics }) => diagnostics.length > 0);
  assert.equal(failed?.code, 'policy/test-failed');
  assert.match(
    await hoverAt(server, uri, 'servers:*'),
    /`laptop`, once somebody has taken it over, must not reach `servers` by any service, but for `app:tcp:443`\.\n\nIt does not hold\./,
  );
  const actions = await server.request<readonly CodeAction[]>('textDocument/codeAction', {
    textDocument: { uri: rules },
    range: finding?.range,
    context: { diagnostics: [finding] },
  });
  const action = actions.find(({ title }) => title === 'Make the ruleset of hub match the grants (table meshwarden)');
  assert.ok(action?.edit, actions.map(({ title }) => title).join('\n'));
  server.change(rules, 3, port, { ...port, character: port.character + '{ 22, 443 }'.length }, '443');
  assert.deepEqual(await server.diagnostics(rules, ({ version, diagnostics }) => version === 3 && diagnostics.length === 0), []);
  assert.deepEqual(await server.diagnostics(uri, ({ diagnostics }) => diagnostics.length === 0), []);
});

test('hovers say who a host is, who is in a group, what a grant means and whether it holds', async (t) => {
  const { server, uri } = await opened(t);
  const hover = (what: string, nth = 0): Promise<string> => hoverAt(server, uri, what, nth);
  assert.match(
    await hover('laptop', 2),
    /^\*\*`laptop`\*\* · host\n\n`10\.10\.0\.7`\n\nIts config is here; it is a spoke, because it has one peer\.$/,
  );
  assert.match(await hover('app'), /`10\.10\.0\.20`[\s\S]*In `servers`\./);
  assert.match(await hover('servers'), /· group\n\n2 members, groups taken apart:\n\n- `app` 10\.10\.0\.20\n- `database` 10\.10\.0\.2$/);
  assert.match(await hover('app:tcp:443'), /`laptop` must reach `app` by `tcp:443`\./);
  for (let tries = 0; tries < 100; tries++) {
    const said = await hover('"ip": ["tcp:443"]');
    assert.match(said, /^\*\*`grant`\*\* · who may reach whom\n\n`laptop` may use `tcp:443` of `app`\.\n\n/);
    if (said.includes('It holds: all of it gets through, and answers come back.')) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail('nobody found out whether the grant holds');
});

test('a name leads to its entry, or to its config', async (t) => {
  const { server, folder, uri } = await opened(t);
  const definition = async (what: string, nth = 0): Promise<readonly string[]> =>
    (await server.request<readonly Location[]>('textDocument/definition', asked(uri, what, nth))).map((one) =>
      one.uri === uri ? at(one.range) : `${one.uri.slice(fileUri(folder).length + 1)}:${one.range.start.line + 1}`,
    );
  assert.deepEqual(await definition('servers:*'), ['3 servers']);
  assert.deepEqual(await definition('laptop', 2), ['2 laptop']);
  assert.deepEqual(await definition('laptop'), ['laptop/etc/wireguard/wg0.conf:2']);
  assert.deepEqual(await definition('metrics'), ['metrics/etc/wireguard/wg0.conf:2']);
  const references = await server.request<readonly Location[]>('textDocument/references', {
    ...asked(uri, 'app:tcp'),
    context: { includeDeclaration: true },
  });
  assert.deepEqual(
    references.map(({ range }) => at(range)),
    ['3 app', '5 app', '6 app', '10 app'],
  );
});

test('what the file names is renamed everywhere in it; a folder’s name is not', async (t) => {
  const { server, uri } = await opened(t);
  const renamed = await server.request<WorkspaceEdit>('textDocument/rename', { ...asked(uri, 'servers'), newName: 'backends' });
  const edits = renamed.documentChanges?.flatMap((change) => ('edits' in change ? change.edits : [])) ?? [];
  assert.deepEqual(
    edits.map((edit) => ('newText' in edit ? `${at(edit.range)} ${edit.newText}` : '')),
    ['3 servers backends', '10 servers backends'],
  );
  assert.deepEqual(await server.request('textDocument/prepareRename', asked(uri, 'laptop', 2)), {
    start: { line: 4, character: 15 },
    end: { line: 4, character: 21 },
  });
  assert.equal(await server.request('textDocument/prepareRename', asked(uri, 'metrics')), null);
  for (const [newName, says] of [
    ['laptop', /taken/],
    ['10.0.0.1', /is no name/],
    ['*', /is no name/],
  ] as const)
    await assert.rejects(server.request('textDocument/rename', { ...asked(uri, 'servers'), newName }), says);
});

test('hosts, groups and services are offered where they may stand', async (t) => {
  const { server, uri } = await opened(t);
  const labels = async (what: string, into: number): Promise<readonly string[]> =>
    (
      await server.request<readonly CompletionItem[]>('textDocument/completion', {
        textDocument: { uri },
        position: placeOf(policyText, what, 0, into),
      })
    ).map(({ label }) => label);
  const names = ['servers', 'app', 'collector', 'database', 'hub', 'laptop', 'metrics', '*'];
  assert.deepEqual(await labels('"src": ["laptop"', '"src": ["'.length), names);
  assert.deepEqual(await labels('"servers": ["app"', '"servers": ["a'.length), names);
  assert.deepEqual(await labels('"deny": ["servers', '"deny": ["ser'.length), names);
  assert.ok((await labels('"ip": ["tcp:443', '"ip": ["'.length)).includes('tcp:443'));
  assert.ok((await labels('app:tcp:443', 'app:t'.length)).includes('udp:53'));
  assert.deepEqual(await labels('"grants"', 2), []);
});
