// biome-ignore-all lint/suspicious/noTemplateCurlyInString: so are snippets written
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { expanded, stopsOf } from './expand.ts';

describe('a snippet is expanded as the editor does it', () => {
  const cases: readonly (readonly [body: string, text: string])[] = [
    ['plain %i "x" { y }', 'plain %i "x" { y }'],
    ['${1:a} $1 ${1}', 'a a a'],
    ['$1 before ${1:its default}', 'its default before its default'],
    ['${1|tcp,udp|} dport', 'tcp dport'],
    ['${1|a\\,b,c|}', 'a,b'],
    ['${1:outer ${2:inner}} $2', 'outer inner inner'],
    ['\\$uplink \\} \\\\"', '$uplink } \\"'],
    ['${1:a\\}b}', 'a}b'],
    ['$(x) costs 5$', '$(x) costs 5$'],
    ['end$0', 'end'],
  ];
  for (const [body, text] of cases) test(body, () => assert.equal(expanded(body), text));

  test('what it does not know is refused', () => {
    assert.throws(() => expanded('$TM_FILENAME'), /no stop/);
    assert.throws(() => expanded('${1:open'), /never closed/);
    assert.throws(() => expanded('${1/a/b/}'), /cannot be read/);
  });

  test('its stops in their order', () => {
    assert.deepEqual(stopsOf(['${1:a ${3:b}}', '$2 $1 $0']), [1, 3, 2, 0]);
  });
});
