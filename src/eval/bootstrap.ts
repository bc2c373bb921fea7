import type { Reached } from '../context.js';
import { randomFrom } from '../data/random.js';
import { countsAt, sumDocuments, type DocumentCounts } from './documentCounts.js';
import { ratiosOf } from './scores.js';

/** Resamples of documents, drawn with replacement: how often each document is in each. */
export interface Resamples {
  count: number;
  documents: number;
  /** [count, documents] */
  times: Uint16Array;
}

/** Precision, recall and F1, in the order in which resampled scores hold them. */
export const RATIOS = ['precision', 'recall', 'f1'] as const;
export type Ratio = (typeof RATIOS)[number];

/** Resamples, or exchanges, after which others have their turn. */
export const AT_ONCE = 50;

/** Draws resamples of as many documents as there are. */
export function drawResamples(documents: number, count: number, seed: number): Resamples {
  const random = randomFrom(seed);
  const times = new Uint16Array(count * documents);
  for (let resample = 0; resample < count; resample++)
    for (let draw = 0; draw < documents; draw++) times[resample * documents + random.int(documents)]! += 1;
  return { count, documents, times };
}

/**
 * Scores of a system on every resample: of each of its runs by itself, then their mean, which is the figure
 * that is reported. All runs are scored on the same documents: what varies is the test set, not the seed.
 * @param runs counts of each run, of the same documents and rows
 * @param reached told how many resamples are scored
 * @returns by row and ratio the scores of all resamples: [rows][3] arrays of [count]
 */
export async function resampledMeans(
  runs: readonly DocumentCounts[],
  { count, documents, times }: Resamples,
  reached?: Reached,
): Promise<Record<Ratio, Float64Array>[]> {
  const { rows } = runs[0]!;
  const means = Array.from({ length: rows }, () => ({
    precision: new Float64Array(count),
    recall: new Float64Array(count),
    f1: new Float64Array(count),
  }));
  for (let resample = 0; resample < count; resample++) {
    const drawn = times.subarray(resample * documents, (resample + 1) * documents);
    for (const run of runs) {
      const sums = sumDocuments(run, drawn);
      for (let row = 0; row < rows; row++) {
        const scores = ratiosOf(countsAt(sums, row));
        for (const ratio of RATIOS) means[row]![ratio][resample]! += scores[ratio];
      }
    }
    for (const row of means) for (const ratio of RATIOS) row[ratio][resample]! /= runs.length;
    if ((resample + 1) % AT_ONCE === 0 || resample + 1 === count) await reached?.(resample + 1);
  }
  return means;
}

/**
 * The percentile interval of resampled values: the quantiles that leave half of 1 - `level` on each side.
 * @see Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13
 */
export function percentileInterval(values: Float64Array, level: number): [low: number, high: number] {
  const sorted = values.slice().sort();
  return [quantile(sorted, (1 - level) / 2), quantile(sorted, (1 + level) / 2)];
}

/** Between two sorted values by linear interpolation, as NumPy's default. */
function quantile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (position - below);
}
