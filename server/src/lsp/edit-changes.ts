// What was edited since a file was saved, or committed, does to who reaches whom. Kept until something changes again.
import type { Analysis } from '../analysis/analysis.ts';
import type { Matrices } from '../analysis/matrices.ts';
import { type ShownChanges, shownChanges } from '../features/access/changes.ts';
import type { MeshModel } from '../mesh/model.ts';
import type { View } from '../policy/views.ts';
import { comparing, type Differences } from '../reach/matrix/differences.ts';
import { computing } from '../reach/matrix/matrix.ts';
import type { Base, Baselines } from './baselines.ts';
import type { GivenUp } from './matrix-work.ts';
import type { Workspace } from './workspace.ts';

export interface EditChanges {
  /** What is worked out already of the files as they are; null where it is not. */
  known(base: Base): ShownChanges | null;
  /** null where it was given up, or nobody tells what was there before. */
  since(base: Base, givenUp: GivenUp): Promise<ShownChanges | null>;
}

export const noChanges: ShownChanges = { changes: [], senders: [] };

export function editChanges(workspace: () => Workspace, baselines: Baselines): EditChanges {
  const kept = new WeakMap<MeshModel, WeakMap<MeshModel, ShownChanges>>();
  return {
    known(base) {
      const before = baselines.model(base);
      const { model } = workspace().glance().mesh;
      return before === model ? noChanges : ((before && kept.get(model)?.get(before)) ?? null);
    },
    async since(base, givenUp) {
      for (;;) {
        const before = baselines.model(base);
        const { model } = workspace().glance().mesh;
        if (!before) return null;
        if (before === model) return noChanges;
        const known = kept.get(model)?.get(before);
        if (known) return known;
        const isNow = (): boolean => sameModel(workspace().glance(), model);
        const { background, matrices } = workspace();
        const found = await background.run(differing(matrices, before, model), () => !givenUp() && isNow());
        if (found) kept.set(model, (kept.get(model) ?? new WeakMap()).set(before, found));
        if (found || givenUp()) return found;
        // it is another mesh by now; where it is not, the work failed
        if (isNow()) return null;
      }
    },
  };
}

function sameModel({ mesh }: Analysis, model: MeshModel): boolean {
  return mesh.model === model;
}

function* differing(matrices: Matrices, before: MeshModel, after: MeshModel): Generator<void, ShownChanges, void> {
  const access = yield* comparedIn(matrices, before, after, 'access');
  return shownChanges(after, access, yield* comparedIn(matrices, before, after, 'blast-radius'));
}

function* comparedIn(matrices: Matrices, before: MeshModel, after: MeshModel, view: View): Generator<void, Differences, void> {
  const old = matrices.of(before, view);
  yield* computing(old);
  const now = matrices.of(after, view);
  yield* computing(now);
  return yield* comparing(old, now);
}
