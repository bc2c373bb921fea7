import { checkWhole } from '../config/given.js';
import { createContext, type Context } from '../context.js';
import { InputError, UsageError } from '../errors.js';
import type { PublishedRow } from '../experiment/schema.js';
import type { FinishedRun } from '../runFolder/finished.js';
import { readGold } from '../runFolder/gold.js';
import { checkComparable } from './comparable.js';
import type { ComparedRun, ComparedScores, ComparedVariant, Comparison } from './comparison.js';
import { rowsOf, type CountedRow } from './count.js';
import { estimateVariants, LEVEL } from './estimate.js';
import type { Group } from './groups.js';
import { countPool, pooledNames, poolFolds } from './pools.js';

/** How variants are compared. */
export interface CompareOptions {
  /** Name of the group that the others are held against; the first by default. */
  baseline?: string;
  /** Figures of others, to stand beside. */
  published?: PublishedRow[];
  /** Runs that are not compared, and why. */
  leftOut?: string[];
  /** Of documents, for the intervals; 10,000 by default. */
  resamples?: number;
  /** Exchanges of documents, for the tests; 10,000 by default. */
  permutations?: number;
  /** What resamples and exchanges are drawn from; 1 by default. */
  seed?: number;
}

/**
 * Compares variants on the documents that all of their runs hold out, or all folds together: means and deviations over seeds,
 * bootstrap intervals over documents, differences to the baseline with tests. The same for the same seed.
 * @throws InputError for runs that cannot be compared, a corpus that has changed, predictions that do not
 * give the run's evaluation, a published row of no track; UsageError for an unknown baseline, or resamples that are none
 */
export async function compareRuns(
  groups: readonly Group[],
  options: CompareOptions = {},
  context: Context = createContext(),
): Promise<Comparison> {
  const { published = [], leftOut = [], resamples = 10_000, permutations = 10_000, seed = 1 } = options;
  checkWhole('resamples', resamples, 1, 1_000_000);
  checkWhole('permutations', permutations, 1, 1_000_000);
  checkWhole('seed', seed);
  const runs = groups.flatMap((group) => group.runs);
  const baseline = options.baseline ?? groups[0]!.name;
  if (!groups.some(({ name }) => name === baseline))
    throw new UsageError(
      `the baseline ${baseline} has no run to compare with; the variants are ${groups.map(({ name }) => name).join(', ')}`,
    );
  const pools = groups.map((group) => poolFolds(group.runs));
  checkComparable(pools.flat());
  const rows = rowsOf(runs[0]!);
  checkPublished(published, rows);
  const gold = await readGold(runs[0]!, pooledNames(pools[0]![0]!));
  const counts = pools.map((own) => own.map((pool) => countPool(pool, gold)));
  const base = groups.findIndex(({ name }) => name === baseline);
  const statistics = { baseline: base, resamples, permutations, seed };
  const estimates = await estimateVariants(counts, statistics, context);
  const { folder, hash, documents } = runs[0]!.record.corpus;
  return {
    format: 1,
    baseline,
    corpus: { folder, hash, documents },
    validation: gold.documents.length,
    folds: runs[0]!.config.data.fold === null ? null : pools[0]![0]!.runs.length,
    tracks: tracksOf(rows),
    variants: groups.map((group, i): ComparedVariant => ({
      name: group.name,
      seeds: pools[i]!.map((pool) => pool.seed),
      runs: group.runs.map(comparedRun),
      tracks: nestRows(rows, estimates[i]!),
    })),
    published,
    statistics: { level: LEVEL, resamples, permutations, seed, tests: rows.length * (groups.length - 1) },
    leftOut,
  };
}

function comparedRun({ folder, config, record, epochs }: FinishedRun): ComparedRun {
  return {
    folder,
    seed: config.seed,
    fold: config.data.fold,
    curve: epochs
      .filter(({ tasks }) => Object.keys(tasks).length > 0)
      .map(({ epoch, step, seconds, isBest, tasks }) => ({
        epoch,
        step,
        seconds,
        isBest,
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
  const tracks = rows.flatMap(({ track, label }, all) => {
    if (label !== null) return [];
    const labels = rows.flatMap((row, i) =>
      row.track === track && row.label !== null ? [[row.label, scores[i]!] as const] : [],
    );
    return [[track, { all: scores[all]!, labels: Object.fromEntries(labels) }] as const];
  });
  return Object.fromEntries(tracks);
}
