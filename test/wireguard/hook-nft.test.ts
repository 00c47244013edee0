// nft commands in hooks: which command is one, what nft reads of it, and where in the line what is found stands.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parsedFile, problemsOf } from '../../server/src/analysis/parsed-file.ts';
import { hookRuleset } from '../../server/src/mesh/hook-rulesets.ts';
import { nothingIncluded } from '../../server/src/nftables/ruleset/ruleset.ts';
import { sourceFile } from '../../server/src/text/source-file.ts';
import { hookNft, lineSpan } from '../../server/src/wireguard/hook-nft.ts';
import { readShell } from '../../server/src/wireguard/shell.ts';

function readings(line: string) {
  return readShell(line, 0, line.length, 0).commands.map((command) => hookNft(line, command, 'wg7'));
}

function texts(line: string): readonly (string | null)[] {
  return readings(line).map((nft) => (nft ? (nft.file === null ? nft.text : `<${nft.file}>`) : null));
}

function opened(hooks: string) {
  return parsedFile(sourceFile('file:///etc/wireguard/wg7.conf', 1, 'wireguard', `[Interface]\n${hooks}\n`));
}

function told(hooks: string): readonly string[] {
  const file = opened(hooks);
  return problemsOf(file).map(({ problem, span }) => `${file.source.text.slice(span.start, span.end)}: ${problem.failsAt}`);
}

describe('a command', () => {
  test('is nft with what nft reads of it', () => {
    assert.deepEqual(texts(`nft add table inet ks; sudo /usr/sbin/nft add chain inet ks out '{ type filter hook output priority 0; }'`), [
      'add table inet ks',
      'add chain inet ks out { type filter hook output priority 0; }',
    ]);
    assert.deepEqual(texts('nft -a -e list table ip t || true'), ['list table ip t', null]);
    assert.deepEqual(texts('! nft list table ip t'), ['list table ip t']);
    assert.deepEqual(texts('iptables -A FORWARD; nft; nft -i; xnft add'), [null, null, null, null]);
    assert.deepEqual(texts('nft add rule ip t c iifname "%i" oifname \\"%i\\" accept'), [
      'add rule ip t c iifname wg7 oifname "wg7" accept',
    ]);
  });

  test('may read a file', () => {
    assert.deepEqual(texts('nft -f /etc/nftables/%i.nft'), ['</etc/nftables/wg7.nft>']);
    assert.deepEqual(texts('nft -cf rules.nft && nft --file=a && nft --file b && nft -fc'), ['<rules.nft>', '<a>', '<b>', '<c>']);
    assert.deepEqual(texts('nft -I /etc -D a=1 -f x'), ['<x>']);
    assert.deepEqual(texts('nft -f -'), [null]);
    assert.deepEqual(texts('nft -f "$FILE"'), [null]);
  });

  test('is marked where bash may change it', () => {
    assert.deepEqual(
      readings('nft add rule ip t c ip saddr $ADDRESS accept; nft add table ip t').map((nft) => nft?.dynamic),
      [true, false],
    );
  });

  test('has each of its units somewhere in the line', () => {
    const line = `nft add 'rule ip "t" c' "a \\"b\\" %i" x`;
    const [nft] = readings(line);
    assert.ok(nft);
    const at = (part: string): string => {
      const start = nft.text.indexOf(part);
      const span = lineSpan(nft, { start, end: start + part.length });
      return line.slice(span.start, span.end);
    };
    assert.equal(at('add'), 'add');
    assert.equal(at('"t" c'), '"t" c');
    assert.equal(at('"b"'), '\\"b\\"');
    assert.equal(at('wg7'), '%i');
    assert.equal(at('rule ip "t" c a'), `rule ip "t" c' "a`);
    assert.deepEqual(lineSpan(nft, { start: nft.text.length, end: nft.text.length + 1 }), { start: line.length, end: line.length });
  });
});

describe('what nft would not take', () => {
  test('is told in the hook, where it stands', () => {
    assert.deepEqual(told(`PostUp = nft add rule inet t c 'tcp dport 22 acept'`), ['acept: hook']);
    assert.deepEqual(told('PostUp = nft add table inet ks; nft add chain inet ks out { type filter hook output priority 0; }'), [
      '{: hook',
    ]);
  });

  test('is not told of what is sound, of what bash changes first, or of another program', () => {
    assert.deepEqual(
      told(`PostUp = nft add table inet ks; nft add chain inet ks out '{ type filter hook output priority 0; policy drop; }'`),
      [],
    );
    assert.deepEqual(told('PreDown = nft delete table inet ks || true'), []);
    assert.deepEqual(told('PostUp = nft add rule inet t c $RULE'), []);
    assert.deepEqual(told('PostUp = echo nft acept'), []);
    assert.deepEqual(told('PostUp = nft add rule inet t c iifname %i accept'), []);
  });
});

test('the ruleset that hooks leave when the interface is up, each statement with its place', () => {
  const { facts } = opened(
    `PostUp = nft add table inet ks; nft add chain inet ks out '{ type filter hook output priority 0; policy drop; }'\nPostUp = nft add rule inet ks out oifname %i accept\nPreUp = nft add table ip early\nPostUp = nft -f /etc/%i.nft\nPreDown = nft delete table inet ks`,
  );
  assert.ok(facts.language === 'wireguard');
  const asked: string[] = [];
  const uri = 'file:///etc/wireguard/wg7.conf';
  const made = hookRuleset(uri, 'wg7', facts, (_uri, path) => {
    asked.push(path);
    return nothingIncluded(uri, path);
  });
  assert.deepEqual(
    made?.state.tables.map(({ family, name, chains }) => [family, name, chains.map(({ base, rules }) => [base?.policy, rules.length])]),
    [
      ['ip', 'early', []],
      ['inet', 'ks', [['drop', 1]]],
    ],
  );
  assert.deepEqual(asked, ['/etc/wg7.nft']);
  assert.equal(made?.origins[0]?.statement, 3);
  assert.equal(hookRuleset(uri, 'wg7', facts, nothingIncluded)?.origins, made?.origins);
});
