// What we say nft refuses, the real nft refuses, and the mended example loads: the examples of the rules of nft’s evaluation.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { evaluationRules } from '../../server/src/rules/nftables/evaluation.ts';
import { skipReason } from './support/availability.ts';
import { type Namespace, openNamespace } from './support/namespace.ts';
import { judgeNftText } from './support/nft.ts';

describe('the examples of what nft refuses in evaluation', { skip: skipReason('nft') }, () => {
  let namespace: Namespace;
  before(async () => {
    namespace = await openNamespace();
  });
  after(() => namespace?.close());

  for (const { id, docs } of evaluationRules) {
    for (const [index, { bad, good, nftVersion }] of docs.examples.entries()) {
      test(`${id}, example ${index + 1}`, async () => {
        // which nft is installed here says nothing of older ones
        if (nftVersion === undefined) assert.notEqual((await judgeNftText(namespace, bad)).stage, 'ok', 'the bad example loads');
        const { stage, message } = await judgeNftText(namespace, good);
        assert.deepEqual({ stage, message }, { stage: 'ok', message: '' });
      });
    }
  }
});
