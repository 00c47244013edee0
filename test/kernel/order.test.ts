// nft carries out one command after the other: whether it takes what test/nftables/orders.ts says it takes.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { orders } from '../nftables/orders.ts';
import { skipReason } from './support/availability.ts';
import { type Namespace, openNamespace } from './support/namespace.ts';
import { judgeNftText } from './support/nft.ts';

describe('what is named before it is made', { skip: skipReason('nft') }, () => {
  let namespace: Namespace;
  before(async () => {
    namespace = await openNamespace();
  });
  after(() => namespace?.close());

  for (const [what, marked] of orders) {
    test(what, async () => {
      const { accepted, check, load } = await judgeNftText(namespace, marked.replace(/[«»]/g, ''));
      const line = marked.slice(0, marked.indexOf('«')).split('\n').length;
      const refused = marked.includes('«');
      assert.equal(accepted, !refused, check.message || load.message);
      if (refused) assert.equal(check.accepted ? load.line : check.line, line);
    });
  }
});
