// Lenses, views and their commands inside the editor, in all hosts.
/// <reference types="mocha" />
import * as vscode from 'vscode';
import { activeApi, assert, assertEqual, assertMatch, closeAll, edit, hub, open, rangeOf, until } from './support.ts';

/** The titles of the lenses of a file that say something, by line, from 1. */
async function lenses(document: vscode.TextDocument): Promise<readonly string[]> {
  const found = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', document.uri, 100);
  return found.flatMap(({ range, command }) => (command?.title ? [`${range.start.line + 1} ${command.title}`] : []));
}

const tabs = (): readonly string[] => vscode.window.tabGroups.all.flatMap((group) => group.tabs.map(({ label }) => label));

suite('Views', () => {
  setup(activeApi);
  teardown(closeAll);

  test('a lens over each peer says what it reaches once it is taken, and as whom it may send', async () => {
    const document = await open(hub);
    const line = rangeOf(document, '[Peer]', '# laptop-ben').start.line + 1;
    const told = await until('the lens', async () => (await lenses(document)).find((text) => text.startsWith(`${line} reaches`)), 120_000);
    assertMatch(told, /^\d+ reaches .* · reachable from .* · may send as 256 addresses, 12 in use$/);
  });

  test('a lens tells what an edit changes, and goes when it is taken back', async () => {
    const editor = await edit(hub);
    const { document } = editor;
    const range = rangeOf(document, '10.0.0.42/24');
    await editor.edit((builder) => builder.replace(range, '10.0.0.42/32'));
    const told = await until('the lens', async () => (await lenses(document)).find((text) => /Unsaved: [+]/.test(text)), 120_000);
    assertMatch(told, new RegExp(`^${range.start.line + 1} Unsaved: .* may now send as `));
    await editor.edit((builder) => builder.replace(rangeOf(document, '10.0.0.42/32'), '10.0.0.42/24'));
    await until('no lens', async () => !(await lenses(document)).some((text) => text.includes('Unsaved')));
  });

  test('the access matrix opens as a panel, and is one', async () => {
    await vscode.commands.executeCommand('meshwarden.showAccessMatrix');
    await until('the panel', () => tabs().includes('Access Matrix'));
    await vscode.commands.executeCommand('meshwarden.showAccessMatrix', { view: 'access' });
    assertEqual(tabs().filter((label) => label === 'Access Matrix').length, 1, 'panels');
  });

  test('a place is opened with its line selected', async () => {
    const document = await open(hub);
    const { start, end } = rangeOf(document, 'ListenPort');
    await vscode.commands.executeCommand('meshwarden.openPlace', {
      uri: document.uri.toString(),
      range: { start: { line: start.line, character: start.character }, end: { line: end.line, character: end.character } },
    });
    const editor = await until(
      'the editor',
      () => vscode.window.activeTextEditor?.document.uri.toString() === document.uri.toString() && vscode.window.activeTextEditor,
    );
    assertEqual(editor.document.getText(editor.selection), 'ListenPort', 'the selection');
  });

  test('all commands that are contributed are there', async () => {
    const manifest = vscode.extensions.all.find(({ packageJSON }) => packageJSON.name === 'meshwarden')?.packageJSON;
    assert(manifest, 'the extension');
    const contributed: readonly string[] = manifest.contributes.commands.map(({ command }: { readonly command: string }) => command);
    const there = new Set(await vscode.commands.getCommands(true));
    assertEqual(
      contributed.filter((command) => !there.has(command)),
      [],
      'missing',
    );
  });
});
