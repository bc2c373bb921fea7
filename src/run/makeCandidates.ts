import { startEngine } from '../backend/engine.js';
import { inWay } from '../backend/precision.js';
import type { Context } from '../context.js';
import type { Document } from '../data/document.js';
import type { DocumentCandidates } from '../formats/candidates.js';
import { openPredictor } from '../predict/open.js';
import { growingCandidates, writtenCandidates } from '../runFolder/candidates.js';
import type { FinishedRun } from '../runFolder/finished.js';
import { lockRun } from '../runFolder/lock.js';
import { runPaths } from '../runFolder/paths.js';
import { predictUnknown } from './candidates.js';

/** The phase of computing them. */
export const SCORING = 'documents with probabilities';

/**
 * Computes what a run's best checkpoint finds in the documents that it is scored on, by any threshold, and keeps it beside
 * its predictions. What an earlier start had computed is gone on with. The folder is locked meanwhile.
 */
export async function makeCandidates(
  { folder, config: { backend } }: Pick<FinishedRun, 'folder' | 'config'>,
  scored: readonly Document[],
  context: Context,
): Promise<DocumentCandidates[]> {
  const paths = runPaths(folder);
  const unlock = await lockRun(paths.lock);
  try {
    await startEngine(backend, context);
    return await inWay(backend, async () => {
      const lines = await writtenCandidates(paths);
      const predictor = await openPredictor(paths.best, {}, context);
      const table = growingCandidates(paths, new Set(lines.keys()));
      try {
        const reached = context.phase(SCORING, scored.length);
        for await (const { line } of predictUnknown(predictor, scored, table, (name) => lines.has(name))) {
          lines.set(line.document, line);
          await reached(lines.size);
        }
        await table.finish();
      } finally {
        await table.close();
        predictor.dispose();
      }
      return scored.map(({ name }) => lines.get(name)!);
    });
  } finally {
    unlock();
  }
}
