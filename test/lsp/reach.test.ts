// Who reaches whom, as an editor asks for it: lenses, views, hovers, and what edits change.
import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { CodeLens, Hover, Location, MarkupContent } from 'vscode-languageserver/node';
import type { Changes, Explanation, HostDetails, Matrix, MeshNode, Problem, Traced } from '../../client/webview/data.ts';
import { root } from '../support/command-line.ts';
import { folderOf } from '../support/folder.ts';
import { fileUri, type Server, type ServerOptions, startServer } from '../support/server.ts';

interface Opened {
  readonly server: Server;
  readonly folder: string;
  readonly uriOf: (file: string) => string;
  readonly textOf: (file: string) => string;
}

const hub = 'hub/etc/wireguard/wg0.conf';
const rules = 'hub/etc/nftables.conf';

/** The zero-trust example, read, with its hub's config open. */
async function opened(t: TestContext, options: ServerOptions = {}): Promise<Opened> {
  const folder = folderOf(t, {});
  cpSync(path.join(root, 'examples/zero-trust-mesh'), folder, { recursive: true });
  const server = await startServer(t, { folder, initializationOptions: { views: true }, ...options });
  const textOf = (file: string): string => readFileSync(path.join(folder, file), 'utf8');
  const uriOf = (file: string): string => fileUri(folder, file);
  server.open(uriOf(hub), 'wireguard', textOf(hub));
  await server.diagnostics(uriOf(hub));
  await until(async () => {
    const nodes = await server.request<readonly MeshNode[]>('meshwarden/mesh', { counts: false });
    return nodes.length === 6;
  });
  return { server, folder, uriOf, textOf };
}

async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  for (let left = 200; left > 0; left--) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail('it never came to hold');
}

/** Replaces the only `from` in a line that holds `line`, as typed. */
function edit({ server, uriOf }: Opened, file: string, text: string, version: number, line: string, from: string, to: string): string {
  const lines = text.split('\n');
  const at = lines.findIndex((one) => one.includes(line));
  const character = lines[at]?.indexOf(from) ?? -1;
  assert.ok(at >= 0 && character >= 0, `${line}: ${from}`);
  server.change(uriOf(file), version, { line: at, character }, { line: at, character: character + from.length }, to);
  lines[at] = lines[at]?.replace(from, to) ?? '';
  return lines.join('\n');
}

/** The titles of a file's lenses by line, from 1. */
async function lenses({ server, uriOf }: Opened, file: string): Promise<readonly string[]> {
  const found = await server.request<CodeLens[]>('textDocument/codeLens', { textDocument: { uri: uriOf(file) } });
  const titles: string[] = [];
  for (const lens of found) {
    const { command } = await server.request<CodeLens>('codeLens/resolve', lens);
    titles.push(`${lens.range.start.line + 1} ${command?.title}`);
  }
  return titles;
}

/** What the hub lets in by itself, the answers, and three grants. */
const RULES: readonly string[] = [
  ...[8, 9, 10, 11, 12, 13].map((line) => `${line} decides no flow between hosts of the mesh`),
  '19 decides 3 flows',
  '21 decides 1 flow',
  '23 decides 1 flow',
  '25 decides 1 flow',
];

const ofLaptop = 'reaches app tcp/443 · reachable from hub · may send as itself alone';

