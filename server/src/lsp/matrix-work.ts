// Matrices of the mesh as it is, computed between messages for whoever asks.

import type { View } from '../policy/views.ts';
import { type AccessMatrix, computing } from '../reach/matrix/matrix.ts';
import type { Workspace } from './workspace.ts';

/** Whether nobody waits for an answer any more. */
export type GivenUp = () => boolean;

/**
 * What `work` makes of the matrix of the mesh as it is when that is done; null where it was given up or failed. Where the mesh changes
 * meanwhile it begins again.
 */
export async function ofMatrix<T>(
  workspace: () => Workspace,
  view: View,
  givenUp: GivenUp,
  work: (matrix: AccessMatrix) => Generator<void, T, void>,
): Promise<T | null> {
  for (;;) {
    const { background, matrices, glance } = workspace();
    const { model } = glance().mesh;
    const isNow = (): boolean => workspace().glance().mesh.model === model;
    const found = await background.run(work(matrices.of(model, view)), () => !givenUp() && isNow());
    if (found !== null || givenUp() || isNow()) return found;
  }
}

/** The same, of the matrix with all its cells computed. */
export function ofWholeMatrix<T>(
  workspace: () => Workspace,
  view: View,
  givenUp: GivenUp,
  work: (matrix: AccessMatrix) => Generator<void, T, void>,
): Promise<T | null> {
  return ofMatrix(workspace, view, givenUp, function* (matrix) {
    yield* computing(matrix);
    return yield* work(matrix);
  });
}

/** The cells of one member: its row and its column. */
export function* crossOf(matrix: AccessMatrix, place: number): Generator<void, void, void> {
  for (const other of matrix.members.keys()) {
    matrix.cell(place, other);
    yield;
    matrix.cell(other, place);
    yield;
  }
}
