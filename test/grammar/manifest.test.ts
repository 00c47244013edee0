// What the manifest says of languages, grammars and snippets is there, and VS Code can read it.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { grammarOf, type Language, root } from './colours.ts';

interface Contributes {
  readonly languages: readonly { readonly id: string; readonly configuration: string; readonly firstLine?: string }[];
  readonly grammars: readonly {
    readonly language: string;
    readonly scopeName: string;
    readonly path: string;
    readonly tokenTypes?: Readonly<Record<string, string>>;
  }[];
  readonly snippets: readonly { readonly language: string; readonly path: string }[];
  readonly semanticTokenScopes?: readonly { readonly language: string; readonly scopes: Readonly<Record<string, readonly string[]>> }[];
}

interface Configuration {
  readonly comments: { readonly lineComment: string };
  readonly brackets: readonly (readonly [string, string])[];
  readonly autoClosingPairs: readonly { readonly open: string; readonly close: string }[];
  readonly surroundingPairs: readonly (readonly [string, string])[];
  readonly wordPattern: string;
  readonly indentationRules?: { readonly increaseIndentPattern: string; readonly decreaseIndentPattern: string };
  readonly folding: { readonly markers: { readonly start: string; readonly end: string } };
  readonly onEnterRules?: readonly { readonly beforeText: string }[];
}

const { contributes } = readJson<{ readonly contributes: Contributes }>('package.json');

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(path.join(root, file), 'utf8')) as T;
}

describe('the manifest', () => {
  test('names only files that are there', () => {
    const files = [
      ...contributes.languages.map(({ configuration }) => configuration),
      ...contributes.grammars.map((grammar) => grammar.path),
      ...contributes.snippets.map((snippets) => snippets.path),
    ];
    assert.equal(files.length, 3 * contributes.languages.length);
    for (const file of files) assert.ok(existsSync(path.join(root, file)), `${file} is not there`);
  });

  test('names each grammar by its own scope', () => {
    for (const { language, scopeName, path: file } of contributes.grammars) {
      assert.ok(
        contributes.languages.some(({ id }) => id === language),
        language,
      );
      assert.equal(readJson<{ readonly scopeName: string }>(file).scopeName, scopeName);
    }
  });

  test('maps tokens only to scopes that the grammars give', async () => {
    for (const { language, scopes } of contributes.semanticTokenScopes ?? []) {
      await grammarOf(language as Language);
      const text = readFileSync(path.join(root, `syntaxes/${language}.tmLanguage.json`), 'utf8');
      for (const scope of Object.values(scopes).flat()) assert.ok(text.includes(`"${scope}"`), `${language}: no ${scope}`);
    }
  });
});

describe('language configurations', () => {
  for (const { id, configuration: file } of contributes.languages) {
    const configuration = readJson<Configuration>(file);
    test(`${id}: its patterns can be read, and its comments are the parser's`, () => {
      assert.equal(configuration.comments.lineComment, '#');
      const patterns = [
        configuration.wordPattern,
        ...Object.values(configuration.folding.markers),
        ...Object.values(configuration.indentationRules ?? {}),
        ...(configuration.onEnterRules ?? []).map(({ beforeText }) => beforeText),
      ];
      for (const pattern of patterns) new RegExp(pattern);
      assert.doesNotMatch('', new RegExp(`^(?:${configuration.wordPattern})$`), 'a word must not be empty');
    });
  }

  const words = (id: string, text: string): readonly string[] => {
    const language = contributes.languages.find((one) => one.id === id);
    assert.ok(language);
    return text.match(new RegExp(readJson<Configuration>(language.configuration).wordPattern, 'g')) ?? [];
  };

  test('a word of nftables is what a double click should take', () => {
    const line = 'ip6 saddr fd00:10::/64 tcp dport{22:jump @wg-peers, ::1/128 : drop} iifname wg* $uplink "eth0" 10.10.0.0/24 auto-merge';
    assert.deepEqual(words('nftables', line), [
      'ip6',
      'saddr',
      'fd00:10::/64',
      'tcp',
      'dport',
      '22',
      'jump',
      '@wg-peers',
      '::1/128',
      'drop',
      'iifname',
      'wg*',
      '$uplink',
      'eth0',
      '10.10.0.0/24',
      'auto-merge',
    ]);
  });

  test('a word of WireGuard too', () => {
    const line = 'AllowedIPs = 10.10.0.7/32, fd00::7/128 PublicKey=ySu6uIPRWc+ocRsxMG+Hjl3NOPbFHMMv6q9wpjII6R8= [Peer] %i';
    assert.deepEqual(words('wireguard', line), [
      'AllowedIPs',
      '10.10.0.7/32',
      'fd00::7/128',
      'PublicKey',
      'ySu6uIPRWc+ocRsxMG+Hjl3NOPbFHMMv6q9wpjII6R8=',
      'Peer',
      '%i',
    ]);
    assert.deepEqual(words('wireguard', 'Endpoint = hub.example.net:51820'), ['Endpoint', 'hub.example.net', '51820']);
  });

  test('a block is indented, whatever its braces have behind them', () => {
    const language = contributes.languages.find(({ id }) => id === 'nftables');
    const rules = readJson<Configuration>(language?.configuration ?? '').indentationRules;
    assert.ok(rules);
    const more = new RegExp(rules.increaseIndentPattern);
    for (const line of ['table inet filter {', '\tchain input { # for us', '\telements = {', 'tcp dport 22 jump {'])
      assert.match(line, more);
    for (const line of ['# table inet filter {', 'tcp dport { 22, 80 } accept', '}', 'elements = { 1.1.1.1,', 'log prefix "{" accept']) {
      if (!line.startsWith('elements')) assert.doesNotMatch(line, more);
    }
    for (const line of ['}', '\t\t} # end', '};']) assert.match(line, new RegExp(rules.decreaseIndentPattern));
  });
});