describe('lenses', () => {
  test('say of a laptop that is taken what it reaches, and widened as whom it may send and what that newly allows', async (t) => {
    const work = await opened(t);
    const laptop = async (): Promise<readonly string[]> => (await lenses(work, hub)).filter((title) => /^(?:20|22) /.test(title));
    assert.deepEqual(await laptop(), [`20 ${ofLaptop}`]);
    const wide = edit(work, hub, work.textOf(hub), 2, '10.10.0.7/32', '/32', '/24');
    assert.deepEqual(await laptop(), [
      '20 reaches app tcp/443 · reachable from hub · may send as 252 addresses, 2 in use',
      '22 Unsaved: + nothing · − nothing · laptop may now send as 251 more addresses, 1 in use',
    ]);
    edit(work, hub, wide, 3, '10.10.0.7/24', '/24', '/32');
    assert.deepEqual(await laptop(), [`20 ${ofLaptop}`], 'taken back');
  });

  test('say of each rule how much it decides', async (t) => {
    const work = await opened(t);
    const { server, uriOf, textOf } = work;
    server.open(uriOf(rules), 'nftables', textOf(rules));
    assert.deepEqual(await lenses(work, rules), RULES);
  });

  const edits = async (work: Opened): Promise<readonly string[]> =>
    (await lenses(work, rules)).filter((title) => !title.includes('decides'));

  test('tell an edit in a ruleset where it is made, until it is saved', async (t) => {
    const work = await opened(t);
    const { server, uriOf, textOf, folder } = work;
    const text = textOf(rules);
    server.open(uriOf(rules), 'nftables', text);
    assert.deepEqual(await edits(work), []);
    const now = edit(work, rules, text, 2, '10.10.0.7 ip daddr', 'tcp dport 443', 'tcp dport { 22, 443 }');
    assert.deepEqual(await edits(work), ['21 Unsaved: + laptop → app tcp/22 · − nothing']);
    writeFileSync(path.join(folder, rules), now);
    await server.notify('textDocument/didSave', { textDocument: { uri: uriOf(rules) } });
    assert.deepEqual(await edits(work), []);
  });

  test('tell what changed since the last commit, where somebody knows what was committed', async (t) => {
    const work = await opened(t);
    const { server, uriOf, textOf } = work;
    const text = textOf(rules);
    server.open(uriOf(rules), 'nftables', text);
    const committed = text.replace('tcp dport 443', 'tcp dport { 22, 443 }');
    await server.notify('meshwarden/committed', { texts: { [uriOf(rules)]: committed, [uriOf('new/wg0.conf')]: null } });
    assert.deepEqual(await edits(work), ['21 Since the last commit: + nothing · − laptop → app tcp/22']);
    edit(work, rules, text, 2, 'tcp dport 9090', '9090', '9091');
    assert.deepEqual(await edits(work), [
      '25 Unsaved: + metrics → collector tcp/9091 · − metrics → collector tcp/9090',
      '25 Since the last commit: + metrics → collector tcp/9091 · − laptop → app tcp/22, metrics → collector tcp/9090',
    ]);
    await server.notify('meshwarden/committed', { texts: null });
    assert.equal((await edits(work)).length, 1);
  });

  test('say nothing while they are worked out, to an editor that asks again when it is told to', async (t) => {
    const work = await opened(t, { refreshesLenses: true });
    const { server } = work;
    assert.ok((await lenses(work, hub)).every((title) => /^\d+ …$/.test(title)));
    await until(() => server.heard.includes('workspace/codeLens/refresh'));
    assert.equal((await lenses(work, hub))[2], `20 ${ofLaptop}`);
    edit(work, hub, work.textOf(hub), 2, '10.10.0.7/32', '/32', '/24');
    const meanwhile = await lenses(work, hub);
    assert.deepEqual([meanwhile[2], meanwhile.at(-1)], [`20 ${ofLaptop}`, '22 Unsaved: …'], 'what was known before; of an edit nothing');
    await until(async () => (await lenses(work, hub)).some((title) => title.includes('251 more addresses')));
  });

  test('are not there where they are not wanted', async (t) => {
    const work = await opened(t);
    await work.server.notify('workspace/didChangeConfiguration', { settings: { meshwarden: { lenses: false } } });
    assert.deepEqual(await lenses(work, hub), []);
  });

  test('open views in an editor that has them, and nothing in others', async (t) => {
    const commandsOf = async (options: ServerOptions): Promise<readonly (string | undefined)[]> => {
      const { server, uriOf } = await opened(t, options);
      const [first] = await server.request<CodeLens[]>('textDocument/codeLens', { textDocument: { uri: uriOf(hub) } });
      const { command } = await server.request<CodeLens>('codeLens/resolve', first);
      return [command?.command, JSON.stringify(command?.arguments)];
    };
    const [command, given] = await commandsOf({});
    assert.equal(command, 'meshwarden.showAccessMatrix');
    assert.match(given ?? '', /"view":"blast-radius","from":"file:.*hub\/etc\/wireguard\/wg0\.conf"/);
    assert.deepEqual(await commandsOf({ initializationOptions: {} }), ['', undefined]);
  });
});

