// The client's types of what the server answers are the server's own. The compiler holds them to it; here one answer is looked at as well.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Location } from 'vscode-languageserver';
import type * as wire from '../../client/webview/data.ts';
import type { ShownChanges } from '../../server/src/features/access/changes.ts';
import type { Explanation } from '../../server/src/features/access/explain.ts';
import type { ShownHost } from '../../server/src/features/access/host-details.ts';
import { type ShownMatrix, shownMatrix } from '../../server/src/features/access/matrix-view.ts';
import type { MeshNode } from '../../server/src/features/access/mesh-tree.ts';
import type { Traced } from '../../server/src/features/access/trace.ts';
import { drained, fourHosts, matrixOf, webToApp } from '../support/four-hosts.ts';

/** Both ways: neither says more than the other. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

const same: readonly true[] = [
  true satisfies Same<wire.Matrix, ShownMatrix<Location>>,
  true satisfies Same<wire.Explanation, Explanation<Location>>,
  true satisfies Same<wire.Traced, Traced<Location>>,
  true satisfies Same<wire.HostDetails, ShownHost<Location>>,
  true satisfies Same<wire.MeshNode, MeshNode<Location>>,
  true satisfies Same<wire.Changes, ShownChanges & { readonly text: string }>,
];

test('an answer comes through JSON as it is', () => {
  assert.equal(same.length, 6);
  const answer: wire.Matrix<null> = drained(shownMatrix(matrixOf(fourHosts(webToApp), 'access'), () => null));
  assert.deepEqual(JSON.parse(JSON.stringify(answer)), answer);
});
