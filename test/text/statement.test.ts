// Statements, tokens and spans: walking them, and finding what holds a place.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { copied, shifted, touches } from '../../server/src/text/span.ts';
import { eachStatement, eachToken, headWidth, none, type Statement, statementsAt } from '../../server/src/text/statement.ts';
import { pack, Token, tokenClass, tokenEnd } from '../../server/src/text/token.ts';

function statement(name: string, head: readonly number[], body: readonly Statement<string>[] = [], width?: number): Statement<string> {
  const own = head.length > 0 ? tokenEnd(head[head.length - 1] as number) : 0;
  return {
    width: width ?? own + body.reduce((sum, child) => sum + child.width, 0),
    head,
    body,
    place: 0,
    closed: true,
    reach: 0,
    problems: none,
    troubled: false,
    syntax: name,
    facts: undefined,
  };
}

const leaf = (name: string, width: number) => statement(name, [pack(Token.Keyword, width)]);
const tree = statement(
  'file',
  [],
  [leaf('a', 3), statement('block', [pack(Token.Keyword, 2), pack(Token.Punctuation, 4)], [leaf('b', 2), leaf('c', 5)]), leaf('d', 1)],
);

describe('a tree', () => {
  test('is walked in document order, with offsets', () => {
    const seen: string[] = [];
    eachStatement(tree, ({ syntax }, offset) => {
      seen.push(`${syntax}@${offset}`);
      return undefined;
    });
    assert.deepEqual(seen, ['file@0', 'a@0', 'block@3', 'b@7', 'c@9', 'd@14']);
    assert.equal(tree.width, 15);
    assert.equal(headWidth(tree), 0);
  });

  test('what a block holds is left out where the visitor says so', () => {
    const seen: string[] = [];
    eachStatement(tree, ({ syntax }) => {
      seen.push(syntax);
      return syntax !== 'block';
    });
    assert.deepEqual(seen, ['file', 'a', 'block', 'd']);
  });

  test('its tokens come with offsets of the file', () => {
    const seen: string[] = [];
    eachToken(tree, (packed, start, end) => seen.push(`${tokenClass(packed)}:${start}-${end}`));
    assert.deepEqual(seen, ['3:0-3', '3:3-5', '14:5-7', '3:7-9', '3:9-14', '3:14-15']);
  });

  test('what holds a place is found, outermost first; at a border the later one', () => {
    const at = (offset: number) => statementsAt(tree, offset).map(({ statement: { syntax }, offset: start }) => `${syntax}@${start}`);
    assert.deepEqual(at(0), ['file@0', 'a@0']);
    assert.deepEqual(at(3), ['file@0', 'block@3']);
    assert.deepEqual(at(6), ['file@0', 'block@3']);
    assert.deepEqual(at(8), ['file@0', 'block@3', 'b@7']);
    assert.deepEqual(at(9), ['file@0', 'block@3', 'c@9']);
    assert.deepEqual(at(15), ['file@0', 'd@14']);
    assert.deepEqual(at(99), ['file@0']);
  });
});

describe('tokens and spans', () => {
  test('a token keeps its class and its end, up to the longest statement there is', () => {
    for (const end of [0, 1, 5, 4095, 2 ** 26]) {
      for (const token of Object.values(Token)) {
        assert.equal(tokenClass(pack(token, end)), token);
        assert.equal(tokenEnd(pack(token, end)), end);
      }
    }
  });

  test('a span moves, and holds its end', () => {
    const span = { start: 2, end: 4 };
    assert.deepEqual(shifted(span, 3), { start: 5, end: 7 });
    assert.equal(shifted(span, 0), span);
    assert.deepEqual(
      [1, 2, 4, 5].map((offset) => touches(span, offset)),
      [false, true, true, false],
    );
  });

  test('a copy is the same characters, however long and whatever they are', () => {
    const text = `${'ab🔑\ud800\0'.repeat(4000)}end`;
    for (const [start, end] of [
      [0, 3],
      [1, 14],
      [5, text.length],
      [7, 7],
    ] as const)
      assert.equal(copied(text, start, end), text.slice(start, end));
  });
});
