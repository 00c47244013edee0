// A thread of a long run: runs the pieces that it is sent, one after the other.
import { parentPort } from 'node:worker_threads';
import { type Piece, type PieceReport, runPiece } from './pieces.ts';

/** What became of a piece; a failure says how to see it again. */
export type Done = { readonly report: PieceReport } | { readonly failure: string };

parentPort?.on('message', (piece: Piece) => {
  let done: Done;
  try {
    done = { report: runPiece(piece) };
  } catch (error) {
    done = {
      failure: error instanceof Error ? (error.name === 'FuzzFailure' ? error.message : (error.stack ?? error.message)) : String(error),
    };
  }
  parentPort?.postMessage(done);
});
