// Who reaches whom with what: for each pair of hosts the services that get through, those of which it is not known, and under which
// addresses.
import type { MeshModel } from '../../mesh/model.ts';
import type { View } from '../way/why.ts';
import type { Cell, Reached } from './cell.ts';
import type { Member } from './members.ts';
import { quickMatrix } from './quick.ts';

export interface AccessMatrix {
  readonly model: MeshModel;
  readonly view: View;
  /** The rows and the columns. */
  readonly members: readonly Member[];
  /** From one to another, by their places among `members`; computed when it is asked for. Nobody reaches itself. */
  cell(from: number, to: number): Cell;
  /** What a cell sums up to, without its flows: quick, and one object for cells that say the same, so that thousands cost little. */
  reach(from: number, to: number): Reached;
  /** The members to which anything from one may get through, ascending. */
  reached(from: number): readonly number[];
  /** The pairs (from, to) whose cells may differ from another matrix'; null where it may be any. */
  pairsSince(before: AccessMatrix): readonly (readonly [number, number])[] | null;
}

/** The matrix of a model. What `old`, the matrix of the model before an edit, says of hosts that the edit leaves alone is kept. */
export function accessMatrix(model: MeshModel, view: View, old?: AccessMatrix): AccessMatrix {
  return old?.model === model && old.view === view ? old : quickMatrix(model, view, old?.model);
}

/** Computes all of it a few cells at a time: whoever drives it may stop, or do other things, between two. */
export function* computing(matrix: AccessMatrix): Generator<void, void, void> {
  for (const from of matrix.members.keys()) {
    const reached = matrix.reached(from);
    yield;
    for (const [i, to] of reached.entries()) {
      matrix.reach(from, to);
      if (i % 64 === 63) yield;
    }
  }
}
