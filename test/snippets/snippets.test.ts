// What the snippets insert is sound: it has no finding of ours, by itself and beside the rest of its mesh. test/kernel/snippets.test.ts
// gives the same files to the real tools.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { analyse, shownFindings } from '../../server/src/analysis/analysis.ts';
import { type ParsedFile, parsedFile } from '../../server/src/analysis/parsed-file.ts';
import { languageOfPath, languageOfText } from '../../server/src/analysis/recognise.ts';
import { sourceFile } from '../../server/src/text/source-file.ts';
import { stopsOf } from './expand.ts';
import { filesWith, inserted, type Language, snippetsOf } from './files.ts';

const languages: readonly Language[] = ['wireguard', 'wireguard-networkd', 'wireguard-networkmanager', 'nftables'];

/** Every finding as a line, of all severities. */
function findingsIn(files: Readonly<Record<string, string>>): readonly string[] {
  const parsed = new Map<string, ParsedFile>();
  for (const [name, text] of Object.entries(files)) {
    const uri = `file:///mesh/${name}`;
    const byPath = languageOfPath(`/${name}`);
    const language = byPath === 'maybe' ? languageOfText(text) : byPath;
    assert.ok(language, name);
    parsed.set(uri, parsedFile(sourceFile(uri, 1, language, text)));
  }
  const analysis = analyse(parsed);
  return [...parsed.keys()].flatMap((uri) =>
    shownFindings(analysis, uri).map(({ rule, severity, message }) => `${uri}: ${severity} ${rule}: ${message}`),
  );
}

for (const language of languages) {
  describe(`${language} snippets`, () => {
    const snippets = snippetsOf(language);
    for (const { name, prefix, description, body } of snippets) {
      test(`${name}: no finding`, () => {
        const [first] = prefix;
        assert.ok(first !== undefined && description !== '');
        assert.deepEqual(findingsIn(filesWith(language, first)), []);
        const numbers = stopsOf(body).filter((number) => number > 0);
        assert.deepEqual(
          numbers.toSorted((a, b) => a - b),
          numbers.map((_, i) => i + 1),
          'the stops are numbered without a gap',
        );
      });
    }

    test('each prefix belongs to one snippet', () => {
      const prefixes = snippets.flatMap(({ prefix }) => prefix);
      assert.equal(new Set(prefixes).size, prefixes.length);
    });
  });
}

describe('snippets together', () => {
  test('a hub, a spoke and the hub’s ruleset are one mesh without a finding', () => {
    const files = {
      'hub/etc/wireguard/wg0.conf': inserted('wireguard', 'hub'),
      'hub/etc/nftables.conf': inserted('nftables', 'mesh-hub'),
      'laptop/etc/wireguard/wg0.conf': inserted('wireguard', 'spoke'),
    };
    assert.deepEqual(findingsIn(files), []);
  });

  test('no snippet holds a secret', () => {
    for (const { name, body } of snippetsOf('wireguard')) {
      assert.doesNotMatch(body.join('\n'), /^\s*P(?:rivate|reshared)Key\s*=/im, name);
    }
  });
});
