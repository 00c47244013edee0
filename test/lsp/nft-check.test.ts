// nft's own opinion on saving: the real one, one that never answers, and that none is asked where it may not be.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { nftMessages } from '../../server/src/analysis/nft-opinion.ts';
import { checkByNft } from '../../server/src/host/nft.ts';
import { sourceFile } from '../../server/src/text/source-file.ts';
import { skipReason } from '../kernel/support/availability.ts';
import { folderOf } from '../support/folder.ts';
import { fileUri, type Server, startServer } from '../support/server.ts';

// we say nothing of the jump; of the misspelt word both speak
const broken = 'table inet t {\n\tchain c {\n\t\ttcp dport 22 jump nowhere\n\t\ttcp dprt 22 accept\n\t}\n}\n';
const overlapping =
  'table inet t {\n\tset s {\n\t\ttype ipv4_addr\n\t\tflags interval\n\t\telements = { 10.0.0.0-10.0.0.9, 10.0.0.5-10.0.0.20 }\n\t}\n}\n';

/** A program `nft` in a folder of its own, that does what the script says. */
function fakeNft(t: TestContext, script: string): string {
  const folder = folderOf(t, { nft: `#!/bin/sh\n${script}\n` });
  chmodSync(path.join(folder, 'nft'), 0o755);
  return folder;
}

function save(server: Server, uri: string): void {
  void server.notify('textDocument/didSave', { textDocument: { uri } });
}

describe('nft’s opinion', { skip: skipReason('nft') }, () => {
  test('stands beside ours where we say nothing, and goes with the next edit', async (t) => {
    const folder = folderOf(t, { 'a.nft': overlapping });
    const server = await startServer(t, { folder });
    const uri = fileUri(folder, 'a.nft');
    server.open(uri, 'nftables', overlapping);
    await server.diagnostics(uri, ({ version }) => version === 1);
    save(server, uri);
    const [one] = await server.diagnostics(uri, ({ diagnostics }) => diagnostics.some(({ source }) => source === 'nft'));
    assert.match(String(one?.message), /conflicting intervals/);
    assert.equal(one?.range.start.line, 4);
    server.change(uri, 2, { line: 0, character: 0 }, { line: 0, character: 0 }, '\n');
    assert.deepEqual(await server.diagnostics(uri, ({ version }) => version === 2), []);
  });

  test('is not repeated on a line of which we speak', async (t) => {
    const folder = folderOf(t, { 'a.nft': broken });
    const programs = fakeNft(t, `echo "$3:4:7-10: Error: syntax error" >&2; echo "$3:3:21-27: Error: no chain" >&2; exit 1`);
    const server = await startServer(t, { folder, programs });
    const uri = fileUri(folder, 'a.nft');
    server.open(uri, 'nftables', broken);
    await server.diagnostics(uri, ({ version }) => version === 1);
    save(server, uri);
    // the script gets -c -f FILE
    const told = await server.diagnostics(uri, ({ diagnostics }) => diagnostics.some(({ source }) => source === 'nft'));
    assert.deepEqual(
      told.map(({ source, range }) => [source, range.start.line]),
      [
        ['meshwarden', 3],
        ['nft', 2],
      ],
    );
  });

  test('is given up after its time, with all that it had started', async (t) => {
    const folder = folderOf(t, { 'a.nft': broken });
    const programs = fakeNft(t, `echo $$ >"${folder}/pid"; sleep 600 & echo $! >"${folder}/child"; wait`);
    const started = performance.now();
    assert.equal(await checkByNft(path.join(folder, 'a.nft'), 1500, path.join(programs, 'nft')), null);
    assert.ok(performance.now() - started < 10_000);
    for (const name of ['pid', 'child']) {
      const pid = Number(readFileSync(path.join(folder, name), 'utf8'));
      assert.ok(pid > 1);
      assert.equal(isRunning(pid), false, name);
    }
  });

  test('is none where there is no nft', async (t) => {
    const folder = folderOf(t, { 'a.nft': broken });
    assert.equal(await checkByNft(path.join(folder, 'a.nft'), 5000, path.join(folder, 'no-such-nft')), null);
  });

  const notAsked: readonly (readonly [string, unknown, unknown])[] = [
    ['in a folder that is not trusted', { trusted: false }, {}],
    ['where the setting is off', {}, { nftables: { check: false } }],
  ];
  for (const [where, initializationOptions, settings] of notAsked) {
    test(`is not asked for ${where}`, async (t) => {
      const folder = folderOf(t, { 'a.nft': overlapping, 'b.nft': overlapping });
      const programs = fakeNft(t, `echo "$3" >>"${folder}/asked"; echo "$3:1:1-2: Error: asked" >&2; exit 1`);
      const server = await startServer(t, { folder, programs, initializationOptions });
      await server.notify('workspace/didChangeConfiguration', { settings: { meshwarden: settings } });
      const [a, b] = [fileUri(folder, 'a.nft'), fileUri(folder, 'b.nft')];
      server.open(a, 'nftables', overlapping);
      server.open(b, 'nftables', overlapping);
      await server.diagnostics(b, ({ version }) => version === 1);
      save(server, a);
      // what is asked afterwards shows that the first had its time
      await server.notify('meshwarden/trusted');
      await server.notify('workspace/didChangeConfiguration', { settings: { meshwarden: {} } });
      save(server, b);
      await server.diagnostics(b, ({ diagnostics }) => diagnostics.some(({ source }) => source === 'nft'));
      assert.equal(readFileSync(path.join(folder, 'asked'), 'utf8').trim(), path.join(folder, 'b.nft'));
      assert.ok(server.published.every(({ uri, diagnostics }) => uri !== a || diagnostics.length === 0));
    });
  }
});

function isRunning(pid: number): boolean {
  try {
    // a process that has ended and that nobody has waited for is none
    return existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

test('nft’s columns count bytes, and what hangs on the machine is left out', () => {
  const source = sourceFile('file:///a.nft', 1, 'nftables', 'add rule t c comment "ä" accept\nadd table ip t\n');
  const said = [
    '/a.nft:1:27-32: Error: terminal',
    'add rule …',
    '/other.nft:1:1-2: Error: elsewhere',
    '/a.nft:2:1-3: Error: Interface does not exist',
    '/a.nft:2:1-3: Error: Could not process rule: No such file or directory',
    '/a.nft:9:1-3: Error: no such line',
  ].join('\n');
  assert.deepEqual(nftMessages(source, '/a.nft', said), [{ span: { start: 25, end: 31 }, line: 0, message: 'terminal' }]);
  assert.equal(source.text.slice(25, 31), 'accept');
});
