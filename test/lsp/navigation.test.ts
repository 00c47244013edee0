// Folding, definitions, references and renaming, as an editor asks for them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DocumentHighlight, DocumentLink, FoldingRange, Location, Range, WorkspaceEdit } from 'vscode-languageserver/node';
import { keyPair } from '../support/keys.ts';
import { type Server, startServer } from '../support/server.ts';

const ruleset = `# who may reach whom
# on which port
define mesh = "wg0"
table inet filter {
	set admins {
		type ipv4_addr
		elements = { 10.0.0.7 }
	}
	counter web {
	}
	chain input {
		type filter hook input priority filter; policy drop;
		iifname $mesh jump allowed
		ct state vmap { established : accept, new : jump allowed }
	}
	chain allowed {
		ip saddr @admins tcp dport { 22, 443 } counter name "web" accept
	}
}
table ip other {
	chain allowed {
	}
}
add rule inet filter input iifname $mesh goto allowed
flush set inet filter admins
`;
const uri = 'file:///hub/etc/nftables.conf';

/** The place of the `nth` text, from 0. */
function placeOf(text: string, what: string, nth = 0, into = 1): { line: number; character: number } {
  let at = -1;
  for (let i = 0; i <= nth; i++) at = text.indexOf(what, at + 1);
  assert.ok(at >= 0, what);
  const before = text.slice(0, at + into).split('\n');
  return { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
}

/** Line numbers from 1 with what stands there. */
function shown(text: string, ranges: readonly Range[]): readonly string[] {
  const lines = text.split('\n');
  return ranges.map(({ start, end }) => `${start.line + 1} ${lines[start.line]?.slice(start.character, end.character)}`);
}

async function places(server: Server, method: string, what: string, nth = 0, more = {}): Promise<readonly string[]> {
  const params = { textDocument: { uri }, position: placeOf(ruleset, what, nth), ...more };
  const found = await server.request<readonly (Location | DocumentHighlight)[]>(`textDocument/${method}`, params);
  return shown(
    ruleset,
    found.map(({ range }) => range),
  );
}

describe('a ruleset', () => {
  test('from a use to where it is made', async (t) => {
    const server = await startServer(t);
    server.open(uri, 'nftables', ruleset);
    assert.deepEqual(await places(server, 'definition', 'mesh jump'), ['3 mesh']);
    assert.deepEqual(await places(server, 'definition', 'allowed\n\t\tct'), ['16 allowed']);
    assert.deepEqual(await places(server, 'definition', 'allowed }'), ['16 allowed']);
    assert.deepEqual(await places(server, 'definition', 'admins tcp'), ['5 admins']);
    assert.deepEqual(await places(server, 'definition', 'web" accept'), ['9 web']);
    assert.deepEqual(await places(server, 'definition', 'filter input iif'), ['4 filter']);
    assert.deepEqual(await places(server, 'definition', 'accept'), []);
    // one of another table is another
    assert.deepEqual(await places(server, 'definition', 'allowed {', 1), ['21 allowed']);
  });

  test('from a name to all its uses', async (t) => {
    const server = await startServer(t);
    server.open(uri, 'nftables', ruleset);
    const context = { includeDeclaration: true };
    assert.deepEqual(await places(server, 'references', 'allowed {', 0, { context }), [
      '13 allowed',
      '14 allowed',
      '16 allowed',
      '24 allowed',
    ]);
    assert.deepEqual(await places(server, 'references', 'admins {', 0, { context: { includeDeclaration: false } }), [
      '17 admins',
      '25 admins',
    ]);
    assert.deepEqual(await places(server, 'documentHighlight', 'mesh ='), ['3 mesh', '13 mesh', '24 mesh']);
  });

  test('a new name goes to all of them, and only there', async (t) => {
    const server = await startServer(t);
    server.open(uri, 'nftables', ruleset);
    const rename = (what: string, newName: string, nth = 0) =>
      server.request<WorkspaceEdit>('textDocument/rename', { textDocument: { uri }, position: placeOf(ruleset, what, nth), newName });
    const applied = (edit: WorkspaceEdit): string => {
      const lines = ruleset.split('\n');
      const edits = (edit.documentChanges ?? []).flatMap((change) => ('edits' in change ? change.edits : []));
      for (const { range, newText } of edits.toReversed() as readonly { range: Range; newText: string }[]) {
        const line = lines[range.start.line] ?? '';
        lines[range.start.line] = line.slice(0, range.start.character) + newText + line.slice(range.end.character);
      }
      return lines.join('\n');
    };
    assert.equal(
      applied(await rename('allowed {', 'trusted')),
      ruleset.replace(/allowed/g, (word, at: number) =>
        at > ruleset.indexOf('table ip other') && at < ruleset.indexOf('add rule') ? word : 'trusted',
      ),
    );
    assert.equal(applied(await rename('mesh =', '$tunnel')), ruleset.replaceAll('mesh', 'tunnel'));
    assert.equal(applied(await rename('web" accept', 'https')), ruleset.replaceAll('web', 'https'));
    await assert.rejects(rename('allowed {', 'input'), /taken/);
    await assert.rejects(rename('allowed {', '9 lives'), /no name for nft/);
    await assert.rejects(rename('drop;', 'x'), /nothing here/);
    const prepare = (what: string) =>
      server.request<Range | null>('textDocument/prepareRename', { textDocument: { uri }, position: placeOf(ruleset, what) });
    assert.equal(await prepare('filter {'), null);
    assert.deepEqual(shown(ruleset, [(await prepare('web" accept')) ?? assert.fail()]), ['17 web']);
  });

  test('blocks and comments fold', async (t) => {
    const server = await startServer(t);
    server.open(uri, 'nftables', ruleset);
    const folds = await server.request<FoldingRange[]>('textDocument/foldingRange', { textDocument: { uri } });
    assert.deepEqual(folds.map(({ startLine, endLine, kind }) => `${startLine + 1}-${endLine + 1} ${kind}`).sort(), [
      '1-2 comment',
      '11-14 region',
      '16-17 region',
      '20-22 region',
      '4-18 region',
      '5-7 region',
    ]);
  });
});

test('an include leads to its file, where that is here', async (t) => {
  const server = await startServer(t);
  const text = 'include "/etc/nftables.d/*.nft"\ninclude "./local.nft"\ninclude "mesh.nft"\ninclude "/etc/elsewhere.nft"\n';
  for (const name of ['nftables.d/b.nft', 'nftables.d/a.nft', 'local.nft', 'mesh.nft'])
    server.open(`file:///hub/etc/${name}`, 'nftables', '');
  server.open('file:///web/etc/elsewhere.nft', 'nftables', '');
  server.open(uri, 'nftables', text);
  const links = await server.request<DocumentLink[]>('textDocument/documentLink', { textDocument: { uri } });
  assert.deepEqual(
    links.map(({ range, target }) => `${range.start.line + 1} ${target}`),
    ['1 file:///hub/etc/nftables.d/a.nft', '2 file:///hub/etc/local.nft', '3 file:///hub/etc/mesh.nft'],
  );
});

describe('WireGuard', () => {
  const [hub, laptop] = [keyPair(), keyPair()];
  const files = {
    'file:///m/hub/wg0.conf': `[Interface]\n# PublicKey = ${hub.publicKey}\nAddress = 10.0.0.1/24\n\n# the\n# laptop\n[Peer]\nPublicKey = ${laptop.publicKey}\nAllowedIPs = 10.0.0.2/32\n\n`,
    'file:///m/laptop/wg0.netdev': `[NetDev]\nName=wg0\nKind=wireguard\n[WireGuard]\nPrivateKey=${laptop.privateKey}\n[WireGuardPeer]\nPublicKey=${hub.publicKey}\nAllowedIPs=10.0.0.1/32\n`,
    'file:///m/web/wg0.conf': `[Interface]\nAddress = 10.0.0.3/24\n[Peer]\nPublicKey = ${hub.publicKey}\nAllowedIPs = 10.0.0.1/32\n`,
  };

  async function opened(t: Parameters<typeof startServer>[0]): Promise<Server> {
    const server = await startServer(t);
    for (const [file, text] of Object.entries(files))
      server.open(file, file.endsWith('.netdev') ? 'wireguard-networkd' : 'wireguard', text);
    return server;
  }

  test('a peer’s key leads to the host that has it, and to all who name it', async (t) => {
    const server = await opened(t);
    const ask = async (method: string, file: keyof typeof files, what: string): Promise<readonly string[]> => {
      const params = { textDocument: { uri: file }, position: placeOf(files[file], what, 0, 12), context: { includeDeclaration: true } };
      const found = await server.request<Location[]>(`textDocument/${method}`, params);
      return found.map(({ uri: where, range }) => `${where} ${range.start.line + 1}`);
    };
    assert.deepEqual(await ask('definition', 'file:///m/hub/wg0.conf', `PublicKey = ${laptop.publicKey}`), [
      'file:///m/laptop/wg0.netdev 5',
    ]);
    assert.deepEqual(await ask('definition', 'file:///m/laptop/wg0.netdev', 'PublicKey='), ['file:///m/hub/wg0.conf 2']);
    assert.deepEqual(await ask('references', 'file:///m/web/wg0.conf', 'PublicKey = '), [
      'file:///m/laptop/wg0.netdev 7',
      'file:///m/web/wg0.conf 4',
    ]);
    assert.deepEqual(await ask('definition', 'file:///m/hub/wg0.conf', 'AllowedIPs ='), []);
  });

  test('sections, comments and marked regions fold', async (t) => {
    const server = await opened(t);
    const folds = async (file: string): Promise<readonly string[]> =>
      (await server.request<FoldingRange[]>('textDocument/foldingRange', { textDocument: { uri: file } })).map(
        ({ startLine, endLine, kind }) => `${startLine + 1}-${endLine + 1} ${kind}`,
      );
    assert.deepEqual(await folds('file:///m/hub/wg0.conf'), ['1-3 region', '7-9 region', '5-6 comment']);
    assert.deepEqual(await folds('file:///m/laptop/wg0.netdev'), ['1-3 region', '4-5 region', '6-8 region']);
    server.open('file:///m/r/wg0.conf', 'wireguard', '# region peers\n[Peer]\n# endregion\n');
    assert.deepEqual(await folds('file:///m/r/wg0.conf'), ['1-3 region']);
  });
});
