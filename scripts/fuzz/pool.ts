// The pieces of a run on several threads.
import { Worker } from 'node:worker_threads';
import { FuzzFailure } from './failure.ts';
import type { Piece, PieceReport } from './pieces.ts';
import type { Done } from './worker.ts';

/** Their reports in the order of the pieces; `told` hears of each as it ends. Rejects with a FuzzFailure at the first that fails. */
export async function runPieces(
  pieces: readonly Piece[],
  threads: number,
  told: (piece: Piece, report: PieceReport) => void,
): Promise<readonly PieceReport[]> {
  const reports: PieceReport[] = [];
  let next = 0;
  const workers = Array.from({ length: Math.min(threads, pieces.length) }, () => new Worker(new URL('./worker.ts', import.meta.url)));
  const runOn = async (worker: Worker): Promise<void> => {
    for (let at = next++; at < pieces.length; at = next++) {
      const piece = pieces[at] as Piece;
      const done = await answerTo(worker, piece);
      if ('failure' in done) throw new FuzzFailure(`${piece.part} of ${piece.subject}, from seed ${piece.seed} on`, done.failure);
      reports[at] = done.report;
      told(piece, done.report);
    }
  };
  try {
    await Promise.all(workers.map(runOn));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return reports;
}

function answerTo(worker: Worker, piece: Piece): Promise<Done> {
  return new Promise((resolve, reject) => {
    worker.once('message', (done: Done) => {
      worker.off('error', reject);
      resolve(done);
    });
    worker.once('error', reject);
    worker.postMessage(piece);
  });
}
