import { InputError, UsageError } from '../errors.js';
import { drawResamples, percentileInterval, RATIOS, resampledMeans, type Ratio } from '../eval/bootstrap.js';
import { countsAt, sumDocuments, type DocumentCounts } from '../eval/documentCounts.js';
import { holm } from '../eval/holm.js';
import { drawExchanges, randomisationTest } from '../eval/randomisation.js';
import { ratiosOf } from '../eval/scores.js';
import type { PublishedRow } from '../experiment/schema.js';
import type { FinishedRun } from '../run/finished.js';
import { readGold } from '../run/gold.js';
import { checkComparable } from './comparable.js';
import type { ComparedRun, ComparedScores, ComparedVariant, Comparison, Estimate } from './comparison.js';
import { countRun, rowsOf, type CountedRow } from './count.js';
import type { Group } from './groups.js';

export interface CompareOptions {
  /** Name of the group that the others are held against; the first by default. */
  baseline?: string | undefined;
  published?: PublishedRow[];
  /** Of documents, for the intervals; 10,000 by default. */
  resamples?: number;
  /** Exchanges of documents, for the tests; 10,000 by default. */
  permutations?: number;
  /** What resamples and exchanges are drawn from; 1 by default. */
  seed?: number;
}

const LEVEL = 0.95;

/**
 * Compares variants on the documents that all of their runs hold out: means and deviations over runs,
 * bootstrap intervals over documents, differences to the baseline with tests. The same for the same seed.
 * @throws InputError for runs that cannot be compared, a corpus that has changed, predictions that do not
 * give the run's evaluation, a published row of no track; UsageError for an unknown baseline
 */
export async function compareRuns(
  groups: readonly Group[],
  options: CompareOptions = {},
): Promise<Comparison> {
  const { published = [], resamples = 10_000, permutations = 10_000, seed = 1 } = options;
  const runs = groups.flatMap((group) => group.runs);
  const baseline = options.baseline ?? groups[0]!.name;
  if (!groups.some(({ name }) => name === baseline))
    throw new UsageError(
      `the baseline ${baseline} has no run to compare with; the variants are ${groups.map(({ name }) => name).join(', ')}`,
    );
  checkComparable(runs);
  const rows = rowsOf(runs[0]!);
  checkPublished(published, rows);
  const gold = await readGold(runs[0]!);
  const counts = groups.map((group) => group.runs.map((run) => countRun(run, gold)));
  const estimates = estimateGroups(counts, groups, { baseline, resamples, permutations, seed });
  const { folder, hash, documents } = runs[0]!.record.corpus;
  return {
    format: 1,
    baseline,
    corpus: { folder, hash, documents },
    validation: gold.documents.length,
    tracks: tracksOf(rows),
    variants: groups.map((group, i): ComparedVariant => ({
      name: group.name,
      runs: group.runs.map(comparedRun),
      tracks: nestRows(rows, estimates[i]!),
    })),
    published,
    statistics: {
      ...{ level: LEVEL, resamples, permutations, seed },
      tests: rows.length * (groups.length - 1),
    },
  };
}

type Settings = Required<Pick<CompareOptions, 'resamples' | 'permutations' | 'seed'>> & { baseline: string };

/** Scores of each group's rows. All groups are resampled alike, so that their differences can be. */
function estimateGroups(
  counts: DocumentCounts[][],
  groups: readonly Group[],
  { baseline, resamples, permutations, seed }: Settings,
): ComparedScores[][] {
  const documents = counts[0]![0]!.documents;
  const drawn = drawResamples(documents, resamples, seed);
  const exchanges = drawExchanges(documents, permutations, seed);
  const resampled = counts.map((runs) => resampledMeans(runs, drawn));
  const base = groups.findIndex(({ name }) => name === baseline);
  const scores = counts.map((runs, i) => estimate(runs, resampled[i]!));
  const others = groups.map((_, i) => i).filter((i) => i !== base);
  const tested = others.map((i) => [...randomisationTest(counts[i]!, counts[base]!, exchanges)]);
  const adjusted = holm(tested.flat());
  for (const [at, i] of others.entries())
    for (const [row, own] of scores[i]!.entries()) {
      const [ours, theirs] = [i, base].map((group) => resampled[group]![row]!.f1);
      own.difference = {
        f1: own.f1.mean - scores[base]![row]!.f1.mean,
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

function comparedRun({ folder, config, record, epochs }: FinishedRun): ComparedRun {
  return {
    folder,
    seed: config.seed,
    curve: epochs.map(({ epoch, step, seconds, isBest, tasks }) => ({
      ...{ epoch, step, seconds, isBest },
      f1: Object.fromEntries(Object.entries(tasks).map(([task, { f1 }]) => [task, f1])),
    })),
    trainingSeconds: epochs.at(-1)?.seconds ?? null,
    seconds: record.seconds ?? null,
    peakMemoryMiB: record.peakMemoryMiB ?? null,
  };
}

function checkPublished(published: readonly PublishedRow[], rows: readonly CountedRow[]): void {
  const tracks = new Set(rows.map(({ track }) => track));
  for (const { name, task } of published)
    if (!tracks.has(task))
      throw new InputError(
        `the published row ${name} is of the task ${task}, and the runs were scored in ${[...tracks].join(', ')}; correct its \`task\`.`,
      );
}

function tracksOf(rows: readonly CountedRow[]): Comparison['tracks'] {
  return rows
    .filter(({ label }) => label === null)
    .map(({ track }) => ({
      track,
      labels: rows.flatMap((row) => (row.track === track && row.label !== null ? [row.label] : [])),
    }));
}

function nestRows(rows: readonly CountedRow[], scores: readonly ComparedScores[]): ComparedVariant['tracks'] {
  const tracks: ComparedVariant['tracks'] = {};
  for (const [i, { track, label }] of rows.entries())
    if (label === null) tracks[track] = { all: scores[i]!, labels: {} };
    else tracks[track]!.labels[label] = scores[i]!;
  return tracks;
}