describe('views', () => {
  test('are answered whatever is sent with the question', async (t) => {
    const { server } = await opened(t);
    for (const params of [[], [null], [undefined, undefined], ['access'], [{ view: 'access' }, undefined], [[]]] as const) {
      const { view } = await server.request<Matrix>('meshwarden/matrix', ...params);
      assert.equal(view, 'access');
    }
  });

  test('are answered: the matrix, why, a trace, a host, the tree, a table', async (t) => {
    const { server, uriOf } = await opened(t);
    const ask = <T>(what: string, params: unknown): Promise<T> => server.request<T>(`meshwarden/${what}`, params);
    const matrix = await ask<Matrix>('matrix', { view: 'blast-radius' });
    assert.deepEqual([matrix.view, matrix.meshes.length, matrix.meshes[0]?.members.length], ['blast-radius', 1, 6]);
    const of = (name: string) => matrix.meshes[0]?.members.find((member) => member.name === name) ?? assert.fail(name);
    assert.deepEqual(of('laptop').place, {
      uri: uriOf('laptop/etc/wireguard/wg0.conf'),
      range: { start: { line: 1, character: 0 }, end: { line: 1, character: 11 } },
    });
    const [from, to] = [of('laptop').id, of('app').id];
    const why = await ask<Explanation>('explain', { view: 'blast-radius', from, to });
    const decides = why.ways[0]?.hops.find(({ says }) => says === 'hub, chain forward: accept')?.place as Location;
    assert.deepEqual([decides.uri, decides.range.start.line], [uriOf(rules), 20]);
    const trace = await ask<Traced>('trace', { view: 'access', from: 'laptop', to: '10.10.0.20', service: 'tcp/443' });
    assert.deepEqual([trace.answer, trace.to], ['yes', 'app']);
    const none = await ask<Problem>('trace', { view: 'access', from: 'laptop', to: 'app', service: 'tcp' });
    assert.equal(none.problem, 'tcp needs a port, as in tcp/443');
    const host = await ask<HostDetails>('host', { id: from, falls: true });
    assert.deepEqual(
      host.falls?.map(({ name }) => name),
      ['app', 'database'],
    );
    const tree = await ask<readonly MeshNode[]>('mesh', { counts: true });
    assert.equal(tree.find(({ name }) => name === 'laptop')?.detail, 'reaches 1 · reachable from 1');
    assert.match(await ask<string>('table', { view: 'access', format: 'markdown' }), /\| laptop \| tcp:443 \|/);
    assert.deepEqual(await ask('ours', { uris: ['file:///a/wg0.conf', 'file:///a/b.txt', 7] }), ['file:///a/wg0.conf']);
    assert.deepEqual(await ask('members', {}), matrix.meshes[0]?.members);
    const changes = await ask<Changes>('changes', { base: 'saved' });
    assert.deepEqual(changes, { changes: [], senders: [], text: '' });
    assert.equal(await ask('changes', { base: 'committed' }), null);
    assert.equal(await ask('explain', { view: 'access', from: 'nobody', to }), null);
  });

  test('are told of an edit that changes what files say, and not of one in a comment', async (t) => {
    const work = await opened(t);
    const { server } = work;
    const told = (): number => server.heard.filter((method) => method === 'meshwarden/changed').length;
    await until(() => told() > 0);
    const before = told();
    const text = edit(work, hub, work.textOf(hub), 2, '# The hub', 'The hub', 'the hub');
    // an answer that waits for a pause comes behind the word of the edit, if there is one
    await server.request('meshwarden/matrix', { view: 'access' });
    await new Promise((resolve) => setTimeout(resolve, 600));
    assert.equal(told(), before);
    edit(work, hub, text, 3, '10.10.0.7/32', '/32', '/24');
    await until(() => told() === before + 1);
  });

  test('do not hold up what is typed: diagnostics come first', async (t) => {
    const work = await opened(t);
    const { server, uriOf, textOf } = work;
    const order: string[] = [];
    // what is asked for while somebody types waits for a pause
    edit(work, hub, textOf(hub), 2, 'ListenPort', 'ListenPort', 'ListenPor');
    const matrix = server.request<Matrix>('meshwarden/matrix', { view: 'blast-radius' }).then((answer) => {
      order.push('matrix');
      return answer;
    });
    await server.diagnostics(uriOf(hub), ({ version }) => version === 2).then(() => order.push('diagnostics'));
    assert.equal((await matrix).meshes.length, 1);
    assert.deepEqual(order, ['diagnostics', 'matrix']);
  });
});

test('a hover on an address says what its host may reach, and who reaches it', async (t) => {
  const { server, uriOf, textOf } = await opened(t);
  const hover = async (file: string, word: string): Promise<string> => {
    const before = textOf(file).split(word)[0]?.split('\n') ?? [];
    const position = { line: before.length - 1, character: (before.at(-1)?.length ?? 0) + 1 };
    const answer = await server.request<Hover | null>('textDocument/hover', { textDocument: { uri: uriOf(file) }, position });
    return (answer?.contents as MarkupContent | undefined)?.value ?? '';
  };
  assert.match(await hover(hub, '10.10.0.7/32'), /`laptop` may reach `app` tcp\/443\.\n\nReached by nobody\./);
  assert.match(
    await hover('app/etc/wireguard/wg0.conf', '10.10.0.20/32'),
    /`app` may reach `database` tcp\/5432\.\n\nReached by `laptop` tcp\/443\./,
  );
  assert.match(await hover(rules, '10.10.0.31 '), /The address of `metrics`[\s\S]*`metrics` may reach `collector` tcp\/9090\./);
  assert.doesNotMatch(await hover(hub, '10.10.0.1/24'), /may reach `/);
});
