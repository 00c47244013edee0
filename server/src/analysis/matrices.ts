// The matrices of a workspace, before and after edits: each is made once, and takes over what an edit leaves alone.
import type { MeshModel } from '../mesh/model.ts';
import type { View } from '../policy/views.ts';
import { type AccessMatrix, accessMatrix } from '../reach/matrix/matrix.ts';

export interface Matrices {
  /** Of a mesh as it is at a moment; its cells are computed when they are asked for. */
  of(model: MeshModel, view: View): AccessMatrix;
}

/** Kept as long as their mesh is. */
export function newMatrices(): Matrices {
  const kept = new WeakMap<MeshModel, Map<View, AccessMatrix>>();
  const latest = new Map<View, AccessMatrix>();
  return {
    of(model, view) {
      const own = kept.get(model) ?? new Map<View, AccessMatrix>();
      kept.set(model, own);
      const matrix = own.get(view) ?? accessMatrix(model, view, latest.get(view));
      own.set(view, matrix);
      latest.set(view, matrix);
      return matrix;
    },
  };
}
