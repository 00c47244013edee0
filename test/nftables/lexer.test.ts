// The words of a ruleset, cut as nft's scanner cuts them: the longest match, spaces and comments between.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { advance, Lexeme, type Lexer, nothingAhead } from '../../server/src/nftables/lexer.ts';

const names = new Map<number, string>(Object.entries(Lexeme).map(([name, value]) => [value, name]));

/** `Kind:text` for each word; the kind alone where it says all. */
function lexed(text: string, limit = text.length): readonly string[] {
  const lexer: Lexer = { text, limit, kind: Lexeme.Unknown, start: 0, end: 0, hash: 0, ahead: nothingAhead(), steps: 0 };
  const result: string[] = [];
  for (advance(lexer); lexer.kind !== Lexeme.End; advance(lexer)) {
    assert.ok(lexer.start < lexer.end && lexer.end <= limit, 'a word has characters, inside the text');
    result.push(`${names.get(lexer.kind)}:${text.slice(lexer.start, lexer.end)}`);
  }
  assert.equal(lexer.end, limit);
  return result;
}

const cases: readonly (readonly [what: string, text: string, ...words: readonly string[]])[] = [
  ['words', 'a-b a.b a/b _x .y a1', 'Word:a-b', 'Word:a.b', 'Word:a/b', 'Word:_x', 'Word:.y', 'Word:a1'],
  ['a dot between spaces, and one at the end', 'a . b .', 'Word:a', 'Dot:.', 'Word:b', 'Dot:.'],
  ['numbers', '0 22 022 0x1F 0X1f 4294967296', 'Number:0', 'Number:22', 'Number:022', 'Number:0x1F', 'Number:0X1f', 'Number:4294967296'],
  ['0x without digits', '0x 0xg', 'Number:0', 'Word:x', 'Number:0', 'Word:xg'],
  ['a word does not begin with a digit', '6in4', 'Number:6', 'Word:in4'],
  ['but for two', '8021q 8021ad 8021qx', 'Word:8021q', 'Word:8021ad', 'Number:8021', 'Word:qx'],
  ['a range of numbers, and of words', '22-25 ssh-http', 'Number:22', 'Minus:-', 'Number:25', 'Word:ssh-http'],
  [
    'IPv4',
    '10.0.0.1 10.0.0.1/24 1.2.3.4-1.2.3.5',
    'Address4:10.0.0.1',
    'Address4:10.0.0.1',
    'Slash:/',
    'Number:24',
    'Address4:1.2.3.4',
    'Minus:-',
    'Address4:1.2.3.5',
  ],
  ['three parts are no address', '10.0.0', 'Number:10', 'Word:.0.0'],
  ['five parts are one and a rest', '1.2.3.4.5', 'Address4:1.2.3.4', 'Word:.5'],
  [
    'IPv6',
    '::1 fe80::1 2001:db8:0:1:2:3:4:5 :: abcd::',
    'Address6:::1',
    'Address6:fe80::1',
    'Address6:2001:db8:0:1:2:3:4:5',
    'Address6:::',
    'Address6:abcd::',
  ],
  ['IPv6 that ends in IPv4', '::ffff:1.2.3.4 1:2:3:4:5:6:1.2.3.4', 'Address6:::ffff:1.2.3.4', 'Address6:1:2:3:4:5:6:1.2.3.4'],
  [
    'IPv6 with a length and before a port',
    'fd00::/64 [fd00::1]:80',
    'Address6:fd00::',
    'Slash:/',
    'Number:64',
    'LeftBracket:[',
    'Address6:fd00::1',
    'RightBracket:]',
    'Colon::',
    'Number:80',
  ],
  ['Ethernet', '00:11:22:33:44:55 a:b:c:d:e:f', 'Mac:00:11:22:33:44:55', 'Mac:a:b:c:d:e:f'],
  ['a class', '1:10 ffff:1,', 'ClassId:1:10', 'ClassId:ffff:1', 'Comma:,'],
  ['no class at the end of the text, for nft looks at what follows', '1:10', 'Number:1', 'Colon::', 'Number:10'],
  ['a key and its data', '1 : accept a:b', 'Number:1', 'Colon::', 'Word:accept', 'Word:a', 'Colon::', 'Word:b'],
  ['times', '1d2h3m4s5ms 30s 1h 5ms 10m', 'Time:1d2h3m4s5ms', 'Time:30s', 'Time:1h', 'Time:5ms', 'Time:10m'],
  ['a time in the wrong order is two', '1h2d', 'Time:1h', 'Time:2d'],
  ['strings, also of several lines', '"a b" "" "c\nd" e', 'Quoted:"a b"', 'Quoted:""', 'Quoted:"c\nd"', 'Word:e'],
  ['a backslash in a string escapes nothing', '"a\\" b', 'Quoted:"a\\"', 'Word:b'],
  ['a string that is never closed ends with its line', '"a b \nc', 'OpenQuote:"a b', 'Newline:\n', 'Word:c'],
  [
    'and so does one whose next mark begins another',
    'log prefix "a\niifname "wg0" x',
    'Word:log',
    'Word:prefix',
    'OpenQuote:"a',
    'Newline:\n',
    'Word:iifname',
    'Quoted:"wg0"',
    'Word:x',
  ],
  ['stars', 'wg* wg\\* \\* a\\*b * x', 'Wildcard:wg*', 'Wildcard:wg\\*', 'Wildcard:\\*', 'Wildcard:a\\*b', 'Star:*', 'Word:x'],
  [
    'relations',
    '== != < > <= >= ! =',
    'Relation:==',
    'Relation:!=',
    'Relation:<',
    'Relation:>',
    'Relation:<=',
    'Relation:>=',
    'Relation:!',
    'Equals:=',
  ],
  ['operators', '& | ^ << >>', 'Operator:&', 'Operator:|', 'Operator:^', 'Operator:<<', 'Operator:>>'],
  ['the longest of them', '===<<=!==', 'Relation:==', 'Equals:=', 'Operator:<<', 'Equals:=', 'Relation:!=', 'Equals:='],
  [
    'punctuation',
    '{}()[],:;@$+/',
    'LeftBrace:{',
    'RightBrace:}',
    'LeftParen:(',
    'RightParen:)',
    'LeftBracket:[',
    'RightBracket:]',
    'Comma:,',
    'Colon::',
    'Semicolon:;',
    'At:@',
    'Dollar:$',
    'Plus:+',
    'Slash:/',
  ],
  ['new lines count, spaces and comments do not', ' a\t# b "c" {\n\n# d\nb', 'Word:a', 'Newline:\n', 'Newline:\n', 'Newline:\n', 'Word:b'],
  ['a continued line', 'a \\\nb \\\n\n', 'Word:a', 'Word:b', 'Newline:\n'],
  ['a continued line with comment lines between', 'a \\\n  # b\n\t# c\n d \\\ne # f\n', 'Word:a', 'Word:d', 'Word:e', 'Newline:\n'],
  ['CR LF', 'a\r\nb \\\r\nc', 'Word:a', 'Newline:\n', 'Word:b', 'Word:c'],
  ['what nft does not know', 'a§b \u0000 \\x ', 'Word:a', 'Unknown:§', 'Word:b', 'Unknown:\u0000', 'Unknown:\\', 'Word:x'],
  ['surrogates: a pair is one, half a pair as well', '🔑\ud800"\udc00', 'Unknown:🔑', 'Unknown:\ud800', 'OpenQuote:"\udc00'],
];

describe('words', () => {
  for (const [what, text, ...words] of cases) test(what, () => assert.deepEqual(lexed(text), words));

  test('end at the limit, whatever stands behind it', () => {
    assert.deepEqual(lexed('accept drop', 3), ['Word:acc']);
    assert.deepEqual(lexed('ip saddr 10.0.0.1', 13), ['Word:ip', 'Word:saddr', 'Number:10', 'Word:.0']);
    assert.deepEqual(lexed('a # b\nc', 4), ['Word:a']);
    assert.deepEqual(lexed('a "b" c', 4), ['Word:a', 'OpenQuote:"b']);
  });
});
