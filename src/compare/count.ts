import { NORM } from '../config/choices.js';
import { InputError } from '../errors.js';
import {
  countsAt,
  joinCounts,
  normCounts,
  spanCounts,
  sumDocuments,
  type DocumentCounts,
} from '../eval/documentCounts.js';
import { ratiosOf } from '../eval/scores.js';
import type { FinishedRun } from '../runFolder/finished.js';
import { goldRows, type Gold } from '../runFolder/gold.js';

/** A row of the comparison: a track, all labels together, or one label of it. */
export interface CountedRow {
  track: string;
  /** Null for all. */
  label: string | null;
}

/** The rows that runs are compared in. */
export function rowsOf({ config, evaluation }: FinishedRun): CountedRow[] {
  const tasks = Object.entries(config.tasks).flatMap(([track, { labels }]): CountedRow[] => [
    { track, label: null },
    ...labels.map((label) => ({ track, label })),
  ]);
  return evaluation.norm ? [...tasks, { track: NORM, label: null }] : tasks;
}

/**
 * Counts what a run found right and wrong in each document, in the rows of `rowsOf`.
 * @throws InputError where that is not what its evaluation.json says: one of them was changed
 */
export function countRun(run: FinishedRun, { documents, validCodes }: Gold): DocumentCounts {
  const { config, predictions, evaluation } = run;
  const tasks = Object.entries(config.tasks).map(([task, { labels }]) => {
    const gold = new Map(documents.map(({ name, spans }) => [name, spans[task]!]));
    return spanCounts(gold, predictions.spans[task]!, labels);
  });
  const names = documents.map(({ name }) => name);
  const codes = evaluation.norm
    ? [normCounts(names, goldRows(documents), predictions.rows ?? [], validCodes)]
    : [];
  const counts = joinCounts([...tasks, ...codes]);
  checkEvaluation(run, counts);
  return counts;
}

function checkEvaluation(run: FinishedRun, counts: DocumentCounts): void {
  const sums = sumDocuments(counts);
  for (const [row, { track, label }] of rowsOf(run).entries()) {
    if (label !== null) continue;
    const { f1 } = ratiosOf(countsAt(sums, row));
    const written = run.evaluation[track]!.f1;
    if (f1 !== written)
      throw new InputError(
        `${run.folder}: its predictions give ${track} an F1 of ${f1.toFixed(4)}, and its evaluation.json says ${written.toFixed(4)}: ` +
          `predictions/${track === NORM ? ', or data.codes,' : ''} have changed since; make both again with: meddoprof train --resume ${run.folder}`,
      );
  }
}
