import type { Comparison } from '../compare/comparison.js';
import type { Group } from '../compare/groups.js';
import { pooledNames, pooledPredictions, poolFolds } from '../compare/pools.js';
import { writeOutput } from '../files/write.js';
import { outcomes, type Outcome } from '../eval/pairs.js';
import { readGold } from '../runFolder/gold.js';
import type { ComparisonSummary, Documents, VariantErrors } from './data.js';
import { documentsOf } from './documents.js';
import { reportHtml } from './html.js';

/** Writes the report of a comparison: one HTML file, with the documents as every run has annotated them. */
export async function writeComparisonReport(
  file: string,
  comparison: Comparison,
  groups: readonly Group[],
): Promise<void> {
  const { summary, documents } = await reportOfComparison(comparison, groups);
  await writeOutput(file, await reportHtml(summary, documents));
}

/** All that the report of a comparison shows. @param groups the runs that were compared */
export async function reportOfComparison(
  comparison: Comparison,
  groups: readonly Group[],
): Promise<{ summary: ComparisonSummary; documents: Documents }> {
  const [first] = groups[0]!.runs;
  const [pool] = poolFolds(groups[0]!.runs);
  const { documents: gold } = await readGold(first!, pooledNames(pool!));
  const systems = groups.flatMap(({ name, runs }) =>
    poolFolds(runs).map((own, _, { length }) => ({
      name: length === 1 ? name : `${name}, seed ${own.seed}`,
      run: { ...own.runs[0]!, predictions: pooledPredictions(own) },
    })),
  );
  const { corpus, statistics, published, variants, baseline } = comparison;
  const { split, record } = first!;
  const { level, resamples, permutations, seed, tests } = statistics;
  return {
    documents: await documentsOf(gold, systems),
    summary: {
      kind: 'comparison',
      title: `Comparison of ${variants.map(({ name }) => name).join(', ')}`,
      version: record.versions.meddoprof!,
      documents: { training: split.training.length, validation: comparison.validation },
      published,
      comparison,
      errors: errorsOf(comparison, groups),
      facts: [
        ['Corpus', `${corpus.folder}, ${corpus.documents} documents, hash ${corpus.hash.slice(0, 12)}`],
        [
          'Split',
          comparison.folds === null
            ? `${split.training.length} documents to train, ${comparison.validation} held out, seed ${split.seed}`
            : `${comparison.folds} folds, seed ${split.seed}: each document is held out once`,
        ],
        ['Baseline', baseline],
        ['Intervals', `${level * 100} %, bootstrap over documents, ${resamples} resamples, seed ${seed}`],
        [
          'Tests',
          `${tests}, approximate randomisation over documents, ${permutations} exchanges, Holm’s correction`,
        ],
        [
          'Machine',
          `${record.hardware.processor}, ${record.hardware.threads} threads; ${record.engine.description}`,
        ],
      ],
    },
  };
}

/** What became of the spans of each track: sums over folds, as means over a variant's seeds. */
function errorsOf({ tracks }: Comparison, groups: readonly Group[]): VariantErrors[] {
  return tracks.flatMap(({ track }) =>
    groups.map(({ name, runs }): VariantErrors => {
      const mean = (outcome: Outcome) =>
        runs.reduce((sum, { evaluation }) => sum + evaluation[track]!.errors.outcomes[outcome], 0) /
        poolFolds(runs).length;
      return {
        track,
        variant: name,
        outcomes: Object.fromEntries(
          outcomes.map((outcome) => [outcome, mean(outcome)]),
        ) as VariantErrors['outcomes'],
      };
    }),
  );
}
