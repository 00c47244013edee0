// Parts of URIs, of whatever text.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodedPart } from '../../server/src/text/uri.ts';

test('a part of a URI is encoded, and half a surrogate pair does not throw', () => {
  assert.equal(encodedPart('a b/ä'), 'a%20b%2F%C3%A4');
  assert.equal(encodedPart('🔑'), '%F0%9F%94%91');
  assert.equal(encodedPart('x\ud800y\udc00'), 'x%EF%BF%BDy%EF%BF%BD');
});
