import { scoredNames } from '../data/split.js';
import type { DocumentCounts } from '../eval/documentCounts.js';
import type { FinishedRun, Predictions } from '../runFolder/finished.js';
import type { Gold } from '../runFolder/gold.js';
import { countRun } from './count.js';

/** What is scored as one: a run, or the runs of all folds of a seed, which score every document once. */
export interface Pool {
  seed: number;
  runs: FinishedRun[];
}

/** Gathers the runs of a variant by seed, where they are of folds; others stand alone. In the order of the runs. */
export function poolFolds(runs: readonly FinishedRun[]): Pool[] {
  const pools: Pool[] = [];
  for (const run of runs) {
    const { seed, data } = run.config;
    const own = data.fold === null ? undefined : pools.find((pool) => pool.seed === seed);
    if (own) own.runs.push(run);
    else pools.push({ seed, runs: [run] });
  }
  return pools;
}

/** The folds of which a pool lacks the run, of all or of those that are wanted. */
export function lackingFolds({ runs }: Pool, wanted?: readonly number[]): number[] {
  const { fold, folds } = runs[0]!.config.data;
  if (fold === null) return [];
  return (wanted ?? Array.from({ length: folds ?? 0 }, (_, i) => i + 1)).filter((fold) =>
    runs.every(({ config }) => config.data.fold !== fold),
  );
}

/** Names of the documents that a pool's runs are scored on. */
export function pooledNames({ runs }: Pool): string[] {
  return runs.flatMap(({ split }) => scoredNames(split));
}

/** What each run of a pool found in the documents of its fold, in the order of the gold. @throws as countRun */
export function countPool({ runs }: Pool, gold: Gold): DocumentCounts {
  const places = new Map(gold.documents.map(({ name }, i) => [name, i]));
  const parts = runs.map((run) => {
    const held = new Set(scoredNames(run.split));
    const documents = gold.documents.filter(({ name }) => held.has(name));
    return { documents, counted: countRun(run, { ...gold, documents }) };
  });
  const { rows } = parts[0]!.counted;
  const width = rows * 3;
  const counts = new Int32Array(gold.documents.length * width);
  for (const { documents, counted } of parts)
    for (const [i, { name }] of documents.entries())
      counts.set(counted.counts.subarray(i * width, (i + 1) * width), places.get(name)! * width);
  return { documents: gold.documents.length, rows, counts };
}

/** The predictions of a pool's runs as those of one. */
export function pooledPredictions({ runs }: Pool): Predictions {
  const tasks = Object.keys(runs[0]!.config.tasks);
  const spans = tasks.map((task) => [
    task,
    new Map(runs.flatMap(({ predictions }) => [...predictions.spans[task]!])),
  ]);
  const hasCodes = runs.every(({ predictions }) => predictions.rows !== undefined);
  return {
    spans: Object.fromEntries(spans) as Predictions['spans'],
    rows: hasCodes ? runs.flatMap(({ predictions }) => predictions.rows!) : undefined,
  };
}
