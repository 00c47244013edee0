// Who reaches whom with what: for each pair of hosts the services that get through, those of which it is not known, and under which
// addresses.
import type { MeshModel } from '../../mesh/model.ts';
import type { View } from '../way/why.ts';
import type { Cell } from './cell.ts';
import type { Member } from './members.ts';
import { quickMatrix } from './quick.ts';

export interface AccessMatrix {
  readonly model: MeshModel;
  readonly view: View;
  /** The rows and the columns. */
  readonly members: readonly Member[];
  /** From one to another, by their places among `members`; computed when it is asked for. Nobody reaches itself. */
  cell(from: number, to: number): Cell;
}

/** The matrix of a model. What `old`, the matrix of the model before an edit, says of hosts that the edit leaves alone is kept. */
export function accessMatrix(model: MeshModel, view: View, old?: AccessMatrix): AccessMatrix {
  return old?.model === model && old.view === view ? old : quickMatrix(model, view);
}

/** Computes all cells a few at a time: whoever drives it may stop, or do other things, between two. */
export function* computing(matrix: AccessMatrix): Generator<void, void, void> {
  for (const from of matrix.members.keys()) {
    for (const to of matrix.members.keys()) {
      matrix.cell(from, to);
      yield;
    }
  }
}
