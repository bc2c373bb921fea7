import type { Config } from '../config/schema.js';
import { readCorpus } from '../data/corpus.js';
import type { Document } from '../data/document.js';
import { groupBy } from '../data/groupBy.js';
import { configuredSplit } from '../data/split.js';
import { groupTwins } from '../data/twins.js';
import { InputError } from '../errors.js';

/**
 * Why configs cannot be trained on their corpora: one cannot be read, or not split as asked (more folds than
 * documents, a saved split of other documents). Each corpus is read once, one after the other.
 * @returns a sentence for each config, or undefined where all is well
 */
export async function splitProblems(configs: readonly Config[]): Promise<(string | undefined)[]> {
  const problems = new Map<Config, string | undefined>();
  for (const own of groupBy(configs, corpusKey).values()) {
    const { tasks, data } = own[0]!;
    const corpus = await orProblem(readCorpus(data.corpus, tasks, data));
    if (typeof corpus === 'string') for (const config of own) problems.set(config, corpus);
    else await checkSplits(corpus.documents, own, problems);
  }
  return configs.map((config) => problems.get(config));
}

/** What tells one corpus, as it is read, from another. */
export function corpusKey({ data, tasks }: Config): string {
  return JSON.stringify([data.corpus, data.format, data.norm, tasks]);
}

async function checkSplits(
  documents: Document[],
  configs: Config[],
  problems: Map<Config, string | undefined>,
): Promise<void> {
  let twins: Document[][] | undefined; // found once, which takes longer than the rest
  for (const same of groupBy(configs, splitKey).values()) {
    const split = await orProblem(
      configuredSplit(documents, same[0]!, () => (twins ??= groupTwins(documents))),
    );
    for (const config of same) problems.set(config, typeof split === 'string' ? split : undefined);
  }
}

function splitKey({ seed, data: { split, splitSeed, validationShare, folds, fold } }: Config): string {
  return JSON.stringify([split, splitSeed ?? seed, validationShare, folds, fold]);
}

async function orProblem<T>(made: Promise<T>): Promise<T | string> {
  return made.catch((error: unknown) => {
    if (error instanceof InputError) return error.message;
    throw error;
  });
}
