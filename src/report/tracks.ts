import { NORM } from '../config/choices.js';
import type { Context } from '../context.js';
import { countRun, rowsOf } from '../compare/count.js';
import { drawResamples, percentileInterval, RATIOS, resampledMeans, type Ratio } from '../eval/bootstrap.js';
import type { Ratios } from '../eval/scores.js';
import type { FinishedRun } from '../runFolder/finished.js';
import type { Gold } from '../runFolder/gold.js';
import type { Interval, Measured, TrackSummary } from './data.js';

/** How the intervals of a run are made. */
export const INTERVALS = { level: 0.95, resamples: 2000 };
const SEED = 1;

/** The phase of the intervals. */
const RESAMPLING = 'resamples';

/**
 * The tracks of a run: the scores of its evaluation, with percentile intervals of a bootstrap over documents.
 * @throws InputError where the predictions are not those that were evaluated
 */
export async function trackSummaries(
  run: FinishedRun,
  gold: Gold,
  context: Context,
): Promise<TrackSummary[]> {
  const { config, evaluation } = run;
  const resamples = drawResamples(gold.documents.length, INTERVALS.resamples, SEED);
  const reached = context.phase(RESAMPLING, INTERVALS.resamples);
  const resampled = await resampledMeans([countRun(run, gold)], resamples, reached);
  const rows = rowsOf(run);
  const measured = (ratios: Ratios, track: string, label: string | null): Measured => {
    const scores = resampled[rows.findIndex((row) => row.track === track && row.label === label)]!;
    const { precision, recall, f1, truePositives, falsePositives, falseNegatives } = ratios;
    const intervals = RATIOS.map((ratio) => [ratio, percentileInterval(scores[ratio], INTERVALS.level)]);
    return {
      precision,
      recall,
      f1,
      truePositives,
      falsePositives,
      falseNegatives,
      intervals: Object.fromEntries(intervals) as Record<Ratio, Interval>,
    };
  };
  return rows.flatMap(({ track, label }) => {
    if (label !== null) return [];
    const { macroF1, errors, perLabel, semantics } = evaluation[track]!;
    const labels = track === NORM ? [] : config.tasks[track]!.labels;
    return [
      {
        track,
        labels,
        semantics,
        macroF1,
        all: measured(evaluation[track]!, track, null),
        perLabel: Object.fromEntries(labels.map((own) => [own, measured(perLabel[own]!, track, own)])),
        outcomes: errors.outcomes,
        outcomesPerLabel: track === NORM ? {} : errors.perLabel,
        confusion: errors.confusion,
      },
    ];
  });
}
