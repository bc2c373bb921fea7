import type { Config } from '../config/schema.js';
import type { Document } from '../data/document.js';
import { readCodes } from '../data/norm.js';
import type { Split } from '../data/split.js';
import { UsageError } from '../errors.js';
import { buildNormalizer, type BuiltNormalizer } from '../normalize/build.js';
import type { EmbedProgress } from '../normalize/embedder.js';
import { openEmbedder } from '../normalize/embedders/open.js';
import { gatherKnowledge } from '../normalize/knowledge.js';

export interface NormalizerOptions {
  onNotice?: (text: string) => void;
  onProgress?: EmbedProgress;
}

/** The task whose spans get codes. @throws UsageError where the config names one that it lacks */
export function codedTask({ tasks, normalization }: Pick<Config, 'tasks' | 'normalization'>): string {
  const names = Object.keys(tasks);
  const task = normalization.task ?? names[0]!;
  if (!names.includes(task))
    throw new UsageError(`normalization.task is ${task}, and the tasks are ${names.join(', ')}`);
  return task;
}

/**
 * What finds codes, from the training documents of a split and the table of valid codes; undefined where
 * neither has any. The engine must have been started where sentence embeddings are used.
 */
export async function configuredNormalizer(
  config: Config,
  documents: readonly Document[],
  split: Split,
  { onNotice, onProgress }: NormalizerOptions = {},
): Promise<BuiltNormalizer | undefined> {
  const task = codedTask(config);
  const names = new Set(split.training);
  const training = documents.filter(({ name }) => names.has(name));
  const table = config.data.codes;
  const codes = table === null ? undefined : await readCodes(table);
  if (!codes && training.every((document) => document.codes.length === 0)) return undefined;
  const { knowledge, invalid } = gatherKnowledge(training, codes, task);
  if (invalid > 0)
    onNotice?.(`Mentions of the training documents whose code ${table} does not have, left out: ${invalid}.`);
  const settings = config.normalization;
  const embedder = settings.embedding.weight > 0 ? await openEmbedder(settings.embedding) : undefined;
  try {
    return await buildNormalizer(knowledge, settings, {
      seed: config.seed,
      ...(embedder && { embedder }),
      ...(onProgress && { onProgress }),
    });
  } catch (error) {
    embedder?.dispose();
    throw error;
  }
}
