import type { Reached } from '../context.js';
import { drawResamples, percentileInterval, RATIOS, resampledMeans, type Ratio } from './bootstrap.js';
import { countsAt, sumDocuments, type DocumentCounts } from './documentCounts.js';
import { ratiosOf, type Ratios } from './scores.js';
import { found, steadyThresholds, type TuningTask } from './steadyThresholds.js';
import { tuneThresholds, type Objective } from './thresholds.js';

export interface EstimateOptions {
  /** Least threshold that is tried. */
  least: number;
  /** Parts of the documents, each decoded by what was tuned on the others: how many, and the one of each document. */
  parts: number;
  partOf: Int32Array;
  level: number;
  resamples: number;
  seed: number;
}

/** A task's labels together, or one of them, before and after; `change` is after less before, with its interval. */
export interface TuningRow {
  gold: number;
  before: Ratios;
  after: Ratios;
  change: Record<Ratio, [value: number, low: number, high: number]>;
}

/**
 * Thresholds from all documents of a task, in the order of its labels: for F1 the steady ones, for precision at a recall the
 * best, which no others near them need reach.
 */
export function tuneTask(
  task: TuningTask,
  objective: Objective,
  least: number,
): { thresholds: number[]; reached: boolean } {
  const { labels, thresholds, documents } = task;
  const gold = labels.map((_, i) => documents.reduce((sum, document) => sum + document.gold[i]!, 0));
  const best = tuneThresholds(
    labels.map((label, i) => ({
      label,
      spans: documents.flatMap(({ spans }) => spans[i]!),
      gold: gold[i]!,
      threshold: thresholds[i]!,
    })),
    objective,
    least,
  );
  const { reached } = best;
  const ofLabels = labels.map((label) => best.thresholds[label]!);
  if (objective.kind === 'precision') return { thresholds: ofLabels, reached };
  const wrong = best.found - best.right;
  const missed = gold.reduce((sum, one) => sum + one, 0) - best.right;
  const { f1 } = ratiosOf({ truePositives: best.right, falsePositives: wrong, falseNegatives: missed });
  return { thresholds: steadyThresholds(task, { thresholds: ofLabels, f1 }, least), reached };
}

/**
 * What tuning gains on documents that it has not seen: each part of them is decoded by thresholds tuned on the others.
 * Intervals are percentiles of a bootstrap over documents, before and after on the same resamples.
 * @returns all labels together, then each
 */
export async function estimateTuning(
  task: TuningTask,
  objective: Objective,
  { least, parts, partOf, level, resamples, seed }: EstimateOptions,
  reached?: Reached,
): Promise<TuningRow[]> {
  const { labels, thresholds, documents } = task;
  const ofParts = Array.from({ length: parts }, (_, part) => {
    const others = documents.filter((_, document) => partOf[document] !== part);
    return tuneTask({ labels, thresholds, documents: others }, objective, least).thresholds;
  });
  const before = countsBy(task, () => thresholds);
  const after = countsBy(task, (document) => ofParts[partOf[document]!]!);
  const drawn = drawResamples(documents.length, resamples, seed);
  const resampledBefore = await resampledMeans([before], drawn);
  const resampledAfter = await resampledMeans([after], drawn, reached);
  const sums = [before, after].map((counts) => sumDocuments(counts));
  return Array.from({ length: labels.length + 1 }, (_, row): TuningRow => {
    const [was, is] = sums.map((all) => ratiosOf(countsAt(all, row))) as [Ratios, Ratios];
    const changeOf = (ratio: Ratio): TuningRow['change'][Ratio] => {
      const changes = resampledAfter[row]![ratio].map((value, i) => value - resampledBefore[row]![ratio][i]!);
      return [is[ratio] - was[ratio], ...percentileInterval(changes, level)];
    };
    return {
      gold: was.truePositives + was.falseNegatives,
      before: was,
      after: is,
      change: Object.fromEntries(RATIOS.map((ratio) => [ratio, changeOf(ratio)])) as TuningRow['change'],
    };
  });
}

/** Official counts by document, all labels together and each, by each document's thresholds. */
function countsBy(
  { labels, documents }: TuningTask,
  thresholdsOf: (document: number) => readonly number[],
): DocumentCounts {
  const rows = labels.length + 1;
  const counts = new Int32Array(documents.length * rows * 3);
  documents.forEach(({ spans, gold }, document) => {
    const thresholds = thresholdsOf(document);
    labels.forEach((_, label) => {
      const own = found(spans[label]!, thresholds[label]!);
      const right = own.filter((span) => span.right).length;
      for (const row of [0, label + 1]) {
        const at = (document * rows + row) * 3;
        counts[at]! += right;
        counts[at + 1]! += own.length - right;
        counts[at + 2]! += gold[label]! - right;
      }
    });
  });
  return { documents: documents.length, rows, counts };
}
