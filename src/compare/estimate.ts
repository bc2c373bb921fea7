import type { Context } from '../context.js';
import { drawResamples, percentileInterval, RATIOS, resampledMeans, type Ratio } from '../eval/bootstrap.js';
import { countsAt, sumDocuments, type DocumentCounts } from '../eval/documentCounts.js';
import { holm } from '../eval/holm.js';
import { drawExchanges, randomisationTest } from '../eval/randomisation.js';
import { ratiosOf } from '../eval/scores.js';
import type { ComparedScores, Estimate } from './comparison.js';

/** Share that intervals cover. */
export const LEVEL = 0.95;

export interface EstimateOptions {
  /** Which of the variants the others are held against. */
  baseline: number;
  resamples: number;
  permutations: number;
  seed: number;
}

/** The phases: scores of resampled documents, of all variants, and of documents exchanged between two. */
const RESAMPLING = 'resamples';
const TESTING = 'exchanges';

/**
 * Scores of variants in every row, and how they differ from the baseline's. All variants are resampled
 * alike, so that a resample has a difference, too.
 * @param counts by variant and run, all of the same documents and rows
 */
export async function estimateVariants(
  counts: readonly DocumentCounts[][],
  { baseline, resamples, permutations, seed }: EstimateOptions,
  context: Context,
): Promise<ComparedScores[][]> {
  const documents = counts[0]![0]!.documents;
  const drawn = drawResamples(documents, resamples, seed);
  const exchanges = drawExchanges(documents, permutations, seed);
  const resampling = context.phase(RESAMPLING, counts.length * resamples);
  const resampled: Record<Ratio, Float64Array>[][] = [];
  for (const [i, runs] of counts.entries())
    resampled.push(await resampledMeans(runs, drawn, (done) => resampling(i * resamples + done)));
  const scores = counts.map((runs, i) => estimate(runs, resampled[i]!));
  const others = counts.map((_, i) => i).filter((i) => i !== baseline);
  const testing = context.phase(TESTING, others.length * permutations);
  const tested: number[][] = [];
  for (const [at, i] of others.entries()) {
    const reached = (done: number) => testing(at * permutations + done);
    tested.push([...(await randomisationTest(counts[i]!, counts[baseline]!, exchanges, reached))]);
  }
  const adjusted = holm(tested.flat());
  for (const [at, i] of others.entries())
    for (const [row, own] of scores[i]!.entries()) {
      const [ours, theirs] = [i, baseline].map((group) => resampled[group]![row]!.f1);
      own.difference = {
        f1: own.f1.mean - scores[baseline]![row]!.f1.mean,
        interval: percentileInterval(
          ours!.map((value, r) => value - theirs![r]!),
          LEVEL,
        ),
        p: tested[at]![row]!,
        adjusted: adjusted[at * scores[i]!.length + row]!,
      };
    }
  return scores;
}

/** Mean, deviation and interval of each row. */
function estimate(runs: DocumentCounts[], resampled: Record<Ratio, Float64Array>[]): ComparedScores[] {
  const sums = runs.map((run) => sumDocuments(run));
  return resampled.map((values, row): ComparedScores => {
    const scores = sums.map((sum) => ratiosOf(countsAt(sum, row)));
    const { truePositives, falseNegatives } = scores[0]!;
    const [precision, recall, f1] = RATIOS.map((ratio): Estimate => {
      const own = scores.map((score) => score[ratio]);
      return { runs: own, ...meanAndDeviation(own), interval: percentileInterval(values[ratio], LEVEL) };
    });
    return { spans: truePositives + falseNegatives, precision: precision!, recall: recall!, f1: f1! };
  });
}

/** The sample standard deviation; one value has none. */
export function meanAndDeviation(values: readonly number[]): { mean: number; deviation: number | null } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length < 2) return { mean, deviation: null };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) };
}
