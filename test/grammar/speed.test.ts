// The grammars stay fast: on long files, and on lines made to be slow. The editor colours on its main thread's time.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import textmate from 'vscode-textmate';
import { nftablesText } from '../../scripts/bench/nftables-text.ts';
import { wireguardText } from '../../scripts/bench/wireguard-text.ts';
import { grammarOf, type Language, languages } from './colours.ts';

/** Milliseconds of processor time to colour the text: what else the machine does is not in it. */
async function timed(language: Language, lines: readonly string[]): Promise<number> {
  const grammar = await grammarOf(language);
  const started = process.cpuUsage();
  let state = textmate.INITIAL;
  for (const line of lines) state = grammar.tokenizeLine2(line, state).ruleStack;
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1000;
}

// about ten times what it takes here, so that only a grammar that became slow fails and not a slow machine
const LIMIT_10_000 = 10_000;
const LIMIT_LINE = 3000;
/** The editor does not colour longer lines (editor.maxTokenizationLineLength). */
const LONGEST = 20_000;

describe('10,000 lines', () => {
  const key = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=';
  const texts: Readonly<Record<Language, string>> = {
    nftables: nftablesText(10_000),
    wireguard: wireguardText(10_000),
    'wireguard-networkd': `[WireGuardPeer]\nPublicKey=${key}\nAllowedIPs=10.0.0.1/32, \\\n fd00::1\n`.repeat(2_500),
    'wireguard-networkmanager': `[wireguard-peer.${key}]\nallowed-ips=10.0.0.1/32;fd00::1;\nendpoint=a.example:1\n# x\n`.repeat(2_500),
  };
  for (const language of languages) {
    test(language, async (t) => {
      const lines = texts[language].split('\n');
      await timed(language, lines.slice(0, 500));
      const ms = await timed(language, lines);
      t.diagnostic(`${language}: ${lines.length - 1} lines, ${Math.round(texts[language].length / 1024)} KB in ${ms.toFixed(0)} ms`);
      assert.ok(ms < LIMIT_10_000, `${ms.toFixed(0)} ms`);
    });
  }
});

describe(`lines of ${LONGEST} characters`, () => {
  const heads: Readonly<Record<Language, readonly string[]>> = {
    nftables: ['', 'ip saddr ', 'type ', 'log prefix "'],
    wireguard: ['', 'AllowedIPs = ', 'Endpoint = ', 'PrivateKey = ', 'PostUp = x "'],
    'wireguard-networkd': ['', '[', 'AllowedIPs=', 'Endpoint=', 'PrivateKey='],
    'wireguard-networkmanager': ['', '[wireguard-peer.', 'allowed-ips=', 'endpoint=', 'private-key='],
  };
  const parts = [
    'a',
    'a-',
    'a.',
    'a:',
    'a::',
    'f',
    '1',
    '1d',
    '1.',
    '1:',
    '0x',
    ':',
    ' ',
    '\t',
    '"',
    "'",
    '{',
    '}',
    '(',
    '$(',
    '`',
    '\\',
    '*',
    'a*',
    '\\*',
    ',',
    ', ',
    'a, ',
    'ip ',
    'ct ',
    'fib saddr . ',
    'saddr . ',
    'counter ',
    'comment ',
    'jump a ',
    '@',
    '@a ',
    '$',
    '$a ',
    ';',
    '; ',
    '/',
    '1/',
    '=',
    '<',
    '<(',
    '>',
    '#',
    'syn,',
    'syn, ',
    'A ',
    'é',
    '😀',
  ];
  for (const language of languages) {
    test(language, async (t) => {
      let slowest = { ms: 0, line: '' };
      for (const head of heads[language]) {
        for (const part of parts) {
          const line = (head + part.repeat(LONGEST / part.length)).slice(0, LONGEST);
          const ms = await timed(language, [line]);
          if (ms > slowest.ms) slowest = { ms, line: `${head}${part}${part}…` };
        }
      }
      t.diagnostic(
        `${language}: the slowest of ${heads[language].length * parts.length} took ${slowest.ms.toFixed(0)} ms: ${slowest.line}`,
      );
      assert.ok(slowest.ms < LIMIT_LINE, `${slowest.ms.toFixed(0)} ms: ${slowest.line}`);
    });
  }
});
